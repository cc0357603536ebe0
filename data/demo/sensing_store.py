"""What watches the demo town, in the database."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from data.demo.sensing import RULES, Sensed, video_stops
from data.demo.town import Town
from data.schema import (
    cases,
    sensor_exceedances,
    sensor_readings,
    sensor_rules,
    sensors,
    suspected_changes,
    video_rounds,
)
from gis.geodesy import area_m2

CHANGES_SOURCE = "季度影像比对（演示）"
ROUND_NAME = "镇区主街轮巡"


def insert_sensed(conn: Connection, town: Town, sensed: Sensed, *, since: datetime) -> None:
    """Sensors, their readings, thresholds, what is exceeded, suspected changes, and a video round. The
    cases are there already. Thresholds hold since `since`."""
    sensor_ids = _insert_sensors(conn, sensed)
    rule_rows = [{**rule, "valid_from": since} for rule in RULES]
    rule_ids = conn.scalars(
        insert(sensor_rules).returning(sensor_rules.c.id, sort_by_parameter_order=True), rule_rows
    ).all()
    case_ids = _case_ids(conn, sensed)
    for alarm in sensed.alarms:
        conn.execute(
            insert(sensor_exceedances).values(
                sensor_id=sensor_ids[alarm.sensor],
                rule_id=rule_ids[0],
                begun_at=alarm.begun_at,
                peak=alarm.peak,
                case_id=case_ids[alarm.case_number],
            )
        )
    for change in sensed.changes:
        conn.execute(
            insert(suspected_changes).values(
                digest=hashlib.sha256(change.area.wkb).hexdigest(),
                source=CHANGES_SOURCE,
                area_m2=area_m2(change.area),
                score=change.score,
                geom=f"SRID=4326;{change.area.wkt}",
                found_at=change.found_at,
                case_id=case_ids[change.case_number],
            )
        )
    conn.execute(
        insert(video_rounds).values(name=ROUND_NAME, stops=video_stops(town), begins_at=since)
    )


def _insert_sensors(conn: Connection, sensed: Sensed) -> Mapping[str, int]:
    """Their ids, by code."""
    rows = [
        {
            "code": sensor.code,
            "kind": sensor.kind,
            "name": sensor.name,
            "geom": f"SRID=4326;POINT({sensor.lon!r} {sensor.lat!r})",
        }
        for sensor in sensed.sensors
    ]
    found = conn.execute(insert(sensors).returning(sensors.c.code, sensors.c.id), rows)
    ids = {row.code: row.id for row in found}
    readings = [
        {"sensor_id": ids[sensor.code], "at": at, "quantities": dict(values)}
        for sensor in sensed.sensors
        for at, values in sensor.readings
    ]
    conn.execute(insert(sensor_readings), readings)
    return ids


def _case_ids(conn: Connection, sensed: Sensed) -> Mapping[str, int]:
    numbers = [alarm.case_number for alarm in sensed.alarms]
    numbers += [change.case_number for change in sensed.changes]
    rows = conn.execute(select(cases.c.number, cases.c.id).where(cases.c.number.in_(numbers)))
    return {row.number: row.id for row in rows}
