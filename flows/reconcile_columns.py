"""Columns of the tables that reconciling a case makes; apart, so that who only reads them loads no statistics."""

from __future__ import annotations

from flows.amounts import SOURCE

CALIBRATION_COLUMNS = [*SOURCE, "fraction", "year", "reported_rate", "modelled_before", "modelled_after", "shift"]
MOVED_COLUMNS = [
    "kind",
    *SOURCE,
    "stream",
    "fraction",
    "name",
    "year",
    "status",
    "used",
    "given",
    "std",
    "before",
    "reconciled",
    "reconciled_std",
    "z",
    "suspect",
]
SUSPECT_COLUMNS = [
    "rank",
    "kind",
    *SOURCE,
    "stream",
    "fraction",
    "given",
    "std",
    "z",
    "implied",
    "implied_std",
    "chi2",
    "p_value",
]
