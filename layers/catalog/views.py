"""Tables and views of the database that are to become layers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, text

from data.sql import load_sql
from gis.errors import InvalidInput
from layers.catalog.layer import FieldType, GeometryKind

_SQL = {name: text(sql) for name, sql in load_sql("layers.catalog", "views.sql").items()}
_NAME = re.compile(r"[^\W\d]\w{0,62}")
_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        **dict.fromkeys(("text", "varchar", "bpchar", "uuid", "date", "name"), FieldType.STRING),
        **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), FieldType.NUMBER),
        "bool": FieldType.BOOLEAN,
        "timestamptz": FieldType.INSTANT,
    }
)
_NUMBERS = ("int2", "int4", "int8")
_KEYS = (*_NUMBERS, "text", "varchar", "uuid")
_VIEW = "v"


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewFound:
    """`name` is schema.name; columns of types that no map shows are left out of `fields`."""

    name: str
    key: str
    key_is_number: bool
    geometry_column: str
    srid: int
    geometry: GeometryKind
    fields: Mapping[str, FieldType]


def find_view(conn: Connection, name: str, *, key: str = "id") -> ViewFound:
    """The table or view, as the connection's role sees it: `public.name` where no schema is given.

    Raises InvalidInput, saying what to do: there is none; it may not be read; a view that shows more
    than whoever asks may see; no key, or no single geometry column with a known coordinate system.
    """
    schema, _, bare = name.rpartition(".")
    where = {"schema": schema or "public", "name": bare}
    whole = f"{where['schema']}.{bare}"
    if not (_NAME.fullmatch(where["schema"]) and _NAME.fullmatch(bare)):
        raise _refused(f"{name[:80]!r} is not the name of a table or view; write schema.name.")
    relation = conn.execute(_SQL["relation"], where).one_or_none()
    if relation is None:
        raise _refused(f"There is no table or view {whole}.")
    if not relation.readable:
        raise _refused(f"The server may not read {whole}: GRANT SELECT ON {whole} TO wangge_app.")
    if relation.kind == _VIEW and not relation.invoker:
        raise _refused(
            f"{whole} shows everybody what its owner may see. Say that it asks for whoever looks: "
            f"ALTER VIEW {whole} SET (security_invoker = true)."
        )
    columns = {row.name: row.type for row in conn.execute(_SQL["columns"], where)}
    if columns.get(key) not in _KEYS:
        raise InvalidInput(
            f"{whole} has no column {key!r} with whole numbers or texts to tell its rows apart; name it "
            "as key.",
            field="key",
        )
    shapes = [column for column, kind in columns.items() if kind == "geometry"]
    if len(shapes) != 1:
        raise _refused(f"{whole} has {len(shapes)} columns of type geometry; a layer has one.")
    [column] = shapes
    kind, srid = conn.execute(_SQL["geometry"], {**where, "column": column}).one()
    if not srid:
        raise _refused(
            f"Nobody knows the coordinate system of {whole}.{column}: cast it, for example "
            "geom::geometry(Point, 4326)."
        )
    return ViewFound(
        name=whole,
        key=key,
        key_is_number=columns[key] in _NUMBERS,
        geometry_column=column,
        srid=srid,
        geometry=_kind(kind),
        fields={
            column: _TYPES[kind]
            for column, kind in columns.items()
            if kind in _TYPES and column != key and _NAME.fullmatch(column)
        },
    )


def _kind(geometry_type: str) -> GeometryKind:
    for word, kind in (("POINT", "point"), ("LINESTRING", "line"), ("POLYGON", "polygon")):
        if geometry_type.upper().removeprefix("MULTI").rstrip("ZM") == word:
            return kind  # type: ignore[return-value]
    return "mixed"


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, field="view")
