"""Random inspections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("prepared_by", sa.Text(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("drawn_by", sa.Text(), nullable=True),
        sa.Column("public_number", sa.Text(), nullable=True),
        sa.Column("witness", sa.Text(), nullable=True),
        sa.Column("assignments", postgresql.JSONB(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "drawn_at is null or cancelled_at is null", name=op.f("inspections_end_check")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_account_id"],
            ["accounts.id"],
            name=op.f("inspections_prepared_by_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["drawn_by_account_id"],
            ["accounts.id"],
            name=op.f("inspections_drawn_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("inspections_pkey")),
    )
    op.execute("""
-- Drawn once, and a trigger sees to it that nothing of it changes any more.
GRANT SELECT, INSERT, UPDATE (
    drawn_at, drawn_by_account_id, drawn_by, public_number, witness, assignments, cancelled_at,
    cancelled_because
) ON inspections TO wangge_app
""")
    op.execute("""
GRANT USAGE ON SEQUENCE inspections_id_seq TO wangge_app
""")
    op.execute("""
-- Before the draw nothing changes but that it is drawn or cancelled, and after that nothing at all.
CREATE FUNCTION keep_inspection() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.drawn_at IS NULL AND OLD.cancelled_at IS NULL
        AND (NEW.terms, NEW.secret, NEW.prepared_at) = (OLD.terms, OLD.secret, OLD.prepared_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an inspection is not changed' USING ERRCODE = 'insufficient_privilege';
END
$$
""")
    op.execute("""
CREATE TRIGGER keep_inspection BEFORE UPDATE OR DELETE ON inspections
FOR EACH ROW EXECUTE FUNCTION keep_inspection()
""")
