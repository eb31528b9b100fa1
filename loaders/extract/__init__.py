"""Decides what to read: a run, its walks, the reconciliation, the schedule."""
