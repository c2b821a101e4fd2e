"""The uncertain inputs of a flow system, and the system with drawn values in their place.

A row of ``measurements``, ``transfer_coefficients`` or ``relations`` with a value and a standard deviation above zero is
one random variable: it errs alike in all layers and years for which it holds. Draws stand side by side as layers
of one large system, so solving and reconciling take them all at once; coefficients of a process close in every
draw: the rest gives way where there is one, else exact ones stay and uncertain ones are scaled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flows.distributions import DistributionError, Floats, closed, moments, sample
from flows.equation_values import standard_deviations
from flows.system import System

Integers: TypeAlias = NDArray[np.int64]

TABLES = ("measurements", "transfer_coefficients", "relations")
INPUT_COLUMNS = ["table", "group", "input", "layer", "year", "distribution", "value", "std", "lower", "upper"]
_CARRIED = {
    "measurements": ["flow", "layer", "year", "value", "std", "std_pct", "lower", "upper", "distribution"],
    "transfer_coefficients": ["process", "flow", "layer", "year", "value", "std", "lower", "upper", "distribution"],
    "relations": [
        "flow", "layer", "of_flow", "of_layer", "year", "value", "std", "lower", "upper", "distribution", "ratio_unit",
    ],
}  # fmt: skip


class UncertaintyError(ValueError):
    """Uncertain inputs that cannot be drawn; the message names the flow or the input."""


@dataclass(frozen=True)
class SystemInputs:
    """Uncertain inputs of a system.

    ``table``: one row each, columns :data:`INPUT_COLUMNS`. ``rows``: per sheet its rows with every layer named, and the
    number of the input that each takes its value from (-1: exact). ``mixing``: matrix that correlates normal numbers,
    ``None`` where inputs are independent.
    """

    system: System
    table: pd.DataFrame
    rows: dict[str, pd.DataFrame]
    mixing: Floats | None

    def drawn(self, uniforms: Floats) -> Floats:
        """Return values (inputs, draws) from uniform numbers."""
        one = self.table
        try:
            return sample(
                one["distribution"].to_numpy(dtype=object),
                *(one[name].to_numpy(dtype=float) for name in ("value", "std", "lower", "upper")),
                uniforms=uniforms,
            )
        except DistributionError as error:
            raise UncertaintyError(self._named(str(error))) from error

    def moments(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of every input."""
        one = self.table
        try:
            return moments(
                one["distribution"].to_numpy(dtype=object),
                *(one[name].to_numpy(dtype=float) for name in ("value", "std", "lower", "upper")),
            )
        except DistributionError as error:
            raise UncertaintyError(self._named(str(error))) from error

    def _named(self, message: str) -> str:
        head, _, tail = message.partition(":")
        number = head.removeprefix("input ")
        return f"{self.table['input'].iloc[int(number)]}:{tail}" if number.isdigit() else message

    def systems(self, values: Floats) -> System:
        """Return one system that holds all draws of ``values`` (inputs, draws) as layers, draw by draw."""
        system, draws = self.system, values.shape[1]
        layers = system.layers
        labels = [drawn_layer(layer, draw) for draw in range(draws) for layer in layers]
        tables = dict(system.tables)
        tables["layers"] = pd.DataFrame({"layer": labels}).reindex(columns=system["layers"].columns)
        for name in TABLES:
            tables[name] = self._expanded(name, values)
        tables["stocks"] = _repeated(_in_layers(system["stocks"], layers, ["process"], dated=False), draws)
        tables["correlations"] = _repeated(_in_layers(system["correlations"], layers, None), draws)
        years = ", ".join(map(str, system.years)) if system.years != (0,) else ""
        units = {drawn_layer(layer, draw): unit for draw in range(draws) for layer, unit in system.units.items()}
        return System({**system.settings, "years": years}, tables, units)

    def _expanded(self, name: str, values: Floats) -> pd.DataFrame:
        rows, draws = self.rows[name], values.shape[1]
        at = rows["at"].to_numpy(dtype=np.int64)
        own = np.repeat(rows["value"].to_numpy(dtype=float)[:, None], draws, axis=1)
        drawn = np.where(at[:, None] >= 0, values[at] if len(values) else own, own)
        if name == "transfer_coefficients":
            drawn = closed_coefficients(self.system, rows, drawn)
        if name == "measurements":
            backwards = self.system["flows"].set_index("flow")["may_be_negative"]
            forward = rows["flow"].map(backwards).eq(False).to_numpy(dtype=bool)
            drawn = np.where(forward[:, None] & (own >= 0) & (at[:, None] >= 0), np.maximum(drawn, 0.0), drawn)
        return _repeated(rows.drop(columns="at"), draws, drawn)


def drawn_layer(layer: str, draw: int) -> str:
    """Return what a layer is called in a draw."""
    return f"{layer} (draw {draw + 1})"


