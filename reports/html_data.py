"""What the page of a run shows, as one plain object: figures once, texts in both languages.

The page draws from this object alone. Figures are rounded to what a reader can use: tonnes to whole ones (below
a hundred to a tenth), shares to a hundredth of a percentage point, money to thousands. A name is one text where the
languages agree, else the pair Danish, English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from reports.aggregate import clean, total
from reports.context import VAT, Context
from reports.html_choices import choices
from reports.html_flows import flows
from reports.html_map import coordinates
from reports.html_sheets import sheet
from reports.names import Names
from reports.sheets_method import method
from reports.sheets_obstacles import is_infeasible, obstacles
from reports.sheets_summary import summary
from reports.style import MATERIAL_COLOURS, SERIES_COLOURS, TREATMENT_COLOURS, VARIANT_COLOURS
from reports.view import STATES, RunView
from reports.words import LANGUAGES, Words, sort_key
from reports.words_page import PAGE_WORDS

Text = str | list[str]
CHANGED = 5e-3
"""Share of a source below which a scheme is not worth a mention."""


class Both:
    """Names and words in both languages at once."""

    def __init__(self, view: RunView) -> None:
        """Read the names of the case in both languages."""
        self.words = [Words(language) for language in LANGUAGES]
        self.names = [Names(view.case, words) for words in self.words]

    def of(self, kind: str, identifier: str) -> Text:
        """Return the name of an id of a list."""
        return pair(names.of(kind, identifier) for names in self.names)

    def term(self, family: str, identifier: str) -> Text:
        """Return the word for one of the engine's ids."""
        return pair(words.term(family, identifier) for words in self.words)

    def listed(self, kind: str, identifiers: Iterable[str]) -> dict[str, Text]:
        """Return names by id."""
        return {identifier: self.of(kind, identifier) for identifier in identifiers}

    def terms(self, family: str, identifiers: Iterable[str]) -> dict[str, Text]:
        """Return words by id."""
        return {identifier: self.term(family, identifier) for identifier in identifiers}


def pair(texts: Iterable[str]) -> Text:
    """Return the texts of the languages, or one if they agree.

    >>> pair(["Glas", "Glass"]), pair(["ARC", "ARC"])
    (['Glas', 'Glass'], 'ARC')
    """
    found = list(texts)
    return found[0] if len(set(found)) == 1 else found


def figure(value: float, decimals: int = 0) -> float | int | None:
    """Return a number for the page: whole where it can be, ``None`` where it is not known.

    >>> figure(12.04, 1), figure(float("nan")), figure(-0.2)
    (12, None, 0)
    """
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    rounded = round(float(value), decimals) + 0.0
    return int(rounded) if rounded == int(rounded) else rounded


def tonnes(value: float) -> float | int | None:
    """Return a mass: whole tonnes, below a hundred tenths of one."""
    return figure(value, 0 if abs(value) >= 100 else 1)


def run_states(view: RunView) -> list[tuple[str, int]]:
    """Return every (variant, year) of the run: today, the years of the plan, those of the reference."""
    found = view.tables["rates"][["variant", "year"]].drop_duplicates()
    pairs = [(str(variant), int(year)) for variant, year in zip(found["variant"], found["year"], strict=True)]
    order = {"today": 0, "plan": 1, "reference": 2}
    return sorted((state for state in pairs if state[0] in order), key=lambda state: (order[state[0]], state[1]))


