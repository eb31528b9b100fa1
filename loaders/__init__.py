"""Loaders: land what the MaintainX API says, as it says it, in the raw schema of a DuckDB file."""
