"""The tree of categories: which may be chosen, and what cannot be."""

from dataclasses import replace
from typing import Any

import pytest

from gis.errors import InvalidInput
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import Category, CategoryKind, DispatchRule
from patrol.categories.entry import read_category
from patrol.categories.tree import Categories
from patrol.clocks.rule import read_rule

TREE = Categories(BUILT_IN.values())
LAMP = TREE.of("facility.lamp")


def read(**changes: Any) -> Category:
    values = {"code": "safety.charging", "parent": "safety", "title_zh": "飞线充电", "term": "1d"}
    return read_category(TREE, **{**values, **changes})


def check(category: Category) -> None:
    TREE.with_changed([category]).check(category)


def test_every_built_in_category_has_its_place_and_a_term() -> None:
    for each in TREE:
        TREE.check(each)
        assert read_rule(each.term).to_text() == each.term
    assert len({each.title_zh for each in TREE}) == len(BUILT_IN)


def test_a_main_category_stands_before_its_subcategories() -> None:
    codes = [each.code for each in TREE]
    assert codes[:3] == ["facility", "facility.lamp", "facility.manhole"]
    assert TREE.under("traffic") == [each for each in codes if each.startswith("traffic")]


def test_an_unknown_category_is_refused_with_those_that_are_near() -> None:
    for wrong, near in (("garbage", r"environment\.garbage"), ("facility.lmap", r"facility\.lamp")):
        with pytest.raises(InvalidInput, match=f"{wrong!r}; did you mean .*{near}") as refusal:
            TREE.of(wrong)
        assert (refusal.value.field, refusal.value.code) == ("category", "unknown_category")


@pytest.mark.parametrize("retired", ["facility.lamp", "facility"])
def test_what_is_retired_is_not_chosen_any_more_and_still_found(retired: str) -> None:
    tree = TREE.with_changed([replace(TREE.of(retired), active=False)])
    with pytest.raises(InvalidInput, match=r"facility\.lamp is retired"):
        tree.chosen("facility.lamp")
    assert tree.of("facility.lamp").title_zh == "路灯损坏"
    assert TREE.chosen("facility.lamp") is LAMP


def test_a_main_category_is_not_chosen_but_what_is_below_it() -> None:
    with pytest.raises(InvalidInput, match=r"traffic\.light, traffic\.sign"):
        TREE.chosen("traffic")
    assert TREE.chosen("other").code == "other"


def test_a_new_category_needs_a_code_a_title_and_a_term() -> None:
    new = read()
    check(new)
    assert (new.number, new.kind, new.title_en) == ("020508", CategoryKind.EVENT, "飞线充电")
    assert read(code="water", parent=None, kind=CategoryKind.PART).number == "0104"
    assert read(code="facility.lamp", parent="facility").number == LAMP.number


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"code": "Safety Charging"}, "code", "is no code of a category"),
        ({"title_zh": " \t"}, "title_zh", "has no title"),
        ({"title_zh": "长" * 61}, "title_zh", "at most 60"),
        ({"term": "5 weeks"}, "term", "is no term; write one like 2h"),
        ({"term": ""}, "term", "is no term"),
    ],
)
def test_what_is_no_category_is_refused(changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        read(**changes)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("category", "field", "words"),
    [
        (replace(TREE.of("safety"), parent="safety"), "parent", "cannot be below itself"),
        (replace(TREE.of("safety"), parent="safety.dog"), "parent", "has subcategories itself"),
        (replace(LAMP, parent="plumbing"), "parent", "no category 'plumbing'"),
        (replace(LAMP, parent="facility.road"), "parent", r"two levels\. Choose facility"),
        (replace(LAMP, parent="safety"), "kind", "the same kind: event"),
        (replace(LAMP, number="010102"), "number", r"facility\.manhole has the number 010102"),
        (replace(LAMP, number="0101a1"), "number", "0101 and two more digits"),
        (replace(LAMP, number="010201"), "number", "0101 and two more digits"),
        (replace(TREE.of("safety"), number="0298"), "kind", "numbers that begin with 0205"),
        (replace(TREE.of("other"), active=False), "code", "stays a main category"),
        (replace(LAMP, parent="other", kind=CategoryKind.EVENT), "number", "0299"),
        (replace(LAMP, dispatch=DispatchRule.DEPARTMENT), "department", "say in `department`"),
    ],
)
def test_what_has_no_place_in_the_tree_is_refused(
    category: Category, field: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        check(category)
    assert refusal.value.field == field


def test_nothing_is_below_what_takes_everything_else() -> None:
    below = replace(LAMP, parent="other", kind=CategoryKind.EVENT, number="029901")
    with pytest.raises(InvalidInput, match="undivided"):
        TREE.with_changed([below]).check(TREE.of("other"))
    with pytest.raises(InvalidInput, match="nothing is below other"):
        check(below)


def test_disputes_and_help_for_people_are_nobody_elses_business() -> None:
    about = {each.code for each in BUILT_IN.values() if each.is_about_people}
    assert {"dispute", "dispute.wages", "service.elderly", "safety.help"} <= about
    assert not about & {"facility.lamp", "safety", "safety.fire", "other"}


def test_a_category_is_known_by_code_title_and_alias_however_it_is_written() -> None:
    tree = TREE.with_changed([replace(LAMP, aliases=("LED 灯（不亮）",))])
    for name in ("facility.lamp", "路灯损坏", "broken  street LAMP", " ｌｅｄ 灯(不亮)"):
        assert tree.called(name) == tree.of("facility.lamp")
    for name in ("SW-Dirty Alley", "", "公用设施"):  # the last has subcategories
        assert tree.called(name) is None
    retired = tree.with_changed([replace(LAMP, active=False)])
    assert retired.called("路灯损坏") is None


def test_aliases_are_kept_once_and_refused_when_they_are_none() -> None:
    assert read(aliases=["飞线  充电 ", "", "Ｆｌｙ", "fly"]).aliases == ("飞线 充电", "Ｆｌｙ")
    for wrong in (["x" * 101], ["\x00"], [str(n) for n in range(101)]):
        with pytest.raises(InvalidInput) as refusal:
            read(aliases=wrong)
        assert refusal.value.field == "aliases"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aliases": ("灯坏了",)}, "aliases"),
        ({"aliases": ("路灯损坏",)}, "aliases"),
        ({"title_zh": "灯坏了"}, "title_zh"),
    ],
)
def test_no_two_categories_have_the_same_alias(changes: Any, field: str) -> None:
    tree = TREE.with_changed([replace(LAMP, aliases=("灯坏了",))])
    road = replace(TREE.of("facility.road"), **changes)
    with pytest.raises(InvalidInput, match=r"路灯损坏 \(facility\.lamp\)") as refusal:
        tree.with_changed([road]).check(road)
    assert (refusal.value.field, refusal.value.code) == (field, "name_taken")
    retired = replace(tree.of("facility.lamp"), active=False)
    tree.with_changed([road, retired]).check(road)  # nothing leads there


def test_a_main_category_gives_its_title_to_one_of_its_subcategories() -> None:
    lamp = replace(LAMP, aliases=("公用设施",))
    tree = TREE.with_changed([lamp])
    for each in tree:
        tree.check(each)
    assert tree.called("公用设施") == lamp
