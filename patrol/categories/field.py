"""What is asked about a case beside its description: the fields of its category. Pure."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from gis.errors import InvalidInput

MOST_FIELDS = 20
MOST_CHOICES = 50
TEXT_LIMIT = 200
_TITLE_LIMIT = 60
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")

FieldValue = str | float


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryField:
    """`choices` are what may be said where the kind is a choice. A `required` one is refused to be left
    out by whoever stands before it."""

    code: str
    title_zh: str
    title_en: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


def read_field(
    *,
    code: str,
    title_zh: str,
    title_en: str | None = None,
    kind: FieldKind = FieldKind.TEXT,
    required: bool = False,
    choices: Iterable[str] = (),
) -> CategoryField:
    """Without `title_en` it has the Chinese title. Raises InvalidInput."""
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            f"{code[:40]!r} is no code of a field; write small letters, digits and _, such as "
            "plate_number.",
            field="fields",
        )
    said = tuple(dict.fromkeys(filter(None, (_plain(each, code) for each in choices))))
    if (kind is FieldKind.CHOICE) != bool(said) or len(said) > MOST_CHOICES:
        raise InvalidInput(
            f"The field {code} has {len(said)} choices; a choice has 1 to {MOST_CHOICES}, and nothing "
            "else has any.",
            field="fields",
        )
    zh = _plain(title_zh, code)
    if not zh:
        raise InvalidInput(
            f"The field {code} has no title; say in `title_zh` what.", field="fields"
        )
    en = _plain(title_en or zh, code)
    return CategoryField(
        code=code, title_zh=zh, title_en=en, kind=kind, required=required, choices=said
    )


def read_fields(fields: Iterable[CategoryField]) -> tuple[CategoryField, ...]:
    """Those of one category. Raises InvalidInput for two with the same code, or too many."""
    read = tuple(fields)
    if len({each.code for each in read}) < len(read) or len(read) > MOST_FIELDS:
        raise InvalidInput(
            f"A category has at most {MOST_FIELDS} fields, each with a code of its own.",
            field="fields",
        )
    return read


def read_values(
    fields: Collection[CategoryField], said: Mapping[str, object], *, required: bool
) -> dict[str, FieldValue]:
    """What somebody said in these fields, in their order; with `required` nothing that is needed may be
    missing. Raises InvalidInput, naming the field."""
    known = {each.code: each for each in fields}
    for code in said:
        if code not in known:
            there = ", ".join(known) or "none"
            raise InvalidInput(
                f"There is no field {code[:40]!r} in this category; there are: {there}.",
                field=f"fields.{code[:40]}",
                code="unknown_field",
            )
    values = {
        code: value
        for code, field in known.items()
        if (value := _read(field, said.get(code))) is not None
    }
    missing = [each for each in fields if each.required and each.code not in values]
    if required and missing:
        titles = ", ".join(f"{each.title_zh} ({each.code})" for each in missing)
        raise InvalidInput(
            f"This category needs {titles}; send it in `fields`.",
            field=f"fields.{missing[0].code}",
            code="fields_missing",
        )
    return values


def _read(field: CategoryField, said: object) -> FieldValue | None:
    """None when nothing is said."""
    where = f"fields.{field.code}"
    if said is None:
        return None
    if field.kind is FieldKind.NUMBER:
        try:
            number = float(said)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if isinstance(said, bool) or not math.isfinite(number):
            raise InvalidInput(f"{field.code} is a number, not {str(said)[:40]!r}.", field=where)
        return number
    text = " ".join(str(said).split())
    if not text:
        return None
    if len(text) > TEXT_LIMIT or not text.isprintable():
        raise InvalidInput(
            f"{field.code} has {len(text)} characters or one that cannot be printed; at most "
            f"{TEXT_LIMIT} are allowed.",
            field=where,
        )
    if field.kind is FieldKind.CHOICE and text not in field.choices:
        raise InvalidInput(
            f"{field.code} cannot be {text[:40]!r}; choose one of {', '.join(field.choices)}.",
            field=where,
        )
    return text


def _plain(text: str, code: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) > _TITLE_LIMIT or not plain.isprintable():
        raise InvalidInput(
            f"A title or choice of the field {code} has {len(plain)} characters or one that cannot be "
            f"printed; at most {_TITLE_LIMIT} are allowed.",
            field="fields",
        )
    return plain
