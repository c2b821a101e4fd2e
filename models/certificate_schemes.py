"""The certificate's checks of schemes: exclusive, lawful, in time, lasting, ramping up; pinned decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.amounts import SOURCE
from models.evidence import RELATIVE, Check, Evidence, Floats, holds_in, once, verdict

CHOSEN = 1e-6
"""Below this a share is not chosen."""


@dataclass(frozen=True)
class Choices:
    """Shares of schemes as arrays over (row, year); a row is a source and a scheme.

    ``rows``: SOURCE, scheme and the scheme's declaration. ``begun``: share that begins in a year.
    """

    rows: pd.DataFrame
    years: list[int]
    share: Floats
    chosen: Floats
    changed: Floats
    begun: Floats
    today: Floats


@once
def choices(evidence: Evidence) -> Choices:
    """Return the choices of a run; ``today`` is what would run in each year without a plan."""
    case, years = evidence.case, evidence.years
    table = evidence.table("schemes")
    running = evidence.running
    columns = [*SOURCE, "scheme"]
    rows = pd.concat([table[columns], running[columns]]).drop_duplicates().sort_values(columns, ignore_index=True)
    index = pd.MultiIndex.from_frame(rows)

    def grid(part: pd.DataFrame, value: str) -> Floats:
        at = index.get_indexer(pd.MultiIndex.from_frame(part[columns]))
        when = pd.Index(years).get_indexer(part["year"])
        cells = np.zeros((len(rows), len(years)))
        np.add.at(cells, (at[when >= 0], when[when >= 0]), part[value].to_numpy(dtype=float)[when >= 0])
        return cells

    chosen, today = grid(table, "chosen"), grid(running, "share")
    begun = np.zeros_like(chosen)
    for position, year in enumerate(years):
        if year >= case.first_change_year and not evidence.standing:
            before = chosen[:, position - 1] if position else today[:, 0]
            begun[:, position] = np.maximum(chosen[:, position] - before, 0.0)
    declared = case["schemes"].rename(columns={"sector": "scheme_sector", "segment": "scheme_segment"})
    rows = rows.merge(declared, on="scheme", how="left")
    return Choices(rows, years, grid(table, "share"), chosen, grid(table, "changed"), begun, today)


def _cells(name: str, found: Choices, error: Floats, tolerance: float = RELATIVE) -> Check:
    row, year = (axis.ravel() for axis in np.indices(error.shape))
    says = [*SOURCE, "scheme"]
    table = found.rows[says].iloc[row].assign(year=np.asarray(found.years)[year])
    return verdict(name, table, error.ravel(), tolerance, [*says, "year"])


def exclusive(evidence: Evidence, found: Choices) -> list[Check]:
    """Shares add up to one per source and year; a source that cannot mix schemes runs one."""
    group = found.rows.groupby(SOURCE, sort=False).ngroup().to_numpy()
    errors = []
    for values in (found.share, found.chosen):
        sums = np.zeros((group.max(initial=-1) + 1, len(found.years)))
        np.add.at(sums, group, values)
        errors.append(np.abs(sums[group] - 1.0) + np.maximum(-values, 0.0))
    checks = [_cells("scheme shares", found, np.maximum(*errors))]
    divisible = (
        evidence.case["sectors"].drop_duplicates(["sector", "segment"]).set_index(["sector", "segment"])["divisible"]
    )
    keys = pd.MultiIndex.from_frame(found.rows[["sector", "segment"]])
    whole = ~divisible.reindex(keys).fillna(True).to_numpy(dtype=bool)
    # Today's mix of schemes is a fact; a decision is one scheme.
    decided = np.asarray(found.years) >= evidence.case.first_change_year
    apart = np.minimum(np.abs(found.chosen), np.abs(1.0 - found.chosen)) * whole[:, None] * decided
    return [*checks, _cells("scheme is one decision", found, apart)]


def lawful(evidence: Evidence, found: Choices) -> list[Check]:
    """What is chosen is lawful there, meant for the source and has begun; nothing changes before it can."""
    rows, case = found.rows, evidence.case
    years = np.asarray(found.years)
    decided = years >= case.first_change_year
    named = rows["legal_for"].fillna("").str.replace(";", ",")
    where = [
        not text or place in {part.strip() for part in text.split(",")}
        for text, place in zip(named, rows["municipality"], strict=True)
    ]
    legal = rows["legal"].eq(True).to_numpy() & np.array(where, dtype=bool)
    chosen = np.where(found.chosen > CHOSEN, found.chosen, 0.0)
    mine = (rows["scheme_sector"] == rows["sector"]) & (rows["scheme_segment"] == rows["segment"])
    early = np.array([years < first for first in rows["first_year"]]).reshape(chosen.shape)
    running = found.today > CHOSEN
    fixed = np.abs(found.chosen - found.today) * ~decided
    inside = found.begun * ~np.isin(years, case.period_starts)
    told = np.abs(found.changed - (found.begun > CHOSEN))
    return [
        _cells("schemes are lawful", found, chosen * ~legal[:, None] * decided),
        _cells("schemes fit their source", found, chosen * ~mine.to_numpy(dtype=bool)[:, None]),
        _cells("first year of schemes", found, chosen * early * ~running),
        _cells("nothing changes before it can", found, fixed),
        _cells("schemes change with periods", found, inside),
        _cells("changes are told", found, told),
    ]


def lasting(evidence: Evidence, found: Choices) -> list[Check]:
    """A share of a scheme that begins runs for the scheme's minimum of years (or to the end of the plan)."""
    least = found.rows["min_years"].fillna(0.0).to_numpy()
    lack = np.zeros_like(found.chosen)
    for position, year in enumerate(found.years):
        owed = np.zeros(len(found.rows))
        for earlier, start in enumerate(found.years[: position + 1]):
            owed += np.where(year < start + least, found.begun[:, earlier], 0.0)
        lack[:, position] = np.maximum(owed - found.chosen[:, position], 0.0) * (owed > CHOSEN)
    return [_cells("minimum years", found, lack)]


