"""The first sheet: the answer in one sentence, how sure it is, and what to do when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from flows.rates import reaches
from reports.aggregate import household_sectors
from reports.context import Context, change
from reports.figures import NARROW
from reports.page import Chart, Column, Note, Page, Style, Table, Value, number, points
from reports.sheets_obstacles import is_infeasible, no_plan
from reports.sheets_summary_actions import action_table, decider_table
from reports.sheets_targets import RATES, rate_chart, rate_series
from reports.view import STATES, PlaceView

PROVEN = ("optimal", "gap_reached")
CHART_HEIGHT = 215


def summary(context: Context) -> Page:
    """Return the sheet Resumé / Summary."""
    words = context.words
    blocks: list[Table | Chart | Note] = [_key_figures(context)]
    done = context.actions
    # The years of the chart stand on the next sheet.
    blocks.append(replace(rate_chart(context, rate_series(context, RATES)), height=CHART_HEIGHT))
    if not is_infeasible(context):
        blocks += [decider_table(context, done), action_table(context, done)]
    first = answer(context)
    said = [money(context), *(line for line in proof(context) if line not in first), data_quality(context)]
    if is_infeasible(context):
        # That there is no plan comes first; what today's ways would give stands beside it.
        carried_on = words("infeasible_reference", answer=_rate_sentence(context, "reference"))
        first, said = no_plan(context), [carried_on, data_quality(context)]
    return Page(
        words("sheet_summary"),
        words("summary_title", place=context.place, year=context.year),
        first,
        blocks,
        lead=[line for line in said if line],
    )


def answer(context: Context) -> str:
    """Return the first sentence: the rate under the case's own method against the target, and the two others."""
    words, view = context.words, context.view
    headline = view.run.headline
    variant = "plan" if "plan" in view.run.variants else "reference"
    parts = [_rate_sentence(context, variant), _against_target(context, variant)]
    others = []
    point = view.rate(headline.scope, "calculation_point", variant)
    if headline.method != "calculation_point" and math.isfinite(point):
        others.append(words("answer_point", rate=words.percent(point)))
    narrow = view.rate(NARROW, headline.method, variant)
    if headline.scope == "all" and math.isfinite(narrow):
        others.append(words("answer_narrow", rate=words.percent(narrow)))
    sentence = ", ".join(part for part in parts if part)
    if others:
        sentence += words("answer_others", others=words.join(others))
    missed = _also_missed(context, variant)
    if missed:
        sentence += words("answer_also_missed", targets=words.join(missed))
    if (view.run.info.get("certificate") or {}).get("holds") is False:
        # Figures that the independent control does not confirm are no answer: that is said before them.
        return f"{words('certificate_fails')} {sentence}."
    return sentence + "."


def _also_missed(context: Context, variant: str) -> list[str]:
    """Return the other binding targets that are missed, the region's and the place's own, with what is missing."""
    words, view = context.words, context.view
    headline = view.run.headline
    rows = view.case["targets"]
    rows = rows[rows["binding"].astype(bool) & rows["municipality"].isin({"", view.municipality})]
    result = []
    for row in rows.sort_values(["year", "scope", "method", "municipality"]).to_dict("records"):
        key = (row["scope"], row["method"], int(row["year"]))
        if key == (headline.scope, headline.method, headline.year) and not row["municipality"]:
            continue
        found = view.rate_row(*key[:2], variant, key[2], region=not row["municipality"])
        if found is not None and not reaches(found.rate, float(row["rate"])):
            name = row["name"] or words("target_of_scope", scope=context.names.scope(row["scope"]))
            points = words.number((float(row["rate"]) - found.rate) * 100, 1)
            result.append(words("target_missed_by", target=name, year=key[2], points=points))
    return result


def _rate_sentence(context: Context, variant: str) -> str:
    """Return the place's rate under the case's own method, in words."""
    words, headline = context.words, context.view.run.headline
    rate = context.view.rate(headline.scope, headline.method, variant)
    return words(
        "answer_rate",
        year=headline.year,
        rate=words.percent(rate),
        place=context.place,
        method=context.method_words(),
    )


