import pytest
from shapely import MultiPolygon, box

from api.accounts import Role
from api.accounts.scope import Post, Territory, territory_of
from gis.grid import Grid
from gis.tree import GridTree


def grid(code: str, level: int, parent: str | None) -> Grid:
    return Grid(
        code=code,
        name=code,
        level=level,
        parent_code=parent,
        geometry=MultiPolygon([box(120, 30, 120.1, 30.1)]),
    )


TREE = GridTree(
    [
        grid("A", 1, None),
        grid("A1", 2, "A"),
        grid("A2", 2, "A"),
        grid("B", 1, None),
        grid("B1", 2, "B"),
    ]
)


def territory(role: Role, *codes: str | None, post: str = "grid_worker") -> Territory:
    posts = [Post(role=post, grid_code=code) for code in codes]
    return territory_of(role, grid_code=None, posts=posts, tree=TREE)


@pytest.mark.parametrize(
    "role", [Role.ADMIN, Role.DISPATCHER, Role.ANALYST, Role.AUDITOR, Role.GATEWAY]
)
def test_roles_of_the_whole_town_see_everything(role: Role) -> None:
    assert territory(role).scope.is_everything
    assert territory(role).roots == ()


def test_a_chief_sees_the_grid_and_all_below() -> None:
    found = territory(Role.GRID_CHIEF, "A")
    assert found.scope.codes == {"A", "A1", "A2"}
    assert found.roots == ("A",)


def test_somebody_without_a_post_sees_nothing() -> None:
    assert territory(Role.GRID_CHIEF).scope.codes == frozenset()


def test_posts_add_up_and_only_the_topmost_are_roots() -> None:
    found = territory(Role.INSPECTOR, "A1", "B", "B1")
    assert found.scope.codes == {"A1", "B", "B1"}
    assert found.roots == ("A1", "B")


def test_the_accounts_own_grid_counts_like_a_post() -> None:
    found = territory_of(Role.GRID_WORKER, grid_code="B1", posts=[], tree=TREE)
    assert found.scope.codes == {"B1"}


def test_a_dispatchers_post_for_the_town_opens_everything() -> None:
    assert territory(Role.GRID_CHIEF, None, post="dispatcher").scope.is_everything


def test_an_enforcement_officers_post_for_the_town_opens_nothing() -> None:
    found = territory(Role.ENFORCEMENT_OFFICER, None, post="enforcement_officer")
    assert found.scope.codes == frozenset()


def test_a_grid_of_an_older_edition_stays_in_scope() -> None:
    found = territory(Role.GRID_CHIEF, "A", "OLD")
    assert found.scope.codes == {"A", "A1", "A2", "OLD"}
    assert found.roots == ("A", "OLD")


def test_before_the_first_edition_the_codes_are_all_there_is() -> None:
    found = territory_of(Role.GRID_CHIEF, grid_code="A", posts=[], tree=None)
    assert found.scope.codes == {"A"}


def test_a_device_has_no_grid_of_its_own() -> None:
    found = territory_of(Role.DEVICE, grid_code=None, posts=[], tree=TREE)
    assert (found.scope.codes, found.roots) == (frozenset(), ())


def test_a_department_handler_has_the_grids_of_their_posts_if_any() -> None:
    town = territory(Role.DEPARTMENT_HANDLER, None, post="department_handler")
    assert town.scope.codes == frozenset()
    part = territory(Role.DEPARTMENT_HANDLER, "B", post="department_handler")
    assert part.scope.codes == {"B", "B1"}
