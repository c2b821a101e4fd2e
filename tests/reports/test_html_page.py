"""The page of a run as a file: what it holds equals the run's tables, and nothing in it can load or run anything."""

import base64
import hashlib
import json
import re
from collections import Counter
from importlib import resources

import pandas as pd
import pytest
from sample import LAST, TODAY, make_run

from reports.html_both import tonnes
from reports.html_data import SHARED_WORDS
from reports.html_page import SCRIPTS, asset, embedded, page_html
from reports.words_page import PAGE_WORDS
from reports.words_sweep import SWEEP_PAGE_WORDS

SCRIPT = "\n".join(asset(name) for name in SCRIPTS)
EVIL = '</script><img src=x onerror="document.title=1"><!-- &amp; {name} \u2028 =1+1'


def content(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


@pytest.fixture(scope="module")
def page(run):
    return page_html(*run, "da")


@pytest.fixture(scope="module")
def data(page):
    return content(page)


def test_the_page_loads_nothing(page):
    assert not re.search(r"(?:src|srcset|action|poster)\s*=", page.split('id="data"')[0])
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#main"}
    assert set(re.findall(r"https?://[^\s\"'`<]+", page)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"\b(?:fetch|XMLHttpRequest|WebSocket|importScripts|eval|innerHTML|insertAdjacentHTML)\b", SCRIPT
    )
    assert not re.search(r"url\(|@import", asset("page.css"))


def test_only_the_script_and_the_style_of_the_file_may_be_used(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert policy.startswith("default-src 'none'; ")
    for name, pattern in (("script", r"<script>(.*?)</script>"), ("style", r"<style>(.*?)</style>")):
        (text,) = re.findall(pattern, page, re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy


def test_the_same_run_gives_the_same_bytes(page):
    assert page_html(*make_run(), "da") == page


def test_a_text_from_input_stays_a_text(run):
    case, tables, info = run
    rows = case["municipalities"]
    case = case.with_table("municipalities", rows.assign(name_da=EVIL, name_en=EVIL, companies=EVIL))
    case = case.with_table("fractions", case["fractions"].assign(name_da=EVIL, name_en=EVIL))
    case = case.with_settings(title=EVIL, region_da=EVIL, region_en="__proto__")
    page = page_html(case, tables, info, "en")
    assert [tag.split()[0] for tag in re.findall(r"<script[^>]*>", page)] == ["<script", "<script>"]
    assert "<img" not in page and "<!--" not in page
    assert content(page)["places"][0]["name"] == EVIL
    assert content(page)["region"] == [EVIL, "__proto__"]


def test_nothing_ends_an_element_of_script():
    text = embedded({"<!--": ["</ScRiPt>", "]]>", "\u2029"]})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {"<!--": ["</ScRiPt>", "]]>", "\u2029"]}


def test_flows_are_those_of_the_run(run, data):
    _, tables, _ = run
    frame = tables["flows"]
    last = frame[(frame["treatment"] != "") & (frame["fraction"] != "soil")]
    flows = data["flows"]
    for place in ("", "101", "400"):
        for at, (variant, year) in enumerate(data["states"]):
            rows = last[(last["variant"] == variant) & (last["year"] == year)]
            rows = rows[rows["municipality"] == place] if place else rows
            wanted = rows.groupby(["fraction", "stream", "treatment"])["mass_t"].sum()
            found, position, counts = Counter(), 0, Counter()
            flat = flows["places"][place][at]
            for step, mass in zip(flat[::2], flat[1::2], strict=True):
                position += step
                fraction, stream, part = flows["rows"][position]
                key = flows["fractions"][fraction][0], flows["streams"][stream][0], flows["parts"][part][0]
                found[key] += mass
                counts[key] += 1
            assert set(found) <= set(wanted.index)
            for key, mass in wanted.items():
                assert found[key] == pytest.approx(mass, abs=0.5 * max(counts[key], 1) + 0.05)


def test_rates_targets_and_costs_are_those_of_the_run(run, data):
    _, tables, _ = run
    rates = tables["rates"]
    for row in rates.sample(80, random_state=1).to_dict("records"):
        pair = data["rates"]["pairs"].index([row["scope"], row["method"]])
        state = data["states"].index([row["variant"], row["year"]])
        assert data["rates"]["values"][row["municipality"]][pair][state] == round(row["rate"] * 1e4)
    planned = rates[(rates["variant"] == "plan") & rates["target"].notna()]
    assert len(data["targets"]) == len(planned) == 2
    for target in data["targets"]:
        row = planned[(planned["scope"] == target["scope"]) & (planned["method"] == target["method"])].iloc[0]
        assert target["rate"] == pytest.approx(row["rate"], abs=1e-6)
        assert target["met"] == (row["rate"] >= row["target"])
        assert target["missing"] == tonnes(max(0.0, row["target"] * row["denominator_t"] - row["numerator_t"]))
    costs = tables["costs"]
    state = data["states"].index(["plan", LAST])
    wanted = (
        costs[(costs["variant"] == "plan") & (costs["year"] == LAST)].groupby(["payer", "category"])["amount"].sum()
    )
    for key, row in zip(data["costs"]["keys"], data["costs"]["places"][""], strict=True):
        assert row[state] == pytest.approx(wanted.get(tuple(key), 0.0) / 1e3, abs=0.5)
    # What no municipality carries alone is spread, and nothing is lost.
    places = [rows for place, rows in data["costs"]["places"].items() if place]
    for position, row in enumerate(data["costs"]["places"][""]):
        assert sum(rows[position][state] for rows in places) == pytest.approx(row[state], abs=2)


def test_facilities_and_what_they_receive_are_those_of_the_run(run, data):
    _, tables, _ = run
    flows = tables["flows"]
    state = data["states"].index(["today", TODAY])
    received = flows[(flows["variant"] == "today") & (flows["municipality"] == "159")].groupby("to")["mass_t"].sum()
    flat = data["received"]["places"]["159"][state]
    found = {data["received"]["facilities"][at]: mass for at, mass in zip(flat[::2], flat[1::2], strict=True)}
    assert found == {name: tonnes(received[name]) for name in found}
    assert set(found) == set(received.index) & set(tables["facilities"]["facility"])
    facilities = {item["id"]: item for item in data["facilities"]}
    for row in tables["facilities"].to_dict("records"):
        opened, capacity, reserved, through = facilities[row["facility"]]["states"][
            data["states"].index([row["variant"], row["year"]])
        ]
        assert (opened, reserved) == (int(row["open"]), 0)
        assert through == tonnes(row["throughput_t"])
        assert capacity is None if pd.isna(row["capacity_t"]) else capacity == row["capacity_t"]


def test_schemes_are_those_decided_for(run, data):
    _, tables, _ = run
    schemes = data["schemes"]
    state = data["states"].index(["plan", 2027])
    row = schemes["places"]["101"][0][state]
    # The new scheme runs in by half; the decision is whole.
    assert [(schemes["ids"][scheme], share, changed) for scheme, share, changed in row] == [("ten_plus", 100, 1)]


def test_a_case_without_coordinates_households_or_danish_money_has_a_page(run):
    case, tables, info = run
    nowhere = case["municipalities"].assign(lat=float("nan"), lon=float("nan"))
    case = case.with_table("municipalities", nowhere).with_table("dwellings", case["dwellings"].head(0))
    case = case.with_settings(currency="EUR")
    data = content(page_html(case, tables, info, "en"))
    assert data["currency"] == "EUR" and data["vat"] is None
    assert all(place["at"] is None and place["homes"] == 0 for place in data["places"])
    assert all(facility["at"] is None for facility in data["facilities"])


def test_a_run_without_a_plan_says_so_first(run):
    case, tables, info = run
    carried = {
        name: table[table["variant"] != "plan"] if "variant" in table else table
        for name, table in tables.items()
        if name != "certificate"
    }
    keys = {"scope": "all", "method": "collected", "municipality": "", "year": LAST}
    carried["highest"] = pd.DataFrame([{**keys, "goal": 0.9, "highest": 0.83, "bound": 0.84}])
    texts = {"text_da": "for lidt plads", "text_en": "too little room"}
    where = {
        "rank": 1,
        "kind": "capacity",
        "name": "bio_1",
        "municipality": "",
        "year": LAST,
        "sheet": "facilities",
        "row": 2,
    }
    carried["contradictions"] = pd.DataFrame([{**where, **texts}])
    info = {key: value for key, value in info.items() if key != "certificate"} | {"status": "infeasible"}
    data = content(page_html(case, carried, info, "en"))
    assert data["infeasible"] and data["states"][data["start"]] == ["reference", LAST]
    first = data["answers"][""][1]["answer"]
    assert "83.0 %" in first and "90.0 %" in first
    tables_shown = {table["key"]: table for table in data["obstacles"][1]["tables"]}
    assert tables_shown["contradictions"]["lines"][0][0] == "Too little room"


def test_the_script_uses_every_word_and_asks_for_no_other():
    words = {key.removeprefix("page_") for key in (*PAGE_WORDS, *SWEEP_PAGE_WORDS)} | set(SHARED_WORDS)
    asked = set(re.findall(r'["`]([a-z_]+)["`]', SCRIPT))
    built = re.findall(r"word\(`([^`]+)`", SCRIPT)
    patterns = [re.compile(re.sub(r"\$\{[^}]+\}", "[a-z_]+", text)) for text in built]
    server = {"noscript"}
    unused = {name for name in words - asked - server if not any(item.fullmatch(name) for item in patterns)}
    assert unused == set()
    plain = set(re.findall(r'\bword\("([a-z_]+)"', SCRIPT))
    assert plain - words == set()


def test_the_assets_are_in_the_package():
    names = {item.name for item in resources.files("reports").joinpath("page_assets").iterdir()}
    assert names == {*SCRIPTS, "page.css", "page.html"}
