"""Grid editions from uploaded files, well-meant and otherwise."""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas
import pytest
from shapely import box
from sqlalchemy import text

URL = "/api/v1/editions"
AREAS = [box(118.0, 34.0, 118.1, 34.1), box(118.1, 34.0, 118.2, 34.1)]
SQUARE = [[118.0, 34.0], [118.1, 34.0], [118.1, 34.1], [118.0, 34.1], [118.0, 34.0]]


def geojson(*codes: str, **more: object) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"grid {code}", "level": 1},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x + 0.1 * i, y] for x, y in SQUARE]],
            },
        }
        for i, code in enumerate(codes)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def written(folder: Path, name: str) -> dict[str, bytes]:
    """The parts of a map that GDAL writes itself."""
    frame = geopandas.GeoDataFrame(
        {"code": ["320722101203005", "320722101203006"], "name": ["东", "西"]},
        geometry=AREAS,
        crs="EPSG:4326",
    )
    frame.to_file(folder / name, driver="KML" if name.endswith(".kml") else None)
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"{Path(name).stem}.*"))}


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; it must be empty again afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def send(client, sign_in):
    headers = sign_in("admin")

    def send(*files: tuple[str, bytes], **fields: object):
        return client.post(
            URL, files=[("files", file) for file in files], data=fields, headers=headers
        )

    return send


def test_a_file_becomes_a_draft_with_its_findings(send, database):
    answer = send(("网格.geojson", geojson("1", "2")), name="spring")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["edition"]["state"] == "draft"
    assert (body["edition"]["name"], body["edition"]["grids"]) == ("spring", 2)
    assert body["edition"]["findings"] == len(body["findings"]) == 0
    with database.begin() as conn:
        actions = conn.execute(text("SELECT action, subject FROM audit_events")).all()
    assert actions == [("edition.draft", "edition spring")]


def test_findings_say_what_and_where(send):
    whole = json.loads(geojson("1", "2"))
    whole["features"][1]["geometry"] = whole["features"][0]["geometry"]
    body = send(("overlap.json", json.dumps(whole).encode())).json()
    assert [finding["properties"]["kind"] for finding in body["findings"]] == ["overlap"]
    assert body["findings"][0]["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_the_same_grids_twice_are_one_edition(send):
    first, second = (send(("a.geojson", geojson("1"))) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["is_new"] is False
    assert second.json()["edition"]["id"] == first.json()["edition"]["id"]


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".kml", ".fgb", ".tab"])
@pytest.mark.parametrize("packed", [False, True], ids=["files", "zip"])
def test_every_usual_format_is_read(send, tmp_path, suffix, packed):
    parts = written(tmp_path, f"grids{suffix}")
    files = [("all.zip", zipped(parts))] if packed else list(parts.items())
    answer = send(*files, level="2")
    assert answer.status_code == 201, answer.text
    assert answer.json()["edition"]["grids"] == 2


def test_levels_are_of_the_files_in_their_order(send):
    top = json.loads(geojson("1"))
    below = json.loads(geojson("1001"))
    for each in (top, below):
        del each["features"][0]["properties"]["level"]
    files = [("b.geojson", json.dumps(below).encode()), ("a.geojson", json.dumps(top).encode())]
    answer = send(*files, level=["2", "1"])
    assert answer.status_code == 201, answer.text
    assert send(*files, level=["1", "2", "3"]).json()["field"] == "level"
    assert send(*files, level="ten").json()["field"] == "level"


def test_messages_use_the_senders_names_and_no_path_of_the_server(send):
    broken = json.loads(geojson("1"))
    broken["features"][0]["geometry"] = None
    answer = send(("C:\\maps\\north.geojson", json.dumps(broken).encode()))
    assert answer.status_code == 422
    assert answer.json()["code"] == "no_geometry"
    assert answer.json()["detail"].startswith("north.geojson, feature 1 has no geometry.")
    assert "wangge-" not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "/etc/cron.d/x", "x.geojson.svg", "x.html", "x.vrt", "x", ""),
        *("..", "x.geojson\x00.php", "a.py", "x.gpkg-wal"),
    ],
)
def test_a_name_that_is_no_map_is_refused(send, name):
    answer = send((name, geojson("1")))
    assert answer.status_code in (400, 422), answer.text


def test_a_path_in_a_name_leads_nowhere(send, temporary):
    for name in ("../../../../tmp/escaped.geojson", "/tmp/escaped.geojson", "..\\escaped.geojson"):
        assert send((name, geojson("1"))).status_code in (200, 201)
    assert not Path("/tmp/escaped.geojson").exists()
    assert not (temporary.parent / "escaped.geojson").exists()


VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="x">
<SrcDataSource>/vsicurl/http://127.0.0.1:1/x.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&a;</name></Placemark>
</Document></kml>"""
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "ha">%s]><kml
xmlns="http://www.opengis.net/kml/2.2"><Document><name>&j9;</name></Document></kml>""" % b"".join(
    b'<!ENTITY j%d "%s">' % (i, (b"&j%d;" % (i - 1) if i else b"&a;") * 10) for i in range(10)
)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".kml", VRT),
        (".gpkg", VRT),
        (".kml", ENTITIES),
        (".kml", LAUGHS),
        (".geojson", b""),
        (".shp", b""),
        (".tab", b"\x00" * 200),
        (".fgb", b"\x00" * 200),
        (".gpkg", b"SQLite format 3\x00" + b"\x00" * 100),
    ],
    ids=[
        *("vrt-kml", "vrt-gpkg", "entities", "laughs", "empty-geojson", "empty-shp"),
        *("zeros-tab", "zeros-fgb", "sqlite"),
    ],
)
def test_content_that_is_not_what_its_name_says_is_refused(send, suffix, content):
    answer = send((f"map{suffix}", content), level="1")
    assert answer.status_code == 422, answer.text
    assert "root:" not in answer.text
    assert "wangge-" not in answer.text


def test_a_map_under_another_formats_name_is_refused(send, tmp_path):
    content = written(tmp_path, "grids.fgb")["grids.fgb"]
    answer = send(("grids.gpkg", content))
    assert answer.status_code == 422
    assert "not what its name says" in answer.json()["detail"]


def test_an_archive_that_means_harm_is_refused_in_words(send):
    answer = send(("all.zip", zipped({"../a.geojson": geojson("1")})))
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("all.zip has a file whose name leads out of it.")


def test_too_many_files_are_refused(send):
    answer = send(*((f"{n}.geojson", b"{}") for n in range(70)))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_file_the_answer_says_where_it_goes(client, sign_in):
    headers = sign_in("admin")
    answer = client.post(URL, json={}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "files")
    answer = client.post(URL, files=[("upload", ("a.geojson", geojson("1")))], headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "files")


def test_nobody_else_may_send_grids_and_nothing_of_it_is_kept(client, sign_in, temporary):
    for headers in ({}, sign_in("dispatcher")):
        files = [("files", ("a.geojson", b" " * 3_000_000))]
        answer = client.post(URL, files=files, headers=headers)
        assert answer.status_code in (401, 403)


def test_a_map_may_be_larger_than_another_request_but_not_without_end(client, sign_in):
    headers = sign_in("admin")
    for size, status in ((20, 422), (65, 413)):
        files = [("files", ("a.geojson", b" " * (size * 1024 * 1024)))]
        assert client.post(URL, files=files, headers=headers).status_code == status


def test_findings_come_with_their_places_or_as_a_table(send, client, sign_in):
    document = json.loads(geojson("1", "2"))
    document["features"][1]["geometry"]["coordinates"][0][0][0] -= 0.05  # into its neighbour
    document["features"][1]["geometry"]["coordinates"][0][-1][0] -= 0.05
    edition = send(("a.geojson", json.dumps(document).encode())).json()["edition"]
    url, headers = f"{URL}/{edition['id']}/findings", sign_in("admin")
    answer = client.get(url, headers=headers)
    assert answer.headers["content-type"] == "application/geo+json"
    [finding] = answer.json()["features"]
    assert finding["properties"]["kind"] == "overlap"
    assert finding["geometry"]["type"] == "MultiPolygon"
    table = client.get(url, params={"format": "csv"}, headers=headers)
    assert table.text.splitlines()[1].startswith("overlap,1 2,")
    assert client.get(f"{URL}/99/findings", headers=headers).status_code == 404


def with_a_sliver() -> bytes:
    """Two grids of which the second reaches half a metre into the first."""
    document = json.loads(geojson("1", "2"))
    ring = document["features"][1]["geometry"]["coordinates"][0]
    for position in (ring[0], ring[3], ring[4]):
        position[0] -= 0.5 / 91_800
    return json.dumps(document).encode()


def test_slivers_are_repaired_and_listed(send, database):
    body = send(("a.geojson", with_a_sliver())).json()
    [repair] = body["repairs"]
    assert repair["geometry"]["type"] == "MultiPolygon"
    properties = repair["properties"]
    assert (properties["kind"], properties["codes"]) == ("overlap", ["1", "2"])
    assert properties["gained"] == []
    assert len(properties["lost"]) == 1
    assert properties["area_m2"] == pytest.approx(0.5 * 11_093, rel=0.01)
    assert properties["width_m"] == pytest.approx(0.5, abs=0.02)
    assert body["notes"][-1] == properties["message"]
    assert body["findings"] == []
    with database.begin() as conn:
        [details] = conn.execute(text("SELECT details FROM audit_events")).scalars()
    assert details["repairs"] == 1


@pytest.mark.parametrize("fields", [{"repair": "false"}, {"sliver_m": "0.2"}])
def test_slivers_are_left_to_whoever_says_so(send, fields):
    body = send(("a.geojson", with_a_sliver()), **fields).json()
    assert body["repairs"] == []
    assert [finding["properties"]["kind"] for finding in body["findings"]] == ["overlap"]
    assert body["findings"][0]["properties"]["width_m"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    "fields", [{"repair": "perhaps"}, {"sliver_m": "wide"}, {"sliver_m": "nan"}, {"sliver_m": "11"}]
)
def test_a_repair_that_is_none_is_refused(send, fields):
    answer = send(("a.geojson", with_a_sliver()), **fields)
    assert answer.status_code == 422
    assert answer.json()["field"] in fields
