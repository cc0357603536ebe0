from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
import shapely

from data.demo.patrols.history import patrol_history


def of_grid_staff(town, patrols):
    area = {grid.code: grid.geometry for grid in town.grids}
    for patrol in patrols:
        if patrol.shift.unit.grid_code is not None:
            yield patrol, area[patrol.shift.unit.grid_code]


def test_people_stay_in_their_own_grid(town, patrols):
    shares = []
    for patrol, area in of_grid_staff(town, patrols):
        shapely.prepare(area)
        shares.append(shapely.contains_xy(area, patrol.fixes.lon, patrol.fixes.lat).mean())
    assert np.mean(shares) > 0.98
    assert min(shares) > 0.75


def test_speeds_are_those_of_feet_bicycles_and_cars(town, patrols):
    fastest = defaultdict(float)
    for patrol in patrols:
        points = town.plane.to_metres(np.column_stack([patrol.fixes.lon, patrol.fixes.lat]))
        steps = np.hypot(*np.diff(points, axis=0).T) / np.diff(patrol.fixes.at_s)
        kind = patrol.shift.unit.code[:2]
        fastest[kind] = max(fastest[kind], steps.max())
    assert fastest["GW"] < 2.5
    assert fastest["EO"] < 6.5
    assert 8.0 < fastest["VH"] < 14.0


def test_fixes_come_at_regular_intervals_inside_the_shift(patrols, now):
    for patrol in patrols:
        at_s = patrol.fixes.at_s
        usual_s = 10.0 if patrol.shift.unit.kind == "vehicle" else 30.0
        assert (np.diff(at_s) % usual_s == 0).all()
        assert np.median(np.diff(at_s)) == usual_s
        assert at_s[0] >= patrol.shift.began_at.timestamp()
        assert at_s[-1] <= (patrol.shift.ended_at or now).timestamp()


def test_a_unit_is_never_on_two_shifts_at_once(patrols):
    shifts = defaultdict(list)
    for patrol in patrols:
        shifts[patrol.shift.unit.code].append(patrol.shift)
    for mine in shifts.values():
        for before, after in pairwise(mine):
            assert before.ended_at is not None
            assert before.ended_at <= after.began_at


@pytest.mark.parametrize("hour", [0, 7, 18])
def test_most_are_out_with_a_track_of_the_last_hour_whatever_the_hour(town, hour):
    now = datetime(2026, 11, 22, hour, 20, tzinfo=UTC)
    out = [p for p in patrol_history(town, now=now, days=0) if p.shift.ended_at is None]
    assert len(out) > 70
    assert {patrol.shift.unit.code[:2] for patrol in out} == {
        *("GC", "GW", "IN", "LI", "PA", "EO", "VH")
    }
    fresh = [now.timestamp() - patrol.fixes.at_s[-1] <= 30.0 for patrol in out]
    assert 0.8 < np.mean(fresh) < 1.0
    assert all(patrol.fixes.at_s[0] < now.timestamp() - 3_600 for patrol in out)


def test_most_shifts_are_on_working_days_and_some_in_the_evening(patrols):
    hours = [
        (patrol.shift.began_at.hour + 8) % 24
        for patrol in patrols
        if patrol.shift.ended_at is not None
    ]
    assert 0.02 < np.mean([hour >= 17 for hour in hours]) < 0.4
    assert not [hour for hour in hours if hour < 7]


def test_the_same_seed_walks_the_same_month_and_another_another(town, now):
    def first(seed):
        patrol = next(patrol_history(town, now=now, seed=seed, days=3))
        return patrol.shift.unit.code, patrol.fixes.lon.tolist(), patrol.fixes.at_s.tolist()

    assert first(1) == first(1)
    assert first(1) != first(2)
