"""From the value of a cell to the value of a declared column, or to what is wrong with it.

Numbers must be numbers: text that looks like one is an error with a suggested reading, because
1.200 is a thousand in Denmark and one in England.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from flows.case import identifier, parse_years
from flows.problems import nearest
from flows.tables import Column, Setting

EXCEL_ERRORS = {
    "#N/A", "#I/T", "#DIV/0!", "#DIVISION/0!", "#REF!", "#REFERENCE!", "#NAME?", "#NAVN?", "#VALUE!", "#VÆRDI!",
    "#NUM!", "#NUMMER!", "#NULL!", "#NUL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
}  # fmt: skip
TRUE_WORDS = {"yes", "ja", "true", "sand", "1", "x", "y", "j"}
FALSE_WORDS = {"no", "nej", "false", "falsk", "0", "n"}
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOMENTS = (datetime.datetime, datetime.date, datetime.time)


@dataclass(frozen=True)
class BadCell(Exception):
    """A cell that cannot be read as its column asks."""

    code: str
    found: str = ""
    expected: str = ""
    suggestion: str = ""


def normalise(name: object) -> str:
    """Return a name as it is compared: lower case, blanks and hyphens as underscores.

    >>> normalise(" Cost per-household ")
    'cost_per_household'
    """
    text = unicodedata.normalize("NFC", str(name)).strip().casefold()
    return re.sub(r"[\s\-_]+", "_", text)


def printable(text: str) -> str:
    r"""Return a text without the signs that a workbook has no place for; what people paste may hold any.

    >>> printable("paper\x07, glass")
    'paper, glass'
    """
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def is_blank(value: object) -> bool:
    """Tell whether a cell is empty; blanks alone are."""
    return value is None or (isinstance(value, str) and not value.strip())


def suggested_number(text: str) -> str:
    """Return what a text may mean as a number, or ''.

    >>> suggested_number("1.200,5"), suggested_number("12 %"), suggested_number("1.200")
    ('1200.5', '0.12', '1200 / 1.2')
    """
    bare = text.strip().replace("\u2212", "-").replace("\u00a0", " ")
    percent = bare.endswith("%")
    match = re.match(r"[-+]?[\d][\d .,'’]*", bare.rstrip("% "))
    if not match:
        return ""
    digits = re.sub(r"[ '’]", "", match[0]).rstrip(".,")
    if re.fullmatch(r"[-+]?\d{1,3}([.,])\d{3}", digits):
        grouped, decimal = re.sub(r"[.,]", "", digits), f"{float(digits.replace(',', '.')):g}"
        return f"{grouped} / {decimal}"
    if digits.rfind(",") > digits.rfind("."):
        digits = digits.replace(".", "").replace(",", ".")
    else:
        digits = digits.replace(",", "")
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    try:
        number = float(digits)
    except ValueError:
        return ""
    return f"{number / 100 if percent else number:.12g}"


def read_cell(column: Column | Setting, value: Any) -> Any:
    """Return the value of a non-blank cell for a column, units not yet applied.

    Raises :class:`BadCell` if the cell cannot be read.
    """
    if isinstance(value, str) and value.strip().upper() in EXCEL_ERRORS:
        raise BadCell("excel_error", value.strip())
    if column.kind in {"number", "share"}:
        return _number(value)
    if column.kind in {"year", "integer"}:
        return _whole(value, column.kind)
    if column.kind == "flag":
        return _flag(value)
    if isinstance(value, MOMENTS):
        raise BadCell("date_text", _moment(value))
    text = identifier(value)
    if column.kind == "choice":
        return _choice(text, column.choices)
    if column.kind == "list" and isinstance(column, Setting):
        try:
            parse_years(text)
        except ValueError:
            raise BadCell("not_years", text) from None
    return text


def _number(value: Any) -> float:
    if isinstance(value, MOMENTS):
        # Excel makes 1 February of 1.2 where the decimal mark is a comma.
        written = f"{value.day}.{value.month}" if isinstance(value, datetime.date) else ""
        raise BadCell("date_number", _moment(value), "", written)
    if isinstance(value, bool):
        raise BadCell("not_number", str(value))
    if isinstance(value, int | float):
        return _finite(value, "not_number")
    text = str(value).strip()
    suggestion = suggested_number(text) if isinstance(value, str) else ""
    raise BadCell("text_number" if suggestion else "not_number", text, "", suggestion)


def _finite(value: float, code: str) -> float:
    """Return a number as a float; one that is too large for that is none."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadCell(code, str(number))
    return number


def _moment(value: datetime.datetime | datetime.date | datetime.time) -> str:
    """Return a date, or a time of day, as text.

    >>> _moment(datetime.datetime(2026, 2, 1)), _moment(datetime.time(12, 30))
    ('2026-02-01', '12:30:00')
    """
    return str(value).removesuffix(" 00:00:00")


def _whole(value: Any, kind: str) -> float:
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,15}\s*", value):
        value = int(value)
    code = "not_year" if kind == "year" else "not_integer"
    if isinstance(value, MOMENTS):
        if kind == "integer":
            return _number(value)
        year = str(value.year) if isinstance(value, datetime.date) else ""
        raise BadCell(code, _moment(value), "", year)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCell(code, str(value))
    number = _finite(value, code)
    if not number.is_integer() or (kind == "year" and not FIRST_YEAR <= number <= LAST_YEAR):
        raise BadCell(code, identifier(number))
    return number


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = identifier(value).casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise BadCell("not_flag", identifier(value))


def _choice(text: str, choices: tuple[str, ...]) -> str:
    word = text.casefold().replace(" ", "_").replace("-", "_")
    if word in choices:
        return word
    raise BadCell("choice", text, ", ".join(choices), nearest(word, choices))
