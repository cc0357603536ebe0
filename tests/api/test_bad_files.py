"""Files that cannot be used, by upload and at the command line: one sentence, and nothing is changed."""

import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
from shapely import LineString, Point, Polygon, box
from sqlalchemy import text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.cli.grids import app as commands
from data.database import Database
from gis.errors import WanggeError

WEST, EAST = box(118.0, 34.0, 118.1, 34.1), box(118.1, 34.0, 118.2, 34.1)
BOW_TIE = Polygon([(118, 34), (118.1, 34.1), (118.1, 34), (118, 34.1)])
FLAT = Polygon([(118, 34), (118.5, 34), (118.25, 34)])
Tell = Callable[..., str | None]
"""What is said about the files, None when they were taken."""


def shapes(*areas: Any, codes: tuple[str, ...] = ("1", "2")) -> geopandas.GeoDataFrame:
    columns = {"code": list(codes[: len(areas)]), "name": [f"g{n}" for n in range(len(areas))]}
    return geopandas.GeoDataFrame(columns, geometry=list(areas), crs="EPSG:4326")


def written(folder: Path, name: str, frame: geopandas.GeoDataFrame | None = None) -> list[Path]:
    """The parts of the map, the one that stands for it first."""
    frame = shapes(WEST, EAST) if frame is None else frame
    path = folder / name
    if path.suffix == ".csv":
        frame.to_wkt().rename(columns={"geometry": "wkt"}).to_csv(path, index=False)
    elif path.suffix == ".xlsx":
        frame.to_wkt().rename(columns={"geometry": "wkt"}).to_excel(
            path, index=False, engine="xlsxwriter"
        )
    else:
        frame.to_file(path)
    return [path, *(each for each in sorted(folder.glob(f"{path.stem}.*")) if each != path)]


