"""What one report looks at: a municipality's, or the region's, part of a run.

:class:`RunView` adds the run up once; :meth:`RunView.place` then only slices. The three states
that every sheet compares are today, the reference and the plan in the year of the target.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from flows.case import Case
from flows.reconcile_columns import MOVED_COLUMNS, SUSPECT_COLUMNS
from reports.aggregate import Sums, clean, sums, waste
from reports.effects import effects
from reports.events import facility_events
from reports.once import Once
from reports.others import OtherRun

STATES = ("today", "reference", "plan")
OWN = ("all", "collected")
SUMMED = frozenset({"flows", "costs", "emissions"})
"""Large tables that reports see only as sums; a view in another process has none of them."""
CERTIFICATE_COLUMNS = ["check", "largest_error", "tolerance", "holds", "detail"]


@dataclass(frozen=True)
class Headline:
    """The rate that the report opens with: its scope, method, year and target (NaN if none)."""

    scope: str
    method: str
    year: int
    target: float


class Rate(NamedTuple):
    """One rate with its parts in tonnes and its target (NaN if none)."""

    numerator: float
    denominator: float
    rate: float
    target: float


class RunView(Once):
    """A run added up for reports; see :class:`PlaceView` for what a report reads."""

    def __init__(
        self,
        case: Case,
        tables: Mapping[str, pd.DataFrame],
        info: Mapping[str, Any],
        anonymous: bool = False,
    ) -> None:
        """Add the run up once; ``tables`` and ``info`` are those of a run folder.

        ``anonymous`` leaves out the names of the other municipalities where one is compared with them. ``others``, the
        runs to show beside this one, is filled in by who has them (:func:`reports.others.beside`).
        """
        super().__init__()
        self.case = case
        self.info = info
        self.anonymous = anonymous
        self.others: tuple[OtherRun, ...] = ()
        # A run made before reported figures were reconciled has no such tables; one without a plan no certificate.
        older = {"reconciliation": MOVED_COLUMNS, "suspects": SUSPECT_COLUMNS, "certificate": CERTIFICATE_COLUMNS}
        tables = {name: pd.DataFrame(columns=columns) for name, columns in older.items()} | dict(tables)
        if "fraction" not in tables["calibration"]:
            tables["calibration"] = tables["calibration"].assign(fraction="")
        self.tables = {
            name: clean(table) if name not in {"flows", "costs", "emissions"} else table
            for name, table in tables.items()
        }
        self.headline = _headline(case, self.tables["rates"], info)
        year = self.headline.year
        self.years = {"today": case.account_year, "reference": year, "plan": year}
        present = set(self.tables["rates"]["variant"]) | set(tables["flows"]["variant"].unique())
        self.variants = [variant for variant in STATES if variant in present]
        states = [(variant, self.years[variant]) for variant in ("today", "plan") if variant in present]
        self.sums = sums(case, tables, states)
        self.effects = effects(case, self.tables, self.sums, self.headline.scope, self.headline.method, year)
        self.events = facility_events(case, self.tables["facilities"])
        self.rate_rows = _rate_rows(self.tables["rates"])
        self.rate_years = sorted({key[4] for key in self.rate_rows if key[3] in {"reference", "plan"}})
        self.rate_pairs: dict[str, set[tuple[str, str]]] = {}
        for place, scope, method, _, _ in self.rate_rows:
            self.rate_pairs.setdefault(place, set()).add((scope, method))
        wholes = {field.name: self._marked(getattr(self.sums, field.name)) for field in fields(Sums)}
        for name in ("schemes", "facilities"):
            self.tables[name] = self._marked(self.tables[name])
        self._parts = _split(wholes)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs to write reports: the sums, not the large tables behind them."""
        state = self.forgetful()
        state["tables"] = {name: table for name, table in self.tables.items() if name not in SUMMED}
        state["_parts"] = {name: parts[""] for name, parts in self._parts.items()}
        state["sums"] = None
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._parts = _split(state["_parts"])
        self.sums = Sums(**state["_parts"])

    def _marked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table with a column ``state``: the place in STATES of each row, -1 for other years."""
        state, year = np.full(len(frame), -1, dtype="int8"), frame["year"].to_numpy()
        for position, variant in enumerate(STATES):
            rows = np.flatnonzero(year == self.years[variant])
            state[rows[(frame["variant"].iloc[rows] == variant).to_numpy()]] = position
        return frame.assign(state=state)

    def municipalities(self) -> list[str]:
        """Return the municipalities of the case."""
        return [str(identifier) for identifier in self.case["municipalities"]["municipality"]]

    def place(self, municipality: str) -> PlaceView:
        """Return the part of one municipality; '' is the whole region."""
        return PlaceView(self, municipality)

    def part(self, name: str, municipality: str) -> pd.DataFrame:
        """Return one of the sums (a field of ``Sums``) for a place."""
        parts = self._parts[name]
        return parts[municipality] if municipality in parts else parts[""].head(0)


class PlaceView(Once):
    """One municipality, or the region ('')."""

    def __init__(self, run: RunView, municipality: str) -> None:
        """Slice a run; raises ``KeyError`` for a municipality that the case does not know."""
        super().__init__()
        self.run = run
        self.case = run.case
        self.municipality = municipality
        rows = run.case["municipalities"]
        dwellings = run.case["dwellings"]
        if municipality:
            rows = rows[rows["municipality"] == municipality]
            if rows.empty:
                raise KeyError(municipality)
            dwellings = dwellings[dwellings["municipality"] == municipality]
        self.lasting: dict[int, pd.DataFrame] = {}
        self.population = float(rows["population"].sum())
        self.households = float(dwellings["dwellings"].sum())

    def part(self, name: str) -> pd.DataFrame:
        """Return one of the sums for this place."""
        return self._last(self.run.part(name, self.municipality))

    @property
    def waste(self) -> pd.DataFrame:
        """Last rows of everything that was waste and is inside the rates."""
        return self.frame(_waste)

    def table(self, name: str) -> pd.DataFrame:
        """Return a run table's rows of this place; those of every municipality for the region."""
        return self.once(_own_rows, name) if self.municipality else self.run.tables[name]

    def frame(self, make: Callable[..., pd.DataFrame], *given: Hashable) -> pd.DataFrame:
        """Return a frame that ``make(self, *given)`` works out, once; what is found out about it is kept too."""
        return self._last(self.once(make, *given))

    def _last(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame that lives as long as the view: what is found out about it is kept for other languages."""
        self.lasting[id(frame)] = frame
        return frame

    def _of(self, frame: pd.DataFrame, make: Callable[..., pd.DataFrame], *given: Hashable) -> pd.DataFrame:
        """Return ``make(self, frame, *given)``; of a frame that lasts it is made once, and none can spoil it."""
        if self.lasting.get(id(frame)) is not frame:
            return make(self, frame, *given)
        return self.once(_of_lasting, id(frame), make, *given).copy(deep=False)

    def state(self, frame: pd.DataFrame, variant: str) -> pd.DataFrame:
        """Return the rows of one of the three states."""
        return self._of(frame, _state, variant)

    def three(self, frame: pd.DataFrame, keys: Sequence[str], value: str) -> pd.DataFrame:
        """Return sums of ``value`` by ``keys``, a column for each state; NaN where the run has no such variant."""
        return self._of(frame, _three, tuple(keys), value)

    def total(self, name: str, value: str, where: Mapping[str, str] | None = None) -> dict[str, float]:
        """Return the sum of a part, or of ``waste``, in each state; ``where`` selects rows by column."""
        return dict(self.once(_total, name, value, tuple(sorted((where or {}).items()))))

    def over_years(self, frame: pd.DataFrame, keys: Sequence[str], value: str, variant: str = "plan") -> pd.DataFrame:
        """Return sums by ``keys`` with a column per year: the accounted year, then those of a variant."""
        return self._of(frame, _over_years, tuple(keys), value, variant)

    def rate_row(self, scope: str, method: str, variant: str, year: int, region: bool = False) -> Rate | None:
        """Return the rate of a scope and method in a variant and year, if the run has it."""
        place = "" if region else self.municipality
        return self.run.rate_rows.get((place, scope, method, variant, year))

    def rates(self, scope: str, method: str, region: bool = False) -> dict[str, Rate]:
        """Return the rate of each of the three states, where the run has it."""
        found = {variant: self.rate_row(scope, method, variant, self.run.years[variant], region) for variant in STATES}
        return {variant: row for variant, row in found.items() if row is not None}

    def rate(self, scope: str, method: str, variant: str, region: bool = False) -> float:
        """Return one rate, NaN where the run has none."""
        row = self.rates(scope, method, region).get(variant)
        return float("nan") if row is None else row.rate

    def rate_pairs(self) -> list[tuple[str, str]]:
        """Return every scope and method that the run has for this place."""
        return sorted(self.run.rate_pairs.get(self.municipality, ()))

    def goal(self, scope: str, method: str, year: int) -> float | None:
        """Return the target of a scope and method in a year: the place's own, else the region's."""
        for place in (self.municipality, ""):
            for variant in ("plan", "reference"):
                row = self.run.rate_rows.get((place, scope, method, variant, year))
                if row is not None and row.target == row.target:
                    return row.target
        return None

    def effects(self) -> pd.DataFrame:
        """Return plan minus reference by kind of source: sector, segment, tonnes, amount, kg_co2e."""
        return self.once(_effects)


# What a place works out once: functions of the view, its frame where there is one, and what was asked for.


def _waste(view: PlaceView) -> pd.DataFrame:
    return waste(view.case, view.part("treated"))


def _own_rows(view: PlaceView, name: str) -> pd.DataFrame:
    frame = view.run.tables[name]
    return frame[frame["municipality"] == view.municipality]


def _of_lasting(view: PlaceView, number: int, make: Callable[..., pd.DataFrame], *given: Hashable) -> pd.DataFrame:
    return make(view, view.lasting[number], *given)


def _state(_view: PlaceView, frame: pd.DataFrame, variant: str) -> pd.DataFrame:
    return frame[frame["state"].to_numpy() == STATES.index(variant)]


def _three(view: PlaceView, frame: pd.DataFrame, keys: Sequence[str], value: str) -> pd.DataFrame:
    shown = frame[frame["state"].to_numpy() >= 0]
    sums = shown.groupby([*keys, "state"])[value].sum().unstack("state")
    columns = {variant: sums.get(number, np.nan) for number, variant in enumerate(STATES)}
    result = pd.DataFrame(columns, index=sums.index)
    for variant in view.run.variants:
        result[variant] = result[variant].fillna(0.0)
    return result.sort_index()


def _total(view: PlaceView, name: str, value: str, where: Sequence[tuple[str, str]]) -> dict[str, float]:
    frame = view.waste if name == "waste" else view.part(name)
    kept = np.ones(len(frame), dtype=bool)
    for column, wanted in where:
        kept &= (frame[column] == wanted).to_numpy()
    state, values = frame["state"].to_numpy(), frame[value].to_numpy(dtype=float)
    sums = {variant: float(np.nansum(values[kept & (state == number)])) for number, variant in enumerate(STATES)}
    return {variant: sums[variant] if variant in view.run.variants else float("nan") for variant in STATES}


def _over_years(view: PlaceView, frame: pd.DataFrame, keys: Sequence[str], value: str, variant: str) -> pd.DataFrame:
    today = view.state(frame, "today")
    rows = pd.concat([today, frame[(frame["variant"] == variant) & (frame["year"] > view.case.account_year)]])
    pivot = rows.pivot_table(index=list(keys), columns="year", values=value, aggfunc="sum", fill_value=0.0)
    return pivot.sort_index()


def _effects(view: PlaceView) -> pd.DataFrame:
    frame = view.run.effects
    if view.municipality:
        frame = frame[frame["municipality"] == view.municipality]
    return frame.groupby(["sector", "segment"], as_index=False)[["tonnes", "amount", "kg_co2e"]].sum()


def facility_facts(run: RunView) -> dict[str, dict[str, Any]]:
    """Return what the run says of each facility first: technology, site and so on."""
    rows = run.tables["facilities"].drop_duplicates("facility").set_index("facility")
    return {str(key): row for key, row in rows.to_dict("index").items()}


def _headline(case: Case, rates: pd.DataFrame, info: Mapping[str, Any]) -> Headline:
    stated = info.get("target") or {}
    scope = str(stated.get("scope") or case.settings["scope"])
    method = str(stated.get("method") or case.settings["method"])
    years = sorted(int(year) for year in rates.loc[rates["variant"].isin({"plan", "reference"}), "year"].unique())
    last = years[-1] if years else case.account_year
    wanted = stated.get("year")
    year = int(wanted) if wanted is not None and int(wanted) in years else last
    target = stated.get("rate")
    if target is None:
        rows = rates[(rates["municipality"] == "") & (rates["scope"] == scope) & (rates["method"] == method)]
        listed = rows.loc[rows["year"] == year, "target"].dropna()
        target = listed.iloc[0] if len(listed) else float("nan")
    return Headline(scope, method, year, float(target))


def _split(wholes: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, pd.DataFrame]]:
    """Return each sum whole ('') and by municipality."""
    return {name: {"": whole} | dict(list(whole.groupby("municipality"))) for name, whole in wholes.items()}


def _rate_rows(rates: pd.DataFrame) -> dict[tuple[str, str, str, str, int], Rate]:
    """Return rates by municipality, scope, method, variant and year."""
    keys = ("municipality", "scope", "method", "variant", "year")
    parts = ("numerator_t", "denominator_t", "rate", "target")
    columns = [rates[name].astype(kind).tolist() for name, kind in zip(keys, (str, str, str, str, int), strict=True)]
    values = zip(*(rates[name].astype(float).tolist() for name in parts), strict=True)
    return dict(zip(zip(*columns, strict=True), map(Rate._make, values), strict=True))