def page_data(view: RunView, extra: Mapping[str, pd.DataFrame], shown: str = "", more: str = "") -> dict[str, Any]:
    """Return all that the page shows of a run.

    Args:
        view: the run, added up.
        extra: tables over several plans (frontier, alternatives, worth, several scenarios), or none.
        shown: the name of the plan that is shown in full, where there are several.
        more: the kind of the run of several plans.
    """
    both = Both(view)
    states = run_states(view)
    places = ["", *view.municipalities()]
    contexts = [
        {place: Context(view.place(place), names, words) for place in places}
        for names, words in zip(both.names, both.words, strict=True)
    ]
    start = ("plan" if "plan" in view.variants else "reference", view.headline.year)
    result: dict[str, Any] = {
        "title": pair(f"{names.place('')}: {view.case.settings['title']}" for names in both.names),
        "region": pair(names.place("") for names in both.names),
        "words": {key.removeprefix("page_"): list(texts) for key, texts in PAGE_WORDS.items()},
        "states": states,
        "start": states.index(start) if start in states else len(states) - 1,
        "headline": {
            "scope": view.headline.scope,
            "method": view.headline.method,
            "year": view.headline.year,
            "target": figure(view.headline.target, 6),
        },
        "currency": pair(words("kroner") if view.case.currency == "DKK" else view.case.currency for words in both.words),
        "vat": VAT.get(view.case.currency),
        "accountYear": view.case.account_year,
        "infeasible": is_infeasible(contexts[0][""]),
        "shown": shown,
        "kind": more,
        "colours": {"material": MATERIAL_COLOURS, "treatment": TREATMENT_COLOURS, "variant": VARIANT_COLOURS, "series": list(SERIES_COLOURS)},
        "places": _places(view, both),
        "answers": {place: [sheet(summary(found[place])) for found in contexts] for place in places},
        "method": [sheet(method(found[""])) for found in contexts],
        "obstacles": [sheet(obstacles(found[""])) for found in contexts] if is_infeasible(contexts[0][""]) else None,
        "rates": _rates(view, states, places),
        "targets": _targets(view),
        "flows": flows(view.case, view.tables["flows"], states),
        "schemes": _schemes(view, both, states),
        "facilities": _facilities(view, both, states),
        "events": _events(view),
        "received": _received(view, states),
        "costs": _sums(view.sums.costs, ["payer", "category"], "amount", states, 1e-3),
        "emissions": _sums(view.sums.emissions, ["kind", "step"], "kg_co2e", states, 1e-3),
        "choices": choices(view.case, extra, both.names, both.words),
    }  # fmt: skip
    result["names"] = _names(view, both, result)
    return result


def _places(view: RunView, both: Both) -> list[dict[str, Any]]:
    frame = view.case["municipalities"]
    found = []
    for row in frame.to_dict("records"):
        identifier = str(row["municipality"])
        part = view.place(identifier)
        found.append(
            {
                "id": identifier,
                "name": both.of("municipality", identifier),
                "at": coordinates(row),
                "zone": str(row.get("zone") or ""),
                "people": figure(part.population),
                "homes": figure(part.households),
            }
        )
    return sorted(found, key=lambda place: (sort_key(_first(place["name"])), place["id"]))


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _rates(view: RunView, states: list[tuple[str, int]], places: list[str]) -> dict[str, Any]:
    """Return rates in hundredths of a percentage point by place, pair of scope and method, and state."""
    pairs = sorted({key[1:3] for key in view.rate_rows})
    values = {
        place: [
            [
                None if (row := view.rate_rows.get((place, *key, *state))) is None else figure(row.rate * 1e4)
                for state in states
            ]
            for key in pairs
        ]
        for place in places
    }
    # Without waste of a kind a municipality has no rate of it: the rows of blanks are left out.
    kept = [position for position, _ in enumerate(pairs) if any(any_known(values[place][position]) for place in places)]
    return {
        "pairs": [pairs[position] for position in kept],
        "values": {place: [values[place][position] for position in kept] for place in places},
    }


def any_known(values: Iterable[object]) -> bool:
    """Tell whether any value is known."""
    return any(value is not None for value in values)


def _targets(view: RunView) -> list[dict[str, Any]]:
    """Return every target of a year with what is reached: of the plan, else of the reference."""
    rates = view.tables["rates"]
    variant = "plan" if "plan" in view.variants else "reference"
    rows = rates[(rates["variant"] == variant) & rates["target"].notna()].sort_values(
        ["scope", "method", "municipality", "year"]
    )
    return [
        {
            "scope": str(row["scope"]),
            "method": str(row["method"]),
            "place": str(row["municipality"]),
            "year": int(row["year"]),
            "variant": variant,
            "target": figure(row["target"], 6),
            "rate": figure(row["rate"], 6),
            "missing": tonnes(max(0.0, (row["target"] - row["rate"]) * row["denominator_t"])),
            "met": bool(row["rate"] >= row["target"] - 5e-7),
        }
        for row in rows.to_dict("records")
    ]


