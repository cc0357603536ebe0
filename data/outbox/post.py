"""The way out: one attempt at one message.

Without the comforts of a client: no redirect is followed, no cookie is kept, the environment's proxies
and passwords are not used, and nothing logs the address, which may hold a key.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from data.outbox import robots, sms, webhook
from data.outbox.message import (
    Answer,
    Channel,
    ChannelKind,
    GiveUp,
    Message,
    Outcome,
    TryAgain,
)
from gis.errors import WanggeError

_MOST_BYTES = 64 * 1024
_BLANK = "…"

_Write = Callable[[Channel, Message, datetime], httpx.Request]
_Read = Callable[[Channel, Answer, datetime], Outcome]

_FORMS: Mapping[ChannelKind, tuple[_Write, _Read]] = MappingProxyType(
    {
        ChannelKind.WEBHOOK: (webhook.request, webhook.outcome),
        ChannelKind.WECOM: (robots.wecom_request, robots.wecom_outcome),
        ChannelKind.DINGTALK: (robots.dingtalk_request, robots.dingtalk_outcome),
        ChannelKind.FEISHU: (robots.feishu_request, robots.feishu_outcome),
        ChannelKind.SMS: (sms.request, sms.outcome),
    }
)

# The request had not left when these came.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Post:
    """`async with Post(…) as post:`. `timeout_s` is for a whole answer, however slowly it drips;
    `proxy` is the way out of an intranet."""

    def __init__(self, *, timeout_s: float, proxy: str | None = None) -> None:
        self.timeout_s = timeout_s
        self._timeout = httpx.Timeout(timeout_s, connect=min(5.0, timeout_s)).as_dict()
        self._transport = httpx.AsyncHTTPTransport(
            verify=_whom_the_machine_trusts(),
            trust_env=False,
            proxy=proxy,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._transport.aclose()

    async def send(self, channel: Channel, message: Message, now: datetime) -> Outcome:
        """One attempt. Never raises for what a receiver does; no reason holds a secret."""
        if channel.kind.is_personal and not message.phones:
            return GiveUp(reason="nobody whom it is for has a telephone number")
        write, read = _FORMS[channel.kind]
        try:
            request = write(channel, message, now)
        except (httpx.InvalidURL, WanggeError, UnicodeError, ValueError):
            return GiveUp(reason="the channel cannot be used as it is: check address and secret")
        answer = await self._attempt(request)
        outcome = read(channel, answer, now) if isinstance(answer, Answer) else answer
        return _without_secrets(outcome, channel)

    async def _attempt(self, request: httpx.Request) -> Answer | TryAgain | GiveUp:
        request.headers.update({"user-agent": "Wangge", "accept-encoding": "identity"})
        request.extensions["timeout"] = self._timeout
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._answer(request)
        except _NOT_SENT as error:
            return TryAgain(reason=f"the receiver cannot be reached ({type(error).__name__})")
        except (TimeoutError, httpx.TimeoutException):
            return TryAgain(reason="the receiver does not answer in time", doubtful=True)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            return GiveUp(reason="the channel cannot be used as it is: check address and headers")
        except (httpx.TransportError, OSError) as error:
            reason = f"the connection broke ({type(error).__name__})"
            return TryAgain(reason=reason, doubtful=True)

    async def _answer(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) >= _MOST_BYTES:
                    break
            return Answer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=bytes(body[:_MOST_BYTES]),
            )
        finally:
            await response.aclose()


@cache
def _whom_the_machine_trusts() -> ssl.SSLContext:
    return ssl.create_default_context()


def _without_secrets(outcome: Outcome, channel: Channel) -> Outcome:
    """A receiver may say what it was sent."""
    if not isinstance(outcome, TryAgain | GiveUp):
        return outcome
    reason = outcome.reason
    parts = urlsplit(channel.url)
    pieces = {channel.secret, channel.url, parts.query, *parts.path.split("/")}
    pieces |= {value for each in parts.query.split("&") for value in each.split("=")}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= 8:
            reason = reason.replace(piece, _BLANK)
    if isinstance(outcome, GiveUp):
        return GiveUp(reason=reason)
    return TryAgain(reason=reason, after_s=outcome.after_s, doubtful=outcome.doubtful)
