"""How often somebody may."""

import pytest

from api.rates import Rates, RateSettings, RequestRates
from gis.errors import InstallationError, Overloaded


def test_so_many_and_no_more_and_later_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 1_000.0
    monkeypatch.setattr("throttled.utils.now_mono_f", lambda: now_s)
    rates = Rates(3)
    for _ in range(3):
        rates.check("a")
    with pytest.raises(Overloaded) as refused:
        rates.check("a")
    assert refused.value.retry_after_s == 20
    now_s += 19.9
    with pytest.raises(Overloaded):
        rates.check("a")
    now_s += 0.2
    rates.check("a")


def test_each_key_counts_for_itself() -> None:
    rates = Rates(1)
    rates.check("a")
    rates.check("b")
    with pytest.raises(Overloaded):
        rates.check("a")


def test_something_costly_counts_more() -> None:
    rates = Rates(10)
    rates.check("a", cost=8)
    rates.check("a", cost=2)
    with pytest.raises(Overloaded):
        rates.check("a")


def test_an_address_and_an_account_of_the_same_number_are_not_one() -> None:
    rates = RequestRates(RateSettings(public_requests_per_minute=1, requests_per_minute=1))
    rates.check_address("7")
    rates.check_account(7)
    with pytest.raises(Overloaded):
        rates.check_account(7)


@pytest.mark.parametrize("word", ["0", "-5", "many"])
def test_a_setting_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("WANGGE_REQUESTS_PER_MINUTE", word)
    with pytest.raises(InstallationError, match=f"WANGGE_REQUESTS_PER_MINUTE cannot be '{word}'"):
        RateSettings.from_environment()