def _against_target(context: Context, variant: str) -> str:
    """Return whether the region reaches its target, and whether that is the cheapest way for certain."""
    words, view = context.words, context.view
    headline, info = view.run.headline, view.run.info
    unproven = info.get("status") not in PROVEN and info.get("status") != "infeasible"
    if not math.isfinite(headline.target):
        return words("answer_no_target") + (words("answer_unproven") if unproven else "")
    region = view.rate(headline.scope, headline.method, variant, region=True)
    target = words.percent(headline.target)
    place = context.region
    if reaches(region, headline.target):
        text = words(
            "answer_reached" if context.is_region else "answer_region_reached",
            target=target,
            place=place,
            rate=words.percent(region),
        )
    else:
        missing = words.number((headline.target - region) * 100, 1)
        text = words(
            "answer_missed" if context.is_region else "answer_region_missed",
            target=target,
            place=place,
            rate=words.percent(region),
            missing=missing,
        )
    if unproven:
        text += words("answer_unproven")
    return text


def proof(context: Context) -> list[str]:
    """Return what is proven about the plan, and whether the independent control holds: a sentence each."""
    words, info = context.words, context.view.run.info
    status = str(info.get("status") or "feasible")
    gap = number(info.get("gap"))
    certificate = info.get("certificate") or {}
    parts = []
    if certificate.get("holds") is False:
        parts.append(words("certificate_fails"))
    if status == "infeasible":
        highest = number(info.get("highest_rate"))
        parts.append(words("proof_infeasible"))
        if highest is not None:
            parts.append(words("proof_highest", rate=words.percent(highest)))
    elif gap is None:
        parts.append(words("proof_unknown"))
    else:
        bound = str(info.get("bound_of") or "")
        against = words("proof_against", model=words.term("bound", bound)) if bound else words("proof_plain")
        key = "proof_optimal" if gap < 5e-5 else "proof_gap"
        parts.append(words(key if status in PROVEN else "proof_stopped", gap=words.percent(gap, 2), proof=against))
    if certificate.get("holds") is True:
        parts.append(words("certificate_holds"))
    return parts


def money(context: Context) -> str:
    """Return what the plan costs and saves each year beside the reference."""
    words, view = context.words, context.view
    if not {"plan", "reference"} <= set(view.run.variants):
        return ""
    costs = view.total("costs", "amount")
    households = view.total("costs", "amount", {"payer": "household"})
    extra = costs["plan"] - costs["reference"]
    each = context.per_household(households["plan"] - households["reference"], 1.0)
    currency = view.case.currency
    text = words(
        "money_more" if extra >= 0 else "money_less", year=context.year, amount=words.money(abs(extra), currency)
    )
    if each is not None:
        vat = words("vat_without")
        if context.vat is not None:
            vat = words("vat_both", amount=words.money(abs(each) * (1 + context.vat), currency))
        key = "money_household_more" if each >= 0 else "money_household_less"
        text += words(key, amount=words.money(abs(each), currency), vat=vat)
    climate = context.climate_totals()
    saved = climate["reference"] - climate["plan"]
    return text + words("climate_saves" if saved >= 0 else "climate_adds", tonnes=words.tonnes(abs(saved)))


def data_quality(context: Context) -> str:
    """Return the share of the figures that rests on assumptions, in words."""
    words = context.words
    frame = context.view.run.tables["data_quality"]
    for variant in ("plan", "today"):
        rows = frame[(frame["variant"] == variant) & (frame["status"] == "assumed")]
        if len(rows):
            shares = rows.groupby("aspect", sort=False)["share"].sum()
            parts = [
                f"{words.term('aspect', str(aspect))} {words.percent(share, 0)}" for aspect, share in shares.items()
            ]
            return words("quality_sentence", parts=words.join(parts))
    return words("quality_unknown")


