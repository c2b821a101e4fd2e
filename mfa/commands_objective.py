"""What the command line reads and says of another objective and of a budget."""

from __future__ import annotations

import re
from typing import Any

from mfa.api import OptionError
from mfa.words import Speaker, say

MULTIPLES = {"": 1.0, "mio": 1e6, "m": 1e6, "million": 1e6, "mia": 1e9, "bn": 1e9, "billion": 1e9}


def money_given(text: str) -> float:
    """Return an amount of money given as a number, or as millions or thousands of millions.

    >>> money_given("30e9"), money_given("30000 mio."), money_given("1,5 mia")
    (30000000000.0, 30000000000.0, 1500000000.0)

    Raises :class:`mfa.api.OptionError` for anything else.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:[.,][0-9]+)?(?:e[0-9]+)?)\s*([a-z]*)\.?\s*", text.lower())
    if found is None or found[2] not in MULTIPLES:
        raise OptionError("no_budget", value=text)
    return float(found[1].replace(",", ".")) * MULTIPLES[found[2]]


def show_objective(info: dict[str, Any], speak: Speaker) -> None:
    """Print what a plan reaches of another objective than cost, and its bound."""
    asked = info.get("objective_of")
    if not asked:
        return
    name = speak.known(f"objective_{asked['name']}").removeprefix("objective_")
    if asked["name"] == "rate":
        value, bound, unit = (*(speak.percent(asked[part], 2) for part in ("value", "bound")), "")
    else:
        value, bound, unit = (*(speak.number(asked[part], 1) for part in ("value", "bound")), asked["unit"])
    say("  " + speak("asked", name=name, value=value, bound=bound, unit=unit).replace("  ", " "))
