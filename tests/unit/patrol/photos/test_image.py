"""What becomes of a photo that somebody sends."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin

from gis.crs import wgs84_to_gcj02
from gis.errors import UnreadableFile
from patrol.photos.exif import Shot
from patrol.photos.image import LONGEST_PX, LONGEST_THUMBNAIL_PX, MOST_BYTES, read_photo

HEIC = Path(__file__).with_name("phone.heic")
GPS, BASE, IFD = ExifTags.GPS, ExifTags.Base, ExifTags.IFD
RED, BLUE = (200, 30, 30), (30, 30, 200)
PLACE = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (34.0, 30.0, 30.0),
    GPS.GPSLongitudeRef: "E",
    GPS.GPSLongitude: (118.0, 39.0, 0.0),
}
TAKEN = {BASE.DateTimeOriginal: "2026:11:27 10:20:30", BASE.OffsetTimeOriginal: "+09:00"}
LON, LAT = 118.65, 34.5 + 30 / 3600


def halves(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Blue on the left, red on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, 0, size[0] // 2, size[1]))
    return image.quantize(4) if mode == "P" else image.convert(mode)


def exif_of(
    gps: dict[int, object] | None = None,
    shot: dict[int, object] | None = None,
    *,
    orientation: int = 1,
) -> Image.Exif:
    exif = Image.Exif()
    exif[BASE.Orientation] = orientation
    exif.get_ifd(IFD.Exif).update(shot or {})
    exif.get_ifd(IFD.GPSInfo).update(gps or {})
    return exif


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def shot_of(**parts: object) -> Shot:
    return read_photo(encoded(halves(), exif=exif_of(**parts))).shot  # type: ignore[arg-type]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def like(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) < 12


def segments(jpeg: bytes) -> Iterator[int]:
    """The markers of a JPEG up to its first scan."""
    assert jpeg[:2] == b"\xff\xd8"
    at = 2
    while True:
        marker, length = struct.unpack(">HH", jpeg[at : at + 4])
        yield marker
        if marker == 0xFFDA:
            return
        at += 2 + length


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_any_usual_kind_becomes_a_jpeg(kind: str) -> None:
    picture = read_photo(encoded(halves(), kind))
    assert (picture.width, picture.height) == (64, 48)
    for content in (picture.jpeg, picture.thumbnail):
        image = opened(content)
        assert image.size == (64, 48)  # nothing is enlarged
        assert like(image.getpixel((5, 40)), BLUE)
        assert like(image.getpixel((60, 5)), RED)


def test_a_phones_heic_is_read_upright_with_where_and_when() -> None:
    picture = read_photo(HEIC.read_bytes())
    assert (picture.width, picture.height) == (48, 64)
    assert like(opened(picture.jpeg).getpixel((5, 5)), BLUE)
    assert picture.shot == Shot(
        taken_at=datetime(2026, 11, 27, 2, 20, 30, tzinfo=UTC), position=(LON, LAT)
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_upright_whatever_way_the_phone_was_held(orientation: int) -> None:
    upright = halves()
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    as_seen = upright.transpose(back[orientation]) if orientation > 1 else upright
    picture = read_photo(encoded(as_seen, exif=exif_of(orientation=orientation)))
    assert (picture.width, picture.height) == (64, 48)
    assert like(opened(picture.jpeg).getpixel((5, 5)), BLUE)
    assert like(opened(picture.jpeg).getpixel((60, 40)), RED)


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    picture = read_photo(encoded(halves((5000, 2500))))
    assert (picture.width, picture.height) == (LONGEST_PX, LONGEST_PX // 2)
    assert opened(picture.jpeg).size == (LONGEST_PX, LONGEST_PX // 2)
    assert opened(picture.thumbnail).size == (LONGEST_THUMBNAIL_PX, LONGEST_THUMBNAIL_PX // 2)


def test_a_strip_of_a_pixel_stays_one() -> None:
    picture = read_photo(encoded(Image.new("RGB", (8000, 1), RED), "PNG"))
    assert (picture.width, picture.height) == (LONGEST_PX, 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_kind_of_pixel_are_read(mode: str) -> None:
    grey = Image.new("I;16", (64, 48), 40_000)
    image = grey if mode == "I;16" else halves(mode=mode)
    read = opened(read_photo(encoded(image, "JPEG" if mode == "CMYK" else "PNG")).jpeg)
    left, right = read.getpixel((5, 5)), read.getpixel((60, 5))
    if mode in ("P", "RGBA"):
        assert like(left, BLUE)
        assert like(right, RED)
    elif mode == "I;16":
        assert like(left, (156, 156, 156))
    else:
        assert left != right


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0))
    for kind in ("PNG", "WEBP"):
        read = opened(read_photo(encoded(image, kind)).jpeg)
        assert read.getpixel((30, 20)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_is_taken() -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in (BLUE, RED)]
    for kind in ("PNG", "WEBP"):
        moving = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert like(opened(read_photo(moving).jpeg).getpixel((30, 20)), BLUE)


def test_where_when_and_whither_are_read() -> None:
    looked = {GPS.GPSImgDirectionRef: "T", GPS.GPSImgDirection: 271.5}
    assert shot_of(gps={**PLACE, **looked}, shot=TAKEN) == Shot(
        taken_at=datetime(2026, 11, 27, 1, 20, 30, tzinfo=UTC),
        position=(LON, LAT),
        direction_deg=271.5,
    )


def test_a_time_without_an_offset_is_that_of_the_clock_here() -> None:
    shot = shot_of(shot={BASE.DateTimeOriginal: "2026:11:27 10:20:30"})
    assert shot.taken_at == datetime(2026, 11, 27, 2, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("when", ["0000:00:00 00:00:00", "    :  :     :  :  ", "gestern", ""])
def test_a_time_that_is_none_is_left_out(when: str) -> None:
    assert shot_of(shot={BASE.DateTimeOriginal: when}).taken_at is None


def test_south_and_west_are_negative() -> None:
    other = {**PLACE, GPS.GPSLatitudeRef: "S", GPS.GPSLongitudeRef: "W"}
    assert shot_of(gps=other).position == (-LON, -LAT)


@pytest.mark.parametrize(
    "change",
    [
        {GPS.GPSLatitude: (0.0, 0.0, 0.0), GPS.GPSLongitude: (0.0, 0.0, 0.0)},
        {GPS.GPSLatitude: (91.0, 0.0, 0.0)},
        {GPS.GPSLongitude: (180.0, 0.0, 1.0)},
        {GPS.GPSLatitude: (34.0, 30.0)},
        {GPS.GPSLatitudeRef: "X"},
        {GPS.GPSLatitudeRef: ""},
        {GPS.GPSStatus: "V"},
    ],
)
def test_a_position_that_cannot_be_is_left_out(change: dict[int, object]) -> None:
    assert shot_of(gps={**PLACE, **change}, shot=TAKEN).position is None


def test_fractions_of_nothing_are_no_position() -> None:
    exif = exif_of(gps=PLACE).tobytes()
    half_a_degree = struct.pack(">LL", 34, 1)
    assert exif.count(half_a_degree) == 1
    broken = exif.replace(half_a_degree, struct.pack(">LL", 0, 0))
    assert read_photo(encoded(halves(), exif=broken)).shot.position is None


@pytest.mark.parametrize("datum", ["WGS-84", "WGS84", "WGS 84\0"])
def test_the_usual_datum_is_not_worth_a_word(datum: str) -> None:
    shot = shot_of(gps={**PLACE, GPS.GPSMapDatum: datum})
    assert (shot.position, shot.datum) == ((LON, LAT), None)


def test_a_datum_of_maps_in_china_is_converted_and_noted() -> None:
    lon, lat = wgs84_to_gcj02(LON, LAT)
    gcj02 = {GPS.GPSLatitude: (lat, 0.0, 0.0), GPS.GPSLongitude: (lon, 0.0, 0.0)}
    shot = shot_of(gps={**PLACE, **gcj02, GPS.GPSMapDatum: "GCJ-02"})
    assert shot.position == pytest.approx((LON, LAT), abs=1e-6)
    assert shot.datum == "GCJ-02"


def test_a_position_in_a_datum_that_is_not_known_is_none() -> None:
    shot = shot_of(gps={**PLACE, GPS.GPSMapDatum: "TOKYO"})
    assert (shot.position, shot.datum) == (None, "TOKYO")


def test_a_photo_with_broken_exif_is_one_without() -> None:
    exif = exif_of(gps=PLACE, shot=TAKEN).tobytes()
    for end in range(6, len(exif), 7):
        picture = read_photo(encoded(halves(), exif=exif[:end]))
        assert picture.width == 64


def test_nothing_but_pixels_is_left() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "geheim")
    secret = exif_of(gps=PLACE, shot={BASE.UserComment: b"geheim"})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for content in (
        encoded(halves(), exif=secret, comment="geheim", icc_profile=profile, xmp=b"<x>geheim</x>"),
        encoded(halves(), "PNG", exif=secret, pnginfo=words, icc_profile=profile),
        encoded(halves(), "WEBP", exif=secret, icc_profile=profile, xmp=b"<x>geheim</x>"),
    ):
        assert b"geheim" in content
        picture = read_photo(content)
        for jpeg in (picture.jpeg, picture.thumbnail):
            assert b"geheim" not in jpeg
            # APP0 (JFIF), tables, one frame, scans; no other APPn and no comment.
            assert set(segments(jpeg)) <= {0xFFE0, 0xFFDB, 0xFFC2, 0xFFC4, 0xFFDA}
            assert not opened(jpeg).getexif()


def test_what_hides_behind_a_picture_is_gone() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "geheim")
    for behind in (b"<script>geheim</script>", archive.getvalue()):
        for kind in ("JPEG", "PNG", "WEBP"):
            jpeg = read_photo(encoded(halves(), kind) + behind).jpeg
            assert b"script" not in jpeg
            assert b"a.txt" not in jpeg
            assert jpeg.endswith(b"\xff\xd9")


def test_colours_of_another_profile_are_those_of_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert read_photo(encoded(halves(), icc_profile=lab)).width == 64  # another kind of picture's
    assert read_photo(encoded(halves(), icc_profile=b"no profile")).width == 64


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<html></html>", "is no photo that can be read here; send a JPEG"),
        (b"GIF89a" + bytes(50), "is no photo"),
        (b"%PDF-1.7", "is no photo"),
        (b"\xff\xd8\xff", "no photo|cut off or broken"),
        (encoded(halves((640, 480)))[:3000], "cut off or broken"),
        (encoded(halves((640, 480)), "PNG")[:200], "cut off or broken"),
        (encoded(halves((640, 480)), "WEBP")[:200], "cut off or broken|no photo"),
        (HEIC.read_bytes()[:600], "cut off or broken|no photo"),
        (bytes(MOST_BYTES + 1), "20.0 MB; at most 20 MB"),
    ],
)
def test_what_is_no_photo_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refused:
        read_photo(content)
    assert refused.value.field == "files"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))
        )

    for side in (11_000, 60_000):
        header = struct.pack(">LLBBBBB", side, side, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))
        with pytest.raises(UnreadableFile, match="smaller size"):
            read_photo(bomb)


@given(st.binary(max_size=2000))
@example(b"\xff\xd8\xff\xe0")
@example(b"RIFF\0\0\0\0WEBPVP8 ")
@example(b"\x89PNG\r\n\x1a\n")
def test_no_bytes_raise_anything_but_what_is_meant(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_photo(content)


def _drawing() -> Image.Image:
    image = halves()
    ImageDraw.Draw(image).ellipse((10, 10, 50, 40), fill=(0, 200, 0))
    return image


_WHOLE = [
    encoded(_drawing(), kind, exif=exif_of(gps=PLACE, shot=TAKEN, orientation=6))
    for kind in ("JPEG", "PNG", "WEBP")
]


@given(
    st.sampled_from(_WHOLE),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    st.floats(0.1, 1),
)
def test_a_file_that_was_tampered_with_is_read_or_refused(
    whole: bytes, changes: list[tuple[float, int]], kept: float
) -> None:
    content = bytearray(whole)
    for where, value in changes:
        content[int(where * len(content))] = value
    try:
        picture = read_photo(bytes(content[: max(1, int(kept * len(content)))]))
    except UnreadableFile:
        return
    assert opened(picture.jpeg).size == (picture.width, picture.height)
    if picture.shot.position is not None:
        lon, lat = picture.shot.position
        assert abs(lon) <= 180
        assert abs(lat) <= 90
