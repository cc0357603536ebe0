"""What else can become of a case on its way: it waits, rises, is merged, is judged."""

from datetime import timedelta
from typing import Any

import pytest

from gis.errors import InvalidInput
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import Case, Rating, Source, State, Tier
from patrol.cases.distinct import tell_apart
from patrol.cases.order import Order
from patrol.cases.repeats import times_reported
from patrol.categories.category import PhotoNeed
from patrol.duty.ownership import OwnerReason

Town = Any  # the fixture of conftest.py


@pytest.fixture
def accepted(town: Town, worker: Any) -> Case:
    """A case of 王's, with 120 hours to handle it."""
    case = town.service.report(town.report(), worker).case
    return town.act(case, Action.ACCEPT, worker)


def test_on_hold_no_time_passes(town: Town, accepted: Case, worker: Any, chief: Any) -> None:
    until = town.clock.now + timedelta(days=30)
    asked = town.act(accepted, Action.ASK_HOLD, worker, until=until)
    assert (asked.state, asked.request.wish) == (State.IN_PROGRESS, "hold")
    town.clock.advance(hours=20)
    held = town.act(asked, Action.GRANT_HOLD, chief)
    assert (held.state, held.hold_until, held.request) == (State.ON_HOLD, until, None)
    town.clock.advance(days=10)
    resumed = town.act(held, Action.RESUME, worker)
    assert resumed.due_at == town.clock.now + timedelta(hours=100)
    assert (resumed.held_at, resumed.hold_until) == (None, None)


def test_a_hold_of_no_length_changes_nothing(
    town: Town, accepted: Case, worker: Any, chief: Any
) -> None:
    until = town.clock.now + timedelta(days=1)
    asked = town.act(accepted, Action.ASK_HOLD, worker, until=until)
    held = town.act(asked, Action.GRANT_HOLD, chief)
    assert town.act(held, Action.RESUME, worker).due_at == accepted.due_at


@pytest.mark.parametrize("days", [0, 366])
def test_a_hold_ends_within_a_year(town: Town, accepted: Case, worker: Any, days: int) -> None:
    until = town.clock.now + timedelta(days=days)
    with pytest.raises(InvalidInput, match="within 365 days") as refusal:
        town.act(accepted, Action.ASK_HOLD, worker, until=until)
    assert refusal.value.field == "until"


def test_a_hold_that_would_have_ended_is_not_granted(
    town: Town, accepted: Case, worker: Any, chief: Any
) -> None:
    until = town.clock.now + timedelta(hours=1)
    asked = town.act(accepted, Action.ASK_HOLD, worker, until=until)
    town.clock.advance(hours=1)
    with pytest.raises(InvalidInput, match="refuse it"):
        town.act(asked, Action.GRANT_HOLD, chief)
    assert town.act(asked, Action.REFUSE, chief).request is None


def test_an_extension_is_the_term_once_more_and_twice_at_most(
    town: Town, accepted: Case, worker: Any, chief: Any
) -> None:
    case = accepted
    for times in (1, 2):
        asked = town.act(case, Action.ASK_EXTENSION, worker)
        case = town.act(asked, Action.GRANT_EXTENSION, chief)
        assert case.due_at == accepted.due_at + timedelta(hours=120 * times)
    with pytest.raises(ActionNotAllowed) as refusal:
        town.act(case, Action.ASK_EXTENSION, worker)
    assert refusal.value.code == "extended_before"


def test_what_is_handled_asks_for_nothing_more(town: Town, accepted: Case, worker: Any) -> None:
    asked = town.act(accepted, Action.ASK_EXTENSION, worker)
    assert town.act(asked, Action.HANDLE, worker).request is None


def test_a_case_rises_to_the_county_and_comes_down_again(
    town: Town, accepted: Case, worker: Any, desk: Any
) -> None:
    risen = town.act(accepted, Action.ESCALATE, worker)
    assert (risen.tier, risen.assignment.staff_id) == (Tier.CHIEF, town.staff["李"])
    assert risen.assignment.reason is OwnerReason.ESCALATED
    town_s = town.act(risen, Action.ESCALATE, desk)
    assert (town_s.tier, town_s.assignment.reason) == (Tier.TOWN, OwnerReason.ESCALATED)
    county = town.act(town_s, Action.ESCALATE, desk)
    assert (county.tier, county.assignment.reason) == (Tier.COUNTY, OwnerReason.ESCALATED)
    assert county.due_at == accepted.due_at
    case = county
    for tier, staff in ((Tier.TOWN, None), (Tier.CHIEF, "李"), (Tier.GRID, "王")):
        case = town.act(case, Action.DEESCALATE, desk)
        assert (case.tier, case.assignment.staff_id) == (tier, staff and town.staff[staff])
        assert (case.assignment.reason is OwnerReason.ESCALATED) == (tier is not Tier.GRID)


