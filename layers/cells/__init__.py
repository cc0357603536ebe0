"""Layers of H3 cells that are worked out when somebody asks: density, coverage, hot spots."""
