"""Staff, the posts they hold in the grid tree, and the accounts they sign in with."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from data.schema.columns import identity, instant, metadata

staff = Table(
    "staff",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("phone", Text),
)

posts = Table(
    "posts",
    metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    Column("role", Text, nullable=False),
    # A code, not an id: the post outlives the edition. NULL is the whole installation.
    Column("grid_code", Text),
    Column("is_deputy", Boolean, nullable=False, server_default="false"),
    instant("valid_from", now=True),
    instant("valid_to", nullable=True),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="dates"),
    Index("posts_grid_code_idx", "grid_code"),
    Index("posts_staff_id_idx", "staff_id"),
)

accounts = Table(
    "accounts",
    metadata,
    identity(),
    Column("username", Text, nullable=False),
    Column("password_hash", Text),  # NULL: signs in by token only
    Column("role", Text, nullable=False),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id)),
    Column("grid_code", Text),  # scope of an account that belongs to nobody on the staff
    Column("disabled", Boolean, nullable=False, server_default="false"),
    instant("created_at", now=True),
    UniqueConstraint("username"),
)

sessions = Table(
    "sessions",
    metadata,
    Column(
        "token_hash", LargeBinary, primary_key=True
    ),  # SHA-256; the token itself is never stored
    Column("account_id", BigInteger, ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    instant("created_at", now=True),
    instant("expires_at", nullable=True),  # NULL: until revoked
    CheckConstraint("kind in ('session', 'token')", name="kind"),
    Index("sessions_account_id_idx", "account_id"),
)
