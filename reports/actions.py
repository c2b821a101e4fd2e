"""What is to be done: schemes that change in the plan, who decides them, and what each change gives."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from reports.view import PlaceView, RunView


@dataclass(frozen=True)
class Action:
    """A kind of source takes up a scheme; effects are those of the plan's year, NaN where a later change has them."""

    year: int
    sector: str
    segment: str
    scheme: str
    before: tuple[str, ...]
    decided_by: str
    municipalities: tuple[str, ...]
    tonnes: float
    amount: float
    kg_co2e: float


def actions(view: PlaceView) -> list[Action]:
    """Return the changes of scheme in the plan, with what each contributes to plan minus reference.

    A source that changes twice has its effect on the scheme that runs in the year of the plan; where
    several new schemes run side by side they share it.
    """
    return list(view.once(_actions))


def changes_of_places(run: RunView) -> dict[str, int]:
    """Return how many actions each municipality has in the plan; who has none is left out."""
    schemes = run.tables["schemes"]
    changed = schemes[(schemes["variant"] == "plan") & (schemes["chosen"] > 0) & schemes["changed"].astype(bool)]
    own = changed.drop_duplicates(["municipality", "year", "sector", "segment", "scheme", "decided_by"])
    return {str(place): int(count) for place, count in own.groupby("municipality").size().items()}


def _actions(view: PlaceView) -> list[Action]:
    schemes = view.table("schemes")
    schemes = schemes[schemes["municipality"] != ""]
    plan = schemes[(schemes["variant"] == "plan") & (schemes["chosen"] > 0)]
    changed = plan[plan["changed"].astype(bool)]
    year = view.run.headline.year
    final = plan[plan["year"] == year]
    effects = view.run.effects.set_index(["municipality", "sector", "segment"])
    origin = ["municipality", "sector", "segment"]
    latest = changed[changed["year"] <= year].groupby([*origin, "scheme"])["year"].max().rename("began").reset_index()
    shares = final.merge(latest, on=[*origin, "scheme"])
    shares["part"] = shares["chosen"] / shares.groupby(origin)["chosen"].transform("sum")
    parts = shares.set_index([*origin, "scheme", "began"])["part"].to_dict()
    today = view.state(schemes, "today")
    before = today.sort_values("share", ascending=False).drop_duplicates(origin).set_index(origin)["scheme"].to_dict()
    grouped: dict[tuple[int, str, str, str, str], list[tuple[str, str, float]]] = {}
    for row in changed.to_dict("records"):
        key = (row["municipality"], row["sector"], row["segment"])
        part = parts.get((*key, row["scheme"], row["year"]), float("nan"))
        group = (int(row["year"]), row["sector"], row["segment"], row["scheme"], row["decided_by"])
        grouped.setdefault(group, []).append((row["municipality"], before.get(key, ""), float(part)))
    result = []
    for (began, sector, segment, scheme, decider), members in grouped.items():
        totals = pd.Series(0.0, index=["tonnes", "amount", "kg_co2e"])
        known = False
        for municipality, _, part in members:
            key = (municipality, sector, segment)
            if part == part and key in effects.index:
                totals, known = totals + effects.loc[key] * part, True
        values = totals if known else totals * float("nan")
        places = tuple(dict.fromkeys(member[0] for member in members))
        olds = tuple(sorted({member[1] for member in members if member[1]}))
        result.append(Action(began, sector, segment, scheme, olds, decider, places, *map(float, values)))
    return sorted(result, key=lambda action: (action.year, action.sector, action.segment, action.scheme))
