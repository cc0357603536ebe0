from pathlib import Path

import pytest
from shapely import MultiPolygon, box

from data.files import read_features, write_features
from gis.errors import InvalidInput

AREA = MultiPolygon([box(0.1 + 0.2, 1 / 3, 1.1, 1.2)])
COLUMNS = {"code": ["001"], "name": ["东海"], "level": [1], "parent": [None]}


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".fgb"])
def test_what_is_written_is_read_back_exactly(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"grids{suffix}"
    write_features(path, [AREA], COLUMNS)
    [feature] = read_features(path).features
    assert feature.geometry.equals_exact(AREA, tolerance=0)
    assert dict(feature.properties) == {"code": "001", "name": "东海", "level": 1, "parent": None}


def test_writing_again_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    write_features(path, [AREA, AREA], {"code": ["1", "2"]})
    write_features(path, [AREA], {"code": ["3"]})
    assert [f.properties["code"] for f in read_features(path).features] == ["3"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["grids.shp", "grids", "nowhere/grids.gpkg", "nowhere/a.geojson"])
def test_where_nothing_can_be_written_the_reason_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"write \.geojson|cannot be written"):
        write_features(tmp_path / name, [AREA], {"code": ["1"]})
    assert list(tmp_path.iterdir()) == []
