"""Cameras: where they stand, what they see, their streams, and rounds of them."""
