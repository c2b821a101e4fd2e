"""A generated country: 98 municipalities, 30 fractions, 150 facilities, 2025 to 2050, planned to a proven gap.

The country is made of the shipped case: its municipalities are copied to random places with random sizes until
there are as many inhabitants as in all of Denmark, its five largest fractions are split in two, and its facilities
are spread over the towns. Nothing in it is a fact about a place. Zones, contracts, measured capture and scenarios of
the shipped case are left out.

    python -m benchmarks.national [--gap 0.05] [--seconds 1800] [--municipalities 98] [--facilities 150]
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import numpy as np
import pandas as pd

import mfa
from flows.case import Case
from models.planner import Planner

INHABITANTS = 5_900_000
SPLIT = ("food", "paper", "cardboard", "plastic_rigid", "wood")
ZONE = "bornholm"
DROPPED = ("distances", "contracts", "pinned", "limits", "measurements", "scenarios", "dwellings", "generation")


def national(municipalities: int = 98, facilities: int = 150, last_year: int = 2050, seed: int = 0) -> Case:
    """Return the generated case."""
    random = np.random.default_rng(seed)
    given = mfa.capital_region()
    tables = {name: frame.copy() for name, frame in given.tables.items()}
    island = set(tables["municipalities"].loc[tables["municipalities"]["zone"] == ZONE, "municipality"])
    towns = _towns(tables["municipalities"], island, municipalities, random)
    made = {name: frame for name, frame in tables.items() if name not in DROPPED}
    made["municipalities"] = towns.drop(columns=["template", "factor"])
    made["dwellings"] = _copied(tables["dwellings"], towns, "dwellings")
    own = tables["generation"]["municipality"] != ""
    growth = towns["population"].sum() / tables["municipalities"]["population"].sum()
    shared = tables["generation"][~own].copy()
    shared["amount"] *= growth
    made["generation"] = pd.concat([_copied(tables["generation"][own], towns, "amount"), shared], ignore_index=True)
    weights = _copied(tables["allocation_keys"], towns, "weight")
    weights["weight"] /= weights.groupby("key")["weight"].transform("sum")
    made["allocation_keys"] = weights
    made["facilities"], made["sizes"] = _plants(tables, towns, facilities, growth, random)
    made["transport"] = tables["transport"][tables["transport"]["zone"] == ""]
    made["targets"] = tables["targets"][tables["targets"]["binding"]]
    for fraction in SPLIT:
        made = {name: _split(name, frame, fraction) for name, frame in made.items()}
    settings = dict(given.settings) | {
        "title": f"Generated country, {municipalities} municipalities",
        "plan_years": f"2025-{last_year}",
        "period_starts": ", ".join(
            str(year) for year in (2025, 2027, 2030, 2033, 2035, 2040, 2045) if year < last_year
        ),
        "report_years": f"2030, 2035, {last_year}",
        "calibration": False,
    }
    rows = {name: _rows(frame) for name, frame in made.items()}
    return Case.from_tables(settings, rows)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table without what is empty."""
    return [
        {str(name): value for name, value in row.items() if not (isinstance(value, float) and np.isnan(value))}
        for row in frame.to_dict("records")
    ]


def _towns(given: pd.DataFrame, island: set[str], count: int, random: np.random.Generator) -> pd.DataFrame:
    """Return towns: a template among the given ones each, with a random size and place."""
    usual = given[~given["municipality"].isin(island)]
    usual = usual[usual["population"] < 200_000]
    towns = usual.iloc[random.integers(0, len(usual), count)].reset_index(drop=True)
    towns["template"] = towns["municipality"]
    towns["factor"] = random.lognormal(0.0, 0.4, count)
    towns["factor"] *= INHABITANTS / float((towns["factor"] * towns["population"]).sum())
    for name in ("population", "jobs"):
        towns[name] = (towns[name] * towns["factor"]).round()
    number = [str(1000 + place) for place in range(count)]
    towns["municipality"] = number
    towns["name_da"] = towns["name_en"] = [f"Town {name}" for name in number]
    towns["lat"], towns["lon"] = random.uniform(54.9, 57.4, count), random.uniform(8.4, 12.4, count)
    towns["companies"] = ""
    return towns


