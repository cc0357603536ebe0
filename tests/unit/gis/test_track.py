import datetime
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.errors import InvalidInput
from gis.track import Flag, Track, TrackParameters, analyse, flags, gaps, stops

LON_M, LAT_M = 1 / 85_394, 1 / 111_035
"""A metre in degrees at 40 N."""


def track(*fixes: tuple[float, float, float]) -> Track:
    """Fixes of (seconds, metres east, metres north)."""
    t_s, east, north = np.array(fixes, float).reshape(-1, 3).T
    return Track.of(1.7e9 + t_s, 116 + east * LON_M, 40 + north * LAT_M)


def walk_then_rest() -> list[tuple[float, float, float]]:
    """Walk 600 m east at 1.5 m/s with a fix each 10 s, then stay for ten minutes."""
    walk = [(i * 10.0, i * 15.0, 0.0) for i in range(41)]
    return walk + [(410 + i * 10.0, 600.0 + (i % 3) * 3, (i % 2) * 3.0) for i in range(61)]


def test_a_walk_and_a_rest_are_a_trip_and_a_stop() -> None:
    analysis = analyse(track(*walk_then_rest()))
    [trip], [stop] = analysis.trips, analysis.stops
    assert analysis.gaps == ()
    assert stop.duration_s >= 600
    assert stop.lon == pytest.approx(116 + 603 * LON_M, abs=4 * LON_M)
    assert trip.to_s == stop.from_s
    assert trip.length_m == pytest.approx(analysis.length_m)
    # The stop begins within its diameter of where the walk ends.
    assert 490 < analysis.length_m <= 601
    assert analysis.moving_s + analysis.stopped_s == 1010


def test_silence_is_a_gap_between_two_trips() -> None:
    before = [(i * 10.0, i * 20.0, 0.0) for i in range(10)]
    after = [(2000 + i * 10.0, 2000 + i * 20.0, 0.0) for i in range(10)]
    analysis = analyse(track(*before, *after))
    [gap] = analysis.gaps
    assert (gap.before, gap.after, gap.duration_s) == (9, 10, 1910)
    assert [len(trip.fixes) for trip in analysis.trips] == [10, 10]
    assert analysis.length_m == pytest.approx(360, rel=1e-3)
    assert analysis.gap_s == 1910


def test_a_silence_as_long_as_the_limit_is_no_gap() -> None:
    steps = track((0, 0, 0), (300, 0, 0), (600.5, 0, 0))
    assert [gap.before for gap in gaps(steps)] == [1]


def test_a_gap_inside_a_stop_is_still_a_gap() -> None:
    rest = [(i * 10.0, i % 2 * 3.0, 0.0) for i in range(40)]
    later = [(4000 + i * 10.0, i % 2 * 3.0, 0.0) for i in range(40)]
    analysis = analyse(track(*rest, *later))
    assert len(analysis.stops) == 1
    assert analysis.gap_s == 4000 - 390
    assert analysis.stopped_s == 390 * 2
    assert analysis.trips == ()


def test_a_spike_is_flagged_and_not_dropped() -> None:
    fixes = [(i * 10.0, i * 15.0, 0.0) for i in range(30)]
    fixes[12] = (120.0, 180.0, 5000.0)
    spiked = track(*fixes)
    analysis = analyse(spiked)
    assert np.flatnonzero(analysis.flags).tolist() == [12]
    assert analysis.flags[12] == Flag.SPEED
    assert len(analysis.flags) == len(spiked)
    assert analysis.length_m == pytest.approx(29 * 15, rel=1e-3)
    assert all(12 not in trip.fixes for trip in analysis.trips)


def test_a_short_jump_there_and_back_is_flagged_whole() -> None:
    fixes = [(i * 10.0, i * 15.0, 0.0) for i in range(60)]
    for i in (20, 21, 22, 23):
        fixes[i] = (i * 10.0, i * 15.0, 5000.0)
    found = flags(track(*fixes))
    assert np.flatnonzero(found).tolist() == [20, 21, 22, 23]
    assert set(found[20:24].tolist()) == {Flag.JUMP}


