"""Writes the pages of the reference that are made from declarations in the code.

Run it after a change of a declaration: ``make docs``. A test holds that the pages are current.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.problem_texts import GROUPS, TEXTS
from flows.tables import CASE_VERSION, Column, Setting, columns_of
from mfa.export_iamc_variables import FAMILIES
from mfa.robust_run import ROBUST_RUN_TABLES
from mfa.run_tables import RUN_TABLES, RunTable
from mfa.sweep_columns import DECISION_MEANINGS, OUTCOME_MEANINGS, TASK_MEANINGS
from mfa.sweep_folder import FORMAT
from mfa.system_run import SYSTEM_RUN_TABLES
from mfa.workbook_kind import CASE, SYSTEM, Kind

HERE = Path(__file__).resolve().parent


def tables_page() -> str:
    """Return the page on the sheets of the case workbook."""
    lines = [
        "# The sheets of a case workbook",
        "",
        f"Made from `flows/tables.py` by `docs/make_reference.py`; format version {CASE_VERSION}. Sheets and",
        "columns are found by their English or Danish name, in any order. Required columns are **bold**; `key`",
        "columns together name a row. A column with a unit takes any unit of the same dimension in its header,",
        "`capacity [kt/year]`, or the sheet has a column `unit`. `DKK` stands for the case's currency. Every sheet",
        "but `accepts` may have the columns `source` and `status` (reported, derived, assumed; blank is assumed).",
        "",
        *_sheets(CASE),
    ]
    return "\n".join(lines) + "\n"


def systems_page() -> str:
    """Return the page on the sheets of a flow system's workbook, and the tables of its account."""
    lines = [
        "# The sheets of a flow system's workbook",
        "",
        f"Made from `flows/system_tables.py` by `docs/make_reference.py`; format version {SYSTEM.version}. A workbook with",
        "the sheets `processes` and `flows` and none of municipalities is a flow system. Sheets and columns are found by",
        "their English or Danish name, in any order. Required columns are **bold**; `key` columns together name a row.",
        "Values of one layer are of one kind: mass, energy, volume or pieces per year, stocks the same without the year.",
        "Their unit stands in the header, `value [kt/year]`, or in a column `unit`; `std`, `lower` and `upper` share it. A",
        "blank layer or year means every one. Every sheet but `layers`, `processes` and `flows` may have the columns",
        "`source` and `status` (reported, derived, assumed; blank is assumed).",
        "",
        *_sheets(SYSTEM),
        "",
        "# The tables of its account",
        "",
        "In the run folder of `mfa account`, as `tables/NAME.csv`, described in `datapackage.json`; in Python",
        '`run.tables["NAME"]`. Values are in the unit in which their layer is shown; it stands in the column `unit`.',
        *_tables(SYSTEM_RUN_TABLES),
    ]
    return "\n".join(lines) + "\n"


