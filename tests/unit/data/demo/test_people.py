import re
from collections import Counter


def test_every_grid_has_exactly_one_who_answers_for_it(town):
    held = Counter(
        (post.role, post.grid_code)
        for member in town.workforce.staff
        for post in member.posts
        if not post.is_deputy and post.role in ("grid_chief", "grid_worker")
    )
    expected = {("grid_chief", grid.code): 1 for grid in town.level_1}
    expected |= {("grid_worker", grid.code): 1 for grid in town.level_2}
    assert held == expected


def test_nobody_is_their_own_deputy(town):
    for member in town.workforce.staff:
        own = {(post.role, post.grid_code) for post in member.posts if not post.is_deputy}
        assert not own & {(p.role, p.grid_code) for p in member.posts if p.is_deputy}


def test_units_are_numbered_by_what_they_do(town):
    prefixes = Counter(unit.code[:2] for unit in town.workforce.units)
    assert prefixes == {"GC": 26, "GW": 69, "IN": 8, "LI": 8, "PA": 12, "EO": 12, "VH": 4}
    assert len({unit.code for unit in town.workforce.units}) == 139


def test_each_person_is_one_unit_but_for_those_in_the_town_hall(town):
    carried = Counter(unit.staff for unit in town.workforce.units if unit.kind == "person")
    assert set(carried.values()) == {1}
    without = [m for i, m in enumerate(town.workforce.staff) if i not in carried]
    assert {member.posts[0].role for member in without} == {"dispatcher", "department_handler"}


def test_names_differ_and_telephone_numbers_are_of_nobody(town):
    staff = town.workforce.staff
    assert len({member.name for member in staff}) == len(staff)
    assert all(re.fullmatch(r"1990000\d{4}", member.phone) for member in staff)