def _schemes(view: RunView, both: Both, states: list[tuple[str, int]]) -> dict[str, Any]:
    """Return by place, source and state which schemes were decided for: [scheme, share in %, began this year]."""
    frame = view.tables["schemes"]
    number = {state: position for position, state in enumerate(states)}
    rows = frame[frame["chosen"] > CHANGED]
    sources = list(
        dict.fromkeys(
            (str(row["sector"]), str(row["segment"]))
            for row in view.case["sectors"].to_dict("records")
        )
    )  # fmt: skip
    present = set(zip(rows["sector"], rows["segment"], strict=True))
    sources = [source for source in sources if source in present] + sorted(present - set(sources))
    position = {source: place for place, source in enumerate(sources)}
    ids = sorted(set(rows["scheme"]))
    scheme = {identifier: place for place, identifier in enumerate(ids)}
    found: dict[str, list[list[list[list[int]]]]] = {
        place: [[[] for _ in states] for _ in sources] for place in view.municipalities()
    }
    ordered = rows.sort_values(["municipality", "sector", "segment", "chosen", "scheme"], ascending=[True] * 3 + [False, True])
    for row in ordered.to_dict("records"):
        state = number.get((row["variant"], int(row["year"])))
        if state is not None and row["municipality"] in found:
            cell = [scheme[row["scheme"]], int(round(100 * row["chosen"])), int(bool(row["changed"]))]
            found[row["municipality"]][position[(row["sector"], row["segment"])]][state].append(cell)
    decided = {str(row["scheme"]): str(row["decided_by"]) for row in rows.to_dict("records")}
    return {
        "sources": [pair(names.source(*source) for names in both.names) for source in sources],
        "ids": ids,
        "decided": [decided[identifier] for identifier in ids],
        "places": found,
    }


