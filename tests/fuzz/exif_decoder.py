"""A fuzzer of what is read from EXIF: `python tests/fuzz/exif_decoder.py -max_total_time=60`.

The bytes are taken for an EXIF block, once as they are and once behind a good header. What cannot be
read at all may be refused by Pillow; what can be must not raise, and a position must be one.
"""

import sys
import warnings

import atheris

with atheris.instrument_imports(include=["PIL.TiffImagePlugin", "PIL.Image", "patrol.photos.exif"]):
    from PIL import Image

    from patrol.photos.exif import read_exif

warnings.simplefilter("ignore")


def test_one_input(content: bytes) -> None:
    for block in (content, _HEADER + content):
        exif = Image.Exif()
        try:
            exif.load(block)
        except Exception:
            continue
        shot = read_exif(exif)
        if shot.position is not None:
            lon, lat = shot.position
            assert abs(lon) <= 180
            assert abs(lat) <= 90
        assert shot.direction_deg is None or 0 <= shot.direction_deg <= 360
        assert shot.taken_at is None or shot.taken_at.tzinfo is not None


_HEADER = b"Exif\0\0MM\0*\0\0\0\x08"

if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
