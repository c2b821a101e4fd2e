"""The certificate of a plan: everything a plan promises, recomputed from the run's tables and the case alone.

It is written on numpy, the accounting network and the rate methods, and shares no code with the model. A
run whose certificate does not hold is not reported as a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from flows.case import Case
from models import (
    certificate_beside,
    certificate_cost,
    certificate_demand,
    certificate_fair,
    certificate_flows,
    certificate_indicators,
    certificate_plants,
    certificate_schemes,
    certificate_targets,
)
from models.evidence import RELATIVE, STANDING, Check, Evidence

CERTIFICATE_COLUMNS = ["check", "largest_error", "tolerance", "holds", "detail"]

Family = Callable[[Evidence], list[Check]]
FAMILIES: tuple[Family, ...] = (
    certificate_flows.places,
    certificate_flows.balance,
    certificate_flows.generated,
    certificate_flows.calibration,
    certificate_flows.collection,
    certificate_flows.mixing,
    certificate_flows.yields,
    certificate_flows.deliveries,
    certificate_flows.classes,
    certificate_flows.single_destinations,
    certificate_plants.capacity,
    certificate_plants.plant_table,
    certificate_plants.least_load,
    certificate_plants.windows,
    certificate_plants.markets,
    certificate_plants.contracts,
    certificate_schemes.schemes,
    certificate_targets.targets,
    certificate_targets.told,
    certificate_indicators.limits,
    certificate_demand.purchases,
    certificate_demand.content,
    certificate_demand.exchange,
    certificate_cost.costs,
    certificate_indicators.indicators,
    certificate_fair.budget,
    certificate_fair.household_costs,
    certificate_beside.payers,
    certificate_beside.emissions,
    certificate_beside.counts,
    certificate_beside.words,
    certificate_beside.quality,
    certificate_beside.decided,
    certificate_beside.levers,
    certificate_beside.keys,
    certificate_beside.reconciled,
    certificate_beside.ways,
)
OF_STATES: tuple[Family, ...] = (
    certificate_flows.places,
    certificate_flows.balance,
    certificate_flows.generated,
    certificate_flows.collection,
    certificate_flows.mixing,
    certificate_flows.yields,
    certificate_flows.deliveries,
    certificate_plants.plant_table,
    certificate_plants.windows,
    certificate_schemes.unchanged,
    certificate_targets.told,
    certificate_cost.costs,
    certificate_indicators.indicators,
    certificate_fair.household_costs,
    certificate_beside.payers,
    certificate_beside.emissions,
    certificate_beside.counts,
    certificate_beside.words,
    certificate_beside.quality,
)
"""What holds of a state without a plan: its tables say what its flows say; it need not fit or be lawful."""


def certify(
    case: Case,
    tables: Mapping[str, pd.DataFrame],
    objective: float | None,
    variant: str = "plan",
    states: dict[str, Check] | None = None,
    standing: bool = True,
) -> pd.DataFrame:
    """Return the certificate of a run: one row per check with its largest error and whether it holds.

    ``tables`` are the run's ``flows``, ``schemes``, ``facilities``, ``costs``, ``calibration`` and, if
    there, ``rates``; ``objective`` the discounted cost that the run claims. Columns
    :data:`CERTIFICATE_COLUMNS`; the states without a plan that are there are checked too, a row each, unless ``standing``
    is false. ``states`` holds what is known of them, of the same case and tables, and is filled. ``detail`` names the worst row of a check that fails. Masses and money are
    compared relative to themselves, at least to one tonne or one unit of money.
    """
    evidence = Evidence(case, variant, tables, objective)
    checks = [check for family in FAMILIES for check in asked(family, evidence)]
    known = {} if states is None else states
    for state in [name for name in STANDING if standing and (tables["flows"]["variant"] == name).any()]:
        if state not in known:
            known[state] = _state(evidence.beside(state))
        checks.append(known[state])
    rows = [(one.check, one.largest_error, one.tolerance, one.holds, one.detail) for one in checks]
    return pd.DataFrame(rows, columns=CERTIFICATE_COLUMNS)


def asked(family: Family, evidence: Evidence) -> list[Check]:
    """Return the checks of a family; tables that it cannot even read do not hold."""
    try:
        return family(evidence)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [Check(family.__name__, float("inf"), RELATIVE, f"cannot be computed: {type(error).__name__} {error}")]


def _state(evidence: Evidence) -> Check:
    """Return one check of all that a state without a plan says; ``detail`` names what fails first."""
    found = [check for family in OF_STATES for check in asked(family, evidence)]
    failed = [check for check in found if not check.holds]
    largest = max(check.largest_error for check in failed or found)
    detail = f"{failed[0].check}: {failed[0].detail}" if failed else f"{len(found)} checks"
    return Check(f"state {evidence.variant}", largest, RELATIVE, detail)


def holds(certificate: pd.DataFrame) -> bool:
    """Return whether every check of a certificate holds."""
    return bool(len(certificate) > 0 and certificate["holds"].all())
