import numpy as np
import pytest

from data.demo.patrols.beats import ON_FOOT, Beat
from data.demo.patrols.receiver import Receiver
from data.demo.patrols.walking import WALK, Motion, Walker

BEGAN_S = 1_795_000_000.0
HOURS_S = BEGAN_S + np.arange(1.0, 3 * 3_600.0, 10.0)


@pytest.fixture(scope="module")
def beat(town):
    return Beat(town.roads, ON_FOOT, places=20, home=frozenset({30}), rng=np.random.default_rng(30))


def walker(beat, seed=1, **start):
    return Walker(beat, WALK, np.random.default_rng(seed), began_s=BEGAN_S, **start)


def test_nobody_walks_faster_than_a_person_does(beat):
    motion = walker(beat).motion(HOURS_S)
    paces = np.hypot(*np.diff(motion.points, axis=0).T) / np.diff(HOURS_S)
    assert paces.max() <= WALK.speed_mps[1] + 1e-6
    assert motion.speed_mps.max() <= WALK.speed_mps[1] + 1e-6


def test_a_patrol_walks_pauses_and_walks_on(beat):
    standing = walker(beat).motion(HOURS_S).speed_mps == 0.0
    assert 0.1 < standing.mean() < 0.8
    changes = np.flatnonzero(np.diff(standing.astype(int)))
    assert len(changes) > 6
    longest_s = np.diff(changes).max() * 10.0
    assert longest_s >= WALK.stop_s[0] - 20.0


def test_one_who_stands_has_no_heading_and_one_who_walks_has(beat):
    motion = walker(beat).motion(HOURS_S)
    assert (np.isnan(motion.heading_deg) == (motion.speed_mps == 0.0)).all()


def test_asking_often_or_once_gives_the_same_walk(beat):
    at_once = walker(beat).motion(HOURS_S)
    step_by_step = walker(beat)
    points = np.vstack(
        [step_by_step.motion(HOURS_S[i : i + 1]).points for i in range(len(HOURS_S))]
    )
    assert np.allclose(points, at_once.points, atol=1e-6)


def test_another_generator_walks_another_way(beat):
    one, other = walker(beat, seed=1), walker(beat, seed=2)
    assert not np.allclose(one.motion(HOURS_S).points, other.motion(HOURS_S).points)


def test_a_walk_begins_where_it_is_told_to(beat, town):
    place = int(beat.places[3])
    motion = walker(beat, start=place).motion(np.array([BEGAN_S]))
    assert np.allclose(motion.points[0], town.roads.nodes[place])


def test_fixes_err_by_a_few_metres_and_drift(town):
    still = Motion(
        points=np.zeros((5_000, 2)),
        speed_mps=np.zeros(5_000),
        heading_deg=np.full(5_000, np.nan),
    )
    receiver = Receiver(town.plane, np.random.default_rng(1), error_m=5.0, drain_pct_h=6.0)
    fixes = receiver.fixes(BEGAN_S + np.arange(5_000.0), still)
    errors = town.plane.to_metres(np.column_stack([fixes.lon, fixes.lat]))
    assert 3.0 < np.sqrt((errors**2).sum(axis=1).mean()) < 8.0
    assert np.hypot(*np.diff(errors, axis=0).T).mean() < 2.0
    assert (fixes.speed_mps == 0.0).all()
    assert np.isnan(fixes.heading_deg).all()
    assert ((fixes.accuracy_m >= 2.5) & (fixes.accuracy_m <= 25.0)).all()


def test_a_battery_drains_with_time_and_a_vehicle_has_none(town, beat):
    hour_s = BEGAN_S + np.arange(0.0, 3_601.0, 60.0)
    motion = walker(beat).motion(hour_s)
    phone = Receiver(town.plane, np.random.default_rng(1), error_m=4.0, drain_pct_h=6.0)
    battery = phone.fixes(hour_s, motion).battery_pct
    assert battery[0] - battery[-1] == pytest.approx(6.0, abs=0.2)
    later = phone.fixes(hour_s[-1:] + 3_600.0, walker(beat).motion(hour_s[-1:] + 3_600.0))
    assert battery[-1] - later.battery_pct[0] == pytest.approx(6.0, abs=0.2)
    terminal = Receiver(town.plane, np.random.default_rng(1), error_m=4.0, drain_pct_h=0.0)
    assert np.isnan(terminal.fixes(hour_s, motion).battery_pct).all()
