from pathlib import Path

import folium
import pytest
from folium.plugins import HeatMap

from gis.errors import InstallationError
from layers.maps import town_map
from layers.maps.page import OfflineMap

ASSETS = Path(__file__).parents[3] / "notebooks" / "node_modules"


def html_of(page: folium.Map) -> str:
    root = page.get_root()
    return str(root.render())


def test_a_page_carries_the_content_of_what_folium_links() -> None:
    html = html_of(OfflineMap(assets=ASSETS))
    assert (ASSETS / "leaflet/dist/leaflet.js").read_text() in html
    assert "url(images/" not in html
    assert "<link" not in html
    assert "<script src" not in html


def test_rendering_a_page_again_gives_the_same_page() -> None:
    page = OfflineMap(assets=ASSETS)
    assert html_of(page) == html_of(page)


def test_a_plugin_that_would_ask_the_internet_is_refused() -> None:
    page = OfflineMap(assets=ASSETS)
    HeatMap([[34.5, 118.6]]).add_to(page)
    with pytest.raises(KeyError, match=r"heat.*request to the internet"):
        html_of(page)


def test_missing_assets_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    with pytest.raises(InstallationError, match="npm --prefix notebooks ci"):
        html_of(OfflineMap(assets=tmp_path))


def test_a_town_without_grids_is_an_empty_map() -> None:
    nothing = {"type": "FeatureCollection", "features": []}
    page = town_map(assets=ASSETS, grids=nothing, people=nothing)
    assert not any(isinstance(child, folium.FitBounds) for child in page._children.values())
    assert "L.map(" in html_of(page)
