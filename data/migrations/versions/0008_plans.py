"""Checkpoints and patrol plans."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.Column("dwell_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("radius_m > 0 and dwell_s >= 0", name=op.f("checkpoints_numbers_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("checkpoints_pkey")),
    )
    op.create_index("checkpoints_grid_code_idx", "checkpoints", ["grid_code"])
    op.create_table(
        "patrol_plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("checkpoint_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=True),
        sa.Column("rhythm", postgresql.JSONB(), nullable=False),
        sa.Column("in_order", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("at_least", sa.Float(), server_default="1", nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('points', 'cells')", name=op.f("patrol_plans_kind_check")),
        sa.CheckConstraint(
            "(kind = 'cells') = (resolution is not null) "
            "and (kind = 'points') = (cardinality(checkpoint_ids) > 0)",
            name=op.f("patrol_plans_targets_check"),
        ),
        sa.CheckConstraint(
            "at_least > 0 and at_least <= 1", name=op.f("patrol_plans_at_least_check")
        ),
        sa.CheckConstraint("role is null or unit_id is null", name=op.f("patrol_plans_who_check")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("patrol_plans_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("patrol_plans_pkey")),
    )
    op.create_index("patrol_plans_grid_code_idx", "patrol_plans", ["grid_code"])
    op.execute("""
-- What a round was is told from these for ever: they are ended, and nothing else about them changes.
GRANT SELECT, INSERT, UPDATE (valid_to) ON checkpoints, patrol_plans TO wangge_app
""")
    op.execute("""
-- The segments whose box meets a box (EPSG:4326) between two instants, of the units that count for a plan:
-- of all of them, for a plan that the viewer may read. Whether a round was done does not depend on who asks;
-- what tells one unit from another is taken away from whoever may not know it (`patrol.plans.results`).
CREATE FUNCTION segments_for_plan(
    plan_id bigint,
    west double precision, south double precision, east double precision, north double precision,
    since timestamptz, until timestamptz
) RETURNS SETOF track_segments
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    counting bigint[] := ARRAY(
        SELECT units.id
        FROM patrol_plans AS plan JOIN units
            ON (plan.role IS NULL OR units.role = plan.role)
            AND (plan.unit_id IS NULL OR units.id = plan.unit_id)
        WHERE plan.id = segments_for_plan.plan_id AND (
            viewer_codes() IS NULL
            OR plan.grid_code = ANY (viewer_codes())
            OR plan.unit_id IN (
                SELECT own.id FROM units AS own WHERE own.staff_id = (viewer() ->> 'staff_id')::bigint
            )
        )
    );
BEGIN
    RETURN QUERY
    SELECT * FROM track_segments AS segment
    WHERE segment.geom &&& ST_SetSRID(ST_MakeLine(
            ST_MakePointM(west, south, extract(epoch FROM since)),
            ST_MakePointM(east, north, extract(epoch FROM until))
        ), 4326)
        AND segment.from_at < until AND segment.to_at >= since
        AND segment.unit_id = ANY (counting);
END
$$
""")
    op.execute("""
-- When the oldest mark was made on these days: fixes of anybody that arrived later may not be in the facts.
CREATE FUNCTION facts_as_of(first date, last date) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT min(changed_at) FROM changed_days WHERE day BETWEEN first AND last
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION segments_for_plan(
    bigint, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
), facts_as_of(date, date) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION segments_for_plan(
    bigint, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
), facts_as_of(date, date) TO wangge_app
""")
    op.execute("""
GRANT USAGE ON checkpoints_id_seq, patrol_plans_id_seq TO wangge_app
""")
