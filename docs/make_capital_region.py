"""Writes the page on how the Capital Region's data was made, with figures counted in its workbook: ``make docs``.

A test holds that the page is current.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
WORKBOOK = HERE.parent / "data" / "capital_region.xlsx"
STATUS = ("reported", "derived", "assumed")

HEAD = """# How the Capital Region's data was made, and what is weak in it

Made by `docs/make_capital_region.py` from the workbook itself; no figure of this page is typed. [Sources](sources.md) names
where each comes from, with its licence; [the account of 2011](backcast.md) holds it against what was published.

`data/sources/*.csv` holds what was found: a file per subject, each row with its source and its status. `python -m data.build`
turns them into the workbook, always the same:

| module | makes |
|---|---|
| `data/amounts.py` | amounts per sector, their keys to municipalities, compositions, growth and the figures that accounting is fitted to |
| `data/capture.py` | what each scheme catches of each fraction |
| `data/schemes.py` | schemes, what collection costs, what runs today |
| `data/plants.py` | facilities, sizes, yields, markets, contracts, distances, emissions |
| `data/rules.py` | settings and scenarios |
| `data/counted.py`, `data/backcast.py` | what the published figures count, and the account of 2011 |
| `data/facts.py` | reads the source tables |

A figure is worth no more than its weakest ingredient: **reported** is printed in the source, **derived** is computed from
reported figures by a rule that is named, **assumed** is everything else.
"""

TAIL = """
## What that means for a plan

- **Amounts** of some sectors are derived from published totals, those of the others are assumed (the table above). What the waste of a sector is made of, and where in the region it
  arises, stands on keys and compositions, and those are mostly assumed. A municipality's own figure is as good as its key.
- **Capture** decides what a scheme is worth, and it is mostly assumed, from other places and other years. It was
  never raised to reach the target. The reported rate of each municipality moves it when the case is accounted, which mends the level
  and not the differences between schemes.
- **Costs and capacities** that are assumed decide *which* facility is chosen more than *whether* the target is met. Read
  a choice of facility together with the [plans that cost nearly the same](howto/11_choices.md).
- Every report says what share of its tonnes and of its cost stands on assumptions.

What would replace the most of them is listed at the end of [the sources](sources.md). With a better figure, write it into
the workbook (`mfa template case.xlsx --example`), set its status to `reported`, and plan again.
"""


def sheets() -> dict[str, pd.DataFrame]:
    """Return the sheets of the workbook whose rows have a status; a blank one is assumed."""
    read = pd.read_excel(WORKBOOK, sheet_name=None)
    found = {name: table for name, table in read.items() if "status" in table and len(table)}
    return {name: table.assign(status=table["status"].fillna("assumed")) for name, table in found.items()}


def page() -> str:
    """Return the page."""
    tables = sheets()
    rows = pd.DataFrame({name: table["status"].value_counts() for name, table in tables.items()})
    rows = rows.reindex(list(STATUS)).fillna(0).astype(int).T
    total = rows.sum()
    lines = [
        HEAD,
        "## Rows by status",
        "",
        f"Of {_number(total.sum())} rows {_share(total['reported'], total.sum())} are reported, "
        f"{_share(total['derived'], total.sum())} derived and {_share(total['assumed'], total.sum())} assumed.",
        "",
        "| sheet | rows | reported | derived | assumed | assumed of all |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, counts in rows.iterrows():
        cells = " | ".join(_number(counts[status]) for status in STATUS)
        lines.append(f"| `{name}` | {_number(counts.sum())} | {cells} | {_share(counts['assumed'], counts.sum())} |")
    lines += ["", "## Amounts by status", "", *_amounts(tables["generation"])]
    lines += ["", "## The weakest sheets", "", *_weakest(rows)]
    return "\n".join(lines) + "\n" + TAIL


def _amounts(table: pd.DataFrame) -> list[str]:
    """Return the lines on tonnes of waste per sector of the last year in the sheet, by status."""
    amount = next(name for name in table if name.startswith("amount"))
    year = table["year"].max()
    tonnes = table[table["year"] == year].pivot_table(
        index="sector", columns="status", values=amount, aggfunc="sum", fill_value=0.0
    )
    tonnes = tonnes.reindex(columns=list(STATUS), fill_value=0.0)
    unit = amount.partition("[")[2].rstrip("]")
    lines = [
        f"What the sheet `generation` says of {year}, in {unit}. It is the total of a sector that has this status; its "
        "composition and its spread over municipalities have theirs, in the sheets above.",
        "",
        "| sector | reported | derived | assumed |",
        "|---|---:|---:|---:|",
    ]
    lines += [f"| {sector} | {' | '.join(_number(value) for value in row)} |" for sector, row in tonnes.iterrows()]
    soil = table.loc[(table["year"] == year) & (table["fraction"] == "soil"), amount].sum()
    lines += [f"| all | {' | '.join(_number(value) for value in tonnes.sum())} |"]
    return [*lines, "", f"{_number(soil)} {unit} of it is soil, which is outside every rate."]


def _weakest(rows: pd.DataFrame) -> list[str]:
    """Return the lines on the sheets with the most assumed rows."""
    most = rows.sort_values("assumed", ascending=False, kind="stable").head(5)
    return [
        f"{place}. `{name}`: {_number(counts['assumed'])} assumed rows, {_share(counts['assumed'], counts.sum())} of them all."
        for place, (name, counts) in enumerate(most.iterrows(), start=1)
    ]


def _number(value: float) -> str:
    """Return a number with a thin space between thousands."""
    return f"{value:,.0f}".replace(",", "\u202f")


def _share(part: float, whole: float) -> str:
    """Return a part in per cent."""
    return f"{100 * part / whole:.0f} %"


if __name__ == "__main__":
    (HERE / "capital_region.md").write_text(page(), "utf-8")
