"""A general flow system: processes, flows, coefficients, measurements, relations and stocks as tables.

It is made by the workbook reader or, in scripts and tests, by :meth:`System.from_tables`. Solving it is
the work of :mod:`flows.solve`, making measurements consistent that of :mod:`flows.reconcile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from flows.case import Rows, parse_years, typed_setting, typed_table
from flows.system_tables import SYSTEM_BY_NAME, SYSTEM_SETTINGS, SYSTEM_TABLES

GOODS = "goods"
MASS = "t/year"


@dataclass(frozen=True, repr=False)
class System:
    """All tables of a flow system, in canonical units.

    ``settings`` holds every declared setting, ``tables`` every declared table (maybe empty): text is
    ``''`` and numbers are NaN where blank. ``units`` is the canonical unit of each layer.

    >>> system = System.from_tables(
    ...     processes=[{"process": "sorting"}],
    ...     flows=[{"flow": "waste", "to": "sorting"}, {"flow": "bales", "from": "sorting"}],
    ...     measurements=[{"flow": "waste", "value": 90}],
    ... )
    >>> system.layers, system.years
    (('goods',), (0,))
    """

    settings: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_tables(
        cls, settings: Mapping[str, Any] | None = None, units: Mapping[str, str] | None = None, **tables: Rows
    ) -> System:
        """Make a system from rows in canonical units; blanks take their declared defaults.

        Raises ``KeyError`` for a table that is not declared. What the tables mean together is checked by
        :func:`flows.checks_system.check_system`.
        """
        for name in tables:
            SYSTEM_BY_NAME[name]
        given = dict(settings or {})
        typed = {setting.name: typed_setting(setting, given.get(setting.name)) for setting in SYSTEM_SETTINGS}
        frames = {table.name: typed_table(table, tables.get(table.name, [])) for table in SYSTEM_TABLES}
        return cls(typed, frames, dict(units or {}))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(self.tables[name])} {name}" for name in ("processes", "flows", "measurements"))
        return f"<System '{self.settings['title']}': {sizes}>"

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return a table; raises ``KeyError`` if it is not declared."""
        return self.tables[table]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers: those listed, then others in the order in which they occur; 'goods' if none is named."""
        named = list(self.tables["layers"]["layer"])
        for table, column in (
            ("measurements", "layer"),
            ("transfer_coefficients", "layer"),
            ("relations", "of_layer"),
            ("relations", "layer"),
            ("stocks", "layer"),
        ):
            named += [layer for layer in self.tables[table][column].unique() if layer]
        return tuple(dict.fromkeys(named)) or (GOODS,)

    @property
    def years(self) -> tuple[int, ...]:
        """The years: those of the settings, else those of measurements and coefficients; 0 if there are none."""
        if self.settings["years"]:
            return tuple(parse_years(str(self.settings["years"])))
        found: set[int] = set()
        for table in ("measurements", "transfer_coefficients", "relations"):
            found |= {int(year) for year in self.tables[table]["year"].dropna()}
        return tuple(sorted(found)) or (0,)

    def unit(self, layer: str) -> str:
        """Return the canonical unit of a layer's flows."""
        return self.units.get(layer, MASS)
