"""The variables of the IAMC export, each family declared once: its levels, unit, meaning and how it is added up.

A variable is a path such as ``Waste|Recycling|Glass``. Within a family of amounts the parts add up to the whole, and so do
the municipalities (with ``Region|Shared``, what belongs to none of them) to the region.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from mfa.export_iamc_labels import Labels
from mfa.export_source import ExportSource
from mfa.run import Run

KEYS = ["variant", "year", "municipality", "variable"]
STATE = ["variant", "year", "municipality"]
EMITTED = {"fossil": "Fossil", "transport": "Transport", "avoided": "Avoided"}

Rows: TypeAlias = pd.DataFrame
"""Columns variant, year, municipality, variable and value."""
Make = Callable[[Run, Labels], Rows]


@dataclass(frozen=True)
class Family:
    """Variables that begin alike.

    ``added`` says that parts add up to the whole, and municipalities to the region; ``regional`` that there is only
    the whole area. ``unit`` has ``{currency}`` for the currency with its price year, and ``make`` gives the rows.
    """

    root: str
    levels: str
    unit: str
    meaning: str
    make: Make
    added: bool = True
    regional: bool = False

    @property
    def pattern(self) -> str:
        """The variable as it is documented: ``Waste|{Treatment}|{Fraction}``."""
        return f"{self.root}{self.levels}"

    def rows(self, run: Run, labels: Labels) -> Rows:
        """Return this family's rows of a run; empty where the run has no such table."""
        made = self.make(run, labels)
        return tree(made, self.root) if self.added else made.assign(variable=self.root + "|" + made["variable"])


def tree(frame: Rows, root: str) -> Rows:
    """Return every level of paths with its sum: the root, its parts, their parts.

    >>> rows = pd.DataFrame({"variant": "plan", "year": 2030, "municipality": "a", "variable": ["x|y", "x|z"], "value": [1.0, 2.0]})
    >>> tree(rows, "All")[["variable", "value"]].to_numpy().tolist()
    [['All', 3.0], ['All|x', 3.0], ['All|x|y', 1.0], ['All|x|z', 2.0]]
    """
    if frame.empty:
        return frame
    depth = int(frame["variable"].str.count(r"\|").max()) + 1
    parts = [frame.assign(variable=root)]
    for level in range(1, depth + 1):
        deep = frame[frame["variable"].str.count(r"\|") >= level - 1]
        heads = deep["variable"].str.split("|").str[:level].str.join("|")
        parts.append(deep.assign(variable=root + "|" + heads))
    return pd.concat(parts).groupby(KEYS, as_index=False, sort=True)["value"].sum()


def _sums(frame: pd.DataFrame, keys: Sequence[str], value: str) -> pd.DataFrame:
    """Return sums by state and ``keys``; text is grouped as categories, which is several times faster."""
    wanted = frame[[*STATE, *keys, value]].copy()
    for name in (*STATE, *keys):
        if name != "year":
            wanted[name] = wanted[name].astype("category")
    return wanted.groupby([*STATE, *keys], as_index=False, observed=True)[value].sum()


def _named(frame: pd.DataFrame, levels: Sequence[Callable[[pd.DataFrame], pd.Series]], value: str) -> Rows:
    """Return rows whose variable is a path of the levels' labels."""
    if frame.empty:
        return pd.DataFrame(columns=[*KEYS, "value"])
    path = levels[0](frame).astype(str)
    for level in levels[1:]:
        path = path + "|" + level(frame).astype(str)
    return frame[STATE].astype({"municipality": str, "variant": str}).assign(variable=path, value=frame[value])


def _label(labels: Labels, kind: str, column: str) -> Callable[[pd.DataFrame], pd.Series]:
    def named(frame: pd.DataFrame) -> pd.Series:
        found = frame[column].astype(str)
        return found.map({identifier: labels.of(kind, identifier) for identifier in found.unique()})

    return named


def _source(labels: Labels) -> Callable[[pd.DataFrame], pd.Series]:
    def named(frame: pd.DataFrame) -> pd.Series:
        pairs = zip(frame["sector"].astype(str), frame["segment"].astype(str), strict=True)
        return pd.Series([labels.source(*pair) for pair in pairs], index=frame.index)

    return named


def _waste(run: Run) -> pd.DataFrame:
    flows = run.tables["flows"]
    return flows[(flows["treatment"] != "") & (flows["treatment"] != "prevention")]


def _by_treatment(run: Run, labels: Labels) -> Rows:
    sums = _sums(_waste(run), ["treatment", "fraction"], "mass_t")
    return _named(sums, [_label(labels, "treatment", "treatment"), _label(labels, "fraction", "fraction")], "mass_t")


def _by_source(run: Run, labels: Labels) -> Rows:
    sums = _sums(_waste(run), ["sector", "segment", "fraction"], "mass_t")
    return _named(sums, [_source(labels), _label(labels, "fraction", "fraction")], "mass_t")


def _prevented(run: Run, labels: Labels) -> Rows:
    flows = run.tables["flows"]
    sums = _sums(flows[flows["treatment"] == "prevention"], ["fraction"], "mass_t")
    return _named(sums, [_label(labels, "fraction", "fraction")], "mass_t")


def _collected(run: Run, labels: Labels) -> Rows:
    flows = run.tables["flows"]
    sums = _sums(flows[flows["scheme"] != ""], ["stream"], "mass_t")
    return _named(sums, [_label(labels, "stream", "stream")], "mass_t")


