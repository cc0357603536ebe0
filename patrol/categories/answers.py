"""What was said in the fields of a category, in the words in which it was asked. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from patrol.categories.field import CategoryField, FieldKind, FieldValue


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a field was called when it was asked. Its category may be edited afterwards."""

    code: str
    title_zh: str
    title_en: str
    kind: FieldKind = FieldKind.TEXT


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldAnswer:
    asked: Asked
    value: FieldValue


def asked_in(fields: Iterable[CategoryField], said: Collection[str]) -> tuple[Asked, ...]:
    """The words of those fields in which something was said, in their order."""
    return tuple(
        Asked(code=field.code, title_zh=field.title_zh, title_en=field.title_en, kind=field.kind)
        for field in fields
        if field.code in said
    )


def answers(asked: Iterable[Asked], said: Mapping[str, FieldValue]) -> tuple[FieldAnswer, ...]:
    """In the order in which it was asked. What was kept without its words comes last, by its code."""
    words = {each.code: each for each in asked}
    without = [code for code in said if code not in words]
    words |= {code: Asked(code=code, title_zh=code, title_en=code) for code in without}
    return tuple(
        FieldAnswer(asked=each, value=said[code]) for code, each in words.items() if code in said
    )
