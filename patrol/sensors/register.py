"""The register of sensors, and what was heard of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from data.files.feature import FileFeature
from data.places import ImportReport, PlacesFile, cell_to_code, rows_by_code, upsert
from data.schema import sensor_exceedances, sensor_readings, sensors
from data.sql import load_sql
from gis.errors import InvalidInput, NotFound
from patrol.sensors.reading import CODE

_SQL = load_sql("patrol.sensors", "sensors.sql")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAME_LIMIT = 200
_LONGEST_SILENCE_S = 366 * 86_400

KINDS: Mapping[str, str] = MappingProxyType(
    {"井盖": "manhole", "路灯": "lamp", "管网": "pipe", "水位": "water_level", "烟感": "smoke"}
)
"""What a file may call the usual kinds; any other word of small letters is a kind too."""

_HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("code", "编码", "设备编码"), "code"),
        **dict.fromkeys(("name", "名称"), "name"),
        **dict.fromkeys(("kind", "type", "类型"), "kind"),
        **dict.fromkeys(("silent_after_s", "失联秒数"), "silent_after_s"),
    }
)


class SensorState(StrEnum):
    NORMAL = "normal"
    ALARM = "alarm"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensor:
    """With its newest reading. An alarm may be silent as well: `is_silent`."""

    code: str
    kind: str
    name: str
    properties: Mapping[str, Any]
    silent_after_s: int
    lon: float
    lat: float
    at: datetime | None
    quantities: Mapping[str, float] | None
    is_silent: bool
    state: SensorState


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredReading:
    at: datetime
    quantities: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredExceedance:
    """`case_id` is None for whoever does not see the case."""

    id: int
    begun_at: datetime
    ended_at: datetime | None
    peak: float
    is_withdrawn: bool
    rule: str
    quantity: str
    threshold: float
    case_id: int | None


def list_sensors(
    conn: Connection,
    now: datetime,
    *,
    kind: str | None = None,
    state: SensorState | None = None,
    box: tuple[float, float, float, float] | None = None,
    code: str | None = None,
    after: str | None = None,
    count: int = 100,
) -> list[Sensor]:
    """By code. `box` is west, south, east, north in degrees."""
    west, south, east, north = box or (None, None, None, None)
    rows = conn.execute(
        text(_SQL["states"]),
        {
            "now": now,
            "kind": kind,
            "state": state,
            "code": code,
            "after": after,
            "count": count,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
        },
    )
    return [Sensor(**{**row._mapping, "state": SensorState(row.state)}) for row in rows]


def find_sensor(conn: Connection, code: str, now: datetime) -> Sensor:
    """Raises NotFound."""
    found = list_sensors(conn, now, code=code, count=1)
    if not found:
        raise NotFound(f"There is no sensor {code}.", code="no_such_sensor", field="code")
    return found[0]


def history(
    conn: Connection, code: str, since: datetime, until: datetime, count: int
) -> list[StoredReading]:
    """Readings from `since` to before `until`, the newest first."""
    # Not a join: of one sensor, the index has the readings in order, and is left after `count`.
    sensor_id = select(sensors.c.id).where(sensors.c.code == code).scalar_subquery()
    rows = conn.execute(
        select(sensor_readings.c.at, sensor_readings.c.quantities)
        .where(
            sensor_readings.c.sensor_id == sensor_id,
            sensor_readings.c.at >= since,
            sensor_readings.c.at < until,
        )
        .order_by(sensor_readings.c.at.desc())
        .limit(count)
    )
    return [StoredReading(at=row.at, quantities=row.quantities) for row in rows]


def exceedances(
    conn: Connection, code: str, *, before: int | None, count: int
) -> list[StoredExceedance]:
    """The newest first, below the id `before`."""
    rows = conn.execute(text(_SQL["exceedances"]), {"code": code, "before": before, "count": count})
    return [StoredExceedance(**row._mapping) for row in rows]


def import_sensors(conn: Connection, files: Iterable[PlacesFile]) -> ImportReport:
    """What is new is made, what is otherwise is changed, nothing is removed. Columns without a meaning
    here become properties."""
    report = ImportReport()
    save_sensors(conn, rows_by_code(files, _row, report).values(), report)
    return report


def save_sensors(conn: Connection, rows: Iterable[Mapping[str, Any]], report: ImportReport) -> None:
    """Rows as `read_sensor` gives them, with `geom`. A sensor that was retired is back."""
    assumed = {"silent_after_s": 86_400, "properties": {}}
    upsert(
        conn,
        sensors,
        [({**row, "retired_at": None}, {**assumed, "name": row["code"]}) for row in rows],
        report,
    )


def read_sensor(said: Mapping[str, object]) -> dict[str, Any]:
    """What somebody says of a sensor, as it is stored. Raises InvalidInput."""
    code = cell_to_code(said.get("code"))
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "A sensor's code is 1 to 64 letters, digits, or any of . : _ -", field="code"
        )
    word = str(said.get("kind") or "").strip().lower()
    kind = KINDS.get(word, word)
    if not _KIND.fullmatch(kind):
        raise InvalidInput(
            f"{word!r} is no kind; write {', '.join(KINDS)}, or a word of small letters.",
            field="kind",
        )
    row: dict[str, Any] = {"code": code, "kind": kind}
    if name := " ".join(str(said.get("name") or "").split()):
        if len(name) > _NAME_LIMIT or not name.isprintable():
            raise InvalidInput(f"A name has at most {_NAME_LIMIT} characters.", field="name")
        row["name"] = name
    if (silence := said.get("silent_after_s")) not in (None, ""):
        row["silent_after_s"] = _silence(str(silence))
    return row


def retire_sensor(conn: Connection, code: str, at: datetime) -> None:
    """It sends no more; its readings stay, and what it exceeded is over. Raises NotFound."""
    sensor_id = conn.scalar(
        update(sensors)
        .where(sensors.c.code == code, sensors.c.retired_at.is_(None))
        .values(retired_at=at)
        .returning(sensors.c.id)
    )
    if sensor_id is None:
        raise NotFound(f"There is no sensor {code}.", code="no_such_sensor", field="code")
    conn.execute(
        update(sensor_exceedances)
        .where(sensor_exceedances.c.sensor_id == sensor_id, sensor_exceedances.c.ended_at.is_(None))
        .values(ended_at=func.greatest(at, sensor_exceedances.c.begun_at))
    )


def _silence(value: str) -> int:
    try:
        seconds = int(float(value))
    except (ValueError, OverflowError):
        seconds = 0
    if not 0 < seconds <= _LONGEST_SILENCE_S:
        raise InvalidInput(
            "silent_after_s is a number of seconds up to a year.", field="silent_after_s"
        )
    return seconds


def _row(feature: FileFeature) -> dict[str, Any]:
    if feature.geometry.geom_type != "Point":
        raise InvalidInput(f"A sensor is a point, not a {feature.geometry.geom_type}.")
    said: dict[str, object] = {}
    properties: dict[str, object] = {}
    for heading, value in feature.properties.items():
        name = _HEADINGS.get(heading.strip().lower())
        if name is not None:
            said.setdefault(name, value)
        elif value not in (None, ""):
            properties[heading] = value
    row = read_sensor(said)
    return {**row, "properties": properties, "geom": f"SRID=4326;{feature.geometry.wkt}"}
