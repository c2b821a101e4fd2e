"""Amounts of the Capital Region: municipalities, dwellings, generation by composition and key, growth.

Household waste comes from Statistics Denmark's series per municipality with a rule for its known
defects (:func:`household_series`); the other sectors are national totals scaled to the region.
"""

from __future__ import annotations

import pandas as pd

from data.facts import GROUPS, facts, weakest

ACCOUNT_YEAR = 2022
BACKCAST_YEAR = 2011
UNDER_REPORTED_2022 = ("101", "147", "155", "167", "185")
"""The five owners of ARC: their series dips in 2022 in kilograms and in per cent."""
PERSONS_PER_DWELLING = {"single_family": 2.47, "multi_storey": 2.05}
KG_PER_PERSON = {"single_family": 715.0, "multi_storey": 303.0}
"""Weighted regression of household waste per inhabitant over the 29 municipalities (R2 0.83)."""
PAPER_2011, CARDBOARD_2011 = 1.6, 0.7
"""Household paper and cardboard in 2011 against 2022 (recycled: 211 to 133 and 34 to 84 thousand t, 2011 to 2019)."""
TOTAL_STD = {"reported": 0.02, "derived": 0.05}
"""Relative standard deviation of a municipality's household waste (assumed): as booked, or the mean of two years."""
STREAM_STD = 0.15
"""The same of a stream that is carried over from the year after (assumed)."""
SCALED_SECTORS = ("construction_demolition", "industry", "services", "utilities", "other")
DEFECT_RULE = (
    "the five ARC owners are under-reported in 2022 and take the mean of 2021 and 2023; "
    "2023 is never used for the five Norfors owners, who booked each other's waste"
)


def municipalities() -> pd.DataFrame:
    """Return the sheet of municipalities; inhabitants of the account year."""
    table = facts("municipalities", ("population_2022", "lat", "lon")).merge(
        facts("jobs", ("jobs",))[["municipality", "jobs", "status", "source"]],
        on="municipality",
        suffixes=("", "_jobs"),
    )
    table["population"] = table["population_2022"]
    table["source"] = table["source"] + "; jobs: " + table["source_jobs"]
    table["status"] = [weakest(a, b) for a, b in zip(table["status"], table["status_jobs"], strict=True)]
    columns = ["municipality", "name_da", "name_en", "population", "jobs", "lat", "lon", "zone", "companies"]
    return table[[*columns, "source", "status"]]


def dwellings() -> pd.DataFrame:
    """Return the sheet of dwellings: detached and row houses are single-family."""
    table = facts("municipalities", ("dwellings_detached", "dwellings_row", "dwellings_multi_storey"))
    single = table.assign(segment="single_family", dwellings=table["dwellings_detached"] + table["dwellings_row"])
    multi = table.assign(segment="multi_storey", dwellings=table["dwellings_multi_storey"])
    rows = pd.concat([single, multi], ignore_index=True)
    rows["source"] = "Statistics Denmark, BOL101 2025, occupied dwellings (CC BY 4.0; read via a public copy)"
    rows = rows[["municipality", "segment", "dwellings", "source", "status"]]
    return rows.sort_values(["municipality", "segment"], ignore_index=True)


def household_series() -> pd.DataFrame:
    """Return household waste of the account year: municipality, kg_per_capita, rate, status, source.

    Municipalities under-reported in 2022 take the mean of 2021 and 2023, their rate weighted by mass.
    """
    numbers = ("year", "kg_per_capita", "collected_for_recycling_pct")
    series = facts("household_waste", numbers).set_index(["municipality", "year"])
    rows = []
    for municipality in facts("municipalities")["municipality"]:
        corrected = municipality in UNDER_REPORTED_2022
        years = [2021, 2023] if corrected else [ACCOUNT_YEAR]
        found = series.loc[[(municipality, year) for year in years]]
        mass = float(found["kg_per_capita"].mean())
        rate = float(
            (found["collected_for_recycling_pct"] * found["kg_per_capita"]).sum() / found["kg_per_capita"].sum()
        )
        source = found["source"].iloc[0]
        if corrected:
            source += "; mean of 2021 and 2023: " + DEFECT_RULE
        status = "derived" if corrected else "reported"
        rows.append((municipality, mass, rate / 100.0, status, source))
    return pd.DataFrame(rows, columns=["municipality", "kg_per_capita", "rate", "status", "source"])


