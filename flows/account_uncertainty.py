"""How sure the account of a case is: rates, flows and throughputs with their 5 to 95 %, and what they hang on.

Uncertain are amounts, allocation keys, compositions, capture, yields, the losses of markets and the reported figures
that the account was reconciled with. What their uncertainty is taken to be is said in ``flows.account_inputs``, what
reconciling leaves of it in ``flows.account_posterior``. Draws are a Latin hypercube of normal numbers, so the same
seed gives the same result.

>>> from flows.case import Case
>>> town = {"municipality": "A", "sector": "households"}
>>> case = Case.from_tables(
...     {"account_year": 2024, "plan_years": "2025"},
...     {
...         "municipalities": [{"municipality": "A"}],
...         "sectors": [{"sector": "households", "kind": "households"}],
...         "fractions": [{"fraction": "glass"}],
...         "streams": [{"stream": "bank"}, {"stream": "bin", "kind": "mixed"}],
...         "technologies": [
...             {"technology": "smelter", "treatment": "recycling"},
...             {"technology": "oven", "treatment": "energy_recovery"},
...         ],
...         "outputs": [{"output": "gas", "kind": "emission"}],
...         "generation": [{**town, "fraction": "glass", "year": 2024, "amount": 100, "status": "derived"}],
...         "schemes": [{"scheme": "banks", "sector": "households"}],
...         "capture": [
...             {"scheme": "banks", "fraction": "glass", "stream": "bank", "share": 0.6, "low": 0.5, "high": 0.7},
...             {"scheme": "banks", "fraction": "glass", "stream": "bin"},
...         ],
...         "current_schemes": [{**town, "scheme": "banks"}],
...         "facilities": [{"facility": "s", "technology": "smelter"}, {"facility": "o", "technology": "oven"}],
...         "yields": [{"technology": t, "output": "gas", "share": 1.0} for t in ("smelter", "oven")],
...         "accepts": [{"technology": "smelter", "input": "bank"}, {"technology": "oven", "input": "bin"}],
...     },
... )
>>> result = account_uncertainty(case, draws=400)
>>> rate = result.rate("all", "collected")
>>> [round(float(rate[name]), 2) for name in ("rate", "p5", "p95")]
[0.6, 0.5, 0.7]
>>> result.drivers_of("all", "collected")["input"].iloc[0]
'banks: glass > bank'
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from flows.account import Allocation, standing_allocation
from flows.account_draws import AccountModel, Draws
from flows.account_inputs import DEFAULT_STD, TABLES_WITH_SPREAD, Inputs
from flows.capture import shifted_capture
from flows.case import Case
from flows.distributions import SUMMARY_COLUMNS, Floats, latin_hypercube, scores, summary
from flows.reconcile_case import CaseReconciliation, reconcile_case
from flows.sensitivity import Influence, influence, ranking

CHUNK = 256
"""Draws worked on at a time: bounds memory, changes no number."""

MOST_DRIVERS = 25
RATE_COLUMNS = ["scope", "method", "municipality", "rate", *SUMMARY_COLUMNS]
FLOW_COLUMNS = ["municipality", "sector", "treatment", "mass_t", *SUMMARY_COLUMNS]
FACILITY_COLUMNS = ["facility", "throughput_t", *SUMMARY_COLUMNS]
DRIVER_COLUMNS = [
    "scope",
    "method",
    "municipality",
    "rank",
    "table",
    "group",
    "input",
    "status",
    "value",
    "low",
    "high",
    "share",
    "correlation",
    "effect",
    "explained",
]


@dataclass(frozen=True, repr=False)
class AccountUncertainty:
    """The account in many draws.

    ``rates``: scope, method, municipality ('' is the region), rate (of the account), mean, std, median, p5, p95.
    ``flows``: municipality and sector ('' is all), treatment, mass_t and the same. ``facilities``: what enters each.
    ``inputs``: everything uncertain, one row each. ``seed``, ``draws``: how it was made.
    """

    rates: pd.DataFrame
    flows: pd.DataFrame
    facilities: pd.DataFrame
    inputs: pd.DataFrame
    draws: int
    seed: int
    headlines: Sequence[tuple[str, str]]
    normals: Floats = field(repr=False)
    rate_draws: Floats = field(repr=False)

    def rate(self, scope: str, method: str, municipality: str = "") -> pd.Series:
        """Return a row of ``rates``; raises ``KeyError`` if there is no such rate."""
        return self.rates.iloc[self._row(scope, method, municipality)]

    def draws_of(self, scope: str, method: str, municipality: str = "") -> Floats:
        """Return a rate in every draw; raises ``KeyError`` if there is no such rate."""
        return np.asarray(self.rate_draws[self._row(scope, method, municipality)])

    def drivers_of(self, scope: str, method: str, municipality: str = "", by: str | None = None) -> pd.DataFrame:
        """Return which inputs a rate hangs on, the most important first.

        Columns: rank, table, group, input, status, value, low, high, ``share`` of the variance, rank
        ``correlation``, and ``effect``: what one standard deviation more adds to the rate. With ``by`` ('group' or
        'table') shares of inputs that belong together are added up.
        """
        found = influence(self.normals, self.draws_of(scope, method, municipality)[None, :])
        return ranking(found, self.inputs, by=by)

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """The inputs that the headline rates hang on: columns :data:`DRIVER_COLUMNS`, at most 25 for each rate.

        ``explained`` is the share of the rate's variance that all inputs together explain.
        """
        known = set(zip(self.rates["scope"], self.rates["method"], self.rates["municipality"], strict=True))
        pairs = [pair for pair in self.headlines if (*pair, "") in known]
        if not pairs or not len(self.inputs):
            return pd.DataFrame(columns=DRIVER_COLUMNS)
        found = influence(self.normals, np.array([self.draws_of(*pair) for pair in pairs]))
        return pd.concat(
            [self._driver_rows(found, number, pair) for number, pair in enumerate(pairs)], ignore_index=True
        )

    def _driver_rows(self, found: Influence, number: int, pair: tuple[str, str]) -> pd.DataFrame:
        table = ranking(found, self.inputs, number).head(MOST_DRIVERS)
        table = table[table["share"] > 0]
        named = table.assign(scope=pair[0], method=pair[1], municipality="", explained=found.explained[number])
        return named[DRIVER_COLUMNS]

    def tables(self, variant: str, year: int) -> dict[str, pd.DataFrame]:
        """Return the tables ``uncertainty`` and ``drivers`` of a run."""
        tables = {"uncertainty": self.rates, "drivers": self.drivers}
        for name, table in tables.items():
            tables[name] = table.copy()
            tables[name].insert(0, "year", year)
            tables[name].insert(0, "variant", variant)
        return tables

    def _row(self, scope: str, method: str, municipality: str) -> int:
        chosen = (self.rates["scope"] == scope) & (self.rates["method"] == method)
        rows = np.flatnonzero(chosen & (self.rates["municipality"] == municipality))
        if not len(rows):
            raise KeyError(f"no rate {method} of {scope} in {municipality or 'the region'}")
        return int(rows[0])

    def __repr__(self) -> str:
        return f"<AccountUncertainty: {len(self.rates)} rates, {len(self.inputs)} uncertain inputs, {self.draws} draws>"

    def _repr_html_(self) -> str:
        """Return the region's rates as a table."""
        region = self.rates[self.rates["municipality"] == ""]
        shown = region[["scope", "method", "rate", "median", "p5", "p95"]]
        return f"<p>{self.draws} draws</p>" + str(shown.to_html(index=False, float_format="{:.3f}".format))


