"""Photos of cases. Their files lie in a directory or an object store (`patrol.photos.storage`)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from data.schema.cases import cases
from data.schema.columns import geometry, instant, metadata
from data.schema.people import accounts

photos = Table(
    "photos",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),  # of the picture as it is kept
    Column("source_sha256", LargeBinary, nullable=False),  # of the file as it was sent
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    # What the camera said, which anybody can write.
    instant("taken_at", nullable=True),
    geometry("POINT", nullable=True),
    Column("datum", Text),  # the camera's word for its coordinate system, where that is not WGS-84
    Column("direction_deg", Float),
    instant("uploaded_at"),
    Column("uploaded_by_account_id", BigInteger, ForeignKey(accounts.c.id)),  # NULL: a citizen
    Column("idempotency_key", Text),  # the account's own word for this file
    # From when it is part of what somebody did to a case: the event, and its place in it.
    Column("case_id", BigInteger, ForeignKey(cases.c.id)),
    Column("seq", Integer),
    Column("ordinal", Integer),
    Column("role", Text),
    UniqueConstraint("uploaded_by_account_id", "idempotency_key"),
    UniqueConstraint("case_id", "seq", "ordinal"),
    CheckConstraint("role in ('report', 'before', 'after', 'check', 'other')", name="role"),
    CheckConstraint(
        "num_nulls(case_id, seq, ordinal, role) in (0, 4)",
        name="attached",
    ),
    Index("photos_unattached_idx", "uploaded_at", postgresql_where="case_id is null"),
)
