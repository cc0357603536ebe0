"""Readings in: stored once, looked at, and made a case of where they exceed a threshold."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, or_, select, text, update

from data.database import Database
from data.schema import sensor_exceedances, sensors
from data.scope import Viewer
from data.sql import load_sql
from gis.local_time import LOCAL
from patrol.cases.case import SYSTEM, Source
from patrol.cases.report import read_report
from patrol.cases.service import CaseService
from patrol.sensors.exceedance import Direction, Exceedance, Known, exceedances_of, reconcile
from patrol.sensors.reading import Reading
from patrol.sensors.rule import Rule
from patrol.sensors.rules import rules_for

_SQL = load_sql("patrol.sensors", "sensors.sql")
_Times = list[datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sensor:
    id: int
    code: str
    kind: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """Of each reading in its order: True if it was stored, False if it was there already, None if there
    is no such sensor. `cases` are the new ones."""

    results: Sequence[bool | None]
    cases: Sequence[int]


class SensorService:
    """`clock` gives the time with a zone."""

    def __init__(
        self, database: Database, cases: CaseService, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock

    def record(self, readings: Sequence[Reading]) -> Stored:
        """Store readings in one transaction with what follows from them.

        What is exceeded is a function of the readings and not of their order; a case is made once for
        each exceedance, and is left alone when readings that come late show that there was none.
        """
        with self._database.begin(Viewer.everything()) as conn:
            known = _lock_sensors(conn, {reading.sensor for reading in readings})
            usable = [each for each in readings if each.sensor in known]
            stored = _store(conn, usable, known)
            cases = self._look(
                conn, [each for each in usable if _key(each, known) in stored], known
            )
        results: list[bool | None] = []
        for reading in readings:
            if reading.sensor not in known:
                results.append(None)
                continue
            key = _key(reading, known)
            results.append(key in stored)
            stored.discard(key)  # sent twice in one go, the second is there already
        return Stored(results=results, cases=cases)

    def _look(
        self, conn: Connection, readings: Sequence[Reading], known: Mapping[str, _Sensor]
    ) -> list[int]:
        """The new cases."""
        by_sensor: dict[str, list[Reading]] = defaultdict(list)
        for reading in readings:
            by_sensor[reading.sensor].append(reading)
        heard = [known[code] for code in sorted(by_sensor)]
        rules = rules_for(conn, [each.code for each in heard], {each.kind for each in heard})
        if not rules:
            return []
        since = min(reading.at for reading in readings)
        begun = _known_exceedances(conn, [each.id for each in heard], since)
        cases: list[int] = []
        for sensor in heard:
            for rule in rules:
                if rule.sensor not in (None, sensor.code) or rule.kind not in (None, sensor.kind):
                    continue
                touched = [
                    (reading.at, reading.quantities[rule.quantity])
                    for reading in by_sensor[sensor.code]
                    if rule.quantity in reading.quantities and reading.at >= rule.valid_from
                ]
                before = begun.get((sensor.id, rule.id), [])
                if touched and (before or not _all_clear(touched, rule)):
                    cases += self._judge(conn, sensor, rule, [at for at, _ in touched], before)
        return cases

    def _judge(
        self,
        conn: Connection,
        sensor: _Sensor,
        rule: Rule,
        touched: _Times,
        before: Sequence[Known],
    ) -> list[int]:
        series = _series(conn, sensor.id, rule, min(touched), max(touched))
        since, until = series[0][0], series[-1][0]
        found = exceedances_of(series, rule.threshold)
        # Whatever is between two clear readings has begun after the first of them.
        inside = [each for each in before if since <= each.exceedance.begun_at <= until]
        outcome = reconcile(inside, found)
        now = self._clock()
        for known_id, each in outcome.changed:
            _write(conn, known_id, begun_at=each.begun_at, ended_at=each.ended_at, peak=each.peak)
            _write(conn, known_id, withdrawn_at=None)
        for known_id in outcome.withdrawn:
            _write(conn, known_id, withdrawn_at=now)
        return [self._raise(conn, sensor, rule, each) for each in outcome.new]

    def _raise(self, conn: Connection, sensor: _Sensor, rule: Rule, new: Exceedance) -> int:
        report = read_report(
            lon=sensor.lon,
            lat=sensor.lat,
            description=describe(sensor.name, sensor.code, rule, new),
            role=SYSTEM.role,
            category=rule.category,
            urgent=rule.urgent,
            source=Source.SENSOR,
        )
        case_id = self._cases.report_within(conn, report, SYSTEM)
        conn.execute(
            insert(sensor_exceedances).values(
                sensor_id=sensor.id,
                rule_id=rule.id,
                begun_at=new.begun_at,
                ended_at=new.ended_at,
                peak=new.peak,
                case_id=case_id,
            )
        )
        return case_id


def describe(name: str, code: str, rule: Rule, exceedance: Exceedance) -> str:
    """What the case says."""
    beyond = "高于" if rule.threshold.direction is Direction.ABOVE else "低于"
    at = exceedance.begun_at.astimezone(LOCAL)
    called = code if name == code else f"{name}（{code}）"
    return (
        f"{rule.name}：{called} {rule.quantity} {exceedance.peak:g}，{beyond} "
        f"{rule.threshold.value:g}，始于 {at:%m-%d %H:%M}"
    )


def _all_clear(touched: Sequence[tuple[datetime, float]], rule: Rule) -> bool:
    return all(rule.threshold.is_cleared_by(value) for _, value in touched)


def _key(reading: Reading, known: Mapping[str, _Sensor]) -> tuple[int, datetime]:
    return known[reading.sensor].id, reading.at


def _lock_sensors(conn: Connection, codes: set[str]) -> dict[str, _Sensor]:
    """By code. Locked, so that what is exceeded is judged by one transaction at a time."""
    rows = conn.execute(
        select(
            sensors.c.id,
            sensors.c.code,
            sensors.c.kind,
            sensors.c.name,
            sensors.c.geom.ST_X().label("lon"),
            sensors.c.geom.ST_Y().label("lat"),
        )
        .where(sensors.c.code.in_(codes), sensors.c.retired_at.is_(None))
        .order_by(sensors.c.id)
        .with_for_update()
    )
    return {row.code: _Sensor(**row._mapping) for row in rows}


def _store(
    conn: Connection, readings: Sequence[Reading], known: Mapping[str, _Sensor]
) -> set[tuple[int, datetime]]:
    if not readings:
        return set()
    first: dict[tuple[int, datetime], Reading] = {}
    for reading in readings:
        first.setdefault(_key(reading, known), reading)
    rows = conn.execute(
        text(_SQL["store"]),
        {
            "sensor_ids": [sensor_id for sensor_id, _ in first],
            "ats": [at for _, at in first],
            "quantities": [orjson.dumps(each.quantities).decode() for each in first.values()],
        },
    )
    return {(row.sensor_id, row.at) for row in rows}


def _known_exceedances(
    conn: Connection, sensor_ids: Sequence[int], since: datetime
) -> dict[tuple[int, int], list[Known]]:
    """Those that were not over before `since`, by sensor and rule."""
    table = sensor_exceedances
    rows = conn.execute(
        select(table)
        .where(
            table.c.sensor_id.in_(sensor_ids),
            or_(table.c.ended_at.is_(None), table.c.ended_at >= since),
        )
        .order_by(table.c.begun_at)
    )
    known: dict[tuple[int, int], list[Known]] = defaultdict(list)
    for row in rows:
        each = Exceedance(begun_at=row.begun_at, ended_at=row.ended_at, peak=row.peak)
        known[row.sensor_id, row.rule_id].append(
            Known(id=row.id, exceedance=each, is_withdrawn=row.withdrawn_at is not None)
        )
    return known


def _series(
    conn: Connection, sensor_id: int, rule: Rule, since: datetime, until: datetime
) -> list[tuple[datetime, float]]:
    rows = conn.execute(
        text(_SQL["series"]),
        {
            "sensor_id": sensor_id,
            "quantity": rule.quantity,
            "valid_from": rule.valid_from,
            "above": rule.threshold.direction is Direction.ABOVE,
            "clears_at": rule.threshold.clears_at,
            "since": since,
            "until": until,
        },
    )
    return [(row.at, row.value) for row in rows]


def _write(conn: Connection, exceedance_id: int, **values: Any) -> None:
    conn.execute(
        update(sensor_exceedances).where(sensor_exceedances.c.id == exceedance_id).values(**values)
    )
