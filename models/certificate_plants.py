"""The certificate's checks of facilities and markets: what stands, capacity, least load, windows, contracts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from models.evidence import RELATIVE, Check, Evidence, holds_in, once, verdict

EXISTING = "existing"


@once
def step_table(evidence: Evidence) -> pd.DataFrame:
    """Return every step that can stand: facility, size, capacity, capex, fixed_cost, minimum_load, lifetime.

    What stands today is the step ``existing``, with unlimited capacity (inf) where it is blank. Steps of a
    facility of its own replace those of its technology.
    """
    facilities, sizes = evidence.case["facilities"], evidence.case["sizes"]
    standing = facilities[facilities["state"] == "existing"]
    rows = [
        standing[["facility", "capacity", "fixed_cost", "minimum_load"]].assign(
            size=EXISTING, capex=0.0, capacity=standing["capacity"].fillna(np.inf)
        )
    ]
    columns = ["facility", "size", "capacity", "capex", "fixed_cost", "minimum_load"]
    own = sizes[sizes["facility"] != ""]
    rows.append(own[columns])
    general = facilities[(facilities["state"] == "candidate") & ~facilities["facility"].isin(own["facility"])]
    shared = sizes[sizes["facility"] == ""].drop(columns="facility")
    rows.append(general[["facility", "technology"]].merge(shared, on="technology")[columns])
    table = pd.concat(rows, ignore_index=True)
    lifetimes = evidence.case["technologies"].set_index("technology")["lifetime"]
    return table.assign(lifetime=table["facility"].map(evidence.technology).map(lifetimes))


@once
def standing_steps(evidence: Evidence) -> pd.DataFrame:
    """Return the steps in operation as the run says: facility, year, size, opened (first year of the run of years)."""
    rows = evidence.table("facilities")
    rows = rows[rows["open"].astype(bool)]
    parts = [
        (facility, int(year), size)
        for facility, year, sizes in rows[["facility", "year", "size"]].itertuples(index=False)
        for size in str(sizes).split("+")
        if size and size != "nan"
    ]
    table = pd.DataFrame(parts, columns=["facility", "year", "size"])
    table = table.sort_values(["facility", "size", "year"], ignore_index=True)
    return table.assign(opened=_opened(evidence, table))


def _opened(evidence: Evidence, table: pd.DataFrame) -> list[int]:
    """Return the year in which each step of ``table`` was last opened.

    A step opens in the first of consecutive years. One that would not last the period is built again at its start.
    """
    lifetimes = step_table(evidence).drop_duplicates(["facility", "size"]).set_index(["facility", "size"])["lifetime"]
    years, starts = evidence.years, evidence.case.period_starts
    # Periods are those of the plan, also where the variant is one year inside it.
    planned = evidence.case.plan_years
    last = [max(year for year in planned if year < later) for later in starts[1:]] + planned[-1:]
    ends = dict(zip(starts, last, strict=True))
    opened: list[int] = []
    before: tuple[str, str, int] | None = None
    for facility, size, year in table[["facility", "size", "year"]].itertuples(index=False):
        follows = (
            before is not None and before[:2] == (facility, size) and years.index(year) == years.index(before[2]) + 1
        )
        worn = follows and year in ends and ends[year] >= opened[-1] + float(lifetimes.get((facility, size), np.inf))
        opened.append(opened[-1] if follows and not (worn and size != EXISTING) else year)
        before = (facility, size, year)
    return opened


@once
def _grid(evidence: Evidence) -> pd.DataFrame:
    """Return facility and year, every pair, with throughput and what the run's steps add up to."""
    pairs = evidence.case["facilities"].merge(pd.DataFrame({"year": evidence.years}), how="cross")
    mass = evidence.entering.groupby(["facility", "year"], as_index=False)["mass_t"].sum()
    pairs = pairs.merge(mass.rename(columns={"mass_t": "throughput"}), on=["facility", "year"], how="left")
    steps = standing_steps(evidence).merge(step_table(evidence), on=["facility", "size"], how="left")
    stood = steps.groupby(["facility", "year"], as_index=False)[["capacity", "minimum_load", "fixed_cost"]].sum(
        min_count=1
    )
    stood = stood.rename(columns={name: f"{name}_steps" for name in ("capacity", "minimum_load", "fixed_cost")})
    pairs = pairs.merge(stood, on=["facility", "year"], how="left")
    pairs["open"] = pairs["capacity_steps"].notna()
    filled = dict.fromkeys(("throughput", "capacity_steps", "minimum_load_steps", "fixed_cost_steps"), 0.0)
    return pairs.fillna(filled)


def capacity(evidence: Evidence) -> list[Check]:
    """Throughput fits into what stands less what others have reserved."""
    table = _grid(evidence)
    room = np.where(table["open"], np.maximum(table["capacity_steps"] - table["reserved"], 0.0), 0.0)
    excess = np.maximum(table["throughput"] - room, 0.0)
    error = np.where(np.isinf(room), 0.0, excess / np.maximum(np.where(np.isinf(room), 1.0, room), 1000.0))
    says = ["facility", "year", "throughput", "room"]
    return [verdict("capacity", table.assign(room=room), error, RELATIVE, says)]


