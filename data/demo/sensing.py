"""What watches the town by itself: sensors with their readings and thresholds, suspected changes, and a
video round.

They are stored as `patrol.sensors`, `patrol.changes` and `layers.cameras` read them, which `data` must
not import; a test reads them there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from shapely import Polygon

from data.demo.cameras import SKYEYE
from data.demo.cases.casework import SYSTEM
from data.demo.cases.complaints import TOPICS
from data.demo.cases.incidents import CaseRecord
from data.demo.town import Town
from gis.geodesy import metres_per_degree

# The kind of sensor, the facilities that carry some, how many do, and the beginning of their codes.
_KINDS = (
    ("manhole", "manhole", 16, "JG"),
    ("lamp", "street_lamp", 12, "LD"),
    ("pipe", "hydrant", 6, "GW"),
    ("smoke", "school", 4, "YG"),
)
_EVERY, _READINGS = timedelta(minutes=30), 48
_LASTS = timedelta(minutes=12)
_PEAK_M = 1.46
_CHANGES = 4
_ROUND_STOPS, _DWELL_S = 8, 15

RULES: tuple[Mapping[str, Any], ...] = (
    {
        "name": "窨井水位过高", "kind": "manhole", "quantity": "water_level_m", "direction": "above",
        "threshold": 1.2, "clears_at": 1.0, "for_s": 600, "category": "facility.manhole",
    },
    {
        "name": "烟雾浓度过高", "kind": "smoke", "quantity": "smoke_ppm", "direction": "above",
        "threshold": 100.0, "clears_at": 60.0, "for_s": 0, "category": "safety.fire",
    },
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoSensor:
    """`readings` are pairs of a time and numbers by quantity, the oldest first."""

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    readings: tuple[tuple[datetime, Mapping[str, float]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoAlarm:
    """A sensor is beyond the first of RULES since `begun_at`, in a case."""

    sensor: str
    begun_at: datetime
    peak: float
    case_number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoChange:
    """An area (EPSG:4326) in which something seems to be built, and its case."""

    area: Polygon
    score: float
    found_at: datetime
    case_number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensed:
    """`cases` are all of the town; those that a sensor or a picture made say so."""

    cases: list[CaseRecord]
    sensors: tuple[DemoSensor, ...]
    alarms: tuple[DemoAlarm, ...]
    changes: tuple[DemoChange, ...]


def sense(town: Town, cases: Sequence[CaseRecord], *, now: datetime, seed: int) -> Sensed:
    """The same for the same town, cases in the order of their reports, `now` and seed."""
    rng = np.random.default_rng([seed, 5])
    told = {case.number: case for case in cases}
    alarms, extra = [], []
    if cases:
        sensor, alarm, case = _alarm(cases[-1])
        told[case.number] = case
        alarms, extra = [alarm], [sensor]
    changes = []
    for case in [case for case in told.values() if _is_building(case)][-_CHANGES:]:
        change, told[case.number] = _change(case, rng)
        changes.append(change)
    return Sensed(
        cases=list(told.values()),
        sensors=(*extra, *_sensors(town, now, rng)),
        alarms=tuple(alarms),
        changes=tuple(changes),
    )


def video_stops(town: Town) -> list[dict[str, Any]]:
    """Cameras of the town's middle, one after the other."""
    codes = [camera.code for camera in town.cameras if camera.network == SKYEYE]
    return [{"camera": code, "dwell_s": _DWELL_S} for code in codes[:_ROUND_STOPS]]


def _sensors(town: Town, now: datetime, rng: np.random.Generator) -> Iterator[DemoSensor]:
    """Spread over the facilities of their kind. The last lamp is silent; the last pipe never spoke."""
    for kind, facility_kind, count, prefix in _KINDS:
        places = [each for each in town.facilities if each.kind == facility_kind]
        chosen = places[:: max(1, len(places) // count)][:count]
        for number, place in enumerate(chosen, start=1):
            is_last = number == len(chosen)
            until = now - timedelta(days=2) if kind == "lamp" and is_last else now
            never = kind == "pipe" and is_last
            yield DemoSensor(
                code=f"{prefix}-{number:05d}",
                kind=kind,
                name=place.name,
                lon=place.lon,
                lat=place.lat,
                readings=() if never else tuple(_readings(kind, until, rng)),
            )


def _readings(
    kind: str, until: datetime, rng: np.random.Generator
) -> Iterator[tuple[datetime, Mapping[str, float]]]:
    level, battery = rng.uniform(0.15, 0.6), rng.uniform(55, 100)
    for ago in range(_READINGS, 0, -1):
        wobble = float(rng.normal(0.0, 0.02))
        by_kind: dict[str, dict[str, float]] = {
            "manhole": {"water_level_m": round(level + wobble, 2), "cover_open": 0},
            "lamp": {"voltage_v": round(221 + 60 * wobble, 1)},
            "pipe": {"pressure_kpa": round(310 + 200 * wobble)},
            "smoke": {"smoke_ppm": round(18 + 100 * abs(wobble)), "temperature_c": 21},
        }
        at = until.replace(second=0, microsecond=0) - _EVERY * ago
        yield at, {**by_kind[kind], "battery_pct": round(battery)}


def _alarm(case: CaseRecord) -> tuple[DemoSensor, DemoAlarm, CaseRecord]:
    """The newest report becomes that of a manhole whose water has risen, and nobody has looked at it."""
    begun_at, code = case.reported_at - _LASTS, "JG-00100"
    topic = next(topic for topic in TOPICS if topic.category == RULES[0]["category"])
    limit = RULES[0]["threshold"]
    description = f"{RULES[0]['name']}：水位 {_PEAK_M} 米，超过 {limit} 米"
    sensor = DemoSensor(
        code=code,
        kind="manhole",
        name="低洼处窨井",
        lon=case.lon,
        lat=case.lat,
        readings=tuple(
            (at, {"water_level_m": level, "cover_open": 0, "battery_pct": 81})
            for at, level in (
                (begun_at - _EVERY, 0.83),
                (begun_at, 1.31),
                (case.reported_at, _PEAK_M),
            )
        ),
    )
    alarm = DemoAlarm(sensor=code, begun_at=begun_at, peak=_PEAK_M, case_number=case.number)
    steps = (replace(case.steps[0], actor=SYSTEM),)
    reported = replace(
        case, source="sensor", topic=topic, description=description, reporter=None, steps=steps
    )
    return sensor, alarm, reported


def _is_building(case: CaseRecord) -> bool:
    return case.topic.category == "order.construction" and case.state not in ("closed", "void")


def _change(case: CaseRecord, rng: np.random.Generator) -> tuple[DemoChange, CaseRecord]:
    per_lon, per_lat = metres_per_degree(case.lat)
    length, width, turn = rng.uniform(24, 60), rng.uniform(12, 30), rng.uniform(0, np.pi)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [length / 2, width / 2]
    turned = corners @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    area = Polygon(turned / [per_lon, per_lat] + [case.lon, case.lat])
    score = round(float(rng.uniform(0.55, 0.95)), 2)
    change = DemoChange(area=area, score=score, found_at=case.reported_at, case_number=case.number)
    size = f"约 {length * width:,.0f} 平方米，置信度 {score:.2f}"
    described = replace(
        case, source="change", description=f"疑似图斑：{size}，请现场核实", reporter=None
    )
    return change, described
