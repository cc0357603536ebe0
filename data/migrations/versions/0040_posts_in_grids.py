"""Whose a place is, is asked with one plan."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_POSTS = """
-- The posts that make somebody the owner of what happens in these grids at an instant, or will before `until`, the
-- earliest first; each with who stands in for its holder, if that one is on leave. Who is on duty or on leave is as
-- of `instant`. A function, because every report asks this: its plan is made once, not for each of them.
CREATE FUNCTION posts_in_grids(grid_codes text[], instant timestamptz, until timestamptz)
RETURNS TABLE (
    staff_id bigint, name text, role text, grid_code text, is_deputy boolean, valid_from timestamptz,
    valid_to timestamptz, on_leave boolean, back_at timestamptz, stand_in_id bigint, stand_in_name text,
    on_duty boolean, stand_in_on_duty boolean
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH held AS (
        SELECT posts.id, posts.staff_id, staff.name, posts.role, posts.grid_code, posts.is_deputy,
            posts.valid_from, posts.valid_to,
            leave.staff_id IS NOT NULL AS on_leave, leave.ends_at AS back_at,
            leave.stand_in_id, stand_in.name AS stand_in_name
        FROM posts
        JOIN staff ON staff.id = posts.staff_id
        LEFT JOIN staff_on_leave(instant) AS leave ON leave.staff_id = posts.staff_id
        LEFT JOIN staff AS stand_in ON stand_in.id = leave.stand_in_id
        WHERE posts.grid_code = ANY (grid_codes)
            AND posts.role IN ('grid_worker', 'grid_chief')
            AND posts.valid_from <= until AND (posts.valid_to IS NULL OR posts.valid_to > instant)
    ),
    present AS (
        SELECT units.staff_id
        FROM units
        JOIN LATERAL duty_at(units.id, instant) AS duty ON duty.under_way
        WHERE units.staff_id IN (SELECT held.staff_id FROM held UNION SELECT held.stand_in_id FROM held)
    )
    SELECT held.staff_id, held.name, held.role, held.grid_code, held.is_deputy, held.valid_from,
        held.valid_to, held.on_leave, held.back_at, held.stand_in_id, held.stand_in_name,
        EXISTS (SELECT FROM present WHERE present.staff_id = held.staff_id),
        EXISTS (SELECT FROM present WHERE present.staff_id = held.stand_in_id)
    FROM held
    ORDER BY held.id;
END
$$
"""


def upgrade() -> None:
    op.execute(_POSTS)
