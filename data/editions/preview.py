"""What an import of a file would make of it, before anything is imported."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from data.editions.fields import Choice, GridFields, choose, fingerprint, taken
from data.editions.intake import level_in_row, nested_in
from data.files import LayerContent
from gis.errors import InvalidInput

_FIRST_ROWS = 10
_SAMPLES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldPreview:
    """One column: `kind` is "text", "whole number", "number", "boolean", "list", "mixed" or "empty";
    `filled` and `distinct` count its values, `samples` are the first that differ."""

    name: str
    kind: str
    filled: int
    distinct: int
    samples: tuple[object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerPreview:
    """A layer, its columns, what they would be taken for, its first rows, and how many grids of each
    level there would be (None: nothing says their level). `problem` is what an import would be refused
    with, as far as this can tell, and `problem_code` a word for it; None when it would go on."""

    content: LayerContent
    fields: tuple[FieldPreview, ...]
    choices: Mapping[str, Choice]
    rows: tuple[Mapping[str, object], ...]
    levels: Mapping[int | None, int]
    problem: str | None
    problem_code: str | None


def preview_layer(
    content: LayerContent,
    *,
    named: GridFields = GridFields(),
    remembered: Mapping[str, GridFields],
    level: int | None = None,
) -> LayerPreview:
    """Raises InvalidInput when a field that is named is not there."""
    choices = choose(
        content.fields,
        content.rows,
        named=named,
        remembered=remembered.get(fingerprint(content.fields)),
    )
    levels: Mapping[int | None, int] = {}
    problem, code = content.problem, content.problem_code
    try:
        levels = _levels(content, taken(choices, content.fields), level)
        if None in levels and problem is None:
            problem, code = (
                "Nothing says the level of some grids. Say the level of the file, or name a column of "
                "levels.",
                "no_level",
            )
    except InvalidInput as error:
        if problem is None:
            problem, code = error.message, error.code
    return LayerPreview(
        content=content,
        fields=tuple(_field(content, name) for name in content.fields),
        choices=choices,
        rows=content.rows[:_FIRST_ROWS],
        levels=levels,
        problem=problem,
        problem_code=code,
    )


def _levels(
    content: LayerContent, fields: GridFields, level: int | None
) -> Mapping[int | None, int]:
    if level is not None:
        return {level: len(content.rows)}
    nested = nested_in(content.rows, fields)
    counts = Counter(level_in_row(row, fields, nested) for row in content.rows)
    return dict(sorted(counts.items(), key=lambda pair: (pair[0] is None, pair[0])))


def _field(content: LayerContent, name: str) -> FieldPreview:
    values = [row.get(name) for row in content.rows]
    filled = [value for value in values if value not in (None, "")]
    distinct = list(dict.fromkeys(map(repr, filled)))
    by_repr = {repr(value): value for value in reversed(filled)}
    kinds = {_kind(value) for value in filled}
    return FieldPreview(
        name=name,
        kind=kinds.pop() if len(kinds) == 1 else "mixed" if kinds else "empty",
        filled=len(filled),
        distinct=len(distinct),
        samples=tuple(by_repr[each] for each in distinct[:_SAMPLES]),
    )


def _kind(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "whole number"
        case float():
            return "number"
        case str():
            return "text"
        case _:
            return "list"
