from collections.abc import Mapping
from pathlib import Path

import pytest
from shapely import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from data.editions import GridFields, Source, grids_from_files
from data.files import FeatureFile, FileFeature
from gis.errors import InvalidInput, UnreadableFile


def source(
    *rows: tuple[Mapping[str, object], BaseGeometry], level: int | None = None, name: str = "a.shp"
) -> Source:
    features = [
        FileFeature(number=number, geometry=geometry, properties=properties)
        for number, (properties, geometry) in enumerate(rows, start=1)
    ]
    file = FeatureFile(
        path=Path(name),
        crs="wgs84",
        fields=tuple(dict.fromkeys(field for properties, _ in rows for field in properties)),
        features=tuple(features),
    )
    return Source(file=file, level=level)


WEST, EAST = box(0, 0, 1, 1), box(1, 0, 2, 1)
WHOLE = box(0, 0, 2, 1)


def test_codes_that_are_numbers_become_text() -> None:
    rows = [({"code": 110108014000}, WEST), ({"code": 110108014001.0}, EAST)]
    intake = grids_from_files([source(*rows, level=1)])
    assert [grid.code for grid in intake.grids] == ["110108014000", "110108014001"]


def test_a_code_that_was_rounded_is_refused() -> None:
    rows = [({"code": float(32072210120300502)}, WEST)]
    with pytest.raises(UnreadableFile, match=r"a.shp, feature 1: .*rounded number.*as text"):
        grids_from_files([source(*rows, level=2)])


@pytest.mark.parametrize("code", [None, "", 1.5])
def test_a_grid_without_a_proper_code_is_named_by_its_place(code: object) -> None:
    with pytest.raises(UnreadableFile, match=r"a.shp, feature 2: "):
        grids_from_files([source(({"code": "1"}, WEST), ({"code": code}, EAST), level=1)])


def test_a_grid_without_a_name_is_called_by_its_code() -> None:
    intake = grids_from_files([source(({"code": "A1", "name": None}, WEST), level=1)])
    assert [grid.name for grid in intake.grids] == ["A1"]
    assert intake.notes == ("a.shp: 1 of 1 grids have no name; each is called by its code.",)


def test_an_empty_column_of_levels_leaves_them_to_the_codes() -> None:
    rows = [
        ({"code": "A1", "level": None, "name": "甲"}, WHOLE),
        ({"code": "A1B", "level": "", "name": "乙"}, WEST),
        ({"code": "A1C", "level": "", "name": "丙"}, EAST),
    ]
    assert [grid.level for grid in grids_from_files([source(*rows)]).grids] == [1, 2, 2]


def test_a_code_that_occurs_twice_is_refused_with_both_places() -> None:
    with pytest.raises(
        InvalidInput, match=r"Code 7 is on two grids: a.shp, feature 1 \(东\) and b.shp, feature 1"
    ):
        grids_from_files(
            [
                source(({"code": 7, "name": "东"}, WEST), level=1),
                source(({"code": "7", "name": "西"}, EAST), level=2, name="b.shp"),
            ]
        )


def test_the_level_comes_from_the_source_then_a_field_then_the_code() -> None:
    sources = [
        source(({"code": "320722101203006", "level": 2}, WEST), level=1),
        source(({"code": "x", "level": "2.0"}, EAST)),
        source(({"code": "32072210120300601"}, EAST)),
    ]
    levels = {grid.code: grid.level for grid in grids_from_files(sources).grids}
    assert levels == {"320722101203006": 1, "x": 2, "32072210120300601": 2}


@pytest.mark.parametrize("row", [{"code": "x"}, {"code": "x", "level": "district"}])
def test_a_level_that_nobody_says_must_be_named(row: Mapping[str, object]) -> None:
    with pytest.raises(UnreadableFile, match=r"not a level|says the level"):
        grids_from_files([source((row, WEST))])


def test_what_encloses_no_area_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="feature 1: The LineString encloses no area"):
        grids_from_files([source(({"code": "1"}, LineString([(0, 0), (1, 1)])), level=1)])


