"""Draws the data of a plant from a seed."""
