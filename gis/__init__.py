"""The spatial vocabulary: grids, point location, coordinate systems, tracks. No database, no web."""
