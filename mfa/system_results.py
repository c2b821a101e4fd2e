"""From what was computed of a flow system to what is read: tables in shown units, pictures, workbooks.

The output workbook is a copy of the input with result sheets in front; their names begin with # so that
the copy can be corrected and read again.
"""

from __future__ import annotations

import os
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from openpyxl import load_workbook

from flows.solve import Solution
from flows.system import System
from mfa import system_account
from mfa.folder_names import folder_names
from mfa.workbook_save import save_book
from reports.excel_append import add_pages
from reports.layout import PAGE_PIXELS
from reports.page import Page, Picture
from reports.system_findings import in_shown_units, layer_names, marks, ratios_in_shown_units, shown_unit
from reports.system_pages import Reconciled, reconciled_pages
from reports.system_pages_account import Accounted, accounted_pages
from reports.words import Words

if TYPE_CHECKING:
    from flows.reconcile import Reconciliation
    from reports.sankey_system import SystemPicture

VALUES = ("measured", "std", "reconciled", "reconciled_std", "lower_possible", "upper_possible")
DOTS = 150.0
MOST_PICTURES = 6
TALLEST = 820.0
"""Height in pixels of a picture that fills a printed page, where it is as wide as the page."""
KINDS_OF_FLOW = ("flow", "addition")


@dataclass(frozen=True)
class Drawn:
    """A picture of one layer in one year, with its name for files and its title."""

    name: str
    title: str
    picture: SystemPicture

    def page_picture(self) -> Picture:
        """Return the picture as it stands on a sheet."""
        png = self.picture.png(DOTS)
        # The size stands in the first block of a PNG, after its signature.
        width, height = struct.unpack(">II", png[16:24])
        room = max(width, height * PAGE_PIXELS / TALLEST)
        return Picture(self.title, self.title, png, round(room * 96 / DOTS), round(height * 96 / DOTS))


def reconciled(system: System, found: Reconciliation, draws: pd.DataFrame | None = None) -> Reconciled:
    """Return what reconciling found, in the units in which its layers are shown."""
    flows = in_shown_units(system, found.flows, VALUES)
    # That a flow is not negative is no news: an interval says something where it is bounded above, or from zero.
    told = np.isfinite(flows["upper_possible"]) | flows["lower_possible"].gt(0)
    flows["lower_possible"] = flows["lower_possible"].where(told)
    suspects = found.suspects.assign(row=measurement_rows(system, found.suspects)).merge(
        found.flows[["flow", "layer", "year", "std"]], on=["flow", "layer", "year"], how="left"
    )
    of_flows = suspects["kind"].isin(KINDS_OF_FLOW)
    suspects = pd.concat(
        [
            in_shown_units(system, suspects[of_flows], ("measured", "std", "implied", "implied_std")),
            suspects[~of_flows].assign(unit=""),
        ]
    ).sort_values("rank", kind="stable")
    return Reconciled(
        system,
        flows,
        found.coefficients,
        ratios_in_shown_units(system, found.relations, VALUES),
        in_shown_units(system, found.balances, ("imbalance",)),
        suspects.reset_index(drop=True),
        found.chi2,
        found.dof,
        found.p_value,
        found.significance,
        system_account.undetermined(system, found),
        _shown_draws(system, draws),
    )


def measurement_rows(system: System, cells: pd.DataFrame) -> list[float]:
    """Return the row of the sheet from which the measurement of each flow, layer and year is; NaN where there is none."""
    rows = system["measurements"]
    if "_row" not in rows:
        return [float("nan")] * len(cells)
    found: list[float] = []
    for flow, layer, year in zip(cells["flow"], cells["layer"], cells["year"], strict=True):
        held = rows[
            rows["flow"].eq(flow) & rows["layer"].isin([layer, ""]) & (rows["year"].isna() | rows["year"].eq(year))
        ]
        # The more specific row wins: one that names the layer over one that names the year.
        order = held.assign(named=2 * held["layer"].ne("") + held["year"].notna()).sort_values("named", kind="stable")
        found.append(float(order["_row"].iloc[-1]) if len(order) else float("nan"))
    return found


def accounted(
    system: System,
    solution: Solution,
    stands_on: Reconciliation | None = None,
    draws: pd.DataFrame | None = None,
    language: str = "en",
) -> Accounted:
    """Return what accounting found, in the units in which its layers are shown."""
    amounts = ("inflow", "outflow", "addition", "error")
    words = Words(language)
    notes = [words("sys_first_reconciled")] if stands_on is not None else []
    notes += [problem.text(language) for problem in solution.problems]
    return Accounted(
        system,
        in_shown_units(system, solution.flows, ("value", "std")),
        in_shown_units(system, solution.stocks, amounts, ("stock",)),
        in_shown_units(system, system_account.balances(system, solution), amounts),
        solution.undetermined,
        _shown_draws(system, draws),
        notes,
    )


