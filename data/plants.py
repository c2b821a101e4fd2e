"""Facilities of the Capital Region: technologies, sizes with economies of scale, ways, contracts, factors.

Own plants (the incinerators, and every candidate) have costs; bought treatment has a gate fee. A step of
size Q costs ``capex = reference_capex * (Q / reference_size) ** exponent``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.facts import facts

EARTH_RADIUS_KM = 6371.0088
DETOUR = 1.3
COLLECTION_COST = 4.0
HAUL_COST = 1.1
TRANSFER_COST = 80.0
LOCAL_KM = 10.0
FERRY_COST = 350.0
PORT = (55.457, 12.183)
"""Køge, where the ferry from Rønne lands."""
PORT_KM = 15.0
CONTRACT_END = 2026
COMPANY_PLANT = {"ARC": "arc", "Vestforbrænding": "vestforbraending", "Norfors": "norfors", "BOFA": "bofa"}
FACILITY_NUMBERS = (
    "lat",
    "lon",
    "capacity",
    "reserved",
    "minimum_load",
    "filler",
    "opens",
    "closes",
    "fixed_cost",
    "variable_cost",
    "gate_fee",
)
LIST_NUMBERS = ("lifetime", "build_time", "variable_cost", "electricity", "heat")


def technologies() -> pd.DataFrame:
    """Return the sheet of technologies."""
    return facts("technologies", LIST_NUMBERS)


def yields() -> pd.DataFrame:
    """Return the sheet of yields."""
    return facts("yields", ("share", "low", "high"))


def markets() -> pd.DataFrame:
    """Return the sheet of markets; the range of prices stands in the source.

    Prices in the source are ex works: the buyer pays the transport. The sheet has the price at the buyer,
    so that price less transport is the price ex works again and transport still shows with its emission.
    """
    table = facts("markets", ("price", "low", "high", "loss_before_point", "loss_recycling", "distance"))
    ranged = table["low"].notna()
    table.loc[ranged, "source"] += [
        f" [ex works {row.price:,.0f}, range {row.low:,.0f} to {row.high:,.0f}]" for row in table[ranged].itertuples()
    ]
    far = table["distance"] > 0
    table.loc[far, "source"] += "; price at the buyer: ex works and 1.1 DKK/t/km"
    table["price"] = (table["price"] + HAUL_COST * table["distance"]).round(1)
    return table.drop(columns=["low", "high"])


def facilities() -> pd.DataFrame:
    """Return the sheet of facilities; incinerators have the catalogue's fixed cost at their capacity."""
    table = facts("facilities", FACILITY_NUMBERS)
    for cost in facts(
        "incinerator_costs", ("reference_size", "fixed_cost_eur_per_tonne", "exponent", "price_factor", "dkk_per_eur")
    ).itertuples(index=False):
        own = (table["technology"] == cost.technology) & table["variable_cost"].isna()
        whole = cost.fixed_cost_eur_per_tonne * cost.reference_size * cost.price_factor * cost.dkk_per_eur
        fixed = whole * (table.loc[own, "capacity"] / cost.reference_size) ** cost.exponent
        table.loc[own, "fixed_cost"] = fixed.round(-4)
        table.loc[own, "source"] += f"; fixed cost: {cost.source}"
    candidate = table["state"] == "candidate"
    table.loc[candidate, "capacity"] = np.nan
    table["source"] += table["note"].map(lambda note: f" ({note})" if note else "")
    return table.drop(columns=["note"])


