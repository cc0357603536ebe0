"""OpenStreetMap's files and the town's own, cut to the map."""

import bz2
import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest
import shapely

from data.basemap import BasemapFeature, Frame, OwnFields, clipped, features_of_file, read_osm
from data.files import FeatureFile, FileFeature
from gis.errors import InvalidInput, UnreadableFile

# A square kilometre or so: a lake with an island, a road into it, a village, and what is not drawn.
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" version="1" lat="34.50" lon="118.60"/>
  <node id="2" version="1" lat="34.50" lon="118.61"/>
  <node id="3" version="1" lat="34.51" lon="118.61"/>
  <node id="4" version="1" lat="34.51" lon="118.60"/>
  <node id="5" version="1" lat="34.503" lon="118.603"/>
  <node id="6" version="1" lat="34.503" lon="118.606"/>
  <node id="7" version="1" lat="34.506" lon="118.606"/>
  <node id="8" version="1" lat="34.52" lon="118.62">
    <tag k="place" v="village"/><tag k="name" v="Lizhuang"/><tag k="name:zh" v="李庄"/>
  </node>
  <node id="9" version="1" lat="34.52" lon="118.62"><tag k="amenity" v="bench"/></node>
  <way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
  <way id="2" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/></way>
  <way id="3" version="1"><nd ref="1"/><nd ref="8"/>
    <tag k="highway" v="primary"/><tag k="name" v="安平公路"/></way>
  <way id="4" version="1"><nd ref="1"/><nd ref="404"/><tag k="highway" v="primary"/></way>
  <way id="5" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
    <tag k="building" v="yes"/></way>
  <relation id="1" version="1">
    <member type="way" ref="1" role="outer"/><member type="way" ref="2" role="inner"/>
    <tag k="type" v="multipolygon"/><tag k="natural" v="water"/><tag k="name" v="柳湖"/>
  </relation>
