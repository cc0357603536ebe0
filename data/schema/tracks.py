"""What fixes mean: days in numbers, and where and when a unit walked, stood, was silent and visited.

All of it depends on the set of fixes alone and is worked out again whenever that changes
(`patrol.tracks.analysis`). A `day` is a working day (`gis.work_day`). Every key begins with the unit.
The numbers of a day stay when its fixes are dropped; the rest is whereabouts and goes with them.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
)

from data.schema.columns import instant, metadata
from data.schema.tracking import units

# Days whose facts are not those of the fixes any more. Whoever stores fixes marks them, once. A mark
# that is being worked off is `taken`, and another one may be made beside it.
changed_days = Table(
    "changed_days",
    metadata,
    Column("unit_id", BigInteger, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("taken", Boolean, primary_key=True, server_default="false"),
    instant("changed_at", now=True),
)

unit_days = Table(
    "unit_days",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("fixes", Integer, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("length_m", Float, nullable=False),
    Column("moving_s", Float, nullable=False),
    Column("stopped_s", Float, nullable=False),
    Column("gap_s", Float, nullable=False),
    Column("stops", Integer, nullable=False),
    instant("first_at"),
    instant("last_at"),
    Column("trips", Integer, nullable=False, server_default="0"),
    # Fixes of it were dropped: from now on only a fuller picture replaces it.
    Column("expired", Boolean, nullable=False, server_default="false"),
)


def _facts(name: str, *rest: Any) -> Table:
    """Facts of a unit's day, each from one fix to another."""
    return Table(
        name,
        metadata,
        Column("unit_id", BigInteger, primary_key=True),
        Column("from_at", DateTime(timezone=True), primary_key=True),
        instant("to_at"),
        Column("day", Date, nullable=False),
        *rest,
    )


# The cleaned track, a few fixes at a time. M is the time of a vertex in seconds since 1970, so that one
# index answers where and when at once.
track_segments = _facts(
    "track_segments",
    Column("fixes", Integer, nullable=False),
    Column("length_m", Float, nullable=False),
    Column("max_speed_mps", Float, nullable=False),
    Column(
        "geom",
        Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False),
        nullable=False,
    ),
    Index(
        "track_segments_geom_idx",
        "geom",
        postgresql_using="gist",
        postgresql_ops={"geom": "gist_geometry_ops_nd"},
    ),
    Index("track_segments_from_at_idx", "from_at", postgresql_using="brin"),
)

# Where and when segments of a unit have come out differently, as a box: whoever keeps what follows from
# them looks again. Rows are only added by whoever works facts out and only removed by who has looked.
renewed_tracks = Table(
    "renewed_tracks",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    instant("since"),
    instant("until"),
    *(Column(edge, Float, nullable=False) for edge in ("west", "south", "east", "north")),
)

trips = _facts("trips", Column("length_m", Float, nullable=False))

stops = _facts(
    "stops",
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column(
        "geom",
        Geometry("POINT", srid=4326, spatial_index=False),
        Computed("ST_SetSRID(ST_MakePoint(lon, lat), 4326)", persisted=True),
    ),
    Index("stops_geom_idx", "geom", postgresql_using="gist"),
)

gaps = _facts("gaps")

# `grids.id` of a grid of level 2, in the edition that was in force at that time.
visits = _facts(
    "visits",
    Column("grid_id", BigInteger, nullable=False),
    Column("fixes", Integer, nullable=False),
    Index("visits_grid_id_from_at_idx", "grid_id", "from_at"),
)
