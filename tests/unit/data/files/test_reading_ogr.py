"""The files are written here by GDAL itself."""

from pathlib import Path

import geopandas
import pytest
from shapely import Point, box, normalize

from data.files import find_files, parse_crs, read_features
from gis.errors import UnreadableFile

AREAS = [box(118.0, 34.0, 118.1, 34.1), box(118.1, 34.0, 118.2, 34.1)]


def write(path: Path, **options: object) -> Path:
    frame = geopandas.GeoDataFrame(
        {"编码": ["320722101203005", "320722101203006"], "名称": ["东", "西"]},
        geometry=AREAS,
        crs="EPSG:4326",
    )
    frame.to_file(path, **options)
    return path


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".kml", ".fgb"])
def test_every_usual_format_gives_the_same_grids(tmp_path: Path, suffix: str) -> None:
    read = read_features(write(tmp_path / f"grids{suffix}"))
    grids = sorted(read.features, key=lambda feature: str(feature.properties["编码"]))
    assert [grid.geometry.bounds for grid in grids] == [area.bounds for area in AREAS]
    assert [grid.properties["名称"] for grid in grids] == ["东", "西"]
    assert sorted(grid.number for grid in grids) == [1, 2]


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_a_shapefile_without_cpg_is_read_as_utf8_or_gb18030(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "grids.shp", encoding=encoding)
    path.with_suffix(".cpg").unlink()
    read = read_features(path)
    assert read.fields == ("编码", "名称")
    assert read.features[1].properties["名称"] == "西"


def test_a_shapefile_without_prj_must_be_told_its_crs(tmp_path: Path) -> None:
    path = write(tmp_path / "grids.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(UnreadableFile, match=r"grids\.shp does not say its coordinate.*as crs"):
        read_features(path)
    assert read_features(path, crs=parse_crs("cgcs2000")).features[0].geometry.equals(AREAS[0])


def test_cgcs2000_metres_come_back_as_degrees(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=AREAS[:1], crs="EPSG:4490")
    path = tmp_path / "metres.shp"
    frame.to_crs("EPSG:4549").to_file(path)
    [feature] = read_features(path).features
    assert normalize(feature.geometry).equals_exact(normalize(AREAS[0]), tolerance=1e-9)


def test_one_of_several_layers_must_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "town.gpkg", layer="网格")
    write(path, layer="村界")
    with pytest.raises(UnreadableFile, match=r"several layers: 网格, 村界\. Choose one"):
        read_features(path)
    assert len(read_features(path, layer="村界").features) == 2
    with pytest.raises(UnreadableFile, match="has no layer '道路'; it has 网格, 村界"):
        read_features(path, layer="道路")


def test_a_layer_of_points_beside_the_areas_does_not_disturb(tmp_path: Path) -> None:
    path = write(tmp_path / "town.gpkg", layer="网格")
    lamps = geopandas.GeoDataFrame(geometry=[Point(118, 34)], crs="EPSG:4326")
    lamps.to_file(path, layer="路灯")
    assert len(read_features(path).features) == 2


def test_a_table_is_not_a_map(tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    path.write_text("code,name\n1,东\n")
    with pytest.raises(UnreadableFile, match="table without geometry"):
        read_features(path)


@pytest.mark.parametrize("name", ["grids.shp", "grids.gpkg", "grids.kml", "grids.xyz"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"not a map at all")
    with pytest.raises(UnreadableFile, match=f"{name} cannot be read"):
        read_features(path)


def test_half_a_shapefile_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "grids.shp")
    path.with_suffix(".shx").unlink()
    with pytest.raises(UnreadableFile, match=r"grids\.shp cannot be read.*shx"):
        read_features(path)


def test_a_folder_gives_its_maps_by_name(tmp_path: Path) -> None:
    write(tmp_path / "b.shp")
    write(tmp_path / "a.gpkg")
    (tmp_path / "readme.txt").write_text("")
    assert find_files(tmp_path) == [tmp_path / "a.gpkg", tmp_path / "b.shp"]


def test_a_pattern_gives_the_files_that_it_matches(tmp_path: Path) -> None:
    for name in ("b.kml", "a.kml", "a.gpkg"):
        (tmp_path / name).touch()
    assert find_files(tmp_path / "*.kml") == [tmp_path / "a.kml", tmp_path / "b.kml"]
    with pytest.raises(UnreadableFile, match="does not exist"):
        find_files(tmp_path / "*.shp")


def test_a_folder_without_maps_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"holds no \.fgb, \.geojson"):
        find_files(tmp_path)
    with pytest.raises(UnreadableFile, match=r"nowhere\.shp does not exist"):
        find_files(tmp_path / "nowhere.shp")


def test_shanghai_s_shapefile_with_chinese_names_is_read(real_data: Path) -> None:
    read = read_features(real_data / "poi_shanghai" / "shanghai_county_area.shp")
    assert len(read.features) == 17
    assert any("崇明县" in str(feature.properties.values()) for feature in read.features)
