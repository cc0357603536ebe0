"""What is sent, through what, and what may become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gis.local_time import LOCAL

_SOME_WHILE = timedelta(minutes=15)


class ChannelKind(StrEnum):
    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    SMS = "sms"

    @property
    def is_personal(self) -> bool:
        """Whether each message goes to one person, and not to a group or a program."""
        return self is ChannelKind.SMS

    @property
    def knows_repeats(self) -> bool:
        """Whether receivers are told an id by which they can drop what they have had before."""
        return self is ChannelKind.WEBHOOK


class ChannelSettings(BaseModel):
    """What a channel needs beside its address and secret. None of it is secret.

    `format` is of robots; `with_phones` lets the telephone numbers of whom it is for go along, by which
    robots mention them. The rest is of gateways for SMS: `body` and the values of `headers` may hold
    `{phone}`, `{text}`, `{title}`, `{id}` and `{secret}`, so may the address. `ok_field` is where a JSON
    answer says whether it worked (`result.code`), with one of `ok_values` if it did and one of
    `again_values` if it is worth another attempt.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = Field(default="text", pattern="^(text|markdown)$")
    with_phones: bool = False
    method: str = Field(default="POST", pattern="^(GET|POST|PUT)$")
    content_type: str = Field(default="application/json", max_length=100)
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    body: str = Field(default="", max_length=4000)
    ok_field: str | None = Field(default=None, max_length=100)
    ok_values: tuple[str, ...] = Field(default=(), max_length=20)
    again_values: tuple[str, ...] = Field(default=(), max_length=20)


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A way out, opened: `url` and `secret` may not be logged or shown."""

    id: int
    kind: ChannelKind
    url: str = field(repr=False)
    secret: str = field(repr=False)
    settings: ChannelSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """`id` is the same in every attempt. `phones` are those of whom it is for, as far as they may go
    along. `perhaps_again`: an attempt before may have arrived."""

    id: str
    kind: str
    title: str
    text: str
    data: Mapping[str, Any]
    staff_ids: tuple[int, ...]
    phones: tuple[str, ...]
    created_at: datetime
    perhaps_again: bool = False

    def said(self, now: datetime) -> str:
        """The text for people: with its time if that is some while ago, and with the doubt if there is
        one."""
        words = self.text
        if now - self.created_at >= _SOME_WHILE:
            words += f"（{self.created_at.astimezone(LOCAL):%m-%d %H:%M}）"
        return words + ("（可能重复 / may be a repeat）" if self.perhaps_again else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a receiver said. `body` is cut off after 64 kB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """It has arrived."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TryAgain:
    """Not this time. `after_s` is what the receiver asked for; `doubtful`: it may have arrived."""

    reason: str
    after_s: float | None = None
    doubtful: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GiveUp:
    """Another attempt would fare no better."""

    reason: str


Outcome = Sent | TryAgain | GiveUp
