"""`wangge basemap` and `wangge layers seed`, run in this process on the test's own database."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

import api.cli.basemap
from api.cli.commands import app
from data.database import Database
from gis.errors import InvalidInput, NotFound, UnreadableFile, WanggeError
from layers.tiles.archive import Archives, archives_dir

Run = Callable[..., str]

# A road, a lake and a village around 118.6, 34.5.
OSM = """<osm version="0.6">
  <node id="1" version="1" lat="34.50" lon="118.60"/>
  <node id="2" version="1" lat="34.50" lon="118.61"/>
  <node id="3" version="1" lat="34.51" lon="118.61"/>
  <node id="4" version="1" lat="34.51" lon="118.60">
    <tag k="place" v="village"/><tag k="name" v="李庄"/></node>
  <way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
    <tag k="natural" v="water"/></way>
  <way id="2" version="1"><nd ref="1"/><nd ref="4"/>
    <tag k="highway" v="{road}"/><tag k="name" v="文昌路"/></way>
</osm>"""


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command's output; its error is raised."""
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path / "data"))

    def run(*arguments: object) -> str:
        result: Result = CliRunner().invoke(app, list(map(str, arguments)))
        if isinstance(result.exception, WanggeError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(OSM.format(road="primary"), encoding="utf-8")
    return path


def drawn(database: Database) -> list[tuple[str, str, str, str | None]]:
    with database.begin() as conn:
        rows = conn.execute(
            text("SELECT source, kind, class, name FROM basemap_features ORDER BY 1, 2, 3, 4")
        )
        return [tuple(row) for row in rows]


OF_OSM = [
    ("osm", "place", "village", "李庄"),
    ("osm", "road", "primary", "文昌路"),
    ("osm", "water", "lake", None),
]


def test_an_extract_is_drawn_and_drawing_it_twice_is_once(
    run: Run, database: Database, extract: Path
) -> None:
    assert "osm: 1 place, 1 road, 1 water" in run("basemap", "build", extract)
    assert drawn(database) == OF_OSM
    run("basemap", "build", extract)
    assert drawn(database) == OF_OSM


def test_a_newer_extract_replaces_what_came_of_the_last_and_nothing_else(
    run: Run, database: Database, extract: Path, tmp_path: Path
) -> None:
    run("basemap", "build", extract)
    roads = tmp_path / "lanes.geojson"
    line = {"type": "LineString", "coordinates": [[118.6, 34.5], [118.61, 34.51]]}
    feature = {"type": "Feature", "properties": {"name": "小巷"}, "geometry": line}
    roads.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert "lanes: 1 road" in run("basemap", "build", roads, "--kind", "road", "--class", "minor")
    extract.write_text(OSM.format(road="secondary"), encoding="utf-8")
    run("basemap", "build", extract)
    assert ("lanes", "road", "minor", "小巷") in drawn(database)
    assert ("osm", "road", "secondary", "文昌路") in drawn(database)
    assert len(drawn(database)) == 4


def test_only_what_is_near_the_grids_is_kept(run: Run, database: Database, extract: Path) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "WITH edition AS (INSERT INTO grid_editions (name, state, content_hash) "
                "VALUES ('2026', 'active', '') RETURNING id) "
                "INSERT INTO grids (edition_id, code, name, level, area_m2, geom) "
                "SELECT id, '320722101203005', '镇', 1, 1, "
                "ST_Multi(ST_MakeEnvelope(118.605, 34.5, 118.62, 34.505, 4326)) FROM edition"
            )
        )
    run("basemap", "build", extract, "--margin-km", 0)
    assert [row[1] for row in drawn(database)] == ["water"]
    run("basemap", "build", extract, "--margin-km", 5)
    assert [row[1] for row in drawn(database)] == ["place", "road", "water"]
    with pytest.raises(InvalidInput, match="is it another place"):
        run("basemap", "build", extract, "--bbox", "10,10,11,11")
    assert len(drawn(database)) == 3


def test_a_file_that_breaks_off_changes_nothing(
    run: Run, database: Database, extract: Path
) -> None:
    run("basemap", "build", extract)
    extract.write_text(OSM[:400])
    with pytest.raises(UnreadableFile):
        run("basemap", "build", extract)
    assert drawn(database) == OF_OSM


def test_interrupted_while_it_stores_it_changes_nothing(
    run: Run, database: Database, extract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("basemap", "build", extract)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api.cli.basemap, "record", interrupted)
    with pytest.raises(AssertionError):  # typer's runner makes an exit code of it
        run("basemap", "build", extract, "--source", "osm", "--bbox", "118,34,118.605,34.505")
    assert drawn(database) == OF_OSM


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("town.osm", ["--kind", "road"], "leave --kind out"),
        ("roads.geojson", [], "Say what .* draws"),
    ],
)
def test_the_kind_belongs_to_the_towns_own_files(
    run: Run, tmp_path: Path, name: str, options: list[str], says: str
) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(InvalidInput, match=says):
        run("basemap", "build", tmp_path / name, *options)


def test_sources_are_listed_and_removed_on_the_record(
    run: Run, database: Database, extract: Path
) -> None:
    run("basemap", "build", extract)
    assert "osm" in run("basemap", "list")
    assert "osm: 3 features removed" in run("basemap", "remove", "osm")
    assert drawn(database) == []
    with pytest.raises(NotFound, match="basemap list"):
        run("basemap", "remove", "osm")
    with database.begin() as conn:
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions == ["basemap.build", "basemap.remove"]


def test_the_tiles_are_written_where_the_server_looks_for_them(
    run: Run, extract: Path, tmp_path: Path
) -> None:
    output = run("basemap", "build", extract, "--seed")
    assert "tiles of basemap (version" in output
    archive = Archives(archives_dir(tmp_path / "data")).find("basemap")
    assert archive is not None
    assert (archive.minzoom, archive.maxzoom) == (6, 16)
    run("layers", "seed", "basemap", "--minzoom", 10, "--maxzoom", 12)
    again = Archives(archives_dir(tmp_path / "data")).find("basemap")
    assert again is not None
    assert (again.minzoom, again.maxzoom) == (10, 12)


def test_what_cannot_be_seeded_says_why(run: Run, extract: Path) -> None:
    with pytest.raises(InvalidInput, match="is empty"):
        run("layers", "seed", "basemap")
    with pytest.raises(InvalidInput, match="'cases' cannot be seeded"):
        run("layers", "seed", "cases")
    with pytest.raises(NotFound, match="no layer 'trees'"):
        run("layers", "seed", "trees")
    run("basemap", "build", extract)
    with pytest.raises(InvalidInput, match="Zooms 9 to 8"):
        run("layers", "seed", "basemap", "--minzoom", 9, "--maxzoom", 8)
