"""The tables of choices, each column declared once: frontier, alternatives, worth and comparison."""

from __future__ import annotations

from mfa.run_tables_declared import RunColumn, RunTable, text

MUNICIPALITY = text("municipality", "municipality; blank is the region")
SECTOR = text("sector", "sector of the source")
SEGMENT = text("segment", "segment of the sector")
SCOPE = text("scope", "which waste the rate is of")
METHOD = text("method", "how the rate is counted")
YEAR = RunColumn("year", "integer", "year", "year")
BOUND = RunColumn("bound", "number", "what any plan for this costs at least, proven", "DKK")
GAP = RunColumn("gap", "number", "how far the cost is above the bound, relative to the cost")
COST = RunColumn("cost", "number", "discounted cost of the plan", "DKK")
CO2E = RunColumn("co2e_kt", "number", "net greenhouse gas over the horizon, biogenic apart", "kt CO2e")
ASKED = (
    RunColumn("asked_rate", "number", "rate asked for; blank where none was"),
    RunColumn("asked_co2e_kt", "number", "most greenhouse gas asked for; blank where none was", "kt CO2e"),
)

CHOICE_TABLES: tuple[RunTable, ...] = (
    RunTable(
        "frontier",
        "plans along the curve of cost against rate or greenhouse gas",
        (
            text("point", "name of the plan, and of its folder in runs"),
            *ASKED,
            SCOPE,
            METHOD,
            YEAR,
            RunColumn("rate", "number", "rate that the plan reaches"),
            CO2E,
            COST,
            BOUND,
            GAP,
            text("status", "how the search ended"),
            RunColumn("certified", "boolean", "the certificate of the plan holds"),
            RunColumn(
                "efficient", "boolean", "no other plan of the curve is as good in everything and better in something"
            ),
        ),
    ),
    RunTable(
        "frontier_rates",
        "rates of the plans along the curve by other methods and scopes",
        (
            text("point", "name of the plan"),
            SCOPE,
            METHOD,
            YEAR,
            RunColumn("rate", "number", "rate that the plan reaches"),
        ),
    ),
    RunTable(
        "frontier_bounds",
        "the proven curve: what a plan for each point of the grid costs at least, and the plan that is there",
        (
            *ASKED,
            BOUND,
            text("point", "plan that reaches it; blank if there is none"),
            text("status", "solved, covered (by an earlier plan), beside, infeasible, or how the search stopped"),
        ),
    ),
    RunTable(
        "payoff",
        "ends of the ranges: what the plan best in one thing reaches in the others",
        (
            text("best", "what it is best in: cost, rate or co2e"),
            RunColumn("rate", "number", "rate"),
            CO2E,
            COST,
        ),
    ),
    RunTable(
        "marginal_cost",
        "what an extra tonne costs from one plan to the next dearer one",
        (
            text("from_point", "cheaper plan"),
            text("to_point", "dearer plan"),
            RunColumn("from_rate", "number", "rate of the cheaper plan"),
            RunColumn("to_rate", "number", "rate of the dearer plan"),
            RunColumn("extra_cost", "number", "discounted cost between them", "DKK"),
            RunColumn(
                "extra_tonnes",
                "number",
                "tonnes that count more over the horizon, discounted as money is; or tonnes of CO2e less",
                "t",
            ),
            RunColumn("per_tonne", "number", "cost of an extra tonne, in the unit of the row"),
            RunColumn("per_tonne_low", "number", "the least that the bounds leave open"),
            RunColumn("per_tonne_high", "number", "the most that the bounds leave open"),
            text("unit", "unit of the cost of a tonne"),
        ),
    ),
    RunTable(
        "alternatives",
        "plans within a margin of the cheapest that look different",
        (
            text("plan", "name of the plan, and of its folder in runs"),
            text(
                "why",
                "cheapest, different (as far as can be from those before), or presence (found in proving presence)",
            ),
            COST,
            RunColumn("extra", "number", "how much more than the cheapest, relative to it"),
            RunColumn("within", "boolean", "it costs no more than the margin allows"),
            RunColumn("difference", "number", "to the nearest other plan: 0 is alike, 1 is different in everything"),
            RunColumn("rate", "number", "headline rate in the last plan year"),
            CO2E,
            RunColumn("certified", "boolean", "the certificate of the plan holds"),
        ),
    ),
    RunTable(
        "differences",
        "how far apart each two alternatives are",
        (
            text("plan", "a plan"),
            text("other", "another plan"),
            RunColumn(
                "difference", "number", "half of schemes, half of facilities (all of one where only that is decided)"
            ),
            RunColumn("schemes", "number", "share of the waste that is collected under another scheme, over all years"),
            RunColumn(
                "facilities", "number", "share of the capacity to decide on that stands in one only, over all years"
            ),
        ),
    ),
    RunTable(
        "presence",
        "what is in all, in some or in none of the plans within the margin, in the last plan year",
        (
            text("kind", "scheme (of a source) or facility"),
            text("municipality", "municipality of the source, site of the facility"),
            SECTOR,
            SEGMENT,
            text("name", "scheme or facility"),
            text("presence", "all, some or none"),
            text(
                "proof",
                "proven (no plan within the margin is otherwise), shown (plans of both kinds are there), "
                "given (nothing to decide) or observed (so in all plans found)",
            ),
            RunColumn("plans_with", "integer", "plans found that have it"),
            RunColumn("plans", "integer", "plans found"),
            text("plan_with", "a plan that has it"),
            text("plan_without", "a plan that does without"),
            RunColumn(
                "costs_at_least_without", "number", "what a plan without it costs at least, by the relaxation", "DKK"
            ),
            RunColumn("costs_at_least_with", "number", "what a plan with it costs at least, by the relaxation", "DKK"),
        ),
    ),
    RunTable(
        "percentage_points",
        "what a percentage point more or less of the target costs, by planning again",
        (
            text("plan", "plan, less or more"),
            RunColumn("step", "number", "how far the target was moved"),
            RunColumn("target", "number", "target in the last plan year"),
            RunColumn("reached", "number", "rate that the plan reaches"),
            COST,
            BOUND,
            GAP,
            RunColumn("difference", "number", "cost less that of the plan", "DKK"),
            RunColumn("low", "number", "least true difference that the bounds leave open", "DKK"),
            RunColumn("high", "number", "greatest true difference that the bounds leave open", "DKK"),
            RunColumn("extra_tonnes", "number", "tonnes that count more in the last plan year", "t/year"),
            RunColumn("per_tonne", "number", "difference per extra tonne over the horizon, both discounted", "DKK/t"),
            text("status", "how the search ended; none if there is no plan"),
        ),
    ),
    RunTable(
        "carbon_tonnes",
        "fossil CO2 that pays the price of carbon; allowance and tax on CO2 are that one price, tax per tonne of waste is not",
        (
            YEAR,
            RunColumn("carbon_price", "number", "price of fossil CO2 burnt", "DKK/t"),
            RunColumn(
                "tax_price", "number", "tax per tonne of waste at technologies without one of their own", "DKK/t"
            ),
            RunColumn("paying_t", "number", "fossil CO2 that pays", "t/year"),
            RunColumn("paid", "number", "what is paid for it", "DKK/year"),
            RunColumn("discounted_t", "number", "the same discounted, over the years that the year stands for", "t"),
        ),
    ),
    RunTable(
        "carbon_price",
        "what a higher price of carbon costs: the plan as it is, and planned again",
        (
            RunColumn("more", "number", "how much was added to every price of carbon", "DKK/t"),
            RunColumn("per_unit", "number", "what one unit more costs the plan as it is", "DKK per DKK/t"),
            RunColumn("plan_as_it_is", "number", "what the whole addition costs the plan as it is", "DKK"),
            RunColumn("difference", "number", "what it costs after planning again", "DKK"),
            RunColumn("low", "number", "least true difference that the bounds leave open", "DKK"),
            RunColumn("high", "number", "greatest true difference that the bounds leave open", "DKK"),
            RunColumn("paying_t", "number", "fossil CO2 that pays, discounted, in the plan", "t"),
            RunColumn("paying_then_t", "number", "the same after planning again", "t"),
        ),
    ),
    RunTable(
        "cost_of_target",
        "what the target costs each municipality: the plan less the cheapest plan without the target, discounted; "
        "shared facilities are carried in proportion to what is sent there",
        (
            text("municipality", "municipality; blank is what stands idle and all carry together"),
            RunColumn("with_target", "number", "cost in the plan", "DKK"),
            RunColumn("without_target", "number", "cost in the cheapest plan without the target", "DKK"),
            RunColumn("cost_of_target", "number", "the difference; adds up to that of the two objectives", "DKK"),
            RunColumn("per_inhabitant", "number", "the difference per inhabitant", "DKK/capita"),
            RunColumn("reference", "number", "cost of carrying on as today", "DKK"),
            RunColumn("against_reference", "number", "cost in the plan less that", "DKK"),
        ),
    ),
)
