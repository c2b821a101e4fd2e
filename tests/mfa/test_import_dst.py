"""Statistics Denmark's tables: every way in which they are written gives the same figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import mfa
from flows.problems import InputError
from mfa.import_dst import fraction_code, read_dst
from mfa.import_figures import decimal_mark, number
from mfa.imports import Import
from tests.mfa.import_files import LABY24, RECYCLED, tables, write_laby24, write_small_case

LINES = [
    "Albertslund;I alt;HUSHOLDNINGSAFFALD I ALT;2022;12000",
    f"Albertslund;{RECYCLED};HUSHOLDNINGSAFFALD I ALT;2022;6000",
    "Albertslund;I alt;MADAFFALD;2022;1365",
    "Rødovre;I alt;GLAS, INKL EMBALLAGE;2022;800",
]
CODES = ["165;TOT;TOTHHAFFALD;2022;12000", "165;GENANV;TOTHHAFFALD;2022;6000", "165;TOT;I;2022;1365", "175;TOT;F;2022;800"]  # fmt: skip


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case.xlsx")


def _measured(path: Path) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Return value and status of the case's measurements by measure, municipality and stream."""
    frame = mfa.check(path).case["measurements"]
    keys = zip(frame["measure"], frame["municipality"], frame["stream"], strict=True)
    return dict(zip(keys, zip(frame["value"], frame["status"], strict=True), strict=True))


def _reasons(result: Import) -> dict[str, int]:
    return dict(result.unplaced.groupby("reason")["rows"].sum())


WANTED = {
    ("amount", "165", ""): (12000.0, "reported"),
    ("rate", "165", ""): (0.5, "derived"),
    ("amount", "165", "food_waste"): (1365.0, "reported"),
    ("amount", "175", "glass"): (800.0, "reported"),
}


@pytest.mark.parametrize(
    ("lines", "encoding", "header"),
    [
        (LINES, "utf-8-sig", LABY24),
        (LINES, "utf-8", LABY24.lower()),
        (LINES, "latin-1", LABY24),
        (LINES, "utf-16", LABY24),
        (CODES, "utf-8", LABY24),
        ([line.replace("Rødovre", "Rodovre Kommune").upper() for line in LINES], "utf-8", LABY24),
        ([line.replace("Rødovre", "Roedovre").replace(";12000", ";12000,0") for line in LINES], "utf-8", LABY24),
        ([line.replace(";12000", ";12.000,0").replace(";6000", ";6.000") for line in LINES], "utf-8", LABY24),
        ([line.replace("165;", "0165;") for line in CODES], "utf-8", LABY24),
        (
            [
                "165 Albertslund;TOT I alt;TOTHHAFFALD HUSHOLDNINGSAFFALD I ALT;2022;12000",
                f"165 Albertslund;GENANV {RECYCLED};TOTHHAFFALD HUSHOLDNINGSAFFALD I ALT;2022;6000",
                "165 Albertslund;TOT I alt;I MADAFFALD;2022;1365",
                "175 Rødovre;TOT I alt;F GLAS, INKL EMBALLAGE;2022;800",
            ],
            "utf-8",
            LABY24,
        ),
        (
            [f'2022,"{line.split(";")[0]}",{line.split(";")[1]},{line.split(";")[2]},{line.split(";")[4]}' for line in CODES],
            "utf-8",
            "TID,KOMGRP,BEHANDLING,AFFFRAK,INDHOLD",
        ),
    ],
)  # fmt: skip
def test_the_same_figures_however_they_are_written(
    case: Path, tmp_path: Path, lines: list[str], encoding: str, header: str
) -> None:
    result = mfa.import_data("dst", write_laby24(tmp_path / "laby24.csv", lines, encoding, header), case)
    assert result.unplaced.empty
    assert _measured(case) == WANTED


