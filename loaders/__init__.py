"""The loaders: extract the JSON of the MaintainX API and load it unchanged into the raw file."""
