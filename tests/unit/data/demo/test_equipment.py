import re
from collections import Counter

import shapely


def test_there_are_212_cameras_of_three_networks(town, another_town):
    for some in (town, another_town):
        assert len(some.cameras) == 212
        assert Counter(camera.network for camera in some.cameras).keys() == {
            "comprehensive",
            "skyeye",
            "landwatch",
        }
        assert len({(camera.lon, camera.lat) for camera in some.cameras}) == 212
        assert len({camera.name for camera in some.cameras}) == 212


def test_camera_codes_have_the_form_of_gb_t_28181(town):
    codes = [camera.code for camera in town.cameras]
    assert len(set(codes)) == 212
    assert all(re.fullmatch(r"32992210(00|01|40)1320\d{6}", code) for code in codes)


def test_cameras_look_somewhere_and_most_of_them_work(town):
    for camera in town.cameras:
        assert camera.kind in ("dome", "bullet")
        assert 0 <= camera.bearing_deg < 360
        assert 0 < camera.fov_deg <= 360
        assert 40 <= camera.range_m <= 1_500
        assert 3 <= camera.height_m <= 40
    offline = sum(camera.state == "offline" for camera in town.cameras)
    assert 0 < offline < 30


def test_cameras_and_facilities_stand_in_the_town(town):
    points = shapely.points([(item.lon, item.lat) for item in (*town.cameras, *town.facilities)])
    assert (shapely.distance(points, town.outline) < 1e-3).all()


def test_facilities_are_of_eight_kinds_with_codes_of_their_own(town):
    kinds = Counter(facility.kind for facility in town.facilities)
    assert len(kinds) == 8
    assert kinds["street_lamp"] > 500
    assert kinds["clinic"] == 26
    assert 1_000 < len(town.facilities) < 4_000
    assert len({facility.code for facility in town.facilities}) == len(town.facilities)
