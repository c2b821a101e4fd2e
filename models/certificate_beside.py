"""The certificate's checks of what stands beside the sums: keys, who pays, emissions by step, words and ways.

What other checks compare as sums (the cost of a category, the CO2e of a municipality) is compared here row by row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from flows.quality import data_quality
from flows.rates import counted
from models.certificate_cost import purchase_extra
from models.certificate_rows import costs_by_payer, emitted
from models.certificate_schemes import CHOSEN
from models.certificate_ways import ways_of
from models.evidence import RELATIVE, Check, Evidence, compared, verdict

STATE_KEYS: dict[str, list[str]] = {
    "flows": ["year", "from", "to", *SOURCE, "scheme", "stream", "output", "fraction", "treatment"],
    "rates": ["year", "scope", "method", "municipality"],
    "counted": ["year", "scope", "method", *SOURCE, "fraction", "from", "to"],
    "schemes": ["year", *SOURCE, "scheme"],
    "facilities": ["year", "facility"],
    "costs": ["year", "payer", "municipality", "sector", "facility", "category"],
    "emissions": ["year", "municipality", "facility", "step", "fraction", "kind"],
    "indicators": ["year", "municipality", "indicator"],
    "purchases": ["year", "purchase"],
    "exchanges": ["year", "given_year", "offer", "need"],
    "household_costs": ["year", "municipality"],
    "distances": ["municipality", "facility"],
    "decisions": ["kind", *SOURCE, "scheme", "facility", "size", "choice", "period"],
}
RECONCILED = {"calibration": "calibration", "reconciliation": "moved", "suspects": "suspects"}
"""Tables that follow from the case alone, and what they are called where it is reconciled."""


def keys(evidence: Evidence) -> list[Check]:
    """No row stands twice, and no other variant than those of a run is told of."""
    rows: list[dict[str, object]] = []
    for name, key in STATE_KEYS.items():
        if name not in evidence.tables:
            continue
        table = evidence.tables[name]
        by = [column for column in ("variant", *key) if column in table]
        rows.extend({"table": name, "row": at} for at in np.flatnonzero(table.duplicated(by)))
        if "variant" in table:
            known = {evidence.variant, "today", "reference"}
            rows.extend({"table": name, "row": at} for at in np.flatnonzero(~table["variant"].isin(known)))
    faults = pd.DataFrame(rows, columns=["table", "row"])
    return [verdict("rows stand once", faults, np.ones(len(faults)), 0.0, ["table", "row"], of=len(STATE_KEYS))]


def _alike(
    wanted: pd.DataFrame, told: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Return the columns of both that differ, in rows of the same place, with their error (relative, at least to 1)."""
    if len(wanted) != len(told):
        return pd.DataFrame([{"column": "rows", "row": len(told)}]), np.array([np.inf])
    found: list[tuple[str, int, float]] = []
    for name in wanted.columns if len(wanted) else ():
        one, other = wanted[name].reset_index(drop=True), told[name].reset_index(drop=True)
        if pd.api.types.is_numeric_dtype(one) and not pd.api.types.is_bool_dtype(one):
            numbers = pd.to_numeric(other, errors="coerce")
            error = (one - numbers).abs() / one.abs().clip(lower=1.0)
            error = error.mask(one.isna() & other.isna(), 0.0).fillna(np.inf)
        else:
            error = (one.astype(object).fillna("") != other.astype(object).fillna("")).astype(float)
        worst = int(np.argmax(error.to_numpy())) if len(error) else 0
        found.append((name, worst, float(error.max()) if len(error) else 0.0))
    table = pd.DataFrame(found, columns=["column", "row", "error"])
    return table, table["error"].to_numpy(dtype=float)


def reconciled(evidence: Evidence) -> list[Check]:
    """Every figure of the tables of reconciliation is that which the case gives."""
    parts = []
    for name, attribute in RECONCILED.items():
        if name in evidence.tables:
            table, error = _alike(getattr(evidence.reconciled, attribute), evidence.tables[name])
            parts.append(table.assign(table=name, error=error))
    both = pd.concat(parts, ignore_index=True)
    return [verdict("reconciled figures", both, both["error"], RELATIVE, ["table", "column", "row"])]


def payers(evidence: Evidence) -> list[Check]:
    """Every row of the table of costs, by who pays, where and for which facility, is what flows and steps say."""
    by = ["year", "payer", "municipality", "sector", "facility", "category"]
    told = evidence.table("costs")
    table = compared(costs_by_payer(evidence), told, by, "amount")
    checks = [verdict("who pays", table, table["error"], RELATIVE, [*by, "expected", "found"])]
    odd = told[told["currency"] != evidence.case.currency]
    return [*checks, verdict("currency", odd, np.ones(len(odd)), 0.0, [*by, "currency"], of=len(told))]


def emissions(evidence: Evidence) -> list[Check]:
    """Every row of the table of emissions is what flows and factors say."""
    if "emissions" not in evidence.tables:
        return []
    by = STATE_KEYS["emissions"]
    table = compared(emitted(evidence), evidence.table("emissions"), by, "kg_co2e")
    return [verdict("emissions", table, table["error"], RELATIVE, [*by, "expected", "found"])]