</osm>
"""
TEXT = OSM.encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm", TEXT),
        ("a.osm.gz", gzip.compress(TEXT)),
        ("a.osm.bz2", bz2.compress(TEXT)),
    ],
)
def test_an_extract_is_read_however_it_is_packed(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    found = {feature.kind: feature for feature in read_osm(tmp_path / name)}
    assert {kind: (each.category, each.name) for kind, each in found.items()} == {
        "water": ("lake", "柳湖"),
        "road": ("primary", "安平公路"),
        "built": ("block", None),
        "place": ("village", "李庄"),
    }
    assert len(shapely.get_parts(found["water"].geometry)[0].interiors) == 1
    assert shapely.get_coordinates(found["place"].geometry).tolist() == [[118.62, 34.52]]


def test_an_extract_as_protocol_buffers_is_read_as_the_same(tmp_path: Path) -> None:
    text, packed = tmp_path / "a.osm", tmp_path / "a.osm.pbf"
    text.write_bytes(TEXT)
    with osmium.SimpleWriter(packed) as writer:
        for each in osmium.FileProcessor(text):
            writer.add(each)
    assert packed.read_bytes()[:1] != b"<"
    found, expected = (sorted(read_osm(path), key=repr) for path in (packed, text))
    assert [(each.kind, each.name) for each in found] == [
        (each.kind, each.name) for each in expected
    ]
    assert len(found) == 4


@pytest.mark.parametrize("content", [b"not an extract", b"<osm version='0.6'><node", b""])
def test_a_broken_extract_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.osm"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"broken\.osm cannot be read"):
        list(read_osm(path))


def test_an_extract_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        list(read_osm(tmp_path / "gone.pbf"))


def test_a_real_town_is_drawn_with_all_that_is_in_it(real_data: Path) -> None:
    path = real_data / "osm" / "krems.osm.gz"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    features = list(read_osm(path))
    kinds = Counter(feature.kind for feature in features)
    assert kinds["road"] > 800
    assert kinds["built"] > 1_000
    assert min(kinds[kind] for kind in ("water", "green", "farmland", "place")) >= 1
    assert "Krems an der Donau" in {each.name for each in features if each.kind == "place"}


def feature(kind: str, geometry: shapely.Geometry) -> BasemapFeature:
    return BasemapFeature(kind=kind, category="x", geometry=geometry)


FRAME = Frame(west=0, south=0, east=1, north=1)


def test_what_crosses_the_frame_is_cut_and_what_is_outside_left_out() -> None:
    inside, crossing = shapely.box(0.2, 0.2, 0.4, 0.4), shapely.box(0.5, 0.5, 2, 0.7)
    outside = shapely.box(2, 2, 3, 3)
    kept = list(clipped([feature("green", each) for each in (inside, crossing, outside)], FRAME))
    assert [each.geometry.bounds for each in kept] == [
        (0.2, 0.2, 0.4, 0.4),
        (0.5, 0.5, 1.0, 0.7),
    ]


def test_cutting_leaves_no_lines_or_points_of_an_area() -> None:
    # It touches the frame along an edge and enters it elsewhere.
    shape = shapely.Polygon([(1, 0.1), (1, 0.3), (1.2, 0.4), (0.8, 0.6), (1.5, 0.6), (1.5, 0.1)])
    [kept] = clipped([feature("green", shape)], FRAME)
    assert kept.geometry.geom_type == "Polygon"
    assert not list(clipped([feature("green", shapely.box(1, 0, 2, 1))], FRAME))


def test_a_broken_area_is_repaired() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    [kept] = clipped([feature("green", bow_tie)], None)
    assert kept.geometry.is_valid
    assert kept.geometry.area == pytest.approx(0.5)


def test_a_margin_is_as_wide_on_the_ground_in_both_directions() -> None:
    wider = Frame(west=118, south=59.9, east=119, north=60).wider(111.32)
    assert wider.north == pytest.approx(61.0)
    assert wider.east == pytest.approx(121.0, abs=0.01)


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "3,0,1,1", "0,0,1,91"])
def test_a_box_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no box"):
        Frame.parse(text)


@pytest.fixture
def file() -> Callable[..., FeatureFile]:
    def make(geometry: shapely.Geometry, **properties: object) -> FeatureFile:
        return FeatureFile(
            path=Path("roads.shp"),
            crs="wgs84",
            fields=tuple(properties),
            features=(FileFeature(number=1, geometry=geometry, properties=properties),),
        )

    return make


LINE = shapely.LineString([(0, 0), (1, 1)])


def test_a_file_of_the_town_is_what_one_says_it_is(file: Callable[..., FeatureFile]) -> None:
    [road] = features_of_file(
        file(LINE, NAME="文昌路", GRADE="secondary"),
        OwnFields(kind="road", category="minor", class_field="GRADE"),
    )
    assert (road.kind, road.category, road.name) == ("road", "secondary", "文昌路")


def test_a_class_that_the_field_leaves_out_is_the_usual_one(
    file: Callable[..., FeatureFile],
) -> None:
    fields = OwnFields(kind="road", category="minor", class_field="GRADE")
    [road] = features_of_file(file(LINE, GRADE=None), fields)
    assert (road.category, road.name) == ("minor", None)


def test_an_area_may_be_a_place(file: Callable[..., FeatureFile]) -> None:
    [place] = features_of_file(
        file(shapely.box(0, 0, 2, 2), name="李庄"), OwnFields(kind="place", category="village")
    )
    assert place.geometry.geom_type == "Point"


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        (OwnFields(kind="tree"), InvalidInput, "no kind"),
        (OwnFields(kind="road", name_field="NAM"), InvalidInput, "no field 'NAM'"),
        (OwnFields(kind="green"), UnreadableFile, "a LineString cannot be of the kind green"),
    ],
)
def test_what_cannot_be_is_refused(
    file: Callable[..., FeatureFile], fields: OwnFields, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        list(features_of_file(file(LINE, NAME="x"), fields))