def _repeated(rows: pd.DataFrame, draws: int, values: Floats | None = None) -> pd.DataFrame:
    """Return rows once per draw, their layers renamed, with the values (rows, draws) of each draw."""
    number = np.tile(np.arange(len(rows)), draws)
    draw = np.repeat(np.arange(draws), len(rows))
    table = rows.take(number).reset_index(drop=True)
    for column in ("layer", "of_layer"):
        if column in table:
            codes, names = pd.factorize(rows[column])
            labels = np.array([drawn_layer(name, one) for one in range(draws) for name in names], dtype=object)
            spread = labels[draw * len(names) + codes[number]] if len(rows) else labels[:0]
            table[column] = pd.array(spread, dtype="str")
    if values is not None:
        table["value"] = values.T.ravel()
    return table


def _in_layers(rows: pd.DataFrame, layers: tuple[str, ...], own: list[str] | None, dated: bool = True) -> pd.DataFrame:
    """Return rows with every layer named; a row for all layers gives way where ``own`` names a row with its layer.

    With ``dated`` only to a row of that layer for every year or the same year; otherwise to any.
    """
    rows = rows.reset_index(drop=True)
    named, general = rows[rows["layer"] != ""], rows[rows["layer"] == ""]
    if general.empty:
        return named.reset_index(drop=True)
    spread = pd.concat([general.assign(layer=layer) for layer in layers], ignore_index=True)
    if own is not None and len(named):
        key = [*own, "layer"]
        at = pd.MultiIndex.from_frame(spread[key])
        always = named[named["year"].isna()] if dated else named
        beaten = at.isin(pd.MultiIndex.from_frame(always[key]))
        if dated:
            same = [*key, "year"]
            beaten |= pd.MultiIndex.from_frame(spread[same].fillna(-1)).isin(
                pd.MultiIndex.from_frame(named[same].fillna(-1))
            )
        spread = spread[~beaten]
    return pd.concat([named, spread], ignore_index=True)


def system_inputs(system: System) -> SystemInputs:
    """Return the uncertain inputs of a system.

    A blank standard deviation is that of the ends of a uniform or triangular distribution, else the setting
    ``default_std`` times the value, as in reconciling. Raises :class:`UncertaintyError` for correlations that cannot be.
    """
    default = float(system.settings["default_std"])
    rows: dict[str, pd.DataFrame] = {}
    listed: list[pd.DataFrame] = []
    count = 0
    for name in TABLES:
        sheet = system[name].reset_index(drop=True)
        std = standard_deviations(sheet, default)
        varies = std > 0
        at = np.where(varies, count + np.cumsum(varies) - 1, -1)
        count += int(varies.sum())
        listed.append(_labelled(name, sheet.assign(std=std))[varies])
        rows[name] = _spread(name, sheet[_CARRIED[name]].assign(at=at), system)
    table = pd.concat(listed, ignore_index=True)
    return SystemInputs(system, table, rows, _mixing(system, table))


