"""Complaints before a case are counted for everybody alike; a suspected change is settled by a merge."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_COUNT = """
-- In how many complaints before this one, of its category since `since`, the same place (`near_m` metres around,
-- EPSG:4326) or the same mobile number was named. With its owner's rights: it is the same whoever files the case,
-- and by their own they use no index on places. Not what became void or a part of another, which counts it, nor
-- those of which somebody has said that they and this one are two.
CREATE FUNCTION complaints_before(
    this_id bigint, this_category text, this_at timestamptz, since timestamptz,
    lon double precision, lat double precision, near_m double precision, mobile text
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
    around geometry := ST_Expand(place, near_m / 110000 / cos(radians(lat)), near_m / 110000);
    before bigint;
BEGIN
    WITH same AS (
        SELECT id, reports FROM cases
        WHERE geom && around
            AND ST_Distance(geom::geography, place::geography) <= near_m
            AND category = this_category AND reported_at >= since AND (reported_at, id) < (this_at, this_id)
            AND source IN ('citizen', 'hotline') AND state NOT IN ('void', 'merged')
        UNION
        SELECT id, reports FROM cases
        WHERE mobile IS NOT NULL AND position(mobile IN reporter) > 0
            AND category = this_category AND reported_at >= since AND (reported_at, id) < (this_at, this_id)
            AND source IN ('citizen', 'hotline') AND state NOT IN ('void', 'merged')
    )
    SELECT coalesce(sum(reports), 0) INTO before FROM same
    WHERE NOT EXISTS (
        SELECT FROM distinct_cases AS said
        WHERE said.lower_case_id = least(same.id, this_id) AND said.higher_case_id = greatest(same.id, this_id)
    );
    RETURN before;
END
$$
"""
_SIGNATURE = """
complaints_before(
    bigint, text, timestamptz, timestamptz, double precision, double precision, double precision, text
)
"""
_CHANGES = """
CREATE OR REPLACE VIEW layer_changes WITH (security_invoker) AS
SELECT
    change.id, change.source, change.area_m2, change.score, change.found_at, change.verdict, change.verdict_at,
    looked_at.number AS case_number, still.pending,
    change.geom, ST_Transform(change.geom, 3857) AS geom_3857,
    CASE WHEN NOT still.pending
        THEN coalesce(change.verdict_at, looked_at.closed_at, change.found_at) END AS settled_at
FROM suspected_changes AS change JOIN cases AS looked_at ON looked_at.id = change.case_id
CROSS JOIN LATERAL (
    SELECT looked_at.open
        AND (change.verdict IS NULL OR looked_at.handled_at IS NULL) AS pending
) AS still
"""


def upgrade() -> None:
    op.execute(_COUNT)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO wangge_app")
    op.execute(_CHANGES)