def single_family_shares() -> pd.Series:
    """Return the share of a municipality's household waste that comes from single-family houses."""
    table = dwellings().pivot(index="municipality", columns="segment", values="dwellings")
    weight = {name: table[name] * PERSONS_PER_DWELLING[name] * KG_PER_PERSON[name] for name in PERSONS_PER_DWELLING}
    share: pd.Series = weight["single_family"] / (weight["single_family"] + weight["multi_storey"])
    return share


def national(year: int, sector: str, item: str) -> float:
    """Return one figure of the national statistics."""
    table = facts("national_waste", ("year", "value"))
    found = table[(table["year"] == year) & (table["sector"] == sector) & (table["item"] == item)]
    return float(found["value"].iloc[0])


def population_share(year: int) -> float:
    """Return the region's share of the inhabitants of Denmark."""
    table = facts("municipalities", (f"population_{year}",))
    return float(table[f"population_{year}"].sum() / national(year, "", "population_denmark"))


def national_sector_total(year: int, sector: str) -> float:
    """Return national tonnes of a sector; supply and other business is split into utilities and other."""
    if sector not in ("utilities", "other"):
        return national(year, sector, "generated")
    part = national(ACCOUNT_YEAR, "utilities", "share_of_supply_and_other")
    whole = national(year, "supply_and_other_business", "generated")
    return whole * (part if sector == "utilities" else 1.0 - part)


def regional_share(year: int, sector: str) -> float:
    """Return the region's share of a sector's national waste."""
    if sector in ("services", "industry"):
        return national(year, sector, "regional_share")
    if sector == "households" and year == BACKCAST_YEAR:
        return national(year, sector, "regional_share")
    return population_share(year)


def _household_rows() -> list[dict[str, object]]:
    people = facts("municipalities", ("population_2022",)).set_index("municipality")["population_2022"]
    single = single_family_shares()
    rows: list[dict[str, object]] = []
    for row in household_series().itertuples(index=False):
        total = float(row.kg_per_capita) * float(people[row.municipality]) / 1000.0
        for segment in PERSONS_PER_DWELLING:
            part = float(single[row.municipality])
            rows.append(
                {
                    "municipality": row.municipality,
                    "sector": "households",
                    "segment": segment,
                    "year": ACCOUNT_YEAR,
                    "amount": round(total * (part if segment == "single_family" else 1.0 - part), 3),
                    "composition": f"households_{segment}",
                    "source": f"{row.source} x inhabitants (FOLK1A 2022Q1); split over dwelling types by 715 and 303 "
                    "kg per person, a regression over the 29 municipalities",
                    "status": "derived",
                }
            )
    return rows


def _regional_rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for year in (BACKCAST_YEAR, ACCOUNT_YEAR):
        for sector in SCALED_SECTORS:
            share = regional_share(year, sector)
            amount = national_sector_total(year, sector) * share
            rows.append(
                {
                    "sector": sector,
                    "year": year,
                    "amount": round(amount, 3),
                    "allocation_key": sector,
                    "composition": sector,
                    "source": f"national total {year} ({_national_source(year)}) x regional share {share:.4f}",
                    "status": "derived" if sector in ("services", "construction_demolition") else "assumed",
                }
            )
    for year in (BACKCAST_YEAR, ACCOUNT_YEAR):
        amount = national(ACCOUNT_YEAR, "construction_demolition", "soil") * population_share(ACCOUNT_YEAR)
        rows.append(
            {
                "sector": "construction_demolition",
                "fraction": "soil",
                "year": year,
                "amount": round(amount, 3),
                "allocation_key": "construction_demolition",
                "source": f"{_national_source(ACCOUNT_YEAR)}: 9.837 Mt of soil x population share; outside every rate"
                + ("" if year == ACCOUNT_YEAR else "; the amount of 2022, none is known for 2011"),
                "status": "derived" if year == ACCOUNT_YEAR else "assumed",
            }
        )
    return rows


def _national_source(year: int) -> str:
    return "Danmark uden affald, table 2" if year == BACKCAST_YEAR else "Affaldsstatistik 2022, revised edition"


