"""Categories of cases that the installation changes and extends, and departments that handle them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_categories",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("photos", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("dispatch", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("case_categories_pkey")),
    )
    op.create_table(
        "case_category_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("case_category_version_one_row_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_category_version_pkey")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON case_categories TO wangge_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON case_category_version TO wangge_app")
    op.create_table(
        "departments",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("departments_pkey")),
    )
    op.add_column("posts", sa.Column("department", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("posts_department_fkey"), "posts", "departments", ["department"], ["code"]
    )
    op.create_index(
        "posts_department_idx",
        "posts",
        ["department"],
        postgresql_where="department is not null",
    )
    op.add_column("cases", sa.Column("department", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("fields", JSONB(), server_default="{}", nullable=False))
    op.execute("GRANT SELECT, INSERT, UPDATE ON departments TO wangge_app")
    op.execute("""
-- How much each of these staff has in hand, and how much of it is late. With its owner's rights: whoever reports
-- something sees few of the cases by which its owner is chosen.
CREATE FUNCTION workload(staff_ids bigint[], at timestamptz)
RETURNS TABLE (staff_id bigint, open bigint, overdue bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT owner_staff_id, count(*), count(*) FILTER (WHERE due_at < at AND state <> 'on_hold')
    FROM cases
    WHERE cases.open AND handled_at IS NULL AND owner_staff_id = ANY (staff_ids)
    GROUP BY owner_staff_id
$$
""")
    op.execute("REVOKE EXECUTE ON FUNCTION workload(bigint[], timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION workload(bigint[], timestamptz) TO wangge_app")
