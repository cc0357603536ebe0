"""The categories that cases of other systems can have here."""

from collections.abc import Mapping

from patrol.categories.category import Category
from patrol.categories.tree import Categories


def known_categories(categories: Categories) -> Mapping[str, Category]:
    """By code."""
    return {each.code: each for each in categories.choice()}


def category_said(said: str | None, known: Mapping[str, Category]) -> Category | None:
    """The category with this code or title, in Chinese or English; None when there is none."""
    word = _word(said or "")
    titles = {
        _word(name): category
        for category in reversed([*known.values()])
        for name in (category.title_en, category.title_zh, category.code)
    }
    return titles.get(word)


def _word(text: str) -> str:
    return " ".join(text.casefold().split())