def counts(evidence: Evidence) -> list[Check]:
    """The tonnes that a rate counts are those of the flows, and add up to its numerator."""
    if "counted" not in evidence.tables:
        return []
    case, told, flows = evidence.case, evidence.table("counted"), evidence.table("flows")
    listed = case["targets"][["scope", "method"]].itertuples(index=False, name=None)
    pairs = {*listed, *told[["scope", "method"]].drop_duplicates().itertuples(index=False, name=None)}
    years = {*case.report_years, case.account_year} & set(evidence.years)
    by = STATE_KEYS["counted"]
    table = compared(counted(case, flows, sorted(pairs), sorted(years)), told, by, "mass_t")
    checks = [verdict("tonnes counted", table, table["error"], RELATIVE, [*by, "expected", "found"])]
    if "rates" in evidence.tables:
        rate = ["year", "scope", "method", "municipality"]
        sums = told.groupby(rate, as_index=False)["mass_t"].sum()
        region = sums.groupby(rate[:-1], as_index=False)["mass_t"].sum().assign(municipality="")
        shown = evidence.table("rates")
        shown = shown[shown["year"].isin(years) & pd.MultiIndex.from_frame(shown[rate[1:3]]).isin(sorted(pairs))]
        table = compared(shown.rename(columns={"numerator_t": "mass_t"}), pd.concat([sums, region]), rate, "mass_t")
        checks.append(verdict("counted add up", table, table["error"], RELATIVE, [*rate, "expected", "found"]))
    return checks


def decided(evidence: Evidence) -> list[Check]:
    """What is decided for a period is what runs in it: schemes in its first year, facilities in the years they may."""
    if "decisions" not in evidence.tables or evidence.standing:
        return []
    case, told = evidence.case, evidence.tables["decisions"]
    starts = [year for year in case.period_starts if year in set(told["period"].dropna().astype(int))]
    rows = told[told["kind"] == "scheme"]
    runs = evidence.table("schemes")
    runs = runs[runs["year"].isin(starts) & (runs["chosen"] > CHOSEN)].rename(columns={"year": "period"})
    known = told["kind"].isin(["scheme", "step"]) | ((told["kind"] == "choice") & (told["choice"] != ""))
    odd = told[~known | ((told["kind"] == "choice") & (told["share"] != 1.0))]
    kinds = verdict("decisions", odd, np.ones(len(odd)), 0.0, ["kind", "choice", "share"], of=len(told))
    by = ["period", *SOURCE, "scheme"]
    table = compared(runs.assign(share=runs["chosen"]), rows, by, "share")
    checks = [kinds, verdict("decisions on schemes", table, table["error"], RELATIVE, [*by, "expected", "found"])]
    plants = evidence.table("facilities")
    plants = plants[plants["open"].astype(bool)]
    stands = plants.assign(size=plants["size"].astype(str).str.split("+"), share=1.0).explode("size")
    by = ["year", "facility", "size"]
    steps = _in_years(case, starts, evidence.years, told[told["kind"] == "step"])
    table = compared(stands, steps, by, "share")
    return [*checks, verdict("decisions on facilities", table, table["error"], RELATIVE, [*by, "expected", "found"])]


def _in_years(case: Case, starts: list[int], years: list[int], steps: pd.DataFrame) -> pd.DataFrame:
    """Return decisions on steps of periods by year, but for years in which their facility does not exist."""
    begun = {year: max((start for start in starts if start <= year), default=None) for year in years}
    spans = pd.DataFrame({"year": list(begun), "period": list(begun.values())})
    window = case["facilities"].drop_duplicates("facility")[["facility", "opens", "closes"]]
    table = steps.merge(spans, on="period").merge(window, on="facility", how="left")
    return table[~(table["year"] < table["opens"]) & ~(table["year"] > table["closes"])]


def words(evidence: Evidence) -> list[Check]:
    """Who decides, what a place is called and where it lies, units and years of opening are those of the case."""
    case = evidence.case
    faults: list[dict[str, object]] = []

    def told(name: str, column: str, wanted: pd.Series) -> None:
        table = evidence.table(name)
        other = table[column].astype(object).where(table[column].notna(), None)
        mine = wanted.astype(object).where(wanted.notna(), None)
        differs = np.array([a != b for a, b in zip(mine, other, strict=True)], dtype=bool)
        faults.extend({"table": name, "column": column, "row": at} for at in np.flatnonzero(differs))

    schemes, plants = evidence.table("schemes"), evidence.table("facilities")
    told("schemes", "decided_by", schemes["scheme"].map(case["schemes"].set_index("scheme")["decided_by"]))
    declared = case["facilities"].drop_duplicates("facility").set_index("facility")
    for column, source in (("name", "name"), ("technology", "technology"), ("site", "municipality")):
        told("facilities", column, plants["facility"].map(declared[source]))
    stands = plants["size"].astype(str).str.split("+").map(lambda names: "existing" in names)
    told("facilities", "reserved_t", plants["facility"].map(declared["reserved"]).where(stands, 0.0))
    opened, closed = _years_of(evidence, plants)
    told("facilities", "opened_year", opened)
    told("facilities", "closed_year", closed)
    lacking = set(case["facilities"]["facility"]) ^ set(plants["facility"])
    faults.extend({"table": "facilities", "column": name, "row": -1} for name in sorted(map(str, lacking)))
    whole = len(case["facilities"]) * len(evidence.years)
    if len(plants) != whole:
        faults.append({"table": "facilities", "column": "rows", "row": len(plants)})
    table = pd.DataFrame(faults, columns=["table", "column", "row"])
    return [verdict("names and years", table, np.ones(len(table)), 0.0, ["table", "column", "row"], of=len(plants))]


