"""All municipalities against fractions, treatments, facilities and schemes: a row for each."""

from __future__ import annotations

from collections import Counter

import pandas as pd

from flows.tables import TREATMENTS
from reports.context import Context
from reports.matrices import matrix
from reports.page import Column, Page, Table, Value

LEAST_TONNES = 1.0
KEPT = ("recycling", "preparing_for_reuse")


def by_fraction(context: Context) -> Page:
    """Return the sheet Kommuner og fraktioner / By fraction."""
    words, names = context.words, context.names
    variant, year = _variant(context)
    rows = context.view.state(context.waste, variant)
    sums = rows.groupby(["municipality", "fraction"])["mass_t"].sum()
    found = set(rows["fraction"])
    fractions = [name for name in context.counted_fractions if name in found]
    cells = _cells(sums, fractions)
    heads = [names.of("fraction", name) for name in fractions]
    caption = words("by_fraction_caption", state=context.state(variant))
    tables = matrix(context, "by_fraction", caption, heads, cells, "tonnes", words("all_fractions"))
    heaviest = Counter(str(pair[1]) for pair in sums.groupby("municipality").idxmax()) if len(sums) else Counter[str]()
    answer = words("no_plan")
    if heaviest:
        name, count = min(heaviest.items(), key=lambda item: (-item[1], item[0]))
        answer = words(
            "by_fraction_answer",
            name=names.of("fraction", name),
            count=count,
            all=len(context.view.run.municipalities()),
            year=year,
        )
    return Page(words("sheet_by_fraction"), words("by_fraction_title", place=context.place), answer, tables)


def by_treatment(context: Context) -> Page:
    """Return the sheet Kommuner og behandling / By treatment."""
    words, names = context.words, context.names
    variant, year = _variant(context)
    tables: list[Table] = []
    for state in dict.fromkeys((variant, "today")):
        if state not in context.view.run.variants:
            continue
        rows = context.view.state(context.waste, state)
        sums = rows.groupby(["municipality", "treatment"])["mass_t"].sum()
        found = set(rows["treatment"])
        present = [name for name in TREATMENTS if name in found]
        heads = [words.term("treatment", name) for name in present]
        caption = words("by_treatment_caption", state=context.state(state))
        key = f"by_treatment_{state}"
        tables += matrix(context, key, caption, heads, _cells(sums, present), "tonnes", words("all_fractions"))
    shares = _shares(context, variant)
    answer = words("no_plan")
    if shares:
        (low, lowest), (high, highest) = min(shares), max(shares)
        answer = words(
            "by_treatment_answer",
            year=year,
            low=words.percent(low),
            lowest=names.place(lowest),
            high=words.percent(high),
            highest=names.place(highest),
        )
    return Page(words("sheet_by_treatment"), words("by_treatment_title", place=context.place), answer, tables)


def _shares(context: Context, variant: str) -> list[tuple[float, str]]:
    """Return what share of each municipality's waste ends as material again."""
    rows = context.view.state(context.waste, variant)
    whole = rows.groupby("municipality")["mass_t"].sum()
    kept = rows[rows["treatment"].isin(KEPT)].groupby("municipality")["mass_t"].sum().reindex(whole.index).fillna(0.0)
    return [(float(kept[place] / whole[place]), str(place)) for place in whole.index if whole[place] > 0]


def by_facility(context: Context) -> Page:
    """Return the sheet Kommuner og anlæg / By facility."""
    words, view, names = context.words, context.view, context.names
    variant, year = _variant(context)
    rows = view.state(view.part("received"), variant)
    sums = rows.groupby(["municipality", "facility"])["mass_t"].sum()
    totals = rows.groupby("facility")["mass_t"].sum()
    heavy = totals[totals > LEAST_TONNES]
    order = sorted(heavy.index, key=lambda key: (-float(heavy[key]), str(key)))
    cells = {key: value for key, value in _cells(sums, order).items() if value > 1e-6}
    caption = words("by_facility_caption", state=context.state(variant))
    heads = [names.of("facility", str(key)) for key in order]
    tables = matrix(context, "by_facility", caption, heads, cells, "tonnes", note=words("by_facility_note"))
    served = rows[rows["mass_t"] > LEAST_TONNES].groupby("facility")["municipality"].nunique()
    answer = words(
        "by_facility_answer", year=year, count=len(order), place=context.place, shared=int((served > 1).sum())
    )
    return Page(words("sheet_by_facility"), words("by_facility_title", place=context.place), answer, tables)


def by_scheme(context: Context) -> Page:
    """Return the sheet Kommuner og ordninger / By scheme."""
    words, view, names = context.words, context.view, context.names
    _, year = _variant(context)
    frame = view.run.tables["schemes"]
    years = [item for item in view.case.report_years if item in set(frame.loc[frame["variant"] == "plan", "year"])]
    states = [("today", view.case.account_year)] + [("plan", item) for item in years]
    texts = {state: _scheme_texts(context, frame, *state) for state in states}
    places = names.order("municipality", view.run.municipalities())
    lines: list[list[Value]] = []
    for place in places:
        for source in context.sources:
            cells = [texts[state].get((place, *source), "") for state in states]
            if any(cells):
                lines.append([names.place(place), names.source(*source), *cells])
    changed = frame[(frame["variant"] == "plan") & frame["changed"].astype(bool) & (frame["chosen"] > 0)]
    changed = changed[changed["year"] <= year].drop_duplicates(["municipality", "sector", "segment"])
    answer = words("by_scheme_answer", first=view.case.account_year, year=year, changed=len(changed), count=len(lines))
    columns = [
        Column("name", words("municipality")),
        Column("source", words("kind_of_source")),
        *(Column(f"{state}_{item}", f"{words.term('variant', state)} {item}") for state, item in states),
    ]
    table = Table("by_scheme", words("by_scheme_caption"), columns, lines, note=words("by_scheme_note"))
    return Page(words("sheet_by_scheme"), words("by_scheme_title", place=context.place), answer, [table])


def _scheme_texts(context: Context, frame: pd.DataFrame, variant: str, year: int) -> dict[tuple[str, str, str], str]:
    """Return the schemes of each source in a year, with their shares where there are several."""
    rows = frame[(frame["variant"] == variant) & (frame["year"] == year) & (frame["share"] > 5e-3)]
    found: dict[tuple[str, str, str], list[tuple[float, str]]] = {}
    for place, sector, segment, scheme, share in zip(
        *(rows[name] for name in ("municipality", "sector", "segment", "scheme", "share")), strict=True
    ):
        found.setdefault((place, sector, segment), []).append((-float(share), context.names.of("scheme", scheme)))
    return {
        key: parts[0][1]
        if len(parts) == 1
        else "; ".join(f"{name} {context.words.percent(-share, 0)}" for share, name in sorted(parts))
        for key, parts in found.items()
    }


def _variant(context: Context) -> tuple[str, int]:
    """Return the state that the matrices show, the plan if there is one, and its year."""
    variants = context.view.run.variants
    variant = next((name for name in ("plan", "reference", "today") if name in variants), "today")
    return variant, context.view.run.years[variant]


def _cells(sums: pd.Series, order: list[str]) -> dict[tuple[str, int], float]:
    """Return sums by municipality and the position of the other key."""
    position = {name: place for place, name in enumerate(order)}
    return {(str(place), position[name]): float(value) for (place, name), value in sums.items() if name in position}