def test_who_stays_where_they_jumped_to_was_there() -> None:
    here = [(i * 10.0, 0.0, 0.0) for i in range(60)]
    there = [(600 + i * 10.0, 50_000.0, 0.0) for i in range(60)]
    assert not flags(track(*here, *there)).any()


@pytest.mark.parametrize("wrong", [0, 29])
def test_a_wrong_first_or_last_fix_is_flagged(wrong: int) -> None:
    fixes = [(i * 10.0, i * 15.0, 0.0) for i in range(30)]
    fixes[wrong] = (wrong * 10.0, 9000.0, 9000.0)
    assert np.flatnonzero(flags(track(*fixes))).tolist() == [wrong]


def test_an_inaccurate_fix_is_flagged_and_an_unknown_accuracy_is_not() -> None:
    fixes = Track.of([0, 10, 20], [116] * 3, [40] * 3, [500, np.nan, 20])
    assert flags(fixes).tolist() == [Flag.INACCURATE, 0, 0]


def test_a_second_fix_of_the_same_time_is_flagged() -> None:
    assert flags(track((0, 0, 0), (10, 0, 0), (10, 5, 0))).tolist() == [0, 0, Flag.REPEATED]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_next_to_no_fixes_say_next_to_nothing(count: int) -> None:
    analysis = analyse(track(*[(i * 10.0, i * 15.0, 0.0) for i in range(count)]))
    assert len(analysis.flags) == count
    assert analysis.stops == analysis.gaps == ()
    assert len(analysis.trips) == (count == 2)


def test_columns_that_cannot_be_a_track_are_refused() -> None:
    one, two = np.array([0.0]), np.array([0.0, 1.0])
    with pytest.raises(InvalidInput, match="same length"):
        Track.of(two, one, two)
    with pytest.raises(InvalidInput, match="not a number"):
        Track.of(one, one, np.array([np.nan]))
    with pytest.raises(InvalidInput, match="order of time"):
        Track(t_s=two[::-1], lon=two, lat=two, accuracy_m=two)


