"""One unit's day, 8,640 fixes, as a cleaned track with stops, against MovingPandas on the same day.

Wangge's time is that of all facts of the day (outliers, gaps, trips, lengths, stops, segments, the
grid of every fix among 256, visits), MovingPandas' that of its TrajectoryStopDetector alone, its
trajectory made beforehand. The stops must be the same.
Three kinds of day: on foot with stops, on foot through a day of poor reception, by car.
"""

import sys
import time
import warnings
from datetime import date, timedelta
from typing import Any

import numpy as np
from shapely import MultiPolygon, box

from gis.grid import Grid
from gis.track import Track, TrackParameters, analyse
from gis.tree import GridTree
from patrol.tracks.facts import facts_of
from patrol.tracks.fixes import UnitFixes
from patrol.tracks.grids import Whereabouts

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # movingpandas: optional dependencies that are not needed here
    import geopandas
    import movingpandas
    import pandas

FIXES, EVERY_S = 8640, 10.0
ROUNDS = 5
LIMIT = 20.0
PARAMETERS = TrackParameters()


def main() -> int:
    ratios = []
    tree = squares()
    tree.place_many([118.6], [34.5])  # builds what the first question needs
    for what, speeds_mps, noise_m in (
        ("on foot", (0.0, 0.0, 1.3, 1.3), 4.0),
        ("on foot, poor reception", (0.0, 0.0, 1.3, 1.3), 10.0),
        ("by car", (0.0, 4.0, 8.0, 14.0), 4.0),
    ):
        track = day(speeds_mps, noise_m)
        mine, found = timed(lambda track=track: stops_of_wangge(track, tree), ROUNDS)
        trajectory = trajectory_of(track)
        reference, expected = timed(lambda it=trajectory: stops_of_moving_pandas(it), 1)
        assert found == expected, "the stops are not the same"
        ratios.append(reference / mine)
        print(
            f"{what:24} {len(found):3} stops, {mine * 1e3:5.1f} ms, "
            f"MovingPandas {reference * 1e3:6.0f} ms: {reference / mine:5.1f} times faster"
        )
    grow()
    print(f"at least {min(ratios):.1f} times faster, same stops; must reach {LIMIT:g}")
    return 0 if min(ratios) >= LIMIT else 1


def grow() -> None:
    """Cleaning, stops, gaps and trips of ever longer tracks."""
    for days in (1, 10, 100):
        track = day((0.0, 0.0, 1.3, 1.3), 4.0, days=days)
        seconds, _ = timed(lambda track=track: [analyse(track)], 3)
        print(f"{days:3} days in one track: {seconds * 1e6 / len(track):.2f} µs a fix")


def day(speeds_mps: tuple[float, ...], noise_m: float, *, days: int = 1) -> Track:
    """Stretches of 3 to 30 minutes at one speed, the heading wandering."""
    random = np.random.default_rng(20261122)
    fixes = days * FIXES
    lengths = random.integers(18, 180, fixes)
    speed = np.repeat(random.choice(speeds_mps, fixes), lengths)[:fixes]
    heading = np.cumsum(random.normal(0, 0.1, fixes))
    east = np.cumsum(speed * EVERY_S * np.sin(heading)) + random.normal(0, noise_m, fixes)
    north = np.cumsum(speed * EVERY_S * np.cos(heading)) + random.normal(0, noise_m, fixes)
    t_s = 1_763_769_600 + np.arange(fixes) * EVERY_S
    return Track.of(t_s, 118.6 + east / 91_800, 34.5 + north / 110_900)


def squares() -> GridTree:
    """Grids of 2 km around where the days begin."""
    return GridTree(
        Grid(
            code=f"{x:02}{y:02}",
            name="",
            level=2,
            parent_code=None,
            geometry=MultiPolygon([box(west, south, west + 0.02, south + 0.02)]),
        )
        for x in range(16)
        for y in range(16)
        for west, south in [(118.44 + x * 0.02, 34.34 + y * 0.02)]
    )


def stops_of_wangge(track: Track, tree: GridTree) -> list[tuple[float, float]]:
    grid_id = tree.place_many(track.lon, track.lat).astype(np.int64) + 1
    facts = facts_of(
        UnitFixes(unit_id=1, track=track, grid_id=grid_id),
        date(2025, 11, 22),
        Whereabouts(grid_id=grid_id, edition_id=np.ones_like(grid_id)),
    )
    assert facts.unit_day is not None
    assert facts.unit_day.flagged == 0, "the days have no outliers: MovingPandas would keep them"
    assert facts.visits
    return [(begin.timestamp(), end.timestamp()) for begin, end, *_ in facts.stops]


def trajectory_of(track: Track) -> Any:
    frame = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(track.lon, track.lat),
        crs=4326,
        index=pandas.to_datetime(track.t_s, unit="s"),
    )
    return movingpandas.Trajectory(frame, 1)


def stops_of_moving_pandas(trajectory: Any) -> list[tuple[float, float]]:
    ranges = movingpandas.TrajectoryStopDetector(trajectory).get_stop_time_ranges(
        PARAMETERS.stop_diameter_m, timedelta(seconds=PARAMETERS.stop_s)
    )
    return [(each.t_0.timestamp(), each.t_n.timestamp()) for each in ranges]


def timed(run: Any, rounds: int) -> tuple[float, Any]:
    """The shortest of several times, and the answer."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - started)
    return min(times), answer


if __name__ == "__main__":
    sys.exit(main())
