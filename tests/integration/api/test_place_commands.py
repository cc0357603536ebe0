"""What stands at a place, and what changed, from files at the machine."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pytest
import rasterio
from rasterio.transform import from_origin
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from data.database import Database
from tests.morning import make_town

Run = Callable[..., str]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)

    def run(*arguments: str | Path) -> str:
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    return run


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("cameras", "32072210011320000001,甲,118.65,34.5,dome"),
        ("facilities", "A,甲,118.65,34.5,hydrant"),
        ("sensors", "JG-1,甲,118.65,34.5,manhole"),
    ],
)
def test_a_table_is_imported_once(run: Run, tmp_path: Path, what: str, line: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(f"code,name,lon,lat,kind\n{line}\nB,乙,x,34.5,other\n")
    assert "1 new, 0 changed, 0 there already, 1 refused." in run(what, "import", file)
    assert "0 new, 0 changed, 1 there already, 1 refused." in run(what, "import", file)


def test_what_changed_between_two_pictures_becomes_cases(
    run: Run, tmp_path: Path, database: Database
) -> None:
    make_town(database)
    ground = np.random.default_rng(1).normal(100, 10, (1, 100, 100)).astype("float32")
    for name, level in (("before.tif", 0), ("after.tif", 200)):
        picture = ground.copy()
        picture[:, 20:50, 20:50] += level
        profile = {"driver": "GTiff", "width": 100, "height": 100, "count": 1, "dtype": "float32"}
        transform = from_origin(118.65, 34.5, 1e-5, 1e-5)
        with rasterio.open(
            tmp_path / name, "w", crs="EPSG:4326", transform=transform, **profile
        ) as raster:
            raster.write(picture)
    found = tmp_path / "found.geojson"
    run("changes", "detect", tmp_path / "before.tif", tmp_path / "after.tif", "-o", found)
    [area] = orjson.loads(found.read_bytes())["features"]
    assert area["properties"]["area_m2"] == pytest.approx(916, rel=0.1)
    assert "1 cases, 0 there already" in run("changes", "import", found)
    assert "0 cases, 1 there already" in run("changes", "import", found)
    with database.begin() as conn:
        score = conn.scalar(text("SELECT score FROM suspected_changes"))
        assert score == area["properties"]["score"]
