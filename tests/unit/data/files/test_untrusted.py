"""The process that reads what strangers send."""

import json
import zipfile
from pathlib import Path

import geopandas
import pytest
from shapely import LineString, Polygon

from data import confined
from data.files.untrusted import StrangersFile, look_into_untrusted, read_untrusted
from data.files.untrusted_reader import DRIVERS
from gis.errors import InvalidInput, UnreadableFile

SQUARE = [[118.0, 34.0], [118.1, 34.0], [118.1, 34.1], [118.0, 34.1], [118.0, 34.0]]


@pytest.fixture
def file(tmp_path: Path) -> StrangersFile:
    feature = {
        "type": "Feature",
        "properties": {"code": "1", "名称": "东", "list": [1, {"a": None}]},
        "geometry": {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
    }
    path = tmp_path / "file-1.geojson"
    path.write_text(json.dumps(feature))
    return StrangersFile(path=path, label="东.geojson")


def test_it_reads_what_the_server_itself_would_read(file: StrangersFile) -> None:
    [(source, read)] = read_untrusted([file])
    assert source is file
    assert (read.crs, read.path) == ("wgs84", Path("东.geojson"))
    assert read.notes == ("东.geojson, feature 1: Closed an open ring.",)
    [feature] = read.features
    assert feature.properties == {"code": "1", "名称": "东", "list": [1, {"a": None}]}
    assert feature.geometry.bounds == (118.0, 34.0, 118.1, 34.1)


def test_a_look_has_what_reading_gives(file: StrangersFile, tmp_path: Path) -> None:
    lines = geopandas.GeoDataFrame({"road": ["1"]}, geometry=[LineString(SQUARE)], crs=4490)
    areas = geopandas.GeoDataFrame({"code": ["2"]}, geometry=[Polygon(SQUARE)], crs=4490)
    path = tmp_path / "file-2.gpkg"
    lines.to_file(path, layer="路")
    areas.to_file(path, layer="网格")
    files = [file, StrangersFile(path=path, label="镇.gpkg")]
    looked = look_into_untrusted(files)
    assert [(source, each.layer) for source, each in looked.layers] == [
        *[(file, None), (files[1], "路"), (files[1], "网格")]
    ]
    assert looked.maps == read_untrusted(files)
    assert looked.problem is None


def test_a_look_says_what_reading_is_refused_with(file: StrangersFile, tmp_path: Path) -> None:
    areas = geopandas.GeoDataFrame({"code": ["2"]}, geometry=[Polygon(SQUARE)], crs=4490)
    path = tmp_path / "file-2.gpkg"
    areas.to_file(path, layer="网格")
    areas.to_file(path, layer="村界")
    files = [file, StrangersFile(path=path, label="镇.gpkg")]
    looked = look_into_untrusted(files)
    assert [each.problem for _, each in looked.layers] == [None, None, None]
    with pytest.raises(UnreadableFile) as refused:
        read_untrusted(files)
    assert looked.problem == refused.value.message
    assert "镇.gpkg has several layers" in looked.problem
    assert look_into_untrusted(files[1:], layer="村界").maps == (
        read_untrusted(files[1:], layer="村界")
    )


def test_an_error_keeps_its_kind_and_its_field(file: StrangersFile) -> None:
    with pytest.raises(InvalidInput, match="not a coordinate system") as refused:
        read_untrusted([file], crs="the moon")
    assert refused.value.field == "crs"
    file.path.write_text("{")
    with pytest.raises(UnreadableFile, match=r"^东\.geojson is not valid JSON"):
        read_untrusted([file])


def test_it_has_the_drivers_of_maps_and_no_other_and_no_secret(
    file: StrangersFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_DATABASE_URL", "postgresql://a:secret@h/x")
    seen: list[dict[str, str]] = []
    run = confined.subprocess.run

    def noting(arguments: list[str], **options: object) -> object:
        environment = options["env"]
        assert isinstance(environment, dict)
        seen.append(environment)
        return run(arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(confined.subprocess, "run", noting)
    read_untrusted([file])
    [environment] = seen
    assert not any("WANGGE" in name for name in environment)
    program = "import pyogrio; print(sorted(pyogrio.list_drivers()))"
    drivers = run(
        [confined.sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    allowed = set().union(*DRIVERS.values())
    assert {name for name in eval(drivers) if name in allowed} == allowed
    for name in ("OGR_VRT", "WFS", "HTTP", "OGCAPI", "GeoJSON", "SQLite", "CSV", "GDALG", "ADBC"):
        assert f"'{name}'" not in drivers


def test_a_reader_that_breaks_is_an_unreadable_file(
    file: StrangersFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "_MOST_S", 0.01)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_untrusted([file])


def test_a_file_that_would_take_all_memory_is_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "file-1.geojson"
    with path.open("wb") as hole:
        hole.truncate(4 * 2**30)  # it takes no room on the disk
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_untrusted([StrangersFile(path=path, label="huge.geojson")])


def test_a_kmz_is_the_kml_in_it(tmp_path: Path) -> None:
    ring = " ".join(f"{lon},{lat}" for lon, lat in SQUARE)
    path = tmp_path / "file-1.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "doc.kml",
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>东</name>'
            f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
            "</outerBoundaryIs></Polygon></Placemark></Document></kml>",
        )
    [(_, read)] = read_untrusted([StrangersFile(path=path, label="东.kmz")])
    assert [each.properties["Name"] for each in read.features] == ["东"]
    assert str(read.path) == "东.kmz/doc.kml"
