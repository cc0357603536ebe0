"""A draft of the grids remembers what it was made of."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("base_id", "due_replaces"):
        op.add_column("grid_editions", sa.Column(name, sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"grid_editions_{name}_fkey"), "grid_editions", "grid_editions", [name], ["id"]
        )
    # No tile shows it: those that are kept stay true.
    op.execute("ALTER TABLE grid_editions DISABLE TRIGGER bump_layer_version")
    op.execute("""
-- Of those that are there, the edition in force when they were made.
UPDATE grid_editions SET base_id = before.id
FROM grid_editions AS before
WHERE before.id <> grid_editions.id AND before.valid_from <= grid_editions.created_at
    AND (before.valid_to IS NULL OR before.valid_to > grid_editions.created_at)
""")
    op.execute("""
-- Those that wait for their instant were agreed to as they are.
UPDATE grid_editions SET due_replaces = (SELECT id FROM grid_editions WHERE state = 'active')
WHERE due_at IS NOT NULL
""")
    op.execute("ALTER TABLE grid_editions ENABLE TRIGGER bump_layer_version")