def test_a_chief_who_is_not_there_is_passed_over(town: Town, desk: Any) -> None:
    town.hire("孤", "grid_worker", "B1")
    elsewhere = town.service.report(town.report((118.59, 34.51)), desk).case
    case = town.act(elsewhere, Action.DISPATCH, desk, staff_id=town.staff["孤"])
    case = town.act(case, Action.ACCEPT, desk)
    assert town.act(case, Action.ESCALATE, desk).tier is Tier.TOWN


def test_what_is_returned_wrongly_goes_back_and_stays(town: Town, worker: Any, chief: Any) -> None:
    case = town.service.report(town.report(), worker).case
    returned = town.act(case, Action.RETURN, worker)
    assert (returned.assignment.staff_id, returned.returns) == (town.staff["李"], 1)
    forced = town.act(returned, Action.DISPATCH, chief, force=True)
    assert (forced.assignment, forced.forced, forced.wrong_returns) == (case.assignment, True, 1)
    with pytest.raises(ActionNotAllowed, match="stays where it is") as refusal:
        town.act(forced, Action.RETURN, worker)
    assert refusal.value.code == "forced"


def test_only_what_was_returned_is_forced(town: Town, desk: Any) -> None:
    waiting = town.service.report(town.report((118.59, 34.51)), desk).case
    with pytest.raises(InvalidInput, match="Nobody has returned") as refusal:
        town.act(waiting, Action.DISPATCH, desk, force=True)
    assert refusal.value.field == "force"


def citizens(town: Town, desk: Any) -> Case:
    return town.service.report(town.report(source=Source.CITIZEN), desk).case


def test_a_second_report_of_the_same_is_merged_and_raises_the_first(
    town: Town, accepted: Case, desk: Any
) -> None:
    heights = []
    for _ in range(4):
        merged = town.act(citizens(town, desk), Action.MERGE, desk, into=accepted.id)
        assert (merged.state, merged.merged_into) == (State.MERGED, accepted.id)
        now = town.reader.read(accepted.id, desk, positions_in=None).entry.case
        heights.append((now.reports, now.tier))
    assert heights == [(2, Tier.CHIEF), (3, Tier.TOWN), (4, Tier.COUNTY), (5, Tier.COUNTY)]


def test_what_was_merged_by_mistake_is_taken_out_again(
    town: Town, accepted: Case, desk: Any
) -> None:
    merged = town.act(citizens(town, desk), Action.MERGE, desk, into=accepted.id)
    out = town.act(merged, Action.SPLIT, desk)
    assert (out.state, out.merged_into) == (State.REPORTED, None)
    assert town.reader.read(accepted.id, desk, positions_in=None).entry.case.reports == 1


def test_what_is_merged_brings_all_its_reports_and_takes_them_out_again(
    town: Town, accepted: Case, desk: Any
) -> None:
    first, second = citizens(town, desk), citizens(town, desk)
    town.act(second, Action.MERGE, desk, into=first.id)
    town.act(first, Action.MERGE, desk, into=accepted.id)
    now = town.reader.read(accepted.id, desk, positions_in=None).entry.case
    assert (now.reports, now.tier) == (3, Tier.TOWN)
    with pytest.raises(ActionNotAllowed, match=f"take {first.number} out first"):
        town.act(second, Action.SPLIT, desk)
    out = town.act(first, Action.SPLIT, desk)
    assert out.reports == 2
    assert town.reader.read(accepted.id, desk, positions_in=None).entry.case.reports == 1
    assert town.act(second, Action.SPLIT, desk).merged_into is None


def test_what_was_joined_before_it_was_filed_counts_when_it_is(town: Town, desk: Any) -> None:
    first, second = citizens(town, desk), citizens(town, desk)
    town.act(second, Action.MERGE, desk, into=first.id)
    filed = town.act(first, Action.FILE, desk)
    assert (filed.state, filed.tier) == (State.DISPATCHED, Tier.CHIEF)
    assert filed.assignment.staff_id == town.staff["李"]


def test_what_is_dispatched_already_becomes_a_part_and_begins_anew_when_taken_out(
    town: Town, accepted: Case, worker: Any, desk: Any
) -> None:
    sent = town.service.report(town.report(), worker).case
    assert sent.state is State.DISPATCHED
    assert [each.id for each in town.reader.read(sent.id, desk, positions_in=None).duplicates] == [
        accepted.id
    ]
    merged = town.act(sent, Action.MERGE, desk, into=accepted.id)
    assert (merged.assignment, merged.filed_at, merged.due_at) == (None, None, None)
    out = town.act(merged, Action.SPLIT, desk)
    town.clock.advance(hours=1)
    again = town.act(out, Action.FILE, desk)
    assert (again.state, again.cycle, again.dispatched_at) == (State.DISPATCHED, 1, town.clock.now)


