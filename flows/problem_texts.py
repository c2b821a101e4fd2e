"""The catalogue of problems: the text of every code in Danish and in English, in groups.

The texts stand in the modules ``problem_texts_*`` by what they are about; the reference of problems
(``docs/reference_errors.md``) is made from ``GROUPS``. A code is stable: programs and people look it up.
"""

from __future__ import annotations

from collections.abc import Mapping

from flows.problem_texts_case import ASKED, DRIVERS, MEANING, REACH
from flows.problem_texts_scenarios import SCENARIOS
from flows.problem_texts_system import RECONCILIATION, RESULTS, SYSTEM
from flows.problem_texts_workbook import CELLS, FILE, IMPORTS, SHEETS, UNITS

GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "The file": FILE,
    "Sheets and columns": SHEETS,
    "Units": UNITS,
    "Cells and settings": CELLS,
    "What the tables of a case mean together": MEANING,
    "Stocks that drive amounts": DRIVERS,
    "What a plan is asked for": ASKED,
    "What no plan can do, whatever is chosen": REACH,
    "Scenarios": SCENARIOS,
    "Flow systems": SYSTEM,
    "Results of a flow system": RESULTS,
    "Reconciliation": RECONCILIATION,
    "Importing statistics": IMPORTS,
}
"""The codes with their texts, Danish and English, under the heading of what they are about."""
TEXTS: dict[str, tuple[str, str]] = {code: texts for group in GROUPS.values() for code, texts in group.items()}

SUGGESTION = ("mente du '{0}'?", "did you mean '{0}'?")
WORDS = {"row": ("række", "row"), "error": ("fejl", "error"), "warning": ("advarsel", "warning")}
