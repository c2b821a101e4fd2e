"""The plan as a mixed-integer linear model, family by family, from numpy tables.

Columns: ``x`` share of a scheme in a period, ``u`` its newly begun part, ``on`` a step of a facility in
operation, ``s`` its opening, ``w`` the kind of destination a facility chooses, ``a`` what a stream of a
scheme sends down a route, ``b`` where it is at a later stage of the route and ``g`` the place that a pile goes to,
``f`` what of a municipality's stream a facility takes, ``h`` what an output
hauls on to a facility, ``z`` what a market takes (``v``: from whom). Masses are kt/year, money is millions.

The composition of a stream under a scheme is data, so what a route counts, burns and sells per tonne is a
constant and the model is linear. A technology treats alike, so ``a`` carries composition to technologies
and ``f`` carries mass to places. With ``pooled`` this also holds for technologies whose outputs are hauled
on, each output leaving from the technology's nearest place: a relaxation, whose optimum is a lower bound.
"""

from __future__ import annotations

import pandas as pd

from flows.amounts import SOURCE
from flows.case import Case
from models.builder import Linear
from models.demand import add_demand, add_requirements
from models.formulation_capacity import add_capacity
from models.formulation_facilities import add_facilities, running_facilities
from models.formulation_flows import add_hauls, add_markets, add_places, add_routes
from models.formulation_parts import (
    Decisions,
    Formulation,
    Support,
)
from models.formulation_schemes import add_schemes
from models.formulation_targets import add_contracts, add_limits, add_targets
from models.indicators import money, without_policy
from models.objective import POLICY as OBJECTIVE
from models.objective import Asked, add_objective
from models.routes import Routes
from models.supply import allowed_schemes, ramped, supply
from models.timing import Horizon


def build(
    case: Case,
    captures: pd.DataFrame,
    constants: Routes,
    time: Horizon,
    *,
    pooled: bool,
    decisions: Decisions | None = None,
    support: Support | None = None,
    asked: Asked | None = None,
) -> Formulation:
    """Return the model of a case.

    ``captures`` is what :func:`flows.capture.shifted_capture` returns, ``constants`` what
    :func:`models.routes.routes` returns. ``decisions`` fix schemes and steps; what they leave out is not built.
    ``support`` leaves out what is not in it, without fixing anything. ``asked`` is what the plan is for, by default
    the least cost.
    """

    def physical(case: Case) -> Formulation:
        return _physical(case, captures, constants, time, pooled=pooled, decisions=decisions, support=support)

    form = physical(case)
    form.again = physical
    form.money = money(form)
    _add_policy(form, asked or Asked())
    return form


def _physical(
    case: Case,
    captures: pd.DataFrame,
    constants: Routes,
    time: Horizon,
    *,
    pooled: bool,
    decisions: Decisions | None,
    support: Support | None,
) -> Formulation:
    """Return the model of what there is, without what is wanted of it."""
    slices = pd.DataFrame(
        [(part.years[0], part.years[-1], part.period, part.step) for part in time.slices],
        columns=["slice", "slice_end", "period", "step"],
    )
    allowed = allowed_schemes(case, time)
    if decisions is not None:
        allowed = allowed.drop(columns=["lower", "upper"]).merge(decisions.schemes, on=[*SOURCE, "scheme", "period"])
        allowed = allowed[allowed["share"] > 0].assign(
            lower=lambda t: t["share"], upper=lambda t: t["share"], integer=False
        )
    if support is not None:
        allowed = allowed.merge(support.schemes, on=[*SOURCE, "scheme"])
    linear = Linear()
    form = Formulation(
        case,
        time,
        constants,
        captures,
        pooled,
        linear,
        supply(case, captures, time, ramped(case, allowed)),
        slices,
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
        decided=decisions is not None,
    )
    add_schemes(form, allowed)
    stages = add_facilities(form, decisions, support)
    running = running_facilities(case, stages, slices)
    add_routes(form, running)
    add_places(form, running)
    add_capacity(form, stages, running)
    add_hauls(form, running)
    add_markets(form, running)
    add_demand(form)
    add_contracts(form, running)
    return form


def _add_policy(form: Formulation, asked: Asked) -> None:
    """What is wanted comes last: it can be asked anew."""
    add_targets(form)
    add_requirements(form)
    add_limits(form, asked.margin)
    add_objective(form, asked)


POLICY = (
    "target",
    "content",
    "limit",
    *(f"{name}{part}" for name in ("stands", "ever") for part in ("", "_if_on", "_only_if_on")),
    *OBJECTIVE,
)
"""Families of rows and blocks of columns that say what is wanted."""


def with_policy(form: Formulation, case: Case, asked: Asked | None = None) -> Formulation:
    """Return the model with the targets, limits and objective of ``case`` instead of its own.

    Columns and the rows of everything physical are shared with ``form``, not copied.
    """
    physical = without_policy(form, case, POLICY)
    _add_policy(physical, asked or Asked())
    return physical
