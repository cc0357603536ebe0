import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.demo.land.plane import Plane
from gis.geodesy import distance_m

PLANE = Plane(lon=118.6, lat=34.5)
metres = st.floats(-8_000, 8_000)


@given(metres, metres)
def test_what_goes_to_degrees_comes_back_to_the_centimetre(x, y):
    back = PLANE.to_metres(PLANE.to_lonlat(np.array([[x, y]])))[0]
    assert np.hypot(*(back - (x, y))) < 0.015


@given(metres, metres)
def test_metres_of_the_plane_are_metres_on_the_ground(x, y):
    lon, lat = PLANE.to_lonlat(np.array([[x, y]]))[0]
    on_the_ground = float(distance_m(PLANE.lon, PLANE.lat, lon, lat))
    # The other side measures on a sphere, which alone is worth three parts in a thousand.
    assert abs(on_the_ground - np.hypot(x, y)) <= 0.005 * np.hypot(x, y) + 0.02
