"""What fixes mean: segments, trips, stops, gaps, visits, and days in numbers while their fixes are there."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changed_days",
        sa.Column("unit_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("unit_id", "day", "taken", name=op.f("changed_days_pkey")),
    )

    op.add_column("unit_days", sa.Column("trips", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "unit_days", sa.Column("expired", sa.Boolean(), server_default="false", nullable=False)
    )
    op.execute("UPDATE unit_days SET expired = true")  # so far they were kept of dropped days only

    _create_facts(
        "track_segments",
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("max_speed_mps", sa.Float(), nullable=False),
        sa.Column(
            "geom",
            Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False),
            nullable=False,
        ),
    )
    op.create_index(
        "track_segments_geom_idx",
        "track_segments",
        ["geom"],
        postgresql_using="gist",
        postgresql_ops={"geom": "gist_geometry_ops_nd"},
    )
    _create_facts("trips", sa.Column("length_m", sa.Float(), nullable=False))
    _create_facts(
        "stops",
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column(
            "geom",
            Geometry("POINT", srid=4326, spatial_index=False),
            sa.Computed("ST_SetSRID(ST_MakePoint(lon, lat), 4326)", persisted=True),
        ),
    )
    op.create_index("stops_geom_idx", "stops", ["geom"], postgresql_using="gist")
    _create_facts("gaps")
    _create_facts(
        "visits",
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
    )
    op.create_index("visits_grid_id_from_at_idx", "visits", ["grid_id", "from_at"])

    op.execute("""
GRANT SELECT ON changed_days, gaps, stops, track_segments, trips, visits TO wangge_app
""")
    op.execute("""
-- What follows from fixes is worked out again and again.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    changed_days, gaps, stops, track_segments, trips, unit_days, visits
TO wangge_tracking
""")
    op.execute("""
ALTER TABLE changed_days ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON changed_days TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE track_segments ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON track_segments TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE trips ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON trips TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE stops ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON stops TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE gaps ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON gaps TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE visits ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON visits TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
-- The segments whose box meets a box (EPSG:4326) between two instants, of the units that the viewer sees.
-- Under row-level security no index on geometry is ever used: its operators are not leak-proof, so they wait
-- until the policy has seen every row. This runs with its owner's rights, for whom there is no policy, and
-- asks what the policy asks. PL/pgSQL plans it for the box that is asked about.
CREATE FUNCTION segments_near(
    west double precision, south double precision, east double precision, north double precision,
    since timestamptz, until timestamptz
) RETURNS SETOF track_segments
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM track_segments AS segment
    WHERE segment.geom &&& ST_SetSRID(ST_MakeLine(
            ST_MakePointM(west, south, extract(epoch FROM since)),
            ST_MakePointM(east, north, extract(epoch FROM until))
        ), 4326)
        AND segment.from_at < until AND segment.to_at >= since
        AND (
            (SELECT viewer_sees_everything())
            OR segment.unit_id = ANY ((SELECT viewer_units())::bigint[])
        );
END
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION segments_near(
    double precision, double precision, double precision, double precision, timestamptz, timestamptz
) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION segments_near(
    double precision, double precision, double precision, double precision, timestamptz, timestamptz
) TO wangge_app
""")


def _create_facts(name: str, *rest: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("unit_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *rest,
        sa.PrimaryKeyConstraint("unit_id", "from_at", name=op.f(f"{name}_pkey")),
    )
