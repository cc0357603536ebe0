"""The town on one page: grids, people, one patrol and how densely it covered the ground."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import folium
from branca.colormap import LinearColormap

from layers.maps.page import OfflineMap

FeatureCollection = Mapping[str, Any]
Feature = Mapping[str, Any]
Style = dict[str, Any]

_BORDER = "#5B6675"
_TRIP = "#1F5FBF"
_STOP = "#E69F00"
_GAP = "#97A3B2"
_DENSITY = ("#E3EEF9", "#6AA5FF", "#1F3F8F")
_DOT: Style = {"color": "#FFFFFF", "weight": 1, "fill": True, "fillOpacity": 1.0}
_STATES = {
    "moving": "#009E73",
    "still": "#56B4E9",
    "stale": "#E69F00",
    "sos": "#D55E00",
    "offline": "#97A3B2",
    "off_duty": "#97A3B2",
}


def town_map(
    *,
    assets: Path,
    grids: FeatureCollection,
    people: FeatureCollection | None = None,
    track: FeatureCollection | None = None,
    cells: FeatureCollection | None = None,
) -> folium.Map:
    """A map that shows itself in a notebook and makes no request, without a background.

    The collections are GeoJSON in EPSG:4326 as the interface answers them: `grids` of GET /grids,
    `people` of GET /positions, `track` of GET /units/{id}/track. `cells` are polygons with the property
    `count`. `assets` is the folder of npm packages, see `layers.maps.page`. Raises InstallationError
    when those are not installed.
    """
    page = OfflineMap(
        assets=assets, control_scale=True, prefer_canvas=True, attribution_control=False
    )
    if cells is not None:
        _add(page, "密度 Density", cells, _density_style(cells), ["count"])
    _add(page, "网格 Grids", grids, _grid_style, ["code", "name"])
    if track is not None:
        _add(page, "轨迹 Track", track, _track_style, ["kind", "from", "to"])
    if people is not None:
        _add(page, "人员 People", people, _person_style, ["unit", "name", "state", "at"])
    folium.LayerControl(collapsed=False).add_to(page)
    corners = [(lat, lon) for lat, lon in page.get_bounds() if lat is not None and lon is not None]
    if corners:
        page.fit_bounds(corners)
    return page


def _add(
    page: folium.Map,
    title: str,
    collection: FeatureCollection,
    style: Callable[[Feature], Style],
    told: list[str],
) -> None:
    """`told` are the properties shown under the pointer."""
    if not collection["features"]:
        return
    folium.GeoJson(
        {"type": "FeatureCollection", "features": collection["features"]},
        name=title,
        style_function=style,
        marker=folium.CircleMarker(radius=5, weight=1),
        tooltip=folium.GeoJsonTooltip(told),
    ).add_to(page)


def _grid_style(feature: Feature) -> Style:
    inner = feature["properties"]["level"] > 1
    return {
        "color": _BORDER,
        "weight": 1 if inner else 2,
        "dashArray": "5 3" if inner else None,
        "fillOpacity": 0.0,
    }


def _density_style(cells: FeatureCollection) -> Callable[[Feature], Style]:
    counts = [feature["properties"]["count"] for feature in cells["features"]]
    colour_of = LinearColormap(_DENSITY, vmin=0, vmax=max(counts, default=1))
    return lambda feature: {
        "stroke": False,
        "fill": True,
        "fillColor": colour_of(feature["properties"]["count"]),
        "fillOpacity": 0.7,
    }


def _track_style(feature: Feature) -> Style:
    match feature["properties"]["kind"]:
        case "stop":
            return {**_DOT, "fillColor": _STOP}
        case "gap":
            return {"color": _GAP, "weight": 2, "dashArray": "2 6"}
        case _:
            return {"color": _TRIP, "weight": 3}


def _person_style(feature: Feature) -> Style:
    return {**_DOT, "fillColor": _STATES[feature["properties"]["state"]]}
