"""Cases and what happened to them. An event is never changed; a case is what its events add up to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
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
    # Of the ticket in the system it came from, and what it is called there.
    Column("external_number", Text),
    Column("external_category", Text),
    instant("external_due_at", nullable=True),
    Column("category", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("fields", JSONB, nullable=False, server_default="{}"),  # of its category
    Column("asked", JSONB, nullable=False, server_default="[]"),  # how those were called then
    Column("restated", JSONB(none_as_null=True)),  # what its ticket says otherwise, undecided
    Column("urgent", Boolean, nullable=False, server_default="false"),
    Column("reporter", Text),
    Column("reported_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("idempotency_key", Text),  # the reporting account's own word for this report
    Column("said_sha256", LargeBinary),  # of all that was said in it
    geometry("POINT"),
    # Under row-level security an index is used for what compares, not for what PostGIS computes.
    Column("lon", Float, Computed("ST_X(geom)", persisted=True)),
    Column("lat", Float, Computed("ST_Y(geom)", persisted=True)),
    # Frozen when the case is filed: where it was, by the grids of that day, and why this owner.
    Column("edition_id", BigInteger, ForeignKey(grid_editions.c.id)),
    Column("grid_code", Text),
    Column("on_boundary", Boolean, nullable=False, server_default="false"),
    Column("snapped_m", Float),  # outside every grid by this much; NULL: inside one
    Column("owner_staff_id", BigInteger, ForeignKey(staff.c.id)),
    Column("owner_role", Text),
    Column("owner_reason", Text),
    Column("tier", Text),  # how high up it is dealt with
    Column("term", Text),  # a rule in its short form
    Column("department", Text),  # that answers for the category
    Column("cycle", Integer, nullable=False, server_default="1"),
    Column("rework", Integer, nullable=False, server_default="0"),
    Column("returns", Integer, nullable=False, server_default="0"),
    Column("wrong_returns", Integer, nullable=False, server_default="0"),
    Column("provisional", Boolean, nullable=False, server_default="false"),  # when it is due
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
    UniqueConstraint("source", "external_number"),
    UniqueConstraint("reported_by_account_id", "idempotency_key"),
    Index("cases_geom_idx", "geom", postgresql_using="gist"),
    Index("cases_lon_lat_idx", "lon", "lat"),
    Index("cases_reported_at_id_idx", "reported_at", "id"),
    # What a list asks for, the newest first.
    Index("cases_grid_code_reported_at_idx", "grid_code", "reported_at", "id"),
    Index("cases_owner_staff_id_reported_at_idx", "owner_staff_id", "reported_at", "id"),
    # And what pairs are looked for by.
    Index("cases_category_reported_at_idx", "category", "reported_at", "id", "lat"),
    Index("cases_state_reported_at_idx", "state", "reported_at", "id"),
    Index("cases_source_reported_at_idx", "source", "reported_at", "id"),
    Index("cases_department_reported_at_idx", "department", "reported_at", "id"),
    Index("cases_urgent_idx", "reported_at", "id", postgresql_where="urgent"),
    Index(
        "cases_supervised_idx", "reported_at", "id", postgresql_where="supervised_at is not null"
    ),
    Index("cases_late_idx", "reported_at", "id", postgresql_where="handled_at > due_at"),
    Index("cases_by_due_idx", "due_at", "id"),
    # The few that matter today. Under row-level security no index on geometry is used.
    Index("cases_open_idx", "id", postgresql_where="open"),
    Index("cases_due_at_idx", "due_at", postgresql_where="open"),
    Index("cases_provisional_idx", "id", postgresql_where="provisional and open"),
    Index("cases_hold_until_idx", "hold_until", postgresql_where="hold_until is not null"),
    # Byte by byte, so that what begins alike stands together.
    Index("cases_number_idx", "number", postgresql_ops={"number": "text_pattern_ops"}),
    Index(
        "cases_external_number_idx",
        "external_number",
        postgresql_ops={"external_number": "text_pattern_ops"},
        postgresql_where="external_number is not null",
    ),
    Index("cases_merged_into_idx", "merged_into", postgresql_where="merged_into is not null"),
    # What counts to a period.
    Index("cases_dispatched_at_idx", "dispatched_at"),
    Index("cases_due_at_closed_at_idx", "due_at", "closed_at"),
    Index("cases_closed_at_reported_at_idx", "closed_at", "reported_at"),
)

# The last number given out on each day: its row is locked until the new case is committed, so the
# numbers of a day have no gaps.
case_numbers = Table(
    "case_numbers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)

# Reports of people without an account. Only hashes: nothing here follows a case.
citizen_reports = Table(
    "citizen_reports",
    metadata,
    Column("case_id", BigInteger, ForeignKey(cases.c.id), primary_key=True),
    Column("code_hash", LargeBinary, nullable=False),  # of the code that follows the case
    Column("key_hash", LargeBinary),  # of the sender's own word for this report
    UniqueConstraint("key_hash"),
)

# That two which may look like one are two. A pair is kept once, whichever way it was said.
distinct_cases = Table(
    "distinct_cases",
    metadata,
    Column("lower_case_id", BigInteger, ForeignKey(cases.c.id), primary_key=True),
    Column("higher_case_id", BigInteger, ForeignKey(cases.c.id), primary_key=True),
    instant("said_at"),
    Column("said_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("said_by", Text, nullable=False),  # the name as it was then
    CheckConstraint("lower_case_id < higher_case_id", name="each_pair_once"),
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

# When cases were on hold, as their events have it, for whoever asks at an instant. `seq` is of the event
# that began the hold; `ended_at` is NULL while it lasts.
case_holds = Table(
    "case_holds",
    metadata,
    Column("case_id", BigInteger, ForeignKey(cases.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    instant("began_at"),
    instant("ended_at", nullable=True),
    Index("case_holds_ended_at_idx", "ended_at"),
)
