"""The certificate's checks of indicators: every limit, and every row of the table ``indicators``.

Each indicator is recomputed from flows, schemes, facilities and costs (which are themselves checked), with factors
looked up here, not by the code that the model uses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pandas as pd

from flows.indicator_names import INDICATOR_LIST
from models.certificate_plants import EXISTING, standing_steps, step_table
from models.certificate_ways import ways_of
from models.evidence import RELATIVE, Check, Distinct, Evidence, Floats, once, verdict

BURNS = "energy_recovery"


def _where(evidence: Evidence) -> pd.Series:
    """Return the treatment that each flow enters: of a facility its technology's, of a market ''."""
    return evidence.flows["to"].map(evidence.treatment).fillna("")


def _mass(evidence: Evidence, factor: Floats | pd.Series) -> pd.DataFrame:
    rows = evidence.flows[["year", "municipality"]].assign(value=evidence.flows["mass_t"].to_numpy() * factor)
    return rows.groupby(["year", "municipality"], as_index=False)["value"].sum().assign(technology="")


def landfilled(evidence: Evidence) -> pd.DataFrame:
    """Tonnes that end in a landfill."""
    return _mass(evidence, (evidence.flows["treatment"] == "landfill").to_numpy(dtype=float))


def incinerated(evidence: Evidence) -> pd.DataFrame:
    """Tonnes that enter facilities that burn, and what markets burn."""
    flows = evidence.flows
    at_market = flows["to"].isin(set(evidence.case["markets"]["market"])) & (flows["treatment"] == BURNS)
    return _mass(evidence, ((_where(evidence) == BURNS) | at_market).to_numpy(dtype=float))


def burning(evidence: Evidence) -> Floats:
    """Return 1 for every flow that enters a facility that burns, else 0."""
    return np.asarray((_where(evidence) == BURNS).to_numpy(dtype=float))


def fossil_co2(evidence: Evidence) -> pd.DataFrame:
    """Tonnes of fossil CO2 of what is burnt at facilities."""
    held = dict(evidence.case["fractions"][["fraction", "fossil_co2"]].itertuples(index=False, name=None))
    kilograms = evidence.flows["fraction"].map(held).to_numpy(dtype=float)
    return _mass(evidence, (_where(evidence) == BURNS).to_numpy(dtype=float) * kilograms / 1000.0)


class Factors:
    """Factors by place and fraction: what names the process wins over its treatment, the fraction over any."""

    def __init__(self, rows: pd.DataFrame, value: pd.Series) -> None:
        keys = rows[["treatment", "process", "fraction"]].itertuples(index=False, name=None)
        self._rows: dict[tuple[str, str, str], float] = dict(zip(keys, value.astype(float).tolist(), strict=True))
        self.named = set(rows["process"]) - {""}

    def of(self, process: str, treatment: str, fraction: str) -> float:
        """Return the factor of a tonne of a fraction at a process with a treatment; 0 without any row for it."""
        for by_process in (True, False):
            if not by_process and not treatment:
                break
            for name in (fraction, ""):
                for (row_treatment, row_process, row_fraction), value in self._rows.items():
                    there = row_process == process if by_process else not row_process and row_treatment == treatment
                    if there and row_fraction == name:
                        return value
        return 0.0


@once
def _taken(evidence: Evidence) -> Distinct:
    """Return what a factor of every flow hangs on: technology, treatment, market, fraction."""
    flows = evidence.flows
    markets = set(evidence.case["markets"]["market"])
    technology = flows["to"].map(evidence.technology).fillna("")
    return Distinct(
        pd.DataFrame(
            {
                "technology": technology,
                "treatment": np.where(technology != "", _where(evidence), flows["treatment"]),
                "market": flows["to"].where(flows["to"].isin(markets), ""),
                "fraction": flows["fraction"],
            }
        )
    )


def at_places(evidence: Evidence, factors: Factors) -> Floats:
    """Return the factor of every flow: on entry of a technology, or on delivery to a market with its treatment."""

    def factor(technology: str, treatment: str, market: str, fraction: str) -> float:
        if technology:
            return factors.of(technology, treatment if treatment in {BURNS, "landfill"} else "", fraction)
        return factors.of(market, treatment, fraction) if market else 0.0

    return _taken(evidence).each(factor)


