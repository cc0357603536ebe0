"""What the columns of files were taken for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_mappings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("code_field", sa.Text(), nullable=False),
        sa.Column("name_field", sa.Text(), nullable=True),
        sa.Column("parent_field", sa.Text(), nullable=True),
        sa.Column("level_field", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times_used", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("field_mappings_pkey")),
        sa.UniqueConstraint("fingerprint", name=op.f("field_mappings_fingerprint_key")),
    )
    op.execute("""
GRANT SELECT, INSERT, UPDATE, DELETE ON field_mappings TO wangge_app
""")
    op.execute("""
GRANT USAGE ON field_mappings_id_seq TO wangge_app
""")
