"""Cases on hold, merged, extended, escalated, urged, supervised, rated and appealed against."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COUNTS = ("returns", "wrong_returns", "extensions", "urged")
_MARKS = ("forced", "appealed", "exempt")
_INSTANTS = (
    *("filed_at", "accepted_at", "held_at", "hold_until", "supervised_at"),
    *("wish_at", "wish_until"),
)


def upgrade() -> None:
    for name in ("tier", "wish", "rating"):
        op.add_column("cases", sa.Column(name, sa.Text(), nullable=True))
    for name in _INSTANTS:
        op.add_column("cases", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in (*_COUNTS, "cycle", "reports"):
        least = "0" if name in _COUNTS else "1"
        op.add_column("cases", sa.Column(name, sa.Integer(), server_default=least, nullable=False))
    for name in _MARKS:
        op.add_column(
            "cases", sa.Column(name, sa.Boolean(), server_default="false", nullable=False)
        )
    for name, other in (("merged_into", "cases.id"), ("wish_account_id", "accounts.id")):
        op.add_column("cases", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"cases_{name}_fkey"), "cases", other.split(".")[0], [name], ["id"]
        )
    op.create_index(
        "cases_hold_until_idx", "cases", ["hold_until"], postgresql_where="hold_until is not null"
    )
    op.create_index(
        "cases_merged_into_idx",
        "cases",
        ["merged_into"],
        postgresql_where="merged_into is not null",
    )
    # What the events of the cases that are there already add up to.
    op.execute("""
UPDATE cases SET
    filed_at = filed.at,
    accepted_at = accepted.at,
    returns = returned.number,
    cycle = greatest(filed.number, 1),
    tier = CASE
        WHEN same.owner_reason IS NULL THEN NULL
        WHEN same.owner_role = 'grid_chief' THEN 'chief'
        WHEN same.owner_role IS NULL OR same.owner_role IN ('department_handler', 'enforcement_officer') THEN 'town'
        ELSE 'grid'
    END
FROM cases AS same
CROSS JOIN LATERAL (
    SELECT max(at) AS at, count(*) AS number FROM case_events
    WHERE case_id = same.id AND action IN ('file', 'reopen')
) AS filed
CROSS JOIN LATERAL (
    SELECT max(at) AS at FROM case_events
    WHERE case_id = same.id AND action = 'accept' AND at >= filed.at
) AS accepted
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM case_events WHERE case_id = same.id AND action = 'return'
) AS returned
WHERE same.id = cases.id
""")
    op.execute("DROP VIEW layer_cases")
    op.drop_index("cases_open_idx", "cases")
    op.drop_column("cases", "open")
    op.add_column(
        "cases",
        sa.Column(
            "open",
            sa.Boolean(),
            sa.Computed("state not in ('closed', 'void', 'merged')", persisted=True),
        ),
    )
    op.create_index("cases_open_idx", "cases", ["id"], postgresql_where="open")
    op.create_index("cases_due_at_idx", "cases", ["due_at"], postgresql_where="open")
    op.execute("""
-- Without what was said and by whom: that is asked of the case itself.
CREATE VIEW layer_cases WITH (security_invoker) AS
SELECT
    id, number, state, category, source, urgent, grid_code AS grid, owner_role, rework, reported_at, due_at,
    CASE WHEN open THEN NULL ELSE coalesce(
        closed_at,
        (SELECT max(event.at) FROM case_events AS event WHERE event.case_id = cases.id)
    ) END AS ended_at,
    open, geom, geom_3857
FROM cases
""")
    op.execute("GRANT SELECT ON layer_cases TO wangge_app")
