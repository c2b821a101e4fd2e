"""The declaration of every input table of a case: the one place where a column is defined.

Template, drop-downs, reading, checking and documentation are all made from ``TABLES`` and
``SETTINGS``. A table is one sheet of the case workbook; a column has a Danish and an English
name, a kind, a canonical unit, bounds, a default and a meaning.

Canonical units: mass flow ``t/year``, mass ``t``, money in the case's currency (written ``DKK``
in units, whatever the currency is), distance ``km``, energy ``MWh`` or ``GJ/t``, emissions ``kg``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flows.indicator_names import FACTORED, INDICATOR_LIST

Kind = Literal["text", "number", "share", "year", "integer", "flag", "choice", "list"]

CASE_VERSION = 1

STATUSES = ("reported", "derived", "assumed")
SECTOR_KINDS = ("households", "construction_demolition", "business")
STREAM_KINDS = (
    "separate",
    "mixed",
    "preparing_for_reuse",
    "prevented",
    "direct_reuse",
    "by_product",
)
NEVER_WASTE = ("prevented", "direct_reuse", "by_product")
TREATMENTS = (
    "prevention",
    "preparing_for_reuse",
    "recycling",
    "other_material_recovery",
    "energy_recovery",
    "landfill",
    "process_loss",
)
TECHNOLOGY_TREATMENTS = (
    "recycling",
    "other_material_recovery",
    "energy_recovery",
    "landfill",
    "preparing_for_reuse",
    "sorting",
)
PAYERS = ("household", "business", "producer", "municipality", "state")
DECIDERS = ("municipality", "producer", "business", "state")
METHODS = (
    "collected",
    "collected_recycling_only",
    "calculation_point",
    "secondary_material",
    "eu_1",
    "eu_2",
    "eu_3",
    "eu_4",
    "resource_strategy_2013",
)
SCOPES = ("all", "all_excluding_construction_demolition", "households", "municipal_waste")
"""Scopes beside which every sector id is a scope of its own."""
MATERIALS = (
    "food",
    "garden",
    "paper",
    "cardboard",
    "glass",
    "plastic",
    "metal",
    "carton",
    "wood",
    "textile",
    "electronics",
    "hazardous",
    "mineral",
    "sludge",
    "soil",
    "other",
)
INDICATORS = tuple(one.name for one in INDICATOR_LIST)
OBJECTIVES = ("cost", "rate", "fair", *(name for name in INDICATORS if name != "cost"))
LIFETIMES = ("fixed", "normal", "folded_normal", "lognormal", "weibull", "gamma")
AGEINGS = ("start", "middle", "end")
PRICE_ITEMS = ("tax", "electricity", "heat", "carbon")


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    ``unit`` is the canonical unit; a header may carry any unit of the same dimension.
    ``reference`` names ``table.column`` whose values are allowed (the drop-down list).
    ``default`` fills a blank; a column without default that is not ``required`` may stay blank.
    """

    name: str
    danish: str
    kind: Kind
    meaning: str
    unit: str | None = None
    required: bool = False
    default: str | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    reference: str | None = None


