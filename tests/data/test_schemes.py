"""Schemes: whole packages whose shares close and stay inside the ranges of their sources."""

from __future__ import annotations

import pandas as pd
import pytest

from data.capture import expit, logit
from data.facts import facts
from flows.case import Case
from flows.tables import NEVER_WASTE


def test_shares_of_every_scheme_close(case: Case) -> None:
    rows = case["capture"].copy()
    rows["blank"] = rows["share"].isna()
    grouped = rows.groupby(["scheme", "fraction"]).agg(
        total=("share", "sum"), blanks=("blank", "sum"), high=("high", "sum")
    )
    assert (grouped["blanks"] == 1).all()
    assert (grouped["total"] <= 1.0).all()
    assert (grouped["high"] <= 1.0).all()


def test_captures_lie_inside_their_ranges(case: Case) -> None:
    rows = case["capture"].dropna(subset=["low", "high"])
    assert len(rows) > 700
    assert (rows["low"] <= rows["share"] + 1e-9).all()
    assert (rows["share"] <= rows["high"] + 1e-9).all()


def test_every_scheme_tells_every_fraction_its_source_has(case: Case) -> None:
    schemes = case["schemes"].merge(facts("schemes")[["scheme", "group"]], on="scheme")
    groups = case["compositions"].groupby("composition")["fraction"].agg(set)
    told = case["capture"].groupby("scheme")["fraction"].agg(set)
    for row in schemes.itertuples():
        assert groups[row.group] <= told[row.scheme], row.scheme


def test_captured_is_never_above_the_source_unless_today_is(case: Case) -> None:
    """Households: central values of the source's scheme, or today's where that is better."""
    effects = facts("scheme_effects", ("central", "low", "high"))
    effects = effects[(effects["measure"] == "capture") & (effects["scheme"] == "ten_fractions")]
    today = facts("capture_today_2022", ("capture",)).set_index(["group", "fraction"])["capture"]
    kinds = case["streams"].set_index("stream")["kind"]
    rows = case["capture"]
    rows = rows[rows["stream"].map(kinds) == "separate"]
    scheme = facts("schemes").set_index(["kind", "group"])["scheme"]
    for effect in effects.itertuples():
        name = scheme["ten_fractions", effect.group]
        share = rows[(rows["scheme"] == name) & (rows["fraction"] == effect.fraction)]
        stray = facts("impurities", ("share",))
        stray = stray[(stray["group"] == effect.group) & (stray["fraction"] == effect.fraction)]["share"].sum()
        captured = share["share"].sum() - stray
        before = min(today[effect.group, effect.fraction], 0.97)
        assert captured <= max(before, effect.high) + 1e-6
        assert captured == pytest.approx(max(before, effect.central), abs=1e-5) or before >= effect.high


def test_the_rule_on_the_logit_scale(case: Case) -> None:
    """Services, paper: today 0.604; bring points 0.55 to kerbside 0.80 moves it by logit(0.80) - logit(0.55)."""
    rows = case["capture"]
    found = rows[
        (rows["scheme"] == "services_source_separation") & (rows["fraction"] == "paper") & (rows["stream"] == "paper")
    ]
    assert found["share"].item() == pytest.approx(expit(logit(0.604) + logit(0.80) - logit(0.55)), abs=2e-4)


def test_every_source_has_its_schemes(case: Case) -> None:
    lawful = case["schemes"][case["schemes"]["legal"]]
    count = lawful.groupby(["sector", "segment"])["scheme"].nunique()
    assert (count[["households"]] == 4).all()
    assert (count.drop("households", level="sector") == 3).all()
    assert set(case["schemes"].loc[~case["schemes"]["legal"], "scheme"]) == set(
        case["current_schemes"].loc[case["current_schemes"]["from"] == 2011, "scheme"]
    )
    never = case["streams"].set_index("stream")["kind"].isin(NEVER_WASTE)
    used = set(case["capture"]["stream"])
    assert set(never[never].index) <= used


def test_producers_pay_for_household_packaging_from_2026(case: Case) -> None:
    rows = case["collection"]
    packaging = rows[
        rows["stream"].isin(["plastic_carton", "cardboard", "glass", "metal"])
        & rows["scheme"].str.startswith(("sf_", "mf_"))
    ]
    assert (packaging.loc[packaging["from"] == 2026, "payer"] == "producer").all()
    assert (packaging.loc[packaging["from"].isna(), "payer"] == "household").all()
    pairs = packaging.pivot_table(
        index=["scheme", "stream"], columns=packaging["from"].fillna(0), values="cost_per_tonne"
    )
    pd.testing.assert_series_equal(pairs[0.0], pairs[2026.0], check_names=False)
