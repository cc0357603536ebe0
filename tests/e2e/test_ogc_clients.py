"""GIS programs read the collections: GDAL's own client of OGC API - Features, which QGIS has too. It is
the one that comes with pyogrio; `ogrinfo` of docs/layers.md asks the same driver.

GDAL works in a process of its own, as it does in life: here it would keep the server from answering.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data.database import Database
from tests.serving import Server, serving

FEATURES = 2_500  # more than two of its pages

READ = """
import json, sys
import pyogrio
source, box = sys.argv[1], json.loads(sys.argv[2])
frame = pyogrio.read_dataframe(source, layer="facilities", PAGE_SIZE=1000, bbox=box and tuple(box))
counted = pyogrio.read_info(source, layer="facilities", force_feature_count=True, PAGE_SIZE=1000)
print(json.dumps({
    "layers": pyogrio.list_layers(source)[:, 0].tolist(),
    "count": counted["features"],
    "codes": frame["code"].tolist(),
    "names": frame["name"].unique().tolist(),
    "first": frame.geometry.iloc[0].wkt,
}))
"""


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO facilities (code, kind, name, geom) SELECT 'F' || n, 'lamp', '路灯', "
                "ST_SetSRID(ST_MakePoint(118.6 + n * 0.0001, 34.5), 4326) "
                "FROM generate_series(1, :n) AS n"
            ),
            {"n": FEATURES},
        )
    with serving(database) as server:
        yield server


@pytest.fixture
def signed_in(server: Server, tmp_path: Path) -> dict[str, str]:
    """The environment of a GDAL that sends a token along."""
    headers = tmp_path / "headers.txt"
    headers.write_text(f"Authorization: Bearer {server.token('analyst')}\n")
    return {"GDAL_HTTP_HEADER_FILE": str(headers)}


@pytest.fixture
def read(server: Server) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(
        environment: dict[str, str], box: list[float] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", READ, f"OAPIF:{server.url}/ogc", json.dumps(box)],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_gdal_lists_and_reads_the_collections(read: Any, signed_in: dict[str, str]) -> None:
    answer = read(signed_in)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert {"grids", "cameras", "facilities", "cases"} <= set(found["layers"])
    assert found["count"] == FEATURES
    assert sorted(found["codes"]) == sorted(f"F{n}" for n in range(1, FEATURES + 1))
    assert found["names"] == ["路灯"]
    assert found["first"] == "POINT (118.6001 34.5)"
    few = json.loads(read(signed_in, [118.60005, 34.4, 118.60045, 34.6]).stdout)
    assert sorted(few["codes"]) == ["F1", "F2", "F3", "F4"]


def test_gdal_is_told_to_sign_in(read: Any) -> None:
    answer = read({})
    assert answer.returncode != 0
    assert "Sign in first" in answer.stderr
