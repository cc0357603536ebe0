import pytest
import shapely

from gis.errors import InvalidInput
from gis.geojson import feature, feature_collection, geojson_to_geometry, geometry_to_geojson


def test_coordinates_are_lon_lat_to_seven_digits() -> None:
    assert geometry_to_geojson(shapely.Point(116.123456789, 39.1)) == {
        "type": "Point",
        "coordinates": [116.1234568, 39.1],
    }


def test_a_geometry_comes_back() -> None:
    square = shapely.MultiPolygon([shapely.box(116, 39, 117, 40)])
    assert geojson_to_geometry(geometry_to_geojson(square)).equals(square)


@pytest.mark.parametrize("nonsense", [{}, {"type": "Blob"}, {"type": "Point"}, {"type": object()}])
def test_what_is_not_geojson_is_refused(nonsense: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="GeoJSON"):
        geojson_to_geometry(nonsense)


def test_a_feature_without_geometry_or_id_is_still_a_feature() -> None:
    assert feature(None, {"a": 1}) == {"type": "Feature", "geometry": None, "properties": {"a": 1}}
    assert feature(None, {}, id="x")["id"] == "x"


def test_a_collection_takes_members_beside_its_features() -> None:
    collection = feature_collection([feature(None, {})], seq=7)
    assert collection["type"] == "FeatureCollection"
    assert len(collection["features"]) == 1
    assert collection["seq"] == 7
