"""Who guesses passwords waits: counted in the database, by account, by address and by both; who guesses
codes by address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from api.accounts.guesses import CODES, Guesses
from api.accounts.throttle import ACCOUNT, ADDRESS, PAIR, Throttle
from data.audit import Who, record
from data.database import Database
from data.schema import sign_in_failures
from gis.errors import Overloaded

HERE, THERE = "10.0.0.1", "10.0.0.2"


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(database: Database, clock: Clock) -> Throttle:
    return Throttle(database, now=clock)


def fail(throttle: Throttle, times: int, username: str = "chief", address: str = HERE) -> None:
    for _ in range(times):
        throttle.begin(username, address)


def wait_s(throttle: Throttle, username: str = "chief", address: str = HERE) -> int:
    with pytest.raises(Overloaded) as caught:
        throttle.begin(username, address)
    return caught.value.retry_after_s


def stored(database: Database) -> dict[str, int]:
    with database.begin() as conn:
        rows = conn.execute(select(sign_in_failures.c.key, sign_in_failures.c.failures))
        return {row.key: row.failures for row in rows}


def put(database: Database, key: str, failures: int, at: datetime) -> None:
    with database.begin() as conn:
        conn.execute(insert(sign_in_failures).values(key=key, failures=failures, last_at=at))


def test_the_first_failures_cost_nothing(throttle: Throttle) -> None:
    fail(throttle, 5)


def test_further_failures_double_the_wait_up_to_a_minute(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, 5)
    waits = []
    for _ in range(8):
        waits.append(wait_s(throttle))
        clock.go_on(seconds=waits[-1])
        fail(throttle, 1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_what_is_refused_without_a_check_does_not_count(
    throttle: Throttle, database: Database
) -> None:
    fail(throttle, 5)
    assert [wait_s(throttle) for _ in range(3)] == [1, 1, 1]
    assert set(stored(database).values()) == {5}


def test_a_restart_forgets_nothing(throttle: Throttle, database: Database, clock: Clock) -> None:
    fail(throttle, 5)
    assert wait_s(Throttle(database, now=clock)) == 1


def test_others_do_not_wait(throttle: Throttle) -> None:
    fail(throttle, 5)
    fail(throttle, 1, username="dispatcher")
    fail(throttle, 1, address=THERE)


def test_an_account_that_is_tried_from_many_addresses_waits_everywhere(
    throttle: Throttle, clock: Clock
) -> None:
    for number in range(ACCOUNT.free):
        fail(throttle, 1, address=f"10.0.1.{number}")
    assert wait_s(throttle, address=THERE) == 1
    fail(throttle, 1, username="dispatcher", address=THERE)


def test_an_account_waits_a_quarter_of_an_hour_at_most(
    throttle: Throttle, database: Database, clock: Clock
) -> None:
    put(database, "account chief", 1_000_000, clock.at)
    assert wait_s(throttle, address=THERE) == 15 * 60
    clock.go_on(minutes=15)
    fail(throttle, 1, address=THERE)


@pytest.mark.parametrize(("ago", "waits"), [(timedelta(0), False), (timedelta(days=31), True)])
def test_where_its_owner_signed_in_lately_an_account_does_not_wait_for_others(
    throttle: Throttle, database: Database, clock: Clock, ago: timedelta, waits: bool
) -> None:
    who = Who(account_id=1, name="chief", role="grid_chief", address=HERE)
    with database.begin() as conn:
        record(conn, who, "session.open")
    clock.at += ago
    put(database, "account chief", 1_000, clock.at)
    if waits:
        assert wait_s(throttle) == 15 * 60
    else:
        fail(throttle, PAIR.free)
        assert wait_s(throttle) == 1
    assert wait_s(throttle, address=THERE) == 15 * 60


def test_an_address_that_tries_many_accounts_waits(throttle: Throttle, clock: Clock) -> None:
    for number in range(ADDRESS.free):
        fail(throttle, 1, username=f"name {number}")
    assert wait_s(throttle) == 1
    fail(throttle, 1, address=THERE)


def test_a_success_wipes_the_slate_of_the_account_and_not_of_the_address(
    throttle: Throttle, database: Database
) -> None:
    fail(throttle, 3)
    fail(throttle, 1, username="dispatcher")
    throttle.succeeded("chief", HERE)
    assert stored(database) == {
        "account dispatcher": 1,
        f"address {HERE}": 3,
        f"pair {HERE} dispatcher": 1,
    }


def test_an_attempt_can_be_taken_back(throttle: Throttle, database: Database) -> None:
    fail(throttle, 3)
    throttle.forgive("chief", HERE)
    assert set(stored(database).values()) == {2}


def test_failures_of_yesterday_are_forgotten(
    throttle: Throttle, database: Database, clock: Clock
) -> None:
    fail(throttle, 5)
    fail(throttle, 5, username="dispatcher", address=THERE)
    clock.go_on(hours=24)
    fail(throttle, 1)
    assert stored(database)["account chief"] == 1
    fail(throttle, 1, username="somebody else")
    assert "account dispatcher" not in stored(database)


def test_a_clock_that_was_put_back_makes_nobody_wait_longer(
    throttle: Throttle, clock: Clock
) -> None:
    fail(throttle, 5)
    clock.go_on(hours=-5)
    assert wait_s(throttle) == 1


def test_the_table_is_bounded(throttle: Throttle, database: Database, clock: Clock) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO sign_in_failures "
                "SELECT 'account ' || n, 1, :at FROM generate_series(1, 12000) AS n"
            ),
            {"at": clock.at - timedelta(minutes=1)},
        )
    fail(throttle, 1)
    assert len(stored(database)) == 10_000
    assert stored(database)["account chief"] == 1


def test_who_guesses_codes_waits_and_signs_in_as_before(
    throttle: Throttle, database: Database, clock: Clock
) -> None:
    guesses = Guesses(database, now=clock)
    for _ in range(CODES.free + 1):
        guesses.check(HERE)
        guesses.failed(HERE)
        clock.go_on(seconds=1)
    with pytest.raises(Overloaded) as caught:
        guesses.check(HERE)
    assert caught.value.retry_after_s == 1
    guesses.check(THERE)
    fail(throttle, 1)


def test_wrong_codes_clear_away_what_is_old_and_too_much(database: Database, clock: Clock) -> None:
    guesses = Guesses(database, now=clock)
    guesses.failed(HERE)
    clock.go_on(hours=24)
    guesses.failed(THERE)
    assert stored(database) == {f"follow code {THERE}": 1}
    guesses.check(HERE)


def test_a_hundred_attempts_at_once_are_not_a_hundred_free_ones(
    throttle: Throttle, database: Database
) -> None:
    def attempt(_: int) -> bool:
        try:
            throttle.begin("chief", HERE)
        except Overloaded:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(attempt, range(100))) == PAIR.free


def test_attempts_at_once_do_not_stand_in_each_others_way(
    throttle: Throttle, database: Database
) -> None:
    def attempt(number: int) -> None:
        username, address = f"name {number % 3}", f"10.0.0.{number % 2}"
        try:
            throttle.begin(username, address)
        except Overloaded:
            return
        (throttle.succeeded if number % 5 else throttle.forgive)(username, address)

    with ThreadPoolExecutor(20) as threads:
        assert len(list(threads.map(attempt, range(300)))) == 300