def ramping(evidence: Evidence, found: Choices) -> list[Check]:
    """In its s-th year after the change a scheme has effect (s + 1) / (ramp_years + 1).

    The rest of the source runs on what ran in the accounted year.
    """
    ramp = found.rows["ramp_years"].fillna(0.0).to_numpy()
    short = np.zeros_like(found.chosen)
    for position, year in enumerate(found.years):
        for earlier, start in enumerate(found.years[: position + 1]):
            missing = 1.0 - (year - start + 1) / (ramp + 1.0)
            short[:, position] += np.where(year - start < ramp, found.begun[:, earlier] * missing, 0.0)
    short = np.minimum(short, found.chosen)
    group = found.rows.groupby(SOURCE, sort=False).ngroup().to_numpy()
    rest = np.zeros((group.max(initial=-1) + 1, len(found.years)))
    np.add.at(rest, group, short)
    return [_cells("ramp", found, np.abs(found.share - (found.chosen - short) - rest[group] * found.today))]


def pinned(evidence: Evidence, found: Choices) -> list[Check]:
    """What the user has pinned runs, or does not, from the first year of change on."""
    case = evidence.case
    plants = evidence.table("facilities")
    opened = set(plants.loc[plants["open"].astype(bool), ["facility", "year"]].itertuples(index=False, name=None))
    parts: list[dict[str, object]] = []
    for position, year in enumerate(found.years):
        if year < case.first_change_year:
            continue
        rows = case["pinned"][holds_in(case["pinned"], year)]
        for pin in rows.itertuples(index=False):
            if pin.facility:
                runs = float((pin.facility, year) in opened)
                parts.append({"what": pin.facility, "year": year, "run": pin.run, "error": abs(runs - float(pin.run))})
                continue
            at = (found.rows["scheme"] == pin.scheme).to_numpy(copy=True)
            for name in SOURCE:
                wanted = getattr(pin, name)
                at &= ((found.rows[name] == wanted) | (wanted == "")).to_numpy()
            chosen = found.chosen[at, position]
            error = np.where(chosen > CHOSEN, chosen, 0.0) if not pin.run else 1.0 - chosen
            worst = float(np.max(error, initial=0.0 if at.any() or not pin.run else 1.0))
            parts.append({"what": f"{pin.scheme} {pin.municipality}", "year": year, "run": pin.run, "error": worst})
    table = pd.DataFrame(parts, columns=["what", "year", "run", "error"])
    return [verdict("pinned decisions", table, table["error"].astype(float), RELATIVE, ["what", "year", "run"])]


def schemes(evidence: Evidence) -> list[Check]:
    """Every check of schemes."""
    found = choices(evidence)
    checks: list[Check] = []
    for family in (exclusive, lawful, lasting, ramping, pinned):
        checks.extend(family(evidence, found))
    return checks


def unchanged(evidence: Evidence) -> list[Check]:
    """Without a plan everything runs as today, and nothing changes."""
    found = choices(evidence)
    error = np.maximum(np.abs(found.share - found.today), np.abs(found.chosen - found.today))
    return [_cells("nothing changes without a plan", found, np.maximum(error, found.changed))]
