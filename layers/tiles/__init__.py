"""Vector tiles from PostGIS: one statement for a tile, an answer that is never stale."""
