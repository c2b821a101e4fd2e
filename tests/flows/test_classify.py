"""What is observable does not depend on how small it is."""

from __future__ import annotations

import pytest

from flows.reconcile import reconcile
from flows.system import System


@pytest.mark.parametrize("concentration", [1e-2, 1e-9, 1e-15])
def test_a_trace_in_an_unknown_flow_is_not_observable(concentration):
    system = System.from_tables(
        processes=[{"process": "a"}],
        flows=[{"flow": "in", "to": "a"}, {"flow": "x", "from": "a"}, {"flow": "y", "from": "a"}],
        layers=[{"layer": "goods"}, {"layer": "trace"}],
        relations=[{"flow": "in", "layer": "trace", "of_layer": "goods", "value": concentration, "std": 0}],
        measurements=[{"flow": "x", "layer": "goods", "value": 5, "std": 0.1}],
    )
    found = reconcile(system).flows.set_index(["flow", "layer"])["status"]
    assert found["in", "trace"] == "unmeasured_unobservable"
    assert found["x", "goods"] == "measured_nonredundant"
