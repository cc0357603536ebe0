"""Pictures over Open311: sent with a request, and published of what was done."""

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image
from sqlalchemy import text
from starlette.testclient import TestClient

from api.limits import MOST_BODY_BYTES
from api.open311.settings import Open311Settings
from api.settings import ServerSettings
from data.database import Database
from patrol.citizens.settings import CitizenSettings
from patrol.photos.service import MOST_PHOTOS
from patrol.photos.settings import PhotoSettings
from tests.api.conftest import SignIn
from tests.api.test_open311 import REQUEST, V2, error
from tests.photos import photo, sent_photo

FEW = 3


@pytest.fixture
def open311() -> Open311Settings:
    return Open311Settings()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def settings(tmp_path: Path, folder: Path, open311: Open311Settings) -> ServerSettings:
    return ServerSettings(
        web_dir=tmp_path / "dist",
        open311=open311,
        photos=PhotoSettings(dir=folder),
        citizens=CitizenSettings(photos_per_hour=FEW),
    )


@pytest.fixture
def app_headers(sign_in: SignIn) -> dict[str, str]:
    return sign_in("dispatcher")


def send(
    client: TestClient,
    headers: dict[str, str],
    *pictures: bytes,
    name: str = "media",
    form: str = "json",
    **fields: str,
) -> Any:
    files = [(name, ("image.jpg", each, "image/jpeg")) for each in pictures]
    return client.post(
        f"{V2}/requests.{form}", data={**REQUEST, **fields}, files=files, headers=headers
    )


def photos_of_the_case(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    case = client.get("/api/v1/cases", headers=headers).json()["items"][0]
    file = client.get(f"/api/v1/cases/{case['id']}", headers=headers).json()
    return list(file["photos"])


def require_nothing_kept(database: Database, folder: Path) -> None:
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM cases")) == 0
        assert conn.scalar(text("SELECT count(*) FROM photos")) == 0
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_pictures_that_come_with_a_request_are_photos_of_its_case(
    client: TestClient, app_headers: dict[str, str], form: str
) -> None:
    pictures = (photo((200, 0, 0)), photo((0, 200, 0), lon=None))
    answer = send(client, app_headers, *pictures, form=form)
    assert answer.status_code == 201, answer.text
    if form == "xml":
        number = ElementTree.fromstring(answer.content).findtext("request/service_request_id")
    else:
        number = answer.json()[0]["service_request_id"]
    assert number
    found = photos_of_the_case(client, app_headers)
    assert [(each["role"], each["seq"], each["lon"]) for each in found] == [
        ("report", 1, 118.65),
        ("report", 1, None),
    ]
    kept = client.get(f"/api/v1/photos/{found[0]['id']}", headers=app_headers).content
    with Image.open(io.BytesIO(kept)) as image:
        red, green, _ = image.convert("RGB").getpixel((0, 0))  # type: ignore[misc]
        assert (red > 150, green < 50, not image.getexif()) == (True, True, True)


def test_the_key_may_be_in_the_form_beside_the_pictures(
    client: TestClient, app_headers: dict[str, str]
) -> None:
    key = app_headers["Authorization"].removeprefix("Bearer ")
    assert send(client, {}, photo(), api_key=key).status_code == 201
    assert len(photos_of_the_case(client, app_headers)) == 1
    assert error(send(client, {}, photo(), api_key="x"))[0] == 403


def test_a_form_in_parts_needs_no_picture(client: TestClient, app_headers: dict[str, str]) -> None:
    parts: dict[str, Any] = {name: (None, value) for name, value in REQUEST.items()}
    url = f"{V2}/requests.json"
    assert client.post(url, files=parts, headers=app_headers).status_code == 201
    lines = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in REQUEST.items()
    ]
    nothing_chosen = '--x\r\nContent-Disposition: form-data; name="media"; filename=""\r\n\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    body = "".join([*lines, nothing_chosen, "--x--\r\n"]).encode()
    answer = client.post(url, content=body, headers=app_headers | kind)
    assert answer.status_code == 201, answer.text
    assert photos_of_the_case(client, app_headers) == []


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ([b"<html>"], "Picture 1: This is no photo"),
        ([photo(), b""], "Picture 2: The photo is empty"),
        ([photo(), photo()[:500]], "Picture 2: "),
        ([bytes(21 * 2**20)], "at most 20 MB"),
        ([photo()] * (MOST_PHOTOS + 1), "Maximum number of files is 9"),
        ([b"x"] * 100, "Maximum number of files is 9"),
    ],
    ids=["no picture", "empty", "cut off", "large", "ten", "hundred"],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_one_bad_picture_and_nothing_is_kept(
    client: TestClient,
    app_headers: dict[str, str],
    database: Database,
    folder: Path,
    pictures: list[bytes],
    words: str,
    form: str,
) -> None:
    answer = send(client, app_headers, *pictures, form=form)
    assert answer.status_code == 400
    if form == "xml":
        root = ElementTree.fromstring(answer.content)
        assert words in (root.findtext("error/description") or "")
    else:
        assert words in error(answer)[1]
    require_nothing_kept(database, folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"service_code": "nothing"}, "was not found"),
        ({"name": "photo"}, "files called media"),
    ],
)
def test_what_is_refused_for_another_reason_keeps_no_picture(
    client: TestClient,
    app_headers: dict[str, str],
    database: Database,
    folder: Path,
    change: dict[str, str],
    words: str,
) -> None:
    answer = send(client, app_headers, photo(), **change)  # type: ignore[arg-type]
    assert answer.status_code in (400, 404)
    assert words in error(answer)[1]
    require_nothing_kept(database, folder)