def _facilities(view: RunView, both: Both, states: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return every facility with [open, capacity, of which others', throughput] in each state."""
    frame = view.tables["facilities"]
    number = {state: position for position, state in enumerate(states)}
    listed = {str(row["facility"]): row for row in view.case["facilities"].to_dict("records")}
    treatment = dict(zip(view.case["technologies"]["technology"], view.case["technologies"]["treatment"], strict=True))
    homes = {str(row["municipality"]): row for row in view.case["municipalities"].to_dict("records")}
    found = []
    for identifier, rows in frame.groupby("facility", sort=False):
        first = rows.iloc[0]
        row = listed.get(str(identifier), {})
        site = str(first["site"] or "")
        series: list[Any] = [None] * len(states)
        for item in rows.to_dict("records"):
            state = number.get((item["variant"], int(item["year"])))
            if state is not None:
                reserved = item["reserved_t"] if item["reserved_t"] == item["reserved_t"] else 0.0
                series[state] = [int(bool(item["open"])), figure(item["capacity_t"]), figure(reserved), tonnes(item["throughput_t"])]
        if not any(state and (state[0] or state[3]) for state in series):
            continue
        found.append(
            {
                "id": str(identifier),
                "name": both.of("facility", str(identifier)),
                "technology": str(first["technology"]),
                "treatment": str(treatment.get(first["technology"], "")),
                "site": site,
                "owner": str(row.get("owner") or ""),
                "at": coordinates(row) or (coordinates(homes[site]) if site in homes else None),
                "states": series,
            }
        )
    return sorted(found, key=lambda item: (sort_key(_first(item["name"])), item["id"]))


def _events(view: RunView) -> list[list[Any]]:
    """Return [year, facility, what happens, capacity added, investment in thousands]."""
    return [
        [event.year, event.facility, event.kind, figure(event.capacity), figure(event.capex / 1e3)]
        for event in view.events
        if event.year <= max((year for variant, year in run_states(view) if variant == "plan"), default=event.year)
    ]


def _received(view: RunView, states: list[tuple[str, int]]) -> dict[str, Any]:
    """Return what facilities take of each municipality's waste: by place and state pairs of facility and tonnes."""
    ids = sorted(set(view.sums.received["facility"]))
    return {"facilities": ids, "places": sparse(view.sums.received, "facility", ids, "mass_t", states)}


def sparse(frame: pd.DataFrame, key: str, ids: list[Any], value: str, states: list[tuple[str, int]]) -> dict[str, list[list[Any]]]:
    """Return by municipality and state the flat list of (position in ``ids``, tonnes), what rounds to nothing left out."""
    number = {state: position for position, state in enumerate(states)}
    place_of = {identifier: position for position, identifier in enumerate(ids)}
    found: dict[str, list[list[Any]]] = {}
    columns = (frame[name].tolist() for name in ("municipality", "variant", "year", key, value))
    for municipality, variant, year, identifier, mass in zip(*columns, strict=True):
        state = number.get((variant, int(year)))
        shown = tonnes(mass)
        if state is not None and shown:
            rows = found.setdefault(str(municipality), [[] for _ in states])
            rows[state] += [place_of[identifier], shown]
    return found


def _sums(frame: pd.DataFrame, keys: list[str], value: str, states: list[tuple[str, int]], scale: float) -> dict[str, Any]:
    """Return sums by place ('' is all), combination of ``keys`` and state, multiplied by ``scale``."""
    number = {state: position for position, state in enumerate(states)}
    whole = total(clean(frame), ["variant", "year", "municipality", *keys], value)
    combinations = sorted(set(zip(*(whole[name] for name in keys), strict=True)))
    place_of = {combination: position for position, combination in enumerate(combinations)}
    sums: dict[str, list[list[float]]] = {}
    for row in whole.to_dict("records"):
        state = number.get((row["variant"], int(row["year"])))
        if state is None:
            continue
        for place in {str(row["municipality"]), ""}:
            rows = sums.setdefault(place, [[0.0] * len(states) for _ in combinations])
            rows[place_of[tuple(row[name] for name in keys)]][state] += row[value] * scale
    # Money and gas of a small municipality need more digits than those of a region.
    return {
        "keys": combinations,
        "places": {place: [[figure(cell, 0 if abs(cell) >= 100 else 1) for cell in row] for row in rows] for place, rows in sums.items()},
    }  # fmt: skip


def _names(view: RunView, both: Both, result: Mapping[str, Any]) -> dict[str, dict[str, Text]]:
    """Return the names of all ids that the page shows, by kind."""
    lists = result["flows"]
    scopes = {scope for scope, _ in result["rates"]["pairs"]} | {view.headline.scope}
    methods = {method for _, method in result["rates"]["pairs"]} | {view.headline.method}
    technologies = {item["technology"] for item in result["facilities"]} | {part[1] for part in lists["parts"]}
    keys = result["costs"]["keys"], result["emissions"]["keys"]
    return {
        "fraction": both.listed("fraction", (item[0] for item in lists["fractions"])),
        "material": both.terms("material", {item[1] for item in lists["fractions"]} | {"other"}),
        "stream": both.listed("stream", (item[0] for item in lists["streams"])),
        "collected": both.terms("collected", ("separate", "mixed", "reuse")),
        "treatment": both.terms("treatment", sorted({part[0] for part in lists["parts"]} | set(TREATMENT_COLOURS))),
        "technology": both.listed("technology", sorted(technologies - {""})),
        "scheme": both.listed("scheme", result["schemes"]["ids"]),
        "decider": both.terms("decider", sorted(set(result["schemes"]["decided"]))),
        "scope": {scope: pair(names.scope(scope) for names in both.names) for scope in sorted(scopes)},
        "method": both.terms("method", sorted(methods)),
        "meaning": both.terms("method_meaning", sorted(methods)),
        "variant": both.terms("variant", STATES),
        "payer": both.terms("payer", sorted({key[0] for key in keys[0]})),
        "category": both.terms("category", sorted({key[1] for key in keys[0]})),
        "kind": both.terms("kind", sorted({key[0] for key in keys[1]})),
        "step": both.terms("step", sorted({key[1] for key in keys[1]})),
        "event": both.terms("event", ("opens", "grows", "closes")),
    }
