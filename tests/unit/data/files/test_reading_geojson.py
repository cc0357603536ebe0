import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.files import FeatureFile, parse_crs, read_features
from gis.errors import UnreadableFile

TRIANGLE = {"type": "Polygon", "coordinates": [[[118.1, 34.1], [118.2, 34.1], [118.2, 34.2]]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def polygon(*ring: tuple[Any, ...]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring]]}


class Folder:
    """Writes one file and reads it."""

    def __init__(self, path: Path) -> None:
        self.file = path / "grids.geojson"

    def read(self, *features: Any, told: str | None = None, **members: Any) -> FeatureFile:
        self.file.write_text(
            json.dumps({"type": "FeatureCollection", "features": features, **members})
        )
        return read_features(self.file, crs=parse_crs(told) if told else None)

    def read_bytes(self, content: bytes) -> FeatureFile:
        self.file.write_bytes(content)
        return read_features(self.file)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


SQUARE = polygon((118, 34), (119, 34), (119, 35), (118, 35), (118, 34))


def test_geojson_that_names_no_crs_is_wgs84(folder: Folder) -> None:
    read = folder.read(feature(SQUARE, code="A"))
    assert read.crs == "wgs84"
    assert read.features[0].geometry.bounds == (118, 34, 119, 35)


def test_geojson_whose_crs_is_null_has_none_and_must_be_told(folder: Folder) -> None:
    with pytest.raises(UnreadableFile, match=r"does not say its coordinate system.*as crs"):
        folder.read(feature(SQUARE), crs=None)


def test_an_unknown_crs_is_named_not_guessed(folder: Folder) -> None:
    with pytest.raises(UnreadableFile, match="'nonsense' is not a coordinate system"):
        folder.read(feature(SQUARE), crs={"type": "name", "properties": {"name": "nonsense"}})


def test_the_crs_a_person_names_overrides_the_file(folder: Folder) -> None:
    read = folder.read(feature(SQUARE), told="GCJ-02")
    assert read.crs == "gcj02"
    west, south, _, _ = read.features[0].geometry.bounds
    assert (west, south) != (118, 34)
    assert (west, south) == pytest.approx((118, 34), abs=0.01)


def test_the_older_way_to_name_a_crs_is_understood(folder: Folder) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    read = folder.read(feature(SQUARE), crs=named)
    assert read.crs == "EPSG:4490"
    assert read.features[0].geometry.bounds == (118, 34, 119, 35)


def test_a_file_cut_short_says_where_it_stops(folder: Folder) -> None:
    with pytest.raises(
        UnreadableFile, match=r"grids.geojson is not valid JSON.*line 1, column \d+"
    ):
        folder.read_bytes(b'{"type": "FeatureCollection", "features": [{"type": "Fea')


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xff\xff"])
def test_what_is_no_json_is_refused(folder: Folder, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"grids\.geojson is (n|empty)"):
        folder.read_bytes(content)


@pytest.mark.parametrize("document", [{"a": 1}, [1, 2], {"type": "Topology"}, TRIANGLE])
def test_json_of_another_kind_is_refused(folder: Folder, document: Any) -> None:
    with pytest.raises(UnreadableFile, match="not a GeoJSON FeatureCollection"):
        folder.read_bytes(json.dumps(document).encode())


def test_a_collection_without_features_is_refused(folder: Folder) -> None:
    with pytest.raises(UnreadableFile, match="holds no feature"):
        folder.read()


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "has no geometry"),
        (polygon(("a", 1), (2, 1), (2, 2), ("a", 1)), "must be number, but is string"),
        (polygon((1,), (2, 1), (2, 2), (1,)), "found one"),
        ({"type": "Polygon"}, "'coordinates' not found"),
        ({"type": "Blob", "coordinates": []}, "Unknown geometry"),
        ({"type": "Polygon", "coordinates": [[1, 2], [3, 4]]}, "cannot be read"),
        ("POLYGON EMPTY", "cannot be read"),
    ],
)
def test_a_geometry_that_cannot_be_read_is_named(
    folder: Folder, geometry: Any, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=f"feature 2.*{reason}"):
        folder.read(feature(SQUARE), feature(geometry))