def _backcast_household_rows() -> list[dict[str, object]]:
    weights = backcast_household_weights()
    amount = national(BACKCAST_YEAR, "households", "generated") * regional_share(BACKCAST_YEAR, "households")
    rows: list[dict[str, object]] = []
    for segment in PERSONS_PER_DWELLING:
        part = float(weights[segment].sum() / weights.to_numpy().sum())
        rows.append(
            {
                "sector": "households",
                "segment": segment,
                "year": BACKCAST_YEAR,
                "amount": round(amount * part, 3),
                "allocation_key": f"households_{segment}_2011",
                "composition": f"households_{segment}_2011",
                "source": "national total 2011 (Danmark uden affald, table 2) x 0.2607: population share 0.3056 x 0.853, "
                "the region's waste per inhabitant against the country's in 2013 (LABY25)",
                "status": "derived",
            }
        )
    return rows


def backcast_household_weights() -> pd.DataFrame:
    """Return weights that spread household waste of 2011: inhabitants 2011 x kg per inhabitant 2013, by segment."""
    people = facts("municipalities", ("population_2011",)).set_index("municipality")["population_2011"]
    series = facts("household_waste", ("year", "kg_per_capita"))
    first = series[series["year"] == 2013].set_index("municipality")["kg_per_capita"]
    total = people * first / 1000.0
    single = single_family_shares()
    return pd.DataFrame({"single_family": total * single, "multi_storey": total * (1.0 - single)})


def generation() -> pd.DataFrame:
    """Return the sheet of amounts for 2011 and the account year."""
    return pd.DataFrame([*_household_rows(), *_regional_rows(), *_backcast_household_rows()])


def allocation_keys() -> pd.DataFrame:
    """Return the keys that spread regional amounts."""
    keys = facts("allocation_keys", ("weight",))
    weights = backcast_household_weights()
    rows = [
        {
            "key": f"households_{segment}_2011",
            "municipality": municipality,
            "weight": round(float(weights[segment][municipality]), 3),
            "source": "inhabitants 2011 (FOLK1A) x kg per inhabitant 2013 (LABY25) x share of the dwelling type",
            "status": "derived",
        }
        for segment in weights
        for municipality in weights.index
    ]
    return pd.concat([keys, pd.DataFrame(rows)], ignore_index=True)


def compositions() -> pd.DataFrame:
    """Return the sheet of compositions: seven groups in 24 fractions, and households in 2011."""
    table = facts("composition_2022", ("national_kt_2022", "low", "high"))
    table = table.rename(columns={"group": "composition"})
    table["share"] = table["national_kt_2022"] / table.groupby("composition")["national_kt_2022"].transform("sum")
    old = table[table["composition"].str.startswith("households")].copy()
    factor = old["fraction"].map({"paper": PAPER_2011, "cardboard": CARDBOARD_2011}).fillna(1.0)
    old["share"] *= factor
    old["share"] /= old.groupby("composition")["share"].transform("sum")
    for bound in ("low", "high"):
        old[bound] *= factor
    old["low"] = old[["low", "share"]].min(axis=1)
    old["high"] = old[["high", "share"]].max(axis=1)
    old["composition"] += "_2011"
    old["source"] = (
        "2022 with paper x 1.6 and cardboard x 0.7 (recycled 2011 and 2019), scaled to one; " + old["source"]
    )
    old["status"] = "assumed"
    table["low"] = table[["low", "share"]].min(axis=1)
    table["high"] = table[["high", "share"]].max(axis=1)
    rows = pd.concat([table, old], ignore_index=True)
    return rows[["composition", "fraction", "share", "low", "high", "source", "status"]]


def _household_totals() -> list[dict[str, object]]:
    """Return reported household waste per municipality; the split over dwellings in ``generation`` is derived."""
    people = facts("municipalities", ("population_2022",)).set_index("municipality")["population_2022"]
    rows: list[dict[str, object]] = []
    for row in household_series().itertuples(index=False):
        total = float(row.kg_per_capita) * float(people[row.municipality]) / 1000.0
        rows.append(
            {
                "measure": "amount",
                "municipality": row.municipality,
                "sector": "households",
                "year": ACCOUNT_YEAR,
                "value": round(total, 3),
                "std": round(total * TOTAL_STD[str(row.status)], 3),
                "calibrate": "yes",
                "source": f"{row.source} x inhabitants (FOLK1A 2022Q1)",
                "status": row.status,
            }
        )
    return rows