def plant_table(evidence: Evidence) -> list[Check]:
    """The run's table of facilities says what stands and what enters."""
    table = _grid(evidence)
    told = evidence.table("facilities")[["facility", "year", "open", "capacity_t", "reserved_t", "throughput_t"]]
    both = table.merge(told, on=["facility", "year"], how="left", suffixes=("", "_told"))
    unlimited = np.isinf(both["capacity_steps"])
    sure = both["open"].to_numpy()
    wrong = np.abs(both["throughput_t"] - both["throughput"]) / np.maximum(both["throughput"], 1.0)
    differs = np.abs(both["capacity_t"].astype(float) - both["capacity_steps"].where(~unlimited, np.nan))
    limited = np.where(unlimited, both["capacity_t"].notna(), differs.fillna(np.inf))
    wrong = np.maximum(wrong, np.where(sure, limited, 0.0))
    wrong = np.where(both["open_told"].eq(True) != both["open"], 1.0, wrong)
    return [
        verdict(
            "facility table", both, wrong, RELATIVE, ["facility", "year", "throughput", "throughput_t", "capacity_t"]
        ),
    ]


def least_load(evidence: Evidence) -> list[Check]:
    """An open facility has its least load, with imports that fill it, from the first year of change on."""
    table = _grid(evidence)
    table = table[table["open"] & (table["year"] >= evidence.case.first_change_year)]
    load = table["throughput"] + table["filler"] + table["reserved"]
    lack = np.maximum(table["minimum_load_steps"] - load, 0.0) / np.maximum(table["minimum_load_steps"], 1000.0)
    return [verdict("minimum load", table, lack, RELATIVE, ["facility", "year", "throughput", "minimum_load_steps"])]


def _faults(evidence: Evidence) -> Iterator[dict[str, object]]:
    """Yield what a facility may not do: step, year and why."""
    case, years = evidence.case, evidence.years
    known = step_table(evidence).set_index(["facility", "size"])
    build_time = case["technologies"].set_index("technology")["build_time"]
    facilities = case["facilities"].set_index("facility")
    earliest = case.first_change_year
    starts = set(case.period_starts)
    found_steps = standing_steps(evidence)
    run = found_steps.groupby(["facility", "size"])["year"].agg(list).to_dict()
    openings = found_steps.groupby(["facility", "size"])["opened"].agg(list).to_dict()
    for (facility, size), found in run.items():
        if (facility, size) not in known.index:
            yield {"facility": facility, "size": size, "year": found[0], "why": "no such step"}
            continue
        row, lifetime = facilities.loc[facility], known.loc[(facility, size), "lifetime"]
        for year in found:
            if year < row["opens"] or year > row["closes"]:
                yield {"facility": facility, "size": size, "year": year, "why": "outside its window"}
        if evidence.standing and size != EXISTING:
            yield {"facility": facility, "size": size, "year": found[0], "why": "built without a plan"}
        if size == EXISTING:
            for year in [year for year in years if found[0] < year < max(found) and year not in found]:
                yield {"facility": facility, "size": size, "year": year, "why": "closed and opened again"}
            continue
        ready = max(earliest, years[0] + float(build_time[row["technology"]]))
        for year, opened in zip(found, openings[facility, size], strict=True):
            if opened < ready:
                yield {"facility": facility, "size": size, "year": year, "why": f"cannot be ready before {ready:.0f}"}
            if opened not in starts:
                yield {"facility": facility, "size": size, "year": year, "why": "opens inside a period"}
            if year >= opened + lifetime:
                yield {"facility": facility, "size": size, "year": year, "why": "beyond its lifetime"}
    standing = facilities[facilities["state"] == "existing"]
    shut = _pinned_shut(evidence)
    for facility, row in standing.iterrows():
        found = run.get((str(facility), EXISTING), [])
        held = shut.get(str(facility), set())
        may = [year for year in years if not (year < row["opens"] or year > row["closes"])]
        for year in [year for year in may if year not in found]:
            if not (row["closable"] or year in held) or evidence.standing:
                yield {"facility": facility, "size": EXISTING, "year": year, "why": "closed, and not closable"}
            elif year < earliest:
                yield {"facility": facility, "size": EXISTING, "year": year, "why": "closed before anything can change"}
        after = [year for year in may if found and year > max(found)]
        if after and after[0] >= earliest and (row["closable"] or held) and after[0] not in starts:
            yield {"facility": facility, "size": EXISTING, "year": after[0], "why": "closes inside a period"}


def _pinned_shut(evidence: Evidence) -> dict[str, set[int]]:
    """Return the years, by facility, of the periods in which a pin keeps it shut."""
    case = evidence.case
    pins = case["pinned"]
    pins = pins[(pins["facility"] != "") & ~pins["run"].astype(bool)]
    starts = [start for start in case.period_starts if start >= case.first_change_year]
    found: dict[str, set[int]] = {}
    for start, after in zip(starts, [*starts[1:], case.plan_years[-1] + 1], strict=True):
        years = [year for year in case.plan_years if start <= year < after]
        for year in years:
            for facility in pins.loc[holds_in(pins, year), "facility"]:
                found.setdefault(str(facility), set()).update(years)
    return found


