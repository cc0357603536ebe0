"""When each layer changed last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data.schema import layer_versions


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    version: int
    changed_at: datetime


def read_freshness(conn: Connection) -> Mapping[str, Freshness]:
    """By layer; one that has never been written to is missing, and so is one without versions."""
    rows = conn.execute(select(layer_versions))
    return {row.layer: Freshness(version=row.version, changed_at=row.changed_at) for row in rows}
