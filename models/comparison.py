"""What differs between two runs: figures, rates, money, schemes, facilities, emissions, input; largest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from flows.tables import TABLES
from models.totals import co2e_of

NOTICED = 1e-9
"""Relative size from which a difference is one."""
SEVERAL = "+"
"""Between schemes or steps that are there together."""


@dataclass(frozen=True)
class Side:
    """One of the two runs: its case, tables and ``run.json``."""

    case: Case
    tables: Mapping[str, pd.DataFrame]
    info: Mapping[str, Any]

    def part(self, name: str, variant: str) -> pd.DataFrame:
        """Return the rows of one variant of a table."""
        rows = self.tables[name]
        return rows[rows["variant"] == variant]


@dataclass
class Differences:
    """Tables of what differs, each with ``first``, ``second`` and, for numbers, ``difference`` (second less first).

    ``figures`` (figure, unit), ``rates`` (year, scope, method, municipality), ``costs`` (payer, category, sector),
    ``municipalities``, ``facilities`` and ``schemes`` (from, until: years in a row that differ in the same way),
    ``throughput``, ``emissions`` (step, kind), ``input`` (table, row, column) and ``options``. Money is discounted
    over the horizon if both are plans. Rows without a difference are left out of all but ``figures``.
    """

    tables: dict[str, pd.DataFrame]
    info: dict[str, Any] = field(default_factory=dict)


def differences(first: Side, second: Side, variant: str) -> Differences:
    """Return what differs between a variant of two runs."""
    both = (first, second)
    money = "in_objective" if variant == "plan" else "amount"
    same_money = first.case.currency == second.case.currency
    tables = {
        "figures": _figures(first, second, variant),
        "rates": _numbers(
            [one.part("rates", variant) for one in both], ["year", "scope", "method", "municipality"], "rate"
        ),
        "costs": _numbers([one.part("costs", variant) for one in both], ["payer", "sector", "category"], money),
        "municipalities": _numbers([one.part("costs", variant) for one in both], ["municipality"], money),
        "facilities": _spells([_facilities(one, variant) for one in both], ["facility"]),
        "throughput": _numbers([one.part("facilities", variant) for one in both], ["year", "facility"], "throughput_t"),
        "schemes": _spells([_schemes(one, variant) for one in both], SOURCE),
        "emissions": _numbers([one.part("emissions", variant) for one in both], ["year", "step", "kind"], "kg_co2e"),
        "input": _input(first.case, second.case),
        "options": _options(first.info, second.info),
    }
    return Differences(tables, {"variant": variant, "same_currency": same_money, "money": money})


def _numbers(sides: list[pd.DataFrame], keys: list[str], value: str) -> pd.DataFrame:
    """Return keys with the sums of both sides where they differ, the largest difference first; what is absent is NaN."""
    parts = [
        side.groupby(keys, as_index=False)[value].sum().rename(columns={value: name})
        for side, name in zip(sides, ("first", "second"), strict=True)
    ]
    table = parts[0].merge(parts[1], on=keys, how="outer")
    table["difference"] = table["second"].fillna(0.0) - table["first"].fillna(0.0)
    size = table[["first", "second"]].abs().max(axis=1)
    one_sided = table["first"].isna() != table["second"].isna()
    table = table[(table["difference"].abs() > NOTICED * np.maximum(size, 1.0)) | (one_sided & (size > 0))]
    order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order, [*keys, "first", "second", "difference"]].reset_index(drop=True)


def _figures(first: Side, second: Side, variant: str) -> pd.DataFrame:
    """Return the headline figures of both runs."""
    rows: list[tuple[str, str, float, float]] = []

    def add(figure: str, unit: str, values: Iterable[Any]) -> None:
        one, two = (np.nan if value is None else float(value) for value in values)
        rows.append((figure, unit, one, two))

    both = (first, second)
    if variant == "plan":
        unit = first.case.currency
        add("cost", unit, (one.info.get("objective") for one in both))
        add("bound", unit, (one.info.get("bound") for one in both))
        add("gap", "", (one.info.get("gap") for one in both))
        add("target", "", (one.info.get("target", {}).get("rate") for one in both))
        add("reached", "", (one.info.get("target", {}).get("reached") for one in both))
        add("co2e", "kt", (co2e_of(one.case, one.part("emissions", variant)) for one in both))
    else:
        add("cost", f"{first.case.currency}/year", (one.part("costs", variant)["amount"].sum() for one in both))
    table = pd.DataFrame(rows, columns=["figure", "unit", "first", "second"])
    return table.assign(difference=table["second"] - table["first"])


def _facilities(side: Side, variant: str) -> pd.DataFrame:
    rows = side.part("facilities", variant)
    return rows.assign(state=rows["size"].where(rows["open"], ""))[["year", "facility", "state"]]


def _schemes(side: Side, variant: str) -> pd.DataFrame:
    rows = side.part("schemes", variant)
    rows = rows[rows["chosen"] > 1e-6].sort_values("scheme")
    share = rows["chosen"].map(lambda value: "" if value > 1 - 1e-6 else f" {100 * value:.0f} %")
    rows = rows.assign(state=rows["scheme"] + share)
    return rows.groupby(["year", *SOURCE], as_index=False)["state"].agg(SEVERAL.join)


def _spells(sides: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Return keys, from, until, first, second: runs of years in which both differ in the same way."""
    table = sides[0].merge(sides[1], on=["year", *keys], how="outer", suffixes=("_1", "_2"))
    columns = ["from", "until", *keys, "first", "second"]
    years = sorted(table["year"].unique())
    after = dict(zip(years, [*years[1:], None], strict=True))
    table = table.fillna({"state_1": "", "state_2": ""})
    table = table[table["state_1"] != table["state_2"]].sort_values([*keys, "year"])
    rows: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        last = rows[-1] if rows else None
        told = {**{name: row[name] for name in keys}, "first": row["state_1"], "second": row["state_2"]}
        if last is not None and after[last["until"]] == row["year"] and all(last[k] == v for k, v in told.items()):
            last["until"] = row["year"]
        else:
            rows.append({"from": row["year"], "until": row["year"], **told})
    found = pd.DataFrame(rows, columns=columns)
    length = found["until"].astype(float) - found["from"].astype(float)
    return found.loc[length.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def _input(first: Case, second: Case) -> pd.DataFrame:
    """Return what differs between two cases: settings, and cells of tables by the key of their row."""
    columns = ["table", "row", "column", "first", "second"]
    rows: list[tuple[str, str, str, str, str]] = []
    for name in dict.fromkeys([*first.settings, *second.settings]):
        one, two = (_text(case.settings.get(name)) for case in (first, second))
        if one != two:
            rows.append(("settings", name, "value", one, two))
    for table in TABLES:
        rows.extend(_cells(table.name, list(table.key), first[table.name], second[table.name]))
    return pd.DataFrame(rows, columns=columns)


def _cells(name: str, key: list[str], one: pd.DataFrame, two: pd.DataFrame) -> list[tuple[str, str, str, str, str]]:
    one, two = (frame.drop(columns=["_row", "source"], errors="ignore") for frame in (one, two))
    if one.reset_index(drop=True).equals(two.reset_index(drop=True)):
        return []
    sides = []
    for frame in (one, two):
        # Rows of the same key are told apart by their order.
        keyed = frame.assign(_nth=frame.groupby(key, dropna=False).cumcount())
        sides.append(keyed.set_index([*key, "_nth"]))
    values = [column for column in sides[0].columns if column in sides[1].columns]
    rows: list[tuple[str, str, str, str, str]] = []
    for label in sides[0].index.union(sides[1].index, sort=False):
        where = " ".join(text for text in map(_text, label[:-1]) if text)
        here, there = label in sides[0].index, label in sides[1].index
        if here and there:
            left, right = sides[0].loc[label], sides[1].loc[label]
            rows.extend(
                (name, where, column, _text(left[column]), _text(right[column]))
                for column in values
                if _text(left[column]) != _text(right[column])
            )
        else:
            rows.append((name, where, "row", "yes" if here else "", "yes" if there else ""))
    return rows


def _options(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    one, two = (dict(info.get("options", {})) for info in (first, second))
    rows = [
        (name, _text(one.get(name)), _text(two.get(name)))
        for name in dict.fromkeys([*one, *two])
        if _text(one.get(name)) != _text(two.get(name))
    ]
    return pd.DataFrame(rows, columns=["option", "first", "second"])


def _text(value: Any) -> str:
    """Return a value as a word; blank for nothing.

    >>> _text(2030.0), _text(float("nan")), _text("A"), _text(True)
    ('2030', '', 'A', 'yes')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, int | float | np.number) else str(value)
