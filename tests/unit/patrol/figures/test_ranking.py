from hypothesis import given
from hypothesis import strategies as st

from patrol.figures.ranking import added_up, rank

WEIGHTS = {"on_time_rate": 60.0, "rework_rate": 40.0}


def counts(due: int, on_time: int, closed: int = 0, reworked: int = 0) -> dict[str, float]:
    return {"due": due, "due_on_time": on_time, "closed": closed, "reworked": reworked}


def test_of_rework_less_is_better() -> None:
    [row] = rank({"a": counts(10, 5, closed=10, reworked=1)}, WEIGHTS)
    assert row.score == 60 * 0.5 + 40 * 0.9


def test_what_has_no_denominator_leaves_its_weight_to_the_others() -> None:
    [row] = rank({"a": counts(10, 5)}, WEIGHTS)
    assert row.score == 50


def test_equal_scores_share_a_rank_and_the_one_with_more_cases_stands_first() -> None:
    rows = rank(
        {
            "few": counts(2, 1),
            "many": counts(200, 100),
            "best": counts(3, 3),
            "worst": counts(3, 0),
            "nothing": {},
        },
        WEIGHTS,
    )
    assert [(row.key, row.rank, row.tied) for row in rows] == [
        ("best", 1, 0),
        ("many", 2, 1),
        ("few", 2, 1),
        ("worst", 4, 0),
        ("nothing", None, 0),
    ]


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.tuples(st.integers(0, 50), st.integers(0, 50)),
        max_size=20,
    )
)
def test_whoever_scores_more_ranks_before(given_counts: dict[str, tuple[int, int]]) -> None:
    rows = rank({key: counts(max(pair), min(pair)) for key, pair in given_counts.items()}, WEIGHTS)
    assert len(rows) == len(given_counts)
    ranked = [row for row in rows if row.score is not None]
    for row in ranked:
        assert row.score is not None
        better = [each for each in ranked if each.score is not None and each.score > row.score]
        assert row.rank == len(better) + 1
        assert 0 <= row.score <= 100


def test_numbers_add_up() -> None:
    assert dict(added_up([("a", {"due": 1}), ("b", {"due": 5}), ("a", {"due": 2})])["a"]) == {
        "due": 3
    }
