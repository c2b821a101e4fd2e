"""The declaration of a general flow system: the sheets of its workbook, column by column.

A system is any set of processes joined by flows, as in material flow analysis; what is counted in it is
a layer (mass of goods, a substance, energy). Template, reading, checks and reference are made from
these tables, as those of a case are from :mod:`flows.tables`.

Values are in the canonical unit of their layer: ``t/year`` for mass, ``MWh/year`` for energy, ``m**3/year``
for volume, ``1/year`` for pieces; stocks in the same without ``/year``.
"""

from __future__ import annotations

from flows.tables import AGEINGS, LIFETIMES, Column, Setting, Table

SYSTEM_VERSION = 1

PROCESS_KINDS = ("process", "stock", "source", "sink")
DISTRIBUTIONS = ("normal", "lognormal", "triangular", "uniform", "truncated_normal")

PROCESS = Column("process", "proces", "text", "process", required=True, reference="processes.process")
FLOW = Column("flow", "strøm", "text", "flow", required=True, reference="flows.flow")
LAYER = Column("layer", "lag", "text", "what is counted; blank means every layer (goods where none is named)")
YEAR = Column("year", "år", "year", "year; blank means every year")
DISTRIBUTION = Column(
    "distribution",
    "fordeling",
    "choice",
    "shape of the uncertainty; triangular and uniform lie between lower and upper",
    default="normal",
    choices=DISTRIBUTIONS,
)

SYSTEM_SETTINGS: tuple[Setting, ...] = (
    Setting("title", "titel", "text", "name of the system", "System"),
    Setting("version", "version", "integer", "version of the workbook format", SYSTEM_VERSION),
    Setting("years", "år", "list", "years of the system, as a list or range; blank means those that occur", ""),
    Setting(
        "default_std",
        "standardusikkerhed",
        "share",
        "relative standard deviation where none is given",
        0.1,
        minimum=0,
    ),
    Setting("significance", "signifikans", "share", "level of the tests for gross errors", 0.05, minimum=0, maximum=1),
    Setting("draws", "trækninger", "integer", "draws of a Monte Carlo run; 0 means none", 0, minimum=0),
    Setting("seed", "frø", "integer", "seed of the draws", 1, minimum=0),
)