def _rates(column: str, factor: float = 1.0) -> Make:
    def rows(run: Run, labels: Labels) -> Rows:
        rates = run.tables["rates"]
        rates = rates[rates[column].notna()].assign(value=lambda frame: frame[column] * factor)
        return _named(rates, [_label(labels, "scope", "scope"), _label(labels, "method", "method")], "value")

    return rows


def _emissions(kinds: Sequence[str]) -> Make:
    def rows(run: Run, labels: Labels) -> Rows:
        emissions = run.tables.get("emissions", pd.DataFrame())
        if emissions.empty:
            return pd.DataFrame(columns=[*KEYS, "value"])
        chosen = emissions[emissions["kind"].isin(kinds)]
        sums = _sums(chosen, ["kind", "step"], "kg_co2e")
        sums["t"] = sums["kg_co2e"] / 1000.0
        first = [lambda frame: frame["kind"].astype(str).map(EMITTED)] if len(kinds) > 1 else []
        return _named(sums, [*first, _label(labels, "step", "step")], "t")

    return rows


def _costs(run: Run, labels: Labels) -> Rows:
    costs = run.tables.get("costs", pd.DataFrame())
    if costs.empty:
        return pd.DataFrame(columns=[*KEYS, "value"])
    sums = _sums(costs, ["payer", "category"], "amount")
    return _named(sums, [_label(labels, "payer", "payer"), _label(labels, "category", "category")], "amount")


def _per_household(run: Run, labels: Labels) -> Rows:
    table = run.tables.get("household_costs", pd.DataFrame())
    if table.empty:
        return pd.DataFrame(columns=[*KEYS, "value"])
    return _named(table, [lambda frame: pd.Series("By Fixed Key", index=frame.index)], "cost_per_household")


def _facilities(column: str) -> Make:
    def rows(run: Run, labels: Labels) -> Rows:
        table = run.tables.get("facilities", pd.DataFrame())
        if table.empty:
            return pd.DataFrame(columns=[*KEYS, "value"])
        table = table[table[column].notna() & table["open"]].assign(municipality="")
        levels = [_label(labels, "technology", "technology"), _label(labels, "facility", "facility")]
        return _named(table, levels, column)

    return rows


def _shares(run: Run, labels: Labels) -> Rows:
    table = run.tables["schemes"].assign(value=lambda frame: frame["share"] * 100.0)
    return _named(table, [_source(labels), _label(labels, "scheme", "scheme")], "value")


FAMILIES: tuple[Family, ...] = (
    Family("Waste", "|{Treatment}|{Fraction}", "t/yr", "waste by what becomes of it in the end", _by_treatment),
    Family("Waste by Source", "|{Source}|{Fraction}", "t/yr", "the same waste by who made it", _by_source),
    Family("Prevention", "|{Fraction}", "t/yr", "what never became waste", _prevented),
    Family(
        "Collection", "|{Stream}", "t/yr", "what is collected or kept apart at the source, prevention too", _collected
    ),
    Family("Recycling Rate", "|{Scope}|{Method}", "%", "recycling rate in percent", _rates("rate", 100.0), added=False),
    Family(
        "Recycling Rate Target",
        "|{Scope}|{Method}",
        "%",
        "rate to reach in percent",
        _rates("target", 100.0),
        added=False,
    ),
    Family(
        "Counted as Recycled", "|{Scope}|{Method}", "t/yr", "numerator of the rate", _rates("numerator_t"), added=False
    ),
    Family(
        "Base of Rate", "|{Scope}|{Method}", "t/yr", "denominator of the rate", _rates("denominator_t"), added=False
    ),
    Family(
        "Emissions|CO2e",
        "|{Fossil, Transport, Avoided}|{Step}",
        "t CO2e/yr",
        "greenhouse gas; avoided emissions are negative, biogenic CO2 is apart",
        _emissions(tuple(EMITTED)),
    ),
    Family("Emissions|Biogenic CO2", "|{Step}", "t CO2/yr", "CO2 of biogenic carbon", _emissions(("biogenic",))),
    Family(
        "Cost", "|{Payer}|{Category}", "{currency}/yr", "cost without VAT, not discounted; negative is income", _costs
    ),
    Family(
        "Cost per Household",
        "|By Fixed Key",
        "{currency}/household/yr",
        "what the system costs a household, shared facilities by a fixed key",
        _per_household,
        added=False,
    ),
    Family(
        "Scheme Share", "|{Source}|{Scheme}", "%", "share of a source under a scheme in percent", _shares, added=False
    ),
    Family(
        "Facility Input",
        "|{Technology}|{Facility}",
        "t/yr",
        "what enters a facility",
        _facilities("throughput_t"),
        regional=True,
    ),
    Family(
        "Facility Capacity",
        "|{Technology}|{Facility}",
        "t/yr",
        "capacity of a facility in operation; those without a limit are left out",
        _facilities("capacity_t"),
        added=False,
        regional=True,
    ),
)
"""Every family, in the order in which they are written."""


def unit_of(family: Family, source: ExportSource) -> str:
    """Return the unit of a family's variables: money carries its price year, ``DKK_2024/yr``."""
    price_year = source.run.info.get("price_year")
    if price_year is None and source.case is not None:
        price_year = source.case.settings.get("price_year")
    money = f"{source.currency}_{int(price_year)}" if price_year else source.currency
    return family.unit.replace("{currency}", money)
