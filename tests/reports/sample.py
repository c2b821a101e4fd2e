"""A small invented run for the tests of the reports: a case and run tables that agree with each other.

The masses are pushed through schemes and facilities by a few lines of plain Python, so that every
table balances by construction and no other room of the house is needed to test a report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pandas as pd

from flows.case import Case

TODAY, FIRST, LAST = 2023, 2027, 2035
YEARS = (2025, 2027, 2030, 2035)
PLACES = (
    ("101", "København", "Copenhagen", 660000, 20000, 295000, "", "ARC; Vestforbrænding"),
    ("159", "Gladsaxe", "Gladsaxe", 70000, 9000, 25000, "", "Vestforbrænding"),
    ("400", "Bornholm", "Bornholm", 39500, 15500, 4200, "bornholm", "BOFA"),
)
COORDINATES = {"101": (55.687, 12.570), "159": (55.738, 12.470), "400": (55.099, 14.706)}
FRACTIONS = (
    # id, Danish, English, material, in_rate, fossil CO2 kg/t
    ("food", "Madaffald", "Food waste", "food", True, 0.0),
    ("paper", "Papir", "Paper", "paper", True, 3.0),
    ("plastic_rigid", "Hård plast", "Rigid plastic", "plastic", True, 2400.0),
    ("metal", "Metal", "Metal", "metal", True, 0.0),
    ("wood", "Træ", "Wood", "wood", True, 0.0),
    ("concrete", "Beton og tegl", "Concrete and brick", "mineral", True, 0.0),
    ("other", "Øvrigt", "Other", "other", True, 400.0),
    ("soil", "Jord", "Soil", "soil", False, 0.0),
)
SOURCES = (
    # sector, segment, Danish, English, kind, kg per head of each fraction
    (
        "households",
        "single_family",
        "Enfamilieboliger",
        "Single-family homes",
        "households",
        (90, 45, 25, 20, 60, 30, 110, 0),
    ),
    ("households", "multi_storey", "Etageboliger", "Multi-storey homes", "households", (70, 40, 20, 10, 15, 8, 90, 0)),
    (
        "construction_demolition",
        "",
        "Bygge og anlæg",
        "Construction and demolition",
        "construction_demolition",
        (0, 2, 8, 70, 60, 900, 40, 500),
    ),
    ("services", "", "Service", "Services", "business", (40, 60, 25, 12, 10, 5, 80, 0)),
)
STREAMS = (
    ("food_stream", "Madaffald", "Food waste", "separate"),
    ("dry", "Papir, plast og metal", "Paper, plastic and metal", "separate"),
    ("mineral_stream", "Mineralsk byggeaffald", "Mineral building waste", "separate"),
    ("wood_stream", "Træ", "Wood", "separate"),
    ("soil_stream", "Jord", "Soil", "separate"),
    ("residual", "Restaffald", "Residual waste", "mixed"),
    ("reuse", "Til forberedelse til genbrug", "To preparing for reuse", "preparing_for_reuse"),
)
TECHNOLOGIES = (
    ("biogas", "Biogasanlæg", "Biogas plant", "recycling"),
    ("recycler", "Sortering af tørre materialer", "Sorting of dry materials", "recycling"),
    ("crusher", "Nedknusning", "Crushing", "recycling"),
    ("backfill", "Opfyldning", "Backfilling", "other_material_recovery"),
    ("residual_sorting", "Sortering af restaffald", "Sorting of residual waste", "sorting"),
    ("incineration", "Forbrændingsanlæg", "Incineration", "energy_recovery"),
)
FACILITIES = (
    ("bio_1", "Biogas Nord", "biogas", "159", "existing", 180000.0),
    ("rec_1", "Sorteringen Ø", "recycler", "101", "existing", 160000.0),
    ("crush_1", "Knuseren", "crusher", "101", "existing", float("nan")),
    ("fill_1", "Opfyldningen", "backfill", "159", "existing", float("nan")),
    ("sort_1", "Restsortering Syd", "residual_sorting", "101", "candidate", 0.0),
    ("inc_1", "Forbrændingen", "incineration", "101", "existing", 450000.0),
    ("inc_2", "Ø-forbrændingen", "incineration", "400", "existing", 24000.0),
)
DRY = ("paper", "plastic_rigid", "metal")
SCHEMES = (
    # id, sector, Danish, English, who decides, capture of dry, food, reuse share, cost per tonne
    ("today_households", "households", "Som i dag", "As today", "municipality", 0.45, 0.50, 0.0, 900.0),
    (
        "ten_plus",
        "households",
        "Ti fraktioner, bedre sortering",
        "Ten fractions, better sorting",
        "municipality",
        0.72,
        0.78,
        0.01,
        1010.0,
    ),
    (
        "packaging",
        "services",
        "Fælles emballageindsamling",
        "Shared packaging collection",
        "producer",
        0.70,
        0.70,
        0.0,
        700.0,
    ),
    ("today_services", "services", "Som i dag", "As today", "business", 0.50, 0.40, 0.0, 600.0),
    ("today_building", "construction_demolition", "Som i dag", "As today", "business", 0.60, 0.0, 0.0, 150.0),
    (
        "selective",
        "construction_demolition",
        "Selektiv nedrivning",
        "Selective demolition",
        "business",
        0.85,
        0.0,
        0.03,
        190.0,
    ),
)
MARKETS = {"product": ("recycling", 0.05), "slag": ("landfill", 0.0), "digestate": ("recycling", 0.0)}


def _scheme_shares(variant: str, year: int, place: int, sector: str) -> list[tuple[str, float, float, bool]]:
    """Return (scheme, effective share, chosen, began this year) of a source."""
    before = {
        "households": "today_households",
        "services": "today_services",
        "construction_demolition": "today_building",
    }
    after = {"households": "ten_plus", "services": "packaging", "construction_demolition": "selective"}
    start = 2027 if place % 2 == 0 else 2030
    if variant != "plan" or year < start:
        return [(before[sector], 1.0, 1.0, False)]
    ramp = 0.5 if year == start else 1.0
    rows = [(after[sector], ramp, 1.0, year == start)]
    return rows + ([(before[sector], 1.0 - ramp, 0.0, False)] if ramp < 1 else [])


def _capture(scheme: str, fraction: str) -> list[tuple[str, float]]:
    row = next(item for item in SCHEMES if item[0] == scheme)
    dry, food, reuse = row[5], row[6], row[7]
    building = row[1] == "construction_demolition"
    if fraction == "soil":
        return [("soil_stream", 1.0)]
    shares: list[tuple[str, float]] = [("reuse", reuse)] if reuse else []
    rest = 1.0 - reuse
    if fraction == "food":
        shares += [("food_stream", food * rest), ("residual", (1 - food) * rest)]
    elif fraction in DRY:
        shares += [("dry", dry * rest), ("residual", (1 - dry) * rest)]
    elif fraction == "wood":
        shares += [("wood_stream", dry * rest), ("residual", (1 - dry) * rest)]
    elif fraction == "concrete":
        share = 0.97 if building else 0.5
        shares += [("mineral_stream", share * rest), ("residual", (1 - share) * rest)]
    else:
        shares += [("residual", rest)]
    return shares


def _facility(stream: str, place: str, variant: str, year: int) -> str:
    if stream == "residual":
        if variant == "plan" and year >= 2030 and place != "400":
            return "sort_1"
        return "inc_2" if place == "400" else "inc_1"
    return {
        "food_stream": "bio_1",
        "dry": "rec_1",
        "wood_stream": "rec_1",
        "mineral_stream": "crush_1",
        "soil_stream": "fill_1",
    }[stream]


def _outputs(technology: str, fraction: str) -> list[tuple[str, float, str]]:
    """Return (output, share, destination) of a fraction; a destination is a facility, market or sink."""
    if technology == "biogas":
        return [("digestate", 0.9, "digestate_market"), ("reject", 0.1, "inc_1")]
    if technology == "recycler":
        return [("product", 0.85, "product_market"), ("reject", 0.15, "inc_1")]
    if technology in {"crusher", "backfill"}:
        return [("product", 1.0, "product_market" if technology == "crusher" else "fill_market")]
    if technology == "residual_sorting":
        share = 0.6 if fraction in {"plastic_rigid", "metal"} else 0.0
        return [("product", share, "product_market"), ("reject", 1 - share, "inc_1")]
    return [("slag", 0.15, "slag_market"), ("flue_gas", 0.85, "sink:energy_recovery")]


def _flows(variant: str, year: int, places: tuple[Any, ...]) -> list[dict[str, Any]]:
    technology_of = {row[0]: row[2] for row in FACILITIES}
    rows: list[dict[str, Any]] = []
    # Rows between two facilities are summed over streams of one origin, as in a real run.
    for place_number, (place, _, _, _, houses, flats, _, _) in enumerate(places):
        heads = {"single_family": houses * 2.4, "multi_storey": flats * 1.7, "": houses * 2.4 + flats * 1.7}
        for sector, segment, _, _, _, kilos in SOURCES:
            origin = {"variant": variant, "year": year, "municipality": place, "sector": sector, "segment": segment}
            source = f"{place}/{sector}" + (f"/{segment}" if segment else "")
            later: dict[tuple[str, str, str, str, str, str], float] = defaultdict(float)
            for (fraction, *_), kilo in zip(FRACTIONS, kilos, strict=True):
                amount = heads[segment] * kilo / 1000 * 1.004 ** (year - TODAY)
                if not amount:
                    continue
                for scheme, effective, _, _ in _scheme_shares(variant, year, place_number, sector):
                    for stream, share in _capture(scheme, fraction):
                        mass = amount * effective * share
                        if not mass:
                            continue
                        first = origin | {
                            "from": source,
                            "scheme": scheme,
                            "stream": stream,
                            "output": "",
                            "fraction": fraction,
                        }
                        if stream == "reuse":
                            rows.append(
                                first
                                | {"to": "sink:preparing_for_reuse", "treatment": "preparing_for_reuse", "mass_t": mass}
                            )
                            continue
                        facility = _facility(stream, place, variant, year)
                        rows.append(first | {"to": facility, "treatment": "", "mass_t": mass})
                        for output, part, to in _outputs(technology_of[facility], fraction):
                            later[(facility, to, output, stream, fraction, "")] += mass * part
                            if to in technology_of:
                                for output_2, part_2, to_2 in _outputs("incineration", fraction):
                                    later[(to, to_2, output_2, stream, fraction, "")] += mass * part * part_2
            for (start, to, output, stream, fraction, _), mass in later.items():
                if not mass:
                    continue
                row = origin | {
                    "from": start,
                    "to": to,
                    "scheme": "",
                    "stream": stream,
                    "output": output,
                    "fraction": fraction,
                }
                if to in technology_of:
                    rows.append(row | {"treatment": "", "mass_t": mass})
                elif to.startswith("sink:"):
                    rows.append(row | {"treatment": to[5:], "mass_t": mass})
                elif to == "fill_market":
                    rows.append(row | {"treatment": "other_material_recovery", "mass_t": mass})
                else:
                    treatment, loss = MARKETS[output]
                    rows.append(row | {"treatment": treatment, "mass_t": mass * (1 - loss)})
                    if loss:
                        rows.append(row | {"treatment": "energy_recovery", "mass_t": mass * loss})
    return rows


def make_case(places: tuple[Any, ...] = PLACES) -> Case:
    """Return the invented case."""
    facts = {"source": "Invented register 2023", "status": "reported"}
    guess = {"source": "=1+1", "status": "assumed"}
    generation = [
        {
            "municipality": place[0],
            "sector": sector,
            "segment": segment,
            "fraction": fraction[0],
            "year": TODAY,
            "amount": 1.0,
            **facts,
        }
        for place in places
        for sector, segment, *_ in SOURCES
        for fraction in FRACTIONS
    ]
    tables: dict[str, list[dict[str, Any]]] = {
        "municipalities": [
            {
                "municipality": i,
                "name_da": da,
                "name_en": en,
                "population": people,
                "jobs": people / 2,
                "lat": COORDINATES.get(i, (55.7, 12.4))[0],
                "lon": COORDINATES.get(i, (55.7, 12.4))[1],
                "zone": zone,
                "companies": company,
                **facts,
            }
            for i, da, en, people, _, _, zone, company in places
        ],
        "dwellings": [
            {"municipality": place[0], "segment": segment, "dwellings": count, **facts}
            for place in places
            for segment, count in (("single_family", place[4]), ("multi_storey", place[5]))
        ],
        "fractions": [
            {
                "fraction": i,
                "name_da": da,
                "name_en": en,
                "material": material,
                "in_rate": counts,
                "fossil_co2": co2,
                **guess,
            }
            for i, da, en, material, counts, co2 in FRACTIONS
        ],
        "sectors": [
            {"sector": sector, "segment": segment, "name_da": da, "name_en": en, "kind": kind}
            for sector, segment, da, en, kind, _ in SOURCES
        ],
        "streams": [{"stream": i, "name_da": da, "name_en": en, "kind": kind} for i, da, en, kind in STREAMS],
        "technologies": [
            {"technology": i, "name_da": da, "name_en": en, "treatment": t} for i, da, en, t in TECHNOLOGIES
        ],
        "facilities": [
            {
                "facility": i,
                "name": name,
                "technology": technology,
                "municipality": site,
                "state": state,
                "capacity": capacity,
                "owner": "ARC",
            }
            for i, name, technology, site, state, capacity in FACILITIES
        ],
        "sizes": [
            {"technology": "residual_sorting", "size": "small", "capacity": 150000, "capex": 400e6, **guess},
            {"technology": "residual_sorting", "size": "large", "capacity": 300000, "capex": 650e6, **guess},
        ],
        "schemes": [
            {
                "scheme": i,
                "sector": sector,
                "name_da": da,
                "name_en": en,
                "decided_by": who,
                "cost_per_tonne": cost,
                "cost_per_household": 300.0 if sector == "households" else 0.0,
                **guess,
            }
            for i, sector, da, en, who, _, _, _, cost in SCHEMES
        ],
        "generation": generation,
        "targets": [
            {"name": "80 % i 2035", "scope": "all", "method": "collected", "year": LAST, "rate": 0.8, "binding": True},
            {
                "name": "EU 65 %",
                "scope": "municipal_waste",
                "method": "calculation_point",
                "year": LAST,
                "rate": 0.65,
                "binding": False,
            },
        ],
    }
    settings = {
        "title": "Invented",
        "account_year": TODAY,
        "plan_years": ", ".join(map(str, YEARS)),
        "price_year": 2024,
        "first_change_year": FIRST,
        "region_da": "Regionen",
        "region_en": "The region",
        "report_years": "2027, 2030, 2035",
    }
    return Case.from_tables(settings, tables)


def _counted(flows: pd.DataFrame, scope: str, method: str) -> pd.DataFrame:
    first = flows[flows["scheme"] != ""]
    last = flows[flows["treatment"] != ""]
    if method == "collected":
        rows = first[~first["stream"].isin({"residual", "soil_stream"})]
        extra = (
            flows[(flows["from"] == "sort_1") & (flows["output"] == "product")]
            .groupby(
                ["variant", "year", "municipality", "sector", "segment", "fraction", "from", "to"], as_index=False
            )["mass_t"]
            .sum()
        )
        rows = pd.concat([rows, extra])
    else:
        rows = last[last["treatment"].isin({"recycling", "preparing_for_reuse"}) & (last["fraction"] != "soil")]
    rows = rows[_in_scope(rows, scope)]
    keys = ["variant", "year", "municipality", "sector", "segment", "fraction", "from", "to"]
    return rows.groupby(keys, as_index=False)["mass_t"].sum().assign(scope=scope, method=method)


def _in_scope(frame: pd.DataFrame, scope: str) -> pd.Series:
    if scope == "all":
        return frame["fraction"] != "soil"
    if scope == "all_excluding_construction_demolition":
        return (frame["sector"] != "construction_demolition") & (frame["fraction"] != "soil")
    if scope == "municipal_waste":
        return frame["sector"].isin({"households", "services"}) & (frame["fraction"] != "soil")
    return (frame["sector"] == scope) & (frame["fraction"] != "soil")


def make_run(places: tuple[Any, ...] = PLACES) -> tuple[Case, dict[str, pd.DataFrame], dict[str, Any]]:
    """Return (case, run tables, info) of the invented run."""
    case = make_case(places)
    states = [("today", TODAY)] + [(variant, year) for variant in ("reference", "plan") for year in YEARS]
    flows = pd.DataFrame([row for variant, year in states for row in _flows(variant, year, places)])
    counted, rates = [], []
    pairs = [
        (scope, method)
        for scope in (
            "all",
            "all_excluding_construction_demolition",
            "households",
            "municipal_waste",
            "construction_demolition",
            "services",
        )
        for method in ("collected", "calculation_point")
    ]
    first = flows[flows["scheme"] != ""]
    for scope, method in pairs:
        rows = _counted(flows, scope, method)
        counted.append(rows)
        base = first[_in_scope(first, scope)]
        for place in ["", *(item[0] for item in places)]:
            part = rows if not place else rows[rows["municipality"] == place]
            whole = base if not place else base[base["municipality"] == place]
            tops = part.groupby(["variant", "year"])["mass_t"].sum()
            for (variant, year), mass in whole.groupby(["variant", "year"])["mass_t"].sum().items():
                top = float(tops.get((variant, year), 0.0))
                target = {("all", "collected"): 0.8, ("municipal_waste", "calculation_point"): 0.65}.get(
                    (scope, method)
                )
                rates.append(
                    {
                        "variant": variant,
                        "year": year,
                        "scope": scope,
                        "method": method,
                        "municipality": place,
                        "numerator_t": top,
                        "denominator_t": mass,
                        "rate": top / mass,
                        "target": target if target and not place and year == LAST else float("nan"),
                    }
                )
    schemes = [
        {
            "variant": variant,
            "year": year,
            "municipality": place[0],
            "sector": sector,
            "segment": segment,
            "scheme": scheme,
            "share": share,
            "chosen": chosen,
            "changed": changed,
            "decided_by": next(item[4] for item in SCHEMES if item[0] == scheme),
        }
        for variant, year in states
        for number, place in enumerate(places)
        for sector, segment, *_ in SOURCES
        for scheme, share, chosen, changed in _scheme_shares(variant, year, number, sector)
    ]
    return (
        case,
        {
            "flows": flows,
            "counted": pd.concat(counted, ignore_index=True),
            "rates": pd.DataFrame(rates),
            "schemes": pd.DataFrame(schemes),
            "facilities": _facilities(flows, states),
            "costs": _costs(flows, case),
            "emissions": _emissions(flows),
            "calibration": pd.DataFrame(
                [
                    {
                        "municipality": place[0],
                        "sector": "households",
                        "segment": segment,
                        "fraction": "",
                        "year": TODAY,
                        "reported_rate": 0.45,
                        "modelled_before": 0.41,
                        "modelled_after": 0.45,
                        "shift": 0.2,
                    }
                    for place in places
                    for segment in ("single_family", "multi_storey")
                ]
            ),
            "reconciliation": _reconciliation(places),
            "suspects": pd.DataFrame(
                [
                    {
                        "rank": 1,
                        "kind": "amount",
                        "municipality": places[0][0],
                        "sector": "households",
                        "segment": "",
                        "stream": "",
                        "fraction": "",
                        "given": 90_000.0,
                        "std": 900.0,
                        "z": 12.3,
                        "implied": 9_000.0,
                        "implied_std": 700.0,
                        "chi2": 8.0,
                        "p_value": 0.4,
                    }
                ]
            ),
            "shadow_prices": pd.DataFrame(
                [
                    {
                        "variant": "plan",
                        "year": LAST,
                        "kind": "target",
                        "name": "all collected",
                        "value": 740.0,
                        "unit": "DKK/t",
                    }
                ]
            ),
            "distances": pd.DataFrame(
                [
                    {"municipality": place[0], "facility": row[0], "distance_km": 10.0 + len(row[1])}
                    for place in places
                    for row in FACILITIES
                ]
            ),
            "data_quality": pd.DataFrame(
                [
                    {"variant": variant, "aspect": aspect, "status": status, "share": share}
                    for variant in ("today", "plan")
                    for aspect, low in (
                        ("amounts", 0.3),
                        ("composition", 0.9),
                        ("capture", 0.95),
                        ("yields", 0.8),
                        ("cost", 0.85),
                    )
                    for status, share in (("assumed", low), ("derived", 0.05), ("reported", 0.95 - low))
                ]
            ),
            "certificate": pd.DataFrame(
                [
                    {"check": check, "largest_error": 1e-9, "tolerance": 1e-6, "holds": True, "detail": ""}
                    for check in ("balance", "un_mixing", "capacity", "target", "cost")
                ]
            ),
        },
        _info(rates),
    )


def _facilities(flows: pd.DataFrame, states: list[tuple[str, int]]) -> pd.DataFrame:
    inflow = flows.groupby(["variant", "year", "to"])["mass_t"].sum()
    rows = []
    for variant, year in states:
        for facility, name, technology, site, state, capacity in FACILITIES:
            built = state == "candidate" and variant == "plan" and year >= 2030
            size = "existing" if state == "existing" else ("small+large" if year >= 2035 else "small") if built else ""
            room = (
                capacity if state == "existing" else (450000.0 if size == "small+large" else 150000.0) if built else 0.0
            )
            rows.append(
                {
                    "variant": variant,
                    "year": year,
                    "facility": facility,
                    "name": name,
                    "technology": technology,
                    "site": site,
                    "open": state == "existing" or built,
                    "size": size,
                    "capacity_t": room,
                    "reserved_t": 0.0,
                    "throughput_t": float(inflow.get((variant, year, facility), 0.0)),
                    "opened_year": 2030.0 if built else float("nan"),
                    "closed_year": float("nan"),
                }
            )
    return pd.DataFrame(rows)


def _costs(flows: pd.DataFrame, case: Case) -> pd.DataFrame:
    first = flows[flows["scheme"] != ""]
    price = {row[0]: row[8] for row in SCHEMES}
    payer = {"households": "household", "services": "business", "construction_demolition": "business"}
    collection = first.assign(amount=first["mass_t"] * first["scheme"].map(price))
    entering = flows[~flows["to"].str.contains("market|sink")]
    treatment = entering.assign(amount=entering["mass_t"] * 420.0, facility=entering["to"])
    sold = flows[flows["to"] == "product_market"]
    market = sold.assign(amount=sold["mass_t"] * -250.0, facility=sold["from"])
    keys = ["variant", "year", "municipality", "sector", "facility"]
    parts = [
        frame.assign(facility=frame.get("facility", ""))
        .groupby(keys, as_index=False)["amount"]
        .sum()
        .assign(category=category)
        for category, frame in (("collection", collection), ("treatment", treatment), ("market", market))
    ]
    shared = flows[(flows["to"] == "sort_1")].groupby(keys[:2], as_index=False)["mass_t"].sum()
    parts.append(
        shared.assign(municipality="", sector="households", facility="sort_1", category="capital", amount=55e6).drop(
            columns="mass_t"
        )
    )
    costs = pd.concat(parts, ignore_index=True)
    costs["payer"] = costs["sector"].map(payer)
    costs.loc[(costs["category"] == "market"), "payer"] = "producer"
    return costs.assign(currency=case.currency, in_objective=costs["amount"] * 0.8)


def _emissions(flows: pd.DataFrame) -> pd.DataFrame:
    fossil = {row[0]: row[5] for row in FRACTIONS}
    keys = ["variant", "year", "municipality", "facility", "fraction"]
    burnt = flows[flows["to"].isin({"inc_1", "inc_2"})]
    burnt = burnt.assign(
        facility=burnt["to"], kg_co2e=burnt["mass_t"] * burnt["fraction"].map(fossil), step="treatment", kind="fossil"
    )
    sold = flows[flows["to"] == "product_market"]
    sold = sold.assign(facility=sold["from"], kg_co2e=sold["mass_t"] * -350.0, step="market", kind="avoided")
    moved = flows[flows["scheme"] != ""]
    moved = moved.assign(facility=moved["to"], kg_co2e=moved["mass_t"] * 4.0, step="transport", kind="transport")
    return pd.concat([burnt, sold, moved]).groupby([*keys, "step", "kind"], as_index=False)["kg_co2e"].sum()


def _info(rates: list[dict[str, Any]]) -> dict[str, Any]:
    reached = next(
        row["rate"]
        for row in rates
        if row["variant"] == "plan"
        and row["year"] == LAST
        and row["scope"] == "all"
        and row["method"] == "collected"
        and not row["municipality"]
    )
    return {
        "version": "0.1.0",
        "options": {
            "target": 0.8,
            "method": "collected",
            "scope": "all",
            "year": LAST,
            "scenario": "",
            "gap": 0.02,
            "time_limit": 240,
        },
        "input": {"sha256": "0" * 64, "name": "invented.xlsx"},
        "solver": {"name": "HiGHS", "version": "1.15"},
        "status": "gap_reached",
        "objective": 1.0e10,
        "bound": 0.99e10,
        "bound_of": "the model with technologies split",
        "gap": 0.01,
        "times": {"solve": 12.0},
        "certificate": {"holds": True, "largest_error": 1e-9},
        "currency": "DKK",
        "price_year": 2024,
        "target": {"scope": "all", "method": "collected", "year": LAST, "rate": 0.8, "reached": reached},
    }


def _reconciliation(places: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return what reconciling moved: a rate and an amount of every place, and three assumptions."""
    blank = {"municipality": "", "sector": "", "segment": "", "stream": "", "fraction": "", "name": "", "year": TODAY}
    rows = []
    for number, place in enumerate(places):
        mine = {**blank, "municipality": place[0], "sector": "households", "status": "reported", "used": True}
        rate = {"kind": "rate", "name": "collected", "given": 0.45, "std": 0.02, "before": 0.41, "reconciled": 0.449}
        rows.append({**mine, **rate, "reconciled_std": 0.019, "z": 0.6, "suspect": False})
        wrong = number == 0
        given = 90_000.0 if wrong else 9_000.0 + number
        amount = {"kind": "amount", "given": given, "std": 900.0, "before": 9_010.0, "reconciled": 9_005.0}
        rows.append({**mine, **amount, "reconciled_std": 640.0, "z": 12.3 if wrong else 0.1, "suspect": wrong})
    assumed = {**blank, "status": "assumed", "used": True, "z": 0.6, "suspect": False}
    home = {"sector": "households", "segment": "single_family"}
    for kind, more, given, now in (
        ("capture", {**home, "fraction": "glass"}, 0.7, 0.75),
        ("composition", {"fraction": "glass", "name": "none"}, 0.05, 0.06),
        ("generation", {**home, "municipality": places[0][0]}, 5_000.0, 5_001.0),
        ("shift", {"sector": "households"}, 0.0, 0.3),
    ):
        figures = {
            "given": given,
            "std": given * 0.1,
            "before": given,
            "reconciled": now,
            "reconciled_std": given * 0.09,
        }
        rows.append({**assumed, **more, "kind": kind, **figures})
    return pd.DataFrame(rows)
