"""Settings of Sphinx, which makes the pages of this folder into a site: ``make site``.

Sphinx and MyST are both released several times a year; the alternative, mkdocs, had its last release in August 2024
and its theme is in maintenance alone. Alabaster comes with Sphinx. Every reference that leads nowhere is a warning, and warnings are errors.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["name"]
author = "the circular-mfa authors"
language = "en"
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nitpicky = True
# Made for readers of the folder, not of the site.
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {
    "description": "Material flow accounts and least-cost recycling plans from one workbook",
    "fixed_sidebar": True,
    "page_width": "1200px",
    "sidebar_width": "280px",
}
html_show_sourcelink = False
html_copy_source = False
