"""Facilities: whatever stands at a place, from any file, in imports that can be taken back."""
