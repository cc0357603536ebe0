"""Duty: who is on shift, and who answers for what happens in a grid."""
