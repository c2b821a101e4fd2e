"""What the declarations allow ends in a result that holds or in a problem that is told, never in a traceback.

Every column of a case that has everything, and of a flow system, gets values at its ends and years around the plan, in
all rows and in one; rows and tables are left out. A sample runs always, the whole with ``-m exhaustive``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import cache

import pytest

import mfa
from flows.case import Case
from flows.checks import check_case
from flows.checks_system import check_system
from flows.coefficients import NetworkError
from flows.network import BalanceError
from flows.problems import Problem, errors_of
from flows.system import System
from flows.system_tables import SYSTEM_SETTINGS, SYSTEM_TABLES
from flows.tables import SETTINGS, TABLES
from mfa.system_example import example_system
from tests.cases.busy import busy_case, levers_case
from tests.lawful import Oddity, odd_settings, oddities, rows_of

CASES: dict[str, Callable[[], Case]] = {"busy": busy_case, "levers": levers_case}
SAMPLE = 8
"""Changes of each that always run."""
AFTER = {"no_taker", "no_outlet", "no_yield", "no_exit", "no_taker_later", "no_outlet_later"}
"""Codes of what is only found by following the waste."""


@cache
def _case(name: str) -> Case:
    return CASES[name]()


def _changes(name: str) -> list[Oddity]:
    if name == "system":
        system = example_system()
        years, rows = range(2019, 2027), rows_of(SYSTEM_TABLES, system.tables)
        return [*oddities(SYSTEM_TABLES, rows, years), *odd_settings(SYSTEM_SETTINGS, years)]
    case = _case(name)
    first, *_, last = case.plan_years
    years = sorted({case.account_year - 1, case.account_year, first, first + 1, last, last + 1})
    return [*oddities(TABLES, rows_of(TABLES, case.tables), years), *odd_settings(SETTINGS, years)]


def _sampled() -> list[object]:
    chosen = random.Random(2035)
    return [
        pytest.param(name, change, id=f"{name}-{change}")
        for name in (*CASES, "system")
        for change in chosen.sample(_changes(name), SAMPLE)
    ]


@pytest.mark.parametrize(("name", "change"), _sampled())
def test_nothing_lawful_ends_in_a_traceback(name: str, change: Oddity) -> None:
    _followed(name, change)


FOUND = [
    ("busy", Oddity("technologies", "lifetime", "all", 1e7)),
    ("levers", Oddity("purchasing", "lifetime", "all", 1e7)),
    ("levers", Oddity("pinned", "run", "all", False)),
    ("system", Oddity("stocks", "year", "first", 2025)),
    ("system", Oddity("layers", "shown_unit", "first", "other")),
]
"""What ended in a traceback, a warning or a certificate that does not hold once."""


@pytest.mark.parametrize(("name", "change"), FOUND, ids=[f"{name}-{change}" for name, change in FOUND])
def test_what_was_found_once_stays_mended(name: str, change: Oddity) -> None:
    _followed(name, change)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "table"),
    [
        *((name, table) for name in CASES for table in ("settings", *(one.name for one in TABLES))),
        *(("system", table) for table in ("settings", *(one.name for one in SYSTEM_TABLES))),
    ],
)
def test_nothing_lawful_of_a_table_ends_in_a_traceback(name: str, table: str) -> None:
    failed = {}
    for change in _changes(name):
        if change.table == table:
            try:
                _followed(name, change)
            except Exception as error:  # all of them are wanted, not the first
                failed[str(change)] = f"{type(error).__name__}: {error}"[:300]
    assert not failed


def _followed(name: str, change: Oddity) -> None:
    if name == "system":
        _accounted(change)
    else:
        _planned(_case(name), change)


def _planned(base: Case, change: Oddity) -> None:
    case = Case.from_tables(change.set_in(base.settings), change.applied(rows_of(TABLES, base.tables)))
    told = _codes(check_case(case))
    try:
        mfa.account(case)
        certificate = mfa.plan(case, gap=0.02, time_limit=60).tables["certificate"]
    except mfa.InputError as error:
        assert told or _codes(error.problems) <= AFTER
        assert all(problem.text(language) for problem in error.problems for language in ("da", "en"))
    except mfa.Infeasible as error:
        assert not told
        assert error.reason
    else:
        assert not told
        assert certificate["holds"].all(), certificate[~certificate["holds"]].to_string()


def _accounted(change: Oddity) -> None:
    base = example_system()
    tables = change.applied(rows_of(SYSTEM_TABLES, base.tables))
    system = System.from_tables(change.set_in(base.settings), base.units, **tables)
    told = _codes(check_system(system))
    refused = False
    for act in (mfa.account, mfa.reconcile):
        try:
            act(system)
        except mfa.InputError as error:
            assert _codes(error.problems)
            refused = True
        except (NetworkError, BalanceError) as error:
            # Told in words on the command line, as an account is.
            assert str(error)
            refused = True
    assert refused or not told


def _codes(problems: Iterable[Problem]) -> set[str]:
    return {problem.code for problem in errors_of(problems)}
