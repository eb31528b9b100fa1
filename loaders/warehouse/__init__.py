"""Stores the loaded data: the raw file, the run log, spools and the lock. Imports no HTTP code."""
