"""When cases were on hold is kept beside their events; pairs of cases are found by latitude too."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_EARLIER = """
INSERT INTO case_holds (case_id, seq, began_at, ended_at)
SELECT case_id, seq, at, ended_at
FROM (
    SELECT case_id, seq, action, at, lead(at) OVER (PARTITION BY case_id ORDER BY seq) AS ended_at
    FROM case_events
    WHERE action IN ('grant_hold', 'resume')
) AS turns
WHERE action = 'grant_hold'
"""


def upgrade() -> None:
    _keep_holds()
    op.drop_index("cases_category_reported_at_idx", "cases")
    op.create_index(
        "cases_category_reported_at_idx", "cases", ["category", "reported_at", "id", "lat"]
    )


def _keep_holds() -> None:
    op.create_table(
        "case_holds",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_holds_case_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("case_holds_pkey")),
    )
    op.create_index("case_holds_ended_at_idx", "case_holds", ["ended_at"])
    op.execute(_EARLIER)
    op.execute("GRANT SELECT, INSERT, UPDATE (ended_at) ON case_holds TO wangge_app")
    op.execute("ALTER TABLE case_holds ENABLE ROW LEVEL SECURITY")
    op.execute("""
CREATE POLICY viewer ON case_holds TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL OR EXISTS (SELECT FROM cases WHERE cases.id = case_holds.case_id)
)
WITH CHECK (true)
""")
