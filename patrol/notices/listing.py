"""Somebody's notices: listed, counted, read, and numbered for the stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, text, update

from data.schema import notices
from data.sql import load_sql
from gis.errors import NotFound
from patrol.notices.kinds import NoticeKind
from patrol.notices.notice import Text, text_of

_SQL = load_sql("patrol.notices", "notices.sql")
_N = notices.c


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedNotice:
    """`detail` is one of `patrol.notices.sayings.DETAILS`. `seq` is its number in the stream; None until
    somebody has looked since it was told."""

    id: int
    kind: NoticeKind
    urgent: bool
    zh: Text
    en: Text
    detail: str | None
    case_id: int | None
    alert_id: int | None
    created_at: datetime
    read_at: datetime | None
    seq: int | None


def list_notices(
    conn: Connection, staff_id: int, *, unread: bool, before: int | None, count: int
) -> list[ListedNotice]:
    """The newest first, with ids below `before`."""
    query = select(notices).where(_N.staff_id == staff_id).order_by(_N.id.desc()).limit(count)
    if unread:
        query = query.where(_N.read_at.is_(None))
    if before is not None:
        query = query.where(_N.id < before)
    return [_listed(row) for row in conn.execute(query)]


def notices_after(conn: Connection, staff_id: int, after: int, *, count: int) -> list[ListedNotice]:
    """Those with numbers above `after`, in their order."""
    query = select(notices).where(_N.staff_id == staff_id, _N.seq > after)
    return [_listed(row) for row in conn.execute(query.order_by(_N.seq).limit(count))]


def last_number(conn: Connection, staff_id: int) -> int:
    """Of somebody's notices; 0 when none has one."""
    return conn.scalar(select(func.max(_N.seq)).where(_N.staff_id == staff_id)) or 0


def count_unread(conn: Connection, staff_id: int) -> int:
    query = select(func.count()).where(_N.staff_id == staff_id, _N.read_at.is_(None))
    return int(conn.execute(query).scalar_one())


def read_notice(conn: Connection, staff_id: int, notice_id: int, now: datetime) -> ListedNotice:
    """Somebody has read it; the first time stays. Raises NotFound."""
    mine = (_N.staff_id == staff_id, _N.id == notice_id)
    conn.execute(update(notices).where(*mine, _N.read_at.is_(None)).values(read_at=now))
    row = conn.execute(select(notices).where(*mine)).one_or_none()
    if row is None:
        raise NotFound(f"You have no notice {notice_id}.", field="id")
    return _listed(row)


def read_up_to(conn: Connection, staff_id: int, notice_id: int, now: datetime) -> None:
    """Somebody has read everything up to this id."""
    conn.execute(
        update(notices)
        .where(_N.staff_id == staff_id, _N.id <= notice_id, _N.read_at.is_(None))
        .values(read_at=now)
    )


def number_notices(conn: Connection) -> None:
    """Number what was committed since. To be committed at once."""
    conn.execute(text(_SQL["lock_numbers"]))
    conn.execute(text(_SQL["number"]))


def concerned_after(conn: Connection, after: int) -> tuple[int, frozenset[int]]:
    """The last number there is, and the staff who have one above `after`. A number that this database
    has not come to counts as 0."""
    last = conn.scalar(select(func.max(_N.seq))) or 0
    query = select(_N.staff_id).where(_N.seq > (after if after <= last else 0)).distinct()
    return last, frozenset(conn.scalars(query))


def _listed(row: Row[*tuple[Any, ...]]) -> ListedNotice:
    kind = NoticeKind(row.kind)
    return ListedNotice(
        id=row.id,
        kind=kind,
        urgent=row.urgent,
        zh=text_of(kind, row.words, "zh"),
        en=text_of(kind, row.words, "en"),
        detail=row.words.get("detail"),
        case_id=row.case_id,
        alert_id=row.alert_id,
        created_at=row.created_at,
        read_at=row.read_at,
        seq=row.seq,
    )
