"""The run's tables, added up once for all municipalities.

The flow table of a whole region has hundreds of thousands of rows; every sheet of every
municipality reads from these few sums instead. Each sum keeps the column ``municipality``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.case import Case

STATE = ["variant", "year"]
TEXT = frozenset(
    {
        "sector",
        "segment",
        "municipality",
        "scheme",
        "stream",
        "fraction",
        "name",
        "output",
        "treatment",
        "facility",
        "site",
        "size",
        "detail",
    }
)
"""Columns of text that may be blank in every row, which a CSV file cannot tell from numbers."""
ORIGIN = ["municipality", "sector", "segment"]


@dataclass(frozen=True)
class Sums:
    """What the run's tables add up to; all with columns variant, year and municipality.

    ``amounts``: sector, segment, fraction, mass_t (what was generated)
    ``collected``: sector, segment, stream, mass_t
    ``treated``: sector, segment, fraction, treatment, mass_t (last rows)
    ``received``: facility, mass_t (what a facility took of the municipality's waste)
    ``entering``: sector, segment, facility, fraction, mass_t
    ``links``: material, collected (separate, mixed, reuse), treatment, mass_t (without soil)
    ``hauls``: from, to, fraction, mass_t (from one facility to another)
    ``costs``: payer, sector, facility, category, amount
    ``emissions``: facility, step, fraction, kind, kg_co2e
    """

    amounts: pd.DataFrame
    collected: pd.DataFrame
    treated: pd.DataFrame
    received: pd.DataFrame
    entering: pd.DataFrame
    links: pd.DataFrame
    hauls: pd.DataFrame
    costs: pd.DataFrame
    emissions: pd.DataFrame


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with text ids (empty where blank) and whole years (blank: the whole horizon), as a CSV lost them."""
    result = frame.copy(deep=False)
    for name in result.columns:
        column = result[name]
        if name == "year" and column.notna().all():
            result[name] = column.astype("int64")
        elif name in TEXT and column.isna().all():
            result[name] = ""
        elif not pd.api.types.is_numeric_dtype(column) and column.isna().any():
            result[name] = column.fillna("")
    return result


def fractions_in_rates(case: Case) -> set[str]:
    """Return the fractions that are inside the rates; soil, for one, is not."""
    fractions = case["fractions"]
    return set(fractions.loc[fractions["in_rate"], "fraction"])


def waste(case: Case, treated: pd.DataFrame) -> pd.DataFrame:
    """Return the last rows (fraction, treatment, …) of everything that was waste and is inside the rates."""
    return treated[(treated["treatment"] != "prevention") & treated["fraction"].isin(fractions_in_rates(case))]


def household_sectors(case: Case) -> list[str]:
    """Return the sectors that are households."""
    sectors = case["sectors"]
    return sorted(set(sectors.loc[sectors["kind"] == "households", "sector"]))


def total(frame: pd.DataFrame, keys: Sequence[str], value: str) -> pd.DataFrame:
    """Return the sum of ``value`` over all other columns, in the order of the keys."""
    return frame.groupby(list(keys), as_index=False, observed=True, sort=True)[value].sum()


def spread(
    frame: pd.DataFrame,
    value: str,
    weights: pd.DataFrame,
    weight: str,
    levels: Sequence[Sequence[str]],
    onto: Sequence[str],
) -> pd.DataFrame:
    """Return ``frame`` with its value spread over the columns ``onto`` in proportion to weights.

    The first of ``levels`` (lists of columns that both tables have) at which a row finds a weight
    is used; a row that finds none keeps '' there. Sums are unchanged.
    """
    rest = frame.drop(columns=[name for name in onto if name in frame]).reset_index(drop=True)
    done: list[pd.DataFrame] = []
    for level in levels:
        if rest.empty:
            break
        shares = total(weights, [*level, *onto], weight)
        shares = shares[shares[weight] > 0]
        shares["_share"] = shares[weight] / shares.groupby(list(level), observed=True)[weight].transform("sum")
        merged = rest.assign(_row=rest.index).merge(shares.drop(columns=weight), on=list(level), how="inner")
        done.append(merged.assign(**{value: merged[value] * merged["_share"]}).drop(columns=["_share", "_row"]))
        rest = rest.drop(index=merged["_row"].unique())
    # What found no weight, and an empty table too, still has the columns.
    done.append(rest.assign(**dict.fromkeys(onto, "")))
    return pd.concat([part for part in done if len(part)] or done[-1:], ignore_index=True)


def sums(case: Case, tables: Mapping[str, pd.DataFrame], link_states: Sequence[tuple[str, int]]) -> Sums:
    """Return all sums of a run; ``link_states`` are the (variant, year) whose flows will be drawn."""
    flows = _categories(tables["flows"])
    facilities = set(case["facilities"]["facility"]) | set(tables["facilities"]["facility"])
    first = flows[flows["scheme"] != ""]
    last = flows[flows["treatment"] != ""]
    inward = flows[flows["to"].isin(facilities)].rename(columns={"to": "facility"})
    entering = total(inward, [*STATE, *ORIGIN, "facility", "fraction"], "mass_t")
    amounts = total(first, [*STATE, *ORIGIN, "fraction"], "mass_t")
    return Sums(
        amounts=_plain(amounts),
        collected=_plain(total(first, [*STATE, *ORIGIN, "stream"], "mass_t")),
        treated=_plain(total(last, [*STATE, *ORIGIN, "fraction", "treatment"], "mass_t")),
        received=_plain(total(entering, [*STATE, "municipality", "facility"], "mass_t")),
        entering=_plain(entering),
        links=_links(case, last, link_states),
        hauls=_hauls(flows[flows["from"].isin(facilities) & flows["to"].isin(facilities)]),
        costs=_placed_costs(clean(tables["costs"]), _plain(entering), _plain(amounts)),
        emissions=_placed_emissions(clean(tables["emissions"]), _plain(entering), _plain(amounts)),
    )


def _categories(flows: pd.DataFrame) -> pd.DataFrame:
    """Grouping by categories is several times faster than by text, and there are few different ones."""
    result = flows.copy(deep=False)
    for name in result.columns:
        if name not in {"year", "mass_t"}:
            found = _category(result[name])
            # Blanks are looked for among the codes, which are numbers: among a million texts it takes long.
            blank = (found.cat.codes < 0).any()
            result[name] = clean(result[[name]])[name].astype("category") if blank else found
    return clean(result)


def _category(column: pd.Series) -> pd.Series:
    """Return a column as categories; of a sorted table only where each run of equal texts begins is looked at."""
    texts = column.to_numpy()
    begins = np.flatnonzero(np.concatenate([[True], texts[1:] != texts[:-1]])) if len(texts) else np.array([], int)
    found = column.iloc[begins].astype("category")
    codes = np.repeat(found.cat.codes.to_numpy(), np.diff(begins, append=len(texts)))
    return pd.Series(pd.Categorical.from_codes(codes, dtype=found.dtype), index=column.index)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    categories = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(categories, "str")) if categories else frame


