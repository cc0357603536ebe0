"""Maps for notebooks: folium pages that carry everything they need and request nothing."""

from layers.maps.town import town_map

__all__ = ["town_map"]
