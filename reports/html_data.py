"""What the page of a run shows, as one plain object: figures once, texts in both languages.

The page draws from this object alone. Figures are rounded to what a reader can use: tonnes to whole ones (below
a hundred to a tenth), shares to a hundredth of a percentage point, money to thousands. A name is one text where the
languages agree, else the pair Danish, English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from reports.context import VAT, Context
from reports.html_both import Both, Text, coordinates, danish, figure, pair
from reports.html_choices import choices
from reports.html_flows import flows
from reports.html_sheets import sheet
from reports.html_sweep import sweep
from reports.html_tables import events, facilities, rates, received, run_states, schemes, sums, targets
from reports.plan_names import shown_name
from reports.sheets_method import method
from reports.sheets_obstacles import is_infeasible, obstacles
from reports.sheets_summary import summary
from reports.style import MATERIAL_COLOURS, SERIES_COLOURS, TREATMENT_COLOURS, VARIANT_COLOURS
from reports.view import STATES, PlaceView, RunView
from reports.words import CATALOGUE, sort_key
from reports.words_page import PAGE_WORDS
from reports.words_sweep import SWEEP_PAGE_WORDS

SHARED_WORDS = ("other_materials", "other_treatment", "the_municipalities")
"""Words that the page has in common with the workbooks."""


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
    parts = {place: view.place(place) for place in places}
    contexts = [
        {place: Context(part, names, words) for place, part in parts.items()}
        for names, words in zip(both.names, both.words, strict=True)
    ]
    start = ("plan" if "plan" in view.variants else "reference", view.headline.year)
    result: dict[str, Any] = {
        "title": pair(_title(names.place(""), str(view.case.settings["title"])) for names in both.names),
        "region": pair(names.place("") for names in both.names),
        "words": {key.removeprefix("page_"): list(CATALOGUE[key]) for key in (*PAGE_WORDS, *SWEEP_PAGE_WORDS, *SHARED_WORDS)},
        "states": states,
        "start": states.index(start) if start in states else len(states) - 1,
        "headline": {
            "scope": view.headline.scope,
            "method": view.headline.method,
            "year": view.headline.year,
            "target": figure(view.headline.target, 6),
        },
        "currency": pair(words.currency(view.case.currency) for words in both.words),
        "vat": VAT.get(view.case.currency),
        "accountYear": view.case.account_year,
        "infeasible": is_infeasible(contexts[0][""]),
        "shown": shown,
        "shownName": pair(shown_name(names, more, shown) for names in both.names),
        "shownFolder": f"{'scenarios' if more == 'robust' else 'runs'}/{shown}",
        "kind": more,
        "colours": {"material": MATERIAL_COLOURS, "treatment": TREATMENT_COLOURS, "variant": VARIANT_COLOURS, "series": list(SERIES_COLOURS)},
        "places": _places(view, parts, both),
        "answers": {place: [sheet(summary(found[place])) for found in contexts] for place in places},
        "method": [sheet(method(found[""])) for found in contexts],
        "obstacles": [sheet(obstacles(found[""])) for found in contexts] if is_infeasible(contexts[0][""]) else None,
        "rates": rates(view, states, places),
        "targets": targets(view),
        "flows": flows(view.case, view.tables["flows"], states),
        "schemes": schemes(view, both, states),
        "facilities": facilities(view, both, states),
        "events": events(view),
        "received": received(view, states),
        "costs": sums(view.sums.costs, ["payer", "category"], "amount", states, 1e-3),
        "emissions": sums(view.sums.emissions, ["kind", "step"], "kg_co2e", states, 1e-3),
        "choices": choices(view.case, extra, both.names, both.words),
        "sweep": sweep(view.case, extra, view.info, both.names, both.words),
    }  # fmt: skip
    result["names"] = _names(view, both, result)
    return result


def _title(region: str, title: str) -> str:
    """Return the title of the case with the name of the region, if that is not in it already."""
    return title if region.casefold() in title.casefold() else f"{region}: {title}"


def _places(view: RunView, parts: Mapping[str, PlaceView], both: Both) -> list[dict[str, Any]]:
    frame = view.case["municipalities"]
    found = []
    for row in frame.to_dict("records"):
        identifier = str(row["municipality"])
        part = parts[identifier]
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
    return sorted(found, key=lambda place: (sort_key(danish(place["name"])), place["id"]))


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
