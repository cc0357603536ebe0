from dataclasses import fields, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gis.errors import InvalidInput
from patrol.cases.report import Origin, Report, read_report
from patrol.idempotency import fingerprint, read_key, require_the_same

REPORT = read_report(
    lon=118.6,
    lat=34.5,
    description="路灯不亮",
    role="dispatcher",
    photos=[UUID(int=1), UUID(int=2)],
    external_number="1",
    external_due_at=datetime(2026, 12, 24, tzinfo=UTC),
    fields={"pole": "12", "lamps": 2},
)


def test_what_is_said_in_another_order_is_the_same() -> None:
    again = replace(REPORT, fields={"lamps": 2, "pole": "12"})
    assert fingerprint(again) == fingerprint(REPORT)


def test_every_field_of_a_report_counts() -> None:
    assert REPORT.origin is not None
    others = [replace(REPORT, **{each.name: "something else"}) for each in fields(Report)]
    others += [
        replace(REPORT, origin=replace(REPORT.origin, **{each.name: "something else"}))
        for each in fields(Origin)
    ]
    others += [replace(REPORT, photos=REPORT.photos[::-1]), replace(REPORT, fields={"pole": "12"})]
    prints = [fingerprint(each) for each in (REPORT, *others)]
    assert len(set(prints)) == len(prints)


def test_another_one_under_the_key_is_refused() -> None:
    for kept in (b"said", None):
        require_the_same(kept, b"said", what="case 1")
    with pytest.raises(
        InvalidInput, match="was used for case 1 already; take a new key"
    ) as refusal:
        require_the_same(b"other", b"said", what="case 1")
    assert (refusal.value.code, refusal.value.field) == (
        "idempotency_key_reused",
        "Idempotency-Key",
    )


def test_a_key_is_a_short_line() -> None:
    assert [read_key(each) for each in (None, " ", " k ", "k" * 200)] == [
        None,
        None,
        "k",
        "k" * 200,
    ]
    for wrong in ("k" * 201, "a\nb", "\x7f"):
        with pytest.raises(InvalidInput, match="must be 1 to 200 printable"):
            read_key(wrong)
    with pytest.raises(InvalidInput, match="must be 16 to 200"):
        read_key("k" * 15, shortest=16)
