"""Keeps what MaintainX said: the file, the run log, spools, the lock. Knows no HTTP."""
