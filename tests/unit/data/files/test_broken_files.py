"""Every format, whole, empty and cut short; and the limits of what is read."""

from pathlib import Path

import geopandas
import pytest
import shapely
from shapely import Point, box

from data.files import parse_crs, read_features, reading
from gis.errors import UnreadableFile

WGS84 = parse_crs("wgs84")
FORMATS = [".geojson", ".shp", ".gpkg", ".kml", ".fgb", ".csv", ".xlsx"]
GRIDS = geopandas.GeoDataFrame(
    {"编码": [f"{n:03}" for n in range(20)], "名称": [f"第{n}网格" for n in range(20)]},
    geometry=[box(118 + 0.1 * n, 34, 118.1 + 0.1 * n, 34.1) for n in range(20)],
    crs="EPSG:4326",
)


def written(folder: Path, suffix: str) -> Path:
    path = folder / f"grids{suffix}"
    if suffix in (".csv", ".xlsx"):
        table = GRIDS.to_wkt().rename(columns={"geometry": "WKT"})
        if suffix == ".csv":
            table.to_csv(path, index=False)
        else:
            table.to_excel(path, index=False, engine="xlsxwriter")
    else:
        GRIDS.to_file(path, driver="KML" if suffix == ".kml" else None)
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_whole_file_gives_the_same_grids_and_half_of_it_is_refused(
    tmp_path: Path, suffix: str
) -> None:
    path = written(tmp_path, suffix)
    read = read_features(path, crs=WGS84)
    features = sorted(read.features, key=lambda each: str(each.properties["编码"]))
    assert [each.properties["编码"] for each in features] == list(GRIDS["编码"])
    assert [each.properties["名称"] for each in features] == list(GRIDS["名称"])
    for feature, area in zip(features, GRIDS.geometry, strict=True):
        difference = shapely.symmetric_difference(feature.geometry, area)
        assert shapely.area(difference) < 1e-12
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile) as refused:
        read_features(path, crs=WGS84)
    assert refused.value.message.startswith(f"{path}")
    assert refused.value.message.endswith(".")
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"grids{suffix}"
    path.touch()
    with pytest.raises(UnreadableFile, match=r"grids\.\w+ is empty\. Export it again\."):
        read_features(path, crs=WGS84)


def test_more_vertices_than_an_edition_may_have_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, ".gpkg")
    monkeypatch.setattr(reading, "MOST_VERTICES", 99)
    with pytest.raises(UnreadableFile, match=r"has 100 vertices; an edition may have 99\."):
        read_features(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_points_in_any_usual_encoding(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = tmp_path / "points.csv"
    rows = [["编号", "名称", "经度", "纬度"], ["007", "消防栓", "118.5", "34.5"]]
    path.write_text("\n".join(separator.join(row) for row in rows), encoding=encoding)
    read = read_features(path, crs=WGS84)
    [point] = read.features
    assert point.geometry == Point(118.5, 34.5)
    assert point.properties == {
        **{"编号": "007", "名称": "消防栓"},
        **{"经度": "118.5", "纬度": "34.5"},
    }
    assert read.fields == ("编号", "名称", "经度", "纬度")


def test_wkt_may_say_its_coordinate_system(tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    path.write_text('code,wkt\n1,"SRID=4490;POLYGON((118 34,119 34,119 35,118 34))"\n')
    assert read_features(path).crs == "EPSG:4490"
