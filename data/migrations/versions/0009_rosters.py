"""Duty rosters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rosters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("shifts", postgresql.JSONB(), nullable=False),
        sa.Column("teams", postgresql.JSONB(), nullable=False),
        sa.Column("cycle", postgresql.JSONB(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("rosters_pkey")),
    )
    op.create_index("rosters_grid_code_idx", "rosters", ["grid_code"])
    op.create_table(
        "roster_substitutions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_by_account_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["rosters.id"], name=op.f("roster_substitutions_roster_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("roster_substitutions_staff_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["staff.id"], name=op.f("roster_substitutions_substitute_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_account_id"],
            ["accounts.id"],
            name=op.f("roster_substitutions_made_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("roster_substitutions_pkey")),
    )
    op.create_index(
        "roster_substitutions_roster_id_begins_at_idx",
        "roster_substitutions",
        ["roster_id", "begins_at"],
    )
    op.create_index(
        "roster_substitutions_substitute_id_idx", "roster_substitutions", ["substitute_id"]
    )
    op.execute("""
-- Who came is told from these for ever: a roster is ended, and nothing else about it changes.
GRANT SELECT, INSERT, UPDATE (valid_to) ON rosters TO wangge_app
""")
    op.execute("""
GRANT SELECT, INSERT ON roster_substitutions TO wangge_app
""")
    op.execute("""
-- The rosters in which the viewer stands in for somebody. With its owner's rights: the policy of
-- substitutions asks that of rosters, which asks this.
CREATE FUNCTION viewer_stands_in() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT roster_id), '{}') FROM roster_substitutions
    WHERE substitute_id = (viewer() ->> 'staff_id')::bigint
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION viewer_stands_in() FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION viewer_stands_in() TO wangge_app
""")
    op.execute("""
ALTER TABLE rosters ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Of one's grids, and where one stands oneself; made and ended in one's grids only.
CREATE POLICY viewer ON rosters TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL
    OR grid_code = ANY ((SELECT viewer_codes())::text[])
    OR teams @> (
        SELECT jsonb_build_array(jsonb_build_object('people', jsonb_build_array(viewer() -> 'staff_id')))
    )
    OR id = ANY ((SELECT viewer_stands_in())::bigint[])
)
WITH CHECK (
    (SELECT viewer_codes()) IS NULL OR grid_code = ANY ((SELECT viewer_codes())::text[])
)
""")
    op.execute("""
ALTER TABLE roster_substitutions ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON roster_substitutions TO wangge_app
USING (EXISTS (SELECT FROM rosters WHERE rosters.id = roster_substitutions.roster_id))
""")
    op.execute("""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON roster_substitutions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""")
    op.execute("""
GRANT USAGE ON rosters_id_seq, roster_substitutions_id_seq TO wangge_app
""")
