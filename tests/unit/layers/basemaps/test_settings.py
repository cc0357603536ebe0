from pathlib import Path

import pytest

from data.installation import Installation
from gis.errors import InstallationError
from layers.basemaps import BasemapSettings, TileCrs
from layers.tiles.address import TileAddress

XYZ = """
[[basemap]]
id = "aerial"
kind = "xyz"
title = { zh = "影像", en = "Aerial" }
url = "http://10.0.0.5/{z}/{x}/{y}.jpg"
"""
TIANDITU = """
[[basemap]]
id = "tdt"
kind = "tianditu"
layer = "img"
"""


def settings(folder: Path, text: str, **environment: str) -> BasemapSettings:
    (folder / "basemaps.toml").write_text(text, encoding="utf-8")
    return BasemapSettings.of(Installation(data_dir=folder), environment)


def test_without_a_file_there_are_no_basemaps(tmp_path: Path) -> None:
    assert BasemapSettings.of(Installation(data_dir=tmp_path), {}).basemaps == ()


def test_the_environment_may_name_another_file(tmp_path: Path) -> None:
    elsewhere = tmp_path / "maps.toml"
    elsewhere.write_text(XYZ, encoding="utf-8")
    installation = Installation(data_dir=tmp_path)
    read = BasemapSettings.of(installation, {"WANGGE_BASEMAPS": str(elsewhere)})
    assert [each.id for each in read.basemaps] == ["aerial"]
    with pytest.raises(InstallationError, match=r"gone\.toml"):
        BasemapSettings.of(installation, {"WANGGE_BASEMAPS": str(tmp_path / "gone.toml")})


def test_tiles_are_mercator_and_named_in_both_languages(tmp_path: Path) -> None:
    [aerial] = settings(tmp_path, XYZ).basemaps
    assert (aerial.title.zh, aerial.title.en, aerial.tile_size) == ("影像", "Aerial", 256)
    assert aerial.ground.crs is TileCrs.MERCATOR
    assert aerial.labels is None


def test_of_tms_the_rows_are_turned_round(tmp_path: Path) -> None:
    [aerial] = settings(tmp_path, XYZ.replace('"xyz"', '"tms"')).basemaps
    assert aerial.ground.url_of(TileAddress(2, 1, 0)) == "http://10.0.0.5/2/1/3.jpg"


def test_names_over_the_ground_are_a_second_pyramid(tmp_path: Path) -> None:
    names = 'labels_url = "http://10.0.0.5/names/{z}/{x}/{y}.png"\ncrs = "gcj02"\n'
    [aerial] = settings(tmp_path, XYZ + names).basemaps
    assert aerial.labels is not None
    assert (aerial.labels.id, aerial.labels.crs) == ("aerial.labels", TileCrs.GCJ02)


@pytest.mark.parametrize(("matrix_set", "crs"), [("w", TileCrs.MERCATOR), ("c", TileCrs.CGCS2000)])
def test_tianditu_has_its_layers_names_and_matrix_sets(
    tmp_path: Path, matrix_set: str, crs: TileCrs
) -> None:
    text = f'{TIANDITU}matrix_set = "{matrix_set}"\nkey = "k"\n'
    [tianditu] = settings(tmp_path, text).basemaps
    assert tianditu.title.en == "Tianditu aerial"
    assert tianditu.attribution == "天地图"
    assert tianditu.ground.crs is crs
    assert tianditu.labels is not None
    address = TileAddress(14, 13_589, 3_258)
    assert tianditu.ground.url_of(address) == (
        f"https://t7.tianditu.gov.cn/img_{matrix_set}/wmts?SERVICE=WMTS&REQUEST=GetTile"
        f"&VERSION=1.0.0&LAYER=img&STYLE=default&TILEMATRIXSET={matrix_set}&FORMAT=tiles"
        "&TILEMATRIX=14&TILEROW=3258&TILECOL=13589&tk=k"
    )
    assert f"/cia_{matrix_set}/wmts?" in tianditu.labels.url_of(address)


def test_the_key_may_stand_in_the_environment(tmp_path: Path) -> None:
    [tianditu] = settings(tmp_path, TIANDITU, WANGGE_TIANDITU_KEY="from outside").basemaps
    assert tianditu.ground.key == "from outside"
    assert "from outside" not in repr(tianditu)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[basemap]", "Expected"),
        (XYZ.replace("xyz", "wms"), "kind"),
        (XYZ + XYZ, "two basemaps are called aerial"),
        (XYZ.replace('"aerial"', '"a.b"'), "id"),
        (XYZ + "minzom = 3\n", "minzom"),
        (XYZ + "minzoom = 9\nmaxzoom = 8\n", "minzoom is above maxzoom"),
        (XYZ.replace("http:", "file:"), "no address"),
        (XYZ.replace("{x}", "1"), "must hold"),
        (XYZ.replace("10.0.0.5", "{x}.maps"), "may depend on"),
        (TIANDITU, "needs a key"),
    ],
)
def test_a_file_that_cannot_be_is_refused_with_its_name_and_the_reason(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(InstallationError, match=says) as refused:
        settings(tmp_path, text)
    assert "basemaps.toml" in refused.value.message


@pytest.mark.parametrize(
    "text", [TIANDITU + 'key = ["s3cret"]\n', XYZ.replace("{x}/{y}.jpg", "1?tk=s3cret")]
)
def test_what_is_said_of_a_wrong_file_does_not_hold_its_key(tmp_path: Path, text: str) -> None:
    with pytest.raises(InstallationError) as refused:
        settings(tmp_path, text)
    assert "s3cret" not in refused.value.message
