"""Economy: what it costs, what for, who pays, per tonne and per household."""

from __future__ import annotations

from reports.context import Context, triple
from reports.money import Money
from reports.page import Chart, Column, Page, Table, Value, difference
from reports.sheets_dwellings import dwelling_table, payer_shares
from reports.style import VARIANT_COLOURS
from reports.view import STATES

CATEGORIES = (
    "collection",
    "change",
    "transport",
    "treatment",
    "fixed",
    "capital",
    "tax",
    "market",
    "energy",
    "carbon",
    "purchasing",
    "exchange",
)
PAYERS = ("household", "producer", "business", "municipality", "state")


def economy(context: Context) -> Page:
    """Return the sheet Økonomi / Economy."""
    words, view = context.words, context.view
    costs = view.part("costs")
    by_category = _table(context, "cost_categories", "category", CATEGORIES, words("category_caption"))
    by_payer = _table(context, "cost_payers", "payer", PAYERS, words("payer_caption"))
    total = view.total("costs", "amount")
    extra = total["plan"] - total["reference"]
    currency = view.case.currency
    answer = words(
        "economy_answer_more" if extra >= 0 or extra != extra else "economy_answer_less",
        place=context.place,
        plan=words.money(total["plan"], currency),
        extra=words.money(abs(extra), currency),
        year=context.year,
    )
    chart = Chart(
        "bar",
        words("chart_economy", place=context.place),
        words(
            "alt_economy",
            place=context.place,
            plan=words.money(total["plan"], currency),
            reference=words.money(total["reference"], currency),
            year=context.year,
        ),
        by_category.key,
        "name",
        list(STATES),
        axis=words("unit_money_year", unit=_unit(context).label),
        colours=VARIANT_COLOURS,
    )
    once = costs[(costs["variant"] == "plan") & (costs["category"] == "change")].groupby("year")["amount"].sum()
    blocks: list[Table | Chart] = [
        dwelling_table(context), by_payer, payer_shares(context), by_category, chart, _each(context), _fees(context),
        _years(context),
    ]  # fmt: skip
    price_year = words("not_stated") if context.price_year is None else context.price_year
    lead = [words("economy_lead", currency=context.currency, price_year=price_year)]
    if float(once.sum()) > 0:
        lead.append(words("economy_change", amount=words.money(float(once.sum()), currency)))
    return Page(words("sheet_economy"), words("economy_title", place=context.place), answer, blocks, lead=lead)


def _unit(context: Context) -> Money:
    """Return the unit of all yearly sums of the sheet."""
    return context.money(context.view.total("costs", "amount").values())


def _table(context: Context, key: str, column: str, order: tuple[str, ...], caption: str) -> Table:
    words, view = context.words, context.view
    frame = view.three(view.part("costs"), [column], "amount")
    money = _unit(context)
    lines: list[list[Value]] = []
    for name in [*order, *sorted(set(frame.index) - set(order))]:
        if name not in frame.index:
            continue
        cells = [money.of(cell) for cell in triple(frame.loc[name])]
        lines.append([
            words.term(column, str(name)), *cells,
            difference(cells[2], cells[1], "{plan}-{reference}"), difference(cells[2], cells[0], "{plan}-{today}"),
        ])  # fmt: skip
    columns = [
        Column("name", words(f"cost_{column}")),
        *context.states(money.style, money.label),
        Column("against_reference", words("plan_minus_reference", unit=money.label), money.style, True),
        Column("against_today", words("plan_minus_today", unit=money.label), money.style, True),
    ]
    return Table(key, caption, columns, lines, total=words("total"), note=words("costs_note"))


def _each(context: Context) -> Table:
    """Return cost per tonne and per household, in all and by who pays."""
    words, view = context.words, context.view
    tonnes = view.total("waste", "mass_t")
    waste = {variant: tonnes[variant] if variant in view.run.variants else 0.0 for variant in STATES}
    total = view.total("costs", "amount")
    lines: list[list[Value]] = []

    def add(label: str, unit: str, cells: list[float | None]) -> None:
        lines.append([label, unit, *cells, difference(cells[2], cells[1], "{plan}-{reference}")])

    add(
        words("cost_all"),
        words("unit_money_tonne", currency=context.currency),
        [total[variant] / waste[variant] if waste[variant] else None for variant in STATES],
    )
    unit = words("unit_money_household", currency=context.currency)
    add(words("cost_all"), unit, [context.per_household(total[variant], 1.0) for variant in STATES])
    for payer in PAYERS:
        paid = view.total("costs", "amount", {"payer": payer})
        if any(value == value and value for value in paid.values()):
            add(
                words("paid_by", payer=words.term("payer", payer)),
                unit,
                [context.per_household(paid[v], 1.0) for v in STATES],
            )
    columns = [
        Column("name", words("cost_each")),
        Column("unit", words("unit")),
        *context.states("money", total=False),
        Column("difference", words("plan_against_reference_amount"), "money"),
    ]
    return Table("cost_each", words("each_caption"), columns, lines, note=words("each_note"))


def _fees(context: Context) -> Table:
    """Return what households pay, with value added tax, where the currency's rate is known."""
    words, view = context.words, context.view
    lines: list[list[Value]] = []
    vat = context.vat
    if vat is not None and view.households > 0:
        paid = view.total("costs", "amount", {"payer": "household"})
        without = [context.per_household(paid[variant], 1.0) for variant in STATES]
        added = [None if value is None else value * vat for value in without]
        for label, cells in ((words("fee_without"), without), (words("fee_vat", rate=words.percent(vat, 0)), added)):
            lines.append([label, *cells, difference(cells[2], cells[1], "{plan}-{reference}")])
    columns = [
        Column("name", words("fee")),
        *context.states("money", words("unit_money_household", currency=context.currency)),
        Column("difference", words("plan_against_reference_amount"), "money", True),
    ]
    note = words("fees_note_region" if context.is_region else "fees_note")
    return Table("fees", words("fees_caption"), columns, lines, total=words("fee_with"), note=note)


def _years(context: Context) -> Table:
    """Return the cost of reference and plan year by year."""
    words, view = context.words, context.view
    costs, money = view.part("costs"), _unit(context)
    sums = costs.groupby(["variant", "year"])["amount"].sum()
    years = sorted({int(year) for variant, year in sums.index if variant != "today"})
    lines: list[list[Value]] = []
    for year in years:
        reference, plan = sums.get(("reference", year)), sums.get(("plan", year))
        cells = [None if value is None else money.of(float(value)) for value in (reference, plan)]
        lines.append([year, *cells, difference(cells[1], cells[0], "{plan}-{reference}")])
    columns = [
        Column("year", words("year"), "year"),
        Column("reference", f"{words.term('variant', 'reference')}, {money.label}", money.style),
        Column("plan", f"{words.term('variant', 'plan')}, {money.label}", money.style),
        Column("difference", words("plan_minus_reference", unit=money.label), money.style),
    ]
    return Table("cost_years", words("cost_years_caption"), columns, lines)
