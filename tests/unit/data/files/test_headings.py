"""Names of fields that went through the wrong encoding."""

import warnings
from pathlib import Path

import geopandas
import pytest
from shapely import box

from data.files import read_features
from data.files.headings import recovered, recovered_all


@pytest.mark.parametrize(
    ("seen", "meant"),
    [
        ("缃戞牸缂栵", "网格编"),  # UTF-8 as GBK, cut
        ("琛楅亾浠_1", "街道_1"),
        ("_hex_e68980e5b19ee8a197ef", "所属街"),
        ("_hex_e68980e5b19ee58a5f31", "所属_1"),
        ("网格编码".encode().decode("latin-1"), "网格编码"),
        ("网格编码".encode("gbk").decode("latin-1"), "网格编码"),
    ],
)
def test_what_is_certain_is_recovered(seen: str, meant: str) -> None:
    assert recovered(seen) == meant


@pytest.mark.parametrize(
    "name",
    ["网格编码", "code", "Größe", "año", "联通", "村级码", "乡镇_12", "741村1", "Shape.STAr", ""],
)
def test_a_name_that_is_what_it_seems_stays(name: str) -> None:
    assert recovered(name) == name


def test_names_that_would_be_alike_are_numbered() -> None:
    assert recovered_all(["琛楅亾浠ｏ", "琛楅亾浠ｇ", "街道代"]) == [
        "街道代_2",
        "街道代_3",
        "街道代",
    ]


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("cpg", ["", "UTF-8", "GBK"])
def test_a_shapefile_whose_names_and_values_were_cut_within_a_character(
    tmp_path: Path, encoding: str, cpg: str
) -> None:
    """Whatever its .cpg says or does not say."""
    path = tmp_path / "grids.shp"
    frame = geopandas.GeoDataFrame(
        {"上级网格编码": ["东关村"], "a网格名称": ["镇"]},
        geometry=[box(118, 34, 119, 35)],
        crs=4326,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that names are cut
        frame.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").write_text(cpg)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    [feature] = read_features(path).features
    whole = "上级网" if encoding == "UTF-8" else "上级网格编"
    assert feature.properties[whole] == "东关村"
    assert len(feature.properties) == 2
