"""Numerical scale: one case written in grams and in megatonnes, and cases truly far smaller and larger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.account import account_flows
from flows.case import Case
from flows.rates import rates
from mfa.cli import main
from mfa.workbook import write_case
from mfa.workbook_read import read_case
from models.plan import NoPlan, PlanResult
from tests import other_world
from tests.cases.pencil import optimum, planned
from tests.models.test_laws import at_target, times

GRAMS = {
    ("generation", "amount"): "g/year",
    ("facilities", "capacity"): "g/year",
    ("sizes", "capacity"): "g/year",
    ("schemes", "cost_per_tonne"): "EUR/g",
    ("schemes", "change_cost_per_tonne"): "EUR/(kg/year)",
    ("facilities", "gate_fee"): "EUR/g",
    ("technologies", "variable_cost"): "EUR/g",
    ("markets", "price"): "EUR/g",
    ("markets", "distance"): "m",
    ("transport", "cost"): "EUR/g/m",
    ("transport", "cost_per_tonne"): "EUR/g",
}
MEGATONNES = {
    ("generation", "amount"): "Mt/year",
    ("facilities", "capacity"): "Mt/year",
    ("facilities", "fixed_cost"): "MEUR/year",
    ("sizes", "capacity"): "Mt/year",
    ("sizes", "capex"): "MEUR",
    ("sizes", "fixed_cost"): "MEUR/year",
    ("schemes", "cost_per_tonne"): "MEUR/Mt",
    ("markets", "price"): "MEUR/Mt",
    ("transport", "cost"): "MEUR/Mt/km",
}
SIZE = {
    "dwellings": ("dwellings",),
    "generation": ("amount",),
    "facilities": ("capacity", "reserved", "minimum_load", "filler", "fixed_cost"),
    "sizes": ("capacity", "minimum_load", "capex", "fixed_cost"),
    "markets": ("capacity",),
}
"""What grows with a region; costs per tonne and per home do not."""


def written(path: Path, units: dict[tuple[str, str], str]) -> Case:
    return read_case(write_case(other_world.SETTINGS, other_world.tables(), path, units=units))


@pytest.fixture(scope="module")
def tonnes(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return written(tmp_path_factory.mktemp("scale") / "tonnes.xlsx", {})


@pytest.mark.parametrize("units", [GRAMS, MEGATONNES], ids=["grams", "megatonnes"])
def test_grams_and_megatonnes_are_the_same_case_account_and_plan(
    tonnes: Case, units: dict[tuple[str, str], str], tmp_path: Path
) -> None:
    other = written(tmp_path / "other.xlsx", units)
    for name, table in tonnes.tables.items():
        pd.testing.assert_frame_equal(other.tables[name], table, rtol=1e-12, atol=0.0, check_exact=False, obj=name)
    accounts = [account_flows(case, 2024)[0] for case in (tonnes, other)]
    np.testing.assert_allclose(*(one["mass_t"].to_numpy() for one in accounts), rtol=1e-9)
    told = [rates(case, flows)["rate"].to_numpy() for case, flows in zip((tonnes, other), accounts, strict=True)]
    np.testing.assert_allclose(*told, rtol=1e-9)
    assert optimum(other) == pytest.approx(optimum(tonnes), rel=1e-9)


@pytest.fixture(scope="module")
def base() -> PlanResult:
    return planned(at_target(0.5))


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_a_region_of_another_size_has_the_same_plan_and_a_valid_certificate(base: PlanResult, factor: float) -> None:
    other = planned(times(at_target(0.5), SIZE, factor))
    assert other.info["objective"] == pytest.approx(base.info["objective"] * factor, rel=1e-6)
    for name, columns in {"schemes": ["scheme", "share"], "facilities": ["open", "size"]}.items():
        pd.testing.assert_frame_equal(*(one.tables[name][["variant", "year", *columns]] for one in (base, other)))
    masses = [one.tables["flows"]["mass_t"].to_numpy() for one in (base, other)]
    np.testing.assert_allclose(masses[1], masses[0] * factor, rtol=1e-6)


def test_what_the_solver_cannot_tell_from_nothing_is_said_to_be_too_small() -> None:
    with pytest.raises(NoPlan, match="below 10 kg a year"):
        planned(times(at_target(0.5), SIZE, 1e-6))


def test_the_command_line_asks_about_the_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables: dict[str, list[dict[str, Any]]] = other_world.tables()
    tables["generation"] = [{**row, "amount": row["amount"] * 1e-9} for row in tables["generation"]]
    path = write_case(other_world.SETTINGS, tables, tmp_path / "tiny.xlsx")
    assert main(["plan", str(path), "--out", str(tmp_path / "plan"), "--lang", "da"]) == 5
    assert "er enheden rigtig?" in capsys.readouterr().err
    assert not (tmp_path / "plan").exists()