def co2e(evidence: Evidence) -> pd.DataFrame:
    """Tonnes of CO2 equivalents: fossil and avoided at facilities and markets, burning, and every way."""
    case, flows = evidence.case, evidence.flows
    rows = case["emissions"]
    kilograms = at_places(evidence, Factors(rows, rows["fossil"] + rows["avoided"]))
    held = dict(case["fractions"][["fraction", "fossil_co2"]].itertuples(index=False, name=None))
    kilograms = kilograms + (_where(evidence) == BURNS) * flows["fraction"].map(held).to_numpy(dtype=float)
    found = _mass(evidence, (kilograms + moving(evidence)) / 1000.0)
    exchanged = evidence.exchanged
    tonnes = (exchanged["kg_co2e_moved"] + exchanged["kg_co2e_avoided"]) / 1000.0
    return pd.concat([found, _exchanged(evidence, tonnes)], ignore_index=True)


def _exchanged(evidence: Evidence, value: pd.Series) -> pd.DataFrame:
    """Return values of what is exchanged, at the place that uses it."""
    rows = evidence.exchanged[["year", "to"]].rename(columns={"to": "municipality"})
    return rows.assign(value=value, technology="")


@once
def moving(evidence: Evidence) -> Floats:
    """Return what moving a tonne of every flow emits [kg]."""
    case = evidence.case
    haul = case["transport"][case["transport"]["mode"] == "haul"]["emission"]
    per_km = float(haul.iloc[0]) if len(haul) else 0.0
    usual = dict(case["markets"][["market", "distance"]].itertuples(index=False, name=None))
    ways = ways_of(case)

    def emission(first: bool, origin: str, goal: str) -> float:
        if goal in evidence.technology.index:
            return ways.emission(str(origin), str(goal), "collection" if first else "haul")
        given = ways.given(str(origin), str(goal))
        return 0.0 if first else per_km * float(usual.get(goal, 0.0) if np.isnan(given) else given)

    return evidence.legs.each(emission)


def factored(name: str) -> Callable[[Evidence], pd.DataFrame]:
    """Return what recomputes an indicator of the sheet ``indicator_factors``."""

    def recomputed(evidence: Evidence) -> pd.DataFrame:
        rows = evidence.case["indicator_factors"]
        rows = rows[rows["indicator"] == name]
        found = _mass(evidence, at_places(evidence, Factors(rows, rows["value"])))
        if name != "material_avoided":
            return found
        # What is exchanged replaces as much new material.
        return pd.concat([found, _exchanged(evidence, evidence.exchanged["mass_t"])], ignore_index=True)

    return recomputed


def cost(evidence: Evidence) -> pd.DataFrame:
    """The region's cost of every year."""
    table = evidence.table("costs").groupby("year", as_index=False)["amount"].sum()
    return table.rename(columns={"amount": "value"}).assign(municipality="", technology="")


def _places(evidence: Evidence, new: bool) -> pd.DataFrame:
    """Return the facilities that are open: year, facility, municipality, technology."""
    told = evidence.table("facilities")
    told = told[told["open"].astype(bool)][["year", "facility"]]
    table = told.merge(evidence.case["facilities"][["facility", "municipality", "technology", "state"]], on="facility")
    return table[table["state"] == "candidate"] if new else table


def counted(new: bool) -> Callable[[Evidence], pd.DataFrame]:
    """Return what counts facilities that are open, or new ones."""

    def recomputed(evidence: Evidence) -> pd.DataFrame:
        return _places(evidence, new).assign(value=1.0)

    return recomputed


def investment(evidence: Evidence) -> pd.DataFrame:
    """What the steps cost that open in a year."""
    rows = standing_steps(evidence)
    known = step_table(evidence)
    standing = evidence.case["facilities"].set_index("facility")["state"] == "existing"
    rows = rows[~((rows["size"] == EXISTING) & rows["facility"].map(standing).to_numpy(dtype=bool))]
    rows = rows[rows["year"] == rows["opened"]].merge(known, on=["facility", "size"])
    rows = rows.merge(evidence.case["facilities"][["facility", "municipality", "technology"]], on="facility")
    return rows.assign(value=rows["capex"])


