"""Every table of the installation, as SQLAlchemy Core definitions.

Geometry is stored in EPSG:4326, lon before lat. Beside it stands the same geometry in EPSG:3857,
kept by the database itself, so that a vector tile never projects anything.
"""

from data.schema.cases import case_events, case_numbers, cases
from data.schema.columns import metadata
from data.schema.functions import create_functions_after_tables
from data.schema.grids import grid_editions, grids
from data.schema.people import accounts, posts, sessions, staff
from data.schema.places import basemap_features, cameras, facilities, layer_versions
from data.schema.tracking import (
    devices,
    duty_sessions,
    fixes,
    positions,
    quarantined_fixes,
    units,
)

create_functions_after_tables(metadata)

__all__ = [
    "accounts",
    "basemap_features",
    "cameras",
    "case_events",
    "case_numbers",
    "cases",
    "devices",
    "duty_sessions",
    "facilities",
    "fixes",
    "grid_editions",
    "grids",
    "layer_versions",
    "metadata",
    "positions",
    "posts",
    "quarantined_fixes",
    "sessions",
    "staff",
    "units",
]
