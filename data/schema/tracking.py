"""Units, their devices and duty sessions, and where they have been.

`fixes` is lean on purpose: numbers instead of geometry, one B-tree for (unit, time), a BRIN on time
and no GiST. It is partitioned by day (UTC), see `data.partitions`. `positions` holds one row a unit
and has no index but its key and a low fill factor, so that an update stays on its page.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL

from data.schema.columns import identity, instant, metadata
from data.schema.people import staff

units = Table(
    "units",
    metadata,
    identity(),
    Column("code", Text, nullable=False),  # the public identifier, "GW-017"
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id)),
    Column("grid_code", Text),  # home; NULL is the whole installation
    # Its terminal knows no shifts. A person is on duty inside a duty session and never otherwise.
    Column("always_on_duty", Boolean, nullable=False, server_default="false"),
    CheckConstraint("kind in ('person', 'vehicle')", name="kind"),
    CheckConstraint("kind = 'vehicle' or not always_on_duty", name="always_on_duty"),
    UniqueConstraint("code"),
    Index("units_staff_id_idx", "staff_id"),
)

devices = Table(
    "devices",
    metadata,
    identity(),
    Column("unit_id", BigInteger, ForeignKey(units.c.id), nullable=False),
    Column("protocol", Text, nullable=False),
    Column("identifier", Text, nullable=False),  # what the device calls itself in its protocol
    instant("enrolled_at", now=True),
    # What its positions are in: `gis.crs.Crs`. Some terminals know GCJ-02 only.
    Column("crs", Text, nullable=False, server_default="wgs84"),
    CheckConstraint("crs in ('wgs84', 'cgcs2000', 'gcj02', 'bd09')", name="crs"),
    Column("registered_as", Text),  # the terminal that registered first: another one is refused
    UniqueConstraint("protocol", "identifier"),
    Index("devices_unit_id_idx", "unit_id"),
)

duty_sessions = Table(
    "duty_sessions",
    metadata,
    identity(),
    Column("unit_id", BigInteger, ForeignKey(units.c.id), nullable=False),
    instant("began_at"),
    instant("ended_at", nullable=True),
    CheckConstraint("ended_at is null or ended_at >= began_at", name="dates"),
    Index("duty_sessions_unit_id_began_at_idx", "unit_id", "began_at"),
    Index("duty_sessions_began_at_idx", "began_at"),
    Index(
        "duty_sessions_one_open_idx", "unit_id", unique=True, postgresql_where="ended_at is null"
    ),
)


def _measurements() -> list[Column[float]]:
    return [
        Column("lon", Float, nullable=False),
        Column("lat", Float, nullable=False),
        Column("accuracy_m", REAL),
        Column("speed_mps", REAL),
        Column("heading_deg", REAL),
        Column("altitude_m", REAL),
        Column("battery_pct", REAL),
        # `grids.id` of the smallest grid around it in the edition that was active when it arrived.
        Column("grid_id", BigInteger),
        Column("flags", Integer, nullable=False, server_default="0"),  # bits: gis.track.Flag
    ]


fixes = Table(
    "fixes",
    metadata,
    Column("unit_id", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    *_measurements(),
    instant("received_at", now=True),
    # As it was sent, if that was not in WGS-84; a NULL takes no room.
    Column("source_crs", Text),
    Column("source_lon", Float),
    Column("source_lat", Float),
    Index("fixes_at_idx", "at", postgresql_using="brin"),
    postgresql_partition_by="RANGE (at)",
)

# Drawn only under the recorder's advisory lock, so that the order of numbers is the order of commits.
positions_seq = Sequence("positions_seq", metadata=metadata)

positions = Table(
    "positions",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    instant("at"),
    *_measurements(),
    instant("received_at", now=True),
    instant("moved_at"),  # the last time it was seen moving
    instant("sos_at", nullable=True),
    Column("interval_s", REAL),  # how often it reports; NULL while that is not known
    Column("recent_at", ARRAY(DateTime(timezone=True))),  # the times of its last six fixes
    Column("seq", BigInteger, nullable=False),  # grows with every change, in commit order
    postgresql_with={"fillfactor": "50"},
)

# What a device sent and nobody can use: kept with its reason, so that nothing is lost silently.
quarantined_fixes = Table(
    "quarantined_fixes",
    metadata,
    identity(),
    instant("received_at", now=True),
    Column("unit", Text),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Index("quarantined_fixes_received_at_idx", "received_at"),
)

# Fixes from outside a duty session: how many, and nothing else about them.
off_duty_fixes = Table(
    "off_duty_fixes",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    Column("day", Date, primary_key=True),  # UTC, as the server received them
    Column("fixes", BigInteger, nullable=False),
)
