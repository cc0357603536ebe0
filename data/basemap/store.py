"""The basemap's rows. What comes of one source is replaced as a whole, and nothing else is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shapely
from sqlalchemy import Connection, delete, func, select, text

from data.basemap.feature import BasemapFeature
from data.schema import basemap_features
from data.sql import load_sql
from gis.errors import NotFound

_SQL = load_sql("data.basemap", "basemap.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What a source has on the map, counted by kind."""

    source: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def replace_source(conn: Connection, source: str, features: Iterable[BasemapFeature]) -> Stored:
    """Put `features` where those of `source` were, in the caller's transaction: others see the map of
    before or the one of after, and do not wait. Who else replaces waits for the end of it."""
    conn.execute(text(_SQL["no_other_writer"]))
    conn.execute(delete(basemap_features).where(basemap_features.c.source == source))
    counts: Counter[str] = Counter()
    driver = conn.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(_SQL["copy"]) as copy:
        for feature in features:
            geometry = shapely.set_srid(feature.geometry, 4326)
            copy.write_row(
                (
                    source,
                    feature.kind,
                    feature.category,
                    feature.name,
                    shapely.to_wkb(geometry, hex=True, include_srid=True),
                )
            )
            counts[feature.kind] += 1
    return Stored(source=source, counts=dict(counts))


def remove_source(conn: Connection, source: str) -> int:
    """How many features it had. Raises NotFound for a source that there is not."""
    gone = conn.execute(
        delete(basemap_features).where(basemap_features.c.source == source)
    ).rowcount
    if not gone:
        raise NotFound(f"Nothing on the map comes from {source!r}; see 'wangge basemap list'.")
    return gone


def read_sources(conn: Connection) -> list[Stored]:
    """Every source, by name."""
    rows = conn.execute(
        select(basemap_features.c.source, basemap_features.c.kind, func.count())
        .group_by(basemap_features.c.source, basemap_features.c.kind)
        .order_by(basemap_features.c.source, basemap_features.c.kind)
    )
    found: dict[str, dict[str, int]] = {}
    for source, kind, count in rows:
        found.setdefault(source, {})[kind] = count
    return [Stored(source=source, counts=counts) for source, counts in found.items()]
