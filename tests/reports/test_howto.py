"""The how-to for a report page runs as it stands."""

import re
from pathlib import Path

from reports.context import Context
from reports.excel import workbook_bytes
from reports.names import Names
from reports.view import RunView
from reports.words import Words

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "04_report_page.md"


def test_the_page_of_the_howto_can_be_drawn(run):
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(code) == 1
    names = {}
    exec(compile(code[0], str(PAGE), "exec"), names)
    case, tables, info = run
    words = Words("en")
    page = names["example"](Context(RunView(case, tables, info).place("159"), Names(case, words), words))
    assert {line[0] for line in page.blocks[0].lines} >= {"Recycling", "Landfill"}
    assert workbook_bytes([page], {"title": page.title}, words("page_of", page="{page}", pages="{pages}"))[:2] == b"PK"
