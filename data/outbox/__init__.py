"""The outbox: messages to other systems, written down with what they tell of and sent afterwards."""

from data.outbox.channels import OpenChannel, open_channels
from data.outbox.message import ChannelKind
from data.outbox.queue import Outgoing, enqueue
from data.outbox.sender import OutboxSender
from data.outbox.settings import OutboxSettings

__all__ = [
    "ChannelKind",
    "OpenChannel",
    "OutboxSender",
    "OutboxSettings",
    "Outgoing",
    "enqueue",
    "open_channels",
]
