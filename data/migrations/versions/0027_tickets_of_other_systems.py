"""Cases have the number of their ticket in the system that they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("external_number", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("external_category", sa.Text(), nullable=True))
    op.create_unique_constraint(
        op.f("cases_source_external_number_key"), "cases", ["source", "external_number"]
    )
    op.create_index(
        "cases_external_number_idx",
        "cases",
        ["external_number"],
        postgresql_where="external_number is not null",
    )
