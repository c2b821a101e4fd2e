"""The page of a run as one file: what is shown, and the script and style that show it, with nothing to load.

The browser may run only the script and the style that are in the file (a policy names them by their hashes) and may
load nothing. Everything from input is data: it stands in an element of JSON that cannot be left by any text, and the
script makes text of it, never markup. The same run gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Any

import pandas as pd

from flows.case import Case
from reports.html_both import Text
from reports.html_data import page_data
from reports.view import RunView
from reports.words import LANGUAGES, Words

SCRIPTS = (
    "text.js",
    "tables.js",
    "charts.js",
    "sankey_layout.js",
    "sankey_links.js",
    "sankey.js",
    "map.js",
    "sections.js",
    "sweep.js",
    "app.js",
)
"""The script of the page in parts, in their order."""


def page_html(
    case: Case,
    tables: Mapping[str, pd.DataFrame],
    info: Mapping[str, Any],
    language: str,
    extra: Mapping[str, pd.DataFrame] | None = None,
    shown: str = "",
    kind: str = "",
) -> str:
    """Return the page of a run.

    Args:
        case: the case of the run.
        tables: the run's tables by name.
        info: what ``run.json`` holds.
        language: 'da' or 'en': what it opens in; the reader can change it.
        extra: tables over several plans, where the run is one of them.
        shown: the name of the plan that is shown in full, where there are several.
        kind: what the run of several plans is: frontier, alternatives, worth, robust or sweep.

    Raises:
        ValueError: the language is unknown.
    """
    words = Words(language)
    content = page_data(RunView(case, tables, info), extra or {}, shown, kind)
    content["lang"] = language
    script = f'(() => {{\n"use strict";\n{"".join(asset(name) for name in SCRIPTS)}}})();\n'
    style = asset("page.css")
    position = LANGUAGES.index(language)
    answer = content["answers"][""][position]["answer"]
    return Template(asset("page.html")).substitute(
        language=language,
        script_hash=_hash(script),
        style_hash=_hash(style),
        version=html.escape(str(info.get("version") or "")),
        title=html.escape(_of(content["title"], position)),
        style=style,
        skip=html.escape(words("page_skip")),
        answer=html.escape(answer),
        noscript=html.escape(words("page_noscript")),
        data=embedded(content),
        script=script,
    )


def asset(name: str) -> str:
    """Return a file of the page's own."""
    return resources.files("reports").joinpath("page_assets", name).read_text("utf-8")


def embedded(content: Any) -> str:
    r"""Return JSON that may stand inside an element of script: no text in it can end the element.

    >>> embedded({"name": "</script><b>"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _of(text: Text, position: int) -> str:
    return text if isinstance(text, str) else text[position]
