"""Notices over HTTP: everybody has their own, misses none, and is told as they like."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from data.database import Database
from data.scope import Scope, Viewer
from patrol.notices import Notice, NoticeKind, about_case, about_cases, tell
from tests.receiver import Receiver, free_port, receiving
from tests.streams import Stream, open_stream

Client = Any
SignIn = Callable[..., dict[str, str]]
Headers = dict[str, str]

NOTICES, CHANNELS, OUTBOX = "/api/v1/notices", "/api/v1/channels", "/api/v1/outbox"
NOBODY = Viewer(scope=Scope.of(frozenset()))
WECOM = {"name": "城东网格群", "kind": "wecom"}


@pytest.fixture(autouse=True)
def people(database: Database) -> None:
    with database.begin() as conn:
        for person, name in ((1, "王"), (2, "李")):
            conn.execute(
                text("INSERT INTO staff (id, name, phone) VALUES (:id, :name, '13800000000')"),
                {"id": person, "name": name},
            )
        conn.execute(
            text(
                "INSERT INTO cases (id, number, state, source, category, description, geom, "
                "reported_at) VALUES (7, 'AH20261127-0001', 'dispatched', 'patrol', 'other', '', "
                "'SRID=4326;POINT(118.6 34.5)', now())"
            )
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def wang(sign_in: SignIn) -> Headers:
    return sign_in("grid_worker", grid_code="E", staff_id=1)


@pytest.fixture
def li(sign_in: SignIn) -> Headers:
    return sign_in("grid_chief", grid_code="E", staff_id=2)


def about(
    staff_id: int, event: int = 1, kind: NoticeKind = NoticeKind.CASE_DISPATCHED, **values: Any
) -> Notice:
    return about_case(
        kind,
        staff_id=staff_id,
        case_id=7,
        number="AH20261127-0001",
        what={"zh": "市容环境", "en": "市容环境"},
        fact=f"event {event}",
        **values,
    )


@pytest.fixture
def tell_them(app: FastAPI, client: Client) -> Callable[..., int]:
    """As the server does for somebody who may see none of it."""

    def tell_them(*notices: Notice) -> int:
        with app.state.services.database.begin(NOBODY) as conn:
            return tell(conn, notices, datetime.now(UTC))

    return tell_them


def listed(client: Client, headers: Headers, **query: Any) -> Any:
    answer = client.get(NOTICES, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sent(client: Client, admin: Headers, **query: Any) -> list[Any]:
    items: list[Any] = client.get(OUTBOX, params=query, headers=admin).json()["items"]
    return items


def test_everybody_has_their_own_and_no_fact_twice(
    client: Client, wang: Headers, li: Headers, tell_them: Callable[..., int]
) -> None:
    assert tell_them(about(1), about(2), about(1)) == 2
    assert tell_them(about(1), about(1, 2)) == 1
    mine = listed(client, wang)
    assert [each["id"] for each in mine["items"]] == sorted(
        (each["id"] for each in mine["items"]), reverse=True
    )
    assert (len(mine["items"]), mine["unread"]) == (2, 2)
    first = mine["items"][-1]
    assert (first["kind"], first["case"], first["alert"]) == ("case_dispatched", 7, None)
    assert first["title"] == {"zh": "新案件", "en": "New case"}
    assert "AH20261127-0001" in first["text"]["en"]
    [hers] = listed(client, li)["items"]
    assert client.post(f"{NOTICES}/{hers['id']}/read", headers=wang).status_code == 404


def test_a_notice_of_several_cases_says_whether_the_desk_is_told(
    client: Client, li: Headers, tell_them: Callable[..., int]
) -> None:
    for detail in (None, "desk"):
        received = about_cases(
            NoticeKind.CASES_RECEIVED, staff_id=2, count=3, fact="edition 2", detail=detail
        )
        tell_them(received)
    desk, own = listed(client, li)["items"]
    assert (desk["detail"], own["detail"]) == ("desk", None)
    assert (own["case"], own["alert"]) == (None, None)


def test_the_chief_who_sees_everything_sees_no_notices_of_others(
    client: Client, sign_in: SignIn, tell_them: Callable[..., int]
) -> None:
    tell_them(about(1))
    assert listed(client, sign_in("dispatcher", staff_id=2))["items"] == []
    assert listed(client, sign_in("admin"))["items"] == []


def test_notices_come_by_pages_and_are_read_one_by_one_or_up_to_one(
    client: Client, wang: Headers, tell_them: Callable[..., int]
) -> None:
    tell_them(*(about(1, event) for event in range(5)))
    page = listed(client, wang, limit=3)
    rest = listed(client, wang, limit=3, cursor=page["next"])
    ids = [each["id"] for each in (*page["items"], *rest["items"])]
    assert (len(ids), len({*ids}), rest["next"]) == (5, 5, None)
    read = client.post(f"{NOTICES}/{ids[0]}/read", headers=wang).json()
    again = client.post(f"{NOTICES}/{ids[0]}/read", headers=wang).json()
    assert read["read_at"] == again["read_at"] is not None
    assert client.post(f"{NOTICES}/read", json={"up_to": ids[3]}, headers=wang).json() == {
        "unread": 2
    }
    unread = [each["id"] for each in listed(client, wang, unread=True)["items"]]
    assert unread == ids[1:3]


def events_in(seen: str) -> list[tuple[int, list[int], int]]:
    found = []
    for chunk in seen.split("\n\n"):
        if "event: notices" in chunk:
            number, _, data = chunk.split("\n")
            body = json.loads(data.removeprefix("data: "))
            ids = [each["id"] for each in body["items"]]
            found.append((int(number.removeprefix("id: ")), ids, body["unread"]))
    return found


def listening(app: FastAPI, who: Headers, after: str = "") -> AbstractAsyncContextManager[Stream]:
    return open_stream(app, who, f"topic=notices{after}", path="/api/v1/stream")


async def hear(stream: Stream, count: int) -> list[tuple[int, list[int], int]]:
    """Events until so many notices have come."""
    while sum(len(ids) for _, ids, _ in events_in(stream.seen)) < count:
        await stream.chunk()
    return events_in(stream.seen)


def test_the_stream_misses_nothing_that_came_while_nobody_listened(
    client: Client, app: FastAPI, wang: Headers, li: Headers, tell_them: Callable[..., int]
) -> None:
    async def read() -> None:
        async with (
            listening(app, wang) as stream,
            listening(app, li) as hers,
        ):
            await stream.chunk()
            await hers.chunk()
            await asyncio.to_thread(tell_them, about(1, 1))
            [(number, _, unread)] = await hear(stream, 1)
            assert unread == 1
            await asyncio.to_thread(tell_them, about(2, 2))
            await hear(hers, 1)
            assert len(events_in(stream.seen)) == 1
        await asyncio.to_thread(tell_them, about(1, 3), about(1, 4))
        async with listening(app, {**wang, "Last-Event-ID": f"{number}"}) as again:
            late = await hear(again, 2)
            assert sum(len(ids) for _, ids, _ in late) == 2
        page = await asyncio.to_thread(listed, client, wang)
        seq, ids = page["seq"], [each["id"] for each in page["items"]]
        assert len(ids) == 3
        await asyncio.to_thread(tell_them, about(1, 5))
        async with listening(app, wang, f"&after={seq}") as last:
            [(_, [newest], _)] = await hear(last, 1)
            assert newest not in ids
            assert newest > max(ids)

    client.portal.call(read)


def test_a_notice_of_a_transaction_that_ends_late_is_not_missed(
    client: Client, app: FastAPI, wang: Headers, tell_them: Callable[..., int]
) -> None:
    async def read() -> None:
        async with listening(app, wang) as stream:
            await stream.chunk()
            with app.state.services.database.begin(NOBODY) as slow:
                tell(slow, [about(1, 1)], datetime.now(UTC))  # has the lower id
                await asyncio.to_thread(tell_them, about(1, 2))
                [(number, [second], _)] = await hear(stream, 1)
        async with listening(app, {**wang, "Last-Event-ID": f"{number}"}) as again:
            [(_, [first], _)] = await hear(again, 1)
            assert first < second

    client.portal.call(read)


def test_a_message_goes_where_the_administrator_lets_it_go_or_where_one_has_chosen(
    client: Client, sign_in: SignIn, wang: Headers, tell_them: Callable[..., int]
) -> None:
    admin = sign_in("admin")
    url = f"http://127.0.0.1:{free_port()}/?key=x"
    usual = {**WECOM, "url": url, "notices": ["case_dispatched"]}
    group = client.post(CHANNELS, json=usual, headers=admin).json()["id"]
    other = client.post(CHANNELS, json={**WECOM, "url": url, "name": "b"}, headers=admin).json()[
        "id"
    ]
    tell_them(about(1, 1), about(2, 1))
    [message] = sent(client, admin)  # a group hears of a fact once
    assert (message["channel"]["id"], message["staff"]) == (group, [1, 2])
    body = {"channels": {"case_dispatched": [], "case_urged": [other]}}
    chosen = client.put(f"{NOTICES}/preferences", json=body, headers=wang)
    assert chosen.status_code == 200, chosen.text
    [dispatched] = [each for each in chosen.json()["kinds"] if each["kind"] == "case_dispatched"]
    assert (dispatched["channels"], dispatched["usual"]) == ([], [group])
    tell_them(about(1, 2), about(1, 3, NoticeKind.CASE_URGED))
    assert [each["channel"]["id"] for each in sent(client, admin)] == [other, group]


def test_in_quiet_hours_a_message_waits_and_what_is_urgent_does_not(
    client: Client, sign_in: SignIn, wang: Headers, tell_them: Callable[..., int]
) -> None:
    admin = sign_in("admin")
    kinds = ["case_dispatched", "case_urged"]
    url = f"http://127.0.0.1:{free_port()}/"
    client.post(CHANNELS, json={**WECOM, "url": url, "notices": kinds}, headers=admin)
    all_day_but_a_minute = {"quiet": {"from": "00:01", "to": "00:00"}}
    client.put(f"{NOTICES}/preferences", json=all_day_but_a_minute, headers=wang)
    tell_them(about(1, 1), about(1, 2, NoticeKind.CASE_URGED, urgent=True))
    urged, dispatched = sorted(sent(client, admin), key=lambda each: each["next_at"])
    assert (urged["kind"], dispatched["kind"]) == ("notice.case_urged", "notice.case_dispatched")
    assert urged["next_at"] == urged["created_at"]
    assert dispatched["next_at"].endswith("16:00:00Z")  # midnight in China
    assert len(listed(client, wang)["items"]) == 2  # the app has it at once


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quiet": {"from": "22:00", "to": "22:00"}}, "quiet"),
        ({"quiet": {"from": "25:00", "to": "07:00"}}, "quiet.from"),
        ({"channels": {"case_dispatched": [999]}}, "channels"),
    ],
)
def test_preferences_that_cannot_be_are_refused(
    client: Client, wang: Headers, body: dict[str, Any], field: str
) -> None:
    answer = client.put(f"{NOTICES}/preferences", json=body, headers=wang)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_who_is_nobody_on_the_staff_has_no_preferences(client: Client, sign_in: SignIn) -> None:
    answer = client.put(f"{NOTICES}/preferences", json={}, headers=sign_in("analyst"))
    assert (answer.status_code, answer.json()["code"]) == (409, "nobody_on_the_staff")


def test_a_channel_is_tried_changed_and_removed_and_its_secrets_never_come_back(
    client: Client, sign_in: SignIn, receiver: Receiver, database: Database
) -> None:
    admin = sign_in("admin", staff_id=1)
    body = {
        "name": "钉钉群",
        "kind": "dingtalk",
        "url": f"{receiver.url}/robot/send?access_token=tokentoken",
        "secret": "SECverysecret",
        "notices": ["alert"],
    }
    made = client.post(CHANNELS, json=body, headers=admin)
    assert made.status_code == 201, made.text
    channel = made.json()
    assert (channel["host"], channel["per_minute"]) == (receiver.url, 20)
    url = f"{CHANNELS}/{channel['id']}"
    assert client.post(f"{url}/test", headers=admin).json() == {"sent": True, "reason": None}
    [received] = receiver.received
    assert "access_token=tokentoken" in received.path
    assert "sign=" in received.path
    receiver.reply = (200, {}, b'{"errcode":310000,"errmsg":"no SECverysecret in tokentoken"}')
    refused = client.post(f"{url}/test", headers=admin).json()
    assert refused == {"sent": False, "reason": "the receiver says 310000: no … in …"}
    changed = client.patch(url, json={"name": "新名", "enabled": False}, headers=admin).json()
    assert (changed["name"], changed["enabled"], changed["host"]) == ("新名", False, receiver.url)
    answers = client.get(CHANNELS, headers=admin).text + made.text + f"{changed}"
    with database.begin() as conn:
        stored = "".join(
            str(each)
            for table in ("channels", "audit_events")
            for each in conn.execute(text(f"SELECT * FROM {table}")).all()
        )
    for secret in ("tokentoken", "verysecret"):
        assert secret not in answers
        assert secret not in stored
    assert client.delete(url, headers=admin).status_code == 204
    assert client.get(CHANNELS, headers=admin).json()["items"] == []
    assert client.post(f"{url}/test", headers=admin).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://example.com/x"}, "url"),
        ({"url": "https://169.254.169.254/x"}, "url"),
        ({"kind": "webhook", "secret": "x"}, "secret"),
        ({"kind": "sms"}, "settings"),
        ({"name": " "}, "name"),
        ({"notices": ["nothing"]}, "notices.0"),
        ({"settings": {"more": 1}}, "settings.more"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_with_the_reason(
    client: Client, sign_in: SignIn, change: dict[str, Any], field: str
) -> None:
    body = {**WECOM, "url": "https://example.com/x", **change}
    answer = client.post(CHANNELS, json=body, headers=sign_in("admin"))
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_waited_for_a_removed_channel_is_given_up_and_cannot_be_sent_again(
    client: Client, sign_in: SignIn, tell_them: Callable[..., int]
) -> None:
    admin = sign_in("admin")
    url = f"http://127.0.0.1:{free_port()}/"
    body = {**WECOM, "url": url, "notices": ["case_dispatched"]}
    channel = client.post(CHANNELS, json=body, headers=admin).json()["id"]
    tell_them(about(1))
    [waiting] = sent(client, admin, state="waiting")
    again = f"{OUTBOX}/{waiting['id']}/retry"
    assert client.post(again, headers=admin).json()["code"] == "not_given_up"
    client.delete(f"{CHANNELS}/{channel}", headers=admin)
    [given_up] = sent(client, admin, state="given_up")
    assert given_up["last_error"] == "the channel was removed"
    assert client.post(again, headers=admin).json()["code"] == "no_channel"
