"""A category as somebody writes it down: in a request, or in a row of a table."""

import re
from collections.abc import Iterable

from gis.errors import InvalidInput
from patrol.categories.alias import read_aliases
from patrol.categories.category import USUAL_PHOTOS, Category, CategoryKind, DispatchRule, PhotoNeed
from patrol.categories.field import CategoryField, read_fields
from patrol.categories.tree import Categories
from patrol.clocks.rule import read_rule

TITLE_LIMIT = 60
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}(?:\.[a-z0-9][a-z0-9_-]{0,39}){0,2}")


def read_category(
    categories: Categories,
    *,
    code: str,
    title_zh: str,
    term: str,
    title_en: str | None = None,
    parent: str | None = None,
    number: str | None = None,
    kind: CategoryKind | None = None,
    urgent: bool = False,
    department: str | None = None,
    photos: Iterable[PhotoNeed] = USUAL_PHOTOS,
    dispatch: DispatchRule = DispatchRule.GRID,
    active: bool = True,
    fields: Iterable[CategoryField] = (),
    aliases: Iterable[str] = (),
) -> Category:
    """Without `kind` it is of its parent's, an event without one; without `number` it keeps the one that
    it has in `categories`, or gets the next; without `title_en` it has the Chinese title. Whether it has
    its place among them is for `Categories.check`. Raises InvalidInput, naming the field.
    """
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            f"{code[:60]!r} is no code of a category; write small letters, digits, - and _, with a dot "
            "after the main category, such as environment.garbage.",
            field="code",
        )
    zh = _title(title_zh, code, "title_zh")
    before = categories.of(code) if code in categories else None
    above = categories.of(parent) if parent is not None and parent in categories else None
    if kind is None:
        kind = above.kind if above is not None else CategoryKind.EVENT
    if number is None:
        stays = before is not None and (before.parent, before.kind) == (parent, kind)
        can_be_below = above is not None or parent is None
        if before is not None and stays:
            number = before.number
        else:
            number = categories.next_number(kind, parent) if can_be_below else ""
    try:
        rule = read_rule(term)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="term", code="unknown_term") from None
    return Category(
        code=code,
        number=number,
        kind=kind,
        title_zh=zh,
        title_en=_title(title_en or zh, code, "title_en"),
        parent=parent,
        term=rule.to_text(),
        urgent=urgent,
        department=department,
        photos=frozenset(photos),
        dispatch=dispatch,
        active=active,
        fields=read_fields(fields),
        aliases=read_aliases(code, aliases),
    )


def _title(text: str, code: str, field: str) -> str:
    title = " ".join(text.split())
    if not title:
        raise InvalidInput(f"{code} has no title; say in `{field}` what it is called.", field=field)
    if len(title) > TITLE_LIMIT or not title.isprintable():
        raise InvalidInput(
            f"The title of {code} has {len(title)} characters or one that cannot be printed; at most "
            f"{TITLE_LIMIT} are allowed.",
            field=field,
        )
    return title