def _labelled(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    flow = rows["flow"]
    label = flow
    if name == "transfer_coefficients":
        label = rows["process"] + " > " + flow
    if name == "relations":
        of = rows["of_flow"].where(rows["of_flow"] != "", flow)
        label = flow + " / " + of
    when = rows["year"].map(lambda year: "" if pd.isna(year) else f" {year:.0f}")
    label = label + rows["layer"].map(lambda layer: f" [{layer}]" if layer else "") + when
    table = pd.DataFrame({"table": name, "group": rows.get("process", flow), "input": label})
    return pd.concat([table, rows[INPUT_COLUMNS[3:]]], axis=1).astype({"table": "str"})


def _spread(name: str, rows: pd.DataFrame, system: System) -> pd.DataFrame:
    if name == "relations":
        rows = rows.assign(of_flow=rows["of_flow"].where(rows["of_flow"] != "", rows["flow"]))
        rows = _in_layers(rows, system.layers, None)
        return rows.assign(of_layer=rows["of_layer"].where(rows["of_layer"] != "", rows["layer"]))
    return _in_layers(rows, system.layers, ["flow"], dated=name == "measurements")


def _mixing(system: System, table: pd.DataFrame) -> Floats | None:
    """Return the Cholesky factor of the correlations of all inputs, ``None`` if there are none."""
    pairs = system["correlations"]
    matrix = np.eye(len(table))
    measured = table[table["table"] == "measurements"]
    for pair in pairs.itertuples(index=False):
        one, other = (measured[measured["group"] == flow] for flow in (pair.flow_a, pair.flow_b))
        for first in one.itertuples():
            for second in other.itertuples():
                if _together(first.layer, second.layer, pair.layer) and _together(first.year, second.year, pair.year):
                    matrix[first.Index, second.Index] = matrix[second.Index, first.Index] = pair.coefficient
    if (matrix == np.eye(len(table))).all():
        return None
    try:
        return np.asarray(np.linalg.cholesky(matrix + 1e-12 * np.eye(len(table))))
    except np.linalg.LinAlgError:
        flows = ", ".join(sorted({*pairs["flow_a"], *pairs["flow_b"]}))
        raise UncertaintyError(f"the correlations between {flows} contradict each other") from None


def _together(one: object, other: object, asked: object) -> bool:
    """Return whether two keys (layer or year) meet where a correlation holds; a blank one is any."""
    keys = {key for key in (one, other, asked) if key != "" and key == key}
    return len(keys) <= 1


def closed_coefficients(system: System, rows: pd.DataFrame, drawn: Floats) -> Floats:
    """Return drawn coefficients (rows, draws) that close; rows with a blank value stay blank.

    ``rows``: process, flow, layer, year, at (-1: exact). Coefficients of a process, layer and year close
    where all its flows have one; where some have none, or are interpolated, the others take no more than
    all. Those without year are taken first and those with a year fill what they leave.
    """
    if rows.empty:
        return drawn
    sizes = system["flows"].groupby("from").size()
    drawn = np.clip(drawn, 0.0, 1.0)
    table = rows.assign(
        cell=rows.groupby(["process", "layer"], sort=False).ngroup(),
        flows=rows["process"].map(sizes),
        dated=rows["year"].notna(),
        exact=(rows["at"] < 0) & rows["value"].notna(),
    )
    done = drawn.copy()
    # First those without year. Where others have years they leave room for what is exact of these.
    room, others = _room_for_steady(table)
    steady = np.flatnonzero(~table["dated"])
    cell = table["cell"].to_numpy()
    done[steady] = _close(table.iloc[steady], cell[steady], drawn[steady], room[:, None], others)
    # Then those with years fill what the others leave.
    with_years = pd.MultiIndex.from_frame(table.loc[table["dated"], ["flow", "layer"]])
    always = np.flatnonzero(~table["dated"] & ~pd.MultiIndex.from_frame(table[["flow", "layer"]]).isin(with_years))
    taken = np.zeros((len(room), drawn.shape[1]))
    np.add.at(taken, cell[always], np.nan_to_num(done[always]))
    held = np.bincount(cell[always], minlength=len(room))
    held[cell[always][table["value"].isna().to_numpy()[always]]] = -len(system["flows"])
    moving = np.flatnonzero(table["dated"])
    if len(moving):
        part = table.iloc[moving]
        sets = part.groupby(["cell", "year"], sort=False).ngroup().to_numpy()
        owner = np.zeros(int(sets.max()) + 1, dtype=np.int64)
        owner[sets] = cell[moving]
        left = np.clip(1.0 - taken[owner], 0.0, 1.0)
        done[moving] = _close(part, sets, drawn[moving], left, held[owner])
    return done


def _room_for_steady(table: pd.DataFrame) -> tuple[Floats, Integers]:
    """Return per cell what coefficients with years leave to those without, and how many flows they stand for.

    A negative number says that the coefficients without years need not fill the room.
    """
    cells = int(table["cell"].max()) + 1
    room, others = np.ones(cells), np.zeros(cells, dtype=np.int64)
    for cell, part in table[table["dated"]].groupby("cell"):
        sums = part["value"].where(part["exact"], 0.0).groupby(part["year"]).sum()
        room[cell] = max(1.0 - float(sums.max()), 0.0)
        whole = part["exact"].all() and part.groupby("year").size().eq(part["flow"].nunique()).all()
        others[cell] = part["flow"].nunique() if whole else -int(part["flows"].iloc[0])
    return room, others


def _close(table: pd.DataFrame, sets: Integers, drawn: Floats, room: Floats, held: Integers) -> Floats:
    """Return coefficients of sets that close to ``room`` if complete, and are no more than it otherwise.

    ``room`` (sets, draws or 1) and ``held``, the flows that others stand for, are by number of the set.
    """
    if table.empty:
        return drawn
    size = len(room)
    room = np.broadcast_to(room, (size, drawn.shape[1]))
    blank, exact = table["value"].isna().to_numpy(), table["exact"].to_numpy(dtype=bool)
    wanted = np.zeros(size)
    wanted[sets] = table["flows"].to_numpy(dtype=float)
    complete = (np.bincount(sets, minlength=size) + held >= wanted) & (np.bincount(sets, blank, minlength=size) == 0)
    # Where nothing is uncertain but what others took was drawn, the exact ones give way.
    stiff = np.bincount(sets, ~exact & ~blank, minlength=size) == 0
    exact = exact & ~(stiff & complete)[sets]
    open_sets = np.flatnonzero(~complete)
    values = np.vstack([np.where(blank[:, None], 0.0, drawn), np.zeros((len(open_sets), drawn.shape[1]))])
    owners = np.concatenate([sets, open_sets])
    rest = np.arange(len(owners)) >= len(table)
    fixed = np.concatenate([exact | blank, np.zeros(len(open_sets), dtype=bool)])
    result = closed(values, owners, rest, fixed, room)[: len(table)]
    return np.where(blank[:, None], np.nan, result)


def without_spread(system: System) -> System:
    """Return the system with every standard deviation zero, so that nothing is uncertain."""
    tables = dict(system.tables)
    for name in TABLES:
        tables[name] = tables[name].assign(std=0.0)
    return replace(system, tables=tables)