def _copied(frame: pd.DataFrame, towns: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows of every town's template as the town's own, ``column`` as much larger as the town is."""
    pairs = towns[["municipality", "template", "factor"]].rename(columns={"municipality": "town"})
    rows = pairs.merge(frame, left_on="template", right_on="municipality")
    rows[column] *= rows["factor"]
    if column == "dwellings":
        rows[column] = rows[column].round()
    return rows.assign(municipality=rows["town"]).drop(columns=["town", "template", "factor"])


def _plants(
    tables: dict[str, pd.DataFrame], towns: pd.DataFrame, count: int, growth: float, random: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return facilities spread over the towns, with sizes; what stands has room for as many more inhabitants."""
    given = tables["facilities"]
    given = given[given["zone"] != ZONE]
    number = len(given)
    chosen = pd.concat([given] * (count // number + 1), ignore_index=True).iloc[:count].copy()
    copies = chosen.groupby("facility").cumcount()
    times = chosen.groupby("facility")["facility"].transform("size")
    chosen["facility"] = chosen["facility"] + "_" + (copies + 1).astype(str)
    chosen["name"] = chosen["name"] + " " + (copies + 1).astype(str)
    for column in ("capacity", "reserved", "minimum_load", "filler", "fixed_cost"):
        chosen[column] = chosen[column] * growth / times
    place = towns.iloc[random.integers(0, len(towns), count)]
    for column in ("municipality", "lat", "lon"):
        chosen[column] = place[column].to_numpy()
    chosen["owner"] = ""
    return chosen, tables["sizes"][tables["sizes"]["facility"] == ""]


def _split(name: str, frame: pd.DataFrame, fraction: str) -> pd.DataFrame:
    """Return a table in which a fraction is two alike, each half of it."""
    if "fraction" not in frame:
        return frame
    found = frame[frame["fraction"] == fraction]
    if found.empty:
        return frame
    amount = {"generation": "amount", "compositions": "share"}.get(name)
    if amount is not None:
        frame = frame.copy()
        for column in [amount, *({"low", "high"} & set(frame.columns))]:
            frame.loc[found.index, column] *= 0.5
        found = frame.loc[found.index]
    twin = found.assign(fraction=f"{fraction}_other")
    if name == "fractions":
        twin = twin.assign(name_da=twin["name_da"] + ", andet", name_en=twin["name_en"] + ", other")
    return pd.concat([frame, twin], ignore_index=True)


def main() -> None:
    """Plan the country and print what was proven when, and the most memory that was used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gap", type=float, default=0.05)
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--municipalities", type=int, default=98)
    parser.add_argument("--facilities", type=int, default=150)
    parser.add_argument("--last-year", type=int, default=2050)
    asked = parser.parse_args()
    case = national(asked.municipalities, asked.facilities, asked.last_year)
    print(
        f"{len(case['municipalities'])} municipalities, {len(case['fractions'])} fractions, "
        f"{len(case['facilities'])} facilities, {case.plan_years[0]}-{case.plan_years[-1]}"
    )
    begun, shown = time.perf_counter(), ""

    def tell(words: str, part: float) -> None:
        nonlocal shown
        if words != shown:
            shown = words
            print(f"{time.perf_counter() - begun:7.1f} s  {words}", flush=True)

    planner = Planner(case, progress=tell)
    info = planner.plan(gap=asked.gap, time_limit=asked.seconds).info
    seconds, memory = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"{info['status']}: {info['objective'] / 1e6:,.1f} M, proven gap {100 * info['gap']:.2f} % "
        f"({info['bound_of']}), {seconds:.0f} s, {memory:.1f} GB"
    )
    print(f"certificate {info['certificate']}, times {info['times']}")


if __name__ == "__main__":
    main()
