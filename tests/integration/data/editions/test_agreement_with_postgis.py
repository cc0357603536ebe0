"""Exactly one owner, on real borders: what the locator says is what PostGIS makes of the same rule.

A million points anywhere, points on vertices and points on edges. The rule is written in SQL, apart from
the product: covers, the lowest code of several; else the nearest within 50 m; else nobody.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.cluster import Cluster
from data.database import Database
from gis.grid import Grid
from gis.locator import Located
from gis.polygons import repair
from gis.tree import GridTree

RANDOM, SPECIAL = 1_000_000, 20_000
SNAP_M = 50.0
SAME_M = 0.001
"""Planar and geodesic metres differ by less on the way to a border."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Of each point: `covering` and `nearest` are indexes into `grids` from SQL, -1 for none; `count` is
    how many grids cover it, `distance_m` and `second_m` how far the nearest two are."""

    grids: tuple[Grid, ...]
    located: Located
    covering: NDArray[np.int64]
    count: NDArray[np.int64]
    nearest: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    second_m: NDArray[np.float64]


@pytest.fixture(scope="module")
def answers(cluster: Cluster, real_data: Path) -> Iterator[Answers]:
    grids = [
        Grid(
            code=feature["properties"]["code"],
            name=feature["properties"]["Name"],
            level=1,
            parent_code=None,
            geometry=repair(shapely.from_geojson(json.dumps(feature["geometry"])))[0],
        )
        for path in sorted((real_data / "beijing_admin" / "subdistrict").glob("*.geojson"))
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]
    ]
    tree = GridTree(grids, snap_m=SNAP_M)
    points = _points(np.array([grid.geometry for grid in tree.grids]))
    name = "agreement_with_postgis"
    database = Database(cluster.create_database(name, template="template_wangge"))
    with database.begin() as conn:
        yield _ask(conn, tree, points)
    database.close()
    cluster.drop_database(name)


def test_a_million_points_have_the_same_owner(answers: Answers) -> None:
    covered = answers.count > 0
    inside = answers.located.index[covered] == answers.covering[covered]
    assert covered.sum() > 400_000
    assert inside.all(), f"{(~inside).sum()} points"
    assert not answers.located.snapped[covered].any()


def test_edge_of_several_grids_on_whose_edge_a_point_lies_the_lowest_code_owns_it(
    answers: Answers,
) -> None:
    shared = (answers.count > 1) & answers.located.on_boundary
    assert shared.sum() > 10_000
    assert (answers.located.index[shared] == answers.covering[shared]).all()


def test_overlap_in_the_overlap_of_two_grids_the_lowest_code_owns_a_point(answers: Answers) -> None:
    within_both = (answers.count > 1) & ~answers.located.on_boundary
    assert within_both.any()
    assert (answers.located.index[within_both] == answers.covering[within_both]).all()


def test_gap_a_point_in_no_grid_goes_to_the_nearest_within_50_m(answers: Answers) -> None:
    free = (answers.count == 0) & (answers.distance_m < SNAP_M - SAME_M)
    clear = free & (answers.second_m > answers.distance_m + SAME_M)
    assert clear.sum() > 500
    assert (answers.located.index[clear] == answers.nearest[clear]).all()
    assert answers.located.snapped[free].all()
    np.testing.assert_allclose(
        answers.located.distance_m[free], answers.distance_m[free], rtol=0, atol=SAME_M
    )


def test_outside_a_point_further_than_50_m_has_no_owner(answers: Answers) -> None:
    outside = (answers.count == 0) & ~(answers.distance_m < SNAP_M + SAME_M)
    assert outside.sum() > 400_000
    assert (answers.located.index[outside] == -1).all()


def _points(areas: NDArray[np.object_]) -> NDArray[np.float64]:
    random = np.random.default_rng(20261127)
    west, south, east, north = shapely.total_bounds(areas)
    anywhere = random.uniform((west, south), (east, north), (RANDOM, 2))
    vertices = shapely.get_coordinates(areas)
    on_vertices = random.permutation(vertices)[:SPECIAL]
    middles = (vertices[1:] + vertices[:-1]) / 2
    short = np.abs(np.diff(vertices, axis=0)).max(axis=1) < 0.01  # no leap to the next ring
    return np.vstack([anywhere, on_vertices, random.permutation(middles[short])[:SPECIAL]])


def _ask(conn: Connection, tree: GridTree, points: NDArray[np.float64]) -> Answers:
    located = tree.locate_many(*points.T)
    conn.execute(text("CREATE TEMP TABLE g (id int, geom geometry)"))
    conn.execute(
        text("INSERT INTO g VALUES (:id, ST_GeomFromWKB(:wkb, 4326))"),
        [{"id": n, "wkb": grid.geometry.wkb} for n, grid in enumerate(tree.grids)],
    )
    conn.execute(text("CREATE TEMP TABLE xy (id int, x float8, y float8)"))
    rows = io.StringIO()
    for number, (x, y) in enumerate(points.tolist()):
        rows.write(f"{number}\t{x!r}\t{y!r}\n")
    driver = conn.connection.cursor()
    with driver.copy("COPY xy FROM STDIN") as copy:
        copy.write(rows.getvalue())
    for statement in (
        "CREATE TEMP TABLE p AS SELECT id, ST_SetSRID(ST_Point(x, y), 4326) AS geom FROM xy",
        "CREATE INDEX ON p USING gist (geom)",
        "ANALYZE p",
        # The grids outside and the points inside: each grid is prepared once.
        "CREATE TEMP TABLE c AS SELECT p.id, g.id AS grid FROM g JOIN p ON ST_Covers(g.geom, p.geom)",
        # An edge is straight in degrees here and a geodesic there. Over 100 m they are the same.
        """CREATE TEMP TABLE e AS
            SELECT g.id AS grid, (ST_DumpSegments(ST_Segmentize(g.geom, 0.001))).geom FROM g""",
        """CREATE TEMP TABLE n AS
            SELECT p.id, e.grid, min(ST_Distance(e.geom::geography, p.geom::geography)) AS m
            FROM e JOIN p ON p.geom && ST_Expand(e.geom, 0.0007)
            WHERE p.id NOT IN (SELECT id FROM c) GROUP BY p.id, e.grid""",
    ):
        conn.execute(text(statement))
    covering = np.full(len(points), -1)
    count, nearest = np.zeros(len(points), np.int64), np.full(len(points), -1)
    first_m, second_m = np.full(len(points), np.inf), np.full(len(points), np.inf)
    for point, grid, times in conn.execute(
        text("SELECT id, min(grid), count(*) FROM c GROUP BY id")
    ):
        covering[point], count[point] = grid, times
    for point, grid, metres in conn.execute(text("SELECT id, grid, m FROM n ORDER BY id, m, grid")):
        if nearest[point] < 0:
            nearest[point], first_m[point] = grid, metres
        elif np.isinf(second_m[point]):
            second_m[point] = metres
    return Answers(
        grids=tree.grids,
        located=located,
        covering=covering,
        count=count,
        nearest=nearest,
        distance_m=first_m,
        second_m=second_m,
    )
