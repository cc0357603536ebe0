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
    return _projected("geom_3857", kind, "ST_Transform(geom, 3857)")


def coarse(kind: str, *, zoom: int) -> Column[Any]:
    """`geom_zNN`: `geom_3857` as tiles up to this zoom show it, worked out once, when it is written.

    Vertices are moved to a grid of a quarter of a pixel (a tile has 256): those that neighbours share
    move alike, so no gap opens between them. What is smaller becomes nothing.
    """
    step_m = round(40_075_016.685578488 / 256 / 2**zoom / 4, 3)
    return _projected(f"geom_z{zoom}", kind, f"ST_SnapToGrid(ST_Transform(geom, 3857), {step_m})")


def label() -> Column[Any]:
    """`label_3857`: a point inside `geom`, where its name stands on the map."""
    return _projected("label_3857", "POINT", "ST_PointOnSurface(ST_Transform(geom, 3857))")


def _projected(name: str, kind: str, expression: str) -> Column[Any]:
    return Column(
        name,
        Geometry(kind, srid=3857, spatial_index=False),
        Computed(expression, persisted=True),
    )
