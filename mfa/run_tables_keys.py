"""Which columns together name a row of a run's table: what a database or a data package calls its key."""

from __future__ import annotations

import pandas as pd

_STATE = ("variant", "year")
_RATE = (*_STATE, "scope", "method", "municipality")
_ORIGIN = ("municipality", "sector", "segment")

KEYS: dict[str, tuple[str, ...]] = {
    "flows": (*_STATE, "from", "to", *_ORIGIN, "scheme", "stream", "output", "fraction", "treatment"),
    "rates": _RATE,
    "counted": (*_RATE, "sector", "segment", "fraction", "from", "to"),
    "schemes": (*_STATE, *_ORIGIN, "scheme"),
    "facilities": (*_STATE, "facility"),
    "costs": (*_STATE, "payer", "municipality", "sector", "facility", "category"),
    "emissions": (*_STATE, "municipality", "facility", "step", "fraction", "kind"),
    "indicators": (*_STATE, "municipality", "indicator"),
    "purchases": (*_STATE, "purchase", "municipality", "market", "output"),
    "household_costs": (*_STATE, "municipality"),
    "calibration": (*_ORIGIN, "fraction", "year"),
    "uncertainty": _RATE,
    "drivers": (*_RATE, "rank"),
    "distances": ("municipality", "facility"),
    "data_quality": ("variant", "aspect", "status"),
    "highest": ("scope", "method", "municipality", "year"),
    "repairs": ("option", "rank"),
    "contradictions": ("rank",),
    "reach": ("scope", "method", "municipality", "year", "sector", "segment", "fraction"),
    "suspects": ("rank",),
    "certificate": ("check",),
    "frontier": ("point",),
    "alternatives": ("plan",),
}
"""Key by table. Tables that are not listed name their rows by no columns of their own."""

SYSTEM_KEYS: dict[str, tuple[str, ...]] = {
    "flows": ("flow", "layer", "year"),
    "stocks": ("process", "layer", "year"),
    "balances": ("process", "layer", "year"),
    "draws": ("flow", "layer", "year"),
}
"""The same for the account of a flow system, whose tables have some of the same names."""


def key_of(name: str, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns that name a row, or none where the table has no key or does not keep it.

    A table is not believed: a key that two rows share would be refused by whoever reads it.

    >>> key_of("certificate", pd.DataFrame({"check": ["balance", "cost"]}))
    ('check',)
    """
    for keys in (KEYS, SYSTEM_KEYS):
        key = keys.get(name, ())
        if key and set(key) <= set(frame.columns):
            return () if frame.duplicated(list(key)).any() else key
    return ()