def test_a_picture_that_is_written_out_as_text_is_refused(
    client: TestClient, app_headers: dict[str, str]
) -> None:
    data = {**REQUEST, "media": "/9j/4AAQSkZJRg=="}
    answer = client.post(f"{V2}/requests.json", data=data, headers=app_headers)
    assert error(answer)[0] == 400
    assert "files called media" in error(answer)[1]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_is_too_large_is_refused_at_once_and_in_their_form(
    client: TestClient, app_headers: dict[str, str], form: str
) -> None:
    answer = send(client, app_headers, *[bytes(11 * 2**20)] * 6, form=form)
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    if form == "xml":
        assert ElementTree.fromstring(answer.content).findtext("error/code") == "413"
    else:
        assert error(answer)[0] == 413
    data = {**REQUEST, "description": "x" * MOST_BODY_BYTES}
    plain = client.post(f"{V2}/requests.{form}", data=data, headers=app_headers)
    assert plain.status_code == 413


def test_a_large_request_is_read_for_who_has_a_key_and_a_few_times_an_hour_for_strangers(
    client: TestClient, app_headers: dict[str, str]
) -> None:
    large = bytes(2 * MOST_BODY_BYTES)
    forged = {"Authorization": "Bearer nonsense"}
    assert error(send(client, forged, large))[0] == 403
    statuses = [error(send(client, {}, large))[0] for _ in range(FEW + 1)]
    assert statuses == [403] * FEW + [429]
    assert send(client, app_headers, photo()).status_code == 201
    with_key = [error(send(client, app_headers, large))[0] for _ in range(FEW + 1)]
    assert with_key == [400] * (FEW + 1)


