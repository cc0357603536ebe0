"""Leave of staff, and who stands in."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_leaves",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stand_in_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ends_at is null or ends_at > begins_at", name=op.f("staff_leaves_dates_check")
        ),
        sa.CheckConstraint("stand_in_id <> staff_id", name=op.f("staff_leaves_stand_in_check")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("staff_leaves_staff_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["staff.id"], name=op.f("staff_leaves_stand_in_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_account_id"],
            ["accounts.id"],
            name=op.f("staff_leaves_entered_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_leaves_pkey")),
    )
    op.create_index(
        "staff_leaves_staff_id_begins_at_idx", "staff_leaves", ["staff_id", "begins_at"]
    )
    op.execute("""
-- Who owned what is told from these for ever: a leave ends early or is cancelled, and never goes.
GRANT SELECT, INSERT, UPDATE (ends_at, cancelled_at) ON staff_leaves TO wangge_app
""")
    op.execute("""
GRANT USAGE ON staff_leaves_id_seq TO wangge_app
""")
    op.execute("""
-- Who is on leave at an instant, until when (NULL: until it is ended), and who stands in: nobody who is on
-- leave then too. With its owner's rights: whose a case is does not depend on who asks, and what kind of
-- leave it is, is not told.
CREATE FUNCTION staff_on_leave(instant timestamptz)
RETURNS TABLE (staff_id bigint, ends_at timestamptz, stand_in_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH away AS (
        SELECT staff_id, ends_at, stand_in_id FROM staff_leaves
        WHERE begins_at <= instant AND (ends_at IS NULL OR ends_at > instant) AND cancelled_at IS NULL
    )
    SELECT away.staff_id, away.ends_at,
        CASE WHEN away.stand_in_id NOT IN (SELECT also.staff_id FROM away AS also)
            THEN away.stand_in_id END
    FROM away
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION staff_on_leave(timestamptz) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION staff_on_leave(timestamptz) TO wangge_app
""")
    op.execute("""
ALTER TABLE staff_leaves ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Of whoever holds a post in one's grids, and one's own; field staff see only the latter.
CREATE POLICY viewer ON staff_leaves TO wangge_app
USING (
    (SELECT viewer_sees_everything())
    OR staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
    OR NOT (SELECT coalesce((viewer() ->> 'only_self')::boolean, false)) AND staff_id IN (
        SELECT posts.staff_id FROM posts
        WHERE posts.grid_code = ANY ((SELECT viewer_codes())::text[])
            AND (posts.valid_to IS NULL OR posts.valid_to > now())
    )
)
""")
