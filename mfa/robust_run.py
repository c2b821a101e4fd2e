"""The run of planning for all scenarios: tables over plans and scenarios, and a run of the chosen plan in each scenario.

The folder holds ``run.json``, ``case.xlsx``, ``tables/*.csv`` with ``datapackage.json``, and in ``scenarios/NAME`` a
whole run of the chosen plan in that scenario, of which reports can be made.
"""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from flows.case import Case
from mfa.run import Run
from mfa.run_tables import RunColumn, RunTable

FOLDER = "scenarios"


def _text(name: str, meaning: str) -> RunColumn:
    return RunColumn(name, "string", meaning)


PLAN = _text(
    "plan",
    "for:NAME is the best plan for one scenario alone, all:MEASURE the best for all, steps:any opens all that any of them opens",
)
SCENARIO = _text("scenario", "scenario; base is the case as it is")

ROBUST_RUN_TABLES: tuple[RunTable, ...] = (
    RunTable(
        "performance",
        "how each plan does in each scenario",
        (
            PLAN,
            SCENARIO,
            RunColumn("weight", "number", "probability of the scenario"),
            RunColumn("runs", "boolean", "everything finds a place"),
            RunColumn("cost", "number", "discounted cost; blank where it cannot run", "DKK"),
            RunColumn("penalty", "number", "what missed targets cost beside it, at the price given", "DKK"),
            RunColumn("regret", "number", "how much more than the least cost known of the scenario", "DKK"),
            RunColumn("rate", "number", "rate of the case's scope and method in the last plan year"),
            RunColumn("target_met", "boolean", "every binding target is met"),
            RunColumn("shortfall_t", "number", "what is missing to the targets, all years and targets together", "t"),
            RunColumn(
                "lacking_t", "number", "how much too little room there is; blank if room is not why it cannot run", "t"
            ),
            _text("refused", "decisions that the scenario does not allow"),
            _text("certificate", "holds or fails; blank where the pair was not carried out"),
            RunColumn("chosen", "boolean", "it is the chosen plan"),
        ),
    ),
    RunTable(
        "measures",
        "what each plan is judged by; blank where it does not hold in every scenario",
        (
            PLAN,
            _text("kind", "scenario: best for one alone; all: best for all; steps: every step that any opens"),
            RunColumn("chosen", "boolean", "it is the chosen plan"),
            RunColumn(
                "holds_in", "integer", "scenarios in which it runs and meets the targets (or pays for missing them)"
            ),
            RunColumn("scenarios", "integer", "how many scenarios there are"),
            RunColumn("expected", "number", "expected cost, penalties included", "DKK"),
            RunColumn(
                "cvar",
                "number",
                "mean of the dearest part of the cases (mixed with the expected cost if so asked)",
                "DKK",
            ),
            RunColumn("worst", "number", "cost in the dearest scenario", "DKK"),
            RunColumn("regret", "number", "largest regret", "DKK"),
        ),
    ),
    RunTable(
        "values",
        "what knowing the scenario, and planning for all of them, is worth in expected cost",
        (
            _text(
                "name",
                "WS wait and see, RP best plan for all, EEV plan for the base alone, EVPI = RP - WS, VSS = EEV - RP",
            ),
            RunColumn("value", "number", "value of the plans found", "DKK"),
            RunColumn("low", "number", "least it can be, by the proven bounds", "DKK"),
            RunColumn("high", "number", "most it can be, by the proven bounds", "DKK"),
        ),
    ),
    RunTable(
        "decisions",
        "what each plan decides",
        (
            _text("kind", "scheme or step (of a facility)"),
            _text("municipality", "municipality of a scheme's source"),
            _text("sector", "sector of the source"),
            _text("segment", "segment of the sector"),
            _text("facility", "facility of a step"),
            _text("size", "step, 'existing' for what stands"),
            RunColumn("period", "integer", "first year of the period", "year"),
            _text("scenario", "blank: decided before it is known which scenario comes"),
            PLAN,
            _text("choice", "scheme that runs (with shares where several do); open or closed"),
            RunColumn(
                "same", "boolean", "the best plans for each scenario alone agree; of later decisions: all scenarios do"
            ),
        ),
    ),
)
"""The tables of a run over scenarios."""
BY_NAME = {table.name: table for table in ROBUST_RUN_TABLES}


@dataclass(repr=False)
class RobustRun(Run):
    """A plan for all scenarios: ``tables`` as in ``ROBUST_RUN_TABLES``; ``runs`` has the chosen plan in each scenario."""

    given_runs: Mapping[str, Run] | None = field(default=None, repr=False)

    @cached_property
    def runs(self) -> Mapping[str, Run]:
        """The run of the chosen plan in each scenario, by name."""
        if self.given_runs is not None:
            return self.given_runs
        names = self.info.get("folders", {})
        return {name: Run.part_of(Path(str(self.folder)), FOLDER, place) for name, place in names.items()}

    @cached_property
    def case(self) -> Case:
        """The case as it is, without a scenario, with the target that was asked for."""
        return self.given_case if self.given_case is not None else super().case

    def save(self, folder: str | os.PathLike[str], case: Case | None = None) -> Path:
        """Write the run and those of its scenarios to ``folder`` as one; see :meth:`mfa.run.Run.save`."""
        target = super().save(folder, case)
        for name, run in (self.given_runs or {}).items():
            run.folder = target / FOLDER / self.info["folders"][name]
        return target

    def _write(self, folder: Path, case: Case | None) -> None:
        super()._write(folder, case)
        for name, run in self.runs.items():
            run.save(folder / FOLDER / self.info["folders"][name], case)

    @staticmethod
    def declared(name: str) -> RunTable | None:
        """Return the declaration of a table, if it has one."""
        return BY_NAME.get(name)

    def summary(self) -> pd.DataFrame:
        """Return what each plan costs in each scenario, and what it is judged by."""
        table = self.tables["performance"].pivot_table(
            index="plan", columns="scenario", values="cost", sort=False, observed=True
        )
        judged = self.tables["measures"].set_index("plan")[["expected", "cvar", "worst", "regret"]]
        return table.join(judged, how="right")

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
            for name, text in self.facts()
        )
        worth = self.tables["values"].to_html(index=False, float_format=lambda value: f"{value:,.0f}")
        return f"<table>{rows}</table>{self.summary().to_html(float_format=lambda value: f'{value:,.0f}')}{worth}"

    def facts(self) -> list[tuple[str, str]]:
        """Return what the run is, as pairs of words."""
        return [
            *super().facts(),
            ("plan", str(self.info.get("plan", ""))),
            ("measure", str(self.info.get("measure", ""))),
        ]


__all__ = ["ROBUST_RUN_TABLES", "RobustRun"]
