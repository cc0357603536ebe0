"""Indexes for what a list of cases is asked for: numbers by their beginning, sources, deadlines."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_NEWEST = ["reported_at", "id"]
_BYTES = "text_pattern_ops"  # so that what begins alike stands together


def upgrade() -> None:
    op.create_index("cases_number_idx", "cases", ["number"], postgresql_ops={"number": _BYTES})
    op.drop_index("cases_external_number_idx", "cases")
    op.create_index(
        "cases_external_number_idx",
        "cases",
        ["external_number"],
        postgresql_ops={"external_number": _BYTES},
        postgresql_where="external_number is not null",
    )
    op.create_index("cases_source_reported_at_idx", "cases", ["source", *_NEWEST])
    op.create_index("cases_department_reported_at_idx", "cases", ["department", *_NEWEST])
    op.create_index("cases_urgent_idx", "cases", _NEWEST, postgresql_where="urgent")
    op.create_index(
        "cases_supervised_idx",
        "cases",
        _NEWEST,
        postgresql_where="supervised_at is not null",
    )
    op.create_index("cases_late_idx", "cases", _NEWEST, postgresql_where="handled_at > due_at")
    op.create_index("cases_by_due_idx", "cases", ["due_at", "id"])
