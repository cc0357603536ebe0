"""The process that decodes what strangers send."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import UnreadableFile
from patrol.photos.image import read_photo
from patrol.photos.untrusted import read_untrusted_photo

HEIC = Path(__file__).with_name("phone.heic")


def test_it_finds_what_would_be_found_here() -> None:
    found = read_untrusted_photo(HEIC)
    assert found == read_photo(HEIC.read_bytes())
    assert found.shot.taken_at == datetime(2026, 11, 27, 2, 20, 30, tzinfo=UTC)


def test_what_it_refuses_is_refused_in_its_words(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"<html>")
    with pytest.raises(UnreadableFile, match="no photo that can be read here") as refused:
        read_untrusted_photo(path)
    assert refused.value.field == "files"


@settings(max_examples=8)
@given(
    st.lists(st.tuples(st.integers(0, 824), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(400, 825),
)
def test_whatever_a_heic_does_to_its_decoder_is_done_elsewhere(
    tmp_path: Path, changes: list[tuple[int, int]], kept: int
) -> None:
    content = bytearray(HEIC.read_bytes())
    for where, value in changes:
        content[where] = value
    path = tmp_path / "a"
    path.write_bytes(content[:kept])
    with suppress(UnreadableFile):
        assert read_untrusted_photo(path).jpeg.startswith(b"\xff\xd8")
