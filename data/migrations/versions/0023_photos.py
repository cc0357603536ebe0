"""Photos of cases."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("source_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        sa.Column("datum", sa.Text(), nullable=True),
        sa.Column("direction_deg", sa.Float(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "role in ('report', 'before', 'after', 'check', 'other')",
            name=op.f("photos_role_check"),
        ),
        sa.CheckConstraint(
            "num_nulls(case_id, seq, ordinal, role) in (0, 4)",
            name=op.f("photos_attached_check"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_account_id"],
            ["accounts.id"],
            name=op.f("photos_uploaded_by_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("photos_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("photos_pkey")),
        sa.UniqueConstraint(
            "uploaded_by_account_id",
            "idempotency_key",
            name=op.f("photos_uploaded_by_account_id_idempotency_key_key"),
        ),
        sa.UniqueConstraint(
            "case_id", "seq", "ordinal", name=op.f("photos_case_id_seq_ordinal_key")
        ),
    )
    op.create_index(
        "photos_unattached_idx",
        "photos",
        ["uploaded_at"],
        postgresql_where=sa.text("case_id is null"),
    )
    op.execute("""
-- A photo becomes a case's, once; one that became nobody's goes.
GRANT SELECT, INSERT, DELETE, UPDATE (case_id, seq, ordinal, role) ON photos TO wangge_app
""")
    op.execute("""
ALTER TABLE photos ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Whoever sees its case. Before it has one: the account that sent it, and the system itself, which takes
-- care of those that people without an account have sent, and of those that nobody wanted.
CREATE POLICY viewer ON photos TO wangge_app
USING (
    CASE WHEN case_id IS NULL
        THEN uploaded_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
            OR (SELECT viewer() -> 'account_id' = 'null' AND viewer_sees_everything())
        ELSE EXISTS (SELECT FROM cases WHERE cases.id = photos.case_id)
    END
)
WITH CHECK (true)
""")
    op.execute("""
CREATE POLICY attached_once ON photos AS RESTRICTIVE FOR UPDATE TO wangge_app
USING (case_id IS NULL) WITH CHECK (true)
""")
    op.execute("""
CREATE POLICY kept ON photos AS RESTRICTIVE FOR DELETE TO wangge_app USING (case_id IS NULL)
""")
