"""What the command line says of a case without a plan: how far it gets, what stands in the way, what would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mfa.words import Speaker

if TYPE_CHECKING:
    from models.plan import Infeasible

SHOWN_REACH = 5
TABLES = ("highest", "repairs", "contradictions", "reach")


def why_not(error: Infeasible, speak: Speaker, place: bool = True) -> list[str]:
    """Return lines on why there is no plan and what would have to change, with ``place`` also where the run is."""
    if "least_cost" in error.info:
        budget, least = (speak.number(error.info[name] / 1e6, 1) for name in ("budget", "least_cost"))
        lines = [speak("budget_short", budget=budget, least=least, currency=error.info["currency"])]
    else:
        lines = [*_how_far(error.highest, speak)]
    lines += _held_back(error.highest, error.reach, speak)
    lines += _in_the_way(error.contradictions, speak)
    lines += _ways_out(error.repairs, speak)
    if place and error.folder is not None:
        lines.append(speak("run", folder=error.folder))
    return lines


def as_json(error: Infeasible, language: str) -> dict[str, Any]:
    """Return the explanation as plain values; ``text`` of rows is in ``language``."""
    tables = {}
    for name in TABLES:
        frame = getattr(error, name)
        if f"text_{language}" in frame:
            frame = frame.assign(text=frame[f"text_{language}"])
        tables[name] = frame.to_dict("records")
    return {"reason": error.reason, **tables, "folder": error.folder}


def _how_far(highest: pd.DataFrame, speak: Speaker) -> list[str]:
    """Return lines on the highest rates that can be reached."""
    if highest.empty:
        return [speak("infeasible", reason=speak("contradiction"))]
    highest = highest.dropna(subset=["highest"])
    if highest.empty:
        return [speak("infeasible", reason=speak("why_not_in_time"))]
    missed = highest[highest["highest"] < highest["goal"] - 1e-9]
    first = speak("unreachable") if len(missed) else speak("infeasible", reason=speak("not_together"))
    shown = (missed if len(missed) else highest).to_dict("records")
    return [first, *("  " + highest_line({str(k): v for k, v in row.items()}, speak) for row in shown)]


def highest_line(row: dict[str, Any], speak: Speaker) -> str:
    """Return one line on the highest rate that can be reached."""
    values = {**row, "highest": speak.percent(row.get("highest")), "goal": speak.percent(row.get("goal"))}
    return speak("highest", **values)


def _held_back(highest: pd.DataFrame, reach: pd.DataFrame, speak: Speaker) -> list[str]:
    """Return a line on the waste that cannot count under any scheme, of the last target that is missed for that."""
    if highest.empty or reach.empty:
        return []
    beyond = highest[highest["bound"] < highest["goal"] - 1e-9]
    if beyond.empty:
        return []
    key = ["scope", "method", "municipality", "year"]
    row = beyond.sort_values("year").iloc[-1]
    mine = reach[(reach[key] == row[key]).all(axis=1)].groupby("fraction")["missing_t"].sum().nlargest(SHOWN_REACH)
    named = ", ".join(f"{name} {speak.number(mass)} t" for name, mass in mine.items() if mass > 0)
    return ["  " + speak("held_back", year=row["year"], bound=speak.percent(row["bound"]), fractions=named)]


def _in_the_way(contradictions: pd.DataFrame, speak: Speaker) -> list[str]:
    """Return lines on the requirements that cannot hold together."""
    if contradictions.empty:
        return []
    lines = [speak("in_the_way" if len(contradictions) > 1 else "in_the_way_alone")]
    for row in contradictions.to_dict("records"):
        place = speak("sheet_row", sheet=_sheet(row["sheet"], speak), row=row["row"]) if row["row"] else ""
        lines.append("  " + row[f"text_{speak.language}"] + place)
    return lines


def _ways_out(repairs: pd.DataFrame, speak: Speaker) -> list[str]:
    """Return lines on what would make the case feasible: either ... or ..."""
    if repairs.empty:
        return []
    lines = [speak("ways_out")]
    for place, (_, rows) in enumerate(repairs.groupby("option", sort=True)):
        words = [str(text) for text in rows.sort_values("rank")[f"text_{speak.language}"]]
        joined = f" {speak('and')} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
        several = repairs["option"].nunique() > 1
        begins = speak("either" if place == 0 else "or") + " " if several else ""
        lines.append(f"  {begins}{joined}")
    if not repairs["exact"].astype(bool).all():
        lines.append("  " + speak("at_least"))
    return lines


def _sheet(table: str, speak: Speaker) -> str:
    from mfa.workbook_kind import CASE

    return CASE.sheet_name(table, speak.language)
