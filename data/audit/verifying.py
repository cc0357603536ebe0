"""Whether the audit is whole: that no record was changed, taken out, added or put elsewhere.

What this cannot show by itself: whoever works with the rights of the tables' owner can write the whole
chain anew, hashes and head and all, and it holds. An anchor from before does not, if it was kept where
they could not change it: on paper, on another machine. Nor does anything show what was done past the
server, by statements of one's own in the database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from data.audit.anchor import Anchor
from data.database import Database
from data.schema import audit_events, audit_head
from data.sql import load_sql

MOST_PROBLEMS = 1_000
"""As many are told; further ones are counted."""

_SQL = load_sql("data.audit", "audit.sql")
_BATCH = 10_000
_BEFORE_ALL = -(2**63)

Progress = Callable[[int, int], None]
"""Told how many records have been looked at, of how many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something is wrong at the record `id`; `problem` goes on after "Record 17 "."""

    id: int
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """`last_id` and `last_hash` (hexadecimal) are the last record's, 0 and "" without any. `further`
    counts the problems that are not among `problems`."""

    records: int
    last_id: int
    last_hash: str
    problems: tuple[Problem, ...]
    further: int

    @property
    def is_intact(self) -> bool:
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """What was found, as the audit keeps it."""
        return {
            "records": self.records,
            "last_id": self.last_id,
            "last_hash": self.last_hash,
            "problems": len(self.problems) + self.further,
        }

    @property
    def anchor(self) -> Anchor | None:
        """To be kept for the next verification; None without any record."""
        return Anchor(id=self.last_id, hash=self.last_hash) if self.last_hash else None


def verify(
    database: Database,
    *,
    anchor: Anchor | None = None,
    on_progress: Progress = lambda _records, _of: None,
) -> Verification:
    """Work out every hash again and see that each record follows the one before, up to the head.

    With an `anchor` the record that it names must still be the one that it was. Takes memory for one
    batch of records, however many there are.
    """
    with database.begin() as conn:
        conn.execute(text(_SQL["one_moment"]))
        walk = _Walk(conn, on_progress)
        problems = _problems(conn, walk, anchor)
        told = tuple(islice(problems, MOST_PROBLEMS))
        further = sum(1 for _problem in problems)
    return Verification(
        records=walk.records,
        last_id=walk.last_id,
        last_hash=walk.last_hash.hex(),
        problems=told,
        further=further,
    )


class _Walk:
    """Along the chain, telling of the records where something is wrong and now and then of others."""

    def __init__(self, conn: Connection, on_progress: Progress) -> None:
        self._conn = conn
        self._on_progress = on_progress
        self._expected = conn.scalar(select(func.max(audit_head.c.last_id))) or 0
        self.records = 0
        self.last_id = 0
        self.last_hash = b""

    def __iter__(self) -> Iterator[Row[Any]]:
        after = _BEFORE_ALL
        while links := self._batch(after):
            yield from links
            self.records += links[-1].records
            after = self.last_id = links[-1].id
            self.last_hash = links[-1].hash
            self._on_progress(self.records, self._expected)

    def _batch(self, after: int) -> list[Row[Any]]:
        parameters = {
            "after": after,
            "last_id": self.last_id,
            "last_hash": self.last_hash,
            "count": _BATCH,
        }
        return list(self._conn.execute(text(_SQL["broken_links"]), parameters))


def _problems(conn: Connection, walk: _Walk, anchor: Anchor | None) -> Iterator[Problem]:
    for link in walk:
        yield from _problems_of(link)
    yield from _problems_at_the_end(conn, walk)
    if anchor is not None:
        yield from _problems_at(conn, anchor)


def _problems_of(link: Row[Any]) -> Iterator[Problem]:
    if link.id <= link.id_before:
        yield Problem(id=link.id, problem="stands where no record was ever made")
    elif link.id > link.id_before + 1:
        missing = _numbers(link.id_before + 1, link.id - 1)
        yield Problem(id=link.id, problem=f"does not follow the one before it: {missing} missing")
    elif link.is_unlinked:
        yield Problem(id=link.id, problem="does not belong to the one before it")
    if link.is_changed:
        yield Problem(id=link.id, problem="does not say what was recorded")


def _problems_at_the_end(conn: Connection, walk: _Walk) -> Iterator[Problem]:
    heads = conn.execute(select(audit_head.c.last_id, audit_head.c.hash)).all()
    if len(heads) != 1:
        yield Problem(
            id=walk.last_id, problem="is the last, but the head of the chain is not there"
        )
    elif heads[0].last_id > walk.last_id:
        missing = _numbers(walk.last_id + 1, heads[0].last_id)
        yield Problem(id=walk.last_id, problem=f"is the last that is there: {missing} missing")
    elif (heads[0].last_id, heads[0].hash) != (walk.last_id, walk.last_hash):
        yield Problem(id=walk.last_id, problem="is the last, but not the one that was made last")


def _problems_at(conn: Connection, anchor: Anchor) -> Iterator[Problem]:
    found = conn.scalar(select(audit_events.c.hash).where(audit_events.c.id == anchor.id))
    if found is None:
        yield Problem(id=anchor.id, problem="is missing, and the anchor names it")
    elif found.hex() != anchor.hash:
        yield Problem(id=anchor.id, problem="is not the one that the anchor names")


def _numbers(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"
