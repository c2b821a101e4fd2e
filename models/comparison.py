"""What differs between two runs: figures, rates, money, schemes, facilities, emissions, input; largest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.comparison_input import Ids, input_differences, text_of, used_ids
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
    given: Case | None = None
    """The case as its workbook has it, before scenario and target."""

    def used(self, variant: str) -> Ids | None:
        """Return the ids that the run's flows pass through."""
        scenario = str((self.info.get("options") or {}).get("scenario") or "")
        return used_ids(self.case, self.part("flows", variant), scenario)

    def part(self, name: str, variant: str) -> pd.DataFrame:
        """Return the rows of one variant of a table."""
        rows = self.tables[name]
        return rows[rows["variant"] == variant]


@dataclass
class Differences:
    """Tables of what differs, each with ``first``, ``second`` and, for numbers, ``difference`` (second less first).

    ``figures`` (figure, unit), ``rates`` (year, scope, method, municipality), ``costs`` (payer, category, sector),
    ``municipalities``, ``facilities`` and ``schemes`` (from, until: years in a row that differ in the same way),
    ``throughput``, ``emissions`` (step, kind), ``input`` (see :func:`models.comparison_input.input_differences`),
    ``options``, and ``made_by`` (program, solver, Python, packages). Money is discounted over the horizon if both are
    plans. Rows without a difference are left out of all but ``figures``.
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
        "input": input_differences(
            (first.case, second.case),
            None if first.given is None or second.given is None else (first.given, second.given),
            (first.used(variant), second.used(variant)),
        ),
        "options": _options(first.info, second.info),
        "made_by": _made_by(first.info, second.info),
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


def _options(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    one, two = (dict(info.get("options", {})) for info in (first, second))
    rows = [
        (name, text_of(one.get(name)), text_of(two.get(name)))
        for name in dict.fromkeys([*one, *two])
        if text_of(one.get(name)) != text_of(two.get(name))
    ]
    return pd.DataFrame(rows, columns=["option", "first", "second"])


def _made_by(first: Mapping[str, Any], second: Mapping[str, Any]) -> pd.DataFrame:
    """Return what made one run and not the other; of a run that does not say, nothing is told."""
    one, two = makers(first), makers(second)
    rows = [(name, one[name], two[name]) for name in one if name in two and one[name] != two[name]]
    return pd.DataFrame(rows, columns=["what", "first", "second"])


def makers(info: Mapping[str, Any]) -> dict[str, str]:
    """Return what made a run, by name: program, solver, Python, platform and packages with their versions."""
    machine = info.get("machine") or {}
    found = {
        "circular-mfa": info.get("version"),
        "HiGHS": (info.get("solver") or {}).get("version"),
        "Python": machine.get("python"),
        "platform": machine.get("platform"),
        **(machine.get("packages") or {}),
    }
    return {name: str(value) for name, value in found.items() if value}