def account_uncertainty(
    case: Case,
    draws: int = 2000,
    seed: int = 1,
    year: int | None = None,
    *,
    default_std: Mapping[str, float] | None = None,
    exact: Collection[str] = (),
    reconciled: CaseReconciliation | None = None,
    allocation: Allocation | None = None,
    headlines: Sequence[tuple[str, str]] | None = None,
) -> AccountUncertainty:
    """Return how sure the account of ``year`` (default: the accounted one) is.

    ``default_std`` changes the relative standard deviation of rows without ``low`` and ``high`` by status
    (:data:`flows.account_inputs.DEFAULT_STD`), but for what takes part in reconciling: there it is what reconciling
    takes it to be (:mod:`flows.case_unknowns`). Tables named in ``exact`` (``generation``, ``allocation_keys``,
    ``compositions``, ``capture``, ``yields``, ``markets``, ``measurements``) are taken as certain. ``reconciled`` and
    ``allocation`` are made if they are not given. ``headlines`` are the (scope, method) whose drivers are ranked.

    Raises ``ValueError`` for no draws, a status or table that does not exist, or a negative deviation.
    """
    year = case.account_year if year is None else int(year)
    _check(draws, default_std, exact)
    found = reconcile_case(case, year) if reconciled is None else reconciled
    captured = shifted_capture(found.case, found.calibration)
    allocation = standing_allocation(found.case, [year]) if allocation is None else allocation
    inputs = Inputs({**DEFAULT_STD, **(default_std or {})}, exact)
    model = AccountModel(case, found, captured, allocation, year, inputs)
    normals = scores(latin_hypercube(inputs.size, draws, seed))
    central = model.draw(np.zeros((inputs.size, 1)))
    drawn = _together([model.draw(part) for part in _chunks(normals)])
    rates, rate_draws = _rates(model, central, drawn)
    return AccountUncertainty(
        rates=rates,
        flows=_flows(model, central, drawn),
        facilities=_facilities(model, central, drawn),
        inputs=inputs.table(),
        draws=draws,
        seed=seed,
        headlines=tuple(headlines or _headlines(case)),
        normals=normals,
        rate_draws=rate_draws,
    )