def test_the_same_pictures_again_under_one_key_are_one_case(
    client: TestClient, app_headers: dict[str, str], database: Database
) -> None:
    headers = {**app_headers, "Idempotency-Key": "k" * 200}
    pictures = (photo((200, 0, 0)), photo((0, 200, 0)))
    first, again = (send(client, headers, *pictures) for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    changed = send(client, headers, pictures[0], photo((0, 0, 200)))
    assert error(changed)[0] == 400
    assert "Idempotency-Key was used for another photo" in error(changed)[1]
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM photos WHERE case_id IS NOT NULL")) == 2
        assert conn.scalar(text("SELECT count(*) FROM photos")) == 2


CHANGED = {
    "service_code": "facility.road",
    "lat": "34.5051",
    "long": "118.6051",
    "description": "别的事",
    "first_name": "四",
    "last_name": "李",
    "phone": "13912345678",
    "attribute[pole]": "13",
    "media_url": "http://example.org/2.jpg",
    "address_string": "人民路 2 号",
}


def test_a_key_is_for_everything_that_was_said_and_shown(
    client: TestClient, app_headers: dict[str, str], database: Database
) -> None:
    assert set(CHANGED) == set(REQUEST)
    headers = {**app_headers, "Idempotency-Key": "1"}
    pictures = (photo((200, 0, 0)), photo((0, 200, 0)))
    first = send(client, headers, *pictures)
    refused = [send(client, headers, *pictures, **{name: CHANGED[name]}) for name in CHANGED]
    refused += [send(client, headers, *some) for some in ((), pictures[:1], (*pictures, photo()))]
    for answer in refused:
        assert error(answer)[0] == 400
        assert "Idempotency-Key was used for case" in error(answer)[1]
    assert send(client, headers, *pictures).json() == first.json()
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM cases")) == 1
        assert conn.scalar(text("SELECT count(*) FROM photos")) == 2


def test_a_report_that_is_refused_after_its_pictures_takes_them_back(
    client: TestClient, app_headers: dict[str, str], database: Database, folder: Path
) -> None:
    headers = {**app_headers, "Idempotency-Key": "1"}
    assert send(client, headers).status_code == 201
    changed = send(client, headers, photo(), description="别的事")
    assert error(changed)[0] == 400
    assert "Idempotency-Key" in error(changed)[1]
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM photos")) == 0
    assert not [path for path in folder.rglob("*") if path.is_file()]


def handled_case(client: TestClient, headers: dict[str, str], *after: str, before: str) -> str:
    """The number of a case that was dealt with on the spot."""
    body = {
        **{"lon": 118.605, "lat": 34.505, "description": "路灯不亮", "category": "facility.lamp"},
        **{"handled": "换了灯泡", "photos": [before], "photos_after": [*after]},
    }
    answer = client.post("/api/v1/cases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def set_state(database: Database, number: str, state: str) -> None:
    with database.begin() as conn:
        query = text("UPDATE cases SET state = :state WHERE number = :number")
        conn.execute(query, {"number": number, "state": state})


@pytest.mark.parametrize("open311", [Open311Settings(publish="photos")])
def test_of_a_closed_case_a_photo_of_the_handling_is_published_and_no_reporters(
    client: TestClient, app_headers: dict[str, str], database: Database
) -> None:
    before, after, other = (sent_photo(client, app_headers) for _ in range(3))
    number = handled_case(client, app_headers, after, other, before=before)
    set_state(database, number, "post_check")
    [open_one] = client.get(f"{V2}/requests/{number}.json").json()
    assert (open_one["media_url"], open_one["description"]) == (None, "路灯不亮")
    assert error(client.get(f"{V2}/requests/{number}/photo.jpg"))[0] == 404
    set_state(database, number, "closed")
    url = f"http://testserver{V2}/requests/{number}/photo.jpg"
    [listed] = client.get(f"{V2}/requests.json").json()
    root = ElementTree.fromstring(client.get(f"{V2}/requests/{number}.xml").content)
    assert (listed["media_url"], root.findtext("request/media_url")) == (url, url)
    answer = client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    theirs = client.get(f"/api/v1/photos/{after}", headers=app_headers)
    assert answer.content == theirs.content
    reported = send(client, app_headers, photo()).json()[0]["service_request_id"]
    set_state(database, reported, "closed")
    [entry] = client.get(f"{V2}/requests/{reported}.json").json()
    assert entry["media_url"] is None


@pytest.mark.parametrize("open311", [Open311Settings(publish="descriptions")])
def test_without_the_towns_word_no_photo_is_published(
    client: TestClient, app_headers: dict[str, str], database: Database
) -> None:
    before, after = (sent_photo(client, app_headers) for _ in range(2))
    number = handled_case(client, app_headers, after, before=before)
    set_state(database, number, "closed")
    [entry] = client.get(f"{V2}/requests/{number}.json").json()
    assert entry["media_url"] is None
    assert error(client.get(f"{V2}/requests/{number}/photo.jpg"))[0] == 404
