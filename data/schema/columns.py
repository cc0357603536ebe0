"""What the tables share: the metadata with its naming convention, and the usual columns."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, Computed, DateTime, Identity, MetaData, func

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def identity() -> Column[int]:
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def instant(name: str, *, nullable: bool = False, now: bool = False) -> Column[Any]:
    default = func.now() if now else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def geometry(kind: str, *, nullable: bool = False) -> Column[Any]:
    """`geom` in EPSG:4326. Its GiST index is declared by the table that needs one."""
    return Column("geom", Geometry(kind, srid=4326, spatial_index=False), nullable=nullable)


def web_mercator(kind: str) -> Column[Any]:
    """`geom_3857`: `geom` projected once, when it is written."""
    return Column(
        "geom_3857",
        Geometry(kind, srid=3857, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
    )
