from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.demo.simulation import Simulation
from gis.geodesy import distance_m

BEGAN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def test_everyone_reports_and_most_of_them_move(town):
    simulation = Simulation(town, began_at=BEGAN)
    assert len(simulation.units) == 139
    first = list(simulation.fixes_at(BEGAN))
    later = list(simulation.fixes_at(BEGAN + timedelta(minutes=5)))
    assert [fix.unit for fix in later] == list(simulation.units)
    moved = [
        distance_m(a.lon, a.lat, b.lon, b.lat) > 30.0 for a, b in zip(first, later, strict=True)
    ]
    assert sum(moved) > 50


def test_only_the_units_asked_for_report(town):
    simulation = Simulation(town, began_at=BEGAN, units=["GW-03", "VH-01"])
    assert [fix.unit for fix in simulation.fixes_at(BEGAN)] == ["GW-03", "VH-01"]
    assert [fix.unit for fix in simulation.fixes_at(BEGAN, ["VH-01"])] == ["VH-01"]


def test_a_unit_goes_on_from_where_it_was_last_seen(town):
    place = town.settlements[30]
    last_seen = town.plane.to_lonlat(np.array([[place.x, place.y]]))[0]
    unit = next(u for u in town.workforce.units if u.grid_code == town.level_2[30].code)
    simulation = Simulation(
        town, began_at=BEGAN, units=[unit.code], last_seen={unit.code: tuple(last_seen)}
    )
    [fix] = simulation.fixes_at(BEGAN)
    assert distance_m(fix.lon, fix.lat, *last_seen) < 250.0


def test_what_is_unknown_is_none_and_nothing_else(town):
    simulation = Simulation(town, began_at=BEGAN, units=["VH-01", "GW-01"])
    for minute in range(1, 40):
        for fix in simulation.fixes_at(BEGAN + timedelta(minutes=minute)):
            assert (fix.heading_deg is None) == (fix.speed_mps == 0.0)
            assert (fix.battery_pct is None) == (fix.unit == "VH-01")


@pytest.mark.parametrize("seed", [None, 5])
def test_the_same_simulation_goes_the_same_way(town, seed):
    def run():
        simulation = Simulation(town, began_at=BEGAN, units=["GW-05"], seed=seed)
        return [list(simulation.fixes_at(BEGAN + timedelta(seconds=s))) for s in (0, 60, 600)]

    assert run() == run()