SYSTEM_TABLES: tuple[Table, ...] = (
    Table(
        "layers",
        "lag",
        "what is counted, and the unit in which it is shown; needed for other units than t/year only",
        (
            Column("layer", "lag", "text", "id of the layer", required=True),
            Column("name_da", "navn_da", "text", "name in Danish"),
            Column("name_en", "navn_en", "text", "name in English"),
            Column("shown_unit", "vist_enhed", "text", "unit of results, for instance kg/year or GJ/year"),
        ),
        ("layer",),
        provenance=False,
    ),
    Table(
        "processes",
        "processer",
        "where something is transformed, moved or stored",
        (
            Column("process", "proces", "text", "id of the process", required=True),
            Column("name", "navn", "text", "name"),
            Column(
                "kind",
                "art",
                "choice",
                "process: what enters leaves; stock: what enters may stay; source and sink: outside the system",
                default="process",
                choices=PROCESS_KINDS,
            ),
        ),
        ("process",),
        required=True,
        provenance=False,
    ),
    Table(
        "flows",
        "strømme",
        "what moves from one process to another",
        (
            Column("flow", "strøm", "text", "id of the flow", required=True),
            Column(
                "from",
                "fra",
                "text",
                "process that it leaves; blank: the system boundary",
                reference="processes.process",
            ),
            Column(
                "to", "til", "text", "process that it enters; blank: the system boundary", reference="processes.process"
            ),
            Column("name", "navn", "text", "name"),
            Column("may_be_negative", "må_være_negativ", "flag", "the flow may run backwards", default=False),
        ),
        ("flow",),
        required=True,
        provenance=False,
    ),
    Table(
        "transfer_coefficients",
        "overførselskoefficienter",
        "share of what enters a process (or leaves a stock) that goes into a flow; one blank value is the rest",
        (
            PROCESS,
            FLOW,
            LAYER,
            YEAR,
            Column("value", "værdi", "share", "share from 0 to 1; blank: what the others leave", minimum=0, maximum=1),
            Column("std", "usikkerhed", "number", "standard deviation of the share; 0 is exact", minimum=0),
            Column("lower", "nedre", "share", "lower bound", minimum=0, maximum=1),
            Column("upper", "øvre", "share", "upper bound", minimum=0, maximum=1),
            DISTRIBUTION,
        ),
        ("process", "flow", "layer", "year"),
    ),
    Table(
        "measurements",
        "målinger",
        "what is known of a flow, or of the yearly addition to a stock (then flow is the process)",
        (
            Column("flow", "strøm", "text", "flow, or a process of kind stock", required=True),
            LAYER,
            YEAR,
            Column("value", "værdi", "number", "measured value; blank: only the bounds are known", unit="t/year"),
            Column("std", "usikkerhed", "number", "standard deviation in the same unit; 0 is exact", minimum=0),
            Column("std_pct", "usikkerhed_pct", "number", "standard deviation in per cent of the value", minimum=0),
            Column("lower", "nedre", "number", "lower bound, same unit"),
            Column("upper", "øvre", "number", "upper bound, same unit"),
            DISTRIBUTION,
        ),
        ("flow", "layer", "year"),
    ),
    Table(
        "correlations",
        "korrelationer",
        "measurements that err together",
        (
            Column("flow_a", "strøm_a", "text", "measured flow", required=True),
            Column("flow_b", "strøm_b", "text", "measured flow", required=True),
            LAYER,
            YEAR,
            Column("coefficient", "koefficient", "number", "from -1 to 1", required=True, minimum=-1, maximum=1),
        ),
        ("flow_a", "flow_b", "layer", "year"),
    ),
    Table(
        "relations",
        "relationer",
        "ratios: a flow is value times another flow (blank: itself) in another layer (blank: the same)",
        (
            Column("flow", "strøm", "text", "the flow on the left", required=True, reference="flows.flow"),
            Column("layer", "lag", "text", "its layer, for instance the substance; blank: every layer"),
            Column(
                "of_flow", "af_strøm", "text", "the flow that it is a ratio of; blank: itself", reference="flows.flow"
            ),
            Column(
                "of_layer", "af_lag", "text", "the layer that it is a ratio of, for instance goods; blank: the same"
            ),
            YEAR,
            Column("value", "værdi", "number", "ratio or concentration; blank: not known, to be found", minimum=0),
            Column("std", "usikkerhed", "number", "standard deviation; 0 is exact", minimum=0),
            Column("lower", "nedre", "number", "lower bound", minimum=0),
            Column("upper", "øvre", "number", "upper bound", minimum=0),
            DISTRIBUTION,
            Column("ratio_unit", "forholdsenhed", "text", "unit of value and std, for instance g/kg or GJ/t; blank: 1"),
        ),
        ("flow", "layer", "of_flow", "of_layer", "year"),
    ),
    Table(
        "stocks",
        "lagre",
        "stocks: what lies there at first, and how long what enters stays",
        (
            Column("process", "proces", "text", "process of kind stock", required=True, reference="processes.process"),
            LAYER,
            Column("year", "år", "year", "the initial stock is that at the beginning of this year; blank: the first"),
            Column("initial", "begyndelse", "number", "initial stock", unit="t", minimum=0),
            Column(
                "age",
                "alder",
                "number",
                "mean age of the initial stock [years]; blank: as if it had grown evenly",
                minimum=0,
            ),
            Column("lifetime", "levetid", "choice", "distribution; blank: nothing leaves by age", choices=LIFETIMES),
            Column("mean", "middel", "number", "mean lifetime [years]", minimum=0),
            Column("deviation", "spredning", "number", "standard deviation of the lifetime [years]", minimum=0),
            Column("shape", "form", "number", "shape of a Weibull lifetime", minimum=0),
            Column("scale", "skala", "number", "scale of a Weibull lifetime [years]", minimum=0),
            Column("ageing", "ældning", "choice", "when what enters begins to age", default="middle", choices=AGEINGS),
        ),
        ("process", "layer"),
    ),
)

SYSTEM_BY_NAME: dict[str, Table] = {table.name: table for table in SYSTEM_TABLES}
