"""What a certificate is made of: the tables of a run beside its case, and the verdict of one check.

Nothing here, nor in the modules of the certificate, uses the model of the plan: a mistake there must not
be able to hide here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.amounts import SOURCE, generation
from flows.capture import current_schemes
from flows.case import Case
from flows.reconcile_case import CaseReconciliation, reconcile_case

Floats = NDArray[np.float64]
R = TypeVar("R")

STANDING = ("today", "reference")
"""Variants without a plan."""
RELATIVE = 1e-6
"""Largest error of a mass or an amount of money, relative to it (at least one tonne, one unit of money)."""


@dataclass(frozen=True)
class Check:
    """One line of the certificate; an error that is not a number does not hold."""

    check: str
    largest_error: float
    tolerance: float
    detail: str

    @property
    def holds(self) -> bool:
        """Whether the largest error is within the tolerance."""
        return bool(self.largest_error <= self.tolerance)


def verdict(
    name: str,
    table: pd.DataFrame,
    error: Floats | pd.Series,
    tolerance: float,
    says: Sequence[str],
    of: int | None = None,
) -> Check:
    """Return the check of ``table`` whose rows have ``error``; ``says`` are the columns that name the worst row.

    ``of`` is how many things were looked at where ``table`` lists only faults.
    """
    errors = np.nan_to_num(np.abs(np.asarray(error, dtype=float)), nan=np.inf)
    count = len(errors) if of is None else of
    if not len(errors):
        return Check(name, 0.0, tolerance, f"{count} compared" if count else "nothing to check")
    worst = int(np.argmax(errors))
    largest = float(errors[worst])
    if largest <= tolerance:
        return Check(name, largest, tolerance, f"{count} compared")
    row = table.iloc[worst]
    named = ", ".join(f"{column} {row[column]}" for column in says if str(row[column]) not in ("", "nan"))
    return Check(name, largest, tolerance, f"{int((errors > tolerance).sum())} of {count} fail, worst: {named}")


def compared(expected: pd.DataFrame, found: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """Return keys with columns expected, found and error (relative, at least to one); absent rows are zero."""
    left = expected[keys].assign(expected=expected[value].astype(float), found=0.0)
    right = found[keys].assign(expected=0.0, found=found[value].astype(float))
    both = pd.concat([left, right], ignore_index=True)
    table = both.groupby(keys, as_index=False, observed=True)[["expected", "found"]].sum()
    table["error"] = (table["found"] - table["expected"]).abs() / np.maximum(table["expected"].abs(), 1.0)
    return table


def once(function: Callable[[Evidence], R]) -> Callable[[Evidence], R]:
    """Return a function that is run once for a certificate; what it returns is not to be changed."""

    @wraps(function)
    def known(evidence: Evidence) -> R:
        if function not in evidence.known:
            evidence.known[function] = function(evidence)
        found: R = evidence.known[function]
        return found

    return known


class Distinct:
    """Rows that are alike: ``firsts`` lists one tuple of each kind, ``number`` says for every row which it is."""

    def __init__(self, keys: pd.DataFrame) -> None:
        """Number the rows of ``keys`` by what they say."""
        self.number = keys.groupby(list(keys.columns), sort=False).ngroup().to_numpy(dtype=np.int64)
        _, at = np.unique(self.number, return_index=True)
        self.firsts = list(keys.iloc[at].itertuples(index=False, name=None))

    def each(self, value: Callable[..., float]) -> Floats:
        """Return a value for every row, asked once for rows that are alike."""
        return np.asarray(np.array([value(*key) for key in self.firsts], dtype=float)[self.number], dtype=float)


def holds_in(rows: pd.DataFrame, year: int, first: str = "from", last: str = "until") -> NDArray[np.bool_]:
    """Return which rows hold in ``year``; a blank end is open."""
    begun = rows[first].isna() | (rows[first] <= year)
    return np.asarray(begun & (rows[last].isna() | (rows[last] >= year)), dtype=bool)


def _nothing(columns: list[str]) -> pd.DataFrame:
    """Return a table without rows."""
    texts = {"purchase", "market", "offer", "need", "to"}
    return pd.DataFrame({name: pd.Series(dtype="object" if name in texts else "float64") for name in columns})


@dataclass(frozen=True)
class Evidence:
    """The tables of one variant of a run, and the case that it was given."""

    given: Case
    variant: str
    tables: Mapping[str, pd.DataFrame]
    objective: float | None

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of the variant of a table of the run."""
        rows = self.tables[name]
        if "variant" in rows:
            rows = rows[rows["variant"] == self.variant]
        return rows.reset_index(drop=True)

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What several checks ask for (:func:`once`)."""
        return {}

    @cached_property
    def reconciled(self) -> CaseReconciliation:
        """The case reconciled with its reported figures."""
        return reconcile_case(self.given)

    @property
    def case(self) -> Case:
        """The case on which the run rests: the one given, reconciled."""
        return self.reconciled.case

    @property
    def standing(self) -> bool:
        """Whether the variant is a state without a plan."""
        return self.variant in STANDING

    def beside(self, variant: str) -> Evidence:
        """Return the evidence of another variant of the same run."""
        other = Evidence(self.given, variant, self.tables, None)
        other.__dict__["reconciled"] = self.reconciled
        return other

    @cached_property
    def years(self) -> list[int]:
        """Years of the variant: of the plan, or the accounted one."""
        return [self.case.account_year] if self.variant == "today" else self.case.plan_years

    @cached_property
    def amounts(self) -> pd.DataFrame:
        """Waste generated in the years of the plan: SOURCE, fraction, year, amount."""
        return generation(self.case, self.years)

    @cached_property
    def running(self) -> pd.DataFrame:
        """What would run in each year without a plan, which is what runs in the accounted one: SOURCE, scheme, share, year."""
        today = current_schemes(self.case, self.case.account_year)
        return pd.concat([today.assign(year=year) for year in self.years], ignore_index=True)

    @cached_property
    def technology(self) -> pd.Series:
        """Technology by facility."""
        return self.case["facilities"].set_index("facility")["technology"]

    @cached_property
    def treatment(self) -> pd.Series:
        """Treatment by facility."""
        return self.technology.map(self.case["technologies"].set_index("technology")["treatment"])

    @cached_property
    def flows(self) -> pd.DataFrame:
        """The flows with the columns ``first`` (it leaves a source), ``input`` and ``lot``; those that leave sources come first.

        ``input`` is what it is to the facility that takes it; a ``lot`` is one origin, stream and fraction.
        """
        rows = self.table("flows")
        first = ~rows["from"].isin(self.technology.index)
        # In this order both kinds of legs are slices, which take no room; of a country they are some GB.
        order = np.argsort(~first.to_numpy(), kind="stable")
        rows, first = rows.take(order).reset_index(drop=True), first.take(order).reset_index(drop=True)
        lot = rows.groupby([*SOURCE, "stream", "fraction"], sort=True).ngroup()
        return rows.assign(first=first, input=rows["output"].where(~first, rows["stream"]), lot=lot)

    @cached_property
    def legs(self) -> Distinct:
        """What moving a flow hangs on: whether it leaves a source, its municipality or facility, where it goes."""
        flows = self.flows
        start = flows["municipality"].where(flows["first"], flows["from"])
        return Distinct(pd.DataFrame({"first": flows["first"], "start": start, "to": flows["to"]}))

    @cached_property
    def lots(self) -> pd.DataFrame:
        """What every lot is: SOURCE, stream, fraction, by lot."""
        columns = [*SOURCE, "stream", "fraction"]
        return self.flows.drop_duplicates("lot").set_index("lot")[columns].sort_index()

    @cached_property
    def entering(self) -> pd.DataFrame:
        """What enters facilities: year, facility, technology, lot, input, fraction, mass_t."""
        rows = self.flows[self.flows["to"].isin(self.technology.index)].rename(columns={"to": "facility"})
        keys = ["year", "facility", "lot", "input", "fraction"]
        table = rows.groupby(keys, as_index=False, observed=True)["mass_t"].sum()
        return table.assign(technology=table["facility"].map(self.technology))

    @cached_property
    def bought(self) -> pd.DataFrame:
        """What is bought to widen markets: the table ``purchases``."""
        columns = ["purchase", "year", "market", "mass_t", "extra_cost"]
        return self.table("purchases") if "purchases" in self.tables else _nothing(columns)

    @cached_property
    def exchanged(self) -> pd.DataFrame:
        """What is exchanged between projects: the table ``exchanges``."""
        columns = ["offer", "need", "given_year", "year", "to", "mass_t", "cost", "saved"]
        columns += ["kg_co2e_moved", "kg_co2e_avoided"]
        return self.table("exchanges") if "exchanges" in self.tables else _nothing(columns)

    @property
    def first_legs(self) -> pd.DataFrame:
        """Flows that leave sources."""
        return self.flows.iloc[: int(self.flows["first"].sum())]

    @property
    def later_legs(self) -> pd.DataFrame:
        """Flows that leave facilities."""
        return self.flows.iloc[int(self.flows["first"].sum()) :]
