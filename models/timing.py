"""Time of the plan: periods in which decisions stand, and slices of years that are modelled as one.

A period is a run of plan years without a change of decisions. A slice is a run of years of one period in
which a new scheme has the same effect and the same facilities, markets and contracts are there, so a ramp
splits a period, and so does a window that begins or ends. In the yearly model every slice is a year.
"""

from __future__ import annotations

from dataclasses import dataclass

from flows.case import Case


@dataclass(frozen=True)
class Slice:
    """Years of one period that are modelled together. ``step`` counts years since the period began."""

    period: int
    years: tuple[int, ...]
    step: int


@dataclass(frozen=True)
class Horizon:
    """Periods by their first year, the slices in order, and which periods can change nothing."""

    periods: tuple[int, ...]
    slices: tuple[Slice, ...]
    frozen: frozenset[int]

    def last_year(self, period: int) -> int:
        """Return the last year of a period."""
        return max(year for part in self.slices if part.period == period for year in part.years)


def horizon(case: Case, *, yearly: bool) -> Horizon:
    """Return periods and slices of the case's plan; with ``yearly`` every slice is one year."""
    years, periods = case.plan_years, case.period_starts
    ramp = int(case["schemes"]["ramp_years"].max()) if len(case["schemes"]) else 0
    cuts = _cuts(case)
    slices: list[Slice] = []
    for start, end in zip(periods, [*periods[1:], years[-1] + 1], strict=True):
        inside = [year for year in years if start <= year < end]
        single = inside if yearly else [year for year in inside if year - start < ramp]
        slices.extend(Slice(start, (year,), year - start) for year in single)
        rest = [year for year in inside if year not in single]
        for run in _runs(rest, cuts):
            slices.append(Slice(start, run, run[0] - start))
    frozen = frozenset(start for start in periods if start < case.first_change_year)
    return Horizon(tuple(periods), tuple(slices), frozen)


def _cuts(case: Case) -> set[int]:
    """Return the years in which a facility, market or contract begins, or is there no longer."""
    found: set[int] = set()
    for table, first, last in (
        ("facilities", "opens", "closes"),
        ("markets", "from", "until"),
        ("purchasing", "first_year", "last_year"),
        ("content_requirements", "first_year", "last_year"),
        ("contracts", "from", "until"),
    ):
        found |= {int(year) for year in case[table][first].dropna()}
        found |= {int(year) + 1 for year in case[table][last].dropna()}
    return found


def _runs(years: list[int], cuts: set[int]) -> list[tuple[int, ...]]:
    """Return years split into runs without a cut between them."""
    runs: list[list[int]] = []
    for year in years:
        if runs and not any(runs[-1][-1] < cut <= year for cut in cuts):
            runs[-1].append(year)
        else:
            runs.append([year])
    return [tuple(run) for run in runs]


def effect(step: int, ramp_years: float) -> float:
    """Return the share of its full effect that a scheme has ``step`` years after it began.

    >>> effect(0, 1), effect(1, 1), effect(0, 0)
    (0.5, 1.0, 1.0)
    """
    return min(1.0, (step + 1.0) / (ramp_years + 1.0))