def test_a_ring_that_crosses_itself_is_repaired_and_that_is_noted() -> None:
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    intake = grids_from_files([source(({"code": "1", "name": "东"}, bow_tie), level=1)])
    assert intake.grids[0].geometry.is_valid
    assert len(intake.notes) == 1
    assert intake.notes[0].startswith("a.shp, feature 1, 东 1: Made valid: Self-intersection")


def test_a_grid_that_names_no_parent_gets_the_one_that_covers_most_of_it() -> None:
    above = source(
        ({"code": "W", "name": "西"}, WEST), ({"code": "E", "name": "东"}, EAST), level=1
    )
    below = source(({"code": "1", "name": "一"}, box(0.5, 0, 1.1, 1)), level=2)
    intake = grids_from_files([above, below])
    assert {grid.code: grid.parent_code for grid in intake.grids} == {
        "W": None,
        "E": None,
        "1": "W",
    }
    assert intake.notes == ("1 grids name no parent; each got the one that covers most of it.",)


def test_a_code_of_the_scheme_says_its_parent_itself() -> None:
    above = source(({"code": "320722101203005"}, WEST), ({"code": "E"}, EAST), level=1)
    below = source(({"code": "32072210120300502"}, EAST), level=2)
    assert grids_from_files([above, below]).grids[2].parent_code == "320722101203005"


def test_a_parent_that_is_named_stays_even_if_it_is_missing() -> None:
    rows = [({"code": "1", "parent": "gone"}, WEST)]
    intake = grids_from_files([source(({"code": "W"}, WEST), level=1), source(*rows, level=2)])
    assert intake.grids[1].parent_code == "gone"


def test_what_is_above_the_top_level_is_left_out() -> None:
    row = {"adcode": 320722, "name": "东海县", "parent": {"adcode": 320700}}
    [grid] = grids_from_files([source((row, WEST), level=1)]).grids
    assert grid.parent_code is None


def test_levels_that_the_files_do_not_bring_come_from_the_base() -> None:
    old = grids_from_files(
        [
            source(({"code": "T"}, WHOLE), level=1),
            source(({"code": "1", "parent": "T"}, WHOLE), level=2),
        ]
    ).grids
    new = source(({"code": "2"}, WEST), ({"code": "3"}, EAST), level=2)
    intake = grids_from_files([new], base=old)
    assert [(grid.code, grid.parent_code) for grid in intake.grids] == [
        ("T", None),
        ("2", "T"),
        ("3", "T"),
    ]


def test_a_code_of_the_base_on_another_level_is_refused() -> None:
    old = grids_from_files([source(({"code": "T"}, WHOLE), level=1)]).grids
    with pytest.raises(InvalidInput, match="Code T is on a grid of the base edition"):
        grids_from_files([source(({"code": "T"}, WEST), level=2)], base=old)


def test_fields_may_be_named() -> None:
    fields = GridFields(code="BH", name="XM", parent="SJ")
    rows = [({"BH": "1", "XM": "东", "SJ": "T"}, WEST)]
    intake = grids_from_files([source(({"BH": "T", "XM": "", "SJ": ""}, WHOLE), level=1)], fields)
    assert intake.grids[0].name == "T"
    intake = grids_from_files([source(*rows, level=2)], fields, base=intake.grids)
    assert intake.grids[1].parent_code == "T"


def test_slivers_are_given_to_a_neighbour_and_each_is_a_note() -> None:
    sliver = 0.4 / 111_000
    rows = [({"code": "1"}, box(0, 0, 1 + sliver, 1)), ({"code": "2"}, EAST)]
    intake = grids_from_files([source(*rows, level=1)])
    [repair] = intake.repairs
    assert repair.codes == ("1", "2")
    assert intake.notes[-1] == repair.message
    assert not intake.grids[0].geometry.overlaps(intake.grids[1].geometry)
    for left in ({"sliver_m": None}, {"sliver_m": 0.3}):
        intake = grids_from_files([source(*rows, level=1)], **left)
        assert intake.repairs == ()
        assert intake.grids[0].geometry.overlaps(intake.grids[1].geometry)
