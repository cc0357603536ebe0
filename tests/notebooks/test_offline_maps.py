"""A map drawn by a real browser that is watched for requests."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from layers.maps import town_map

ASSETS = Path(__file__).parents[2] / "notebooks" / "node_modules"


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def square(size: float) -> dict[str, Any]:
    ring = [[0, 0], [size, 0], [size, size], [0, size], [0, 0]]
    return {
        "type": "Polygon",
        "coordinates": [[[118.6 + x, 34.5 + y] for x, y in ring]],
    }


def line(*places: list[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": list(places)}


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


SPAN = {"from": "2026-11-22T08:00:00Z", "to": "2026-11-22T09:00:00Z"}
TOWN = {
    "grids": collection(
        feature(square(0.01), code="1", name="安和", level=1),
        feature(square(0.004), code="12", name="安和一", level=2),
    ),
    "people": collection(
        feature(point(118.605, 34.505), unit="GW-1", name="王", state="moving", at=SPAN["to"])
    ),
    "track": collection(
        feature(line([118.6, 34.5], [118.605, 34.505]), kind="trip", **SPAN),
        feature(point(118.601, 34.505), kind="stop", **SPAN),
        feature(line([118.605, 34.505], [118.608, 34.502]), kind="gap", **SPAN),
    ),
    "cells": collection(feature(square(0.002), count=3), feature(square(0.001), count=7)),
}


@pytest.mark.parametrize("in_notebook", [False, True], ids=["a page", "in a notebook"])
def test_a_map_is_drawn_without_any_request(
    in_notebook: bool, browser_page: Page, tmp_path: Path
) -> None:
    requests: list[str] = []
    errors: list[str] = []
    browser_page.on("request", lambda request: requests.append(request.url))
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    page = town_map(assets=ASSETS, **TOWN)
    file = tmp_path / "map.html"
    file.write_text(page._repr_html_() if in_notebook else page.get_root().render())
    browser_page.goto(file.as_uri())
    frame = browser_page.frame_locator("iframe") if in_notebook else browser_page

    expect(frame.locator("canvas.leaflet-zoom-animated")).to_be_visible()
    layers = frame.locator(".leaflet-control-layers-overlays label")
    expect(layers).to_have_text(["密度 Density", "网格 Grids", "轨迹 Track", "人员 People"])
    assert errors == []
    asked = [url for url in requests if not url.startswith(("data:", "about:"))]
    assert asked == [file.as_uri()]
