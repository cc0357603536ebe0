from data.sql import load_sql
from layers.catalog import BUILT_IN


def test_every_statement_of_a_layer_of_its_own_has_its_layer() -> None:
    shared = {"versions", "layer"}
    own = {layer.statement for layer in BUILT_IN.values() if layer.statement}
    assert set(load_sql("layers.tiles", "tiles.sql")) - shared == own


def test_what_differs_by_viewer_is_never_kept() -> None:
    assert not [layer.id for layer in BUILT_IN.values() if layer.is_personal and layer.is_versioned]


def test_layers_of_people_and_cases_need_the_permission_to_see_those() -> None:
    needed = {layer.id: layer.permission for layer in BUILT_IN.values() if layer.is_personal}
    assert needed == {
        "changes": "read_cases",
        "cases": "read_cases",
        "staff": "read_positions",
        "tracks": "read_tracks",
        # What of them counts cases or people asks for the permission to see those, too.
        "density": "read_layers",
        "coverage": "read_tracks",
        "hotspots": "read_layers",
    }
