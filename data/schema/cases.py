"""Cases and what happened to them. An event is never changed; a case is what its events add up to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import geometry, identity, instant, metadata, web_mercator
from data.schema.grids import grid_editions
from data.schema.people import accounts, staff

cases = Table(
    "cases",
    metadata,
    identity(),
    Column("number", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("reporter", Text),
    Column("reported_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("idempotency_key", Text),  # the reporting account's own word for this report
    geometry("POINT"),
    # Frozen when the case is filed: where it was, by the grids of that day, and why this owner.
    Column("edition_id", BigInteger, ForeignKey(grid_editions.c.id)),
    Column("grid_code", Text),
    Column("on_boundary", Boolean, nullable=False, server_default="false"),
    Column("snapped_m", Float),  # outside every grid by this much; NULL: inside one
    Column("owner_staff_id", BigInteger, ForeignKey(staff.c.id)),
    Column("owner_role", Text),
    Column("owner_reason", Text),
    Column("tier", Text),  # how high up it is dealt with
    Column("deadline_h", Integer),
    Column("cycle", Integer, nullable=False, server_default="1"),
    Column("rework", Integer, nullable=False, server_default="0"),
    Column("returns", Integer, nullable=False, server_default="0"),
    Column("wrong_returns", Integer, nullable=False, server_default="0"),
    Column("forced", Boolean, nullable=False, server_default="false"),
    Column("extensions", Integer, nullable=False, server_default="0"),
    Column("urged", Integer, nullable=False, server_default="0"),
    Column("reports", Integer, nullable=False, server_default="1"),  # of the same, this one too
    Column("merged_into", BigInteger, ForeignKey("cases.id")),
    # What is asked for and not decided yet.
    Column("wish", Text),
    Column("wish_account_id", BigInteger, ForeignKey(accounts.c.id)),
    instant("wish_at", nullable=True),
    instant("wish_until", nullable=True),
    instant("reported_at"),
    instant("filed_at", nullable=True),
    instant("dispatched_at", nullable=True),
    instant("accepted_at", nullable=True),
    instant("due_at", nullable=True),
    instant("held_at", nullable=True),
    instant("hold_until", nullable=True),
    instant("supervised_at", nullable=True),
    instant("handled_at", nullable=True),
    # Whoever checks must be somebody else.
    Column("handled_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    instant("closed_at", nullable=True),
    Column("rating", Text),
    Column("appealed", Boolean, nullable=False, server_default="false"),
    Column("exempt", Boolean, nullable=False, server_default="false"),  # overdue, and excused
    Column("version", Integer, nullable=False, server_default="0"),  # number of its last event
    Column("open", Boolean, Computed("state not in ('closed', 'void', 'merged')", persisted=True)),
    web_mercator("POINT"),
    UniqueConstraint("number"),
    UniqueConstraint("reported_by_account_id", "idempotency_key"),
    Index("cases_geom_idx", "geom", postgresql_using="gist"),
    Index("cases_reported_at_id_idx", "reported_at", "id"),
    Index("cases_grid_code_idx", "grid_code"),
    Index("cases_owner_staff_id_idx", "owner_staff_id"),
    # The few that matter today. Under row-level security no index on geometry is used.
    Index("cases_open_idx", "id", postgresql_where="open"),
    Index("cases_due_at_idx", "due_at", postgresql_where="open"),
    Index("cases_hold_until_idx", "hold_until", postgresql_where="hold_until is not null"),
    Index("cases_merged_into_idx", "merged_into", postgresql_where="merged_into is not null"),
)

# The last number given out on each day: its row is locked until the new case is committed, so the
# numbers of a day have no gaps.
case_numbers = Table(
    "case_numbers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

case_events = Table(
    "case_events",
    metadata,
    identity(),
    Column("case_id", BigInteger, ForeignKey(cases.c.id), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("actor_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("actor", Text, nullable=False),  # the name as it was then; "system" for what nobody did
    Column("note", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
    instant("at"),
    UniqueConstraint("case_id", "seq"),
)
