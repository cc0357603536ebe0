"""The categories as the administrator has them: kept between transactions, and changed on the record."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Who, record
from data.schema import case_categories, case_category_version
from gis.errors import Conflict, NotFound
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import Category, CategoryKind, DispatchRule, PhotoNeed
from patrol.categories.field import CategoryField
from patrol.categories.tree import LISTED, Categories
from patrol.duty.departments import list_departments

_MOST_RECORDED = 100


class KeptCategories:
    """Gives the categories of a transaction; one for each process.

    Whoever asks says which version the transaction sees, and they are read again when it is another one:
    what anybody committed holds for the next transaction everywhere.
    """

    def __init__(self) -> None:
        self._kept: tuple[UUID | None, Categories] | None = None

    def of(self, conn: Connection, version: UUID | None) -> Categories:
        """`version` is that of `case_category_version`, None before anything was changed."""
        kept = self._kept
        if kept is not None and kept[0] == version:
            return kept[1]
        # The version was read first: what is kept under it may be newer, and is then read once more.
        categories = Categories(BUILT_IN.values()) if version is None else read_categories(conn)
        self._kept = (version, categories)
        return categories


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryChange:
    """`fields` are those that differ from before; of a new category none."""

    category: Category
    is_new: bool
    fields: tuple[str, ...]


def read_categories(conn: Connection) -> Categories:
    """What is built in, as the rows change and extend it."""
    rows = conn.execute(select(case_categories))
    active = [each.code for each in list_departments(conn) if each.active]
    return Categories(BUILT_IN.values(), active).with_changed(
        Category(
            code=row.code,
            number=row.number,
            kind=CategoryKind(row.kind),
            title_zh=row.title_zh,
            title_en=row.title_en,
            parent=row.parent,
            term=row.term,
            urgent=row.urgent,
            department=row.department,
            photos=frozenset(PhotoNeed(need) for need in row.photos),
            dispatch=DispatchRule(row.dispatch),
            active=row.active,
            fields=msgspec.convert(row.fields, tuple[CategoryField, ...]),
            aliases=tuple(row.aliases),
        )
        for row in rows
    )


def lock_categories(conn: Connection) -> Categories:
    """They get another version, and whoever else changes something waits for this transaction."""
    values = {"version": func.gen_random_uuid()}
    changing = insert(case_category_version).values(id=1, **values)
    conn.execute(changing.on_conflict_do_update(index_elements=["id"], set_=values))
    return read_categories(conn)


def changes_of(before: Categories, wanted: Iterable[Category]) -> list[CategoryChange]:
    """What is new, and what is another than it was."""
    changes = []
    for each in wanted:
        old = before.of(each.code) if each.code in before else None
        if old != each:
            differs = () if old is None else _differing(old, each)
            changes.append(CategoryChange(category=each, is_new=old is None, fields=differs))
    return changes


def save_categories(
    conn: Connection, who: Who, before: Categories, wanted: Sequence[Category]
) -> list[CategoryChange]:
    """Of categories that the caller has locked. Raises InvalidInput for a tree that cannot be."""
    changes = changes_of(before, wanted)
    after = before.with_changed(wanted)
    for each in wanted:
        after.check(each)
    for change in changes:
        _write(conn, change.category)
    if len(changes) == 1:
        [only] = changes
        details: Mapping[str, object] = {
            name: _plain(only.category, name) for name in only.fields or _FIELDS
        }
        record(conn, who, _action(only), f"category {only.category.code}", details=details)
    elif changes:
        codes = [each.category.code for each in changes]
        details = {"codes": codes[:_MOST_RECORDED], "new": sum(each.is_new for each in changes)}
        record(conn, who, "category.import", f"{len(changes)} categories", details=details)
    return changes


def require_new(categories: Categories, code: str) -> None:
    """Raises Conflict when the code is used already, be it by one that is chosen no more."""
    if code in categories:
        raise Conflict(
            f"There is a category {code} already; choose another code, or change that one with PUT "
            f"/api/v1/cases/categories/{code}.",
            code="category_exists",
            field="code",
        )


def require_there(categories: Categories, code: str) -> Category:
    """Raises NotFound."""
    if code not in categories:
        raise NotFound(f"There is no category {code[:60]!r}; {LISTED}.", code="unknown_category")
    return categories.of(code)


def require_built_in(code: str) -> Category:
    """As every installation begins with it. Raises Conflict for one that was added here."""
    if code not in BUILT_IN:
        raise Conflict(
            f"{code} is not built in, so there is nothing to set it back to; change or retire it with "
            f"PUT /api/v1/cases/categories/{code}.",
            code="not_built_in",
        )
    return BUILT_IN[code]


def require_version(category: Category, version: str | None) -> None:
    """Of the category that the caller has locked; None asks for nothing. Raises Conflict when it is
    another than the one that somebody looked at."""
    if version is not None and version != version_of(category):
        raise Conflict(
            f"The category {category.code} was changed by somebody else in the meantime; look at it "
            "again, and change it then.",
            code="category_changed",
        )


def version_of(category: Category) -> str:
    """Another one when anything about it is another."""
    values = [_plain(category, name) for name in _FIELDS]
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()[:16]


_FIELDS = tuple(each.name for each in fields(Category) if each.name != "code")


def _differing(old: Category, new: Category) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if getattr(old, name) != getattr(new, name))


def _plain(category: Category, name: str) -> object:
    value = getattr(category, name)
    if isinstance(value, frozenset):
        return sorted(value)
    return msgspec.to_builtins(value) if isinstance(value, tuple) else value


def _action(change: CategoryChange) -> str:
    return "category.create" if change.is_new else "category.change"


def _write(conn: Connection, category: Category) -> None:
    """A row only where something differs from what is built in."""
    if category == BUILT_IN.get(category.code):
        conn.execute(delete(case_categories).where(case_categories.c.code == category.code))
        return
    values = {name: _plain(category, name) for name in _FIELDS}
    adding = insert(case_categories).values(code=category.code, **values)
    conn.execute(adding.on_conflict_do_update(index_elements=["code"], set_=values))