def _years_of(evidence: Evidence, plants: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return for every row the year in which its facility first runs, and that from which it no longer does."""
    years = evidence.years
    runs = plants[plants["open"].astype(bool)].groupby("facility")["year"]
    first, last = runs.min(), runs.max()
    standing = set(evidence.case["facilities"].query("state == 'existing'")["facility"])
    opened = {name: np.nan if name in standing and year == years[0] else float(year) for name, year in first.items()}
    closed = {
        name: float(next(later for later in years if later > year)) for name, year in last.items() if year < years[-1]
    }
    return plants["facility"].map(opened).astype(float), plants["facility"].map(closed).astype(float)


def levers(evidence: Evidence) -> list[Check]:
    """Places, outputs, materials, distances and costs of what is bought and exchanged are those of the case."""
    case, found = evidence.case, ways_of(evidence.case)
    faults: list[dict[str, object]] = []
    buys = case["purchasing"].set_index("purchase")[["municipality", "market"]].to_dict("index")
    outputs, extra = case["markets"].set_index("market")["output"].to_dict(), purchase_extra(evidence)
    if "purchases" in evidence.tables:
        for row in evidence.bought.itertuples(index=False):
            known = buys.get(row.purchase, {})
            right = (row.municipality, row.market) == (known.get("municipality"), known.get("market"))
            right &= row.output == outputs.get(row.market)
            cost = extra.get(row.purchase, np.nan) * row.mass_t
            right &= bool(abs(row.extra_cost - cost) <= RELATIVE * max(abs(cost), 1.0))
            faults += [] if right else [{"table": "purchases", "row": row.purchase}]
    projects = case["exchange"].set_index("project")[["municipality", "material"]].to_dict("index")
    if "exchanges" in evidence.tables:
        for _, row in evidence.exchanged.iterrows():
            offer, need = projects.get(row["offer"], {}), projects.get(row["need"], {})
            wanted = (offer.get("municipality"), need.get("municipality"), offer.get("material"))
            right = (row["from"], row["to"], row["material"]) == wanted
            right = right and abs(row["distance_km"] - found.length(row["from"], row["to"], "haul")) <= RELATIVE
            faults += [] if right else [{"table": "exchanges", "row": row["offer"]}]
    table = pd.DataFrame(faults, columns=["table", "row"])
    count = len(evidence.bought) + len(evidence.exchanged)
    return [verdict("places of levers", table, np.ones(len(table)), 0.0, ["table", "row"], of=count)]


def ways(evidence: Evidence) -> list[Check]:
    """Every distance is that of the case, and every way that is used has one."""
    if "distances" not in evidence.tables:
        return []
    told, found = evidence.tables["distances"], ways_of(evidence.case)
    flows = evidence.tables["flows"]
    plants = evidence.technology.index
    used = flows[flows["to"].isin(plants) & ~flows["from"].isin(plants)]
    pairs = used[["municipality", "to"]].drop_duplicates().rename(columns={"to": "facility"})
    pairs["distance_km"] = [
        found.length(town, plant, "collection") for town, plant in pairs.itertuples(index=False, name=None)
    ]
    both = pairs.merge(told, on=["municipality", "facility"], how="outer", suffixes=("", "_told"))
    error = (both["distance_km"] - both["distance_km_told"]).abs()
    # A way that is given as a cost alone has no length.
    error = error.mask(
        both["distance_km"].isna() & both["distance_km_told"].isna() & both["facility"].isin(plants), 0.0
    )
    return [
        verdict("distances", both, error, RELATIVE, ["municipality", "facility", "distance_km", "distance_km_told"])
    ]


def quality(evidence: Evidence) -> list[Check]:
    """The shares that rest on assumptions are those of the other tables."""
    if "data_quality" not in evidence.tables:
        return []
    flows, costs = evidence.table("flows"), evidence.table("costs")
    wanted = data_quality(evidence.case, flows, costs, evidence.variant)
    by = ["aspect", "status"]
    table = compared(wanted, evidence.table("data_quality"), by, "share")
    return [verdict("data quality", table, table["error"], RELATIVE, [*by, "expected", "found"])]
