"""What a stored plan decides: its table ``decisions``, or of an older run what its schemes and facilities show."""

from __future__ import annotations

import pandas as pd

from flows.amounts import SOURCE
from mfa.run import Run, RunError
from models.decided import decisions_from
from models.formulation_parts import Decisions

JOINED = "+"
"""Between the names of steps in the column ``size`` of ``facilities``."""


def decisions_of_run(run: Run) -> Decisions:
    """Return the decisions of a plan. Raises :class:`RunError` if the run holds none."""
    if run.info.get("kind") == "plan" and "decisions" in run.tables:
        return decisions_from(run.tables["decisions"])
    if "schemes" not in run.tables or not (run.tables["schemes"]["variant"] == "plan").any():
        raise RunError("rerun_no_decisions")
    starts = [int(year) for year in run.case.period_starts]
    schemes = _planned(run.tables["schemes"], starts).rename(columns={"year": "period"})
    schemes = schemes.loc[schemes["chosen"] > 0, [*SOURCE, "scheme", "period", "chosen"]]
    rows = _planned(run.tables["facilities"], starts)
    rows = rows[rows["open"].astype(bool)]
    steps = rows.assign(size=rows["size"].str.split(JOINED, regex=False)).explode("size")
    steps = steps.assign(size=steps["size"].str.strip(), on=1.0, period=steps["year"])
    return Decisions(
        schemes.rename(columns={"chosen": "share"}).reset_index(drop=True),
        steps[["facility", "size", "period", "on"]].reset_index(drop=True),
    )


def _planned(table: pd.DataFrame, starts: list[int]) -> pd.DataFrame:
    """Return the rows of the plan in the first year of each period: decisions stand until the next."""
    return table[(table["variant"] == "plan") & table["year"].isin(starts)]
