"""Reconciling a case: reported rates and amounts made consistent with assumed capture and composition.

The reported figures of the sheet ``measurements`` and the assumptions of ``generation``, ``compositions``
and ``capture`` are all taken for measurements with their uncertainty; the least weighted squares of all
adjustments under which every figure follows from the assumptions is the reconciled account. Most of what
is wrong falls to the shift of capture of each municipality (the calibration); what every municipality
shares moves little. The account, the reference and the plan rest on the reconciled case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtri

from flows.amounts import KEY, SOURCE
from flows.capture import capture, moved, shifted
from flows.case import Case
from flows.case_observations import Observations, base_year, observations
from flows.case_unknowns import GROUP, LEAST_STD, Unknowns
from flows.least_squares import Estimates, Fit, fit
from flows.reconcile_columns import CALIBRATION_COLUMNS, MOVED_COLUMNS, SUSPECT_COLUMNS
from flows.remember import of_case

Floats = NDArray[np.float64]
SIGNIFICANCE = 0.05
MOST_SUSPECTS = 5


@dataclass(frozen=True, repr=False)
class CaseReconciliation:
    """A case whose assumptions agree with its reported figures, and what that took.

    ``case``: the case with moved amounts, compositions and capture. ``calibration``: the shift of capture
    of every source that a reported rate covers (CALIBRATION_COLUMNS). ``moved``: every figure that took
    part (MOVED_COLUMNS): what was given with its standard deviation, what the assumptions alone gave
    (``before``), what it is now, and by how many standard deviations it moved (``z``, of the adjustment).
    ``suspects``: reported figures that the others contradict (SUSPECT_COLUMNS), the worst first, each with
    what the rest implies and the global test without it and those before it. ``fitted``: the figures and the
    fit behind them, for what draws from it; None where nothing was fitted.
    """

    case: Case
    calibration: pd.DataFrame
    moved: pd.DataFrame
    suspects: pd.DataFrame
    chi2: float
    dof: int
    p_value: float
    fitted: tuple[Observations, Fit] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        figures = int(self.moved["kind"].isin(["rate", "amount"]).sum())
        return (
            f"<CaseReconciliation: {figures} reported figures, {len(self.suspects)} suspect; chi2 {self.chi2:.4g} with "
            f"{self.dof} degrees of freedom, p {self.p_value:.3g}>"
        )

    def _repr_html_(self) -> str:
        """Show the reported figures beside what the assumptions give, for a notebook."""
        figures = self.moved[self.moved["kind"].isin(["rate", "amount"])]
        columns = ["kind", *SOURCE, "stream", "fraction", "given", "std", "before", "reconciled", "z", "suspect"]
        head = f"<p>{len(figures)} reported figures; chi2 {self.chi2:.4g}, p {self.p_value:.3g}</p>"
        return head + str(figures[columns].to_html(index=False, max_rows=40))


def reconcile_case(case: Case, year: int | None = None) -> CaseReconciliation:
    """Return the case reconciled with the reported figures of ``year`` (default: the account year).

    Nothing moves where the setting ``calibration`` is off or no figure of the year is used.
    """
    found = _reconciled(case, case.account_year if year is None else year)
    return replace(found, case=case if found.fitted is None else found.case.with_wishes_of(case))


@of_case
def _reconciled(case: Case, year: int) -> CaseReconciliation:
    """Return the reconciliation of a case, whatever is wanted of it."""
    fitted = _fitted(case, year)
    if fitted is None:
        nothing = [pd.DataFrame(columns=columns) for columns in (CALIBRATION_COLUMNS, MOVED_COLUMNS, SUSPECT_COLUMNS)]
        return CaseReconciliation(case, nothing[0], nothing[1], nothing[2], 0.0, 0, float("nan"))
    seen, found = fitted
    x = found.value[: seen.unknowns.count]
    before, _ = seen.values(np.zeros_like(x))
    after, _ = seen.values(x)
    suspects = _suspects(seen, found)
    return CaseReconciliation(
        _moved_case(case, seen, x, base_year(case, year)),
        _calibration(seen, x, before, after, year),
        _moved(seen, found, before, after, suspects),
        suspects[SUSPECT_COLUMNS],
        found.chi2,
        found.dof,
        found.p_value,
        fitted,
    )


def _fitted(case: Case, year: int) -> tuple[Observations, Fit] | None:
    """Return the reported figures of a year and the fit to them (unknowns, then figures); None without any."""
    seen = observations(case, year)
    return None if seen is None else (seen, fit(*_start(seen), deviations="all"))


class _Follows:
    """The equations of the fit: every figure follows from the unknowns; figures are in units of their scale."""

    linear = False

    def __init__(self, seen: Observations, scale: Floats) -> None:
        self.seen, self.scale = seen, scale

    def residual(self, x: Floats) -> Floats:
        """Return what each figure lacks to what the unknowns give."""
        count = self.seen.unknowns.count
        return np.asarray(self.seen.values(x[:count])[0] / self.scale - x[count:])

    def jacobian(self, x: Floats) -> sparse.csr_matrix:
        """Return the derivatives by unknowns and figures."""
        _, slope = self.seen.values(x[: self.seen.unknowns.count])
        return sparse.hstack([sparse.csr_matrix(slope / self.scale[:, None]), -sparse.identity(len(slope))]).tocsr()


def _scale(seen: Observations) -> Floats:
    """Return what each figure is divided by in the fit: amounts by themselves, so that all are near one."""
    given = seen.figures["value"].to_numpy(dtype=float)
    return np.where((seen.figures["measure"] == "rate").to_numpy() | (given <= 0), 1.0, given)


def _start(seen: Observations, without: Sequence[int] = ()) -> tuple[Estimates, _Follows]:
    """Return what is known of unknowns and figures, and the equations between them.

    Figures that are only compared, and those ``without``, are not measured.
    """
    figures, table, scale = seen.figures, seen.unknowns.table, _scale(seen)
    given = figures["value"].to_numpy(dtype=float)
    used = figures["calibrate"].to_numpy(dtype=bool).copy()
    used[list(without)] = False
    start, _ = seen.values(np.zeros(len(table)))
    # An exact figure is met as nearly as bounds allow instead of contradicting them.
    std = np.maximum(figures["std"].to_numpy(dtype=float) / scale, LEAST_STD)
    estimates = Estimates(
        value=np.concatenate([np.zeros(len(table)), np.where(used, given / scale, np.nan)]),
        std=np.concatenate([table["std"].to_numpy(dtype=float), np.where(used, std, np.nan)]),
        start=np.concatenate([np.zeros(len(table)), start / scale]),
        lower=np.concatenate([table["lower"].to_numpy(dtype=float), np.full(len(figures), -np.inf)]),
        upper=np.concatenate([table["upper"].to_numpy(dtype=float), np.full(len(figures), np.inf)]),
    )
    return estimates, _Follows(seen, scale)


def _calibration(seen: Observations, x: Floats, before: Floats, after: Floats, year: int) -> pd.DataFrame:
    """Return the shift of every source that has one, with the figure that it was fitted to.

    A row with a fraction is what is added for that fraction alone.
    """
    which, figures = seen.unknowns, seen.figures
    at = which.starts
    sources = seen.rows[SOURCE].assign(cover=which.covers)
    sources = sources[sources["cover"] >= 0].drop_duplicates(SOURCE)
    rate = (figures["measure"] == "rate").to_numpy()
    of = np.asarray(which.cover_of, dtype=int)[sources["cover"]]
    columns = {
        "reported_rate": figures["value"].to_numpy(dtype=float),
        "modelled_before": before,
        "modelled_after": after,
    }
    whole = sources.assign(
        fraction="",
        year=year,
        shift=x[at["shift"]][sources["cover"]],
        **{name: np.where(rate, values, np.nan)[of] for name, values in columns.items()},
    )
    local = which.table.iloc[at["local_capture"]][["cover", "fraction"]].assign(shift=x[at["local_capture"]])
    parts = sources.merge(local, on="cover").assign(year=year)
    both = pd.concat([whole, parts], ignore_index=True)[CALIBRATION_COLUMNS]
    return both.sort_values([*SOURCE, "fraction"], ignore_index=True)


def _moved_case(case: Case, seen: Observations, x: Floats, base: int) -> Case:
    """Return the case with amounts, compositions and capture moved; ranges move with what they belong to."""
    which = seen.unknowns
    at, table = which.starts, which.table
    given = case["generation"]
    keys = [*KEY, "composition", "allocation_key"]
    amounts = table.iloc[at["generation"]]
    factor = given.iloc[amounts["row"].astype(int)][keys].assign(factor=np.exp(x[at["generation"]]))
    # What the user gives for later years carries the same correction, so that the figures do not jump.
    factors = given[keys].merge(factor.drop_duplicates(keys), on=keys, how="left")["factor"].fillna(1.0).to_numpy()
    factors = np.where(given["year"] >= base, factors, 1.0)
    moved_rows = given.assign(**{name: given[name] * factors for name in ("amount", "low", "high")})
    entries = which.entries.assign(now=which.entry_shares(x))
    case = case.with_table("generation", _split_rows(moved_rows, given, entries[entries["mix"] >= 0], base))
    return _moved_capture(
        case.with_table("compositions", _moved_compositions(case["compositions"], which, x)),
        table.iloc[at["capture"]].assign(shift=x[at["capture"]]),
    )


def _split_rows(rows: pd.DataFrame, given: pd.DataFrame, entries: pd.DataFrame, base: int) -> pd.DataFrame:
    """Return rows of ``generation`` in which those with a mix of their own are split into its fractions."""
    if entries.empty:
        return rows
    keys = [*SOURCE, "composition"]
    own = entries.rename(columns={"mix": "row"})[["row", "fraction", "now"]]
    own = own.merge(given[keys].assign(row=np.arange(len(given))), on="row").drop(columns="row")
    named = rows[keys].merge(own[keys].drop_duplicates(), on=keys, how="left", indicator=True)["_merge"] == "both"
    split = named.to_numpy() & (rows["year"] >= base).to_numpy()
    parts = rows[split].drop(columns="fraction").merge(own, on=keys)
    for name in ("amount", "low", "high"):
        parts[name] *= parts["now"]
    parts["composition"] = ""
    return pd.concat([rows[~split], parts[rows.columns]], ignore_index=True)


def _moved_compositions(given: pd.DataFrame, which: Unknowns, x: Floats) -> pd.DataFrame:
    """Return the compositions moved by what every municipality shares."""
    at, table = which.starts["composition"], which.table
    power = table.iloc[at][["composition", "fraction"]].assign(power=np.exp(x[at]))
    raw = given[["composition", "fraction"]].merge(power, on=["composition", "fraction"], how="left")["power"]
    part = raw.fillna(1.0).to_numpy()
    by = given["composition"]
    whole = given["share"].groupby(by).transform("sum") / (given["share"] * part).groupby(by).transform("sum")
    part = part * whole.fillna(1.0).to_numpy()
    return given.assign(**{name: given[name] * part for name in ("share", "low", "high")})


def _moved_capture(case: Case, shifts: pd.DataFrame) -> Case:
    """Return the case with the capture of every scheme moved by the shift of its sector, segment and fraction."""
    given = case["capture"]
    schemes = case["schemes"].drop_duplicates("scheme").set_index("scheme")
    keyed = given[["scheme", "fraction", "stream"]].assign(
        sector=given["scheme"].map(schemes["sector"]), segment=given["scheme"].map(schemes["segment"])
    )
    shift = keyed.merge(shifts[[*GROUP, "shift"]], on=GROUP, how="left")["shift"].fillna(0.0).to_numpy(dtype=float)
    whole = keyed.merge(capture(case), on=["scheme", "fraction", "stream"], how="left")
    captured = (whole["captured"] == True).to_numpy(dtype=bool)  # noqa: E712  blank where the share is zero
    share = whole["share"].fillna(0.0).to_numpy(dtype=float)
    by = [given["scheme"].to_numpy(), given["fraction"].to_numpy()]
    total = pd.Series(share * captured).groupby(by).transform("sum").to_numpy()
    part = np.where(shift == 0.0, 1.0, moved(total, shifted(total, shift), captured))
    changed = {"share": given["share"] * part}
    for name in ("low", "high"):
        ends = given[name].to_numpy(dtype=float)
        changed[name] = np.where(captured & ~np.isnan(ends), shifted(np.nan_to_num(ends), shift), ends)
    return case.with_table("capture", given.assign(**changed))


def _moved(seen: Observations, found: Fit, before: Floats, after: Floats, suspects: pd.DataFrame) -> pd.DataFrame:
    """Return every figure that took part: given, what the assumptions alone gave, and reconciled."""
    figures, which = seen.figures, seen.unknowns
    count, scale = which.count, _scale(seen)
    rate = figures["measure"] == "rate"
    reported = figures[[*SOURCE, "stream", "fraction", "year", "status", "std"]].assign(
        kind=figures["measure"],
        name=figures["method"].where(rate, ""),
        used=figures["calibrate"],
        given=figures["value"],
        before=before,
        reconciled=after,
        reconciled_std=found.std[count:] * scale,
        z=found.adjustment_z[count:],
        suspect=np.isin(np.arange(len(figures)), suspects["position"].to_numpy(dtype=int)),
    )
    table = which.table.assign(
        year=reported["year"].iloc[0], used=True, suspect=False, z=found.adjustment_z[:count], stream=""
    )
    x, given = found.value[:count], table["given"].to_numpy(dtype=float)
    kind = table["kind"].str.removeprefix("local_").to_numpy()
    shift = np.isin(table["kind"], ["shift", "local_capture"])
    now = np.where(shift, x, np.where(kind == "capture", shifted(given, x), given * np.exp(x)))
    common = which.starts["composition"]
    shares = which.entry_shares(x)
    for span, places in ((common, which.common), (which.starts["local_composition"], which.own)):
        known = (places >= 0) & ((which.own < 0) if span is common else True)
        now[span.start + places[known]] = shares[known]
    # To first order: a relative error of an amount or share, a logit error of a share captured.
    steep = np.where(shift, 1.0, np.where(kind == "capture", given * (1 - given), given))
    table = table.assign(
        before=given, reconciled=now, reconciled_std=found.std[:count] * steep, std=table["std"] * steep
    )
    table = table.assign(kind=np.where(shift, "shift", kind), name=table["composition"])
    both = pd.concat([reported, table], ignore_index=True)[MOVED_COLUMNS]
    texts = [*SOURCE, "stream", "fraction", "name", "status"]
    both[texts] = both[texts].fillna("").astype(str)
    return both


def _suspects(seen: Observations, found: Fit) -> pd.DataFrame:
    """Return the reported figures that the others contradict, taken away one after another.

    A figure is suspect if its adjustment is larger than chance explains among so many figures (Sidak's
    level for the measurement test); without it the rest is fitted again, until none is left or five are gone.
    """
    gone: list[int] = []
    lines = []
    used = np.flatnonzero(seen.figures["calibrate"].to_numpy(dtype=bool))
    level = 1 - (1 - SIGNIFICANCE) ** (1 / max(len(used), 1))
    limit = float(-ndtri(level / 2))
    count = seen.unknowns.count
    while len(gone) < min(MOST_SUSPECTS, len(used) - 1):
        z = np.abs(np.nan_to_num(found.adjustment_z[count:]))
        worst = int(np.argmax(z))
        if z[worst] <= limit:
            break
        gone.append(worst)
        estimates, equations = _start(seen, gone)
        found = fit(estimates, equations, deviations=np.asarray([count + worst]))
        figure = seen.figures.iloc[worst]
        lines.append(
            {
                "rank": len(gone),
                "kind": figure["measure"],
                **{key: figure[key] for key in [*SOURCE, "stream", "fraction", "std"]},
                "given": figure["value"],
                "z": z[worst],
                "implied": found.value[count + worst] * equations.scale[worst],
                "implied_std": found.std[count + worst] * equations.scale[worst],
                "chi2": found.chi2,
                "p_value": found.p_value,
                "position": worst,
            }
        )
    return pd.DataFrame(lines, columns=[*SUSPECT_COLUMNS, "position"])
