"""The map's read side: layer catalog, vector tiles, folium maps."""