def _key_figures(context: Context) -> Table:
    words, view = context.words, context.view
    lines: list[list[Value]] = []
    styles: list[Style] = []

    def add(
        label: str, style: Style, values: dict[str, float | None], target: float | None = None, unit: str = ""
    ) -> None:
        cells: list[Value] = [values.get(variant) for variant in STATES]
        gap: Value = None
        status = ""
        plan = values.get("plan")
        if target is not None and plan is not None:
            gap = points(plan, target, "{plan}-{target}")
            status = words("status_reached" if reaches(plan, target) else "status_missed")
        relative = change(values.get("reference"), plan) if style != "percent" else None
        if any(cell is not None for cell in cells):
            lines.append([label, unit, *cells, relative, target, gap, status])
            styles.append(style)

    headline = view.run.headline
    for scope, method in _headline_pairs(context):
        rows = view.rates(scope, method)
        label = words("rate_of", scope=context.names.scope(scope), method=words.term("method", method))
        target = _target(context, scope, method)
        add(label, "percent", {variant: number(row.rate) for variant, row in rows.items()}, target)
    waste = _present(context, view.total("waste", "mass_t"))
    household = _present(context, view.once(_household_waste))
    add(words("figure_waste"), "tonnes", {**waste}, unit=words("unit_tonnes"))
    add(
        words("figure_household_capita"),
        "whole",
        {k: context.per_capita(v) for k, v in household.items()},
        unit=words("unit_kg_capita"),
    )
    add(
        words("figure_household_household"),
        "whole",
        {k: context.per_household(v) for k, v in household.items()},
        unit=words("unit_kg_household"),
    )
    for treatment in ("energy_recovery", "landfill"):
        masses = _present(context, view.total("waste", "mass_t", {"treatment": treatment}))
        add(words.term("treatment", treatment), "tonnes", {**masses}, unit=words("unit_tonnes"))
    costs = view.total("costs", "amount")
    unit = context.money(costs.values())
    add(
        words("figure_cost"),
        unit.style,
        {k: unit.of(number(v)) for k, v in costs.items()},
        unit=words("unit_money_year", unit=unit.label),
    )
    add(
        words("figure_cost_tonne"),
        "money",
        {k: number(costs[k] / v) if v else None for k, v in waste.items()},
        unit=words("unit_money_tonne", currency=context.currency),
    )
    fees = view.total("costs", "amount", {"payer": "household"})
    add(
        words("figure_cost_household"),
        "money",
        {k: context.per_household(v, 1.0) for k, v in fees.items()},
        unit=words("unit_money_household", currency=context.currency),
    )
    if context.vat is not None:
        add(
            words("figure_cost_household_vat", rate=words.percent(context.vat, 0)),
            "money",
            {k: context.per_household(v, 1.0 + context.vat) for k, v in fees.items()},
            unit=words("unit_money_household", currency=context.currency),
        )
    add(
        words("figure_climate"),
        "tonnes",
        {k: number(v) for k, v in context.climate_totals().items()},
        unit=words("unit_tonnes_co2e"),
    )
    columns = [
        Column("figure", words("key_figure")),
        Column("unit", words("unit")),
        *context.states("whole", total=False),
        Column("change", words("plan_against_reference"), "change"),
        Column("target", words("target_of", place=context.region), "percent"),
        Column("gap", words("gap_share"), "points"),
        Column("status", words("status")),
    ]
    # Only the three states have a style of their own in each row.
    note = words("key_figures_note", target=words.term("method", headline.method))
    return Table(
        "key_figures", words("key_figures"), columns, lines, row_styles=tuple(styles), note=note, styled=STATES
    )


def _household_waste(view: PlaceView) -> dict[str, float]:
    homes = view.waste[view.waste["sector"].isin(household_sectors(view.case))]
    return {variant: float(view.state(homes, variant)["mass_t"].sum()) for variant in STATES}


def _present(context: Context, values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of the states that the run has."""
    return {variant: values[variant] for variant in context.view.run.variants}


def _headline_pairs(context: Context) -> list[tuple[str, str]]:
    headline = context.view.run.headline
    pairs = [
        (headline.scope, headline.method),
        (headline.scope, "calculation_point"),
        (NARROW, headline.method),
        ("households", headline.method),
        ("municipal_waste", "calculation_point"),
    ]
    return list(dict.fromkeys(pairs))


def _target(context: Context, scope: str, method: str) -> float | None:
    headline = context.view.run.headline
    if (scope, method) == (headline.scope, headline.method):
        return number(headline.target)
    return context.view.goal(scope, method, headline.year)
