import pytest

from gis.errors import InvalidInput
from layers.basemaps import Pyramid, TileCrs
from layers.tiles.address import TileAddress


def pyramid(
    template: str = "http://maps/{z}/{x}/{y}.png",
    *,
    crs: TileCrs = TileCrs.MERCATOR,
    zoom_offset: int = 0,
    subdomains: tuple[str, ...] = (),
) -> Pyramid:
    return Pyramid(
        id="aerial",
        template=template,
        crs=crs,
        minzoom=1,
        maxzoom=18,
        zoom_offset=zoom_offset,
        subdomains=subdomains,
        key="s3cret",
    )


def test_an_address_is_put_into_the_template() -> None:
    assert pyramid().url_of(TileAddress(3, 6, 2)) == "http://maps/3/6/2.png"


def test_rows_may_be_counted_from_the_south() -> None:
    assert pyramid("http://m/{z}/{x}/{-y}").url_of(TileAddress(3, 6, 2)) == "http://m/3/6/5"


def test_rows_of_degrees_are_half_as_many() -> None:
    tms = pyramid("http://m/{z}/{x}/{-y}", crs=TileCrs.CGCS2000)
    assert tms.url_of(TileAddress(3, 6, 0)) == "http://m/3/6/3"


def test_a_server_may_count_zooms_from_another_number() -> None:
    assert pyramid(zoom_offset=-1).url_of(TileAddress(3, 6, 2)) == "http://maps/2/6/2.png"


def test_a_tile_is_always_asked_of_the_same_of_several_names() -> None:
    many = pyramid("http://t{s}.maps/{z}/{x}/{y}", subdomains=("0", "1"))
    assert many.url_of(TileAddress(3, 6, 2)) == "http://t0.maps/3/6/2"
    assert many.url_of(TileAddress(3, 6, 3)) == "http://t1.maps/3/6/3"


def test_the_key_is_in_the_address_and_in_nothing_that_is_printed() -> None:
    keyed = pyramid("http://m/{z}/{x}/{y}?tk={key}")
    assert keyed.url_of(TileAddress(1, 0, 0)) == "http://m/1/0/0?tk=s3cret"
    assert "s3cret" not in repr(keyed)
    assert "s3cret" not in keyed.kept_as


def test_another_address_is_kept_as_another_map() -> None:
    assert pyramid().kept_as != pyramid("http://other/{z}/{x}/{y}").kept_as
    assert pyramid().kept_as != pyramid(zoom_offset=1).kept_as


@pytest.mark.parametrize(
    ("crs", "address", "field", "says"),
    [
        (TileCrs.MERCATOR, (0, 0, 0), "z", "from 1 to 18"),
        (TileCrs.MERCATOR, (19, 0, 0), "z", "from 1 to 18"),
        (TileCrs.MERCATOR, (3, 8, 0), "x", "from 0 to 7"),
        (TileCrs.MERCATOR, (3, 0, -1), "y", "from 0 to 7"),
        (TileCrs.CGCS2000, (3, 0, 4), "y", "from 0 to 3"),
        (TileCrs.CGCS2000, (1, 0, 1), "y", "from 0 to 0"),
        (TileCrs.MERCATOR, (10**9, 0, 0), "z", "from 1 to 18"),
    ],
)
def test_an_address_outside_the_pyramid_names_the_number(
    crs: TileCrs, address: tuple[int, int, int], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        pyramid(crs=crs).read_address(*address)
    assert refused.value.field == field


def test_the_last_tile_is_inside() -> None:
    assert pyramid().read_address(3, 7, 7) == TileAddress(3, 7, 7)
    assert pyramid(crs=TileCrs.CGCS2000).read_address(3, 7, 3) == TileAddress(3, 7, 3)
