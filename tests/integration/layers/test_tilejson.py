from collections.abc import Callable

import pytest

from data.database import Database
from layers.catalog import BUILT_IN as LAYERS
from layers.tiles.tilejson import tilejson


def test_the_bounds_hold_everything_of_the_layer(
    database: Database, add_camera: Callable[..., int]
) -> None:
    add_camera("1", 118.6, 34.5)
    add_camera("2", 118.7, 34.4)
    with database.begin() as conn:
        document = tilejson(conn, [LAYERS["cameras"]], tiles_url="/{z}/{x}/{y}.mvt")
    assert document["bounds"] == pytest.approx([118.6, 34.4, 118.7, 34.5])
    assert document["tiles"] == ["/{z}/{x}/{y}.mvt"]


def test_an_empty_layer_has_no_bounds(database: Database) -> None:
    with database.begin() as conn:
        assert "bounds" not in tilejson(conn, [LAYERS["facilities"]], tiles_url="/")


def test_every_sublayer_is_described_with_its_fields(database: Database) -> None:
    with database.begin() as conn:
        document = tilejson(conn, [LAYERS["grids"]], tiles_url="/")
    assert [layer["id"] for layer in document["vector_layers"]] == ["grids", "grid_labels"]
    assert document["vector_layers"][0]["fields"]["level"] == "Number"
