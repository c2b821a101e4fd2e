"""Material flow accounts and least-cost recycling plans: the one name that users import.

>>> import mfa
>>> case = mfa.read_case("case.xlsx")           # doctest: +SKIP
>>> run = mfa.plan(case, target="80%", year=2035, out="my-plan")  # doctest: +SKIP
>>> mfa.report(run, lang="da")                  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.account_uncertainty import account_uncertainty
    from flows.case import Case
    from flows.lifetimes import Lifetime
    from flows.problems import InputError, Problem
    from flows.stocks import DynamicStock
    from flows.system import System
    from flows.uncertainty import monte_carlo, propagate
    from mfa.api import (
        OptionError,
        account,
        capital_region,
        capital_region_path,
        check,
        plan,
        reconcile,
        report,
        template,
    )
    from mfa.api_choices import alternatives, compare, frontier, worth
    from mfa.api_layout import layout_example
    from mfa.api_rerun import Rerun, rerun
    from mfa.api_robust import robust
    from mfa.api_sweep import sweep
    from mfa.api_view import view
    from mfa.comparison import Comparison
    from mfa.exports import ExportError, export
    from mfa.imports import import_data
    from mfa.robust_run import RobustRun
    from mfa.run import Run, RunError
    from mfa.run_bundle import Bundle
    from mfa.sweep_results import Sweep, read_sweep
    from mfa.system_run import SystemRun
    from mfa.system_write import write_system
    from mfa.workbook_read import read_case, read_system
    from mfa.workbook_write import write_case
    from models.plan import Infeasible, Interrupted, NoPlan
    from models.repaired import repaired

__version__ = "0.1.0"

__all__ = [
    "Bundle",
    "Case",
    "Comparison",
    "DynamicStock",
    "ExportError",
    "Infeasible",
    "Interrupted",
    "InputError",
    "Lifetime",
    "NoPlan",
    "OptionError",
    "Problem",
    "Rerun",
    "RobustRun",
    "Run",
    "RunError",
    "Sweep",
    "System",
    "SystemRun",
    "account",
    "account_uncertainty",
    "alternatives",
    "capital_region",
    "capital_region_path",
    "check",
    "compare",
    "export",
    "frontier",
    "import_data",
    "layout_example",
    "monte_carlo",
    "plan",
    "propagate",
    "read_case",
    "read_sweep",
    "read_system",
    "reconcile",
    "repaired",
    "report",
    "rerun",
    "robust",
    "sweep",
    "template",
    "view",
    "worth",
    "write_case",
    "write_system",
]

_HOMES = {
    "Bundle": "mfa.run_bundle",
    "Case": "flows.case",
    "Comparison": "mfa.comparison",
    "DynamicStock": "flows.stocks",
    "ExportError": "mfa.exports",
    "Infeasible": "models.plan",
    "Interrupted": "models.plan",
    "InputError": "flows.problems",
    "Lifetime": "flows.lifetimes",
    "NoPlan": "models.plan",
    "OptionError": "mfa.api",
    "Problem": "flows.problems",
    "Rerun": "mfa.api_rerun",
    "RobustRun": "mfa.robust_run",
    "Run": "mfa.run",
    "RunError": "mfa.run",
    "Sweep": "mfa.sweep_results",
    "System": "flows.system",
    "SystemRun": "mfa.system_run",
    "account": "mfa.api",
    "account_uncertainty": "flows.account_uncertainty",
    "alternatives": "mfa.api_choices",
    "capital_region": "mfa.api",
    "capital_region_path": "mfa.api",
    "check": "mfa.api",
    "compare": "mfa.api_choices",
    "export": "mfa.exports",
    "frontier": "mfa.api_choices",
    "import_data": "mfa.imports",
    "layout_example": "mfa.api_layout",
    "monte_carlo": "flows.uncertainty",
    "plan": "mfa.api",
    "propagate": "flows.uncertainty",
    "read_case": "mfa.workbook_read",
    "read_sweep": "mfa.sweep_results",
    "read_system": "mfa.workbook_read",
    "reconcile": "mfa.api",
    "repaired": "models.repaired",
    "report": "mfa.api",
    "rerun": "mfa.api_rerun",
    "robust": "mfa.api_robust",
    "sweep": "mfa.api_sweep",
    "template": "mfa.api",
    "view": "mfa.api_view",
    "worth": "mfa.api_choices",
    "write_case": "mfa.workbook_write",
    "write_system": "mfa.system_write",
}
"""Where each public name lives; it is imported when it is first used, so that `import mfa` is quick."""

_ROOMS = ("flows", "models", "reports")


def _check_rooms(rooms: tuple[str, ...] = _ROOMS) -> None:
    """Refuse to run with another ``flows``, ``models`` or ``reports`` than our own.

    The names are plain words, so a script or folder of the user's may be found in their place.
    """
    home = Path(__file__).resolve().parent.parent
    for room in rooms:
        spec = importlib.util.find_spec(room)
        if spec is None:
            raise ImportError(f"circular-mfa is not whole: its package '{room}' is missing; install it again")
        origin = Path(spec.origin).resolve() if spec.origin else None
        if origin is None or origin.parent.parent != home:
            places = [origin] if origin else [Path(place) for place in spec.submodule_search_locations or ()]
            found = ", ".join(str(place) for place in places) or room
            raise ImportError(
                f"'{room}' was found at {found}, which is not part of circular-mfa; "
                f"please rename that file or folder (it hides the package '{room}' of circular-mfa)"
            )


_check_rooms()


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mfa' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])
