"""What is sent as it changes: one connection that tells of several things."""

from api.streams.stream import Bell, Event, Topic, event_stream

__all__ = ["Bell", "Event", "Topic", "event_stream"]