def windows(evidence: Evidence) -> list[Check]:
    """Steps open after their build time, in their window, at the start of a period, and last their lifetime.

    What stands does not open again once it has closed; a new step may be built again. A decision can be
    taken in the first plan year at the earliest, so a step opens no earlier than its build time after it.
    """
    table = pd.DataFrame(list(_faults(evidence)), columns=["facility", "size", "year", "why"])
    says = ["facility", "size", "year", "why"]
    return [verdict("opening and closing", table, np.ones(len(table)), 0.0, says, of=len(standing_steps(evidence)))]


def markets(evidence: Evidence) -> list[Check]:
    """Markets take no more than they can, in the years in which they exist."""
    rows = evidence.later_legs.rename(columns={"to": "market"})
    mass = rows.groupby(["market", "year"], as_index=False)["mass_t"].sum()
    table = mass.merge(evidence.case["markets"][["market", "capacity", "from", "until"]], on="market")
    alive = np.zeros(len(table), dtype=bool)
    for year in table["year"].unique():
        alive |= (table["year"] == year).to_numpy() & holds_in(table, int(year))
    more = evidence.bought.groupby(["market", "year"])["mass_t"].sum()
    widened = more.reindex(pd.MultiIndex.from_frame(table[["market", "year"]])).fillna(0.0).to_numpy(dtype=float)
    limit = np.where(alive, table["capacity"].fillna(np.inf) + widened, 0.0)
    excess = np.maximum(table["mass_t"] - limit, 0.0) / np.maximum(np.where(np.isinf(limit), 1.0, limit), 1000.0)
    return [verdict("market capacity", table, excess, RELATIVE, ["market", "year", "mass_t", "capacity"])]


def _bound(evidence: Evidence, year: int, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return contract shares that hold for each (municipality, sector, stream); the most specific rows win."""
    rows = evidence.case["contracts"]
    rows = rows[holds_in(rows, year)]
    facilities = evidence.case["facilities"].set_index("facility")
    runs = facilities[holds_in(facilities, year, "opens", "closes")].index
    accepted = pd.MultiIndex.from_frame(evidence.case["accepts"][["technology", "input"]])
    takes = pd.MultiIndex.from_arrays([rows["facility"].map(evidence.technology), rows["stream"]]).isin(accepted)
    # A contract with a plant that does not run binds nobody.
    rows = rows[rows["facility"].isin(runs) & takes]
    table = pairs.merge(rows, on="stream", suffixes=("", "_row"))
    fits = table["municipality_row"].isin([""]) | (table["municipality_row"] == table["municipality"])
    fits &= table["sector_row"].isin([""]) | (table["sector_row"] == table["sector"])
    table = table[fits]
    rank = (table["municipality_row"] != "") * 2 + (table["sector_row"] != "") * 1
    table = table[rank == rank.groupby([table[name] for name in ("municipality", "sector", "stream")]).transform("max")]
    return table.groupby(["municipality", "sector", "stream", "facility"], as_index=False)["share"].sum()


def contracts(evidence: Evidence) -> list[Check]:
    """A stream that is bound goes to its facility with at least the share that is bound.

    A contract that names no sector binds the municipality's whole stream; where contracts of a stream tell
    sectors apart, each sector's part is bound.
    """
    keys = ["municipality", "sector", "stream"]
    rows = evidence.case["contracts"]
    apart = set(rows.loc[rows["sector"] != "", "stream"])
    parts = []
    for year in evidence.years:
        first = evidence.first_legs[evidence.first_legs["year"] == year]
        whole = first.groupby(keys, as_index=False)["mass_t"].sum()
        sent = first.rename(columns={"to": "facility"}).groupby([*keys, "facility"], as_index=False)["mass_t"].sum()
        bound = _bound(evidence, year, whole[keys]).merge(whole, on=keys)
        bound = bound.merge(sent, on=[*keys, "facility"], how="left", suffixes=("", "_sent")).fillna(
            {"mass_t_sent": 0.0}
        )
        parts.append(bound.assign(year=year))
    table = pd.concat(parts, ignore_index=True)
    table["sector"] = table["sector"].where(table["stream"].isin(apart), "")
    table["mass_t_bound"] = table["share"].clip(upper=1.0) * table["mass_t"]
    by = ["year", *keys, "facility"]
    table = table.groupby(by, as_index=False)[["mass_t", "mass_t_bound", "mass_t_sent"]].sum()
    lack = np.maximum(table["mass_t_bound"] - table["mass_t_sent"], 0.0)
    error = lack / np.maximum(table["mass_t"], 1.0)
    return [verdict("contracts", table, error, RELATIVE, [*by, "mass_t_bound", "mass_t_sent"])]
