"""A small invented world in another country: its towns, fractions and units are nobody else's.

Two counties' worth of rows, written in pounds, short tons and euros, with its own ids for everything.
It is small enough to be planned in a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mfa.workbook import write_case

SETTINGS: dict[str, Any] = {
    "title": "Lake Counties",
    "account_year": 2024,
    "plan_years": "2026, 2028, 2030",
    "first_change_year": 2026,
    "discount_rate": 0.03,
    "price_year": 2024,
    "currency": "EUR",
    "method": "collected",
    "scope": "all",
    "calibration": False,
    "region_en": "Lake Counties",
    "region_da": "Søamterne",
}

UNITS = {
    ("generation", "amount"): "short_ton/year",
    ("facilities", "capacity"): "1000 lb/year",
    ("sizes", "capacity"): "short_ton/year",
    ("sizes", "capex"): "MEUR",
    ("schemes", "cost_per_household"): "EUR/household/month",
    ("markets", "price"): "EUR/short_ton",
    ("markets", "distance"): "miles",
    ("fractions", "energy"): "kWh/kg",
    ("municipalities", "population"): "1000 inhabitants",
}


def _rows(names: str, *rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the tables in canonical units."""
    towns = ("alder", "birch", "cedar")
    amounts = []
    for town, size in zip(towns, (1.0, 0.6, 0.25), strict=True):
        for fraction, tonnes in (("scraps", 9000), ("tins", 1500), ("papers", 6000), ("rest_stuff", 5000)):
            amounts.append((town, "homes", "", fraction, 2024, tonnes * size, "reported"))
        for fraction, tonnes in (("papers", 4000), ("rubble", 20000), ("rest_stuff", 3000)):
            amounts.append((town, "shops", "", fraction, 2024, tonnes * size, "derived"))
    return {
        "municipalities": _rows(
            "municipality name_en name_da population jobs lat lon status",
            ("alder", "Alder", "Alder", 40000, 15000, 47.50, 9.20, "reported"),
            ("birch", "Birch", "Birk", 24000, 9000, 47.60, 9.35, "reported"),
            ("cedar", "Cedar", "Ceder", 10000, 2500, 47.42, 9.50, "reported"),
        ),
        "dwellings": [],
        "fractions": _rows(
            "fraction name_en name_da material biowaste energy fossil_co2 biogenic_co2",
            ("scraps", "Kitchen scraps", "Madrester", "food", True, 3.0, 0, 500),
            ("tins", "Tins", "Dåser", "metal", False, 0.0, 0, 0),
            ("papers", "Papers", "Papirer", "paper", False, 14.0, 0, 1400),
            ("rubble", "Rubble", "Brokker", "mineral", False, 0.0, 0, 0),
            ("rest_stuff", "Other stuff", "Andet", "other", False, 12.0, 700, 400),
        ),
        "sectors": _rows(
            "sector segment name_en name_da kind divisible",
            ("homes", "", "Homes", "Hjem", "households", False),
            ("shops", "", "Shops and sites", "Butikker og pladser", "business", True),
        ),
        "municipal_waste": _rows(
            "sector fraction municipal_waste",
            ("homes", "scraps", True),
            ("homes", "papers", True),
            ("homes", "tins", True),
            ("homes", "rest_stuff", True),
            ("shops", "rubble", False),
        ),
        "streams": _rows(
            "stream name_en name_da kind",
            ("green_bin", "Green bin", "Grøn spand", "separate"),
            ("dry_bin", "Dry bin", "Tør spand", "separate"),
            ("skip", "Skip", "Container", "separate"),
            ("black_bag", "Black bag", "Sort sæk", "mixed"),
        ),
        "technologies": _rows(
            "technology name_en name_da treatment calculation_point lifetime build_time variable_cost",
            ("digester", "Digester", "Biogasanlæg", "recycling", "entry", 20, 1, 30),
            ("balehall", "Bale hall", "Sorteringshal", "recycling", "market", 20, 1, 40),
            ("crusher", "Crusher", "Knuser", "other_material_recovery", "market", 20, 0, 8),
            ("furnace", "Furnace", "Ovn", "energy_recovery", "market", 25, 3, 25),
        ),
        "outputs": _rows(
            "output name_en name_da kind treatment",
            ("gas", "Gas and vapour", "Gas og damp", "emission", "recycling"),
            ("compost", "Compost", "Kompost", "product", "recycling"),
            ("bales", "Bales", "Baller", "product", "recycling"),
            ("gravel", "Gravel", "Grus", "product", "other_material_recovery"),
            ("rejects", "Rejects", "Rejekt", "mixed", "process_loss"),
            ("smoke", "Flue gas", "Røggas", "emission", "energy_recovery"),
            ("clinker", "Clinker", "Slagge", "mixed", "landfill"),
        ),
        "generation": _rows("municipality sector segment fraction year amount status", *amounts),
        "growth": _rows("sector fraction change status", ("homes", "", 0.005, "assumed")),
        "schemes": _rows(
            "scheme sector segment name_en name_da cost_per_household cost_per_tonne change_cost "
            "change_cost_per_tonne decided_by payer status",
            ("one_bag", "homes", "", "One bag", "Én sæk", 0, 60, 0, 0, "municipality", "household", "assumed"),
            ("three_bins", "homes", "", "Three bins", "Tre spande", 0, 85, 0, 20, "municipality", "household", "assumed"),
            ("shop_mix", "shops", "", "All in one", "Alt i ét", 0, 40, 0, 0, "business", "business", "assumed"),
            ("shop_sort", "shops", "", "Sorted", "Sorteret", 0, 55, 0, 5, "business", "business", "assumed"),
        ),
        "capture": _rows(
            "scheme fraction stream share status",
            ("one_bag", "scraps", "black_bag", 1.0, "assumed"),
            ("one_bag", "tins", "dry_bin", 0.2, "assumed"),
            ("one_bag", "tins", "black_bag", None, "assumed"),
            ("one_bag", "papers", "dry_bin", 0.4, "assumed"),
            ("one_bag", "papers", "black_bag", None, "assumed"),
            ("one_bag", "rest_stuff", "black_bag", 1.0, "assumed"),
            ("three_bins", "scraps", "green_bin", 0.7, "assumed"),
            ("three_bins", "scraps", "black_bag", None, "assumed"),
            ("three_bins", "tins", "dry_bin", 0.8, "assumed"),
            ("three_bins", "tins", "black_bag", None, "assumed"),
            ("three_bins", "papers", "dry_bin", 0.85, "assumed"),
            ("three_bins", "papers", "black_bag", None, "assumed"),
            ("three_bins", "rest_stuff", "dry_bin", 0.05, "assumed"),
            ("three_bins", "rest_stuff", "black_bag", None, "assumed"),
            ("shop_mix", "papers", "dry_bin", 0.3, "assumed"),
            ("shop_mix", "papers", "black_bag", None, "assumed"),
            ("shop_mix", "rubble", "skip", 0.5, "assumed"),
            ("shop_mix", "rubble", "black_bag", None, "assumed"),
            ("shop_mix", "rest_stuff", "black_bag", 1.0, "assumed"),
            ("shop_sort", "papers", "dry_bin", 0.8, "assumed"),
            ("shop_sort", "papers", "black_bag", None, "assumed"),
            ("shop_sort", "rubble", "skip", 0.97, "assumed"),
            ("shop_sort", "rubble", "black_bag", None, "assumed"),
            ("shop_sort", "rest_stuff", "black_bag", 1.0, "assumed"),
        ),
        "current_schemes": _rows(
            "municipality sector segment scheme status",
            ("", "homes", "", "one_bag", "reported"),
            ("", "shops", "", "shop_mix", "assumed"),
        ),
        "facilities": _rows(
            "facility name technology municipality lat lon state capacity fixed_cost gate_fee status",
            ("furnace_1", "Lake Furnace", "furnace", "alder", 47.51, 9.22, "existing", 90000, 1_500_000, None, "reported"),
            ("bales_1", "Old Bale Hall", "balehall", "birch", 47.61, 9.36, "existing", 40000, 300_000, None, "reported"),
            ("crusher_1", "Quarry", "crusher", "cedar", 47.43, 9.48, "existing", None, 0, 9, "assumed"),
            ("digester_1", "New Digester", "digester", "alder", 47.49, 9.21, "candidate", 0, 0, None, "assumed"),
        ),
        "sizes": _rows(
            "technology facility size capacity capex fixed_cost",
            ("digester", "", "S", 8000, 4_000_000, 200_000),
            ("digester", "", "L", 20000, 8_000_000, 350_000),
        ),
        "yields": _rows(
            "technology input fraction output share",
            ("digester", "", "scraps", "rejects", 0.08),
            ("digester", "", "scraps", "gas", 0.40),
            ("digester", "", "scraps", "compost", None),
            ("digester", "", "", "rejects", 1.0),
            ("balehall", "", "papers", "bales", 0.95),
            ("balehall", "", "papers", "rejects", None),
            ("balehall", "", "tins", "bales", 0.9),
            ("balehall", "", "tins", "rejects", None),
            ("balehall", "", "", "rejects", 1.0),
            ("crusher", "", "", "gravel", 1.0),
            ("furnace", "", "", "clinker", 0.2),
            ("furnace", "", "", "smoke", None),
        ),
        "accepts": _rows(
            "technology input",
            ("digester", "green_bin"),
            ("balehall", "dry_bin"),
            ("crusher", "skip"),
            ("furnace", "black_bag"),
            ("furnace", "rejects"),
        ),
        "transport": _rows(
            "mode cost cost_per_tonne emission detour",
            ("collection", 0.15, 2, 0.12, 1.3),
            ("haul", 0.08, 1, 0.08, 1.3),
        ),
        "markets": _rows(
            "market name_en name_da output price treatment loss_recycling distance",
            ("mill", "Mill", "Mølle", "bales", 60, "recycling", 0.05, 120),
            ("farms", "Farms", "Gårde", "compost", -5, "recycling", 0, 15),
            ("roads", "Roads", "Veje", "gravel", 2, "other_material_recovery", 0, 10),
            ("dump", "Dump", "Losseplads", "clinker", -40, "landfill", 0, 20),
        ),
        "prices": _rows(
            "item technology value unit",
            ("tax", "furnace", 30, "EUR/t"),
        ),
        "targets": _rows(
            "name scope method year rate",
            ("Half", "all", "collected", 2030, 0.5),
        ),
        "scenarios": _rows(
            "scenario name_en name_da table filter column operation value",
            ("careless", "Careless sorting", "Sløset sortering", "capture", "scheme=three_bins;stream=dry_bin", "share", "factor", "0.5"),
            ("growing", "Growing towns", "Byer i vækst", "growth", "sector=homes", "change", "value", "0.02"),
        ),
    }  # fmt: skip


def write_world(path: Path, language: str = "en") -> Path:
    """Write the world as a case workbook in its own units."""
    return write_case(SETTINGS, tables(), path, units=UNITS, language=language)
