"""Makes the small pictures of the guide from a report of ours: ``python docs/make_pictures.py``.

The case is the one of how-to 1. LibreOffice prints the town's workbook, pdftoppm turns its pages into pictures.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

import mfa

HERE = Path(__file__).resolve().parent
PAGES = 2
DOTS_PER_INCH = 60


def main() -> None:
    """Write ``pictures/report_1.png`` and so on."""
    code = re.findall(r"```python\n(.*?)```", (HERE / "howto" / "01_first_plan.md").read_text("utf-8"), re.S)[0]
    (HERE / "pictures").mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        exec(code.replace('"town.xlsx"', repr(str(folder / "town.xlsx"))), {})  # noqa: S102
        run = mfa.plan(folder / "town.xlsx", out=folder / "plan")
        book = next(path for path in mfa.report(run, lang="en") if "town" in path.name)
        commands = (
            ["libreoffice", "--headless", "--convert-to", "pdf", "--outdir", name, str(book)],
            [
                "pdftoppm",
                "-r",
                str(DOTS_PER_INCH),
                "-l",
                str(PAGES),
                "-png",
                f"{folder / book.stem}.pdf",
                f"{name}/page",
            ],
        )
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603
        for number, page in enumerate(sorted(folder.glob("page-*.png")), start=1):
            cropped(Image.open(page)).quantize(32).save(HERE / "pictures" / f"report_{number}.png", optimize=True)


def cropped(picture: Image.Image) -> Image.Image:
    """Return a page without its white margin and the page number at its foot."""
    picture = picture.convert("RGB")
    page = picture.crop((0, 0, picture.width, int(0.93 * picture.height)))
    box = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
    return page.crop(box) if box else page


if __name__ == "__main__":
    main()
