"""Figures of the work on cases and in the field, what they are compared with, rankings, and reports."""
