"""Asks MaintainX: the client, the rate limit, the account, the catalogue. Knows no DuckDB."""
