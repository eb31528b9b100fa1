"""Serves the data as the MaintainX API would."""
