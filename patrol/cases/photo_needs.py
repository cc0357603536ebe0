"""Photos without which a step is not taken, as the category of the case says. Pure."""

from collections.abc import Iterable

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Source
from patrol.cases.report import Report
from patrol.categories.category import Category, PhotoNeed
from patrol.photos.photo import Photo

_WHAT = {
    PhotoNeed.REPORT: ("photos", "one of what is reported"),
    PhotoNeed.BEFORE: ("photos", "one of before it was dealt with"),
    PhotoNeed.AFTER: ("photos_after", "one of afterwards"),
    PhotoNeed.HANDLING: ("photos", "one of what was done"),
}


def require_photos_of_report(report: Report, category: Category) -> None:
    """Whoever stands before it can take one; a telephone and a machine need none, and a citizen is asked
    by the page for citizens alone. What was dealt with at once is seen before and afterwards. Raises
    InvalidInput `photos_missing`."""
    missing = set()
    if report.handled is not None:
        missing = {PhotoNeed.BEFORE} if not report.photos else set()
        missing |= {PhotoNeed.AFTER} if not report.photos_after else set()
    elif report.source is Source.PATROL:
        require_photo_of_what_is_seen(report, category)
    _refuse(missing & category.photos, category)


def require_photo_of_what_is_seen(report: Report, category: Category) -> None:
    """Raises InvalidInput `photos_missing`."""
    if not report.photos:
        _refuse({PhotoNeed.REPORT} & category.photos, category)


def require_photos_of_action(
    action: Action, category: Category, sent: int, earlier: Iterable[Photo]
) -> None:
    """`sent` photos come with the action, `earlier` are those of the case before it. Raises InvalidInput
    `photos_missing`."""
    if action is Action.HANDLE and not sent:
        _refuse({PhotoNeed.HANDLING} & category.photos, category)
    if action is Action.SELF_HANDLE:
        missing = set() if any(True for _ in earlier) else {PhotoNeed.BEFORE}
        missing |= set() if sent else {PhotoNeed.AFTER}
        # Of an action there are only `photos`: those of afterwards.
        _refuse(missing & category.photos, category, field="photos")


def _refuse(missing: set[PhotoNeed], category: Category, field: str | None = None) -> None:
    if not missing:
        return
    ordered = [need for need in PhotoNeed if need in missing]
    raise InvalidInput(
        f"{category.title_en} ({category.title_zh}) needs photos, and these are missing: "
        f"{' and '.join(_WHAT[need][1] for need in ordered)}. Take and send them.",
        field=field or _WHAT[ordered[0]][0],
        code="photos_missing",
    )
