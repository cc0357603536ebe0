"""Robots of groups in WeCom, DingTalk and Feishu.

Each is a POST of JSON to the robot's own address, answered with status 200 also where nothing was sent:
the code in the answer says so. Not tried against the vendors' servers; see
developer.work.weixin.qq.com/document/path/91770, open.dingtalk.com (security of custom robots),
open.feishu.cn (custom bots).
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import orjson

from data.outbox.answers import outcome_of_code
from data.outbox.message import Answer, Channel, Message, Outcome

_PAUSE_S = 60.0
"""After too many: they count by the minute."""

_DINGTALK_PAUSE_S = 600.0
"""A robot of DingTalk that was too fast is silenced for ten minutes."""

_WECOM_BYTES: Mapping[str, int] = {"text": 2048, "markdown": 4096}
_OTHERS_BYTES = 15_000


def wecom_request(channel: Channel, message: Message, now: datetime) -> httpx.Request:
    """A robot without a secret: whoever has its address may speak. Markdown mentions nobody by their
    telephone number."""
    form = channel.settings.format
    content: dict[str, Any] = {"content": _cut(_words(channel, message, now), _WECOM_BYTES[form])}
    if form == "text" and message.phones:
        content["mentioned_mobile_list"] = list(message.phones)
    return _post(channel.url, {"msgtype": form, form: content})


def wecom_outcome(_channel: Channel, answer: Answer, now: datetime) -> Outcome:
    """-1: busy; 45009 and 45033: too many."""
    again = ("-1", "45009", "45033")
    return outcome_of_code(
        answer, now, fields=("errcode",), good=("0",), again=again, pause_s=_PAUSE_S
    )


def dingtalk_request(channel: Channel, message: Message, now: datetime) -> httpx.Request:
    """With a secret the address gets the time and its HMAC. Who is mentioned stands in the text."""
    form = channel.settings.format
    at = " ".join(f"@{phone}" for phone in message.phones)
    words = _cut("\n".join(filter(None, (_words(channel, message, now), at))), _OTHERS_BYTES)
    content = {"content": words} if form == "text" else {"title": message.title, "text": words}
    body = {
        "msgtype": form,
        form: content,
        "at": {"atMobiles": list(message.phones), "isAtAll": False},
    }
    url = httpx.URL(channel.url)
    if channel.secret:
        timestamp = f"{int(now.timestamp() * 1000)}"
        sign = _hmac(channel.secret, f"{timestamp}\n{channel.secret}")
        url = url.copy_merge_params({"timestamp": timestamp, "sign": sign})
    return _post(url, body)


def dingtalk_outcome(_channel: Channel, answer: Answer, now: datetime) -> Outcome:
    """-1: busy; 130101, 410100 and 90018: too many."""
    again = ("-1", "130101", "410100", "90018")
    return outcome_of_code(
        answer, now, fields=("errcode",), good=("0",), again=again, pause_s=_DINGTALK_PAUSE_S
    )


def feishu_request(channel: Channel, message: Message, now: datetime) -> httpx.Request:
    """With a secret the body gets the time in seconds and the HMAC of nothing, with both as the key. Its
    robots mention people by ids that we do not know, so nobody is mentioned."""
    words = _cut(_words(channel, message, now), _OTHERS_BYTES)
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": words}}
    if channel.settings.format == "markdown":
        element = {"tag": "markdown", "content": words}
        body = {"msg_type": "interactive", "card": {"elements": [element]}}
    if channel.secret:
        timestamp = f"{int(now.timestamp())}"
        sign = _hmac(f"{timestamp}\n{channel.secret}", "")
        body = {"timestamp": timestamp, "sign": sign, **body}
    return _post(channel.url, body)


def feishu_outcome(_channel: Channel, answer: Answer, now: datetime) -> Outcome:
    """9499, 11232 and 230020: too many."""
    return outcome_of_code(
        answer,
        now,
        fields=("code", "StatusCode"),
        good=("0",),
        again=("9499", "11232", "230020"),
        pause_s=_PAUSE_S,
    )


def _words(channel: Channel, message: Message, now: datetime) -> str:
    title = f"**{message.title}**" if channel.settings.format == "markdown" else message.title
    return f"{title}\n{message.said(now)}"


def _cut(text: str, most_bytes: int) -> str:
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - 3].decode(errors="ignore") + "…"


def _hmac(key: str, signed: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), signed.encode(), hashlib.sha256)).decode()


def _post(url: httpx.URL | str, body: Mapping[str, Any]) -> httpx.Request:
    return httpx.Request(
        "POST", url, content=orjson.dumps(body), headers={"content-type": "application/json"}
    )