RECOMPUTED: dict[str, Callable[[Evidence], pd.DataFrame]] = {
    "landfilled": landfilled,
    "incinerated": incinerated,
    "fossil_co2": fossil_co2,
    "co2e": co2e,
    "cost": cost,
    "investment": investment,
    "facilities": counted(new=False),
    "new_facilities": counted(new=True),
    "jobs": factored("jobs"),
    "value_kept": factored("value_kept"),
    "material_avoided": factored("material_avoided"),
}


def _charged(evidence: Evidence) -> pd.DataFrame:
    """Return what schemes charge: year, municipality, value, and the households (base) of the municipality."""
    case = evidence.case
    rows = evidence.table("schemes").merge(case["schemes"][["scheme", "cost_per_household"]], on="scheme")
    rows = rows.merge(case["dwellings"][["municipality", "segment", "dwellings"]], on=["municipality", "segment"])
    rows = rows.assign(value=rows["share"] * rows["cost_per_household"] * rows["dwellings"])
    return rows.groupby(["year", "municipality"], as_index=False)["value"].sum()


class Values:
    """Recomputed indicators of a run, each table made once."""

    def __init__(self, evidence: Evidence) -> None:
        """Keep the evidence."""
        self.evidence = evidence
        self._tables: dict[str, pd.DataFrame] = {}
        self._sums: dict[tuple[str, str], dict[str, dict[int, float]]] = {}

    def table(self, name: str) -> pd.DataFrame:
        """Return year, municipality, technology, value of an indicator that adds up."""
        if name not in self._tables:
            made = _charged(self.evidence) if name == "cost_per_household" else RECOMPUTED[name](self.evidence)
            self._tables[name] = made
        return self._tables[name]

    def of(self, name: str, municipality: str, technology: str, year: int | None) -> float:
        """Return an indicator in a year, or over the horizon."""
        if name == "cost_per_household":
            weights = self._weights if year is None else {year: 1.0}
            base = max(self._homes.get(municipality, 0.0), 1.0)
            charged = self._in_years(name, municipality, technology)
            return sum(weight * charged.get(one, 0.0) for one, weight in weights.items()) / (
                base * sum(weights.values())
            )
        if year is not None:
            return self._in_years(name, municipality, technology).get(year, 0.0)
        if name == "cost":
            return float(self.evidence.table("costs")["in_objective"].sum())
        if name == "investment":
            return sum(self._in_years(name, municipality, technology).values())
        if name in {"facilities", "new_facilities"}:
            return float(self._rows(name, municipality, technology)["facility"].nunique())
        return sum(self._weights[one] * value for one, value in self._in_years(name, municipality, technology).items())

    @cached_property
    def _weights(self) -> dict[int, float]:
        """Years that each year of the plan stands for."""
        return {year: self.evidence.case.weight(year) for year in self.evidence.years}

    @cached_property
    def _homes(self) -> dict[str, float]:
        """Households by municipality; '' is all of them."""
        homes = self.evidence.case["dwellings"]
        own = homes.groupby("municipality")["dwellings"].sum()
        return {"": float(homes["dwellings"].sum()), **{str(town): float(value) for town, value in own.items()}}

    def _rows(self, name: str, municipality: str, technology: str) -> pd.DataFrame:
        rows = self.table(name)
        rows = rows[rows["municipality"] == municipality] if municipality else rows
        return rows[rows["technology"] == technology] if technology else rows

    def _in_years(self, name: str, municipality: str, technology: str) -> dict[int, float]:
        """Return the value of an indicator by year, of a municipality or of all."""
        key = (name, technology)
        if key not in self._sums:
            rows = self._rows(name, "", technology)
            whole = rows.groupby("year")["value"].sum()
            sums: dict[str, dict[int, float]] = {"": {int(one): float(value) for one, value in whole.items()}}
            own = rows[rows["municipality"] != ""].groupby(["municipality", "year"], as_index=False)["value"].sum()
            for place, one, value in own[["municipality", "year", "value"]].itertuples(index=False, name=None):
                sums.setdefault(str(place), {})[int(one)] = float(value)
            self._sums[key] = sums
        return self._sums[key].get(municipality, {})


