"""The term of a case is a rule: hours, days, working hours, working days."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("term", sa.Text(), nullable=True))
    op.execute("UPDATE cases SET term = deadline_h || 'h'")
    op.drop_column("cases", "deadline_h")
    op.add_column(
        "cases", sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_index(
        "cases_provisional_idx", "cases", ["id"], postgresql_where="provisional and open"
    )
