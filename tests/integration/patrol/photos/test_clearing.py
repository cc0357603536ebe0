"""What became no case's goes, wherever photos are kept."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from anyio import to_thread
from sqlalchemy import text

from data.database import Database
from gis.errors import NotFound
from patrol.photos.clearing import PhotoClearing, drop_orphans, drop_unattached
from tests.photo_desk import NOW, SYSTEM, WANG, Desk
from tests.running import wait_until


def test_what_nobody_attached_goes_after_a_day_with_its_files(
    desk: Desk, database: Database
) -> None:
    kept, left, citizens = desk.add(WANG), desk.add(WANG), desk.add(SYSTEM)
    desk.attach(WANG, kept)
    desk.now += timedelta(hours=23)
    late = desk.add(WANG)
    assert drop_unattached(desk.application, desk.storage, NOW + timedelta(hours=24)) == 0
    assert drop_unattached(desk.application, desk.storage, NOW + timedelta(hours=25)) == 2
    assert desk.service.find(kept.id, WANG)
    assert desk.service.find(late.id, WANG)
    for gone in (left, citizens):
        with pytest.raises(NotFound):
            desk.service.find(gone.id, SYSTEM)
        assert not desk.storage.holds(gone.key)
        assert not desk.storage.holds(gone.thumbnail_key)
    with database.begin() as conn:
        dropped = conn.execute(text("SELECT action, details FROM audit_events")).one()
    assert tuple(dropped) == ("retention.drop", {"photos": 2})


def test_files_without_a_row_go_and_no_other(desk: Desk) -> None:
    written_at = datetime.now(UTC)  # the storage has its own clock
    desk.now = written_at
    kept = desk.add(WANG)
    folder = f"{written_at:%Y/%m/%d}"
    orphan, strangers = f"{folder}/{uuid4()}.jpg", f"{folder}/notes.txt"
    for key in (orphan, strangers):
        desk.storage.put(key, b"x")
    assert drop_orphans(desk.application, desk.storage, written_at) == 0  # it may just be stored
    assert drop_orphans(desk.application, desk.storage, written_at + timedelta(days=2)) == 1
    assert desk.files() == {kept.key, kept.thumbnail_key, strangers}
    assert drop_orphans(desk.application, desk.storage, written_at + timedelta(days=9)) == 0


def test_the_files_of_another_database_are_left_alone(desk: Desk) -> None:
    written_at = datetime.now(UTC)
    desk.now = written_at
    for _ in range(51):
        desk.storage.put(f"{written_at:%Y/%m/%d}/{uuid4()}.jpg", b"x")
    assert drop_orphans(desk.application, desk.storage, written_at + timedelta(days=2)) == 0
    assert len(desk.files()) == 51


@pytest.mark.parametrize("storage", ["directory"], indirect=True)
@pytest.mark.anyio
async def test_it_goes_on_by_itself(desk: Desk) -> None:
    left = desk.add(WANG)
    async with PhotoClearing(desk.application, desk.storage, now=lambda: NOW + timedelta(hours=25)):
        await to_thread.run_sync(lambda: wait_until(lambda: not desk.storage.holds(left.key)))