@pytest.fixture(params=["upload", "command"])
def tell(
    request: pytest.FixtureRequest,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Tell:
    if request.param == "command":
        url = database.url.render_as_string(hide_password=False)
        monkeypatch.setenv("WANGGE_DATABASE_URL", url)
        monkeypatch.setenv("WANGGE_DATA", str(tmp_path / "installation"))

        def run(files: list[Path], **fields: str) -> str | None:
            options = [f"--{name}={value}" for name, value in fields.items()]
            result = CliRunner().invoke(commands, ["import", str(files[0]), *options])
            if isinstance(result.exception, WanggeError):
                return result.exception.message.replace(f"{files[0].parent}/", "")
            assert result.exit_code == 0, result.output
            return None

        return run
    client: TestClient = request.getfixturevalue("client")
    headers = request.getfixturevalue("sign_in")("admin")

    def send(files: list[Path], **fields: str) -> str | None:
        answer = client.post(
            "/api/v1/editions",
            files=[("files", (path.name, path.read_bytes())) for path in files],
            data=fields,
            headers=headers,
        )
        if answer.status_code in (200, 201):
            return None
        assert answer.status_code == 422, answer.text
        return str(answer.json()["detail"])

    return send


@pytest.fixture(autouse=True)
def nothing_is_changed(database: Database) -> Iterator[None]:
    yield
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM grid_editions")) == 0
        assert conn.scalar(text("SELECT count(*) FROM field_mappings")) == 0


def is_one_sentence_with_advice(said: str | None) -> bool:
    return said is not None and "\n" not in said and "wangge-" not in said and said.endswith(".")


def test_files_that_are_empty_or_were_cut_short_are_told(tell: Tell, tmp_path: Path) -> None:
    """Each format is tried in tests/unit/data/files/test_broken_files.py."""
    files = written(tmp_path, "grids.gpkg")
    content = files[0].read_bytes()
    for kept in (0, len(content) // 2):
        files[0].write_bytes(content[:kept])
        said = tell(files, level="1")
        assert is_one_sentence_with_advice(said), said
        assert (said or "").startswith("grids.gpkg "), said


@pytest.mark.parametrize("packing", ["zip", "kmz"])
@pytest.mark.parametrize("cut", ["a half", "the last byte", "the list of what is inside"])
def test_an_archive_that_was_cut_short_is_told(
    tell: Tell, tmp_path: Path, packing: str, cut: str
) -> None:
    inside = "doc.kml" if packing == "kmz" else "grids.shp"
    (folder := tmp_path / "inside").mkdir()
    parts = written(folder, inside)
    whole = tmp_path / f"grids.{packing}"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, part.name)
    content = whole.read_bytes()
    kept = {
        "a half": len(content) // 2,
        "the last byte": len(content) - 1,
        "the list of what is inside": content.index(b"PK\x01\x02"),
    }
    whole.write_bytes(content[: kept[cut]])
    said = tell([whole], level="1")
    assert is_one_sentence_with_advice(said), said
    assert (said or "").startswith(f"grids.{packing} "), said
    assert "vsizip" not in (said or "")


@pytest.mark.parametrize(
    ("frame", "fields", "says"),
    [
        (
            shapes(WEST),
            {"crs": "EPSG:4549"},
            r"118\.1, 34 is not a place in EPSG:4549\. Name the coo",
        ),
        (shapes(box(34, 118, 34.1, 118.1)), {}, r"swapped: write lon before lat\.$"),
        (
            shapes(WEST),
            {"crs": "mars"},
            r"^'mars' is not a coordinate system\. Name wgs84, cgcs2000",
        ),
        (
            shapes(WEST, Point(118, 34)),
            {},
            r"feature 2: The Point encloses no area\. Draw it as a p",
        ),
        (shapes(LineString([(118, 34), (119, 34)])), {}, r"feature 1: The LineString encloses no"),
        (shapes(FLAT), {}, r"feature 1: The Polygon encloses no area\."),
        (
            shapes(WEST, EAST, codes=("7", "7")),
            {},
            r"^Code 7 is on two grids: grids\.geojson, feature 1 \(g0\) and grids\.geojson, feature 2 "
            r"\(g1\)\. Give each its own\.$",
        ),
    ],
    ids=[
        *("wrong crs", "swapped", "no crs", "point", "line", "flat"),
        "duplicate code",
    ],
)
def test_what_cannot_be_a_grid_is_told_with_its_place(
    tell: Tell, tmp_path: Path, frame: geopandas.GeoDataFrame, fields: dict[str, str], says: str
) -> None:
    said = tell(written(tmp_path, "grids.geojson", frame), level="1", **fields)
    assert is_one_sentence_with_advice(said), said
    assert re.search(says, said or ""), said


def test_eastings_of_another_zone_name_the_system_that_they_are_of(
    tell: Tell, tmp_path: Path
) -> None:
    frame = shapes(WEST).to_crs("EPSG:4527")  # zone 39 in front
    files = written(tmp_path, "grids.gpkg", frame.set_crs("EPSG:4549", allow_override=True))
    said = tell(files, level="1")
    assert re.search(r"begin with 39 are those of zone 39: name EPSG:4527", said or ""), said


@pytest.fixture(scope="module")
def ten_million_vertices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In an archive, small enough to be sent."""
    folder = tmp_path_factory.mktemp("huge")
    turn = np.linspace(0, 2 * np.pi, 10_000_000, endpoint=False)
    ring = np.column_stack([118 + np.round(np.cos(turn), 4), 34 + np.round(np.sin(turn), 4)])
    [part] = written(folder, "huge.fgb", shapes(Polygon(ring)))
    packed = folder / "packed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(part, part.name)
    part.unlink()
    return packed


def test_ten_million_vertices_are_told_and_what_may_be(
    tell: Tell, ten_million_vertices: Path
) -> None:
    said = tell([ten_million_vertices], level="1")
    assert re.search(
        r"huge\.fgb has 10,000,000 vertices; an edition may have 2,000,000\. Simplify", said or ""
    ), said


def test_geojson_of_too_many_vertices_is_told_before_it_is_parsed(
    tell: Tell, tmp_path: Path
) -> None:
    path = tmp_path / "huge.geojson"
    path.write_bytes(b'{"type":"Feature","geometry":{' + b"[1,2]," * 5_000_000)
    said = tell([path], level="1")
    assert re.search(r"huge\.geojson has more than 2,857,142 vertices; an ed", said or ""), said


def test_a_bomb_is_told(tell: Tell, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", b" " * 50_000_000)
    said = tell([path], level="1")
    assert re.search(
        r"^bomb\.zip has 'a\.geojson', which would grow more than 200-fold", said or ""
    )


def test_a_geometry_that_says_it_is_larger_than_its_file_is_told(
    tell: Tell, tmp_path: Path
) -> None:
    files = written(tmp_path, "grids.shp", shapes(WEST))
    content = bytearray(files[0].read_bytes())
    content[148:152] = struct.pack("<i", 2**31 - 1)  # the number of points of the first record
    files[0].write_bytes(content)
    assert is_one_sentence_with_advice(tell(files, level="1"))


def test_a_self_crossing_ring_is_repaired_and_noted(
    client: TestClient, sign_in: Any, tmp_path: Path, database: Database
) -> None:
    [path] = written(tmp_path, "grids.geojson", shapes(BOW_TIE))
    answer = client.post(
        "/api/v1/editions",
        files=[("files", (path.name, path.read_bytes()))],
        data={"level": "1"},
        headers=sign_in("admin"),
    )
    assert answer.json()["notes"] == [
        "grids.geojson, feature 1, g0 1: Made valid: Self-intersection[118.05 34.05]."
    ]
    with database.begin() as conn:
        conn.execute(text("DELETE FROM grids"))
        conn.execute(text("DELETE FROM grid_editions"))


def test_a_csv_says_which_row_is_wrong(tell: Tell, tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    for row, says in (
        ("1,东,POLYGON((", r"row 1: 'POLYGON\(\(' is not WKT"),
        ("1,东,", r"row 1 has no geometry\. Draw it or remove it\."),
    ):
        path.write_text(f"code,name,wkt\n{row}\n")
        said = tell([path], level="1", crs="wgs84")
        assert re.search(says, said or ""), said
    path.write_text("code,name\n1,东\n")
    said = tell([path], level="1", crs="wgs84")
    assert "needs a column wkt, or lon and lat (经度, 纬度); it has code, name." in (said or "")
    path.write_text(f"code,name,wkt\n1,东,{json.dumps(WEST.wkt)}\n")
    assert "does not say its coordinate system" in (tell([path], level="1") or "")
