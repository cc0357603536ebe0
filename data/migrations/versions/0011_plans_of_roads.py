"""Patrol plans of roads."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "patrol_plans",
        sa.Column(
            "geom", Geometry("MULTILINESTRING", srid=4326, spatial_index=False), nullable=True
        ),
    )
    op.add_column("patrol_plans", sa.Column("width_m", sa.Float(), nullable=True))
    for name, condition in (
        ("kind", "kind in ('points', 'cells', 'roads')"),
        (
            "targets",
            "(kind = 'cells') = (resolution is not null) "
            "and (kind = 'points') = (cardinality(checkpoint_ids) > 0) "
            "and (kind = 'roads') = (geom is not null) "
            "and (kind = 'roads') = (width_m is not null)",
        ),
    ):
        op.drop_constraint(op.f(f"patrol_plans_{name}_check"), "patrol_plans")
        op.create_check_constraint(op.f(f"patrol_plans_{name}_check"), "patrol_plans", condition)
    op.create_check_constraint(op.f("patrol_plans_width_m_check"), "patrol_plans", "width_m > 0")
