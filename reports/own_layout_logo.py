"""A logo from a file: checked, scaled to its place, and freed of all that is not picture (positions, cameras, names)."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from reports.own_layout import Logo

MOST_BYTES = 5_000_000
LEAST_PIXELS, MOST_PIXELS = 24, 8_000
MOST_AREA = 16_000_000
"""Pixels of the whole picture: a small file may unpack to very many, four bytes each."""
BOX = (320, 96)
"""Most width and height on the sheet, in pixels at 96 dots per inch."""
SHARPNESS = 3
"""Pixels kept for each that is drawn, so that it prints well; 60 workbooks carry it, so no more."""


class LogoError(ValueError):
    """A file that is no usable logo: a code of the problems of layouts with what was found and expected."""

    def __init__(self, code: str, found: str = "", expected: str = "") -> None:
        """Keep what is said."""
        super().__init__(code)
        self.code, self.found, self.expected = code, found, expected


def read_logo(path: Path, text: str) -> Logo:
    """Return a logo of a PNG or JPEG file; raises :class:`LogoError` if it is missing, no such picture, or too large."""
    try:
        size = path.stat().st_size
    except OSError:
        raise LogoError("logo_missing", str(path)) from None
    if not path.is_file():
        raise LogoError("logo_missing", str(path))
    if size > MOST_BYTES:
        raise LogoError("logo_large", f"{size / 1e6:.1f} MB", f"{MOST_BYTES / 1e6:.0f} MB")
    try:
        with Image.open(path, formats=["PNG", "JPEG"]) as picture:
            # The size stands in the file's head: nothing is unpacked before it is known to be sensible.
            if not all(LEAST_PIXELS <= side <= MOST_PIXELS for side in picture.size):
                found = "{} x {}".format(*picture.size)
                raise LogoError("logo_pixels", found, f"{LEAST_PIXELS}-{MOST_PIXELS}")
            if picture.width * picture.height > MOST_AREA:
                raise LogoError("logo_area", "{} x {}".format(*picture.size), f"{MOST_AREA / 1e6:.0f}")
            whole = picture.convert("RGBA")
    except LogoError:
        raise
    except Exception as error:
        # A picture is taken as it comes: what is not as it should be may end in any error.
        raise LogoError("logo_kind", path.name) from error
    scale = min(BOX[0] / whole.width, BOX[1] / whole.height)
    width, height = (max(1, round(side * scale)) for side in whole.size)
    if whole.width > width * SHARPNESS:
        whole = whole.resize((width * SHARPNESS, height * SHARPNESS), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    # Excel draws a picture by the dots per inch that stand in it.
    whole.save(target, "PNG", optimize=True, dpi=(96 * whole.width / width, 96 * whole.height / height))
    return Logo(target.getvalue(), width, height, text)