def limits(evidence: Evidence) -> list[Check]:
    """Every active limit holds: from its year on until the next one of its kind, or over the horizon."""
    active = evidence.case["limits"]
    active = active[active["active"]]
    values = Values(evidence)
    rows: list[dict[str, object]] = []
    kind = ["indicator", "municipality", "technology", "sense"]
    for key, group in active.groupby(kind):
        name, municipality, technology, sense = (str(part) for part in key)
        wanted: list[tuple[int | None, float]] = [(None, top) for top in group.loc[group["year"].isna(), "maximum"]]
        for year in evidence.years:
            begun = group[group["year"] <= year].sort_values("year")
            if len(begun):
                wanted.append((year, float(begun["maximum"].iloc[-1])))
        rows.extend(
            {
                "indicator": name,
                "municipality": municipality,
                "technology": technology,
                "sense": sense,
                "year": "horizon" if year is None else year,
                "value": values.of(name, municipality, technology, year),
                "maximum": top,
            }
            for year, top in wanted
        )
    says = [*kind, "year", "value", "maximum"]
    table = pd.DataFrame(rows, columns=says)
    value, bound = (table[column].astype(float) for column in ("value", "maximum"))
    beyond = np.where(table["sense"] == "min", bound - value, value - bound)
    error = np.maximum(beyond, 0.0) / np.maximum(bound.abs(), 1.0)
    return [verdict("limits", table, error, RELATIVE, says)]


def indicators(evidence: Evidence) -> list[Check]:
    """Every row of the table ``indicators`` says what its other tables say."""
    if "indicators" not in evidence.tables:
        return []
    told = evidence.table("indicators")
    values = Values(evidence)
    again = [
        values.of(str(name), str(municipality), "", None if np.isnan(year) else int(year))
        for name, municipality, year in told[["indicator", "municipality", "year"]].itertuples(index=False, name=None)
    ]
    table = told.assign(recomputed=np.array(again, dtype=float))
    # What adds up of large parts of both signs is compared with the largest value of its indicator.
    size = table.groupby("indicator")["recomputed"].transform(lambda part: part.abs().max())
    error = (table["recomputed"] - table["value"]) / np.maximum(size, 1.0)
    says = ["indicator", "municipality", "year", "recomputed", "value"]
    return [verdict("indicators", table, error, RELATIVE, says), _complete(evidence, told)]


def _complete(evidence: Evidence, told: pd.DataFrame) -> Check:
    """Every indicator is told of every year, place and (of a plan) the horizon, each time in its unit."""
    case = evidence.case
    towns = {"", *case["municipalities"]["municipality"]}
    housed = {"", *case["dwellings"]["municipality"]}
    horizon = [0] if set(case.plan_years) <= set(evidence.years) else []
    regional = {one.name for one in INDICATOR_LIST if one.regional}
    wanted = {
        (name, town, year)
        for name in [*RECOMPUTED, "cost_per_household"]
        for town in ({""} if name in regional else housed if name == "cost_per_household" else towns)
        for year in [*evidence.years, *horizon]
    }
    shown = told.assign(year=told["year"].fillna(0).astype(int))
    found = set(shown[["indicator", "municipality", "year"]].itertuples(index=False, name=None))
    units = {(one.name, whole): one.horizon_unit if whole else one.unit for one in INDICATOR_LIST for whole in (0, 1)}
    keys = zip(shown["indicator"], (shown["year"] == 0).astype(int), strict=True)
    right = [str(units.get(key, "")).replace("DKK", case.currency) for key in keys]
    odd = shown["unit"] != right
    faults = [(*key, "") for key in sorted(wanted ^ found)]
    faults += list(shown.loc[odd, ["indicator", "municipality", "year", "unit"]].itertuples(index=False, name=None))
    says = ["indicator", "municipality", "year", "unit"]
    table = pd.DataFrame(faults, columns=says)
    return verdict("indicators are complete", table, np.ones(len(table)), 0.0, says, of=len(told))
