"""An import leaves what is the user's: other rows, sheets, formats, formulas; and tells what it did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.table import Table

import mfa
from flows.problems import InputError
from mfa.cli import main
from mfa.import_mapping import concepts
from tests.mfa.import_files import raw_row, tables, write_laby24, write_raw, write_small_case

LINES = ["165;TOT;TOTHHAFFALD;2022;16000", "165;GENANV;TOTHHAFFALD;2022;8000", "165;TOT;I;2022;1365"]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_small_case(tmp_path / "case.xlsx")


@pytest.fixture
def laby24(tmp_path: Path) -> Path:
    return write_laby24(tmp_path / "laby24.csv", LINES)


def _rows(path: Path, table: str):
    frame = mfa.check(path).case[table]
    return frame.drop(columns="_row")


def test_rows_of_the_same_key_are_replaced_or_kept(case: Path, laby24: Path, tmp_path: Path) -> None:
    kept = mfa.import_data("dst", laby24, case, keep=True, out=tmp_path / "kept.xlsx")
    assert (kept.count("kept"), kept.count("added"), kept.count("replaced")) == (1, 2, 0)
    assert _rows(tmp_path / "kept.xlsx", "measurements").query("measure == 'rate'")["value"].tolist() == [0.4]
    replaced = mfa.import_data("dst", laby24, case)
    assert (replaced.count("kept"), replaced.count("added"), replaced.count("replaced")) == (0, 2, 1)
    rate = _rows(case, "measurements").query("measure == 'rate'").iloc[0]
    assert (rate["value"], rate["status"]) == (0.5, "derived")
    assert "LABY24" in rate["source"]
    again = mfa.import_data("dst", laby24, case)
    assert (again.count("added"), again.count("replaced")) == (0, 3)
    assert len(_rows(case, "measurements")) == 3


def test_what_was_there_stays_beside(case: Path, laby24: Path) -> None:
    before = case.read_bytes()
    first = mfa.import_data("dst", laby24, case)
    second = mfa.import_data("dst", laby24, case)
    assert first.backup is not None and first.backup.read_bytes() == before
    assert second.backup is not None and second.backup.name == "case-before-import-2.xlsx"
    assert not list(case.parent.glob(".*"))


def test_a_total_is_spread_as_the_rows_of_the_case_when_asked(case: Path, laby24: Path) -> None:
    untouched = _rows(case, "generation")
    mfa.import_data("dst", laby24, case)
    assert _rows(case, "generation").equals(untouched)
    result = mfa.import_data("dst", laby24, case, generation=True)
    amounts = _rows(case, "generation").set_index("segment")
    assert amounts["amount"].to_dict() == {"houses": 4000, "flats": 12000}
    assert set(amounts["status"]) == {"derived"}
    assert set(amounts["composition"]) == {"households"}
    assert result.count("replaced", "generation") == 2
    total = _rows(case, "measurements").query("measure == 'amount' and stream == ''").iloc[0]
    assert not total["calibrate"]


def test_amounts_follow_the_unit_of_the_column(tmp_path: Path, laby24: Path) -> None:
    from mfa.workbook_write import write_case
    from tests.mfa.import_files import SETTINGS

    case = write_case(SETTINGS, tables(), tmp_path / "case.xlsx", units={("generation", "amount"): "kt/year"})
    mfa.import_data("dst", laby24, case, generation=True)
    assert _rows(case, "generation")["amount"].sum() == pytest.approx(16000)
    sheet = load_workbook(case)["generation"]
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, header.index("amount [kt/year]") + 1).value == 4


def test_years_across_get_a_column_of_their_own(case: Path, tmp_path: Path) -> None:
    book = load_workbook(case)
    del book["generation"]
    sheet = book.create_sheet("generation")
    sheet.append(["municipality", "sector", "segment", "composition", "2022 [kt/year]", "note"])
    sheet.append(["165", "households", "houses", "households", 3, "mine"])
    sheet.append(["165", "households", "flats", "households", 9, "mine too"])
    book.save(case)
    file = write_laby24(tmp_path / "l.csv", ["165;TOT;TOTHHAFFALD;2023;14000"])
    mfa.import_data("dst", file, case, years=2023, generation=True)
    rows = _rows(case, "generation").set_index(["segment", "year"])["amount"]
    assert rows.to_dict() == {("houses", 2022): 3000, ("houses", 2023): 3500, ("flats", 2022): 9000, ("flats", 2023): 10500}  # fmt: skip
    assert load_workbook(case)["generation"]["F3"].value == "mine too"


def test_formulas_formats_notes_and_other_sheets_stay(case: Path, laby24: Path) -> None:
    book = load_workbook(case)
    notes = book.create_sheet("#calculation")
    notes["A1"], notes["A2"], notes["A3"] = 2, "=A1*21", '="a<b"'
    notes["B1"].fill = PatternFill("solid", fgColor="00FF00")
    measured = book["measurements"]
    column = measured.max_column + 1
    measured.cell(1, column, "note")
    measured.cell(2, column, "ask them")
    book.save(case)
    _store(case, {"A2": "42", "A3": "a&lt;b"})
    mfa.import_data("dst", laby24, case)
    formulas, values = load_workbook(case), load_workbook(case, data_only=True)
    assert formulas["#calculation"]["A2"].value == "=A1*21"
    assert values["#calculation"]["A2"].value == 42
    assert values["#calculation"]["A3"].value == "a<b"
    assert formulas["#calculation"]["B1"].fill.fgColor.rgb == "0000FF00"
    assert formulas["measurements"].cell(2, column).value == "ask them"
    assert formulas["measurements"]["A1"].comment is not None
    assert formulas["measurements"].data_validations.dataValidation
    table = next(iter(formulas["measurements"].tables.values()))
    assert table.ref == f"A1:{get_column_letter(column - 1)}4"
    assert not mfa.check(case).case["measurements"].empty


def _store(path: Path, values: dict[str, str]) -> None:
    """Put stored values into the formulas of the last sheet, as a spreadsheet program does."""
    import re
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name, content in parts.items() if b"<f>" in content]
    assert len(names) == 1
    text = parts[names[0]].decode()
    for address, value in values.items():
        kind = "" if value.isdigit() else ' t="str"'
        text, count = re.subn(rf'<c r="{address}"><f>(.*?)</f><v ?(/>|></v>)', rf'<c r="{address}"{kind}><f>\1</f><v>{value}</v>', text)  # fmt: skip
        assert count == 1
    parts[names[0]] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_an_assumed_row_that_is_replaced_loses_its_mark(case: Path, laby24: Path) -> None:
    assert load_workbook(case)["measurements"]["A2"].fill.fill_type == "solid"
    mfa.import_data("dst", laby24, case)
    assert load_workbook(case)["measurements"]["A2"].fill.fill_type is None


def test_charts_that_cannot_be_kept_are_told(case: Path, laby24: Path) -> None:
    book = load_workbook(case)
    sheet = book.create_sheet("#chart")
    sheet.append([1])
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1))
    sheet.add_chart(chart)
    book.save(case)
    assert mfa.import_data("dst", laby24, case).lost == ("charts",)


def test_a_danish_workbook_stays_danish(tmp_path: Path, laby24: Path) -> None:
    case = write_small_case(tmp_path / "sag.xlsx", "da")
    mfa.import_data("dst", laby24, case, lang="da")
    sheets = {sheet: load_workbook(case)[sheet] for sheet in ("målinger", "#mapping")}
    header = [cell.value for cell in sheets["målinger"][1]]
    assert "kalibrer" in header and "calibrate" not in header
    assert sheets["målinger"].cell(3, header.index("kalibrer") + 1).value == "ja"
    assert [cell.value for cell in sheets["#mapping"][1]][:3] == ["art", "i_filen", "id"]
    assert len(_rows(case, "measurements")) == 3


def test_a_sheet_that_lacks_is_made(case: Path, laby24: Path) -> None:
    book = load_workbook(case)
    del book["measurements"]
    book.save(case)
    mfa.import_data("dst", laby24, case)
    assert len(_rows(case, "measurements")) == 3


def test_columns_of_an_older_workbook_are_added_to_its_table(case: Path, laby24: Path) -> None:
    book = load_workbook(case)
    del book["measurements"]
    sheet = book.create_sheet("measurements")
    sheet.append(["measure", "municipality", "sector", "year", "value"])
    sheet.append(["rate", "165", "households", 2022, 0.4])
    sheet.add_table(Table(displayName="old", ref="A1:E2"))
    book.save(case)
    mfa.import_data("dst", laby24, case)
    assert set(_rows(case, "measurements")["stream"]) == {"", "food_waste"}
    sheet = load_workbook(case)["measurements"]
    left, top, right, bottom = range_boundaries(sheet.tables["old"].ref)
    assert (top, bottom) == (1, 4) and right == sheet.max_column
    names = [column.name for column in sheet.tables["old"].tableColumns]
    assert names == [sheet.cell(1, position).value for position in range(left, right + 1)]
    assert {"stream", "method", "calibrate", "source", "status"} <= set(names)


def test_the_user_says_what_words_mean(case: Path, tmp_path: Path) -> None:
    file = write_laby24(
        tmp_path / "l.csv",
        ["165;TOT;D;2022;600", "165;TOT;A;2022;4000", "165;TOT;C;2022;1000", "165;TOT;I;2022;50", "Byen;TOT;I;2022;7"],
    )
    assert set(mfa.import_data("dst", file, case).placed["stream"]) == {"food_waste"}
    table = tmp_path / "mapping.csv"
    table.write_text(
        "kind;in_file;id\nstream;Dagrenovation og lignende;residual\nstream;FORBRÆNDINGSEGNET AFFALD;residual\n"
        "stream;MADAFFALD;-\nmunicipality;Byen;175\n",
        encoding="utf-8",
    )
    result = mfa.import_data("dst", file, case, mapping=table)
    placed = result.placed.set_index("stream")
    assert placed.loc["residual", "value"] == 5000
    assert placed.loc["residual", "status"] == "derived"
    reasons = dict(zip(result.unplaced["reason"], result.unplaced["rows"], strict=True))
    assert reasons == {"stream_ambiguous": 1, "stream_left_out": 2}
    # The choices stand on the sheet #mapping now, where they can be changed.
    book = load_workbook(case)
    rows = {row[1].value: row for row in book["#mapping"].iter_rows(min_row=2)}
    assert rows["DAGRENOVATION OG LIGNENDE"][2].value == "residual"
    assert rows["PAPIR OG PAP"][2].value is None and rows["PAPIR OG PAP"][3].value == "cardboard, paper"
    rows["PAPIR OG PAP"][2].value = "paper"
    book.save(case)
    assert mfa.import_data("dst", file, case).placed.set_index("stream").loc["paper", "value"] == 600
    table.write_text("kind;in_file;id\nstream;GLAS, INKL EMBALLAGE;glas\n", encoding="utf-8")
    with pytest.raises(InputError, match="glas") as error:
        mfa.import_data("dst", file, case, mapping=table)
    assert (error.value.problems[0].code, error.value.problems[0].suggestion) == ("import_id", "glass")
    table.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(InputError, match="in_file"):
        mfa.import_data("dst", file, case, mapping=table)


def test_an_unfinished_case_will_do_if_it_has_the_lists(tmp_path: Path, laby24: Path) -> None:
    empty = mfa.template(tmp_path / "empty.xlsx")
    with pytest.raises(InputError, match="municipalities, sectors"):
        mfa.import_data("dst", laby24, empty)
    lists = {name: tables()[name] for name in ("municipalities", "sectors")}
    from mfa.workbook_write import write_case

    begun = write_case({"account_year": 2022}, lists, tmp_path / "begun.xlsx")
    result = mfa.import_data("dst", laby24, begun)
    assert result.count("added", "measurements") == 2
    assert "stream_unknown" in set(result.unplaced["reason"])
    assert "generation_segments" in set(result.unplaced["reason"])


def test_a_workbook_that_is_open_or_protected_is_not_touched(case: Path, laby24: Path, monkeypatch) -> None:
    lock = case.with_name("~$case.xlsx")
    lock.write_bytes(b"")
    with pytest.raises(InputError) as error:
        mfa.import_data("dst", laby24, case)
    assert error.value.problems[0].code == "import_open"
    lock.unlink()
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(InputError) as error:
        mfa.import_data("dst", laby24, case)
    assert error.value.problems[0].code == "import_read_only"


def test_words_of_streams() -> None:
    assert concepts("Emballagepap") == frozenset()
    assert concepts("Imprægneret træ") == {"impregnated"}
    assert concepts("Plast og mad- og drikkekartoner") == {"plastic", "carton"}


def test_the_command_in_both_languages(
    case: Path, laby24: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = case.read_bytes()
    assert main(["import", "dst", str(laby24), str(case), "--out", str(tmp_path / "o.xlsx"), "--lang", "da"]) == 0
    shown = capsys.readouterr().out
    assert "målinger: 2 rækker tilføjet, 1 erstattet, 0 beholdt" in shown
    assert case.read_bytes() == before
    assert main(["import", "dst", str(laby24), str(case), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] and len(answer["placed"]) == 3 and answer["backup"]
    assert main(["import", "dst", str(laby24), str(case), "--year", "2010"]) == 3
    assert "2022" in capsys.readouterr().err
    assert main(["import", "mst", str(laby24), str(case)]) == 3
    with pytest.raises(SystemExit):
        main(["import", "eurostat", str(laby24), str(case)])


def test_what_is_only_to_be_chosen_is_written_to_be_chosen(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_laby24(tmp_path / "l.csv", ["165;TOT;D;2022;600"])
    assert main(["import", "dst", str(file), str(case), "--lang", "en"]) == 3
    assert "choose on the sheet #mapping" in capsys.readouterr().out
    book = load_workbook(case)
    row = next(row for row in book["#mapping"].iter_rows(min_row=2) if row[1].value == "PAPIR OG PAP")
    row[2].value = "paper"
    book.save(case)
    assert main(["import", "dst", str(file), str(case), "-q"]) == 0
    assert _rows(case, "measurements").query("stream == 'paper'")["value"].tolist() == [600]


def test_the_command_tells_when_nothing_fits(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = write_raw(tmp_path / "raw.xlsx", [raw_row("H", "Glas", "Genanvendelse", "Aarhus", 1, 2)])
    before = case.read_bytes()
    assert main(["import", "mst", str(raw), str(case), "--lang", "en"]) == 3
    shown = capsys.readouterr().out
    assert "Aarhus: the municipality is not in the case" in shown and "nothing in the file fits" in shown
    assert case.read_bytes() == before
    with pytest.raises(ValueError, match="eurostat"):
        mfa.import_data("eurostat", raw, case)
