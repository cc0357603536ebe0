"""Quiet hours: when somebody does not want to be disturbed."""

from datetime import datetime, timedelta

from gis.local_time import LOCAL, Window


def deliver_at(now: datetime, quiet: Window | None, *, urgent: bool) -> datetime:
    """When a message may go out that is ready `now`: at once, or when the quiet hours end. What is
    urgent passes through them."""
    if quiet is None or urgent:
        return now
    today = now.astimezone(LOCAL).date()
    for day in (today - timedelta(days=1), today):
        begins_at, ends_at = quiet.on(day)
        if begins_at <= now < ends_at:
            return ends_at
    return now
