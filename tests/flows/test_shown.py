"""What the objects of the accounting engine say of themselves in a terminal: one line, never their tables."""

from __future__ import annotations

import numpy as np

from flows.account_uncertainty import account_uncertainty
from flows.reconcile import reconcile
from flows.reconcile_case import reconcile_case
from flows.solve import solve
from flows.system import System
from flows.uncertainty import monte_carlo
from tests.cases.small import two_towns

SYSTEM = System.from_tables(
    settings={"title": "Two"},
    processes=[{"process": "p"}],
    flows=[{"flow": "a", "to": "p"}, {"flow": "b", "from": "p"}],
    measurements=[{"flow": "a", "value": 10, "std": 1}],
)


def test_objects_are_told_in_a_line():
    case = two_towns(measurements=[{"measure": "rate", "sector": "households", "year": 2024, "value": 0.1}])
    told = {
        "<System 'Two': 1 processes, 2 flows, 1 measurements>": SYSTEM,
        "<Solution: 2 flows, layers and years, 0 undetermined>": solve(SYSTEM),
        "<Case 'Two towns': 2 municipalities, 2 schemes, 4 facilities>": case,
    }
    for text, item in told.items():
        assert repr(item) == text
    for item in (
        reconcile(SYSTEM),
        reconcile_case(case),
        account_uncertainty(case, draws=4),
        monte_carlo(SYSTEM, draws=4),
    ):
        assert len(repr(item)) < 160 and repr(item).startswith(f"<{type(item).__name__}: ")
        assert "<table" in item._repr_html_()


def test_numbers_of_a_reconciliation_are_told():
    both = System.from_tables(
        processes=SYSTEM["processes"],
        flows=SYSTEM["flows"],
        measurements=[{"flow": "a", "value": 10, "std": 3}, {"flow": "b", "value": 15, "std": 4}],
    )
    # The difference of 5 has a standard deviation of 5.
    assert repr(reconcile(both)) == (
        "<Reconciliation: 2 flows, layers and years; chi2 1 with 1 degrees of freedom, p 0.317; 0 suspects>"
    )
    assert np.isclose(reconcile(both).chi2, 1.0)
