"""How shares are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.figures.shares import points_text, share_text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (911 / 972, "93.72 %"),
        (737 / 972, "75.82 %"),
        (1 / 7, "14.29 %"),
        (0.28125, "28.13 %"),
        (0.57, "57.00 %"),
        (0.999999, "99.99 %"),
        (0.000001, "0.01 %"),
        (0, "0.00 %"),
        (1, "100.00 %"),
        (1.0286, "102.86 %"),
    ],
)
def test_a_share_has_two_decimals_and_is_all_or_none_only_when_it_is(
    share: float, text: str
) -> None:
    assert share_text(share) == text


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_a_written_share_is_as_near_as_two_decimals_are(above: int, more: int) -> None:
    share = above / (above + more)
    assert float(share_text(share).removesuffix(" %")) == pytest.approx(100 * share, abs=0.01)


@pytest.mark.parametrize(
    ("change", "text"), [(0.012, "+1.20"), (-1 / 6, "-16.67"), (0, "+0.00"), (-0.28125, "-28.13")]
)
def test_a_change_is_in_points(change: float, text: str) -> None:
    assert points_text(change) == text
