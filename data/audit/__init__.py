"""The audit: who did what to what, from where and why; append-only, each record chained to the last."""

from data.audit.record import Who, record

__all__ = ["Who", "record"]