def _check(draws: int, default_std: Mapping[str, float] | None, exact: Collection[str]) -> None:
    if draws < 1:
        raise ValueError(f"at least one draw is needed, not {draws}")
    for status, std in (default_std or {}).items():
        if status not in DEFAULT_STD:
            raise ValueError(f"no such status: {status} (there are {', '.join(DEFAULT_STD)})")
        if not std >= 0:
            raise ValueError(f"the standard deviation of what is {status} is below zero")
    if unknown := sorted(set(exact) - set(TABLES_WITH_SPREAD)):
        raise ValueError(f"no such table: {', '.join(unknown)} (there are {', '.join(TABLES_WITH_SPREAD)})")


def _headlines(case: Case) -> list[tuple[str, str]]:
    """Return the case's own rate, then those that stand beside it in every report."""
    scope, method = str(case.settings["scope"]), str(case.settings["method"])
    pairs = [
        (scope, method),
        (scope, "calculation_point"),
        ("all_excluding_construction_demolition", method),
        ("households", method),
        ("municipal_waste", "calculation_point"),
    ]
    return list(dict.fromkeys(pairs))


def _chunks(normals: Floats) -> Iterator[Floats]:
    for begin in range(0, normals.shape[1], CHUNK):
        yield normals[:, begin : begin + CHUNK]


def _together(parts: list[Draws]) -> Draws:
    names = Draws.__dataclass_fields__
    return Draws(**{name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names})


def _rates(model: AccountModel, central: Draws, drawn: Draws) -> tuple[pd.DataFrame, Floats]:
    """Return the table of rates and their draws, row by row; rates without a denominator are left out."""
    places, pairs = ["", *model.municipalities], model.pairs
    keys = pd.DataFrame(
        [(scope, method, place) for place in places for scope, method in pairs], columns=RATE_COLUMNS[:3]
    )
    top, bottom = (one.reshape(len(keys), -1) for one in (central.numerators, central.denominators))
    kept = np.flatnonzero(bottom[:, 0] > 0)
    keys = keys.iloc[kept].assign(rate=top[kept, 0] / bottom[kept, 0])
    order = np.lexsort([keys[name].to_numpy() for name in ("municipality", "method", "scope")])
    kept = kept[order]
    below = drawn.denominators.reshape(len(top), -1)[kept]
    values = drawn.numerators.reshape(len(top), -1)[kept] / np.where(below > 0, below, 1.0)
    return pd.concat([keys.iloc[order].reset_index(drop=True), summary(values)], axis=1)[RATE_COLUMNS], values


def _flows(model: AccountModel, central: Draws, drawn: Draws) -> pd.DataFrame:
    places, sectors = ["", *model.municipalities], ["", *model.sectors]
    index = pd.MultiIndex.from_product([places, sectors, model.treatments], names=FLOW_COLUMNS[:3])
    keys = index.to_frame(index=False).assign(mass_t=central.ended[..., 0].ravel())
    values = drawn.ended.reshape(len(keys), -1)
    kept = np.flatnonzero(values.max(axis=1) > 0)
    table = pd.concat([keys.iloc[kept].reset_index(drop=True), summary(values[kept])], axis=1)
    return table.sort_values(FLOW_COLUMNS[:3], ignore_index=True)[FLOW_COLUMNS]


def _facilities(model: AccountModel, central: Draws, drawn: Draws) -> pd.DataFrame:
    keys = pd.DataFrame({"facility": model.facilities, "throughput_t": central.throughput[:, 0]})
    table = (
        pd.concat([keys, summary(drawn.throughput)], axis=1) if len(keys) else pd.DataFrame(columns=FACILITY_COLUMNS)
    )
    return table.sort_values("facility", ignore_index=True)[FACILITY_COLUMNS]