def test_what_has_no_place_is_listed_with_its_line(case: Path, tmp_path: Path) -> None:
    file = write_laby24(
        tmp_path / "laby24.csv",
        [
            *LINES,
            "Hele landet;I alt;MADAFFALD;2022;278129",
            "Hovedstadskommuner;I alt;MADAFFALD;2022;90000",
            "000 Hele landet;I alt;MADAFFALD;2022;278129",
            "Aarhus;I alt;MADAFFALD;2022;4000",
            "Albertslund;I alt;PAPIR OG PAP;2022;600",
            "Albertslund;I alt;ORGANISK AFFALD, INKL. HAVEAFFALD;2022;1862",
            "Albertslund;I alt;DAGRENOVATION OG LIGNENDE;2022;4853",
            "Albertslund;I alt;ØVRIGT AFFALD;2022;77",
            "Albertslund;Forbrænding;MADAFFALD;2022;5",
            "Albertslund;Forbrænding;HUSHOLDNINGSAFFALD I ALT;2022;5000",
            "Albertslund;Kompostering;MADAFFALD;2022;5",
            "Albertslund;I alt;MADAFFALD;2021;1200",
            "Rødovre;I alt;MADAFFALD;2022;..",
            "Rødovre;I alt;MADAFFALD;2022;mange",
            "Albertslund;I alt;MADAFFALD;2022;1366",
            f"Rødovre;{RECYCLED};HUSHOLDNINGSAFFALD I ALT;2022;9",
        ],
    )
    result = mfa.import_data("dst", file, case, lang="en")
    assert _measured(case) == WANTED
    assert _reasons(result) == {
        "not_municipality": 3,
        "municipality_unknown": 1,
        "stream_ambiguous": 3,
        "stream_unknown": 1,
        "treatment_of_stream": 1,
        "treatment_not_rate": 1,
        "treatment_unknown": 1,
        "other_year": 1,
        "no_data": 1,
        "bad_number": 1,
        "given_twice": 1,
        "no_total": 1,
    }
    by_what = result.unplaced.set_index("what")
    assert (
        by_what.loc["PAPIR OG PAP", "text"] == "is not just one stream (may be: cardboard, paper); choose in #mapping"
    )
    assert "bulky, residual" in by_what.loc["DAGRENOVATION OG LIGNENDE", "text"]
    assert "food_waste, garden_waste" in by_what.loc["ORGANISK AFFALD, INKL. HAVEAFFALD", "text"]
    assert by_what.loc["Aarhus", "where"] == "LABY24, 9"
    assert by_what.loc["PAPIR OG PAP", "value"] == 600
    assert "LABY24, 4" in by_what.loc["Albertslund: MADAFFALD", "text"]
    listed = {sheet.name: sheet.rows for sheet in _sheets(case)}["#import dst"]
    assert len(listed) == len(result.unplaced) + 1
    assert listed[0][0] == "Why" and {row[-1] for row in listed[1:]} == {"laby24.csv"}


def _sheets(path: Path):
    from mfa.workbook_open import open_sheets

    return open_sheets(path)


def test_key_figures_per_head_become_amounts_and_rates(case: Path, tmp_path: Path) -> None:
    file = write_laby24(
        tmp_path / "laby25.csv",
        [
            "165;AFFALDIND;2022;450,5",
            "165;GENPCT;2022;51",
            "Rødovre;Husholdningsaffald (kg. pr. indbygger);2022;500",
            "Rødovre;Husholdningsaffald indsamlet til genanvendelse (pct.);2022;101",
            "Rødovre;Husholdningsaffald indsamlet til genanvendelse (pct.);2022;48,2",
            "Rødovre;Noget andet;2022;1",
        ],
        header="KOMGRP;BNØGLE;TID;INDHOLD",
    )
    result = mfa.import_data("dst", file, case)
    assert _measured(case) == {
        ("amount", "165", ""): (pytest.approx(450.5 * 28), "derived"),
        ("rate", "165", ""): (0.51, "reported"),
        ("amount", "175", ""): (21000.0, "derived"),
        ("rate", "175", ""): (0.482, "reported"),
    }
    assert _reasons(result) == {"rate_outside": 1, "key_unknown": 1, "generation_segments": 1}
    source = result.placed.set_index("measure").loc["amount", "source"].iloc[0]
    assert "LABY25" in source and "laby25.csv" in source and "28000" in source


