"""What anybody may know of cases: what they are about, where, since when, and whether they are open.

Nobody's name, number or word is in it; the description, and a photo of what was done, only where the
town publishes them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.cases.case import Source, State
from patrol.categories.answers import Asked, FieldAnswer, answers

_SQL = load_sql("patrol.intake", "intake.sql")

MOST = 1_000
SOURCES = (Source.CITIZEN, Source.HOTLINE, Source.PATROL)
"""What a sensor, a camera or an alert about somebody's unit has made is nobody's business; and what was
read from another system is that one's to publish, or two that read each other would never end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedCase:
    """`lon` and `lat` are WGS-84 degrees; `updated_at` is when something last happened to it, `photo_id`
    the first photo of what was done last, once it is closed. What reporters send may show anybody."""

    number: str
    state: State
    category: str
    description: str
    answers: tuple[FieldAnswer, ...]
    lon: float
    lat: float
    requested_at: datetime
    updated_at: datetime
    due_at: datetime | None
    photo_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which of them; None leaves a question open. The times are of the report, both inclusive."""

    numbers: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool | None = None


def read_published(
    conn: Connection, wanted: Wanted, *, categories: Collection[str], count: int = MOST
) -> list[PublishedCase]:
    """Those of these categories, the newest report first. The transaction's viewer must see everything:
    what is published does not depend on who asks."""
    rows = conn.execute(
        text(_SQL["published"]),
        {
            "sources": [*SOURCES],
            "categories": [*categories],
            "numbers": None if wanted.numbers is None else [*wanted.numbers],
            "since": wanted.since,
            "until": wanted.until,
            "is_open": wanted.is_open,
            "count": count,
        },
    )
    return [
        PublishedCase(
            number=row.number,
            state=State(row.state),
            category=row.category,
            description=row.description,
            answers=answers(msgspec.convert(row.asked, tuple[Asked, ...]), row.fields),
            lon=row.lon,
            lat=row.lat,
            requested_at=row.reported_at,
            updated_at=row.updated_at,
            due_at=row.due_at,
            photo_id=row.photo_id,
        )
        for row in rows
    ]
