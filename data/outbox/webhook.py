"""Signed webhooks, as the Standard Webhooks specification has them (standardwebhooks.com, version 1)."""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime

import httpx
import orjson

from data.outbox.answers import outcome_of_status
from data.outbox.message import Answer, Channel, Message, Outcome
from gis.errors import InvalidInput

PREFIX = "whsec_"


def secret_to_key(secret: str) -> bytes:
    """The 24 to 64 bytes behind `whsec_` and base64. Raises InvalidInput."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise InvalidInput(
            "The secret of a webhook is whsec_ and then 24 to 64 random bytes in base64; "
            '`echo "whsec_$(openssl rand -base64 32)"` makes one.',
            field="secret",
        )
    return key


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 of `id.timestamp.body` in base64, after its version."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def request(channel: Channel, message: Message, now: datetime) -> httpx.Request:
    body = orjson.dumps(
        {
            "type": message.kind,
            "timestamp": message.created_at.astimezone(UTC),
            "data": {
                **message.data,
                "title": message.title,
                "text": message.text,
                "staff": list(message.staff_ids),
                **({"phones": list(message.phones)} if message.phones else {}),
            },
        }
    )
    timestamp = int(now.timestamp())
    key = secret_to_key(channel.secret)
    return httpx.Request(
        "POST",
        channel.url,
        content=body,
        headers={
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": f"{timestamp}",
            "webhook-signature": signature(key, message.id, timestamp, body),
        },
    )


def outcome(_channel: Channel, answer: Answer, now: datetime) -> Outcome:
    return outcome_of_status(answer, now)