def _household_streams() -> list[dict[str, object]]:
    """Return reported streams of household waste, as shares of the total carried over to the account year."""
    table = facts("household_streams", ("year", "tonnes"))
    totals = {row["municipality"]: float(str(row["value"])) for row in _household_totals()}
    whole = table[table["stream"] == ""].set_index("municipality")["tonnes"]
    rows: list[dict[str, object]] = []
    for row in table[table["stream"] != ""].itertuples(index=False):
        value = float(row.tonnes) / float(whole[row.municipality]) * totals[row.municipality]
        rows.append(
            {
                "measure": "amount",
                "municipality": row.municipality,
                "sector": "households",
                "stream": row.stream,
                "year": ACCOUNT_YEAR,
                "value": round(value, 3),
                "std": round(value * STREAM_STD, 3),
                "calibrate": "yes",
                "source": f"{row.source}: {row.statistics_name.lower()} {row.year:.0f}, {row.tonnes:,.0f} t; its share of "
                f"the household waste of {row.year:.0f} x the total of {ACCOUNT_YEAR}",
                "status": "derived",
            }
        )
    return rows


def measurements() -> pd.DataFrame:
    """Return what was reported: rates and totals of households per municipality, a few streams, rates of sectors."""
    rows: list[dict[str, object]] = [
        {
            "measure": "rate",
            "municipality": row.municipality,
            "sector": "households",
            "year": ACCOUNT_YEAR,
            "method": "collected",
            "value": round(float(row.rate), 6),
            "std": 0.02,
            "calibrate": "yes",
            "source": row.source,
            "status": row.status,
        }
        for row in household_series().itertuples(index=False)
    ]
    for sector in SCALED_SECTORS:
        whole = sector if sector not in ("utilities", "other") else "supply_and_other_business"
        recovered = national(ACCOUNT_YEAR, whole, "recycling") + national(
            ACCOUNT_YEAR, whole, "other_material_recovery"
        )
        old = national(BACKCAST_YEAR, whole, "recovered") / national(BACKCAST_YEAR, whole, "generated")
        fitted = sector not in ("utilities", "other")
        text = "" if fitted else "; reported for supply and other business together, shown for comparison"
        for year, value in ((ACCOUNT_YEAR, recovered), (BACKCAST_YEAR, old)):
            rows.append(
                {
                    "measure": "rate",
                    "sector": sector,
                    "year": year,
                    "method": "collected",
                    "value": round(value, 6),
                    "std": 0.03 if fitted else 0.06,
                    "calibrate": "yes" if fitted else "no",
                    "source": f"national rate of the sector, recycling and other material recovery ({_national_source(year)})"
                    + text,
                    "status": "derived" if fitted else "assumed",
                }
            )
    rows.append(
        {
            "measure": "rate",
            "sector": "households",
            "year": BACKCAST_YEAR,
            "method": "collected",
            "value": 0.36,
            "std": 0.02,
            "calibrate": "yes",
            "source": "Region Hovedstaden, Ressourceeffektivitet (2016), footnote 1, from Affaldsstatistik 2011",
            "status": "reported",
        }
    )
    return pd.DataFrame([*rows, *_household_totals(), *_household_streams()])


def growth() -> pd.DataFrame:
    """Return the sheet of growth."""
    return facts("growth", ("from", "until", "change", "low", "high"))


def regional_amounts(year: int) -> pd.DataFrame:
    """Return tonnes of the region per group and fraction: group, fraction, amount (soil left out)."""
    shares = compositions().set_index(["composition", "fraction"])["share"]
    table = generation()
    table = table[(table["year"] == year) & table["composition"].notna()]
    totals = table.groupby(["sector", table["segment"].fillna(""), "composition"])["amount"].sum()
    groups = {place: group for group, place in GROUPS.items()}
    rows = [
        (groups[sector, segment], fraction, float(amount) * float(share))
        for (sector, segment, composition), amount in totals.items()
        for fraction, share in shares.loc[composition].items()
    ]
    return pd.DataFrame(rows, columns=["group", "fraction", "amount"])