@pytest.mark.parametrize("name", ["max_speed_mps", "gap_s", "stop_diameter_m", "stop_s"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_parameters_are_positive(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        TrackParameters(**{name: value})
    assert caught.value.field == name


@st.composite
def wandering(draw: st.DrawFn, longest: int = 120) -> Track:
    """Rests, walks, drives, spikes and silences, on coordinates of a few digits."""
    seed = draw(st.integers(0, 2**32 - 1))
    count = draw(st.integers(0, longest))
    random = np.random.default_rng(seed)
    speed = np.repeat(random.choice([0.0, 0.0, 0.5, 1.4, 12.0], count // 8 + 1), 8)[:count]
    heading = np.cumsum(random.normal(0, 0.4, count))
    step_s = random.choice([0.0, 0.5, 1.0, 10.0, 10.0, 10.0, 60.0, 900.0], count)
    noise = draw(st.sampled_from([0.0, 1e-5, 1e-4]))
    lon = 116 + np.cumsum(speed * 10 * np.sin(heading)) * LON_M + random.normal(0, noise, count)
    lat = 40 + np.cumsum(speed * 10 * np.cos(heading)) * LAT_M + random.normal(0, noise, count)
    lat[random.random(count) < 0.02] += 0.3
    digits = draw(st.sampled_from([4, 5, 9]))
    return Track.of(1.7e9 + np.cumsum(step_s), lon.round(digits), lat.round(digits))


@given(wandering(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(fixes: Track, random: object) -> None:
    order = np.arange(len(fixes))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = Track.of(fixes.t_s[order], fixes.lon[order], fixes.lat[order])
    a, b = analyse(fixes), analyse(shuffled)
    assert a.stops == b.stops
    assert a.gaps == b.gaps
    assert a.flags.tolist() == b.flags.tolist()
    assert [t.fixes.tolist() for t in a.trips] == [t.fixes.tolist() for t in b.trips]


@given(wandering())
def test_every_second_is_moving_stopped_or_silent(fixes: Track) -> None:
    analysis = analyse(fixes)
    believed = fixes.t_s[analysis.flags == 0]
    whole = believed[-1] - believed[0] if len(believed) else 0.0
    parts = analysis.moving_s + analysis.stopped_s + analysis.gap_s
    assert parts == pytest.approx(whole, abs=1e-3)
    assert sum(trip.to_s - trip.from_s for trip in analysis.trips) == pytest.approx(
        analysis.moving_s, abs=1e-3
    )
    assert sum(trip.length_m for trip in analysis.trips) == pytest.approx(analysis.length_m)


@settings(max_examples=60)
@given(
    wandering(longest=200),
    st.sampled_from([20.0, 50.0, 100.0, 300.0]),
    st.sampled_from([20.0, 60.0, 300.0]),
)
def test_the_stops_are_those_of_moving_pandas(
    fixes: Track, diameter_m: float, duration_s: float
) -> None:
    parameters = TrackParameters(stop_diameter_m=diameter_m, stop_s=duration_s)
    fixes = _out_of_line(fixes)
    found = [(stop.from_s, stop.to_s) for stop in stops(fixes, parameters=parameters)]
    assert found == _moving_pandas_stops(fixes, parameters)


def test_the_stops_of_real_tracks_are_those_of_moving_pandas(real_data: Path) -> None:
    parameters = TrackParameters()
    paths = sorted((real_data / "geolife_dev" / "Data").glob("*/Trajectory/*.plt"))
    short = [path for path in paths if path.stat().st_size < 40_000]
    assert len(short) > 20
    for path in short[::3]:
        fixes = _read_plt(path)
        analysis = analyse(fixes, parameters=parameters)
        believed = analysis.flags == 0
        clean = Track.of(fixes.t_s[believed], fixes.lon[believed], fixes.lat[believed])
        found = [(stop.from_s, stop.to_s) for stop in analysis.stops]
        assert found == _moving_pandas_stops(clean, parameters), path.name


def test_real_tracks_show_their_known_oddities(real_data: Path) -> None:
    path = real_data / "geolife_dev" / "Data" / "010" / "Trajectory" / "20070905163053.plt"
    assert (flags(_read_plt(path)) == Flag.REPEATED).sum() == 124


def _out_of_line(fixes: Track) -> Track:
    """By a millimetre at most: of fixes exactly in line GEOS 3.14 may give a rectangle around half."""
    nudge_deg = 1e-8 * np.sin(np.arange(len(fixes)) ** 2)
    return Track.of(fixes.t_s, fixes.lon + nudge_deg, fixes.lat + nudge_deg[::-1])


def _moving_pandas_stops(fixes: Track, parameters: TrackParameters) -> list[tuple[float, float]]:
    if len(fixes) < 2 or fixes.t_s[0] == fixes.t_s[-1]:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import geopandas
        import movingpandas
        import pandas

        frame = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(fixes.lon, fixes.lat),
            crs=4326,
            index=pandas.to_datetime(fixes.t_s, unit="s"),
        )
        detector = movingpandas.TrajectoryStopDetector(movingpandas.Trajectory(frame, 1))
        ranges = detector.get_stop_time_ranges(
            parameters.stop_diameter_m, datetime.timedelta(seconds=parameters.stop_s)
        )
        return [(each.t_0.timestamp(), each.t_n.timestamp()) for each in ranges]


def _read_plt(path: Path) -> Track:
    rows = [line.split(",") for line in path.read_text().splitlines()[6:]]
    columns: NDArray[np.float64] = np.array(
        [
            (
                datetime.datetime.fromisoformat(f"{row[5]}T{row[6].strip()}+00:00").timestamp(),
                float(row[1]),
                float(row[0]),
            )
            for row in rows
        ]
    ).reshape(-1, 3)
    return Track.of(*columns.T)
