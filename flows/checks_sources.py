"""Checks of meaning on the side of waste: sectors, amounts, schemes, capture and targets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from flows.case import Case
from flows.checks import Check, cell_problem, ids_in, row_number
from flows.problems import Nearest, Problem, key_text, number_text
from flows.tables import SCOPES

SUM_TOLERANCE = 1e-6
NARROWER = (
    ("collected", "collected_recycling_only"),
    ("collected_recycling_only", "calculation_point"),
    ("calculation_point", "secondary_material"),
)
"""Pairs of methods of which the second never counts more than the first."""


def sectors(case: Case) -> Iterator[Problem]:
    """Yield sectors of two kinds, and segments that their sector does not have."""
    frame = case["sectors"]
    for _, part in frame.groupby("sector", sort=False):
        if part["kind"].nunique() > 1:
            position = int(frame.index.get_loc(part.index[1]))
            yield cell_problem(
                frame, "sectors", position, "kind", "sector_kind", found=", ".join(sorted(set(part["kind"])))
            )
    segments = {sector: set(part["segment"]) for sector, part in frame.groupby("sector")}
    meant = {sector: Nearest(known) for sector, known in segments.items()}
    for table in ("generation", "schemes", "current_schemes", "measurements", "pinned"):
        rows = case[table]
        for position, (sector, segment) in enumerate(zip(rows["sector"], rows["segment"], strict=True)):
            known = segments.get(sector)
            if known is None or segment in known:
                continue
            if segment:
                texts = {"found": segment, "expected": sector, "suggestion": meant[sector](segment)}
                yield cell_problem(rows, table, position, "segment", "segment", **texts)
            elif table in {"generation", "schemes", "current_schemes"}:
                expected = ", ".join(sorted(known))
                yield cell_problem(rows, table, position, "segment", "segment_needed", found=sector, expected=expected)
    every = {segment for known in segments.values() for segment in known}
    of_every = Nearest(every)
    rows = case["dwellings"]
    for position, segment in enumerate(rows["segment"]):
        if segment not in every:
            texts = {"found": segment, "expected": "sectors", "suggestion": of_every(segment)}
            yield cell_problem(rows, "dwellings", position, "segment", "reference", **texts)


def amounts(case: Case) -> Iterator[Problem]:
    """Yield amounts that cannot be spread, and an account year without any."""
    rows = case["generation"]
    keys = case["allocation_keys"].groupby("key")["weight"].sum()
    compositions = set(case["compositions"]["composition"])
    columns = zip(rows["municipality"], rows["fraction"], rows["allocation_key"], rows["composition"], strict=True)
    for position, (municipality, fraction, key, composition) in enumerate(columns):
        if not fraction and not composition:
            yield cell_problem(rows, "generation", position, "fraction", "fraction_needed")
        if fraction and composition:
            yield cell_problem(rows, "generation", position, "composition", "fraction_and_composition")
        if not municipality and not key:
            yield cell_problem(rows, "generation", position, "municipality", "key_needed")
        if key in keys.index and not keys[key] > 0:
            yield cell_problem(rows, "generation", position, "allocation_key", "key_empty", found=key)
        if composition and composition not in compositions:
            yield cell_problem(rows, "generation", position, "composition", "composition_empty", found=composition)
    year = case.settings["account_year"]
    if year is not None and len(rows) and not (rows["year"] == year).any():
        yield Problem("account_year_empty", "generation", found=str(year), severity="warning")


def shares(case: Case) -> Iterator[Problem]:
    """Yield compositions, captures and yields that do not add up to one."""
    yield from _closed(case, "compositions", ["composition"], rest_allowed=False)
    yield from _closed(case, "capture", ["scheme", "fraction"])


def yield_shares(case: Case) -> Iterator[Problem]:
    """Yield sets of yields that do not add up to one."""
    yield from _closed(case, "yields", ["technology", "input", "fraction"])


def _closed(case: Case, table: str, by: list[str], rest_allowed: bool = True) -> Iterator[Problem]:
    frame = case[table].reset_index(drop=True)
    groups = [frame[name] for name in by]
    sums = frame["share"].groupby(groups).transform("sum")
    blank = frame["share"].isna().groupby(groups).transform("sum")
    odd = (blank > 0) | ((sums - 1).abs() > SUM_TOLERANCE / 2)
    for key, part in frame[odd].groupby(by, sort=False):
        position = int(part.index[0])
        blanks = int(part["share"].isna().sum())
        total = float(part["share"].sum())
        place = key_text(dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True)))
        if blanks > 1:
            yield cell_problem(frame, table, position, "share", "shares_rest", place=place, found=str(blanks))
        elif total > 1 + SUM_TOLERANCE or (total < 1 - SUM_TOLERANCE and not (blanks and rest_allowed)):
            yield cell_problem(frame, table, position, "share", "shares_sum", place=place, found=number_text(total))


def _sources(case: Case) -> pd.DataFrame:
    """Return the sources with waste, spread over municipalities where an amount is regional."""
    rows = case["generation"]
    rows = rows[rows["amount"] > 0][["municipality", "sector", "segment", "allocation_key"]]
    keys = case["allocation_keys"].query("weight > 0")[["key", "municipality"]]
    spread = rows[rows["allocation_key"] != ""].drop(columns="municipality")
    spread = spread.merge(keys, left_on="allocation_key", right_on="key")
    columns = ["municipality", "sector", "segment"]
    whole = pd.concat([rows.loc[rows["allocation_key"] == "", columns], spread[columns]])
    return whole.drop_duplicates().sort_values(columns, ignore_index=True)


def _source_text(row: tuple[str, ...]) -> str:
    return "/".join(part for part in row if part)


def schemes(case: Case) -> Iterator[Problem]:
    """Yield sources without a current scheme, schemes that belong to another sector, and what begins too late to count."""
    declared = case["schemes"].set_index("scheme")[["sector", "segment"]]
    rows = case["current_schemes"]
    year = case.settings["account_year"]
    late = np.zeros(len(rows), dtype=bool) if year is None else (rows["from"] > year).to_numpy()
    for place in np.flatnonzero(late):
        texts = {"found": f"{rows['from'].iloc[place]:.0f}", "expected": str(year), "severity": "warning"}
        yield cell_problem(rows, "current_schemes", int(place), "from", "scheme_later", **texts)
    for position, (scheme, sector, segment) in enumerate(
        zip(rows["scheme"], rows["sector"], rows["segment"], strict=True)
    ):
        if scheme in declared.index:
            own = tuple(declared.loc[scheme])
            if own != (sector, segment):
                texts = {"found": scheme, "expected": _source_text(own), "place": _source_text((sector, segment))}
                yield cell_problem(rows, "current_schemes", position, "scheme", "scheme_sector", **texts)
    sources = _sources(case)
    running = set(rows.loc[~late, ["municipality", "sector", "segment"]].itertuples(index=False, name=None))
    for source in sources.itertuples(index=False, name=None):
        if source not in running and ("", *source[1:]) not in running:
            yield Problem("scheme_none", "current_schemes", place=_source_text(source))
    frame = rows.reset_index(drop=True)
    for key, part in frame.groupby(["municipality", "sector", "segment", frame["from"].fillna(-1)], sort=False):
        total = float(part["share"].sum())
        if abs(total - 1) > SUM_TOLERANCE:
            texts = {"place": _source_text(key[:3]), "found": number_text(total)}
            yield cell_problem(frame, "current_schemes", int(part.index[0]), "share", "scheme_shares", **texts)
    known = set(case["municipalities"]["municipality"])
    meant = Nearest(known)
    listed = case["schemes"]
    for position, text in enumerate(listed["legal_for"]):
        for municipality in ids_in(text):
            if municipality not in known:
                texts = {"found": municipality, "expected": "municipalities", "suggestion": meant(municipality)}
                yield cell_problem(listed, "schemes", position, "legal_for", "reference", **texts)


def homes(case: Case) -> Iterator[Problem]:
    """Yield sources whose schemes cost per household where the number of dwellings is not given."""
    rows = case["schemes"]
    priced = rows[(rows["cost_per_household"] > 0) | (rows["change_cost"] > 0)]
    counted = set(case["dwellings"][["municipality", "segment"]].itertuples(index=False, name=None))
    kinds = set(priced[["sector", "segment"]].itertuples(index=False, name=None))
    for municipality, sector, segment in _sources(case).itertuples(index=False, name=None):
        if (sector, segment) in kinds and (municipality, segment) not in counted:
            yield Problem(
                "dwellings_none", "dwellings", place=_source_text((municipality, sector, segment)), severity="warning"
            )


def captures(case: Case) -> Iterator[Problem]:
    """Yield schemes that leave a fraction of their sources without a stream."""
    rows = case["generation"]
    rows = rows[rows["amount"] > 0]
    whole = rows[rows["composition"] != ""].drop(columns="fraction")
    mixed = whole.merge(case["compositions"].query("share > 0")[["composition", "fraction"]], on="composition")
    columns = ["sector", "segment", "fraction"]
    wasted = pd.concat([rows.loc[rows["composition"] == "", columns], mixed[columns]]).drop_duplicates()
    needed = case["schemes"].reset_index(drop=True)
    needed = needed.assign(position=needed.index)[["scheme", "sector", "segment", "position"]].merge(
        wasted, on=["sector", "segment"]
    )
    given = set(case["capture"][["scheme", "fraction"]].itertuples(index=False, name=None))
    frame = case["schemes"]
    for scheme, fraction, position in zip(needed["scheme"], needed["fraction"], needed["position"], strict=True):
        if (scheme, fraction) not in given:
            yield cell_problem(frame, "schemes", int(position), "scheme", "capture_none", place=scheme, found=fraction)


def targets(case: Case) -> Iterator[Problem]:
    """Yield targets of unknown scope, falling ones, and pairs that contradict each other."""
    rows = case["targets"].reset_index(drop=True)
    known = (*SCOPES, *dict.fromkeys(case["sectors"]["sector"]))
    meant = Nearest(known)
    for position, scope in enumerate(rows["scope"]):
        if scope not in known:
            texts = {"found": scope, "expected": ", ".join(SCOPES), "suggestion": meant(scope)}
            yield cell_problem(rows, "targets", position, "scope", "scope", **texts)
    if case.settings["scope"] not in known:
        suggestion = meant(str(case.settings["scope"]))
        yield Problem(
            "scope",
            "settings",
            column="scope",
            found=str(case.settings["scope"]),
            expected=", ".join(SCOPES),
            suggestion=suggestion,
        )
    binding = rows[rows["binding"]]
    for _, part in binding.groupby(["municipality", "scope", "method"], sort=False):
        part = part.sort_values("year")
        falls = np.flatnonzero(np.diff(part["rate"].to_numpy()) < -1e-12) + 1
        for step in falls:
            texts = {
                "found": number_text(part["rate"].iloc[step]),
                "expected": number_text(part["rate"].iloc[step - 1]),
            }
            yield cell_problem(
                rows, "targets", int(part.index[step]), "rate", "target_falls", severity="warning", **texts
            )
    rates = {(row.municipality, row.scope, row.method, row.year): (row.rate, row.Index) for row in binding.itertuples()}
    for (municipality, scope, method, year), (rate, _) in rates.items():
        for wide, narrow in NARROWER:
            other = rates.get((municipality, scope, narrow, year)) if method == wide else None
            if other is not None and other[0] > rate + 1e-12:
                texts = {"found": narrow, "place": number_text(other[0]), "expected": number_text(rate)}
                yield cell_problem(rows, "targets", int(other[1]), "rate", "target_order", severity="warning", **texts)


def no_waste(case: Case) -> Iterator[Problem]:
    """Yield that a whole case has no waste at all in the accounted year, or in the years of the plan."""
    from flows.amounts import generation

    year = case.account_year
    for years, text in (([year], str(year)), (case.plan_years, str(case.settings["plan_years"]))):
        if not (generation(case, years)["amount"] > 0).any():
            yield Problem("amounts_none", "generation", column="amount", found=text)
            return


def measurements(case: Case) -> Iterator[Problem]:
    """Yield measured rates that are none."""
    rows = case["measurements"]
    wrong = (rows["measure"] == "rate") & ((rows["value"] > 1) | (rows["value"] < 0))
    for position in np.flatnonzero(wrong.to_numpy()):
        found = number_text(rows["value"].iloc[position])
        yield Problem("calibration_impossible", "measurements", row_number(rows, int(position)), "value", found=found)


LISTS = ("municipalities", "sectors", "fractions", "streams")
SOURCE_CHECKS: tuple[tuple[tuple[str, ...], Check], ...] = (
    (("sectors",), sectors),
    (("sectors", "generation", "allocation_keys", "compositions"), amounts),
    (("compositions", "capture"), shares),
    (("yields",), yield_shares),
    ((*LISTS, "generation", "allocation_keys", "schemes", "current_schemes"), schemes),
    ((*LISTS, "generation", "allocation_keys", "schemes", "dwellings"), homes),
    ((*LISTS, "generation", "compositions", "schemes", "capture"), captures),
    (("targets", "sectors"), targets),
    (("measurements",), measurements),
)
"""Each check with the tables that it reads."""
