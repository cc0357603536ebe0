"""Tracks: where a unit has been, cleaned, with its stops and gaps, and many units on one clock."""
