"""Photos over HTTP: sent by whoever works on cases, shown to whoever sees the case."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text
from starlette.testclient import TestClient

from api.settings import ServerSettings
from data.database import Database
from data.scope import Viewer
from patrol.photos.photo import PhotoRole
from patrol.photos.service import attach
from patrol.photos.settings import PhotoSettings
from tests.photos import photo

URL = "/api/v1/photos"
EAST = "320722101001001"

Headers = dict[str, str]


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist", photos=PhotoSettings(dir=tmp_path / "photos"))


@pytest.fixture
def worker(sign_in: Callable[..., Headers]) -> Headers:
    return sign_in("grid_worker", grid_code=EAST)


def send(
    client: TestClient, headers: Headers, content: bytes | None = None, name: str = "blob"
) -> Any:
    files = {"files": (name, photo() if content is None else content, "image/jpeg")}
    return client.post(URL, files=files, headers=headers)


def sent(client: TestClient, headers: Headers) -> dict[str, Any]:
    answer = send(client, headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def report(client: TestClient, headers: Headers) -> int:
    body = {"lon": 118.65, "lat": 34.5, "description": "井盖松动"}
    answer = client.post("/api/v1/cases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def attach_to(database: Database, case_id: int, photo_id: str) -> None:
    with database.begin(Viewer.everything()) as conn:
        account_id = conn.scalar(text("SELECT uploaded_by_account_id FROM photos"))
        attach(
            conn,
            [UUID(photo_id)],
            case_id=case_id,
            seq=1,
            role=PhotoRole.REPORT,
            account_id=account_id,
        )


def test_a_photo_is_answered_with_what_its_camera_said(client: TestClient, worker: Headers) -> None:
    answer = sent(client, worker)
    assert answer | {"id": "", "size": 0, "uploaded_at": ""} == {
        "id": "",
        "width": 640,
        "height": 480,
        "size": 0,
        "taken_at": "2026-11-27T02:20:30Z",
        "lon": 118.65,
        "lat": 34.5,
        "datum": None,
        "direction_deg": 270.0,
        "uploaded_at": "",
        "case": None,
        "seq": None,
        "role": None,
    }


def test_it_is_shown_again_without_where_it_was_taken(client: TestClient, worker: Headers) -> None:
    added = sent(client, worker)
    for path, width in ((added["id"], 640), (f"{added['id']}/thumbnail", 320)):
        answer = client.get(f"{URL}/{path}", headers=worker)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert "Cookie" in answer.headers["vary"]
        image = Image.open(io.BytesIO(answer.content))
        assert image.width == width
        assert not image.getexif()
        tag = answer.headers["etag"]
        again = client.get(f"{URL}/{path}", headers=worker | {"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    assert tag.endswith('-thumbnail"')


def test_a_part_of_it_may_be_asked_for(client: TestClient, worker: Headers) -> None:
    url = f"{URL}/{sent(client, worker)['id']}"
    whole = client.get(url, headers=worker)
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(whole.content)

    def part(asked: str, **more: str) -> tuple[int, str | None, bytes]:
        answer = client.get(url, headers={**worker, "Range": asked, **more})
        return answer.status_code, answer.headers.get("content-range"), answer.content

    assert part("bytes=0-9") == (206, f"bytes 0-9/{size}", whole.content[:10])
    assert part("bytes=10-") == (206, f"bytes 10-{size - 1}/{size}", whole.content[10:])
    assert part("bytes=-5") == (206, f"bytes {size - 5}-{size - 1}/{size}", whole.content[-5:])
    assert part(f"bytes=9-{size * 2}")[:2] == (206, f"bytes 9-{size - 1}/{size}")
    assert part(f"bytes={size}-") == (416, f"bytes */{size}", b"")
    assert part("bytes=-0") == (416, f"bytes */{size}", b"")
    for other in ("bytes=9-3", "bytes=-", "bytes=0-1,4-5", "lines=1-2"):
        assert part(other)[0] == 200
    assert part("bytes=0-9", **{"If-Range": whole.headers["etag"]})[0] == 206
    assert part("bytes=0-9", **{"If-Range": '"another"'})[0] == 200


def test_only_who_sent_it_sees_it_until_it_is_a_cases(
    client: TestClient, worker: Headers, sign_in: Callable[..., Headers], database: Database
) -> None:
    added = sent(client, worker)
    admin, elsewhere = sign_in("admin"), sign_in("grid_worker", grid_code="320722101002001")

    def statuses(headers: Headers) -> set[int]:
        return {
            client.get(f"{URL}/{added['id']}{size}", headers=headers).status_code
            for size in ("", "/thumbnail")
        }

    assert statuses(worker) == {200}
    assert statuses(admin) == statuses(elsewhere) == {404}
    attach_to(database, report(client, worker), added["id"])
    assert statuses(worker) == statuses(admin) == {200}
    assert statuses(elsewhere) == {
        404
    }  # no edition is in force, so the case is in no grid of theirs
    assert statuses({}) == {401}


def test_the_same_file_under_the_same_key_is_one_photo(client: TestClient, worker: Headers) -> None:
    keyed = worker | {"Idempotency-Key": "1"}
    first, second = send(client, keyed), send(client, keyed)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    other = send(client, keyed, photo((1, 2, 3)))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_department_sends_photos_of_what_it_handled_and_an_analyst_none(
    client: TestClient, sign_in: Callable[..., Headers]
) -> None:
    assert send(client, sign_in("department_handler")).status_code == 201
    assert send(client, sign_in("analyst")).status_code == 403


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<html><script>", "no photo that can be read here"),
        (photo()[:2000], "cut off or broken"),
    ],
)
def test_what_is_no_photo_is_refused(
    client: TestClient, worker: Headers, content: bytes, says: str, tmp_path: Path
) -> None:
    answer = send(client, worker, content, "photo.jpg")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (
        422,
        "unreadable_file",
        "files",
    )
    assert says in problem["detail"]
    assert not [*(tmp_path / "photos").iterdir()]


def test_a_request_that_brings_no_photo_or_two_is_refused(
    client: TestClient, worker: Headers
) -> None:
    for asked in (
        {"json": {}},
        {"files": {"photo": ("a.jpg", photo())}},
        {"files": [("files", ("a.jpg", photo())), ("files", ("b.jpg", photo()))]},
    ):
        answer = client.post(URL, headers=worker, **asked)  # type: ignore[arg-type]
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_more_than_a_photo_can_have_is_refused_at_once(client: TestClient, worker: Headers) -> None:
    assert send(client, worker, bytes(22 * 2**20)).status_code == 413


def test_a_name_that_leads_elsewhere_leads_nowhere(
    client: TestClient, worker: Headers, tmp_path: Path
) -> None:
    answer = send(client, worker, name="../../../../evil.php")
    assert answer.status_code == 201
    files = [path for path in (tmp_path / "photos").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {
        f"{answer.json()['id']}.jpg",
        f"{answer.json()['id']}.thumbnail.jpg",
    }


def test_what_is_no_id_is_no_photo(client: TestClient, worker: Headers) -> None:
    for wrong in ("1", "..%2F..%2Fsecret.key", "x" * 36):
        answer = client.get(f"{URL}/{wrong}", headers=worker)
        assert answer.status_code in (404, 422)
        json.loads(answer.content)


def test_a_file_that_is_lost_is_said(client: TestClient, worker: Headers, tmp_path: Path) -> None:
    added = sent(client, worker)
    for path in (tmp_path / "photos").rglob("*.jpg"):
        path.unlink()
    answer = client.get(f"{URL}/{added['id']}", headers=worker)
    assert (answer.status_code, "missing" in answer.json()["detail"]) == (404, True)
    assert answer.headers["cache-control"] == "no-store"


def test_a_case_is_reported_and_handled_with_photos(
    client: TestClient, worker: Headers, sign_in: Callable[..., Headers]
) -> None:
    before, after = (send(client, worker, photo((shade, 0, 0))).json()["id"] for shade in (1, 200))
    place = {"lon": 118.605, "lat": 34.51, "description": "路灯不亮"}
    case = client.post("/api/v1/cases", json={**place, "photos": [before]}, headers=worker).json()
    act = {"action": "comment", "note": "换了灯泡", "photos": [after]}
    actions = f"/api/v1/cases/{case['id']}/actions"
    assert client.post(actions, json=act, headers=worker).status_code == 200
    seen = client.get(f"/api/v1/cases/{case['id']}", headers=sign_in("dispatcher")).json()
    assert [(each["id"], each["role"]) for each in seen["photos"]] == [
        (before, "report"),
        (after, "other"),
    ]
    assert [each["seq"] for each in seen["photos"]] == [1, seen["version"]]
    again = client.post("/api/v1/cases", json={**place, "photos": [before]}, headers=worker)
    assert (again.status_code, again.json()["code"]) == (422, "photo_attached")


def test_what_is_handled_at_once_has_photos_of_before_and_after(
    client: TestClient, sign_in: Callable[..., Headers]
) -> None:
    worker = sign_in("dispatcher")
    before, after = (send(client, worker, photo((shade, 0, 0))).json()["id"] for shade in (1, 200))
    report = {"lon": 118.605, "lat": 34.51, "description": "垃圾", "handled": "清理了"}
    body = {**report, "photos": [before], "photos_after": [after]}
    case = client.post("/api/v1/cases", json=body, headers=worker).json()
    assert case["state"] == "closed"
    seen = client.get(f"/api/v1/cases/{case['id']}", headers=worker).json()["photos"]
    assert [(each["id"], each["seq"], each["role"]) for each in seen] == [
        (before, 1, "before"),
        (after, 2, "after"),
    ]
    refused = client.post("/api/v1/cases", json={**body, "handled": None}, headers=worker)
    assert (refused.status_code, refused.json()["field"]) == (422, "photos_after")
