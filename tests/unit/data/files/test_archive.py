"""Zip archives of people in a hurry, and of people who mean harm."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from data.files.archive import Unpacked, unpack
from gis.errors import UnreadableFile

MB = 1024 * 1024


def unpacked(tmp_path: Path, content: bytes) -> list[Unpacked]:
    (tmp_path / "file-1.zip").write_bytes(content)
    folder = tmp_path / "out"
    folder.mkdir()
    return unpack(
        tmp_path / "file-1.zip", folder, label="all.zip", suffixes={".shp", ".dbf", ".geojson"}
    )


def zipped(*names: str, content: bytes = b"{}", mode: int = stat.S_IFREG | 0o644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


def test_parts_of_a_map_stay_together_under_names_of_our_own(tmp_path: Path) -> None:
    found = unpacked(tmp_path, zipped("a/map.shp", "b/map.shp", "a/map.DBF", "notes.txt"))
    assert [(each.name, each.path.name) for each in found] == [
        ("a/map.shp", "file-1-1.shp"),
        ("b/map.shp", "file-1-2.shp"),
        ("a/map.DBF", "file-1-1.dbf"),
    ]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        each.path.name for each in found
    }


def test_what_a_mac_adds_is_not_meant(tmp_path: Path) -> None:
    found = unpacked(tmp_path, zipped("map.shp", "__MACOSX/._map.shp", "x/._map.shp"))
    assert [each.name for each in found] == ["map.shp"]


def test_chinese_windows_writes_names_in_its_own_encoding(tmp_path: Path) -> None:
    content = zipped("wwgg.geojson").replace(b"wwgg", "网格".encode("gb18030"))
    assert [each.name for each in unpacked(tmp_path, content)] == ["网格.geojson"]


def locked() -> bytes:
    content = bytearray(zipped("a.geojson"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying() -> bytes:
    """10 MB of zeros that say they are 100 bytes."""
    content = bytearray(zipped("a.geojson", content=b"\x00" * (10 * MB)))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    content[22:26] = (100).to_bytes(4, "little")
    return bytes(content)


def overlapping() -> bytes:
    """Two entries that share their data, as in the bombs that need no nesting."""
    content = bytearray(zipped("a.geojson", "b.geojson"))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = (0).to_bytes(4, "little")
    return bytes(content)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "broken": (lambda: b"PK\x03\x04 broken", "not a zip archive"),
    "empty": (lambda: b"", "not a zip archive"),
    "cut": (lambda: zipped("a.geojson")[:-10], "not a zip archive"),
    "parent": (lambda: zipped("../a.geojson"), "leads out"),
    "absolute": (lambda: zipped("/etc/a.geojson"), "leads out"),
    "drive": (lambda: zipped("C:/a.geojson"), "leads out"),
    "backslashes": (lambda: zipped("..\\..\\a.geojson"), "leads out"),
    "nul": (lambda: zipped("a.geojson\x00.txt"), "leads out"),
    "other kinds too": (lambda: zipped("a.geojson", "../readme.txt"), "leads out"),
    "link": (lambda: zipped("a.geojson", mode=stat.S_IFLNK | 0o777), "a link"),
    "device": (lambda: zipped("a.geojson", mode=stat.S_IFCHR | 0o666), "a device"),
    "bomb": (lambda: zipped("a.geojson", content=b"\x00" * (10 * MB)), "200-fold"),
    "liar": (lying, "not a zip archive"),
    "overlap": (overlapping, "not a zip archive"),
    "many": (lambda: zipped(*(f"{n}.geojson" for n in range(501))), "holds 501 files"),
    "locked": (locked, "password"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_looks_like_an_attack_is_refused_in_words(tmp_path: Path, case: str) -> None:
    make, says = REFUSED[case]
    with pytest.raises(UnreadableFile, match=says) as refused:
        unpacked(tmp_path, make())
    assert refused.value.message.startswith("all.zip ")


def test_a_great_heap_of_small_files_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.files.archive.MOST_BYTES", 3 * MB)
    content = zipped(*"abcd", content=b"\x00" * MB)
    with pytest.raises(UnreadableFile, match="more than 3 MB"):
        unpacked(tmp_path, content)
