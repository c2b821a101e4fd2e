"""The Environmental Protection Agency's raw data: sums by municipality, sector and stream, scopes kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

import mfa
from flows.problems import InputError
from mfa.imports import Import
from tests.mfa.import_files import raw_row, tables, write_raw, write_small_case

ROWS = [
    raw_row("H", "Madaffald", "Genanvendelse", "Albertslund", 1000, 1200),
    raw_row("H", "Madaffald", "Genanvendelse", "ALBERTSLUND", 100, 165.5),
    raw_row("H", "Glas", "Genanvendelse", "Albertslund", 300, "400,5"),
    raw_row("H", "Restaffald", "Forbrænding", "Albertslund", 5000, 4000),
    raw_row("H", "Haveaffald", "Anden endelig materialenyttiggørelse", "Albertslund", 700, 234),
    raw_row("E", "Restaffald", "Forbrænding", "Albertslund", 900, 800, producer="Service"),
    raw_row("E", "Beton", "Genanvendelse", "Albertslund", 900, 7000, producer="Bygge og anlæg"),
    raw_row("E", "Pap", "Genanvendelse", "Albertslund", 90, 50, producer="Landbrug"),
    raw_row("H", "Glas", "Genanvendelse", "Rødovre", 1, "INTET"),
    raw_row("H", "Glas", "Genanvendelse", "Aarhus", 1, 2),
]
REAL = [
    [None, "Husholdningsaffald, indsamlet total", None, "Husholdningsaffald, reel genanvendelse", None, None],
    ["Kommune", "1000 tons", "kg pr indbygger", "1000 tons", "kg pr indbygger", "Haveaffald fra husholdninger (1000 tons)"],
    ["Albertslund", 10, 357, 4.2, 150, 1],
    ["Rødovre", 20, 476, "INTET", 0, 1],
]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case.xlsx")


def _placed(result: Import, table: str = "measurements") -> dict[tuple[str, str, str], float]:
    rows = result.placed[result.placed["table"] == table]
    keys = zip(rows["measure"] + " " + rows["method"], rows["sector"], rows["stream"], strict=True)
    return dict(zip(keys, rows["value"], strict=True))


def test_sums_of_all_waste(case: Path, tmp_path: Path) -> None:
    result = mfa.import_data("mst", write_raw(tmp_path / "raw.xlsx", ROWS), case)
    total = 1200 + 165.5 + 400.5 + 4000 + 234
    assert _placed(result) == {
        ("amount collected", "households", ""): total,
        ("amount collected", "households", "food_waste"): 1365.5,
        ("amount collected", "households", "glass"): 400.5,
        ("amount collected", "households", "residual"): 4000,
        ("amount collected", "households", "garden_waste"): 234,
        ("amount collected", "services", ""): 800,
        ("amount collected", "services", "residual"): 800,
        ("amount collected", "construction_demolition", ""): 7000,
        ("rate collected", "households", ""): pytest.approx((1365.5 + 400.5 + 234) / total),
        ("rate collected", "services", ""): 0,
        ("rate collected", "construction_demolition", ""): 1,
    }
    status = result.placed.set_index("stream")["status"].to_dict()
    assert (status["food_waste"], status["glass"]) == ("derived", "reported")
    reasons = result.unplaced.set_index("reason")
    assert reasons.loc["municipality_unknown", "what"] == "Aarhus"
    assert (reasons.loc["no_data", "what"], reasons.loc["no_data", "rows"]) == ("Primær mængde", 1)
    assert reasons.loc["stream_unknown", "what"] == "Beton"
    assert reasons.loc["sector_ambiguous", "what"] == "E: Landbrug"
    assert "sum of 2 rows" in result.placed.set_index("stream").loc["food_waste", "source"]


def test_soil_is_outside_totals_and_rates(case: Path, tmp_path: Path) -> None:
    soil = raw_row("H", "Forurenet jord", "Genanvendelse", "Albertslund", 9000, 90000)
    without, with_soil = (
        _placed(mfa.import_data("mst", write_raw(tmp_path / "raw.xlsx", rows), case, out=tmp_path / "o.xlsx"))
        for rows in (ROWS, [*ROWS, soil])
    )
    assert with_soil == without


def test_waste_of_a_new_sector_becomes_its_generation(case: Path, tmp_path: Path) -> None:
    result = mfa.import_data("mst", write_raw(tmp_path / "raw.xlsx", ROWS), case)
    added = result.placed[result.placed["table"] == "generation"].set_index("sector")
    assert added["value"].to_dict() == {"services": 800}
    assert added["composition"].to_dict() == {"services": "services"}
    compared = result.placed[result.placed["calibrate"] == False]  # noqa: E712
    assert list(zip(compared["sector"], compared["stream"], strict=True)) == [("services", "")]
    assert "generation_no_composition" in set(result.unplaced["reason"])


def test_municipal_waste_is_not_a_whole_sector(case: Path, tmp_path: Path) -> None:
    file = write_raw(tmp_path / "raw.xlsx", ROWS, "Municipal Waste - Primær mængde")
    result = mfa.import_data("mst", file, case)
    assert set(_placed(result)) == {
        ("amount collected", "households", stream) for stream in ("food_waste", "glass", "residual", "garden_waste")
    }
    assert set(result.unplaced.loc[result.unplaced["reason"] == "part_of_sector", "what"]) == {
        "E: Service: Restaffald",
        "E: Bygge og anlæg: Beton",
        "E: Landbrug: Pap",
    }


def test_a_row_that_stands_in_two_sheets_counts_once(case: Path, tmp_path: Path) -> None:
    book = write_raw(tmp_path / "raw.xlsx", ROWS)
    alone = _placed(mfa.import_data("mst", book, case, out=tmp_path / "a.xlsx"))
    from openpyxl import load_workbook

    twice = load_workbook(book)
    copy = twice.copy_worksheet(twice["Primær mængde"])
    copy.title = "Municipal Waste - Primær mængde"
    twice.save(book)
    result = mfa.import_data("mst", book, case, out=tmp_path / "b.xlsx")
    assert _placed(result) == alone
    assert result.unplaced.set_index("reason").loc["row_in_sheets", "rows"] == len(ROWS)


def test_real_recycling_is_taken_where_the_case_uses_its_method(tmp_path: Path) -> None:
    file = write_raw(tmp_path / "raw.xlsx", ROWS, more={"Kommunal MW reel genanvendelse": REAL, "Læs mig": [["x"]]})
    plain = write_small_case(tmp_path / "plain.xlsx")
    reasons = mfa.import_data("mst", file, plain).unplaced.set_index("reason")
    assert reasons.loc["method_not_used", "value"] == pytest.approx(42)
    assert reasons.loc["sheet_not_read", "what"] == "Læs mig"
    assert any("Haveaffald" in what for what in reasons.loc[["column_not_read"], "what"])
    targets = [{"scope": "households", "method": "calculation_point", "year": 2027, "rate": 0.4}]
    case = write_small_case(tmp_path / "case.xlsx", targets=targets)
    result = mfa.import_data("mst", file, case)
    assert _placed(result)["rate calculation_point", "households", ""] == pytest.approx(0.42)
    row = result.placed.set_index("method").loc["calculation_point"]
    assert (row["year"], row["status"]) == (2022, "derived")
    assert "real recycling" in row["source"]


def test_a_percentage_is_taken_as_it_is(tmp_path: Path) -> None:
    rows = [["Kommune", "Husholdningsaffald reel genanvendelse %"], ["Albertslund", 47]]
    file = write_raw(tmp_path / "raw.xlsx", ROWS, more={"Reel genanvendelse": rows})
    targets = [{"scope": "households", "method": "calculation_point", "year": 2027, "rate": 0.4}]
    result = mfa.import_data("mst", file, write_small_case(tmp_path / "case.xlsx", targets=targets))
    row = result.placed.set_index("method").loc["calculation_point"]
    assert (row["value"], row["status"]) == (0.47, "reported")


def test_the_only_business_sector_takes_all_of_it(tmp_path: Path) -> None:
    case = write_small_case(tmp_path / "case.xlsx", sectors=tables()["sectors"][:3])
    rows = [raw_row("E", "Pap", "Genanvendelse", "Albertslund", 90, 50, producer="Landbrug")]
    result = mfa.import_data("mst", write_raw(tmp_path / "raw.xlsx", rows), case)
    assert _placed(result)["amount collected", "services", "cardboard"] == 50


@pytest.mark.parametrize(
    ("sheet", "drop", "code", "said"),
    [
        ("Import", None, "import_sheet", "Import"),
        ("Primær mængde", 10, "import_columns", "Kommune"),
        ("Primær mængde", 13, "import_columns", r"2023 \[ton\]"),
    ],
)
def test_a_workbook_of_another_kind_is_told(
    case: Path, tmp_path: Path, sheet: str, drop: int | None, code: str, said: str
) -> None:
    from openpyxl import load_workbook

    file = write_raw(tmp_path / "raw.xlsx", ROWS, sheet, years=(2022,))
    if drop is not None:
        book = load_workbook(file)
        book[sheet].cell(2, drop + (1 if drop == 10 else 0)).value = "something"
        book.save(file)
    with pytest.raises(InputError, match=said) as error:
        mfa.import_data("mst", file, case)
    assert error.value.problems[0].code == code
