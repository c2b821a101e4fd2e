"""Facts of a case are worked out once: a case never changes, and many ask the same of it.

What is wanted of a case (targets, limits, the objective) changes no fact, so a case that differs from another only in that
shares what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from flows.case import Case

P = ParamSpec("P")
R = TypeVar("R")


def of_case(function: Callable[Concatenate[Case, P], R]) -> Callable[Concatenate[Case, P], R]:
    """Return a function that is run once for each case and arguments; tables come as copies.

    ``function`` hangs on nothing but its arguments, and of the case not on :data:`flows.case.WISHES` and
    :data:`flows.case.WISHED`. Further arguments are plain values, or several years.
    """

    @wraps(function)
    def remembered(case: Case, *given: P.args, **options: P.kwargs) -> R:
        arguments = [_plain(value) for value in given]
        named = {name: _plain(value) for name, value in options.items()}
        key = (function, *arguments, *named.items())
        if key not in case.facts:
            case.facts[key] = function(case, *arguments, **named)  # type: ignore[call-arg, arg-type]
        known: R = case.facts[key]
        return known.copy() if isinstance(known, pd.DataFrame) else known

    return cast("Callable[Concatenate[Case, P], R]", remembered)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