def _links(case: Case, last: pd.DataFrame, states: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Return what becomes of each material: material, how it was collected, treatment.

    What is outside the rates, soil above all, is left out: it would press everything else to thin lines.
    """
    parts = [last[(last["variant"] == variant) & (last["year"] == year)] for variant, year in states]
    wanted = pd.concat(parts) if parts else last.head(0)
    grouped = _plain(total(wanted, [*STATE, "municipality", "stream", "fraction", "treatment"], "mass_t"))
    fractions = case["fractions"]
    grouped = grouped[grouped["fraction"].isin(fractions_in_rates(case))]
    material = dict(zip(fractions["fraction"], fractions["material"], strict=True))
    kinds = dict(zip(case["streams"]["stream"], case["streams"]["kind"], strict=True))
    collected = grouped["stream"].map(kinds).fillna("separate")
    grouped["collected"] = collected.where(collected.isin({"separate", "mixed"}), "reuse")
    grouped["material"] = grouped["fraction"].map(material).fillna("other")
    return total(grouped, [*STATE, "municipality", "material", "collected", "treatment"], "mass_t")


def _hauls(between: pd.DataFrame) -> pd.DataFrame:
    return _plain(total(between, [*STATE, "municipality", "from", "to", "fraction"], "mass_t"))


def _placed_costs(costs: pd.DataFrame, entering: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """Return costs in which what no municipality carries alone is spread by the tonnes it sends there."""
    keys = [*STATE, "payer", "municipality", "sector", "facility", "category"]
    placed = total(costs, keys, "amount")
    shared = placed[placed["municipality"] == ""]
    if shared.empty:
        return placed
    by_facility = [*STATE, "facility"]
    found = spread(shared, "amount", entering, "mass_t", [[*by_facility, "sector"], by_facility], ["municipality"])
    lost = spread(found[found["municipality"] == ""], "amount", amounts, "mass_t", [STATE], ["municipality"])
    parts = [placed[placed["municipality"] != ""], found[found["municipality"] != ""], lost]
    return total(pd.concat(parts, ignore_index=True), keys, "amount")


def _placed_emissions(emissions: pd.DataFrame, entering: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """Return emissions in which what belongs to no municipality is spread by tonnes."""
    keys = [*STATE, "municipality", "facility", "step", "fraction", "kind"]
    placed = total(emissions, keys, "kg_co2e")
    shared = placed[placed["municipality"] == ""]
    if shared.empty:
        return placed
    found = spread(shared, "kg_co2e", entering, "mass_t", [[*STATE, "facility", "fraction"]], ["municipality"])
    lost = spread(found[found["municipality"] == ""], "kg_co2e", amounts, "mass_t", [STATE], ["municipality"])
    parts = [placed[placed["municipality"] != ""], found[found["municipality"] != ""], lost]
    return total(pd.concat(parts, ignore_index=True), keys, "kg_co2e")
