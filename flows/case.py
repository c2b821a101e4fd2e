"""A case: all inputs of the engine together, in canonical units, as one immutable object.

A case holds its settings and one DataFrame per declared table (``flows.tables``). It is made by the
workbook reader or, in scripts and tests, by :meth:`Case.from_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from flows.tables import BY_NAME, SETTINGS, TABLES, Column, Setting, Table, columns_of

Rows: TypeAlias = Sequence[Mapping[str, Any]] | pd.DataFrame


def parse_years(text: str) -> list[int]:
    """Read a list of years or ranges.

    >>> parse_years("2025-2027, 2030")
    [2025, 2026, 2027, 2030]

    Raises ``ValueError`` if the text is neither.
    """
    years: set[int] = set()
    for part in re.split(r"[;,]", str(text)):
        part = part.strip()
        if not part:
            continue
        bounds = re.fullmatch(r"(\d{4})(?:\.0)?(?:\s*[-–:]\s*(\d{4}))?", part)
        if bounds is None:
            raise ValueError(f"'{part}' is neither a year nor a range of years")
        first, last = int(bounds[1]), int(bounds[2] or bounds[1])
        years.update(range(first, last + 1))
    return sorted(years)


def _is_blank(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip() == ""
    return isinstance(value, float) and np.isnan(value)


def identifier(value: object) -> str:
    """Return an id as text: numbers lose their ``.0``, text its outer blanks."""
    if _is_blank(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _flag(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in {"yes", "ja", "true", "1", "x", "sand"}
    return bool(value)


NUMBERS = frozenset({float, int, type(None)})
TEXTS = frozenset({str, type(None)})
"""Types of cells that are what they look like: columns of nothing else are typed at once."""


def _typed(column: Column, values: Sequence[Any]) -> Any:
    """Return the values of a column as an array of its type."""
    kinds = set(map(type, values))
    if column.kind in {"number", "share", "year", "integer"}:
        default = np.nan if column.default is None else float(column.default)
        if kinds <= NUMBERS:
            numbers = np.array(values, dtype="float64")
            return np.where(np.isnan(numbers), default, numbers)
        return np.array([default if _is_blank(value) else float(value) for value in values], dtype="float64")
    if column.kind == "flag":
        flags = [bool(column.default) if _is_blank(value) else _flag(value) for value in values]
        return np.array(flags, dtype="bool")
    default_text = "" if column.default is None else str(column.default)
    if kinds <= TEXTS:
        # Most columns of text say the same again and again.
        known = {value: identifier(value) or default_text for value in set(values)}
        return pd.array([known[value] for value in values], dtype="str")
    return pd.array([identifier(value) or default_text for value in values], dtype="str")


def typed_table(table: Table, rows: Rows) -> pd.DataFrame:
    """Return rows as a DataFrame with every declared column, typed, defaults filled in."""
    given = rows if isinstance(rows, pd.DataFrame) else list(rows)
    blanks: list[Any] = [None] * len(given)

    def values(name: str) -> list[Any]:
        if isinstance(given, pd.DataFrame):
            return given[name].tolist() if name in given else blanks
        return [row.get(name) for row in given]

    typed = {column.name: _typed(column, values(column.name)) for column in columns_of(table)}
    if table.provenance:
        typed["status"][typed["status"] == ""] = "assumed"
    result = pd.DataFrame(typed, index=pd.RangeIndex(len(given)))
    if "_row" in given if isinstance(given, pd.DataFrame) else any("_row" in row for row in given):
        result["_row"] = values("_row")
    return result


def typed_setting(setting: Setting, value: Any) -> Any:
    """Return the value of a setting by its kind; the default where it is blank."""
    if _is_blank(value):
        return setting.default
    if setting.kind == "flag":
        return _flag(value)
    if setting.kind in {"year", "integer"}:
        return int(float(value))
    if setting.kind in {"number", "share"}:
        return float(value)
    return identifier(value)


WISHES = ("targets", "limits", "scenarios")
"""Tables that say what is wanted, not what there is."""
WISHED = frozenset({"title", "report_years", "method", "scope", "objective", "budget"})
"""Settings that do."""


@dataclass(frozen=True, repr=False)
class Case:
    """All inputs together.

    ``settings`` holds every declared setting, ``tables`` every declared table (maybe empty) with
    its declared columns in canonical units: text is ``''`` and numbers are NaN where blank.
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def from_tables(cls, settings: Mapping[str, Any], tables: Mapping[str, Rows]) -> Case:
        """Make a case from rows in canonical units; blanks take their declared defaults.

        Raises ``KeyError`` for a table or setting that is not declared.
        """
        unknown = (set(tables) - set(BY_NAME)) | (set(settings) - {setting.name for setting in SETTINGS})
        if unknown:
            raise KeyError(f"not declared: {', '.join(sorted(unknown))}")
        filled = {setting.name: typed_setting(setting, settings.get(setting.name)) for setting in SETTINGS}
        return cls(filled, {table.name: typed_table(table, tables.get(table.name, [])) for table in TABLES})

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(self.tables[name])} {name}" for name in ("municipalities", "schemes", "facilities"))
        return f"<Case '{self.settings['title']}': {sizes}>"

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return the table called ``table``."""
        return self.tables[table]

    def __getstate__(self) -> dict[str, Any]:
        """Return what is sent to another process: nothing that can be worked out there."""
        return {"settings": self.settings, "tables": self.tables}

    def with_table(self, name: str, frame: pd.DataFrame) -> Case:
        """Return a copy of the case in which one table is replaced."""
        changed = replace(self, tables={**self.tables, name: frame})
        return self._same_facts(changed) if name in WISHES else changed

    def with_settings(self, **changes: Any) -> Case:
        """Return a copy of the case in which settings are replaced."""
        changed = replace(self, settings={**self.settings, **changes})
        new = {name for name, value in changes.items() if self.settings.get(name) != value}
        return self._same_facts(changed) if new <= WISHED else changed

    def with_wishes_of(self, other: Case) -> Case:
        """Return the case with the targets, limits and settings of another."""
        changed = self
        for name in WISHES:
            changed = changed.with_table(name, other[name])
        return changed.with_settings(**other.settings)

    @cached_property
    def facts(self) -> dict[Any, Any]:
        """What has been worked out of the case (:func:`flows.remember.of_case`), whatever is wanted of it."""
        return {}

    def _same_facts(self, changed: Case) -> Case:
        changed.__dict__["facts"] = self.facts
        return changed

    @property
    def account_year(self) -> int:
        """The year that is accounted as today."""
        return int(self.settings["account_year"])

    @property
    def plan_years(self) -> list[int]:
        """Years of the plan, ascending."""
        return parse_years(self.settings["plan_years"])

    @property
    def first_change_year(self) -> int:
        """First year in which a scheme or facility may change."""
        year = self.settings["first_change_year"]
        return self.plan_years[0] if year is None else int(year)

    @property
    def period_starts(self) -> list[int]:
        """Plan years in which decisions may change, ascending; the first plan year is one."""
        years = self.plan_years
        listed = parse_years(self.settings["period_starts"] or "") or years
        starts = {year for year in listed if year in years} | {years[0]}
        later = [year for year in years if year >= self.first_change_year]
        return sorted(starts | set(later[:1]))

    @property
    def report_years(self) -> list[int]:
        """Plan years that reports show in detail."""
        years = self.plan_years
        listed = parse_years(self.settings["report_years"] or "")
        if not listed:
            targets = {int(year) for year in self["targets"]["year"].dropna()}
            listed = sorted({self.first_change_year, *targets, years[-1]})
        return [year for year in listed if year in years] or [years[-1]]

    @property
    def currency(self) -> str:
        """Currency of every amount of money."""
        return str(self.settings["currency"])

    def weight(self, year: int) -> float:
        """Return how many years a plan year stands for: up to the next one listed.

        The last stands for as long as the interval before it, or as the settings say; a single
        year stands for itself.
        """
        years = self.plan_years
        position = years.index(year)
        if position + 1 < len(years):
            return float(years[position + 1] - year)
        stated = self.settings["last_year_weight"]
        if stated is not None:
            return float(stated)
        return float(year - years[position - 1]) if position else 1.0

    def discount_factor(self, year: float) -> float:
        """Return the factor that brings money of one year to the discount year."""
        base = self.settings["discount_year"]
        base = self.plan_years[0] if base is None else base
        return float((1.0 + self.settings["discount_rate"]) ** (base - year))

    def discount(self, year: int) -> float:
        """Return the sum of discount factors over the years that a plan year stands for."""
        weight = self.weight(year)
        whole = int(weight)
        first, yearly = self.discount_factor(year), 1.0 + self.settings["discount_rate"]
        total = sum(first / yearly**offset for offset in range(whole))
        return float(total + (weight - whole) * first / yearly**whole)

    @cached_property
    def _sources(self) -> pd.DataFrame:
        from flows.amounts import spread

        rows = spread(self)
        rows = rows[rows["amount"] > 0][["municipality", "sector", "segment"]].drop_duplicates()
        return rows.sort_values(["municipality", "sector", "segment"], ignore_index=True)

    def sources(self) -> pd.DataFrame:
        """Return the sources that generate waste: municipality, sector, segment, sorted."""
        return self._sources.copy()

    def names(self, table: str, language: str) -> dict[str, str]:
        """Return id to name in ``language`` ('da' or 'en') of a list table; ids stand in for blanks."""
        frame = self[table]
        first, second = (f"name_{language}", "name_en" if language == "da" else "name_da")
        identifiers = frame[BY_NAME[table].key[0]]
        names: dict[str, str] = {}
        for position, key in enumerate(identifiers):
            for column in (first, second, "name"):
                if column in frame and frame[column].iloc[position]:
                    names.setdefault(key, frame[column].iloc[position])
                    break
            names.setdefault(key, key)
        return names
