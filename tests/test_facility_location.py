"""Problems of facility location as cases: read from the text format, against every set of open warehouses, by plan."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

import mfa
from benchmarks.facility_location import Instance, as_case, generated, main, read_instance, write
from flows.checks import check_case
from tests.models.test_chains import optimum

TEXT = """ 2 3
 100 50.
 80 40.5
 30
 60. 90.
 40
 120. 40.
 50
 25. 100.
"""


def transported(instance: Instance, opened: np.ndarray) -> float:
    """Return the least cost of transport from the open warehouses; infinite if they cannot hold everything."""
    customers, warehouses = instance.cost.shape
    whole = np.kron(np.eye(customers), np.ones(warehouses))
    load = np.kron(instance.demand, np.eye(warehouses)).reshape(warehouses, -1)
    found = linprog(
        instance.cost.ravel(), A_ub=load, b_ub=instance.capacity * opened, A_eq=whole, b_eq=np.ones(customers)
    )
    return float(found.fun) if found.success else np.inf


def cheapest(instance: Instance) -> float:
    """Return the least cost over all sets of open warehouses."""
    sets = (np.array(chosen) for chosen in product((0.0, 1.0), repeat=len(instance.fixed)))
    return min(float(instance.fixed @ opened) + transported(instance, opened) for opened in sets)


def small(seed: int) -> Instance:
    """Return a small instance with little room to spare, and one warehouse that costs nothing to open."""
    instance = generated(5, 6, seed)
    room = np.round(instance.capacity * 0.4)
    fixed = instance.fixed.copy()
    fixed[seed % 5] = 0.0
    return Instance(instance.name, room, fixed, instance.demand, instance.cost * 5)


@pytest.mark.parametrize("seed", range(4))
def test_as_cheap_as_every_set_of_warehouses_tried(seed: int) -> None:
    instance = small(seed)
    assert optimum(as_case(instance), pooled=True) == pytest.approx(cheapest(instance), rel=1e-6)


def test_the_text_format_is_read_and_planned_from_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "two.txt"
    file.write_text(TEXT)
    instance = read_instance(file)
    assert instance.capacity.tolist() == [100, 80]
    assert instance.demand.tolist() == [30, 40, 50]
    # Both open, 90.5: the first supplies 1 and 3 (80 t of 100) for 85, the second 2 for 40.
    assert cheapest(instance) == pytest.approx(215.5)
    assert check_case(as_case(instance)) == []
    run = mfa.plan(write(instance, tmp_path), gap=1e-6)
    assert run.info["objective"] == pytest.approx(215.5)
    assert run.info["status"] == "optimal"
    assert run.info["certificate"]["holds"]


def test_a_file_that_is_cut_off_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "cut.txt"
    file.write_text(TEXT[:-10])
    with pytest.raises(ValueError, match="15 numbers expected, 13 found"):
        read_instance(file)


def test_the_runner_tells_a_missed_optimum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "two.txt"
    file.write_text(TEXT)
    assert main([str(file), "--optimum", "215.0"]) == 1
    assert "215.500" in capsys.readouterr().out
