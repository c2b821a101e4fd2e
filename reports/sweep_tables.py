"""The tables of a sweep as readers see them: the same for the sheet of the region's workbook and for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from flows.case import Case
from flows.tables import BY_NAME
from reports.money import FEW_MILLION, Money, money
from reports.names import Names
from reports.page import Column, Table, Value, number
from reports.words import Words

MOST_SCENARIOS = 8
"""Scenarios that a picture of all plans tells apart; the rest share the last sign."""
MOST_POINTS = 400
"""Plans that a picture of all plans shows; of more, evenly spread ones."""
MOST_INPUTS = 12
"""Inputs that a picture of rank correlations shows."""
MOST_CHOICES = 10
"""Sets of decisions that are listed for each target."""


@dataclass(frozen=True)
class SweepTables:
    """What a sweep says, with the names and words of one language; ``tables`` are ``sweep_*`` of the run shown."""

    case: Case
    tables: Mapping[str, pd.DataFrame]
    names: Names
    words: Words

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[f"sweep_{name}"]

    @property
    def money(self) -> Money:
        """How all tables show money."""
        return money(self.words, self.case.currency, self["spread"]["cost_high"], FEW_MILLION)

    def target(self, value: float) -> str:
        """Return a target in words."""
        return (
            self.words("sweep_own_target")
            if value != value
            else self.words.percent(value, 0 if abs(value * 100 - round(value * 100)) < 1e-6 else 1)
        )

    def scenario(self, name: str) -> str:
        """Return the name of a scenario."""
        return self.case.names("scenarios", self.words.language).get(name, name) if name else self.words("sweep_base")

    def input(self, name: str) -> str:
        """Return an uncertain input in words: its sheet and what tells its row apart."""
        table, *ids = name.split("|")
        sheet = (BY_NAME[table].danish if self.words.language == "da" else table) if table in BY_NAME else table
        return f"{sheet}: {' · '.join(part for part in ids[:-1] if part)}"

    def status(self, value: str) -> str:
        """Return what a figure is worth, in a word."""
        return self.words.term("status", value) if value else ""

    # Tables

    def all(self) -> list[Table]:
        """Return all tables with something in them."""
        found = [self.spread(), self.facilities(), self.schemes(), self.drivers(), self.choices()]
        return [table for table in found if table.lines]

    def _question(self, frame: pd.DataFrame) -> tuple[list[Column], Any]:
        """Return the columns that tell questions apart, and what they hold of a row: the rate only if there are several."""
        words = self.words
        several = len(self["spread"][["scope", "method", "year"]].drop_duplicates()) > 1
        columns = [Column("target", words("sweep_target"))]
        if several:
            columns.insert(0, Column("rate_of", words("sweep_rate_of")))

        def cells(row: Mapping[str, Any]) -> list[Value]:
            rate = f"{self.names.scope(row['scope'])}, {words.term('method', row['method'])}, {int(row['year'])}"
            return [*([rate] if several else []), self.target(row["target"])]

        return columns, cells

    def spread(self) -> Table:
        """Return what the plans cost and reach, by target and scenario."""
        words, shown_as = self.words, self.money
        key, cells = self._question(self["spread"])
        lines = []
        for row in self["spread"].to_dict("records"):
            money = [shown_as.of(number(row[f"cost_{name}"])) for name in ("low", "median", "high")]
            counts: list[Value] = [int(row["plans"]), int(row["tasks"] - row["missing"])]
            ends: list[Value] = [int(row["infeasible"]), int(row["no_plan"] + row["failed"])]
            more = [number(row["rate_median"]), _kilo(row["co2e_median"]), number(row["highest_rate"])]
            lines.append([*cells(row), self.scenario(row["scenario"]), *counts, *ends, *money, *more])
        columns = [
            *key,
            Column("scenario", words("sweep_scenario")),
            Column("plans", words("sweep_plans"), "whole"),
            Column("of", words("sweep_of"), "whole"),
            Column("unreached", words("sweep_unreached"), "whole"),
            Column("without", words("sweep_without"), "whole"),
            *(
                Column(said.removeprefix("sweep_"), words(said, unit=shown_as.label), shown_as.style)
                for said in ("sweep_cost_low", "sweep_cost_median", "sweep_cost_high")
            ),
            Column("rate", words("sweep_rate_median"), "percent"),
            Column("co2e", words("sweep_co2e_median"), "one"),
            Column("highest", words("sweep_highest"), "percent"),
        ]
        caption, note = words("sweep_spread_caption"), words("sweep_spread_note")
        return Table("sweep_spread", caption, columns, lines, note=note)

    def facilities(self) -> Table:
        """Return in how many plans every facility step is, what is new before what stands."""
        words, found = self.words, self["presence"]
        key, cells = self._question(found)
        rows = found[found["kind"] == "facility"].sort_values("existing", kind="stable")
        lines = [
            [
                *cells(row),
                self.names.of("facility", row["name"]),
                "" if row["existing"] else str(row["size"]),
                words("sweep_stands" if row["existing"] else "sweep_is_new"),
                float(row["share"]),
                int(row["plans"]),
                int(row["of"]),
                number(row["first"]),
                self.status(row["status"]),
            ]
            for row in rows.to_dict("records")
        ]
        columns = [
            *key,
            Column("facility", words("sweep_facility")),
            Column("size", words("sweep_size")),
            Column("new", words("sweep_new")),
            Column("share", words("sweep_share"), "percent"),
            Column("plans", words("sweep_plans"), "whole"),
            Column("of", words("sweep_of"), "whole"),
            Column("first", words("sweep_first"), "year"),
            Column("status", words("sweep_status")),
        ]
        caption, note = words("sweep_facilities_caption"), words("sweep_facilities_note")
        return Table("sweep_facilities", caption, columns, lines, note=note)

    def schemes(self) -> Table:
        """Return in how many plans every scheme is, by kind of source; the municipalities together."""
        words, found = self.words, self["presence"]
        key, cells = self._question(found)
        rows = found[found["kind"] == "scheme"].assign(always=lambda table: table["plans"] == table["of"])
        by = ["scope", "method", "year", "target", "sector", "segment", "name", "status", "of"]
        told = rows.groupby(by, dropna=False, as_index=False).agg(
            share=("share", "mean"), places=("municipality", "nunique"), always=("always", "sum")
        )
        order = [*by[:6], "share", "name"]
        told = told.sort_values(order, ascending=[name != "share" for name in order])
        lines = [
            [
                *cells(row),
                self.names.source(row["sector"], row["segment"]),
                self.names.of("scheme", row["name"]),
                float(row["share"]),
                int(row["places"]),
                int(row["always"]),
                int(row["of"]),
                self.status(row["status"]),
            ]
            for row in told.to_dict("records")
        ]
        columns = [
            *key,
            Column("source", words("sweep_source")),
            Column("scheme", words("sweep_scheme")),
            Column("share", words("sweep_share"), "percent"),
            Column("places", words("sweep_places"), "whole"),
            Column("always", words("sweep_always"), "whole"),
            Column("of", words("sweep_plans"), "whole"),
            Column("status", words("sweep_status")),
        ]
        caption, note = words("sweep_schemes_caption"), words("sweep_schemes_note")
        return Table("sweep_schemes", caption, columns, lines, note=note)

    def driving(self, outcome: str = "cost") -> pd.DataFrame:
        """Return the rank correlations of one question and scenario: of the plan that is shown, else of the first."""
        table = self["correlation"]
        table = table[table["outcome"] == outcome]
        if table.empty:
            return table
        # The case as it is before scenarios, the highest target with draws before lower ones.
        ranked = table.sort_values(["scenario", "target"], ascending=[True, False], kind="stable")
        first = ranked.iloc[0]
        mine = (table["scenario"] == first["scenario"]) & (table["n"] == first["n"])
        for name in ("scope", "method", "year"):
            mine &= table[name] == first[name]
        mine &= table["target"].isna() if first["target"] != first["target"] else table["target"] == first["target"]
        return table[mine].head(MOST_INPUTS)

    def where(self, rows: pd.DataFrame) -> str:
        """Return which question and scenario rank correlations are of."""
        first = rows.iloc[0]
        return (
            f"{self.words('sweep_target').lower()} {self.target(first['target'])}, {self.scenario(first['scenario'])}"
        )

    def drivers(self) -> Table:
        """Return which inputs move the cost most."""
        words, rows = self.words, self.driving()
        lines: list[list[Value]] = [
            [
                self.input(row["input"]),
                float(row["correlation"]),
                int(row["n"]),
                words("sweep_is_few" if row["few"] else "sweep_is_sure" if row["sure"] else "sweep_is_chance"),
                self.status(row["status"]),
            ]
            for row in rows.to_dict("records")
        ]
        columns = [
            Column("input", words("sweep_input")),
            Column("strength", words("sweep_strength"), "two"),
            Column("n", words("sweep_n"), "whole"),
            Column("sure", words("sweep_weight")),
            Column("status", words("sweep_status")),
        ]
        caption = words("sweep_drivers_caption", where=self.where(rows) if len(rows) else "")
        return Table("sweep_drivers", caption, columns, lines, note=words("sweep_drivers_note"))

    def choices(self) -> Table:
        """Return which decisions do best at worst, a few for each target."""
        words, shown_as = self.words, self.money
        key, cells = self._question(self["choices"])
        found = self["choices"].groupby(["scope", "method", "year", "target"], dropna=False).head(MOST_CHOICES)
        lines = [
            [
                *cells(row),
                words("sweep_choice_of", number=int(str(row["choice"]).rpartition("_")[2])),
                int(row["futures"]),
                int(row["of"]),
                *(shown_as.of(number(row[name])) for name in ("worst_regret", "worst_cost", "mean_cost")),
                words("sweep_yes") if row["robust"] else "",
                int(row["task"]),
            ]
            for row in found.to_dict("records")
        ]
        columns = [
            *key,
            Column("choice", words("sweep_choice")),
            Column("futures", words("sweep_holds"), "whole"),
            Column("of", words("sweep_of"), "whole"),
            *(
                Column(said.removeprefix("sweep_"), words(said, unit=shown_as.label), shown_as.style)
                for said in ("sweep_worst_regret", "sweep_worst_cost", "sweep_mean_cost")
            ),
            Column("robust", words("sweep_robust")),
            Column("task", words("sweep_task"), "whole"),
        ]
        caption, note = words("sweep_choices_caption"), words("sweep_choices_note")
        return Table("sweep_choices", caption, columns, lines, note=note)

    def plans(self) -> pd.DataFrame:
        """Return the plans that a picture shows, by scenario and rate."""
        rows = self["outcomes"]
        rows = rows[rows["scenario"].isin(self.scenarios())].sort_values(["scenario", "rate", "task"], kind="stable")
        if len(rows) <= MOST_POINTS:
            return rows
        return rows.iloc[[round(place * (len(rows) - 1) / (MOST_POINTS - 1)) for place in range(MOST_POINTS)]]

    def scenarios(self) -> list[str]:
        """Return the scenarios that a picture of all plans tells apart."""
        return list(dict.fromkeys(self["outcomes"]["scenario"]))[:MOST_SCENARIOS]

    def points(self) -> Table:
        """Return all plans by rate, a column of cost per scenario, as a scatter chart wants them."""
        words, shown_as = self.words, self.money
        shown = self.scenarios()
        rows = self.plans()
        lines: list[list[Value]] = [
            [
                int(row["task"]),
                number(row["rate"]),
                *(float(row["cost"]) / shown_as.scale if row["scenario"] == name else None for name in shown),
            ]
            for row in rows.to_dict("records")
        ]
        columns = [
            Column("task", words("sweep_task"), "whole"),
            Column("rate", words("sweep_points_rate"), "percent"),
            *(
                Column(f"cost_{position}", f"{self.scenario(name)}, {shown_as.label}", shown_as.style)
                for position, name in enumerate(shown)
            ),
        ]
        return Table(
            "sweep_points", words("sweep_points_caption", shown=len(rows), plans=len(self["outcomes"])), columns, lines
        )


def _kilo(value: Any) -> float | None:
    found = number(value)
    return None if found is None else found / 1e3