def test_what_shows_to_be_nothing_after_it_was_filed_becomes_void(
    town: Town, worker: Any, chief: Any
) -> None:
    case = town.service.report(town.report(), worker).case
    with pytest.raises(ActionNotAllowed):
        town.act(case, Action.VOID, chief)
    returned = town.act(case, Action.RETURN, worker)
    void = town.act(returned, Action.VOID, chief)
    assert (void.state, void.assignment, void.due_at) == (State.VOID, None, None)


MOBILE = "13800000001"
FURTHER_ON = (118.606, 34.51)  # 92 m from `Town.report`


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({}, Tier.CHIEF),
        ({"position": FURTHER_ON}, Tier.GRID),
        ({"position": FURTHER_ON, "reporter": f"李女士 {MOBILE}"}, Tier.CHIEF),
        ({"days": 31}, Tier.GRID),
        ({"source": Source.PATROL}, Tier.GRID),
        ({"category": "facility.lamp"}, Tier.GRID),
    ],
)
def test_who_or_what_is_complained_of_again_is_dealt_with_higher_up(
    town: Town, desk: Any, later: dict[str, Any], expected: Tier
) -> None:
    before = town.report(source=Source.HOTLINE, reporter=MOBILE)
    assert town.service.report(before, desk).case.tier is Tier.GRID
    town.clock.advance(days=later.pop("days", 1))
    again = town.report(**{"source": Source.HOTLINE, **later})
    assert town.service.report(again, desk).case.tier is expected


def test_what_was_complained_of_across_the_border_counts_whoever_files_the_case(
    town: Town, desk: Any, chief: Any
) -> None:
    edge = 118.62  # of the grids A and B
    town.service.report(town.report((edge + 0.0002, 34.51), source=Source.HOTLINE), desk)
    town.clock.advance(days=1)
    told = town.report((edge - 0.0002, 34.51), source=Source.CITIZEN)
    case = town.service.report(told, desk).case
    assert town.act(case, Action.FILE, chief).tier is Tier.CHIEF


def test_what_is_known_to_be_something_else_is_not_complained_of_again(
    town: Town, desk: Any
) -> None:
    hotline = town.report(source=Source.HOTLINE)
    cases = [town.service.report(hotline, desk).case for _ in range(2)]
    assert [case.tier for case in cases] == [Tier.GRID, Tier.CHIEF]
    with town.database.begin(desk.viewer) as conn:
        tell_apart(conn, cases[0].id, cases[1].id, desk, at=town.clock.now)
        assert times_reported(conn, cases[1], timedelta(days=30)) == 1


def test_a_case_goes_into_another_open_one_that_one_sees(
    town: Town, accepted: Case, desk: Any
) -> None:
    report = citizens(town, desk)
    void = town.act(citizens(town, desk), Action.VOID, desk)
    for into, words in (
        (report.id, "no other case"),
        (10**9, "no other"),
        (void.id, "only an open"),
    ):
        with pytest.raises(InvalidInput, match=words) as refusal:
            town.act(report, Action.MERGE, desk, into=into)
        assert refusal.value.field == "into"
    chief_of_b = town.actor("周", "grid_chief", "B", "B1")
    next_door = town.service.report(town.report((118.63, 34.51), source=Source.CITIZEN), desk).case
    with pytest.raises(InvalidInput, match="no other case"):
        town.act(next_door, Action.MERGE, chief_of_b, into=accepted.id)


def test_whoever_deals_with_it_at_once_closes_it_with_the_report(town: Town, worker: Any) -> None:
    before, after = [town.photo(worker)], [town.photo(worker)]
    report = town.report(handled="随手清理了", photos=before, photos_after=after)
    case = town.service.report(report, worker).case
    assert (case.state, case.tier) == (State.CLOSED, Tier.GRID)
    assert case.closed_at == case.handled_at == case.reported_at
    assert case.filed_at is None


def test_a_wrong_category_is_put_right_before_it_is_filed(town: Town, desk: Any) -> None:
    report = citizens(town, desk)
    right = town.act(report, Action.CORRECT, desk, category="facility.manhole")
    assert (right.category, right.urgent, right.term) == ("facility.manhole", True, None)
    filed = town.act(right, Action.FILE, desk)
    assert (filed.state, filed.term) == (State.DISPATCHED, "4h")


