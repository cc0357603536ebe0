import pytest

from gis.errors import InvalidInput
from layers.tiles.address import read_address


def test_the_corners_of_the_pyramid_are_in_it() -> None:
    assert read_address(0, 0, 0) == (0, 0, 0)
    last = 2**20 - 1
    assert read_address(20, last, last) == (20, last, last)


@pytest.mark.parametrize(
    ("z", "x", "y", "field", "says"),
    [
        (-1, 0, 0, "z", "from 0 to 20"),
        (21, 0, 0, "z", "from 0 to 20"),
        (3, 8, 0, "x", "at zoom 3 it is from 0 to 7"),
        (3, -1, 0, "x", "at zoom 3 it is from 0 to 7"),
        (0, 0, 1, "y", "at zoom 0 it is from 0 to 0"),
    ],
)
def test_a_number_outside_the_pyramid_is_named_with_its_range(
    z: int, x: int, y: int, field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        read_address(z, x, y)
    assert caught.value.field == field
