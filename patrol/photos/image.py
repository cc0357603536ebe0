"""A photo that somebody sends becomes a picture of ours: pixels alone, encoded anew.

Nothing of the file that was sent is kept: no EXIF, no comment, no thumbnail of before it was cropped,
nothing that hid behind the picture. What the camera wrote is read first (`patrol.photos.exif`). Why the
pictures are JPEG: docs/decisions/0043.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pi_heif
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from gis.errors import UnreadableFile
from patrol.photos.exif import Shot, read_exif

MOST_BYTES = 20 * 2**20
"""Of a file that is sent; a phone's photo has 2 to 12 MB."""

MOST_PIXELS = 120_000_000
"""Of a file that is sent: the 108 megapixels of a phone, and little more."""

LONGEST_PX = 2560
LONGEST_THUMBNAIL_PX = 320

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_QUALITY, _THUMBNAIL_QUALITY = 82, 75
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """`jpeg` and `thumbnail` are whole JPEG files in sRGB without metadata, upright; `width` and
    `height` are the pixels of the first."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    shot: Shot


def read_photo(content: bytes) -> Picture:
    """The picture in a JPEG, PNG, WebP or HEIC file; the first one where it holds several.

    Raises UnreadableFile, which says what is wrong with it.
    """
    _check_size(content)
    with _refusing(content), _opened(content) as image:
        _check_pixels(image)
        shot, turn = _read_beside(image)
        picture = _to_picture(image, turn)
        small = picture.copy()
        small.thumbnail((LONGEST_THUMBNAIL_PX,) * 2, Image.Resampling.LANCZOS)
        return Picture(
            jpeg=_encode(picture, _QUALITY),
            thumbnail=_encode(small, _THUMBNAIL_QUALITY),
            width=picture.width,
            height=picture.height,
            shot=shot,
        )


def _check_size(content: bytes) -> None:
    if not content:
        raise _refused("The photo is empty; send it again.")
    if len(content) > MOST_BYTES:
        raise _refused(
            f"The photo has {len(content) / 2**20:.1f} MB; at most {MOST_BYTES // 2**20} MB are "
            "taken. Send it in a smaller size."
        )


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _refused(
            f"The photo has {image.width} x {image.height} pixels; at most "
            f"{MOST_PIXELS // 1_000_000} million are taken. Send it in a smaller size."
        )


@contextmanager
def _refusing(content: bytes) -> Iterator[None]:
    """Whatever the decoders complain about is about the file."""
    try:
        yield
    except UnreadableFile:
        raise
    except UnidentifiedImageError as error:
        raise _refused(
            "This is no photo that can be read here; send a JPEG, PNG, WebP or HEIC file."
        ) from error
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _refused(
            "The photo is too large to be unpacked; send it in a smaller size."
        ) from error
    except Exception as error:
        raise _refused(
            f"The photo is cut off or broken ({len(content):,} bytes arrived); take or send it again."
        ) from error


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    pi_heif.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how many pixels are too many is said above
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            yield image


def _read_beside(image: Image.Image) -> tuple[Shot, Image.Transpose | None]:
    """What the camera wrote, and how to turn what it saw upright."""
    try:
        exif = image.getexif()
        turn = _TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
    except Exception:  # a photo with broken EXIF is one without
        return Shot(), None
    return read_exif(exif), turn


def _to_picture(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """Small, in sRGB, opaque and upright, and not one word beside the pixels."""
    icc_profile = image.info.get("icc_profile")
    longest = (LONGEST_PX,) * 2
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        # A JPEG is decoded at a fraction of its size where that is enough.
        image.thumbnail(longest, Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = _in_srgb(_opaque(image), icc_profile)
    picture.thumbnail(longest, Image.Resampling.LANCZOS)
    if turn is not None:
        picture = picture.transpose(turn)
    picture.info = {}
    return picture


def _opaque(image: Image.Image) -> Image.Image:
    """In one of RGB, L and CMYK; what is transparent is white."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return image.copy() if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _in_srgb(image: Image.Image, icc_profile: bytes | None) -> Image.Image:
    if icc_profile:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
            converted = ImageCms.profileToProfile(
                image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = None  # broken, or another kind of picture's
        if converted is not None:
            return converted
    return image.convert("RGB")


def _encode(picture: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=quality, optimize=True, progressive=True)
    return encoded.getvalue()


def _refused(message: str) -> UnreadableFile:
    return UnreadableFile(message, field="files")