def _shown_draws(system: System, draws: pd.DataFrame | None) -> pd.DataFrame:
    if draws is None or draws.empty:
        return pd.DataFrame()
    shown = in_shown_units(system, draws, ("value", "mean", "std", "median", "p5", "p95"))
    shown.attrs = draws.attrs
    return shown


def reconciled_pictures(found: Reconciled, language: str) -> list[Drawn]:
    """Return a picture of each layer in the last year, values with their uncertainty, suspects marked."""
    system = found.system
    ends = system["flows"][["flow", "from", "to", "name"]]
    flows = found.flows.rename(columns={"std": "measured_std"}).rename(
        columns={"reconciled": "value", "reconciled_std": "std"}
    )
    flows = flows.assign(status=flows["status"].where(~marks(flows, found.suspects), "suspect"))
    stocks = flows[~flows["flow"].isin(set(ends["flow"]))]
    stocks = stocks.rename(columns={"flow": "process", "value": "addition"}).assign(stock=float("nan"))
    return _pictures(system, flows.merge(ends, on="flow"), stocks, language, found.suspects)


def accounted_pictures(found: Accounted, language: str) -> list[Drawn]:
    """Return a picture of each layer in the last year."""
    names = found.system["flows"][["flow", "name"]]
    return _pictures(found.system, found.flows.merge(names, on="flow"), found.stocks, language)


def _pictures(
    system: System, flows: pd.DataFrame, stocks: pd.DataFrame, language: str, suspects: pd.DataFrame | None = None
) -> list[Drawn]:
    """Return pictures: the last year of each layer, and the years of suspects."""
    from reports.sankey_system import system_sankey

    words = Words(language)
    cells = [(layer, max(system.years)) for layer in system.layers]
    if suspects is not None and len(suspects):
        cells = [*zip(suspects["layer"], suspects["year"].astype(int), strict=True), *cells]
    drawn: list[Drawn] = []
    shown = list(dict.fromkeys(cells))[:MOST_PICTURES]
    # Ids may hold signs that no file name can.
    files = folder_names("_".join(["sankey", layer, *([str(year)] if year else [])]) for layer, year in shown)
    for (layer, year), name in zip(shown, files.values(), strict=True):
        here = flows[(flows["layer"] == layer) & (flows["year"] == year)]
        there = stocks[(stocks["layer"] == layer) & (stocks["year"] == year)]
        if not here["value"].notna().any():
            continue
        named = layer_names(system, words)[layer]
        when = f", {year}" if len(system.years) > 1 or year else ""
        title = f"{system.settings['title']}: {named}{when}"
        picture = system_sankey(
            here.drop(columns=["unit", "layer", "year"]),
            there[["process", "stock", "addition"]] if len(there) else None,
            system["processes"][["process", "name"]],
            unit=shown_unit(system, layer),
            title=str(system.settings["title"]),
            subtitle=f"{named}{when}",
            language=language,
        )
        drawn.append(Drawn(name, title, picture))
    return drawn


def write_results(source: System | Path, pages: Sequence[Page], out: str | os.PathLike[str], language: str) -> Path:
    """Write a copy of the input with result sheets in front, and return its path.

    A system that was made in code is written as a workbook first, so that the copy holds its input too.
    """
    target = Path(out)
    if isinstance(source, System):
        from mfa.system_write import write_system

        write_system(source, target, language=language)
        book = open_book(target)
    else:
        book = open_book(source)
    return write_pages(book, pages, target, language)


def write_pages(book: Any, pages: Sequence[Page], target: Path, language: str) -> Path:
    """Put pages before the sheets of an open workbook and save it."""
    add_pages(book, pages, pages[0].title, Words(language)("page_of"))
    save_book(book, target)
    return target


def open_book(path: Path) -> Any:
    """Open a workbook to add sheets to it."""
    with warnings.catch_warnings():
        # openpyxl warns of what it cannot keep in the copy; the original is untouched.
        warnings.simplefilter("ignore")
        return load_workbook(path, keep_links=False)


def write_reconciled(
    source: System | Path, found: Reconciled, out: str | os.PathLike[str], language: str = "en"
) -> Path:
    """Write the annotated output workbook of a reconciliation and return its path."""
    pictures = [drawn.page_picture() for drawn in reconciled_pictures(found, language)]
    return write_results(source, reconciled_pages(found, pictures, language), out, language)


def write_accounted(source: System | Path, found: Accounted, out: str | os.PathLike[str], language: str = "en") -> Path:
    """Write the annotated output workbook of an account and return its path."""
    pictures = [drawn.page_picture() for drawn in accounted_pictures(found, language)]
    return write_results(source, accounted_pages(found, pictures, language), out, language)
