"""Reads MaintainX: client, rate limit, account, catalogue, paging. Knows no DuckDB."""
