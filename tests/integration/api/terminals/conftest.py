"""A server with its door open, and a vehicle whose terminal is enrolled."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, text

from api.accounts import devices
from data.audit import Who
from data.database import Database
from data.schema import units
from gis.crs import Crs
from tests.serving import Server, serving
from tests.terminals import Terminal

NUMBER = "13812345678"


def enrol(
    database: Database,
    unit: str = "VH-01",
    number: str = NUMBER,
    *,
    kind: str = "vehicle",
    crs: Crs = Crs.WGS84,
) -> None:
    """A unit with a terminal. A vehicle is always on duty, a person never."""
    with database.begin() as conn:
        conn.execute(
            insert(units).values(
                code=unit,
                kind=kind,
                name=unit,
                role="patroller",
                always_on_duty=kind == "vehicle",
            )
        )
        devices.enrol_device(
            conn,
            Who.at_the_machine(),
            unit=unit,
            protocol="jt808",
            identifier=number,
            crs=crs,
            now=datetime.now(UTC),
        )


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.begin() as conn:
        return [tuple(row) for row in conn.execute(text(statement))]


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    enrol(database)
    with serving(database) as server:
        yield server


@pytest.fixture
def terminal(server: Server) -> Iterator[Terminal]:
    with Terminal(server.terminals, NUMBER) as terminal:
        yield terminal
