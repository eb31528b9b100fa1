"""Hands marts out: files, BigQuery, the published copy."""