@dataclass(frozen=True)
class Table:
    """One sheet of the case workbook. ``key`` columns identify a row and may not repeat."""

    name: str
    danish: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    provenance: bool = True

    def column(self, name: str) -> Column:
        """Return the column called ``name``; raises ``KeyError`` if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


@dataclass(frozen=True)
class Setting:
    """One key of the ``settings`` sheet."""

    name: str
    danish: str
    kind: Kind
    meaning: str
    default: str | float | bool | None = None
    unit: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


PROVENANCE = (
    Column("source", "kilde", "text", "where the figure comes from"),
    Column(
        "status",
        "status",
        "choice",
        "what the figure is worth; blank counts as assumed",
        choices=STATUSES,
    ),
)


def _id(name: str, danish: str, meaning: str, reference: str | None = None) -> Column:
    return Column(name, danish, "text", meaning, required=True, reference=reference)


def _ref(name: str, danish: str, meaning: str, reference: str) -> Column:
    return Column(name, danish, "text", meaning, reference=reference)


NAMES = (
    Column("name_da", "navn_da", "text", "name in Danish"),
    Column("name_en", "navn_en", "text", "name in English"),
)
RANGE = (
    Column("low", "lav", "number", "low end of the plausible range"),
    Column("high", "høj", "number", "high end of the plausible range"),
)
MUNICIPALITY = _ref(
    "municipality", "kommune", "who decides; blank means every municipality", "municipalities.municipality"
)
SECTOR = _id("sector", "sektor", "kind of source", "sectors.sector")
SEGMENT = _ref("segment", "segment", "part of a sector with its own schemes", "sectors.segment")
FROM = Column("from", "fra", "year", "first year in which the row holds; blank means always")
UNTIL = Column("until", "til", "year", "last year in which the row holds; blank means always")

SETTINGS: tuple[Setting, ...] = (
    Setting("title", "titel", "text", "name of the case", "Case"),
    Setting("version", "version", "integer", "version of the workbook format", CASE_VERSION),
    Setting("account_year", "regnskabsår", "year", "the year that is accounted as today", required=True),
    Setting(
        "plan_years",
        "planår",
        "list",
        "years of the plan, as a list or range: 2025-2035 or 2025, 2030, 2035",
        required=True,
    ),
    Setting(
        "period_starts",
        "periodestarter",
        "list",
        "plan years in which schemes and facilities may change; blank means every plan year",
        "",
    ),
    Setting(
        "report_years",
        "rapportår",
        "list",
        "years shown in detail in reports; blank means first change, targets and last year",
        "",
    ),
    Setting("first_change_year", "første_ændringsår", "year", "first year in which something can change"),
    Setting(
        "last_year_weight",
        "sidste_års_vægt",
        "number",
        "how many years the last plan year stands for; blank means as the interval before it",
        unit="year",
        minimum=0,
        maximum=100,
    ),
    Setting("discount_rate", "kalkulationsrente", "share", "real discount rate per year", 0.0, minimum=0, maximum=1),
    Setting("discount_year", "diskonteringsår", "year", "year to which costs are discounted; blank: first plan year"),
    Setting("price_year", "prisår", "year", "price level of every amount of money"),
    Setting("currency", "valuta", "text", "currency of the case", "DKK"),
    Setting("method", "metode", "choice", "rate method of the case's own target", "collected", choices=METHODS),
    Setting("scope", "afgrænsning", "text", "scope of the case's own target", "all"),
    Setting(
        "objective",
        "målsætning",
        "choice",
        "what the plan makes as small as possible, rates, jobs, value_kept and material_avoided as large: cost; rate, of "
        "the case's own scope and method in the last plan year; fair, the largest increase of a municipality's cost per "
        "household; or an indicator over the horizon. Of the best plans it takes the cheapest",
        "cost",
        choices=OBJECTIVES,
    ),
    Setting(
        "budget", "budget", "number", "most that the plan may cost, discounted; blank: no limit", unit="DKK", minimum=0
    ),
    Setting("calibration", "kalibrering", "flag", "reconcile today's account with the reported figures", True),
    Setting(
        "capture_spread",
        "indsamlingsspredning",
        "number",
        "how much capture differs between municipalities with the same scheme: standard deviation on the logit scale",
        0.7,
        minimum=0,
    ),
    Setting(
        "composition_spread",
        "sammensætningsspredning",
        "number",
        "how much composition differs between municipalities: relative standard deviation of a fraction's share",
        0.2,
        minimum=0,
    ),
    Setting("region_da", "region_da", "text", "name of the whole area in Danish", "Regionen"),
    Setting("region_en", "region_en", "text", "name of the whole area in English", "The region"),
)

TABLES: tuple[Table, ...] = (
    Table(
        "municipalities",
        "kommuner",
        "the units that decide",
        (
            _id("municipality", "kommune", "id, for instance the 3-digit kommunekode"),
            *NAMES,
            Column("population", "indbyggere", "number", "inhabitants", unit="capita", minimum=0),
            Column("jobs", "arbejdspladser", "number", "jobs by workplace", minimum=0),
            Column("lat", "bredde", "number", "latitude, WGS 84", minimum=-90, maximum=90),
            Column("lon", "længde", "number", "longitude, WGS 84", minimum=-180, maximum=180),
            Column("zone", "zone", "text", "places of different zones are joined by a crossing (ferry)"),
            Column("companies", "selskaber", "text", "waste companies that it owns"),
        ),
        ("municipality",),
        required=True,
    ),
    Table(
        "dwellings",
        "boliger",
        "households by segment",
        (
            _id("municipality", "kommune", "municipality", "municipalities.municipality"),
            _id("segment", "segment", "type of dwelling", "sectors.segment"),
            Column(
                "dwellings", "boliger", "number", "number of households", unit="household", required=True, minimum=0
            ),
        ),
        ("municipality", "segment"),
    ),
    Table(
        "fractions",
        "fraktioner",
        "what the material is",
        (
            _id("fraction", "fraktion", "id"),
            *NAMES,
            Column(
                "material",
                "materiale",
                "choice",
                "material group used by rate methods",
                default="other",
                choices=MATERIALS,
            ),
            Column("in_rate", "i_procent", "flag", "counted in rates (soil is not)", default=True),
            Column("biowaste", "bioaffald", "flag", "bio-waste in the sense of the EU rules", default=False),
            Column("calibrated", "kalibreres", "flag", "its capture is shifted by calibration", default=True),
            Column("energy", "energi", "number", "lower heating value as received", unit="GJ/t", default=0.0),
            Column("fossil_co2", "fossil_co2", "number", "fossil CO2 when burnt", unit="kg/t", default=0.0, minimum=0),
            Column(
                "biogenic_co2", "biogen_co2", "number", "biogenic CO2 when burnt", unit="kg/t", default=0.0, minimum=0
            ),
            Column("bulk_density", "rumvægt", "number", "bulk density, to read volumes", unit="t/m**3", minimum=0),
            Column("ewc", "eak", "text", "codes of the European list of waste"),
        ),
        ("fraction",),
        required=True,
    ),
    Table(
        "sectors",
        "sektorer",
        "kinds of source and their segments",
        (
            _id("sector", "sektor", "id"),
            Column("segment", "segment", "text", "part of the sector with its own schemes"),
            *NAMES,
            Column("kind", "art", "choice", "what the sector is for scopes", default="business", choices=SECTOR_KINDS),
            Column("divisible", "delelig", "flag", "may mix schemes in shares", default=True),
        ),
        ("sector", "segment"),
        required=True,
    ),
    Table(
        "municipal_waste",
        "kommunalt_affald",
        "which fractions of a sector are municipal waste in the EU sense",
        (
            _id("sector", "sektor", "sector", "sectors.sector"),
            _id("fraction", "fraktion", "fraction", "fractions.fraction"),
            Column("municipal_waste", "kommunalt_affald", "flag", "yes or no", required=True),
        ),
        ("sector", "fraction"),
    ),
    Table(
        "streams",
        "strømme",
        "what is collected together",
        (
            _id("stream", "strøm", "id"),
            *NAMES,
            Column(
                "kind",
                "art",
                "choice",
                "separate, mixed, or how it left the waste",
                default="separate",
                choices=STREAM_KINDS,
            ),
            Column(
                "single_destination",
                "ét_anlæg",
                "flag",
                "all that a municipality collects of it in a year must go to one facility",
                default=False,
            ),
        ),
        ("stream",),
        required=True,
    ),
    Table(
        "technologies",
        "teknologier",
        "what a facility does",
        (
            _id("technology", "teknologi", "id"),
            *NAMES,
            Column(
                "treatment",
                "behandling",
                "choice",
                "first treatment of a separate stream that goes there; sorting means that only outputs count",
                required=True,
                choices=TECHNOLOGY_TREATMENTS,
            ),
            Column(
                "calculation_point",
                "beregningspunkt",
                "choice",
                "entry: what enters less what is removed mechanically (bio-waste); market: what its outputs deliver",
                default="market",
                choices=("entry", "market"),
            ),
            Column(
                "lifetime",
                "levetid",
                "number",
                "years of operation of a new facility",
                unit="year",
                default=20.0,
                minimum=1,
            ),
            Column(
                "build_time",
                "byggetid",
                "number",
                "years from decision to opening",
                unit="year",
                default=0.0,
                minimum=0,
            ),
            Column(
                "variable_cost",
                "variabel_omkostning",
                "number",
                "cost per tonne of own plants",
                unit="DKK/t",
                default=0.0,
            ),
            Column(
                "electricity",
                "el",
                "share",
                "net electricity as a share of the energy content",
                default=0.0,
                minimum=-1,
                maximum=1,
            ),
            Column(
                "heat",
                "varme",
                "share",
                "heat as a share of the energy content; above 1 where flue gas is condensed",
                default=0.0,
                minimum=0,
                maximum=1.2,
            ),
        ),
        ("technology",),
        required=True,
    ),
    Table(
        "outputs",
        "udgange",
        "what leaves facilities",
        (
            _id("output", "udgang", "id"),
            *NAMES,
            Column(
                "kind",
                "art",
                "choice",
                "product: to a specification; mixed: residue, ash, mixed grades; emission: leaves without a destination",
                required=True,
                choices=("product", "mixed", "emission"),
            ),
            Column(
                "treatment",
                "behandling",
                "choice",
                "treatment of an emission",
                default="process_loss",
                choices=TREATMENTS,
            ),
        ),
        ("output",),
        required=True,
    ),
    Table(
        "generation",
        "affaldsmængder",
        "primary waste by material, over all streams; totals are spread by key and composition",
        (
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _ref("fraction", "fraktion", "material; blank with a composition", "fractions.fraction"),
            Column("year", "år", "year", "accounted year", required=True),
            Column("amount", "mængde", "number", "mass per year", unit="t/year", required=True, minimum=0),
            _ref(
                "allocation_key",
                "fordelingsnøgle",
                "spreads a regional amount over municipalities",
                "allocation_keys.key",
            ),
            _ref("composition", "sammensætning", "spreads an amount over fractions", "compositions.composition"),
            *RANGE,
        ),
        ("municipality", "sector", "segment", "fraction", "year"),
        required=True,
    ),
    Table(
        "allocation_keys",
        "fordelingsnøgler",
        "weights that spread a regional amount over municipalities",
        (
            _id("key", "nøgle", "id"),
            _id("municipality", "kommune", "municipality", "municipalities.municipality"),
            Column("weight", "vægt", "number", "relative weight", required=True, minimum=0),
        ),
        ("key", "municipality"),
    ),
    Table(
        "compositions",
        "sammensætninger",
        "shares of fractions in an amount; they add up to one",
        (
            _id("composition", "sammensætning", "id"),
            _id("fraction", "fraktion", "fraction", "fractions.fraction"),
            Column("share", "andel", "share", "share of the amount", required=True, minimum=0, maximum=1),
            *RANGE,
        ),
        ("composition", "fraction"),
    ),
    Table(
        "growth",
        "vækst",
        "change of amounts per year after the last accounted year; the most specific row wins",
        (
            _ref("sector", "sektor", "sector; blank means all", "sectors.sector"),
            _ref("fraction", "fraktion", "fraction; blank means all", "fractions.fraction"),
            FROM,
            UNTIL,
            Column("change", "ændring", "share", "change per year", required=True, minimum=-0.5, maximum=0.5),
            *RANGE,
        ),
        ("sector", "fraction", "from"),
    ),
    Table(
        "stock_drivers",
        "affald_fra_lagre",
        "stocks whose outflow drives amounts after the last accounted year, before growth; the most specific row wins",
        (
            _id("driver", "drivkraft", "id of the stock, for instance dwellings; its figures are in stock_series"),
            _id("sector", "sektor", "sector whose waste it drives", "sectors.sector"),
            _ref("fraction", "fraktion", "fraction that it drives; blank means all", "fractions.fraction"),
            _ref(
                "municipality", "kommune", "municipality where it does; blank means all", "municipalities.municipality"
            ),
            Column(
                "lifetime",
                "levetid",
                "choice",
                "distribution of the lifetime of what enters the stock",
                required=True,
                choices=LIFETIMES,
            ),
            Column("mean", "middel", "number", "mean lifetime; not for weibull", unit="year", minimum=0),
            Column(
                "deviation",
                "spredning",
                "number",
                "standard deviation of the lifetime; not for fixed and weibull",
                unit="year",
                minimum=0,
            ),
            Column("shape", "form", "number", "shape of a weibull lifetime", minimum=0),
            Column("scale", "skala", "number", "scale of a weibull lifetime", unit="year", minimum=0),
            Column("ageing", "ældning", "choice", "when what enters begins to age", default="middle", choices=AGEINGS),
            Column(
                "age",
                "alder",
                "number",
                "mean age of the first stock listed; blank: as if it had grown evenly",
                unit="year",
                minimum=0,
            ),
            Column(
                "intensity",
                "materialeintensitet",
                "number",
                "waste per area that leaves: the outflow is the amount itself; blank: it scales the accounted amount",
                unit="t/m**2",
                minimum=0,
            ),
            Column(
                "share",
                "andel",
                "share",
                "the same for a stock given as mass: share of what leaves that is this waste",
                minimum=0,
                maximum=1,
            ),
        ),
        ("driver", "sector", "fraction", "municipality"),
    ),
    Table(
        "stock_series",
        "lagerserier",
        "stocks that drive amounts, year by year, or what enters them; years between are interpolated",
        (
            _id("driver", "drivkraft", "the stock", "stock_drivers.driver"),
            _ref(
                "municipality",
                "kommune",
                "where it lies; blank means all others together",
                "municipalities.municipality",
            ),
            Column("year", "år", "year", "year", required=True),
            Column(
                "kind",
                "art",
                "choice",
                "stock: at the end of the year; inflow: what enters in the year (with one stock the year before it)",
                default="stock",
                choices=("stock", "inflow"),
            ),
            Column("area", "areal", "number", "stock or inflow as area", unit="m**2", minimum=0),
            Column("mass", "masse", "number", "stock or inflow as mass, instead of area", unit="t", minimum=0),
        ),
        ("driver", "municipality", "year", "kind"),
    ),
    Table(
        "schemes",
        "ordninger",
        "what a source can do with its waste, the whole package",
        (
            _id("scheme", "ordning", "id"),
            SECTOR,
            SEGMENT,
            *NAMES,
            Column(
                "cost_per_household",
                "omkostning_pr_husstand",
                "number",
                "collection cost",
                unit="DKK/household/year",
                default=0.0,
            ),
            Column(
                "cost_per_tonne",
                "omkostning_pr_ton",
                "number",
                "collection cost per tonne generated",
                unit="DKK/t",
                default=0.0,
            ),
            Column(
                "change_cost",
                "skifteomkostning",
                "number",
                "one-off cost of changing to it",
                unit="DKK/household",
                default=0.0,
                minimum=0,
            ),
            Column(
                "change_cost_per_tonne",
                "skifteomkostning_pr_ton",
                "number",
                "one-off cost of changing to it, per yearly tonne generated",
                unit="DKK/(t/year)",
                default=0.0,
                minimum=0,
            ),
            Column(
                "min_years",
                "mindste_år",
                "number",
                "shortest time it runs once chosen",
                unit="year",
                default=0.0,
                minimum=0,
            ),
            Column("first_year", "første_år", "year", "first year in which it may run"),
            Column(
                "ramp_years",
                "indkøringsår",
                "integer",
                "years until it reaches its full effect",
                default=0.0,
                minimum=0,
            ),
            Column("legal", "lovlig", "flag", "lawful once schemes can change", default=True),
            Column("legal_for", "lovlig_for", "list", "municipalities for which it is lawful; blank means all"),
            Column("decided_by", "besluttes_af", "choice", "who decides", default="municipality", choices=DECIDERS),
            Column(
                "payer",
                "betaler",
                "choice",
                "who pays what no row of collection assigns",
                default="household",
                choices=PAYERS,
            ),
        ),
        ("scheme",),
        required=True,
    ),
    Table(
        "collection",
        "indsamling",
        "cost and payer of single streams of a scheme, where they differ from the scheme's own",
        (
            _id("scheme", "ordning", "scheme", "schemes.scheme"),
            _id("stream", "strøm", "stream", "streams.stream"),
            FROM,
            Column(
                "cost_per_tonne",
                "omkostning_pr_ton",
                "number",
                "cost of collecting the stream",
                unit="DKK/t",
                default=0.0,
            ),
            Column(
                "payer",
                "betaler",
                "choice",
                "who pays collection and treatment of the stream",
                required=True,
                choices=PAYERS,
            ),
        ),
        ("scheme", "stream", "from"),
    ),
    Table(
        "capture",
        "indsamlingseffekt",
        "share of each fraction that goes into each stream of a scheme; one blank share per fraction is the rest",
        (
            _id("scheme", "ordning", "scheme", "schemes.scheme"),
            _id("fraction", "fraktion", "fraction", "fractions.fraction"),
            _id("stream", "strøm", "stream", "streams.stream"),
            Column("share", "andel", "share", "share of the fraction; blank is the rest", minimum=0, maximum=1),
            *RANGE,
        ),
        ("scheme", "fraction", "stream"),
        required=True,
    ),
    Table(
        "current_schemes",
        "nuværende_ordninger",
        "what runs today",
        (
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _id("scheme", "ordning", "scheme", "schemes.scheme"),
            Column(
                "from",
                "fra",
                "year",
                "first year in which the row holds, blank means always; a plan goes on with what runs in the accounted year",
            ),
            Column(
                "share",
                "andel",
                "share",
                "share of the source, where schemes are mixed",
                default=1.0,
                minimum=0,
                maximum=1,
            ),
        ),
        ("municipality", "sector", "segment", "scheme", "from"),
        required=True,
    ),
    Table(
        "facilities",
        "anlæg",
        "places where streams and outputs are treated",
        (
            _id("facility", "anlæg", "id"),
            Column("name", "navn", "text", "name"),
            _id("technology", "teknologi", "technology", "technologies.technology"),
            _ref(
                "municipality",
                "kommune",
                "municipality where it lies, if it is one of the case",
                "municipalities.municipality",
            ),
            Column("lat", "bredde", "number", "latitude, WGS 84", minimum=-90, maximum=90),
            Column("lon", "længde", "number", "longitude, WGS 84", minimum=-180, maximum=180),
            Column("zone", "zone", "text", "zone, as for municipalities"),
            Column(
                "state",
                "tilstand",
                "choice",
                "existing stands today; candidate can be built in sizes",
                default="existing",
                choices=("existing", "candidate"),
            ),
            Column(
                "capacity", "kapacitet", "number", "what stands today; blank means unlimited", unit="t/year", minimum=0
            ),
            Column(
                "reserved", "reserveret", "number", "capacity used by others", unit="t/year", default=0.0, minimum=0
            ),
            Column(
                "minimum_load",
                "mindste_belastning",
                "number",
                "least load while it is open",
                unit="t/year",
                default=0.0,
                minimum=0,
            ),
            Column(
                "filler",
                "import",
                "number",
                "imports that can fill up to the least load",
                unit="t/year",
                default=0.0,
                minimum=0,
            ),
            Column("opens", "åbner", "year", "first year in which it can run"),
            Column("closes", "lukker", "year", "last year in which it can run"),
            Column("closable", "kan_lukkes", "flag", "may be closed by the plan", default=False),
            Column(
                "fixed_cost",
                "fast_omkostning",
                "number",
                "fixed cost of what stands today, saved by closing",
                unit="DKK/year",
                default=0.0,
                minimum=0,
            ),
            Column(
                "variable_cost",
                "variabel_omkostning",
                "number",
                "own cost per tonne; blank takes the technology's",
                unit="DKK/t",
            ),
            Column(
                "gate_fee",
                "modtagegebyr",
                "number",
                "price of bought treatment, without taxes; then it has no cost of its own",
                unit="DKK/t",
            ),
            Column("owner", "ejer", "text", "owner"),
        ),
        ("facility",),
        required=True,
    ),
    Table(
        "sizes",
        "størrelser",
        "steps in which a candidate, or an enlargement, can be built",
        (
            _ref("technology", "teknologi", "technology whose candidates have this step", "technologies.technology"),
            _ref("facility", "anlæg", "facility, if the step belongs to one alone", "facilities.facility"),
            _id("size", "størrelse", "id of the step"),
            Column("capacity", "kapacitet", "number", "capacity that it adds", unit="t/year", required=True, minimum=0),
            Column("capex", "anlægsudgift", "number", "investment", unit="DKK", required=True, minimum=0),
            Column(
                "fixed_cost",
                "fast_omkostning",
                "number",
                "fixed operating cost",
                unit="DKK/year",
                default=0.0,
                minimum=0,
            ),
            Column(
                "minimum_load",
                "mindste_belastning",
                "number",
                "least load while it is open",
                unit="t/year",
                default=0.0,
                minimum=0,
            ),
        ),
        ("technology", "facility", "size"),
    ),
    Table(
        "yields",
        "udbytter",
        "where each fraction that enters a technology goes; the most specific row set wins",
        (
            _id("technology", "teknologi", "technology", "technologies.technology"),
            Column("input", "indgang", "text", "stream or output that enters; blank means any"),
            _ref("fraction", "fraktion", "fraction; blank means any other", "fractions.fraction"),
            _id("output", "udgang", "output", "outputs.output"),
            Column("share", "andel", "share", "share of the fraction; blank is the rest", minimum=0, maximum=1),
            *RANGE,
        ),
        ("technology", "input", "fraction", "output"),
        required=True,
    ),
    Table(
        "accepts",
        "modtager",
        "streams and outputs that a technology takes",
        (
            _id("technology", "teknologi", "technology", "technologies.technology"),
            _id("input", "indgang", "stream or output"),
        ),
        ("technology", "input"),
        required=True,
        provenance=False,
    ),
    Table(
        "contracts",
        "kontrakter",
        "what is bound already; without a row a stream goes to the nearest facility today",
        (
            MUNICIPALITY,
            _ref("sector", "sektor", "sector; blank means all", "sectors.sector"),
            _id("stream", "strøm", "stream", "streams.stream"),
            _id("facility", "anlæg", "facility", "facilities.facility"),
            FROM,
            UNTIL,
            Column("share", "andel", "share", "share of the stream that is bound", default=1.0, minimum=0, maximum=1),
        ),
        ("municipality", "sector", "stream", "facility", "from"),
    ),
    Table(
        "pinned",
        "fastlåst",
        "decisions pinned by the user",
        (
            MUNICIPALITY,
            _ref("sector", "sektor", "sector of a pinned scheme", "sectors.sector"),
            SEGMENT,
            _ref("scheme", "ordning", "scheme that must or must not run", "schemes.scheme"),
            _ref("facility", "anlæg", "facility that must or must not be open", "facilities.facility"),
            FROM,
            UNTIL,
            Column("run", "kører", "flag", "yes: it must run; no: it must not", required=True),
        ),
        ("municipality", "sector", "segment", "scheme", "facility", "from"),
    ),
    Table(
        "transport",
        "transport",
        "cost and emission of moving a tonne",
        (
            Column(
                "mode",
                "transportform",
                "choice",
                "collection: source to facility; haul: between facilities; crossing: into or out of a zone",
                required=True,
                choices=("collection", "haul", "crossing"),
            ),
            Column("zone", "zone", "text", "zone of a crossing"),
            Column("cost", "omkostning", "number", "per tonne and kilometre", unit="DKK/t/km", default=0.0, minimum=0),
            Column(
                "cost_per_tonne",
                "omkostning_pr_ton",
                "number",
                "per tonne, whatever the distance",
                unit="DKK/t",
                default=0.0,
                minimum=0,
            ),
            Column(
                "emission",
                "udledning",
                "number",
                "greenhouse gas per tonne and kilometre",
                unit="kg/t/km",
                default=0.0,
                minimum=0,
            ),
            Column("distance", "afstand", "number", "length of a crossing", unit="km", default=0.0, minimum=0),
            Column("detour", "omvejsfaktor", "number", "road distance over straight line", default=1.0, minimum=1),
        ),
        ("mode", "zone"),
    ),
    Table(
        "distances",
        "afstande",
        "explicit distance or cost from place to place, which wins over coordinates",
        (
            _id("from", "fra", "municipality or facility"),
            _id("to", "til", "facility, or market (from a facility)"),
            Column("distance", "afstand", "number", "length of the way", unit="km", minimum=0),
            Column(
                "cost",
                "omkostning",
                "number",
                "cost of the whole way, replaces the cost of the distance",
                unit="DKK/t",
                minimum=0,
            ),
        ),
        ("from", "to"),
    ),
    Table(
        "markets",
        "markeder",
        "who takes an output",
        (
            _id("market", "marked", "id"),
            *NAMES,
            _id("output", "udgang", "output taken", "outputs.output"),
            Column("price", "pris", "number", "income per tonne; negative is a price paid", unit="DKK/t", default=0.0),
            Column(
                "capacity", "kapacitet", "number", "most that it takes; blank means unlimited", unit="t/year", minimum=0
            ),
            Column("treatment", "behandling", "choice", "what becomes of it there", required=True, choices=TREATMENTS),
            Column(
                "loss_before_point",
                "tab_før_beregningspunkt",
                "share",
                "lost before the calculation point",
                default=0.0,
                minimum=0,
                maximum=1,
            ),
            Column(
                "loss_recycling",
                "tab_ved_genanvendelse",
                "share",
                "lost in the recycling itself",
                default=0.0,
                minimum=0,
                maximum=1,
            ),
            Column(
                "lost_treatment",
                "behandling_af_tab",
                "choice",
                "what becomes of what is lost",
                default="energy_recovery",
                choices=TREATMENTS,
            ),
            Column("distance", "afstand", "number", "way from the facilities to it", unit="km", default=0.0, minimum=0),
            Column("country", "land", "text", "country"),
            FROM,
            UNTIL,
        ),
        ("market",),
    ),
    Table(
        "prices",
        "priser",
        "taxes, energy and carbon, each counted once",
        (
            Column(
                "item",
                "post",
                "choice",
                "tax per tonne entering a technology, price of energy sold, price of fossil CO2 burnt",
                required=True,
                choices=PRICE_ITEMS,
            ),
            _ref("technology", "teknologi", "technology; blank means all", "technologies.technology"),
            FROM,
            Column("value", "værdi", "number", "value in the row's unit", required=True),
            Column("unit", "enhed", "text", "DKK/t, DKK/MWh, DKK/t", required=True),
            *RANGE,
        ),
        ("item", "technology", "from"),
    ),
    Table(
        "emissions",
        "udledninger",
        "greenhouse gas per tonne of a fraction; fossil CO2 from burning comes from the fractions sheet",
        (
            Column(
                "treatment",
                "behandling",
                "choice",
                "treatment at which the row holds: on entry of a facility that burns or deposits, on delivery to a market",
                choices=TREATMENTS,
            ),
            Column("process", "proces", "text", "technology or market, where one differs from its treatment"),
            _ref("fraction", "fraktion", "fraction; blank means any other", "fractions.fraction"),
            Column("fossil", "fossil", "number", "emitted, fossil", unit="kg/t", default=0.0),
            Column("biogenic", "biogen", "number", "emitted, biogenic", unit="kg/t", default=0.0),
            Column("avoided", "undgået", "number", "avoided elsewhere, negative", unit="kg/t", default=0.0, maximum=0),
            *RANGE,
        ),
        ("treatment", "process", "fraction"),
    ),
    Table(
        "targets",
        "mål",
        "rates to reach",
        (
            Column("name", "navn", "text", "name of the target"),
            MUNICIPALITY,
            _id(
                "scope",
                "afgrænsning",
                "all, all_excluding_construction_demolition, households, municipal_waste or a sector",
            ),
            Column("method", "metode", "choice", "rate method", required=True, choices=METHODS),
            Column("year", "år", "year", "year from which it holds", required=True),
            Column("rate", "procent", "share", "least rate", required=True, minimum=0, maximum=1),
            Column(
                "path",
                "forløb",
                "choice",
                "step: from this year on; linear: rising from the listed year before",
                default="step",
                choices=("step", "linear"),
            ),
            Column(
                "binding", "bindende", "flag", "the plan must reach it; otherwise it is only reported", default=True
            ),
        ),
        ("municipality", "scope", "method", "year"),
    ),
    Table(
        "limits",
        "grænser",
        "indicators to stay below, or above",
        (
            MUNICIPALITY,
            Column(
                "indicator",
                "indikator",
                "choice",
                "; ".join(f"{one.name}: {one.meaning}" for one in INDICATOR_LIST),
                required=True,
                choices=INDICATORS,
            ),
            _ref(
                "technology",
                "teknologi",
                "of facilities, new_facilities and investment only this technology; blank means all",
                "technologies.technology",
            ),
            Column(
                "sense",
                "retning",
                "choice",
                "max: the value is the most that is allowed; min: the least",
                default="max",
                choices=("max", "min"),
            ),
            Column("year", "år", "year", "year from which it holds; blank: the whole horizon together (a budget, say)"),
            Column(
                "maximum", "maksimum", "number", "most that is allowed (or least), in the row's unit", required=True
            ),
            Column("unit", "enhed", "text", "t/year, DKK/household/year, DKK, item, job ...", required=True),
            Column("active", "aktiv", "flag", "no switches the row off", default=True),
        ),
        ("municipality", "indicator", "technology", "sense", "year"),
    ),
    Table(
        "indicator_factors",
        "indikatorfaktorer",
        "what a tonne gives of jobs, value kept and material avoided; places as in emissions, the most specific row wins",
        (
            Column("indicator", "indikator", "choice", "which indicator", required=True, choices=FACTORED),
            Column(
                "treatment",
                "behandling",
                "choice",
                "treatment at which the row holds: on entry of a facility that burns or deposits, on delivery to a market",
                choices=TREATMENTS,
            ),
            Column("process", "proces", "text", "technology or market, where one differs from its treatment"),
            _ref("fraction", "fraktion", "fraction; blank means any other", "fractions.fraction"),
            Column("value", "værdi", "number", "value per tonne, in the row's unit", required=True),
            Column("unit", "enhed", "text", "job/(t/year), DKK/t, or t/t", required=True),
        ),
        ("indicator", "treatment", "process", "fraction"),
    ),
    Table(
        "purchasing",
        "offentlige_indkøb",
        "purchasing that widens a market for a secondary material; bought new and secondary are compared over the "
        "product's life, per tonne of material",
        (
            _id("purchase", "indkøb", "id of the programme or buyer's decision"),
            *NAMES,
            MUNICIPALITY,
            _id("market", "marked", "market that takes more through it; it needs a capacity", "markets.market"),
            Column("first_year", "første_år", "year", "first year in which it can be bought; blank means always"),
            Column("last_year", "sidste_år", "year", "last year in which it can be bought; blank means always"),
            Column("maximum", "maksimum", "number", "most that is bought", unit="t/year", required=True, minimum=0),
            Column(
                "divisible",
                "delelig",
                "flag",
                "yes: any amount up to the maximum; no: the maximum in all its years, or nothing",
                default=True,
            ),
            Column("lifetime", "levetid", "number", "life of the product", unit="year", default=1.0, minimum=0),
            *(
                Column(
                    f"{cost}_{kind}",
                    f"{cost_da}_{kind_da}",
                    "number",
                    f"{meaning}, {made}",
                    unit=unit,
                    default=0.0,
                )
                for kind, kind_da, made in (
                    ("recycled", "genanvendt", "of the product with secondary material"),
                    ("new", "nyt", "of the product that is bought instead, new"),
                )
                for cost, cost_da, meaning, unit in (
                    ("price", "pris", "what is paid when it is bought", "DKK/t"),
                    ("operation", "drift", "operation and maintenance each year of its life", "DKK/t/year"),
                    ("disposal", "bortskaffelse", "disposal at the end of its life", "DKK/t"),
                )
            ),
        ),
        ("purchase",),
    ),
    Table(
        "content_requirements",
        "indholdskrav",
        "recycled content that is required of a product: a market gets at least that much",
        (
            _id("requirement", "krav", "id"),
            *NAMES,
            _id("market", "marked", "market that makes the product", "markets.market"),
            Column("first_year", "første_år", "year", "first year in which it holds; blank means always"),
            Column("last_year", "sidste_år", "year", "last year in which it holds; blank means always"),
            Column(
                "demand", "efterspørgsel", "number", "demand for the product", unit="t/year", required=True, minimum=0
            ),
            Column(
                "share",
                "andel",
                "share",
                "least share of secondary material in it",
                required=True,
                minimum=0,
                maximum=1,
            ),
        ),
        ("requirement",),
    ),
    Table(
        "exchange",
        "udveksling",
        "by-products and soil that companies and construction projects give and need; never waste, in no rate",
        (
            _id("project", "projekt", "id of the offer or the need"),
            *NAMES,
            Column("kind", "art", "choice", "offer or need", required=True, choices=("offer", "need")),
            _id("material", "materiale", "what is exchanged; offers and needs of one material fit"),
            _id("municipality", "kommune", "where it is", "municipalities.municipality"),
            Column(
                "first_year", "første_år", "year", "first year in which it can be given or used; blank means always"
            ),
            Column("last_year", "sidste_år", "year", "last year in which it can be given or used; blank means always"),
            Column(
                "amount", "mængde", "number", "most in each of these years", unit="t/year", required=True, minimum=0
            ),
            Column(
                "handling_cost", "håndtering", "number", "digging, sorting, tests, loading", unit="DKK/t", default=0.0
            ),
            Column(
                "disposal_cost",
                "bortskaffelse",
                "number",
                "of an offer: what getting rid of it costs otherwise",
                unit="DKK/t",
                default=0.0,
            ),
            Column(
                "storage_years",
                "lagerår",
                "integer",
                "of an offer: years for which it can be stored until it is used",
                default=0.0,
                minimum=0,
            ),
            Column("storage_cost", "lageromkostning", "number", "of an offer: storage", unit="DKK/t/year", default=0.0),
            Column(
                "virgin_cost",
                "pris_på_nyt",
                "number",
                "of a need: price of the new material that it replaces",
                unit="DKK/t",
                default=0.0,
            ),
            Column(
                "virgin_emission",
                "udledning_af_nyt",
                "number",
                "of a need: greenhouse gas of the new material that it replaces",
                unit="kg/t",
                default=0.0,
            ),
        ),
        ("project",),
    ),
    Table(
        "scenarios",
        "scenarier",
        "changes to the case that --scenario applies; a scenario may have several rows",
        (
            _id("scenario", "scenarie", "id"),
            *NAMES,
            _id("table", "tabel", "table that changes"),
            Column("filter", "filter", "text", "which rows: column=value; several joined by ;  with * as wildcard"),
            Column("column", "kolonne", "text", "column that changes; not for remove"),
            Column(
                "operation",
                "handling",
                "choice",
                "factor, value, add, low, high, remove, insert (a row more: what the filter says, and the value in the "
                "column) or include (table scenarios, filter scenario=A|B: all their changes)",
                required=True,
                choices=("factor", "value", "add", "low", "high", "remove", "insert", "include"),
            ),
            Column("value", "værdi", "text", "factor, new value, or what is added (years later, where a year changes)"),
            Column("low", "lav", "number", "low end of the range of the value, for draws of a sweep"),
            Column("high", "høj", "number", "high end of the range of the value, for draws of a sweep"),
            FROM,
            UNTIL,
            Column(
                "weight",
                "vægt",
                "share",
                "probability of the scenario, on any of its rows; blank ones share what is left with the case as it is",
                minimum=0,
                maximum=1,
            ),
        ),
        ("scenario", "table", "filter", "column", "from"),
    ),
    Table(
        "measurements",
        "målinger",
        "reported rates and amounts that the account is reconciled with or compared to",
        (
            Column("measure", "størrelse", "choice", "what was measured", required=True, choices=("rate", "amount")),
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _ref(
                "stream",
                "strøm",
                "an amount that was collected in this stream; blank means all waste",
                "streams.stream",
            ),
            _ref("fraction", "fraktion", "of an amount only this fraction; blank means all", "fractions.fraction"),
            Column("year", "år", "year", "year", required=True),
            Column("method", "metode", "choice", "method of a rate", default="collected", choices=METHODS),
            Column("value", "værdi", "number", "rate from 0 to 1, or amount in t/year", required=True, minimum=0),
            Column(
                "std",
                "usikkerhed",
                "number",
                "standard deviation in the same unit; 0 is exact, blank is by what the figure is worth",
                minimum=0,
            ),
            Column(
                "calibrate", "kalibrer", "flag", "the account is reconciled with it; else only compared", default=True
            ),
        ),
        ("measure", "municipality", "sector", "segment", "stream", "fraction", "year", "method"),
    ),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}


def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table with those of its provenance."""
    return table.columns + (PROVENANCE if table.provenance else ())
