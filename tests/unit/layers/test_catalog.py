import pytest

from data.sql import load_sql
from gis.errors import NotFound
from layers.catalog import LAYERS, find_layer


def test_every_layer_has_its_statement_and_every_statement_its_layer() -> None:
    assert set(load_sql("layers.tiles", "tiles.sql")) - {"versions"} == set(LAYERS)


def test_an_unknown_layer_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="basemap, grids, cameras, facilities, sensors"):
        find_layer("trees")