def test_somebody_looks_first_and_it_is_their_work_until_they_have(
    town: Town, desk: Any, worker: Any
) -> None:
    looked = town.act(citizens(town, desk), Action.PRE_CHECK, desk)
    assert looked.assignment.staff_id == town.staff["王"]
    verified = town.act(looked, Action.VERIFY, worker)
    assert (verified.state, verified.assignment) == (State.REPORTED, None)


def finished(town: Town, case: Case, worker: Any, chief: Any) -> Case:
    case = town.act(case, Action.HANDLE, worker)
    return town.act(case, Action.CHECK, chief)


def test_an_appeal_excuses_and_the_overdue_stays(
    town: Town, accepted: Case, worker: Any, chief: Any, desk: Any
) -> None:
    town.clock.advance(hours=121)
    case = finished(town, accepted, worker, chief)
    closed = town.act(case, Action.CLOSE, desk)
    appealed = town.act(closed, Action.APPEAL, worker)
    excused = town.act(appealed, Action.GRANT_APPEAL, chief)
    assert (excused.exempt, excused.is_overdue(town.clock.now)) == (True, True)
    with pytest.raises(ActionNotAllowed) as refusal:
        town.act(excused, Action.APPEAL, worker)
    assert refusal.value.code == "appealed_before"


def test_the_desk_notes_what_the_reporter_said_on_the_telephone(
    town: Town, accepted: Case, worker: Any, chief: Any, desk: Any
) -> None:
    case = finished(town, accepted, worker, chief)
    closed = town.act(case, Action.CLOSE, desk, rating=Rating.SATISFIED)
    assert closed.rating is Rating.SATISFIED
    again = town.act(closed, Action.REOPEN, desk)
    assert (again.rating, again.cycle, again.closed_at) == (None, 2, None)


def test_urging_is_counted_and_supervision_is_said_once(
    town: Town, accepted: Case, worker: Any, chief: Any
) -> None:
    case = town.act(accepted, Action.URGE, chief)
    assert town.act(case, Action.URGE, chief).urged == 2
    assert town.act(case, Action.SUPERVISE, chief).supervised_at == town.clock.now
    with pytest.raises(ActionNotAllowed):
        town.act(case, Action.SUPERVISE, chief)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"action": Action.MERGE}, "into"),
        ({"action": Action.ASK_HOLD}, "until"),
        ({"action": Action.CORRECT}, "category"),
        ({"action": Action.CORRECT, "category": "other", "force": True}, "force"),
        ({"action": Action.ACCEPT, "place": (118.6, 34.5)}, "lon"),
        ({"action": Action.RESTATE}, "action"),
        ({"action": Action.RATE}, "rating"),
        ({"action": Action.ACCEPT, "rating": Rating.NEUTRAL}, "rating"),
        ({"action": Action.HANDLE, "staff_id": 5}, "staff"),
        ({"action": Action.RETURN, "force": True}, "force"),
        ({"action": Action.DISPATCH, "force": True, "staff_id": 5}, "staff"),
    ],
)
def test_an_order_that_makes_no_sense_names_the_field(order: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Order(**order).check()
    assert refusal.value.field == field


def test_what_is_dealt_with_on_the_spot_needs_photos_and_a_refusal_takes_none(
    town: Town, desk: Any, worker: Any
) -> None:
    with pytest.raises(InvalidInput, match="one of afterwards"):
        town.service.report(town.report(handled="清了", photos=[town.photo(worker)]), worker)
    before, after = town.photo(desk), town.photo(desk)
    report = town.report(source=Source.CITIZEN, photos=[before])
    case = town.service.report(report, desk).case
    with pytest.raises(InvalidInput, match="one of afterwards"):
        town.act(case, Action.SELF_HANDLE, desk)
    bare = citizens(town, desk)
    with pytest.raises(InvalidInput, match="one of before"):
        town.act(bare, Action.SELF_HANDLE, desk, photos=(after,))
    assert town.act(case, Action.SELF_HANDLE, desk, photos=(after,)).state is State.CLOSED


def test_a_handling_needs_a_photo_where_the_category_says_so(town: Town, worker: Any) -> None:
    town.change_category("other", photos=frozenset({PhotoNeed.HANDLING}))
    case = town.service.report(town.report(), worker).case
    case = town.act(case, Action.ACCEPT, worker)
    with pytest.raises(InvalidInput, match="one of what was done"):
        town.act(case, Action.HANDLE, worker)
    handled = town.act(case, Action.HANDLE, worker, photos=(town.photo(worker),))
    assert handled.state is State.POST_CHECK
