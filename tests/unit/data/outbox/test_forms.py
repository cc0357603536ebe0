"""What is written to each kind of receiver, and what is read out of its answer."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote_plus
from xml.etree import ElementTree

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from hypothesis import given
from hypothesis import strategies as st

from data.outbox import robots, sms, webhook
from data.outbox.backoff import Patience
from data.outbox.channels import address_to_host
from data.outbox.message import (
    Answer,
    Channel,
    ChannelKind,
    ChannelSettings,
    GiveUp,
    Message,
    Outcome,
    Sent,
    TryAgain,
)
from gis.errors import InvalidInput

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50)


def channel(kind: ChannelKind, *, secret: str = "", url: str = "", **settings: Any) -> Channel:
    return Channel(
        id=1,
        kind=kind,
        url=url or "https://example.test/hook?key=abc",
        secret=secret,
        settings=ChannelSettings(**settings),
    )


def message(**values: Any) -> Message:
    whole = {
        "id": "msg_1",
        "kind": "notice.case_dispatched",
        "title": "新案件",
        "text": "案件 AH20261127-0001 已派给您。",
        "data": {"case": 7},
        "staff_ids": (3,),
        "phones": (),
        "created_at": NOW,
    }
    return Message(**{**whole, **values})


def body_of(request: httpx.Request) -> Any:
    return json.loads(request.content)


def hmac_by_openssl(key: bytes, signed: bytes) -> str:
    mac = HMAC(key, SHA256())
    mac.update(signed)
    return base64.b64encode(mac.finalize()).decode()


def answer(status: int = 200, body: Any = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=names, body=content)


def test_a_webhook_is_signed_as_the_specification_says() -> None:
    key = bytes(range(32))
    secret = "whsec_" + base64.b64encode(key).decode()
    request = webhook.request(channel(ChannelKind.WEBHOOK, secret=secret), message(), NOW)
    assert request.headers["webhook-id"] == "msg_1"
    assert request.headers["webhook-timestamp"] == f"{int(NOW.timestamp())}"
    signed = b".".join((b"msg_1", request.headers["webhook-timestamp"].encode(), request.content))
    assert request.headers["webhook-signature"] == "v1," + hmac_by_openssl(key, signed)
    assert body_of(request)["data"] == {
        "case": 7,
        "title": "新案件",
        "text": "案件 AH20261127-0001 已派给您。",
        "staff": [3],
    }


@pytest.mark.parametrize(
    "secret", ["", "abc", "whsec_", "whsec_YWJj", "whsec_!", "WHSEC_" + "A" * 32]
)
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(InvalidInput, match="openssl"):
        webhook.secret_to_key(secret)


def test_a_robot_of_wecom_mentions_by_telephone_in_text_and_not_in_markdown() -> None:
    phones = ("13800000000",)
    request = robots.wecom_request(channel(ChannelKind.WECOM), message(phones=phones), NOW)
    body = body_of(request)
    assert (request.url.params["key"], body["msgtype"]) == ("abc", "text")
    assert body["text"]["mentioned_mobile_list"] == ["13800000000"]
    markdown = channel(ChannelKind.WECOM, format="markdown")
    body = body_of(robots.wecom_request(markdown, message(phones=phones), NOW))
    assert body["markdown"]["content"].startswith("**新案件**\n")
    assert "13800000000" not in json.dumps(body)


def test_what_a_robot_of_wecom_cannot_hold_is_cut_between_letters() -> None:
    body = body_of(robots.wecom_request(channel(ChannelKind.WECOM), message(text="案" * 1000), NOW))
    content = body["text"]["content"]
    assert len(content.encode()) <= 2048
    assert re.fullmatch("新案件\n案+…", content)


def test_a_robot_of_dingtalk_is_signed_in_its_address() -> None:
    signed = channel(ChannelKind.DINGTALK, secret="SECabc", format="markdown")
    request = robots.dingtalk_request(signed, message(phones=("13800000000",)), NOW)
    timestamp = request.url.params["timestamp"]
    assert (timestamp, request.url.params["key"]) == (f"{int(NOW.timestamp()) * 1000}", "abc")
    expected = hmac_by_openssl(b"SECabc", f"{timestamp}\nSECabc".encode())
    assert request.url.params["sign"] == expected
    assert parse_qs(request.url.query.decode())["sign"] == [expected]
    body = body_of(request)
    assert body["at"]["atMobiles"] == ["13800000000"]
    assert body["markdown"]["title"] == "新案件"
    assert "@13800000000" in body["markdown"]["text"]
    unsigned = robots.dingtalk_request(channel(ChannelKind.DINGTALK), message(), NOW)
    assert "sign" not in unsigned.url.params


def test_a_robot_of_feishu_is_signed_in_its_body() -> None:
    signed = channel(ChannelKind.FEISHU, secret="abc")
    body = body_of(robots.feishu_request(signed, message(), NOW))
    timestamp = f"{int(NOW.timestamp())}"
    assert (body["timestamp"], body["msg_type"]) == (timestamp, "text")
    assert body["sign"] == hmac_by_openssl(f"{timestamp}\nabc".encode(), b"")
    assert body["content"]["text"].startswith("新案件\n案件")


def test_a_text_that_comes_late_says_when_it_was_written() -> None:
    soon, late = (message().said(NOW + timedelta(minutes=each)) for each in (14, 60 * 24))
    assert soon == "案件 AH20261127-0001 已派给您。"
    assert late == "案件 AH20261127-0001 已派给您。（11-27 10:00）"


@pytest.mark.parametrize(
    ("read", "said", "expected"),
    [
        (robots.wecom_outcome, {"errcode": 0, "errmsg": "ok"}, Sent),
        (robots.wecom_outcome, {"errcode": 93000, "errmsg": "invalid webhook url"}, GiveUp),
        (robots.wecom_outcome, {"errcode": 45009, "errmsg": "api freq out of limit"}, TryAgain),
        (robots.wecom_outcome, {"errcode": -1, "errmsg": "system busy"}, TryAgain),
        (robots.dingtalk_outcome, {"errcode": 0}, Sent),
        (robots.dingtalk_outcome, {"errcode": 310000, "errmsg": "sign not match"}, GiveUp),
        (robots.dingtalk_outcome, {"errcode": 130101, "errmsg": "send too fast"}, TryAgain),
        (robots.feishu_outcome, {"code": 0, "msg": "success"}, Sent),
        (robots.feishu_outcome, {"StatusCode": 0, "StatusMessage": "success"}, Sent),
        (robots.feishu_outcome, {"code": 19021, "msg": "sign match fail"}, GiveUp),
        (robots.feishu_outcome, {"code": 11232, "msg": "frequency limited"}, TryAgain),
        (robots.feishu_outcome, {}, TryAgain),
    ],
)
def test_a_robot_says_in_its_answer_whether_it_worked(
    read: Any, said: Any, expected: type[Outcome]
) -> None:
    outcome = read(channel(ChannelKind.WECOM), answer(200, said), NOW)
    assert isinstance(outcome, expected)
    if isinstance(outcome, GiveUp):
        assert (said.get("errmsg") or said["msg"]) in outcome.reason


def test_a_robot_that_was_too_fast_rests() -> None:
    body = {"errcode": 45009, "errmsg": "api freq out of limit"}
    outcome = robots.wecom_outcome(channel(ChannelKind.WECOM), answer(200, body), NOW)
    assert isinstance(outcome, TryAgain)
    assert outcome.after_s == 60
    limited = {"code": 11232, "msg": "frequency limited"}  # some say so with another status
    outcome = robots.feishu_outcome(channel(ChannelKind.FEISHU), answer(400, limited), NOW)
    assert isinstance(outcome, TryAgain)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Fri, 27 Nov 2026 02:05:00 GMT", 300),
        ("Fri, 27 Nov 2026 01:00:00 GMT", 0),
        ("9999999", 86_400),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    outcome = webhook.outcome(channel(ChannelKind.WEBHOOK), answer(503, retry_after=header), NOW)
    assert isinstance(outcome, TryAgain)
    assert outcome.after_s == seconds


@given(text=TEXTS, phone=TEXTS)
def test_a_value_is_escaped_for_where_it_stands(text: str, phone: str) -> None:
    values = {"phones": (phone,), "text": text}

    def request(**settings: Any) -> httpx.Request:
        gateway = channel(ChannelKind.SMS, url="https://sms.test/send?to={phone}", **settings)
        return sms.request(gateway, message(**values), NOW)

    in_json = request(body='{"mobiles":["{phone}"],"content":"{text}"}')
    assert json.loads(in_json.content) == {"mobiles": [phone], "content": text}
    form = request(body="to={phone}&c={text}", content_type="application/x-www-form-urlencoded")
    fields = dict(each.split("=") for each in form.content.decode().split("&"))
    assert [unquote_plus(fields[name]) for name in ("to", "c")] == [phone, text]
    xml = request(body='<sms to="{phone}">{text}</sms>', content_type="text/xml;charset=utf-8")
    assert (ElementTree.fromstring(xml.content).text or "") == text
    assert parse_qs(in_json.url.query.decode(), keep_blank_values=True) == {"to": [phone]}


def test_what_a_value_holds_is_never_a_placeholder_or_another_header() -> None:
    gateway = channel(
        ChannelKind.SMS,
        secret="key\r\nx: y",
        body='{"to":"{phone}","c":"{text}"}',
        headers={"authorization": "Bearer {secret}"},
    )
    request = sms.request(gateway, message(phones=("1",), text="{secret}"), NOW)
    assert body_of(request)["c"] == "{secret}"
    assert request.headers["authorization"] == "Bearer key%0D%0Ax: y"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"body": '{"to":"{phone}"}'}, "{text}"),
        ({"body": '{"to":{phone},"c":{text}'}, "no JSON"),
        ({"body": '{"to":"{phone}","c":"{text}"}', "ok_field": "code"}, "ok_values"),
    ],
)
def test_a_template_that_cannot_work_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(says)):
        sms.require_template(channel(ChannelKind.SMS, **settings))


def test_a_gateway_says_where_it_says_whether_it_worked() -> None:
    gateway = channel(
        ChannelKind.SMS, ok_field="result.code", ok_values=("0", "OK"), again_values=("busy",)
    )
    said = [
        sms.outcome(gateway, answer(200, {"result": {"code": code}}), NOW)
        for code in (0, "OK", "busy", 7)
    ]
    assert [type(each) for each in said] == [Sent, Sent, TryAgain, GiveUp]


@pytest.mark.parametrize(
    "url",
    [
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x",
        "http://127.0.0.1:9000/x",
        "http://localhost/x",
        "http://10.1.2.3/x",
        "http://[::1]:8080/x",
    ],
)
def test_https_goes_anywhere_and_http_stays_near(url: str) -> None:
    assert url.startswith(address_to_host(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "http://8.8.8.8/",
        "https://169.254.169.254/latest",
        "https://user:pw@example.com/",
        "ftp://10.0.0.1/",
        "https://",
        "https://{phone}/",
        "https://[/",
        "x",
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        address_to_host(url)


@given(attempts=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_waits_grow_to_the_longest_and_are_at_least_half_of_it(
    attempts: int, chance: float
) -> None:
    patience = Patience(most_s=600, keep_trying=timedelta(days=3))
    wait_s = patience.wait_s(attempts, chance)
    whole_s = patience.wait_s(attempts, 1)
    assert whole_s / 2 <= wait_s <= whole_s <= 600
    assert patience.wait_s(attempts + 1, 1) >= whole_s
