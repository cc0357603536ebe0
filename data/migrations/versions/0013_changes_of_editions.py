"""Drafts that are changed step by step, take effect at an instant, and leave their lineage."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("grid_editions", "content_hash", nullable=True)
    op.add_column(
        "grid_editions", sa.Column("version", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("grid_editions", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("grid_editions", sa.Column("due_by", sa.Text(), nullable=True))
    op.add_column("grid_editions", sa.Column("due_by_account_id", sa.BigInteger(), nullable=True))
    op.add_column("grid_editions", sa.Column("due_failure", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("grid_editions_due_by_account_id_fkey"),
        "grid_editions",
        "accounts",
        ["due_by_account_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("grid_editions_due_at_check"), "grid_editions", "due_at is null or state = 'draft'"
    )
    op.create_table(
        "edition_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="done", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('done', 'undone', 'dropped')", name=op.f("edition_changes_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["grid_editions.id"],
            name=op.f("edition_changes_edition_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["actor_account_id"],
            ["accounts.id"],
            name=op.f("edition_changes_actor_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("edition_changes_pkey")),
        sa.UniqueConstraint(
            "edition_id", "number", name=op.f("edition_changes_edition_id_number_key")
        ),
    )
    op.create_table(
        "edition_change_grids",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("is_after", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["edition_changes.id"],
            name=op.f("edition_change_grids_change_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "change_id", "is_after", "code", name=op.f("edition_change_grids_pkey")
        ),
    )
    op.create_table(
        "grid_lineage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("from_edition_id", sa.BigInteger(), nullable=False),
        sa.Column("to_edition_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=True),
        sa.Column("to_code", sa.Text(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("share_of_from", sa.Float(), nullable=True),
        sa.Column("share_of_to", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "relation in ('kept', 'changed', 'renamed', 'split', 'merged', 'new', 'gone')",
            name=op.f("grid_lineage_relation_check"),
        ),
        sa.ForeignKeyConstraint(
            ["from_edition_id"],
            ["grid_editions.id"],
            name=op.f("grid_lineage_from_edition_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["to_edition_id"], ["grid_editions.id"], name=op.f("grid_lineage_to_edition_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("grid_lineage_pkey")),
        sa.UniqueConstraint(
            "to_edition_id",
            "from_code",
            "to_code",
            name=op.f("grid_lineage_to_edition_id_from_code_to_code_key"),
        ),
    )
    op.create_index("grid_lineage_from_code_idx", "grid_lineage", ["from_code"])
    op.create_index("grid_lineage_to_code_idx", "grid_lineage", ["to_code"])
    op.execute("GRANT SELECT, INSERT, UPDATE (state) ON edition_changes TO wangge_app")
    op.execute("GRANT SELECT, INSERT ON edition_change_grids, grid_lineage TO wangge_app")
    op.execute("GRANT USAGE ON edition_changes_id_seq, grid_lineage_id_seq TO wangge_app")
