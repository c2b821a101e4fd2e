"""The tables of a run, each column declared once: for reading, sorting, and ``datapackage.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["string", "integer", "number", "boolean"]


@dataclass(frozen=True)
class RunColumn:
    """A column of a run's table."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""


@dataclass(frozen=True)
class RunTable:
    """A table of a run; rows are sorted by its columns that are not numbers."""

    name: str
    meaning: str
    columns: tuple[RunColumn, ...]


def _text(name: str, meaning: str) -> RunColumn:
    return RunColumn(name, "string", meaning)


VARIANT = _text("variant", "today, reference or plan")
YEAR = RunColumn("year", "integer", "year", "year")
SCOPE = _text("scope", "which waste the rate is of")
METHOD = _text("method", "how the rate is counted")
MUNICIPALITY = _text("municipality", "municipality; blank is the region")
SECTOR = _text("sector", "sector of the source")
SEGMENT = _text("segment", "segment of the sector")
FRACTION = _text("fraction", "material as it was generated")
FACILITY = _text("facility", "facility")
FROM = _text("from", "process that it leaves")
TO = _text("to", "process that it enters")
MASS = RunColumn("mass_t", "number", "mass", "t/year")

RUN_TABLES: tuple[RunTable, ...] = (
    RunTable(
        "flows",
        "every tonne from its source to its market or sink; last rows carry a treatment",
        (
            VARIANT,
            YEAR,
            FROM,
            TO,
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _text("scheme", "scheme under which it was collected; first leg only"),
            _text("stream", "stream in which it was collected"),
            _text("output", "output of a facility; later legs only"),
            FRACTION,
            _text("treatment", "what becomes of it; last rows only"),
            MASS,
        ),
    ),
    RunTable(
        "rates",
        "rates by scope and method",
        (
            VARIANT,
            YEAR,
            SCOPE,
            METHOD,
            MUNICIPALITY,
            RunColumn("numerator_t", "number", "what counts as recycled", "t/year"),
            RunColumn("denominator_t", "number", "what it is a share of", "t/year"),
            RunColumn("rate", "number", "numerator over denominator"),
            RunColumn("target", "number", "rate to reach, if there is one"),
        ),
    ),
    RunTable(
        "counted",
        "where the numerators of rates come from",
        (VARIANT, YEAR, SCOPE, METHOD, MUNICIPALITY, SECTOR, SEGMENT, FRACTION, FROM, TO, MASS),
    ),
    RunTable(
        "schemes",
        "which scheme each source runs",
        (
            VARIANT,
            YEAR,
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _text("scheme", "scheme"),
            RunColumn("share", "number", "share of the source under it, running-in included"),
            RunColumn("chosen", "number", "share of the source that decided for it"),
            RunColumn("changed", "boolean", "it began this year"),
            _text("decided_by", "who decides"),
        ),
    ),
    RunTable(
        "facilities",
        "facilities in every year",
        (
            VARIANT,
            YEAR,
            FACILITY,
            _text("name", "name"),
            _text("technology", "technology"),
            _text("site", "municipality where it lies"),
            RunColumn("open", "boolean", "it runs this year"),
            _text("size", "steps in operation, 'existing' for what stood before"),
            RunColumn("capacity_t", "number", "capacity; blank is unlimited", "t/year"),
            RunColumn("reserved_t", "number", "capacity used by others", "t/year"),
            RunColumn("throughput_t", "number", "what enters", "t/year"),
            RunColumn("opened_year", "integer", "year of opening", "year"),
            RunColumn("closed_year", "integer", "year of closing", "year"),
        ),
    ),
    RunTable(
        "costs",
        "costs by who pays, undiscounted, at the case's price year, without VAT",
        (
            VARIANT,
            YEAR,
            _text("payer", "who pays"),
            MUNICIPALITY,
            SECTOR,
            FACILITY,
            _text("category", "what for"),
            RunColumn("amount", "number", "cost; negative is income", "DKK/year"),
            _text("currency", "currency"),
            RunColumn("in_objective", "number", "what the row adds to the discounted objective", "DKK"),
        ),
    ),
    RunTable(
        "emissions",
        "greenhouse gas by step",
        (
            VARIANT,
            YEAR,
            MUNICIPALITY,
            FACILITY,
            _text("step", "treatment, market or transport"),
            FRACTION,
            _text("kind", "fossil, biogenic, avoided or transport"),
            RunColumn("kg_co2e", "number", "CO2 equivalents", "kg/year"),
        ),
    ),
    RunTable(
        "indicators",
        "what the state is judged by beside its rates, recomputed by the certificate",
        (
            VARIANT,
            RunColumn("year", "integer", "year; blank is the whole horizon", "year"),
            MUNICIPALITY,
            _text("indicator", "which one; see the sheet limits"),
            RunColumn("value", "number", "its value in the row's unit"),
            _text("unit", "unit of the value"),
        ),
    ),
    RunTable(
        "household_costs",
        "what the system costs the households of each municipality, shared by a fixed key",
        (
            VARIANT,
            YEAR,
            MUNICIPALITY,
            RunColumn("tariff", "number", "its own cost, and what it delivers at full-load tariffs", "DKK/year"),
            RunColumn("rest", "number", "its part, by inhabitants, of what tariffs do not cover", "DKK/year"),
            RunColumn("households", "number", "households"),
            RunColumn("cost_per_household", "number", "tariff and rest per household", "DKK/household/year"),
            RunColumn("increase", "number", "above the reference of the same year", "DKK/household/year"),
        ),
    ),
    RunTable(
        "calibration",
        "how today's capture was fitted to reported rates",
        (
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _text("fraction", "blank: the shift of all; else what is added for this fraction alone"),
            YEAR,
            RunColumn("reported_rate", "number", "what was reported"),
            RunColumn("modelled_before", "number", "rate before the fit"),
            RunColumn("modelled_after", "number", "rate after the fit"),
            RunColumn("shift", "number", "shift of capture on the logit scale"),
        ),
    ),
    RunTable(
        "reconciliation",
        "reported figures and assumptions before and after they were made to agree",
        (
            _text("kind", "rate, amount, generation, composition, capture or shift"),
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _text("stream", "stream that an amount was collected in"),
            FRACTION,
            _text("name", "method of a rate, composition, or scale of a shift"),
            YEAR,
            _text("status", "reported, derived or assumed"),
            RunColumn("used", "boolean", "the account is reconciled with it, else it is only compared"),
            RunColumn("given", "number", "what was given: rate or share, t/year, or 0 for a shift"),
            RunColumn("std", "number", "its standard deviation, same unit"),
            RunColumn("before", "number", "what the assumptions alone give"),
            RunColumn("reconciled", "number", "what it is now"),
            RunColumn("reconciled_std", "number", "its standard deviation now"),
            RunColumn("z", "number", "adjustment in its standard deviations"),
            RunColumn("suspect", "boolean", "the other figures contradict it"),
        ),
    ),
    RunTable(
        "suspects",
        "reported figures that the others contradict, taken away one after another",
        (
            RunColumn("rank", "integer", "1 is the worst"),
            _text("kind", "rate or amount"),
            MUNICIPALITY,
            SECTOR,
            SEGMENT,
            _text("stream", "stream that an amount was collected in"),
            FRACTION,
            RunColumn("given", "number", "what was reported"),
            RunColumn("std", "number", "its standard deviation"),
            RunColumn("z", "number", "adjustment in its standard deviations"),
            RunColumn("implied", "number", "what the other figures imply"),
            RunColumn("implied_std", "number", "standard deviation of that"),
            RunColumn("chi2", "number", "global test without it and those before it"),
            RunColumn("p_value", "number", "probability of a worse chi2 by chance"),
        ),
    ),
    RunTable(
        "uncertainty",
        "rates in many draws of what is uncertain; 5 to 95 % are an interval of 90 %",
        (
            VARIANT,
            YEAR,
            SCOPE,
            METHOD,
            MUNICIPALITY,
            RunColumn("rate", "number", "rate of the account"),
            RunColumn("mean", "number", "mean of the draws"),
            RunColumn("std", "number", "standard deviation of the draws"),
            RunColumn("median", "number", "median of the draws"),
            RunColumn("p5", "number", "5 % of the draws lie below"),
            RunColumn("p95", "number", "5 % of the draws lie above"),
        ),
    ),
    RunTable(
        "drivers",
        "which uncertain inputs the headline rates hang on, the most important first",
        (
            VARIANT,
            YEAR,
            SCOPE,
            METHOD,
            MUNICIPALITY,
            RunColumn("rank", "integer", "1 is the most important"),
            _text("table", "sheet of the input"),
            _text("group", "what it belongs to: sector, composition, scheme, technology or market"),
            _text("input", "the input"),
            _text("status", "what the input is worth"),
            RunColumn("value", "number", "its value"),
            RunColumn("low", "number", "lower end of its interval of 90 %"),
            RunColumn("high", "number", "upper end of its interval of 90 %"),
            RunColumn("share", "number", "share of the variance of the rate that it explains"),
            RunColumn("correlation", "number", "rank correlation with the rate"),
            RunColumn("effect", "number", "what one standard deviation more adds to the rate"),
            RunColumn("explained", "number", "share of the variance that all inputs together explain"),
        ),
    ),
    RunTable(
        "shadow_prices",
        "what one unit more of a bound would save",
        (
            VARIANT,
            YEAR,
            _text("kind", "capacity, market, target or limit"),
            _text("name", "which one"),
            RunColumn("value", "number", "saving per unit"),
            _text("unit", "unit of the value"),
        ),
    ),
    RunTable(
        "distances",
        "distance from municipality to facility",
        (MUNICIPALITY, FACILITY, RunColumn("distance_km", "number", "length of the way", "km")),
    ),
    RunTable(
        "data_quality",
        "share of tonnes and of cost that rests on reported, derived and assumed values",
        (
            VARIANT,
            _text("aspect", "amounts, composition, capture, yields or cost"),
            _text("status", "reported, derived or assumed"),
            RunColumn("share", "number", "share"),
        ),
    ),
    RunTable(
        "certificate",
        "the plan recomputed from its own tables by independent code",
        (
            _text("check", "what was checked"),
            RunColumn("largest_error", "number", "largest error found"),
            RunColumn("tolerance", "number", "largest error allowed"),
            RunColumn("holds", "boolean", "error within tolerance"),
            _text("detail", "where the largest error is"),
        ),
    ),
)

RUN_TABLES_BY_NAME: dict[str, RunTable] = {table.name: table for table in RUN_TABLES}