def test_a_case_without_people_cannot_take_figures_per_head(tmp_path: Path) -> None:
    places = [{**row, "population": None} for row in tables()["municipalities"]]
    case = write_small_case(tmp_path / "case.xlsx", municipalities=places)
    file = write_laby24(tmp_path / "x.csv", ["165;AFFALDIND;2022;450"], header="KOMGRP;BNØGLE;TID;INDHOLD")
    result = mfa.import_data("dst", file, case)
    assert result.path is None
    assert _reasons(result) == {"no_population": 1}


def test_years(case: Path, tmp_path: Path) -> None:
    file = write_laby24(tmp_path / "l.csv", [f"165;TOT;I;{year};{year}" for year in range(2018, 2024)])
    assert mfa.import_data("dst", file, case, out=tmp_path / "a.xlsx").placed["year"].tolist() == [2022]
    assert mfa.import_data("dst", file, case, years="2019-2020", out=tmp_path / "b.xlsx").placed["year"].tolist() == [
        2019,
        2020,
    ]
    assert len(mfa.import_data("dst", file, case, years="all", out=tmp_path / "c.xlsx").placed) == 6
    assert mfa.import_data("dst", file, case, years=[2018], out=tmp_path / "d.xlsx").placed["value"].tolist() == [2018]
    with pytest.raises(InputError, match="it has 2018, 2019") as error:
        mfa.import_data("dst", file, case, years=2030)
    assert error.value.problems[0].code == "import_year"
    with pytest.raises(InputError, match="'soon' is not a list of years"):
        mfa.import_data("dst", file, case, years="soon")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "import_columns", "KOMGRP;BEHANDLING"),
        (b"KOMGRP;TID;INDHOLD\n165;2022;5\n", "import_columns", "KOMGRP;TID;INDHOLD"),
        (b"PK\x03\x04rubbish", "import_columns", "csv"),
        (b"KOMGRP;BEHANDLING;AFFFRAK;TID;INDHOLD\n165;TOT;I;2022;12.500\n", "import_number", "12.500"),
    ],
)
def test_a_file_of_another_kind_is_told(case: Path, tmp_path: Path, content: bytes, code: str, said: str) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    before = case.read_bytes()
    with pytest.raises(InputError, match=said) as error:
        mfa.import_data("dst", file, case)
    assert [problem.code for problem in error.value.problems] == [code]
    assert case.read_bytes() == before
    with pytest.raises(InputError) as error:
        mfa.import_data("dst", tmp_path / "missing.csv", case)
    assert error.value.problems[0].code == "file_missing"


def test_codes_and_texts_of_fractions_are_one() -> None:
    assert {fraction_code(text) for text in ("Madaffald", "MADAFFALD", "i", "I")} == {"I"}
    assert fraction_code("TOTHHAFFALD") == fraction_code("Husholdningsaffald i alt")


@pytest.mark.parametrize(
    ("texts", "mark", "values"),
    [
        (["1.234,5", "7"], ",", [1234.5, 7.0]),
        (["1,234.5", "7"], ".", [1234.5, 7.0]),
        (["12,5", "1.200"], ",", [12.5, 1200.0]),
        (["1.200.300"], ",", [1200300.0]),
        (["5", "12"], ".", [5.0, 12.0]),
        (["1 200", "−3"], ".", [1200.0, -3.0]),
    ],
)
def test_numbers_as_they_are_written(texts: list[str], mark: str, values: list[float]) -> None:
    assert decimal_mark(texts) == mark
    assert [number(text, mark) for text in texts] == values


def test_contradicting_marks_are_not_guessed() -> None:
    assert decimal_mark(["1,5", "1.5"]) is None


def test_an_empty_reading_has_no_years(tmp_path: Path) -> None:
    assert read_dst(write_laby24(tmp_path / "e.csv", [])).years == ()
