"""Notices: work that reaches people. Who does something tells those whom it concerns."""

from patrol.notices.kinds import NoticeKind
from patrol.notices.notice import Notice, about_alert, about_case, about_cases
from patrol.notices.telling import tell

__all__ = ["Notice", "NoticeKind", "about_alert", "about_case", "about_cases", "tell"]
