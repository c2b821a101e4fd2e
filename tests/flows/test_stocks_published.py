"""Stocks against published results."""

from __future__ import annotations

import numpy as np
import pytest

from flows.stocks import DynamicStock
from tests.cases.stocks_published import AGEING, CASES, YEARS, PublishedStock


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_published_stock(case: PublishedStock) -> None:
    model = DynamicStock(YEARS, case.lifetime, ageing=AGEING)
    result = model.from_inflow(case.inflow) if case.driven_by == "inflow" else model.from_stock(case.stock)
    within = {"rtol": 0, "atol": case.tolerance}
    np.testing.assert_allclose(result.stock, case.stock, **within)
    np.testing.assert_allclose(result.inflow, case.inflow, **within)
    np.testing.assert_allclose(result.outflow, case.outflow, **within)
    cohorts = result.cohorts()
    if case.stock_by_cohort is not None:
        np.testing.assert_allclose(cohorts.stock, case.stock_by_cohort, **within)
    if case.outflow_by_cohort is not None:
        np.testing.assert_allclose(cohorts.outflow, case.outflow_by_cohort, **within)
