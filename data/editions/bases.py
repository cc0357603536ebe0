"""What a draft was made of: whether it knows the edition that it would replace.

A draft holds the whole division as it was when it was made. What came into force since then it would
take back without a word, so whoever wants that has to name the edition that is replaced.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from data.editions.edition import Edition, EditionState
from data.sql import load_sql
from gis.errors import Conflict

_SQL = load_sql("data.editions", "bases.sql")
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionName:
    id: int
    name: str

    def __str__(self) -> str:
        return f"edition {self.id} ({self.name})"


class BaseChanged(Conflict):
    """Editions came into force that a draft does not know; it would replace the last of them."""

    code = "base_changed"

    def __init__(self, edition: Edition, between: Sequence[EditionName]) -> None:
        replaced = between[-1]
        names = ", ".join(str(each) for each in between[-_MOST_NAMED:])
        more = "" if len(between) <= _MOST_NAMED else f" and {len(between) - _MOST_NAMED} before"
        super().__init__(
            f"Edition {edition.id} ({edition.name}) was not made of what it would replace: {names}"
            f"{more} came in between, and what changed there would be taken back. Copy that one and do "
            "your changes there; or compare the two and confirm by naming what is replaced (replaces: "
            f"{replaced.id}; at the machine --replaces {replaced.id}).",
            field="replaces",
        )
        self.between = tuple(between)

    @property
    def members(self) -> dict[str, Any]:
        """What the problem document has beside its usual members."""
        return {
            "replaces": self.between[-1].id,
            "came_between": [asdict(each) for each in self.between],
        }


def require_base(
    conn: Connection,
    edition: Edition,
    before: EditionName | None,
    *,
    at: datetime,
    replaces: int | None = None,
) -> None:
    """That a draft may follow the edition `before` it from an instant on.

    Raises BaseChanged unless it was made of that one or that one is `replaces`; and Conflict where
    another edition is to take effect later which would take this one back without a word.
    """
    known = _known(conn, edition.id)
    if before is not None and before.id not in {*known, replaces}:
        raise BaseChanged(edition, _between(conn, known, before))
    later = conn.execute(
        text(_SQL["next_due_after"]), {"edition_id": edition.id, "at": at}
    ).one_or_none()
    if later is not None and edition.id not in {*_known(conn, later.id), later.due_replaces}:
        raise Conflict(
            f"Edition {later.id} ({later.name}) is to take effect at {later.due_at.isoformat()} and "
            "does not know this one. Cancel that first; bring into it what is changed here, and set "
            "its instant again.",
            code="later_scheduled",
        )


def came_between(conn: Connection, edition: Edition) -> Sequence[EditionName]:
    """The editions that a draft would take back, by when they came into force; none if it knows the one
    that it follows: now, or at the instant that is set."""
    if edition.state is not EditionState.DRAFT:
        return []
    before = edition_before(conn, edition, at=edition.due_at)
    known = _known(conn, edition.id)
    return [] if before is None or before.id in known else _between(conn, known, before)


def edition_before(
    conn: Connection, edition: Edition, *, at: datetime | None = None
) -> EditionName | None:
    """What a draft follows that takes effect now, or at an instant to come: then the last one that is to
    do so before, else the one in force."""
    row = conn.execute(
        text(_SQL["edition_before"]), {"edition_id": edition.id, "at": at}
    ).one_or_none()
    return None if row is None else EditionName(id=row.id, name=row.name)


def hand_on_base(conn: Connection, edition_id: int) -> None:
    """A draft is not what it was any more: those made of it know only what it was made of itself."""
    conn.execute(text(_SQL["hand_on_base"]), {"edition_id": edition_id})


def _known(conn: Connection, edition_id: int) -> frozenset[int]:
    return frozenset(conn.scalars(text(_SQL["known"]), {"edition_id": edition_id}))


def _between(conn: Connection, known: frozenset[int], before: EditionName) -> Sequence[EditionName]:
    rows = conn.execute(text(_SQL["in_force_since"]), {"known": sorted(known)}) if known else ()
    earlier = [EditionName(id=row.id, name=row.name) for row in rows if row.id != before.id]
    return [*earlier, before]
