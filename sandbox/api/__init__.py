"""Serves the data like the MaintainX API."""
