import threading
from datetime import UTC, datetime, timedelta

import pytest
from shapely import MultiPolygon, box

import data.editions.index
from data.database import Database
from data.editions import GridIndexes, activate, draft_edition
from gis.grid import Grid
from gis.tree import GridTree

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def grid(code: str, west: float, *, level: int = 1, parent: str | None = None) -> Grid:
    area = MultiPolygon([box(west, 34, 118.02, 34.01)])
    return Grid(code=code, name=code, level=level, parent_code=parent, geometry=area)


TOWN, VILLAGE = grid("T", 118), grid("V", 118.01, level=2, parent="T")


def put_in_force(database: Database, grids: list[Grid], at: datetime = NOON) -> int:
    with database.begin() as conn:
        edition = draft_edition(conn, grids, name=str(len(grids))).edition
        return activate(conn, edition.id, at=at, accept_reason="test").id


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for every tree that is built."""
    sizes: list[int] = []

    class Counted(GridTree):
        def __init__(self, grids: object) -> None:
            super().__init__(grids)  # type: ignore[arg-type]
            sizes.append(len(self))

    monkeypatch.setattr(data.editions.index, "GridTree", Counted)
    return sizes


def test_before_the_first_activation_there_is_no_index(database: Database) -> None:
    with database.begin() as conn:
        draft_edition(conn, [TOWN], name="draft")
        assert GridIndexes(database).active(conn) is None


def test_the_index_knows_rows_and_codes(database: Database) -> None:
    edition_id = put_in_force(database, [TOWN, VILLAGE])
    with database.begin() as conn:
        index = GridIndexes(database).active(conn)
    assert index is not None
    assert index.edition_id == edition_id
    assert index.tree.by_code.keys() == {"T", "V"} == index.id_by_code.keys()
    assert index.code_by_id == {row_id: code for code, row_id in index.id_by_code.items()}


def test_points_get_the_row_of_their_deepest_grid_and_0_outside(database: Database) -> None:
    put_in_force(database, [TOWN, VILLAGE])
    with database.begin() as conn:
        index = GridIndexes(database).active(conn)
    assert index is not None
    ids = index.grid_ids([118.015, 118.005, 100.0], [34.005, 34.005, 34.005])
    assert ids.tolist() == [index.id_by_code["V"], index.id_by_code["T"], 0]


def test_an_index_is_built_once_and_follows_the_activation(
    database: Database, built: list[int]
) -> None:
    indexes = GridIndexes(database)
    put_in_force(database, [TOWN])
    with database.begin() as conn:
        assert indexes.active(conn) is indexes.active(conn)
    put_in_force(database, [TOWN, VILLAGE], NOON + timedelta(days=1))
    with database.begin() as conn:
        index = indexes.active(conn)
        assert index is indexes.active(conn)
    assert built == [1, 2]


def test_what_is_not_in_memory_is_read_without_a_connection_of_the_caller(
    database: Database,
) -> None:
    indexes = GridIndexes(database)
    edition_id = put_in_force(database, [TOWN])
    index = indexes.of(edition_id)
    assert index.edition_id == edition_id
    assert indexes.of(edition_id) is index


def test_many_threads_wait_for_one_build(database: Database, built: list[int]) -> None:
    indexes = GridIndexes(database)
    edition_id = put_in_force(database, [TOWN])
    barrier = threading.Barrier(8)
    found = []

    def ask() -> None:
        barrier.wait()
        found.append(indexes.of(edition_id))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [1]
    assert all(index is found[0] for index in found)


def test_only_the_last_few_are_kept(database: Database, built: list[int]) -> None:
    indexes = GridIndexes(database)
    ids = []
    for number in range(4):
        with database.begin() as conn:
            edition = draft_edition(conn, [grid(f"{number}", 118)], name="x").edition
            ids.append(edition.id)
    for edition_id in ids:
        indexes.of(edition_id)
    assert len(built) == 4
    for edition_id in ids[1:]:
        indexes.of(edition_id)
    assert len(built) == 4
    indexes.of(ids[0])
    assert len(built) == 5
