"""Which column of a file holds a grid's code, name, parent and level, and how sure that is."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from data.editions import usual_names as usual
from data.editions.usual_names import word
from gis.errors import InvalidInput

ROLES = ("code", "name", "parent", "level")
_CUT = range(8, 12)
"""Bytes of a name that may have been cut: shapefiles keep 10, some programs 11."""
_COUNTER = re.compile(r"_\d$", re.ASCII)
Rows = Sequence[Mapping[str, object]]


class Certainty(StrEnum):
    """Why a column is taken, the surest first."""

    NAMED = "named"
    """By whoever imports."""
    REMEMBERED = "remembered"
    """As for the last file with these columns."""
    CERTAIN = "certain"
    """It has one of the usual names."""
    LIKELY = "likely"
    """Its usual name is cut, or it is the division above in the same row."""
    POSSIBLE = "possible"
    """Not taken unless somebody says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The column for one role. `reason` says in words why, and what speaks against it."""

    field: str
    certainty: Certainty
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GridFields:
    """Names of fields; None: found by their usual names (`detect`), or not there at all."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | None = None

    def detect(self, fields: Sequence[str], rows: Rows = ()) -> "GridFields":
        """The fields of a file that has `fields`: those named here, else by their usual names.

        Raises InvalidInput when a field named here is missing, or none looks like the code.
        """
        return taken(choose(fields, rows, named=self), fields)


def choose(
    fields: Sequence[str],
    rows: Rows = (),
    *,
    named: GridFields = GridFields(),
    remembered: GridFields | None = None,
) -> Mapping[str, Choice]:
    """The column for each role that has one: as named, else as remembered, else by what the columns are
    called. A column without values in `rows` is not taken while another fits; among several that may
    be the code, the first that tells all `rows` apart.

    Raises InvalidInput when a field that is named is missing.
    """
    chosen: dict[str, Choice] = {}
    for role in ROLES:
        wanted: str | None = getattr(named, role)
        if wanted is not None and wanted not in fields:
            raise _no_such_column(wanted, fields, role)
        if wanted is not None:
            chosen[role] = Choice(field=wanted, certainty=Certainty.NAMED, reason="Named.")
    for role, candidates in (
        ("code", _codes(fields, rows)),
        ("name", _names(fields, rows)),
        ("level", _levels(fields, rows)),
    ):
        _fill(chosen, role, [*_kept(role, remembered, fields), *candidates], rows)
    code = chosen["code"].field if "code" in chosen else None
    parents = [*_kept("parent", remembered, fields), *_parents(fields, code)]
    _fill(chosen, "parent", parents, rows)
    return MappingProxyType({role: chosen[role] for role in ROLES if role in chosen})


def named_in(
    files: Sequence[tuple[Sequence[str], GridFields]], for_all: GridFields
) -> list[GridFields]:
    """What is named of each file, which is given with its fields and what is named for it alone. What is
    named `for_all` is taken in those that have it, unless they have a name of their own for the role.

    Raises InvalidInput when none has a field that is named for all.
    """
    for role in ROLES:
        wanted: str | None = getattr(for_all, role)
        if wanted is not None and not any(wanted in fields for fields, _ in files):
            known = list(dict.fromkeys(field for fields, _ in files for field in fields))
            raise _no_such_column(wanted, known, role)
    return [
        GridFields(
            **{
                role: getattr(own, role)
                or (all_of if (all_of := getattr(for_all, role)) in fields else None)
                for role in ROLES
            }
        )
        for fields, own in files
    ]


def taken(choices: Mapping[str, Choice], fields: Sequence[str]) -> GridFields:
    """The columns that an import takes. Raises InvalidInput without one for the code."""
    sure = {
        role: choice.field
        for role, choice in choices.items()
        if choice.certainty is not Certainty.POSSIBLE
    }
    if "code" not in sure:
        guess = choices.get("code")
        hint = f"; perhaps it is {guess.field}" if guess else ""
        raise InvalidInput(
            f"No field looks like the grid's code{hint}; there are: {_listed(fields)}. "
            "Name it as code_field.",
            field="code",
            code="no_code_column",
        )
    return GridFields(**sure)


def fingerprint(fields: Sequence[str]) -> str:
    """The same for all files with these columns, in whatever order."""
    return hashlib.sha256("\n".join(sorted(fields)).encode()).hexdigest()


def _no_such_column(wanted: str, fields: Sequence[str], role: str) -> InvalidInput:
    return InvalidInput(
        f"There is no field {wanted!r}; there are: {_listed(fields)}.",
        field=role,
        code="no_such_column",
    )


def _kept(role: str, remembered: GridFields | None, fields: Sequence[str]) -> Iterator[Choice]:
    kept = None if remembered is None else getattr(remembered, role)
    if kept is not None and kept in fields:
        yield Choice(
            field=kept,
            certainty=Certainty.REMEMBERED,
            reason="As for the last file with these columns.",
        )


def _fill(chosen: dict[str, Choice], role: str, candidates: Sequence[Choice], rows: Rows) -> None:
    """The first of the candidates that has values, else the first."""
    if role in chosen or not candidates:
        return
    first = candidates[0]
    best = next((each for each in candidates if _has_values(each.field, rows)), first)
    if best.field != first.field:
        best = replace(best, reason=f"{best.reason} {first.field} is empty.")
    chosen[role] = best


