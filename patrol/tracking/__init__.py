"""Tracking: fixes in, the latest position of every unit, and the live stream of both."""