def test_an_open_ring_is_closed_and_that_is_noted(folder: Folder) -> None:
    read = folder.read(feature(TRIANGLE))
    assert read.features[0].geometry.is_valid
    assert read.notes == (f"{folder.file}, feature 1: Closed an open ring.",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_text_is_read_in_the_encodings_that_occur(folder: Folder, encoding: str) -> None:
    document = {"type": "FeatureCollection", "features": [feature(SQUARE, 名称="东海县")]}
    read = folder.read_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    assert read.features[0].properties == {"名称": "东海县"}


def test_a_code_of_17_digits_keeps_them_all(folder: Folder) -> None:
    read = folder.read(feature(SQUARE, code=32072210120300502), feature(SQUARE, code=None))
    assert read.features[0].properties["code"] == 32072210120300502


def test_heights_fall_away(folder: Folder) -> None:
    read = folder.read(feature(polygon((1, 1, 5), (2, 1, 5), (2, 2, 5), (1, 1, 5))))
    assert not read.features[0].geometry.has_z


@pytest.mark.parametrize(
    "ring",
    [
        [(39.9, 116.3), (39.9, 116.4), (40.0, 116.4), (39.9, 116.3)],  # Beijing: no latitude
        [(43.8, 87.5), (43.8, 87.6), (43.9, 87.6), (43.8, 87.5)],  # Ürümqi: in the Arctic Ocean
    ],
)
def test_swapped_coordinates_are_told_with_their_place(
    folder: Folder, ring: list[tuple[float, float]]
) -> None:
    with pytest.raises(UnreadableFile, match=r"feature 2: .*swapped: write lon before lat"):
        folder.read(feature(SQUARE), feature(polygon(*ring)))


def test_metres_in_a_file_that_claims_degrees_are_refused(folder: Folder) -> None:
    ring = polygon((450000, 3800000), (450100, 3800000), (450100, 3800100), (450000, 3800000))
    with pytest.raises(UnreadableFile, match=r"feature 1: 450000, 3800000 is not.*as crs"):
        folder.read(feature(ring))


def test_metres_are_converted_when_their_system_is_named(folder: Folder) -> None:
    ring = polygon((450000, 3800000), (450100, 3800000), (450100, 3800100), (450000, 3800000))
    read = folder.read(feature(ring), told="EPSG:4549")
    west, south, _, _ = read.features[0].geometry.bounds
    assert (west, south) == pytest.approx((119.457, 34.325), abs=0.01)


DATAV = {
    **{"dongcheng": "110101", "xicheng": "110102", "chaoyang": "110105", "fengtai": "110106"},
    **{"shijingshan": "110107", "mentougou": "110109", "fangshan": "110111", "tongzhou": "110112"},
    **{"shunyi": "110113", "changping": "110114", "daxing": "110115", "huairou": "110116"},
    **{"pinggu": "110117", "miyun": "110118", "yanqing": "110119"},
}


def likeness(real_data: Path, name: str, code: str, crs: str | None) -> float:
    """Intersection over union of a district of DataV with the same in WGS-84."""
    one, other = (
        shapely.make_valid(shapely.union_all([each.geometry for each in read.features]))
        for read in (
            read_features(real_data / "beijing_admin" / "district" / f"{name}-outline.geojson"),
            read_features(
                real_data / "datav_county" / "county" / f"{code}.json",
                crs=parse_crs(crs) if crs else None,
            ),
        )
    )
    return float(one.intersection(other).area / one.union(other).area)


def test_a_gcj02_district_fits_the_wgs84_one_only_when_it_is_said(real_data: Path) -> None:
    assert likeness(real_data, "haidian", "110108", None) < 0.92
    fits = likeness(real_data, "haidian", "110108", "gcj02")
    others = {
        name: round(likeness(real_data, name, code, "gcj02"), 4)
        for name, code in DATAV.items()
        if (real_data / "datav_county" / "county" / f"{code}.json").exists()
    }
    assert fits > 0.99, f"Haidian {fits:.4f}; the others: {others}"
    assert min(others.values()) > 0.9, others
