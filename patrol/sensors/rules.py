"""Rules in the database."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, or_, select, update

from data.schema import sensor_exceedances, sensor_rules, sensors
from gis.errors import NotFound
from patrol.categories.store import read_categories
from patrol.sensors.exceedance import Direction, Threshold
from patrol.sensors.rule import NewRule, Rule


def list_rules(conn: Connection) -> list[Rule]:
    """Those in force, the earlier one first."""
    return [_rule(row) for row in conn.execute(_select_rules().order_by(sensor_rules.c.id))]


def rules_for(conn: Connection, codes: Collection[str], kinds: Collection[str]) -> list[Rule]:
    """Those in force for any of these sensors or kinds."""
    statement = _select_rules().where(
        or_(sensors.c.code.in_(codes), sensor_rules.c.kind.in_(kinds))
    )
    return [_rule(row) for row in conn.execute(statement.order_by(sensor_rules.c.id))]


def insert_rule(conn: Connection, rule: NewRule, at: datetime) -> Rule:
    """In force from `at` on. Raises NotFound for its sensor, InvalidInput for its category."""
    sensor_id = None
    if rule.sensor is not None:
        sensor_id = conn.scalar(
            select(sensors.c.id).where(
                sensors.c.code == rule.sensor, sensors.c.retired_at.is_(None)
            )
        )
        if sensor_id is None:
            raise NotFound(f"There is no sensor {rule.sensor}.", field="sensor")
    rule_id = conn.scalar(
        insert(sensor_rules)
        .values(
            name=rule.name,
            sensor_id=sensor_id,
            kind=rule.kind,
            quantity=rule.quantity,
            direction=rule.threshold.direction.value,
            threshold=rule.threshold.value,
            clears_at=rule.threshold.clears_at,
            for_s=rule.threshold.for_s,
            category=read_categories(conn).chosen(rule.category).code,
            urgent=rule.urgent,
            valid_from=at,
        )
        .returning(sensor_rules.c.id)
    )
    return _rule(conn.execute(_select_rules().where(sensor_rules.c.id == rule_id)).one())


def end_rule(conn: Connection, rule_id: int, at: datetime) -> str:
    """And what exceeds it now. Returns its name. Raises NotFound."""
    name: str | None = conn.scalar(
        update(sensor_rules)
        .where(sensor_rules.c.id == rule_id, sensor_rules.c.valid_to.is_(None))
        .values(valid_to=at)
        .returning(sensor_rules.c.name)
    )
    if name is None:
        raise NotFound(f"There is no rule {rule_id} in force.", field="id")
    conn.execute(
        update(sensor_exceedances)
        .where(sensor_exceedances.c.rule_id == rule_id, sensor_exceedances.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return name


def _select_rules() -> Select[*tuple[Any, ...]]:
    return (
        select(sensor_rules, sensors.c.code.label("sensor"))
        .join(sensors, sensors.c.id == sensor_rules.c.sensor_id, isouter=True)
        .where(sensor_rules.c.valid_to.is_(None))
    )


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        sensor=row.sensor,
        kind=row.kind,
        quantity=row.quantity,
        threshold=Threshold(
            direction=Direction(row.direction),
            value=row.threshold,
            clears_at=row.clears_at,
            for_s=row.for_s,
        ),
        category=row.category,
        urgent=row.urgent,
        valid_from=row.valid_from,
    )
