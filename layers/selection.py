"""Which features of a layer: those of some time, with some values in their fields.

What a request says is checked here and becomes parameters; identifiers come from the catalog only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from data.sql import load_sql
from gis.errors import InvalidInput
from layers.catalog.layer import FieldType, Layer

_SQL = load_sql("layers", "selection.sql")

_CASTS: Mapping[FieldType, sql.SQL] = {
    FieldType.STRING: sql.SQL("text"),
    FieldType.NUMBER: sql.SQL("double precision"),
    FieldType.BOOLEAN: sql.SQL("boolean"),
    FieldType.INSTANT: sql.SQL("timestamptz"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` until `until`, both included; None is without an end. An instant has them equal."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """`values` are the fields and what each may be; `span` is when, None for what holds now; `choices`
    is what else a computed layer is asked with. Hashable: part of the key of a kept tile."""

    values: tuple[tuple[str, tuple[object, ...]], ...] = ()
    span: Span | None = None
    choices: tuple[tuple[str, str], ...] = ()

    def condition(self, layer: Layer) -> sql.Composable:
        """A boolean expression over `feature`, with parameters of the names in `parameters`.

        Raises InvalidInput for a time where the layer has none.
        """
        terms: list[sql.Composable] = [sql.SQL("true")]
        if layer.relation.layer_id is not None:
            terms.append(sql.SQL("feature.layer_id = {}").format(layer.relation.layer_id))
        terms += [
            sql.SQL("{}::{cast} = ANY (%({value})s::{cast}[])").format(
                field_expression(layer, name),
                value=sql.SQL(f"value_{number}"),
                cast=_CASTS[layer.fields[name]],
            )
            for number, (name, _) in enumerate(self.values)
        ]
        terms.append(self._when(layer))
        return sql.SQL(" AND ").join(terms)

    def parameters(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for number, (_, values) in enumerate(self.values):
            given[f"value_{number}"] = list(values)
        if self.span is not None:
            given |= {"since": self.span.since, "until": self.span.until}
        return given

    def _when(self, layer: Layer) -> sql.Composable:
        validity = layer.validity
        if layer.is_computed:
            return sql.SQL("true")  # its rows are those of the time already
        if validity is None:
            if self.span is not None:
                raise InvalidInput(
                    f"Layer {layer.id} knows no time; leave out datetime.", field="datetime"
                )
            return sql.SQL("true")
        begins = column(validity.begins)
        if self.span is None:
            if validity.current is not None:
                return column(validity.current)
            return sql.SQL("true")
        until = sql.SQL("(%(until)s::timestamptz IS NULL OR {} <= %(until)s)").format(begins)
        if validity.ends is None:
            since = sql.SQL("(%(since)s::timestamptz IS NULL OR {} >= %(since)s)").format(begins)
        else:
            ends = column(validity.ends)
            since = sql.SQL(
                "(%(since)s::timestamptz IS NULL OR {ends} IS NULL OR {ends} > %(since)s)"
            ).format(ends=ends)
        return sql.SQL("{} AND {}").format(until, since)


EVERYTHING = Selection()
"""What holds now."""


def quoted(part: sql.Identifier | sql.Literal) -> sql.Composable:
    """As it stands in a statement with parameters, in which each % is doubled: people call their columns
    what they like."""
    return sql.SQL(part.as_string().replace("%", "%%"))


def column(name: str) -> sql.Composable:
    return sql.SQL("feature.{}").format(quoted(sql.Identifier(name)))


def relation_of(layer: Layer) -> sql.Composable:
    """What stands after FROM. The rows of a computed layer are parameters, see `layers.cells.rows`."""
    if layer.is_computed:
        return sql.SQL(_SQL["given"]).format(
            names=sql.SQL(", ").join(map(sql.Identifier, layer.fields)),
            arrays=sql.SQL(", ").join(
                sql.SQL("%({name})s::{cast}[]").format(
                    name=sql.SQL(f"row_{name}"), cast=_CASTS[kind]
                )
                for name, kind in layer.fields.items()
            ),
        )
    return sql.Identifier(*filter(None, (layer.relation.schema, layer.relation.name)))


def field_expression(layer: Layer, name: str) -> sql.Composable:
    """The value of a field in a row of the layer's relation."""
    document = layer.relation.document
    if document is None:
        return column(name)
    return sql.SQL("({} ->> {})::{}").format(
        column(document), quoted(sql.Literal(name)), _CASTS[layer.fields[name]]
    )


def read_selection(
    layer: Layer, *, when: str | None, values: Iterable[tuple[str, str]]
) -> Selection:
    """From what a request says: `when` as OGC API - Features has `datetime` (an instant, or two with a
    slash between them, either of which may be ".."), and each field with its values between commas.

    Raises InvalidInput, naming the parameter: no such field, a value of another type, no such time.
    """
    read: dict[str, tuple[object, ...]] = {}
    choices: list[tuple[str, str]] = []
    for name, text in values:
        if layer.is_computed and name not in layer.fields:
            choices.append((name, text))  # or a field of what is counted: `layers.cells` looks
            continue
        if name not in layer.fields:
            raise InvalidInput(
                f"Layer {layer.id} has no field {name!r}; it has {', '.join(layer.fields)}.",
                field=name,
                code="no_such_field",
            )
        read[name] = (
            *read.get(name, ()),
            *(_value(layer.fields[name], name, each) for each in text.split(",")),
        )
    selection = Selection(
        values=tuple(sorted(read.items())),
        span=None if when is None else read_span(when),
        choices=tuple(sorted(choices)),
    )
    selection.condition(layer)
    return selection


def read_span(text: str) -> Span:
    """RFC 3339 instants as OGC API - Features 7.15.4 has them. Raises InvalidInput."""
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 1 and parts[0] in ("", "..")):
        raise _no_time(text)
    since, until = _instant(parts[0], text), _instant(parts[-1], text)
    if since is not None and until is not None and until < since:
        raise InvalidInput("datetime ends before it begins; turn it round.", field="datetime")
    return Span(since, until)


def _instant(text: str, whole: str) -> datetime | None:
    if text in ("", ".."):
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise _no_time(whole)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _no_time(whole) from error


def _no_time(text: str) -> InvalidInput:
    return InvalidInput(
        f"{text[:60]!r} is no time: write 2026-11-27T08:00:00Z, or 2026-11-01T00:00:00Z/.. for all "
        "since then.",
        field="datetime",
    )


def _value(kind: FieldType, name: str, text: str) -> object:
    try:
        match kind:
            case FieldType.NUMBER:
                return float(text)
            case FieldType.BOOLEAN:
                return {"true": True, "false": False}[text.lower()]
            case FieldType.INSTANT:
                instant = datetime.fromisoformat(text)
                if instant.tzinfo is None:
                    raise ValueError(text)
                return instant.astimezone(UTC)
            case FieldType.STRING:
                if "\0" in text:
                    raise ValueError(text)
                return text
    except (ValueError, KeyError, OverflowError) as error:
        raise InvalidInput(
            f"{name} is a {kind.lower()}, which {text[:40]!r} is not.", field=name
        ) from error
