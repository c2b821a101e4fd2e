"""What public buyers decide: buying what is made of waste instead of new, where the plan does so."""

from __future__ import annotations

from reports.context import Context
from reports.page import Column, Table, Value


def purchase_table(context: Context) -> Table:
    """Return each purchase of the plan: its first year, who buys, and what it is in the year of the plan.

    A run whose case has no public purchasing has no such table, and the sheet then says nothing of it.
    """
    words, view, names = context.words, context.view, context.names
    money = context.money(())
    lines: list[list[Value]] = []
    if "purchases" in view.run.tables:
        frame = view.run.tables["purchases"]
        frame = frame[(frame["variant"] == "plan") & (frame["mass_t"] > 0)]
        if view.municipality:
            frame = frame[frame["municipality"].isin({"", view.municipality})]
        named = view.case.names("purchasing", words.language)
        last = frame[frame["year"] == context.year]
        money = context.money(last["extra_cost"])
        for (purchase, place), rows in frame.groupby(["purchase", "municipality"]):
            mine = last[(last["purchase"] == purchase) & (last["municipality"] == place)]
            lines.append([
                int(rows["year"].min()),
                words("buy_recycled", name=named.get(str(purchase), str(purchase))),
                names.place(str(place)) if place else words("every_buyer"),
                float(mine["mass_t"].sum()),
                money.of(float(mine["extra_cost"].sum())),
            ])  # fmt: skip
    columns = [
        Column("year", words("year"), "year"),
        Column("what", words("what_to_decide")),
        Column("buyer", words("buyer")),
        Column("tonnes", words("bought_in", year=context.year), "tonnes", True),
        Column("amount", words("effect_money", unit=money.label), money.style, True),
    ]
    lines.sort(key=lambda line: (line[0], line[1], line[2]))  # type: ignore[arg-type, return-value]
    note = words("plan_buyers_note")
    return Table("plan_buyers", words("plan_of_buyers"), columns, lines, total=words("total"), note=note)
