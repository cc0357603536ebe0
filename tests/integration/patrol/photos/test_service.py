"""Photos from the file that is sent to the case that has them."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from data.database import Database
from data.scope import Scope, Viewer
from gis.errors import InvalidInput, NotFound, Overloaded, UnreadableFile
from patrol.photos import service as photo_service
from patrol.photos.image import Picture, read_photo
from patrol.photos.photo import Attachment, Photo, PhotoRole
from patrol.photos.service import MOST_PHOTOS, attach
from tests.photo_desk import ADMIN, CASE, EAST, SYSTEM, WANG, WEST, ZHAO, Desk
from tests.photos import photo

pytestmark = pytest.mark.parametrize("storage", ["directory"], indirect=True)


def test_a_photo_that_is_added_is_kept_with_what_its_camera_said(desk: Desk) -> None:
    added = desk.add(WANG)
    found = desk.service.find(added.id, WANG)
    assert found == added
    assert (found.width, found.height, found.attachment) == (640, 480, None)
    assert found.position == pytest.approx((118.65, 34.5))
    assert found.taken_at == datetime(2026, 11, 27, 2, 20, 30, tzinfo=UTC)
    assert found.direction_deg == 270
    assert found.uploaded_by_account_id == 1
    jpeg = desk.service.read(found)
    assert len(jpeg) == found.size
    assert read_photo(jpeg).shot.position is None
    assert read_photo(desk.service.read(found, thumbnail=True)).width == 320


def test_what_is_no_photo_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(UnreadableFile):
        desk.add(WANG, content=b"<html>")
    assert desk.files() == set()


def test_before_it_is_a_cases_only_who_sent_it_sees_it(desk: Desk) -> None:
    added = desk.add(WANG)
    for other in (ZHAO, ADMIN, Viewer(scope=Scope.everything(), account_id=2)):
        with pytest.raises(NotFound, match="no photo"):
            desk.service.find(added.id, other)
    assert desk.service.find(added.id, SYSTEM).id == added.id  # which clears it away


def test_with_a_case_whoever_sees_that_sees_it(desk: Desk) -> None:
    added = desk.add(WANG)
    desk.attach(WANG, added)
    for viewer in (WANG, ADMIN, Viewer(scope=Scope.of(frozenset({EAST})), account_id=2)):
        found = desk.service.find(added.id, viewer)
        assert found.attachment == Attachment(case_id=CASE, seq=1, ordinal=0, role=PhotoRole.REPORT)
        assert desk.of_case(viewer) == [found]
    with pytest.raises(NotFound):
        desk.service.find(added.id, ZHAO)
    assert desk.of_case(ZHAO) == []


def test_its_owner_and_its_reporter_see_a_case_and_so_its_photos(
    desk: Desk, database: Database
) -> None:
    added = desk.add(WANG)
    desk.attach(WANG, added)
    for column, value in (("owner_staff_id", 2), ("reported_by_account_id", 2)):
        with database.begin() as conn:
            conn.execute(
                text(
                    "UPDATE cases SET owner_staff_id = NULL, reported_by_account_id = NULL;"
                    f"UPDATE cases SET {column} = {value}"
                )
            )
        assert desk.service.find(added.id, ZHAO).id == added.id
        assert len(desk.of_case(ZHAO)) == 1


def test_photos_of_a_case_come_by_event_and_in_the_order_they_were_named(desk: Desk) -> None:
    photos = [desk.add(WANG) for _ in range(5)]
    desk.attach(WANG, photos[4], photos[0], seq=1)
    desk.attach(WANG, photos[3], seq=2)
    desk.attach(WANG, photos[2], photos[1], seq=1)
    assert [each.id for each in desk.of_case(WANG)] == [photos[n].id for n in (4, 0, 2, 1, 3)]


def test_a_photo_is_attached_once(desk: Desk) -> None:
    added = desk.add(WANG)
    desk.attach(WANG, added)
    with pytest.raises(InvalidInput, match=f"{added.id} belongs to a case already") as refused:
        desk.attach(WANG, added, seq=2)
    assert (refused.value.code, refused.value.field) == ("photo_attached", "photos")


def test_what_is_somebody_elses_or_nobodys_is_not_attached_and_named(desk: Desk) -> None:
    theirs, mine = desk.add(ZHAO), desk.add(WANG)
    for wrong in (theirs.id, uuid4()):
        with pytest.raises(InvalidInput, match=f"You have sent no photo {wrong}") as refused:
            desk.attach(WANG, mine, wrong)
        assert refused.value.code == "unknown_photo"
    assert desk.of_case(WANG) == []  # nothing of what was ordered


def test_nine_photos_go_with_an_action_and_each_once(desk: Desk) -> None:
    photos = [desk.add(WANG) for _ in range(MOST_PHOTOS + 1)]
    with pytest.raises(InvalidInput, match="named twice"):
        desk.attach(WANG, photos[0], photos[0])
    desk.attach(WANG, *photos[:MOST_PHOTOS])
    with pytest.raises(InvalidInput, match="At most 9"):
        desk.attach(WANG, photos[MOST_PHOTOS])
    desk.attach(WANG, photos[MOST_PHOTOS], seq=2)
    desk.attach(WANG, seq=3)  # none is fine


def test_a_transaction_that_fails_leaves_the_photo_as_it_was(desk: Desk) -> None:
    added = desk.add(WANG)
    with suppress(ZeroDivisionError), desk.application.begin(WANG) as conn:
        attach(conn, [added.id], case_id=CASE, seq=1, role=PhotoRole.REPORT, account_id=1)
        raise ZeroDivisionError
    assert desk.service.find(added.id, WANG).attachment is None


def test_whoever_does_not_see_a_case_attaches_nothing_to_it(desk: Desk) -> None:
    added = desk.add(ZHAO)
    with pytest.raises(ProgrammingError, match="row-level security"):
        desk.attach(ZHAO, added)
    assert desk.service.find(added.id, ZHAO).attachment is None


def test_whoever_sends_photos_for_nothing_has_to_stop(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_service, "MOST_UNATTACHED", 2)
    first, _ = desk.add(WANG, key="k"), desk.add(WANG)
    with pytest.raises(Overloaded, match="belong to no case"):
        desk.add(WANG)
    assert desk.add(WANG, key="k") == first
    desk.add(ZHAO)
    desk.attach(WANG, first)
    desk.add(WANG)


def test_a_citizens_photo_is_the_systems_to_attach(desk: Desk) -> None:
    added = desk.add(SYSTEM)
    with pytest.raises(NotFound):
        desk.service.find(added.id, ADMIN)
    with pytest.raises(InvalidInput, match="have sent no photo"):
        desk.attach(ADMIN, added)
    desk.attach(SYSTEM, added)
    assert desk.service.find(added.id, WANG).uploaded_by_account_id is None


def test_the_same_file_under_the_same_key_is_the_same_photo(desk: Desk) -> None:
    first = desk.add(WANG, key="k")
    assert desk.add(WANG, key="k").id == first.id
    assert desk.add(WANG, key="other").id != first.id
    assert desk.add(ZHAO, key="k").id != first.id
    with pytest.raises(InvalidInput, match="another photo") as refused:
        desk.add(WANG, key="k", content=photo((200, 0, 0)))
    assert refused.value.code == "idempotency_key_reused"
    desk.attach(WANG, first)
    assert desk.add(WANG, key="k").id == first.id
    assert len(desk.files()) == 6


def test_of_two_at_once_under_a_key_one_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[Photo] = []

    def decode(path: Path) -> Picture:
        """While the other one is at it, too."""
        if not first:
            monkeypatch.setattr(photo_service, "read_untrusted_photo", read)
            first.append(desk.add(WANG, key="k"))
        return read(path)

    def read(path: Path) -> Picture:
        return read_photo(path.read_bytes())

    monkeypatch.setattr(photo_service, "read_untrusted_photo", decode)
    assert desk.add(WANG, key="k") == first[0]
    assert desk.files() == {first[0].key, first[0].thumbnail_key}


def test_a_key_whose_photo_went_out_of_sight_is_used_up(desk: Desk, database: Database) -> None:
    first = desk.add(WANG, key="k")
    desk.attach(WANG, first)
    with database.begin() as conn:
        conn.execute(text(f"UPDATE cases SET grid_code = '{WEST}'"))
    with pytest.raises(InvalidInput, match="another photo"):
        desk.add(WANG, key="k")


def test_keys_of_people_without_an_account_say_nothing(desk: Desk) -> None:
    assert desk.add(SYSTEM, key="k").id != desk.add(SYSTEM, key="k").id


def test_a_key_is_short_and_printable(desk: Desk) -> None:
    for key in ("x" * 201, "a\nb"):
        with pytest.raises(InvalidInput, match="Idempotency-Key"):
            desk.add(WANG, key=key)


def test_a_file_that_the_storage_lost_is_said(desk: Desk) -> None:
    added = desk.add(WANG)
    desk.storage.delete([added.key])
    with pytest.raises(NotFound, match="file is missing"):
        desk.service.read(added)


def test_a_photo_whose_row_was_not_stored_leaves_an_orphan_at_most(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(photo_service.store, "insert_photo", fails)
    with pytest.raises(ZeroDivisionError):
        desk.add(WANG)
    assert len(desk.files()) == 2
