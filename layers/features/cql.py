"""Filters in CQL2 (OGC 21-065), over the fields of a layer. The only importer of cql2.

cql2 writes SQL, and passes on any function that a filter names: only the operators of the standard are
let through, and fields become the columns `f0`, `f1`... of `features.sql`.
"""

from collections.abc import Mapping
from typing import Any

from cql2 import Expr
from psycopg import sql
from shapely.geometry import box, mapping

from gis.errors import InvalidInput
from layers.catalog.layer import Layer

GEOMETRY = "geom"
"""What filters call the geometry."""

_LOGIC = frozenset({"and", "or", "not"})
_COMPARISONS = frozenset(
    {"=", "<>", "<", ">", "<=", ">=", "like", "between", "in", "isNull", "casei"}
)
_ARITHMETIC = frozenset({"+", "-", "*", "/"})
_SPATIAL = frozenset(
    f"s_{name}"
    for name in (
        *("contains", "crosses", "disjoint", "equals"),
        *("intersects", "overlaps", "touches", "within"),
    )
)
_TEMPORAL = frozenset(
    f"t_{name}"
    for name in (
        *("after", "before", "contains", "disjoint", "during", "equals", "finishedby", "finishes"),
        *("intersects", "meets", "metby", "overlappedby", "overlaps", "startedby", "starts"),
    )
)
_OPERATORS = _LOGIC | _COMPARISONS | _ARITHMETIC | _SPATIAL | _TEMPORAL
_DEEPEST = 40


def condition_of(layer: Layer, expression: str) -> sql.Composable:
    """The filter, CQL2 as text or JSON with geometries in WGS-84, as the condition of a `FeatureQuery`.

    Raises InvalidInput for what is no CQL2, a field that the layer does not have, and a function.
    """
    try:
        parsed = Expr(expression).to_json()
    except Exception as error:  # of Exception itself, the library's are
        raise InvalidInput(
            f"The filter is not CQL2: {_first_line(error)}. For example: kind = 'lamp' AND level > 1.",
            field="filter",
        ) from error
    columns = {name: f"f{number}" for number, name in enumerate(layer.fields)}
    checked = _checked(parsed, layer, columns | {GEOMETRY: "geom"}, depth=0)
    # From JSON, geometries come with the SRID of WGS-84; from text with none.
    return sql.SQL(Expr(checked).to_sql().replace("%", "%%"))


def _checked(node: Any, layer: Layer, columns: Mapping[str, str], *, depth: int) -> Any:
    """The part of a filter as it may go on to cql2."""
    if depth > _DEEPEST:
        raise InvalidInput("The filter is nested too deeply; write it flatter.", field="filter")

    def each(parts: list[Any]) -> list[Any]:
        return [_checked(part, layer, columns, depth=depth + 1) for part in parts]

    match node:
        case {"op": str(operator), "args": list(arguments)} if operator in _OPERATORS:
            checked: Any = {"op": operator, "args": each(arguments)}
        case {"op": operator}:
            raise InvalidInput(
                f"A filter may not call {operator!r}; use the operators of CQL2.", field="filter"
            )
        case {"property": str(name)} if name in columns:
            checked = {"property": columns[name]}
        case {"property": name}:
            raise InvalidInput(
                f"Layer {layer.id} has no field {name!r}; it has {', '.join(columns)}.",
                field="filter",
                code="no_such_field",
            )
        case {"bbox": [west, south, east, north]}:
            # cql2 writes an envelope without a coordinate system.
            checked = mapping(box(west, south, east, north))
        case {"interval": list(ends)}:
            checked = {"interval": each(ends)}
        case list():
            checked = each(node)
        case (
            {"type": str(), "coordinates": list()}
            | {"type": str(), "geometries": list()}
            | {"timestamp": str()}
            | {"date": str()}
            | str()
            | bool()
            | int()
            | float()
        ):
            checked = node
        case _:
            raise InvalidInput(
                f"The filter has a part that is not understood: {node!r:.60}.", field="filter"
            )
    return checked


def _first_line(error: Exception) -> str:
    return " ".join(line.strip(" |=^-") for line in str(error).splitlines() if line.strip(" |=^-"))[
        :120
    ]