def sizes() -> pd.DataFrame:
    """Return three steps per technology that can be built."""
    numbers = (
        "reference_size",
        "reference_capex",
        "reference_opex_per_tonne",
        "variable_share_of_opex",
        "capex_exponent",
        "opex_exponent",
    )
    rows: list[dict[str, object]] = []
    for plant in facts("plant_sizes", numbers).itertuples(index=False):
        for name, text in zip(("small", "medium", "large"), plant.sizes.split(), strict=True):
            size = float(text)
            scale = size / plant.reference_size
            opex = plant.reference_opex_per_tonne * plant.reference_size * scale**plant.opex_exponent
            variable = plant.reference_opex_per_tonne * plant.variable_share_of_opex * size
            rows.append(
                {
                    "technology": plant.technology,
                    "size": name,
                    "capacity": size,
                    "capex": round(plant.reference_capex * scale**plant.capex_exponent, -4),
                    "fixed_cost": round(opex - variable, -3),
                    "source": f"{plant.source}; investment ~ size^{plant.capex_exponent}, operation ~ size^{plant.opex_exponent}",
                    "status": plant.status,
                }
            )
    return pd.DataFrame(rows)


def _road(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the length of the road between two points, straight line times the detour factor, in km."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return float(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)) * DETOUR)


def distances() -> pd.DataFrame:
    """Return ways that coordinates do not tell: long ways with reloading, and those by ferry.

    Beyond the distance at which reloading pays a municipality's waste goes by lorry (80 DKK/t, 10 km
    with the collection vehicle, 1.1 DKK/t/km). From Bornholm it goes to the port, by ferry to Køge and
    on by lorry; the cost of the row replaces the crossing.
    """
    towns = facts("municipalities", ("lat", "lon"))
    plants = facilities()
    reload_cost = TRANSFER_COST + COLLECTION_COST * LOCAL_KM
    accepts = set(facts("accepts").query("input == 'reject'")["technology"])
    rows: list[dict[str, object]] = []
    for town in towns.itertuples(index=False):
        for plant in plants[plants["zone"] == ""].itertuples(index=False):
            if town.zone:
                onward = _road(PORT[0], PORT[1], plant.lat, plant.lon)
                cost = TRANSFER_COST + COLLECTION_COST * PORT_KM + FERRY_COST + HAUL_COST * onward
                rows.append(
                    _way(town.municipality, plant.facility, PORT_KM + onward, cost, "by ferry Rønne-Køge and lorry")
                )
                continue
            length = _road(town.lat, town.lon, plant.lat, plant.lon)
            cost = reload_cost + HAUL_COST * length
            if cost < COLLECTION_COST * length:
                rows.append(_way(town.municipality, plant.facility, length, cost, "reloaded to lorry"))
    for start in plants[plants["zone"] != ""].itertuples(index=False):
        for plant in plants[(plants["zone"] == "") & plants["technology"].isin(accepts)].itertuples(index=False):
            onward = _road(PORT[0], PORT[1], plant.lat, plant.lon)
            rows.append(
                _way(
                    start.facility,
                    plant.facility,
                    PORT_KM + onward,
                    FERRY_COST + HAUL_COST * (PORT_KM + onward),
                    "by ferry Rønne-Køge",
                )
            )
    return pd.DataFrame(rows)


def _way(start: str, end: str, length: float, cost: float, text: str) -> dict[str, object]:
    return {
        "from": start,
        "to": end,
        "distance": round(length, 1),
        "cost": round(cost, 1),
        "source": f"{text}: straight line x 1.3, unit costs as on the transport sheet, reloading 80 DKK/t (50-120)",
        "status": "assumed",
    }


def contracts() -> pd.DataFrame:
    """Return what is bound: mixed waste to the owner's incinerator until 2026, sludge in fixed shares."""
    rows: list[dict[str, object]] = []
    for town in facts("municipalities").itertuples(index=False):
        owners = [name.strip() for name in town.companies.split(";")]
        for stream in ("residual", "bulky_combustible"):
            for owner in owners:
                rows.append(
                    {
                        "municipality": town.municipality,
                        "stream": stream,
                        "facility": COMPANY_PLANT[owner],
                        "until": CONTRACT_END,
                        "share": 1.0 / len(owners),
                        "source": "municipalities assign waste for incineration to the plant they own"
                        + ("; half to each of two owned companies" if len(owners) > 1 else ""),
                        "status": "assumed" if len(owners) > 1 else "derived",
                    }
                )
        mainland = town.zone == ""
        parts = (("sludge_land", 0.85), ("sludge_burner", 0.15)) if mainland else (("sludge_land_bornholm", 1.0),)
        rows += [
            {
                "municipality": town.municipality,
                "stream": "sludge",
                "facility": plant,
                "share": share,
                "source": "first destinations of sludge tuned to the national sector rate of 2022; not a choice of the plan",
                "status": "assumed",
            }
            for plant, share in parts
        ]
    rows += _food_contracts()
    return pd.DataFrame(rows)


def _food_contracts() -> list[dict[str, object]]:
    """Return where food waste goes until 2026; the rest goes to the nearest plant, Gemidan."""
    rows: list[dict[str, object]] = []
    for town in facts("municipalities").itertuples(index=False):
        if town.companies == "Norfors" or "ARC" in town.companies:
            share = 1.0 if town.companies == "Norfors" else 0.5
            rows.append(_food_contract(town.municipality, "households", "biovaekst", share))
    rows += [_food_contract("", sector, "daka", share) for sector, share in (("services", 0.6), ("industry", 1.0))]
    return rows


def _food_contract(municipality: str, sector: str, facility: str, share: float) -> dict[str, object]:
    return {
        "municipality": municipality,
        "sector": sector,
        "stream": "food_waste",
        "facility": facility,
        "until": CONTRACT_END,
        "share": share,
        "source": "no list of contracts found; spread so that no plant has more than its capacity",
        "status": "assumed",
    }


def emissions() -> pd.DataFrame:
    """Return emission factors: recycling credits at markets, energy avoided by burning, landfill gas.

    Fossil and biogenic CO2 of what enters an incinerator comes from the fractions sheet; at markets that
    burn (losses, fuel, rejects at the buyer) it stands in the rows of energy recovery.
    """
    carbon = facts("fractions", ("fossil_co2", "biogenic_co2")).set_index("fraction")
    factors = facts("emission_factors", ("recycling", "energy_credit", "landfill"))
    burners = [row.technology for row in technologies().itertuples() if row.treatment == "energy_recovery"]
    rows: list[dict[str, object]] = []
    for row in factors.itertuples(index=False):
        common = {"fraction": row.fraction, "source": row.source, "status": row.status}
        if row.recycling:
            rows.append({**common, "treatment": "recycling", "avoided": row.recycling})
        credit = {} if row.energy_credit == 0.0 else {"avoided": row.energy_credit}
        if row.energy_credit:
            rows += [{**common, "process": technology, **credit} for technology in burners]
        burnt = {"fossil": carbon.loc[row.fraction, "fossil_co2"], "biogenic": carbon.loc[row.fraction, "biogenic_co2"]}
        if row.energy_credit or burnt["fossil"] or burnt["biogenic"]:
            rows.append({**common, "treatment": "energy_recovery", **burnt, **credit})
        rows.append(
            {
                **common,
                "treatment": "landfill",
                "fossil": row.landfill,
                "source": row.source + "; methane counted in full",
            }
        )
    road = factors[factors["fraction"].isin(["concrete_brick_tile", "ballast_stone"])]
    rows += [
        {
            "treatment": "other_material_recovery",
            "fraction": row.fraction,
            "avoided": row.recycling,
            "source": row.source,
            "status": row.status,
        }
        for row in road.itertuples(index=False)
    ]
    # Without a row of its own a burner would take the rows of its treatment, whose CO2 it has already.
    listed = {(row.get("process"), row["fraction"]) for row in rows}
    rows += [
        {
            "process": technology,
            "fraction": row.fraction,
            "avoided": 0.0,
            "source": "no energy in the fraction",
            "status": "derived",
        }
        for technology in burners
        for row in factors.itertuples(index=False)
        if (technology, row.fraction) not in listed
    ]
    return pd.DataFrame(rows)
