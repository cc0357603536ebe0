"""What is to be sent to other systems, and the channels that it goes through (`data.outbox`)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from data.schema.columns import identity, instant, metadata

channels = Table(
    "channels",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("host", Text, nullable=False),  # what of the address may be shown
    Column("sealed", LargeBinary, nullable=False),  # address and secret, encrypted
    Column("settings", JSONB, nullable=False, server_default="{}"),
    Column("language", Text, nullable=False, server_default="zh"),
    # The kinds of notices that go here for whoever has not chosen otherwise.
    Column("notices", ARRAY(Text), nullable=False, server_default="{}"),
    Column("per_minute", Integer),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    instant("free_at", nullable=True),  # nothing is sent before
    instant("created_at", now=True),
    instant("removed_at", nullable=True),
    CheckConstraint("kind in ('webhook', 'wecom', 'dingtalk', 'feishu', 'sms')", name="kind"),
    CheckConstraint("language in ('zh', 'en')", name="language"),
    CheckConstraint("per_minute > 0", name="per_minute"),
)

outbox = Table(
    "outbox",
    metadata,
    identity(),
    # What receivers know it by: the same in every attempt.
    Column(
        "message_id",
        Text,
        nullable=False,
        server_default=text("'msg_' || replace(gen_random_uuid()::text, '-', '')"),
    ),
    Column("channel_id", BigInteger, ForeignKey(channels.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", JSONB, nullable=False, server_default="{}"),
    Column("staff_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),  # whom it is for
    Column("urgent", Boolean, nullable=False, server_default=false()),  # goes before the others
    instant("created_at", now=True),
    instant("not_before"),
    instant("next_at"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    instant("tried_since", nullable=True),
    instant("claimed_until", nullable=True),  # a sender is at it, or was killed
    # An attempt ended without an answer: it may have arrived.
    Column("doubtful", Boolean, nullable=False, server_default=false()),
    Column("last_error", Text),
    instant("sent_at", nullable=True),
    instant("given_up_at", nullable=True),
    UniqueConstraint("message_id"),
    CheckConstraint("sent_at is null or given_up_at is null", name="end"),
    Index(
        "outbox_waiting_idx",
        "channel_id",
        "next_at",
        postgresql_where="sent_at is null and given_up_at is null",
    ),
    Index("outbox_given_up_idx", "id", postgresql_where="given_up_at is not null"),
    Index("outbox_sent_at_idx", "sent_at"),
)
