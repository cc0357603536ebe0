"""What the ticket of another system says when it comes once more. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from gis.geodesy import distance_m
from patrol.cases.case import Case, Restated
from patrol.cases.details import Reported
from patrol.cases.events import Event
from patrol.cases.report import Report
from patrol.categories.built_in import OTHER

MOVED_M = 50.0
"""What lies nearer is the same place, found once more."""


def said_otherwise(events: Iterable[Event], report: Report) -> Restated | None:
    """What a ticket says that it has not said before, by the events of its case; None is nothing."""
    last = _last_said(events)
    called = None if report.origin is None else report.origin.category
    category = None if report.category == OTHER else report.category
    is_same = called == last.called if called is not None else category in (None, last.category)
    place = (report.lon, report.lat)
    said = Restated(
        category=None if is_same else category,
        called=None if is_same else called,
        place=place if _is_moved(last.place, place) else None,
        description=None if report.description == last.description else report.description,
    )
    return None if said == Restated() else said


def still_said(case: Case, said: Restated) -> Restated | None:
    """What the ticket of a case now says otherwise than the case, what it said before included; None is
    nothing."""
    told = _with(case.restated or Restated(), said)
    if told.category == case.category:
        told = replace(told, category=None, called=None)
    if not _is_moved((case.lon, case.lat), told.place):
        told = replace(told, place=None)
    if told.description == case.description:
        told = replace(told, description=None)
    return None if told == Restated() else told


def _last_said(events: Iterable[Event]) -> Restated:
    last = Restated()
    for event in events:
        said = event.details
        if isinstance(said, Reported):
            last = Restated(
                category=said.category,
                called=said.external_category,
                place=(said.lon, said.lat),
                description=said.description,
            )
        elif isinstance(said, Restated):
            last = _with(last, said)
    return last


def _with(before: Restated, said: Restated) -> Restated:
    is_named = said.category is not None or said.called is not None
    named = said if is_named else before
    return Restated(
        category=named.category,
        called=named.called,
        place=said.place or before.place,
        description=said.description or before.description,
    )


def _is_moved(before: tuple[float, float] | None, now: tuple[float, float] | None) -> bool:
    return before is not None and now is not None and distance_m(*before, *now) > MOVED_M
