"""Tables with a row for every municipality, cut into parts where they are too wide for a sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.context import Context
from reports.page import Column, Style, Table, Value

WIDEST = 10
"""Most columns of a part beside the name: at most so many print in letters that can be read."""


def matrix(
    context: Context,
    key: str,
    caption: str,
    heads: Sequence[str],
    cells: Mapping[tuple[str, int], float],
    style: Style,
    whole: str = "",
    note: str = "",
) -> list[Table]:
    """Return the parts of a matrix of municipalities, each with a total of every column.

    Args:
        context: the region's report.
        key: of the tables; parts after the first add their number.
        caption: said above each part.
        heads: the columns as the reader sees them.
        cells: the value of a municipality and the position of a head; what is not there is a blank.
        style: how numbers are shown.
        whole: head of a last column with the sum of each row, '' for none.
        note: below the last part.
    """
    words, names = context.words, context.names
    places = names.order("municipality", context.view.run.municipalities())
    order = [*range(len(heads))]
    count = max(1, -(-len(order) // WIDEST))
    size = -(-len(order) // count) if order else 1
    tables = []
    for part in range(count):
        mine = order[part * size : (part + 1) * size]
        last = part == count - 1
        columns = [Column("name", words("municipality"))]
        columns += [Column(f"c{position}", heads[position], style, True) for position in mine]
        lines: list[list[Value]] = [
            [names.place(place), *(cells.get((place, position)) for position in mine)] for place in places
        ]
        if whole and last:
            columns.append(Column("whole", whole, style, True))
            for place, line in zip(places, lines, strict=True):
                line.append(sum(cells.get((place, position), 0.0) for position in order))
        text = caption if count == 1 else words("part_of", caption=caption, part=part + 1, parts=count)
        tables.append(
            Table(
                key if part == 0 else f"{key}_{part + 1}",
                text,
                columns,
                lines if mine else [],
                total=words("total"),
                note=note if last else "",
            )
        )
    return tables
