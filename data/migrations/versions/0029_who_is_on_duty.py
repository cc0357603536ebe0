"""Who is on duty at an instant is said once, by a function."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
-- A unit's last duty session that had begun at an instant, and whether it was under way then: one index entry,
-- however long the history. Neither STRICT nor with its owner's rights, so that it is planned as a part of
-- what calls it.
CREATE FUNCTION duty_at(unit bigint, instant timestamptz)
RETURNS TABLE (began_at timestamptz, ended_at timestamptz, under_way boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT began_at, ended_at, coalesce(ended_at > instant, true)
    FROM duty_sessions
    WHERE unit_id = unit AND began_at <= instant
    ORDER BY began_at DESC, ended_at DESC
    LIMIT 1
$$
""")
