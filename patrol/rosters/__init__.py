"""Duty rosters: whose turn it is in a grid, who stands in for whom, and who came."""
