"""What the scenarios of a case change, in words."""

from __future__ import annotations

import pandas as pd

from flows import scenarios
from flows.case import Case
from flows.tables import BY_NAME, SETTINGS
from mfa.words import Speaker

_SETTINGS = {setting.name: setting for setting in SETTINGS}


def described(case: Case, scenario: str, speak: Speaker) -> list[str]:
    """Return what each row of a scenario changes, a text each."""
    rows = case["scenarios"]
    return [_text(row, speak) for _, row in rows[rows["scenario"] == scenario].iterrows()]


def listed(case: Case, speak: Speaker) -> list[dict[str, object]]:
    """Return all scenarios: scenario, name, changes."""
    names = case.names("scenarios", speak.language)
    return [
        {"scenario": name, "name": names.get(name, name), "changes": described(case, name, speak)}
        for name in scenarios.names(case)
    ]


def _text(row: pd.Series, speak: Speaker) -> str:
    table, column = str(row["table"]), str(row["column"])
    operation = str(row["operation"])
    key = f"change_{operation}"
    if operation == "add" and _is_year(table, column):
        key = "change_later"
    words = {
        "table": _table(table, speak),
        "column": _column(table, column, speak),
        "value": _value(str(row["value"]), speak),
        "filter": str(row["filter"]).replace(";", ", "),
        "scenarios": str(row["filter"]).removeprefix("scenario=").replace("|", ", "),
    }
    text = speak(key, **words) if f"change_{operation}" in _KNOWN else operation
    if row["filter"] and operation not in {"insert", "include"}:
        text += f" ({words['filter']})"
    return text + _years(row, speak)


_KNOWN = {f"change_{name}" for name in ("factor", "value", "add", "low", "high", "remove", "insert", "include")}


def _years(row: pd.Series, speak: Speaker) -> str:
    first, last = (None if pd.isna(row[name]) else f"{row[name]:.0f}" for name in ("from", "until"))
    if first and last:
        return ", " + speak("change_years", first=first, last=last)
    if first or last:
        return ", " + speak("change_from" if first else "change_until", year=first or last)
    return ""


def _value(text: str, speak: Speaker) -> str:
    return text.replace(".", ",") if speak.language == "da" and text.replace(".", "", 1).lstrip("-").isdigit() else text


def _table(name: str, speak: Speaker) -> str:
    if name == "settings":
        return speak("change_settings")
    return BY_NAME[name].danish.replace("_", " ") if speak.language == "da" and name in BY_NAME else name


def _declared(table: str, column: str) -> object | None:
    if table == "settings":
        return _SETTINGS.get(column)
    found = BY_NAME.get(table)
    return next((one for one in found.columns if one.name == column), None) if found else None


def _column(table: str, column: str, speak: Speaker) -> str:
    declared = _declared(table, column)
    return str(getattr(declared, "danish", column)) if speak.language == "da" and declared else column


def _is_year(table: str, column: str) -> bool:
    return getattr(_declared(table, column), "kind", "") == "year"
