"""The tree of categories, and what a tree may be. Pure."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property

from gis.errors import InvalidInput
from patrol.categories.alias import compared
from patrol.categories.built_in import OTHER
from patrol.categories.category import Category, CategoryKind, DispatchRule

LISTED = "GET /api/v1/cases/categories lists what there is"
_DIGITS: Mapping[CategoryKind, str] = {CategoryKind.PART: "01", CategoryKind.EVENT: "02"}


class Categories:
    """In the order of their numbers: a main category, then its subcategories. `departments` are those
    that one may be for, where something is to be changed."""

    def __init__(
        self, categories: Iterable[Category], departments: Container[str] | None = None
    ) -> None:
        self._departments = departments
        ordered = sorted(categories, key=lambda each: (each.number, each.code))
        self._by_code = {each.code: each for each in ordered}
        self._parents = {each.parent for each in ordered}

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def of(self, code: str) -> Category:
        """The category with this code, also one that is chosen no more. Raises InvalidInput."""
        try:
            return self._by_code[code]
        except KeyError:
            near = get_close_matches(code, self._by_code, n=3, cutoff=0.4)
            near += [each for each in self._by_code if code in each.split(".") and each not in near]
            hint = f"did you mean {' or '.join(near[:4])}? " if near else ""
            raise InvalidInput(
                f"There is no category {code[:60]!r}; {hint}{LISTED}.",
                field="category",
                code="unknown_category",
            ) from None

    def chosen(self, code: str) -> Category:
        """The category that somebody gives a case. Raises InvalidInput for one that is retired, and for
        a main category that has subcategories."""
        category = self.of(code)
        if not self.is_active(category):
            raise InvalidInput(
                f"The category {code} is retired; choose another one. {LISTED}.",
                field="category",
                code="retired_category",
            )
        if self.is_divided(code):
            below = ", ".join(each for each in self.under(code)[1:] if self._by_code[each].active)
            raise InvalidInput(
                f"{code} is a main category; choose one of its subcategories: {below or 'none left'}.",
                field="category",
                code="main_category",
            )
        return category

    def choice(self) -> list[Category]:
        """Those that a case can be given."""
        return [each for each in self if self.is_selectable(each)]

    def is_selectable(self, category: Category) -> bool:
        """Whether a case can be given it now."""
        return self.is_active(category) and not self.is_divided(category.code)

    def is_active(self, category: Category) -> bool:
        """Not retired, by itself or with its main category."""
        parent = None if category.parent is None else self._by_code.get(category.parent)
        return category.active and (parent is None or parent.active)

    def is_divided(self, code: str) -> bool:
        """Whether it has subcategories."""
        return code in self._parents

    def under(self, code: str) -> list[str]:
        """Its own code, and those of its subcategories."""
        return [code, *(each.code for each in self if each.parent == code)]

    def called(self, name: str) -> Category | None:
        """The one whose code, title or alias this is, of those that a case can be given; None when there
        is none. Case, full or half width, and spaces make no difference."""
        found = self._by_name.get(compared(name), ())
        return next((each for each in found if self.is_selectable(each)), None)

    @cached_property
    def _by_name(self) -> Mapping[str, list[Category]]:
        """What is not retired, by all its names; whose code or title one is before whose alias."""
        found: dict[str, list[Category]] = {}
        active = [each for each in self if each.active]
        for each in active:
            for name in (each.code, each.title_zh, each.title_en):
                found.setdefault(compared(name), []).append(each)
        for each in active:
            for name in each.aliases:
                found.setdefault(compared(name), []).append(each)
        return found

    def named(self, part: str) -> set[str]:
        """Codes: what has this in its name, in either language, and what is under that."""
        part = part.casefold()
        return {
            code
            for each in self
            if part in each.title_zh.casefold() or part in each.title_en.casefold()
            for code in self.under(each.code)
        }

    def with_changed(self, changed: Iterable[Category]) -> "Categories":
        changes = {each.code: each for each in changed}
        return Categories((self._by_code | changes).values(), self._departments)

    def next_number(self, kind: CategoryKind, parent: str | None) -> str:
        """The first that is free among the subcategories of `parent`, or the main categories."""
        prefix = _DIGITS[kind] if parent is None else self.of(parent).number
        taken = {each.number for each in self}
        free = (f"{prefix}{ordinal:02}" for ordinal in range(1, 100))
        number = next((each for each in free if each not in taken), None)
        if number is None:
            raise InvalidInput(
                "There is no number left; a category has at most 99 below it.", field="number"
            )
        return number

    def check(self, category: Category) -> None:
        """Whether one of these has its place among them. Raises InvalidInput, naming the field."""
        code, parent = category.code, category.parent
        if parent is not None:
            self._check_parent(category, parent)
        prefix = _DIGITS[category.kind] if parent is None else self._by_code[parent].number
        if not re.fullmatch(re.escape(prefix) + r"[0-9]{2}", category.number):
            raise InvalidInput(
                f"The number of {code} is {prefix} and two more digits, not {category.number[:12]!r}.",
                field="number",
            )
        for other in self:
            if other.number == category.number and other.code != code:
                raise InvalidInput(
                    f"{other.code} has the number {category.number} already; choose another one.",
                    field="number",
                    code="number_taken",
                )
            if other.parent == code and (other.kind, other.number[:4]) != (
                category.kind,
                category.number,
            ):
                raise InvalidInput(
                    f"{code} has subcategories such as {other.code}, which are of the kind {other.kind} "
                    f"and have numbers that begin with {other.number[:4]}; that stays.",
                    field="kind",
                )
        if parent == OTHER:
            raise InvalidInput(
                f"{OTHER} takes whatever fits nowhere; nothing is below {OTHER}.", field="parent"
            )
        if code == OTHER and (parent is not None or self.is_divided(code) or not category.active):
            raise InvalidInput(
                f"{OTHER} takes whatever fits nowhere: it stays a main category, active and undivided.",
                field="code",
            )
        self._check_department(category)
        if category.active:
            self._check_names(category)

    def _check_names(self, category: Category) -> None:
        """An alias leads to one category. A title that leads to none, of a main category with
        subcategories, may be an alias of one of these."""
        code, is_selectable = category.code, self.is_selectable(category)
        own = [("code", code), ("title_zh", category.title_zh), ("title_en", category.title_en)]
        names = [*(own if is_selectable else []), *(("aliases", each) for each in category.aliases)]
        for field, name in names:
            for other in self._by_name[compared(name)]:
                is_alias = compared(name) in map(compared, other.aliases)
                leads_there = is_alias or (field == "aliases" and self.is_selectable(other))
                if other.code != code and leads_there:
                    raise InvalidInput(
                        f"{other.title_zh} ({other.code}) is called {name[:60]!r} already, and so "
                        f"cannot {code} be; choose another name, or take it from {other.code} first.",
                        field=field,
                        code="name_taken",
                    )

    def _check_department(self, category: Category) -> None:
        code, department = category.code, category.department
        if category.dispatch is DispatchRule.DEPARTMENT and department is None:
            raise InvalidInput(
                f"{code} is for a handler of its department: say in `department` which.",
                field="department",
            )
        known = self._departments
        if category.active and department and known is not None and department not in known:
            raise InvalidInput(
                f"There is no department {department[:40]!r} that is active, which {code} is for; "
                "GET /api/v1/departments lists them.",
                field="department",
                code="unknown_department",
            )

    def _check_parent(self, category: Category, parent: str) -> None:
        code, above = category.code, self._by_code.get(parent)
        if parent == code:
            raise InvalidInput(f"{code} cannot be below itself.", field="parent")
        if above is None:
            raise InvalidInput(
                f"There is no category {parent[:60]!r} that {code} could be below; {LISTED}.",
                field="parent",
                code="unknown_category",
            )
        if self.is_divided(code):
            raise InvalidInput(
                f"{code} has subcategories itself, so it is a main category: leave `parent` empty.",
                field="parent",
            )
        if above.parent is not None:
            raise InvalidInput(
                f"{parent} is a subcategory itself; there are two levels. Choose {above.parent}.",
                field="parent",
            )
        if above.kind is not category.kind:
            raise InvalidInput(
                f"{code} is below {parent}, so it is of the same kind: {above.kind}.", field="kind"
            )