def _codes(fields: Sequence[str], rows: Rows) -> Iterator[Choice]:
    own: tuple[str, ...] = usual.GRID_CODES
    words = {word(field) for field in fields}
    if not words & {word(name) for name in usual.GRID_NAMES[1:]}:
        # ArcGIS calls so the value of a raster's cells: it is no grid's code beside a village's.
        own = tuple(each for each in own if each != "gridcode")
    ladder = (
        *(own, usual.VILLAGE_CODES, ("gridcode",), usual.DIVISION_CODES),
        *(usual.TOWN_CODES, usual.COUNTY_CODES),
    )
    found = [*_by_names(fields, ladder)]
    telling = [choice for choice in found if _tells_apart(choice.field, rows)]
    for choice in found:
        if telling and choice is found[0] and choice not in telling:
            against = f"{choice.field} is empty or the same in several rows"
            first = telling[0]
            yield Choice(
                field=first.field, certainty=first.certainty, reason=f"{first.reason} {against}."
            )
            return
        yield choice
    for choice in _by_names(fields, (usual.IDENTIFIERS,)):
        if _tells_apart(choice.field, rows):
            yield Choice(
                field=choice.field,
                certainty=Certainty.POSSIBLE,
                reason="It numbers the rows, but another export may number them anew.",
            )


def _names(fields: Sequence[str], rows: Rows) -> Iterator[Choice]:
    ladder = (
        *(usual.GRID_NAMES, usual.VILLAGE_NAMES, usual.DIVISION_NAMES),
        *(usual.TOWN_NAMES, usual.COUNTY_NAMES),
    )
    yield from _by_names(fields, ladder)
    ending = [field for field in fields if word(field).endswith(usual.ENDINGS_OF_NAMES)]
    # Of names of several levels in one row, those of the finest differ most.
    ending.sort(key=lambda field: -len({str(row.get(field)) for row in rows}))
    for field in ending:
        certainty = Certainty.LIKELY if len(ending) == 1 else Certainty.POSSIBLE
        yield Choice(field=field, certainty=certainty, reason="It is called like a name.")


def _parents(fields: Sequence[str], code: str | None) -> Iterator[Choice]:
    others = [field for field in fields if field != code]
    yield from _by_names(others, (usual.PARENTS,))
    if code is None:
        return
    rungs = [usual.VILLAGE_CODES, usual.TOWN_CODES, usual.COUNTY_CODES]
    own = next((i for i, rung in enumerate(rungs) if [*_by_names([code], [rung], others)]), -1)
    if own < 0:
        own = 0 if word(code) not in map(word, usual.GRID_CODES[1:8]) else -1
    for rung in rungs[own + 1 :]:
        for choice in _by_names(others, (rung,)):
            yield Choice(
                field=choice.field,
                certainty=Certainty.LIKELY,
                reason="It is the code of the division above.",
            )


def _levels(fields: Sequence[str], rows: Rows) -> Iterator[Choice]:
    yield from _by_names(fields, (usual.LEVELS,))
    for choice in _by_names(fields, (usual.LEVELS_OF_DIVISIONS,)):
        values = {str(row.get(choice.field)).strip().removesuffix(".0") for row in rows}
        sure = values and values <= set("123456789")
        yield Choice(
            field=choice.field,
            certainty=Certainty.LIKELY if sure else Certainty.POSSIBLE,
            reason="It is the level of a division.",
        )


def _by_names(
    fields: Sequence[str], ladder: Sequence[Sequence[str]], beside: Sequence[str] = ()
) -> Iterator[Choice]:
    """Fields by their usual names, those of the first rung first; whole names before cut ones."""
    words = {word(field) for field in (*fields, *beside)}
    for rung in ladder:
        for name in map(word, rung):
            pair = usual.CODE_OF_A_PAIR.get(name)
            if pair is not None and not words.intersection(pair):
                continue
            for field in fields:
                if word(field) == name:
                    yield Choice(
                        field=field, certainty=Certainty.CERTAIN, reason="A usual name of it."
                    )
    for rung in ladder:
        for name in map(word, rung):
            for field in fields:
                if _is_cut(field, name):
                    yield Choice(
                        field=field,
                        certainty=Certainty.LIKELY,
                        reason=f"It begins like {name} and is cut.",
                    )


def _is_cut(field: str, name: str) -> bool:
    stem = _COUNTER.sub("", field).rstrip("_")
    counted = len(field) - len(stem)
    short = word(stem)
    if not name.startswith(short) or (name == short and not counted):
        return False
    lengths = {len(stem.encode(encoding)) + counted for encoding in ("utf-8", "gb18030")}
    return len(short) >= (9 if stem.isascii() else 3) and bool(lengths.intersection(_CUT))


def _has_values(field: str, rows: Rows) -> bool:
    """Whether one of the rows has one; without rows nobody knows better."""
    values = (row.get(field) for row in rows)
    return not rows or any(value is not None and str(value).strip() for value in values)


def _tells_apart(field: str, rows: Rows) -> bool:
    values = [row.get(field) for row in rows]
    seen = {str(value) for value in values}
    return len(seen) == len(values) and not seen & {"None", ""}


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(fields) or "none"