def _sheets(kind: Kind) -> list[str]:
    """Return the lines on the sheets of a kind of workbook."""
    lines = [
        "## settings (indstillinger)",
        "",
        "One row per key.",
        "",
        "| key | Danish | kind | unit | bounds | default | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    for setting in kind.settings:
        name = f"**{setting.name}**" if setting.required else setting.name
        default = "" if setting.default is None else str(setting.default)
        meaning = setting.meaning + _choices(setting.choices)
        unit, bounds = setting.unit or "", _bounds(setting)
        lines.append(f"| {name} | {setting.danish} | {setting.kind} | {unit} | {bounds} | {default} | {meaning} |")
    for table in kind.tables:
        required = "required" if table.required else "optional"
        lines += [
            "",
            f"## {table.name} ({table.danish})",
            "",
            f"{_sentence(table.meaning)} *{_sentence(kind.danish_meanings[table.name])}* "
            f"{required.capitalize()}; key: {', '.join(f'`{name}`' for name in table.key)}.",
            "",
            "| column | Danish | kind | unit | bounds | default | meaning |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_column(column) for column in columns_of(table) if column.name not in {"source", "status"}]
    return lines


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _column(column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    bounds = _bounds(column)
    default = "" if column.default in (None, "") else str(column.default)
    meaning = column.meaning + _choices(column.choices)
    if column.reference:
        meaning += f" (in `{column.reference}`)"
    unit = f"`{column.unit}`" if column.unit else ""
    return f"| {name} | {column.danish} | {column.kind} | {unit} | {bounds} | {default} | {meaning} |"


def _bounds(item: Column | Setting) -> str:
    bounds = " - ".join("" if bound is None else f"{bound:g}" for bound in (item.minimum, item.maximum))
    return "" if bounds == " - " else bounds


def _choices(choices: tuple[str, ...]) -> str:
    return ": " + ", ".join(f"`{choice}`" for choice in choices) if choices else ""


def runs_page() -> str:
    """Return the page on the tables of a run."""
    lines = [
        "# The tables of a run",
        "",
        "Made from `mfa/run_tables.py` by `docs/make_reference.py`. Each is `tables/NAME.csv` in the run folder (UTF-8,",
        "comma, decimal point, blank for not given), described in `datapackage.json`; in Python it is",
        '`run.tables["NAME"]`. Rows are sorted.',
    ]
    robust = [
        "",
        "# The tables of a plan for several scenarios",
        "",
        "In the run folder of `mfa robust`; `scenarios/NAME` is a whole run of the chosen plan in each scenario.",
    ]
    return "\n".join(lines + _tables(RUN_TABLES) + robust + _tables(ROBUST_RUN_TABLES)) + "\n"


def sweeps_page() -> str:
    """Return the page on the folder of a sweep."""
    lines = [
        "# The folder of a sweep",
        "",
        f"Made by `docs/make_reference.py` from `mfa/sweep_folder.py`; format {FORMAT}. How to make one:",
        "[how-to 16](howto/16_sweeps.md). It can be read while the sweep runs, in Python with `mfa.read_sweep(DIR)`.",
        "",
        "| file | holds |",
        "|---|---|",
        "| `sweep.json` | kind, format, versions of program and solver, name and hash of the input, options, numbers of tasks, groups "
        "and drawn inputs, currency; the same for equal sweeps |",
        "| `case.xlsx` | the workbook as it was given |",
        "| `tasks.parquet` | the manifest, a row for each task |",
        "| `inputs.parquet` | drawn inputs: `draw`, `input` (table, key and column, joined by `\\|`), `value`, `central` |",
        "| `results/outcomes/scenario=NAME/part-*.parquet` | a row for each task that is finished |",
        "| `results/decisions/scenario=NAME/part-*.parquet` | what its plan decides |",
        "",
        "NAME is `base` for the case as it is, the id of a scenario if that is lower case letters, digits and `_`, else a readable",
        "part of it and a hash; a task's scenario is told by the manifest. While parts are put together a task may stand in two of",
        "them, alike: take each once. A task is finished when it is among the outcomes.",
        *_columns("tasks.parquet", TASK_MEANINGS),
        *_columns("outcomes", OUTCOME_MEANINGS),
        *_columns("decisions", DECISION_MEANINGS),
    ]
    return "\n".join(lines) + "\n"


def _columns(name: str, meanings: Mapping[str, str]) -> list[str]:
    rows = [f"| `{column}` | {meaning} |" for column, meaning in meanings.items()]
    return ["", f"## {name}", "", "| column | meaning |", "|---|---|", *rows]


def exports_page() -> str:
    """Return the page on the formats of exports."""
    lines = [
        "# The formats of exports",
        "",
        "Made by `docs/make_reference.py`. `mfa export RUN --format FORMAT [--out DIR]` writes a folder; `export.json` in it",
        "says of which run it is and lists the files with size and hash. How to use them: [how-to 15](howto/15_own_layout_and_exports.md).",
        "",
        "## datapackage",
        "",
        "A Frictionless Data Package: `datapackage.json` and `data/NAME.csv` for each [table of the run](reference_runs.md), with type,",
        "unit and meaning of every field, keys, bytes and hash. A blank cell is a missing value. Where a key may be blank (the region",
        "has no municipality) it is under `uniqueKeys`, else under `primaryKey`. The table `names` says what ids are called.",
        "",
        "## csv-da",
        "",
        "`excel/NAME.csv` opens in Danish Excel by a double click: semicolons, decimal commas, UTF-8 with its mark, Danish heads with",
        "units, SAND and FALSK. Text that begins with `=`, `+`, `-`, `@`, tab or a line break has an apostrophe in front, so that it is",
        "no formula. What has more than a million rows is continued in `NAME_2.csv`. `machine/NAME.csv` is the same for programs.",
        "",
        "## parquet",
        "",
        "`NAME.parquet` for each table, typed; unit and meaning are metadata of the columns, the run those of the file. Blank numbers are",
        'null, blank texts empty. Needs pyarrow: `pip install "circular-mfa[parquet]"`. There is no netCDF: a run\'s tables are sparse',
        "lists with texts as keys, of which a grid of all combinations would be nearly empty; xarray makes one of a chosen table by",
        "`frame.set_index([...]).to_xarray()`.",
        "",
        "## iamc",
        "",
        "`data.csv` with Model, Scenario, Region, Variable, Unit and a column per year, as pyam and the IAMC's data bases read it. Scenario",
        "is the variant, `today`, `reference` or `plan`, behind the name of the scenario or plan where there is one (`dear: plan`). Regions",
        "are the whole area, `Area|Municipality`, and `Area|Shared` for what belongs to no single one. In families that add up, parts",
        "make the whole and municipalities with Shared the area; a rate is never added. Soil is part of Waste, not of the rates' scopes.",
        "Names are the case's English ones; `|` in a name becomes `/`, and two things of one name carry their ids. `variables.csv` holds",
        "the table below, `meta.csv` what is proven of each plan.",
        "",
        "| variable | unit | adds up | meaning |",
        "|---|---|---|---|",
    ]
    for family in FAMILIES:
        unit = family.unit.replace("{currency}", "DKK_2024")
        added = ("yes, the area only" if family.regional else "yes") if family.added else "no"
        pattern = family.pattern.replace("|", "\\|")
        lines.append(f"| `{pattern}` | {unit} | {added} | {family.meaning} |")
    lines += [
        "",
        "## stan",
        "",
        "`flows.csv` has a row per flow, layer and period: flow, name, source, destination, layer, period, quantity, unit, uncertainty",
        "(one standard deviation, in `uncertainty_unit`) and status; `processes.csv` has process, name and type (source, process, sink).",
        "Of a case there is a folder per variant, the layer `goods` is all mass and every fraction a layer of its own; its flows carry no",
        "uncertainty, which is computed for rates only. Of a flow system the layers are its own, with the standard deviations of the",
        "account. The columns are those that users of STAN know; a file was not tried in STAN itself.",
    ]
    return "\n".join(lines) + "\n"


def _tables(tables: Sequence[RunTable]) -> list[str]:
    """Return the lines on the tables of a run."""
    lines: list[str] = []
    for table in tables:
        lines += ["", f"## {table.name}", "", _sentence(table.meaning), ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| {item.name} | {item.type} | {item.unit} | {item.meaning} |" for item in table.columns]
    return lines


def errors_page() -> str:
    """Return the page on the codes of problems."""
    lines = [
        "# The problems of an input, and what is said of them",
        "",
        f"Made from `flows/problem_texts*.py` by `docs/make_reference.py`; {len(TEXTS)} codes. `mfa check` tells all problems of",
        "a workbook at once, each with sheet and cell; `--annotated OUT.xlsx` marks them in a copy. A code is stable: it stands in",
        "`mfa check --json` and in the column `code` of `mfa.check(PATH).table()`, beside `severity` (an `error` must be corrected,",
        "a `warning` need not), `sheet`, `cell`, `row`, `column`, `found`, `expected`, `suggestion` and `text`. In the texts `{found}`",
        "is what stands there, `{expected}` what was expected, `{place}` what it is about. Where something is likely meant (the nearest",
        "name, the reading of a number written as text, a unit), the text ends in *did you mean '…'?*",
    ]
    for heading, group in GROUPS.items():
        lines += ["", f"## {heading}", "", "| code | English | Danish |", "|---|---|---|"]
        for code, (danish, english) in group.items():
            texts = (text.replace("|", "\\|") for text in (english, danish))
            lines.append(f"| `{code}` | {' | '.join(texts)} |")
    return "\n".join(lines) + "\n"


PAGES = {
    "reference_errors.md": errors_page,
    "reference_tables.md": tables_page,
    "reference_systems.md": systems_page,
    "reference_runs.md": runs_page,
    "reference_exports.md": exports_page,
    "reference_sweeps.md": sweeps_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
