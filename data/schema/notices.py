"""Notices: what somebody on the staff is told, and how they want to be told (`patrol.notices`)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Sequence,
    Table,
    Text,
    Time,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.alerts import alerts
from data.schema.cases import cases
from data.schema.columns import identity, instant, metadata
from data.schema.people import staff

notices_seq = Sequence("notices_seq", metadata=metadata)

notices = Table(
    "notices",
    metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),  # names the fact: nobody is told of it twice
    Column("urgent", Boolean, nullable=False),
    Column("case_id", BigInteger, ForeignKey(cases.c.id)),
    Column("alert_id", BigInteger, ForeignKey(alerts.c.id)),
    Column("words", JSONB, nullable=False, server_default="{}"),
    instant("created_at"),
    instant("read_at", nullable=True),
    # Given after the commit, under a lock: the order of numbers is the order in which they appeared.
    Column("seq", BigInteger),
    UniqueConstraint("staff_id", "key"),
    Index("notices_staff_id_id_idx", "staff_id", "id"),
    Index("notices_staff_id_seq_idx", "staff_id", "seq"),
    Index("notices_seq_idx", "seq"),
    Index("notices_created_at_idx", "created_at", postgresql_using="brin"),
    Index("notices_unread_idx", "staff_id", postgresql_where="read_at is null"),
    Index("notices_unnumbered_idx", "id", postgresql_where="seq is null"),
    Index("notices_alert_id_idx", "alert_id", postgresql_where="alert_id is not null"),
)

# Of whoever has chosen. `channels` has the ids of channels by kinds of notices; a kind that is not in it
# goes where the channels say.
notice_preferences = Table(
    "notice_preferences",
    metadata,
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), primary_key=True),
    Column("channels", JSONB, nullable=False, server_default="{}"),
    Column("quiet_from", Time),  # of the clock on the wall
    Column("quiet_until", Time),
    CheckConstraint(
        "(quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until", name="quiet"
    ),
)
