import pytest

from data.basemap.tags import area_drawn, line_drawn, name_of, point_drawn


@pytest.mark.parametrize(
    ("tags", "drawn"),
    [
        ({"natural": "water"}, ("water", "lake")),
        ({"natural": "water", "water": "pond"}, ("water", "pond")),
        ({"waterway": "riverbank"}, ("water", "river")),
        ({"landuse": "forest"}, ("green", "wood")),
        ({"leisure": "park"}, ("green", "park")),
        ({"landuse": "farmland"}, ("farmland", "field")),
        ({"landuse": "residential"}, ("built", "residential")),
        ({"building": "yes", "leisure": "park"}, ("built", "block")),
        ({"building": "no", "leisure": "park"}, ("green", "park")),
        ({"landuse": "military"}, None),
        ({"highway": "residential"}, None),
    ],
)
def test_areas(tags: dict[str, str], drawn: tuple[str, str] | None) -> None:
    assert area_drawn(tags) == drawn


@pytest.mark.parametrize(
    ("tags", "drawn"),
    [
        ({"highway": "motorway_link"}, ("road", "motorway")),
        ({"highway": "residential"}, ("road", "minor")),
        ({"highway": "footway"}, ("road", "path")),
        ({"highway": "pedestrian", "area": "yes"}, None),
        ({"highway": "proposed"}, None),
        ({"railway": "rail"}, ("road", "rail")),
        ({"railway": "subway"}, None),
        ({"waterway": "drain"}, ("water", "ditch")),
        ({"waterway": "stream", "tunnel": "culvert"}, None),
        ({"natural": "water"}, None),
    ],
)
def test_lines(tags: dict[str, str], drawn: tuple[str, str] | None) -> None:
    assert line_drawn(tags) == drawn


def test_a_place_has_a_name() -> None:
    assert point_drawn({"place": "village", "name": "李庄"}) == ("place", "village")
    assert point_drawn({"place": "district", "name": "海州区"}) == ("place", "county")
    assert point_drawn({"place": "village"}) is None
    assert point_drawn({"place": "ocean", "name": "东海"}) is None


def test_the_chinese_name_is_preferred() -> None:
    assert name_of({"name": "Lhasa", "name:zh": "拉萨"}) == "拉萨"
    assert name_of({"name": "安和镇"}) == "安和镇"
    assert name_of({}) is None
