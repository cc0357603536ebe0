"""Patrol plans: what has to be reached how often, and whether it was."""
