"""Sensors: what they measure, whether they are heard, and the cases that come of it."""
