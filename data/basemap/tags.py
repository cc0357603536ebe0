"""What OpenStreetMap's tags mean on this map.

By the tags that its wiki documents (Map features). What is not here is not drawn.
"""

from collections.abc import Mapping
from types import MappingProxyType

Drawn = tuple[str, str]
"""kind and class"""

_ROADS: Mapping[str, str] = MappingProxyType(
    {
        **{road: road for road in ("motorway", "trunk", "primary", "secondary", "tertiary")},
        **dict.fromkeys(
            ("unclassified", "residential", "living_street", "service", "road", "pedestrian"),
            "minor",
        ),
        **dict.fromkeys(("track", "path", "footway", "cycleway", "bridleway", "steps"), "path"),
    }
)
_RAILWAYS = {"rail", "light_rail", "narrow_gauge"}
_STREAMS = {"river": "river", "canal": "canal", "stream": "stream", "ditch": "ditch"}
_STREAMS["drain"] = "ditch"
_PLACES = {"city", "county", "town", "village", "hamlet", "suburb", "quarter", "neighbourhood"}
_PLACES_CALLED = {"district": "county", "isolated_dwelling": "hamlet", "borough": "suburb"}

_AREAS: Mapping[str, Mapping[str, Drawn]] = MappingProxyType(
    {
        "natural": {
            "water": ("water", "lake"),
            "wetland": ("green", "wetland"),
            "wood": ("green", "wood"),
            "scrub": ("green", "scrub"),
            "heath": ("green", "scrub"),
            "grassland": ("green", "grass"),
        },
        "waterway": {"riverbank": ("water", "river"), "dock": ("water", "dock")},
        "landuse": {
            "reservoir": ("water", "reservoir"),
            "basin": ("water", "pond"),
            "aquaculture": ("water", "pond"),
            "forest": ("green", "wood"),
            "grass": ("green", "grass"),
            "meadow": ("green", "grass"),
            "village_green": ("green", "grass"),
            "recreation_ground": ("green", "park"),
            "cemetery": ("green", "cemetery"),
            "farmland": ("farmland", "field"),
            "orchard": ("farmland", "orchard"),
            "vineyard": ("farmland", "orchard"),
            "greenhouse_horticulture": ("farmland", "greenhouse"),
            "plant_nursery": ("farmland", "orchard"),
            "residential": ("built", "residential"),
            "commercial": ("built", "commercial"),
            "retail": ("built", "commercial"),
            "industrial": ("built", "industrial"),
            "farmyard": ("built", "village"),
        },
        "leisure": {
            "park": ("green", "park"),
            "garden": ("green", "park"),
            "golf_course": ("green", "grass"),
        },
    }
)
KEYS = (*_AREAS, "building", "highway", "railway", "place")
"""What has none of these keys is never drawn."""


def area_drawn(tags: Mapping[str, str]) -> Drawn | None:
    """What an area with these tags is on the map, if anything. A building is one, whatever it is for."""
    if tags.get("building", "no") != "no":
        return "built", "block"
    for key, values in _AREAS.items():
        drawn = values.get(tags.get(key, ""))
        if drawn == ("water", "lake"):
            return "water", tags.get("water", "lake")
        if drawn is not None:
            return drawn
    return None


def line_drawn(tags: Mapping[str, str]) -> Drawn | None:
    """What a line is: a road, a railway, a stream."""
    road = _ROADS.get(tags.get("highway", "").removesuffix("_link"))
    if road is not None:
        return None if tags.get("area") == "yes" else ("road", road)
    if tags.get("railway") in _RAILWAYS:
        return None if tags.get("tunnel") == "yes" else ("road", "rail")
    stream = _STREAMS.get(tags.get("waterway", ""))
    if stream is not None and tags.get("tunnel", "no") == "no":
        return "water", stream
    return None


def point_drawn(tags: Mapping[str, str]) -> Drawn | None:
    """What a point is: a place with a name."""
    place = tags.get("place", "")
    place = _PLACES_CALLED.get(place, place)
    return ("place", place) if place in _PLACES and name_of(tags) else None


def name_of(tags: Mapping[str, str]) -> str | None:
    """The Chinese name where there is one."""
    for key in ("name:zh-Hans", "name:zh", "name"):
        if tags.get(key):
            return tags[key]
    return None
