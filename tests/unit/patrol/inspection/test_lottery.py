"""Random inspection: a lottery that anyone can verify."""

import json
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from patrol.inspection.lottery import Terms, draw


def ids(kind: str, count: int) -> frozenset[str]:
    return frozenset(f"{kind}{n}" for n in range(count))


def terms(
    targets: int = 6, inspectors: int = 5, wanted: int = 3, team: int = 2, avoided: tuple = ()
) -> Terms:
    return Terms(
        targets=ids("T", targets),
        inspectors=ids("I", inspectors),
        targets_wanted=wanted,
        team_size=team,
        avoided=frozenset(avoided),
    )


def test_a_draw_can_be_done_again_by_hand():
    written = (
        '{"targets":["T0","T1"],"inspectors":["I0","I1","I2"],"targets_wanted":1,"team_size":2,'
        '"avoided":[["I0","T0"]]}'
    )
    seed = sha256(written.encode()).hexdigest() + ":secret:7"

    def ticket(text: str) -> str:
        return sha256(f"{seed}\n{text}".encode()).hexdigest()

    target = min(["T0", "T1"], key=lambda t: ticket(f"target\n{t}"))
    free = ["I1", "I2"] if target == "T0" else ["I0", "I1", "I2"]
    team = sorted(free, key=lambda i: ticket(f"inspector\n{target}\n{i}"))[:2]

    [drawn] = draw(terms(2, 3, wanted=1, avoided=(("I0", "T0"),)), secret="secret", public="7")
    assert (drawn.target, list(drawn.inspectors)) == (target, team)


@given(st.integers(1, 12), st.integers(1, 8), st.data(), st.text(max_size=9))
def test_work_is_spread_and_nobody_goes_twice_to_one_place(
    targets: int, inspectors: int, data: st.DataObject, public: str
):
    wanted = data.draw(st.integers(1, targets))
    team = data.draw(st.integers(1, inspectors))
    drawn = draw(terms(targets, inspectors, wanted, team), secret="s", public=public)
    assert len({one.target for one in drawn}) == wanted
    assert all(len(set(one.inspectors)) == team for one in drawn)
    load = Counter(inspector for one in drawn for inspector in one.inspectors)
    loads = [load[f"I{n}"] for n in range(inspectors)]
    assert max(loads) - min(loads) <= 1


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=8), st.text(max_size=9))
def test_those_who_are_to_avoid_each_other_do(pairs: set[tuple[int, int]], public: str):
    avoided = frozenset((f"I{inspector}", f"T{target}") for inspector, target in pairs)
    if any(count > 3 for count in Counter(target for _, target in avoided).values()):
        return  # too few are left for a team of two
    for one in draw(terms(wanted=6, avoided=tuple(avoided)), secret="s", public=public):
        assert not {(inspector, one.target) for inspector in one.inspectors} & avoided


def test_every_target_and_inspector_has_the_same_chance():
    times = 3_000
    targets, inspectors = Counter[str](), Counter[str]()
    for public in range(times):
        for one in draw(terms(6, 5, wanted=1, team=1), secret="s", public=str(public)):
            targets[one.target] += 1
            inspectors.update(one.inspectors)
    for counts, choices in ((targets, 6), (inspectors, 5)):
        expected = times / choices
        chi_squared = sum((counts[name] - expected) ** 2 / expected for name in counts)
        assert len(counts) == choices
        assert chi_squared < 20  # p = 0.001 at five degrees of freedom


@pytest.mark.parametrize("change", ["secret", "public", "terms"])
def test_everything_that_decides_is_in_the_seed(change: str):
    plain = terms(40, 20, wanted=20)
    before = draw(plain, secret="s", public="1")
    if change == "terms":
        plain = replace(plain, targets_wanted=19)
    after = draw(
        plain,
        secret="t" if change == "secret" else "s",
        public="2" if change == "public" else "1",
    )
    assert after[:19] != before[:19]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"targets": 0}, "targets"),
        ({"inspectors": 0}, "inspectors"),
        ({"wanted": 0}, "targets_wanted"),
        ({"wanted": 7}, "targets_wanted"),
        ({"team": 0}, "team_size"),
        ({"team": 6}, "inspectors"),
        ({"avoided": tuple((f"I{n}", "T3") for n in range(4))}, "inspectors"),
        ({"avoided": (("I9", "T3"),)}, "avoided"),
        ({"targets": 20_001}, "targets"),
        ({"inspectors": 1_001}, "inspectors"),
    ],
)
def test_a_lottery_that_cannot_be_drawn_says_why(wrong: dict, field: str):
    with pytest.raises(InvalidInput) as refusal:
        terms(**wrong)
    assert refusal.value.field == field


def test_terms_are_the_same_after_json():
    written = terms(avoided=(("I0", "T0"),))
    read = Terms.from_json(json.loads(json.dumps(written.to_json())))
    assert read == written
    assert read.digest == written.digest


@pytest.mark.parametrize("value", [None, [], {}, {"targets": ["1"]}, "terms"])
def test_what_is_no_terms_is_refused(value: object):
    with pytest.raises(InvalidInput):
        Terms.from_json(value)
