"""What is counted: where the features of a layer of points are."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from data.sql import load_sql
from gis.errors import InvalidInput
from layers.catalog.layer import Layer
from layers.cells.question import Question
from layers.features.reading import wgs84
from layers.selection import column, read_selection, relation_of

MOST_POINTS = 1_000_000
_SQL = load_sql("layers.cells", "points.sql")
_TRUE = sql.SQL("true")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Points:
    """Columns of equal length, in EPSG:4326; `begins_s` is when each began to hold, in seconds since
    1970, NaN in a layer that knows no time."""

    lon: FloatArray
    lat: FloatArray
    begins_s: FloatArray


def read_points(
    conn: Connection, source: Layer, question: Question, *, area: BaseGeometry | None
) -> Points:
    """Of the features in the area (None: anywhere) that the transaction's viewer sees. Where a time is
    named, those that *began* in it: a case counts once, when it was reported, however long it is open.

    Raises InvalidInput for a layer that is not of points, for a field or a time that it does not have,
    and for more than MOST_POINTS.
    """
    if source.geometry != "point" or source.is_audited:
        raise InvalidInput(
            f"Layer {source.id} is not one of points, which could be counted.", field="of"
        )
    validity = source.validity
    began = replace(source, validity=validity and replace(validity, ends=None))
    selection = replace(
        read_selection(began, when=None, values=question.values), span=question.span
    )
    statement = sql.SQL(_SQL["points"]).format(
        wgs84=wgs84(source),
        begins=sql.SQL("'NaN'::double precision")
        if validity is None
        else sql.SQL(_SQL["begins"]).format(column=column(validity.begins)),
        relation=relation_of(source),
        condition=selection.condition(began),
        inside=_TRUE if area is None else sql.SQL(_SQL["inside"]),
    )
    rows = conn.exec_driver_sql(
        statement.as_string(),
        {
            **selection.parameters(),
            "area": None if area is None else shapely.to_wkb(area),
            "most": MOST_POINTS + 1,
        },
    ).all()
    if len(rows) > MOST_POINTS:
        raise InvalidInput(
            f"That is more than {MOST_POINTS:,} features; choose some, or ask for one grid.",
            field="of",
            code="too_many",
        )
    lon, lat, begins_s = np.array(rows, np.float64).reshape(-1, 3).T
    return Points(lon=lon, lat=lat, begins_s=begins_s)
