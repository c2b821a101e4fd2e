"""Every command and every block of code of the README and of the user guide is run here, or it is said why it is only read.

Blocks of ``python`` and ``console`` are followed to the letter by the tests that ``FOLLOWED`` names. The commands of other blocks,
and those in the text and in tables, are given here on one small case, after one plan that all of them read; those that are
not given are read by the program's own parser: a command or an option that is not there fails.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mfa
from mfa.cli import parser
from mfa.workbook_write import write_case_object
from tests.cases.pencil import pencil, pencil_tables
from tests.pages import DOCS, FENCE, Block, blocks, command_says, follow

ROOT = DOCS.parent
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
RUNNABLE = {"python", "console"}

FOLLOWED = {
    "README.md": "tests/test_blocks.py",
    "guide.md": "tests/test_blocks.py",
    "first_own_plan.md": "tests/test_guide.py",
    "reading_a_report.md": "tests/test_guide.py",
    "install.md": "tests/test_guide.py",
    "01_first_plan.md": "tests/test_howtos.py",
    "02_own_case.md": "tests/test_howtos.py",
    "03_scenarios_from_python.md": "tests/test_howtos.py",
    "04_report_page.md": "tests/reports/test_howto.py",
    "05_building_stock.md": "tests/test_howto_stocks.py",
    "06_reconcile_a_flow_system.md": "tests/test_howtos.py",
    "07_official_data.md": "tests/mfa/test_import_howto.py",
    "08_how_sure_is_a_rate.md": "tests/test_howtos.py",
    "09_facility_location.md": "tests/test_howtos.py",
    "10_when_a_target_cannot_be_met.md": "tests/test_howtos.py",
    "11_choices.md": "tests/test_howtos.py",
    "12_under_uncertainty.md": "tests/test_howtos.py",
    "13_objectives_and_levers.md": "tests/test_howtos.py",
    "14_page.md": "tests/test_howto_page.py",
    "15_own_layout_and_exports.md": "tests/test_howtos.py",
    "16_sweeps.md": "tests/test_howtos.py",
}
"""The tests that run all blocks of a page that are python or console."""

GIVEN = {
    ("README.md", "mfa template case.xlsx"),
    ("README.md", "mfa template system.xlsx --system --example"),
    ("06_reconcile_a_flow_system.md", "mfa template plastic.xlsx --system --example"),
}
"""Other blocks whose commands are given here, by page and the first command; ``ONLY_READ`` names those that are not."""

ONLY_READ = {
    "demo": "plans the Capital Region, for minutes; the same steps are given here on the small case",
    "frontier": "a plan for each point; how-to 11 runs the function that it calls",
    "alternatives": "several plans; how-to 11 runs the function that it calls",
    "worth": "several plans; how-to 11 runs the function that it calls",
    "robust": "several plans; how-to 12 runs the function that it calls",
    "sweep": "hundreds of plans; how-to 16 runs the function that it calls",
    "rerun": "plans again; how-to 11 runs the function that it calls",
}
"""Commands of the program that are read by its parser and not given, and why."""

SYSTEMS = {
    ("README.md", "make demo"): "installs, and plans the Capital Region for minutes",
    ("README.md", "make test"): "these tests",
    ("README.md", "python -m venv .venv"): "installs, on Windows; the wheel is installed and tried by .ci/run",
    ("install.md", "py -m venv .venv"): "installs, on Windows",
    ("install.md", "python3.12 -m venv .venv"): "installs, on macOS",
    ("install.md", "python3 -m venv .venv"): "installs; the wheel is installed and tried by .ci/run",
    (
        "notebook.md",
        "python -m pip install notebook",
    ): "installs Jupyter; the notebook's cells run in tests/test_guide.py",
    ("04_report_page.md", "libreoffice --headless --convert-to pdf RUN/reports/region_da.xlsx"): "programs of others; "
    "tests/reports open workbooks with LibreOffice where it is",
    ("16_sweeps.md", "dask scheduler --host 0.0.0.0"): "a cluster; tests/mfa/test_sweep.py has one in its own process",
    ("16_sweeps.md", "#!/bin/bash"): "needs Slurm",
}
"""Blocks whose lines are only read, by page and first command, and why."""

OTHERS = {"libreoffice", "pdftoppm", "srun", "export", "until", "#SBATCH", "#!/bin/bash"}
"""Programs of others and words of the shell, of which nothing here knows the options."""


def lines(block: Block) -> list[str]:
    """Return the commands of a block, without what is said of them behind ``#``."""
    found = [re.sub(r"\s+# .*", "", line).strip() for line in block.text.splitlines()]
    return [line for line in found if line]


def bare(line: str) -> list[str]:
    """Return the words of a command, its program without the folder of an environment."""
    words = shlex.split(line.replace("\\", "/"))
    return [re.sub(r"^\.venv/(bin|Scripts)/", "", words[0]), *words[1:]]


def other_blocks() -> Iterator[tuple[tuple[str, str], Block]]:
    """Yield the blocks that are not followed to the letter, by page and first command."""
    for page in PAGES:
        for block in blocks(page):
            # What stands in braces is a word of the site's: a list of pages, a page of another folder.
            if block.kind not in RUNNABLE and not block.kind.startswith("{"):
                yield (page.name, lines(block)[0]), block


def read(words: list[str]) -> Any:
    """Return the options of a command of the program as its parser reads them."""
    try:
        return parser().parse_args(words[1:])
    except SystemExit as stop:
        assert not stop.code, f"{shlex.join(words)}: the program does not know that"
        return None


# Nothing is left out


def test_every_block_is_run_or_it_is_said_why_not() -> None:
    unknown = [key for key, _ in other_blocks() if key not in GIVEN and key not in SYSTEMS]
    assert unknown == [], "blocks that are neither run nor listed"
    assert {key for key, _ in other_blocks()} == GIVEN | set(SYSTEMS), "a list names a block that is not there"
    assert not GIVEN & set(SYSTEMS)
    runnable = {page.name for page in PAGES if any(block.kind in RUNNABLE for block in blocks(page))}
    assert runnable == set(FOLLOWED), "pages with blocks of python or console, and those that are followed"


def test_every_fence_is_seen() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        outside = FENCE.sub("", text)
        assert "```" not in outside and "~~~" not in outside, f"{page.name} has a fence that does not end"


def test_the_tests_that_follow_a_page_are_there() -> None:
    """A page is followed to its end; how-to 4 is code for the house itself, of which its test draws what it makes."""
    for page, file in FOLLOWED.items():
        text = (ROOT / file).read_text("utf-8")
        followed = re.search(rf'follow\((ROOT|DOCS|HOWTOS) / "{re.escape(page)}"\)', text)
        drawn = page.startswith("04_") and page in text and "exec(compile(code[0]" in text
        assert followed or drawn, f"{file} does not follow {page}"


# Commands that are given


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands of README and guide speak of: a small case, and statistics of its one town."""
    place = tmp_path_factory.mktemp("pages")
    tables = pencil_tables()
    town = [{"municipality": "159", "name_da": "Gladsaxe", "name_en": "Gladsaxe", "population": 200}]
    of_town = {
        name: [{**row, "municipality": "159"} for row in tables[name] if row["municipality"] == "A"]
        for name in ("dwellings", "generation")
    }
    capture = [{**row, "share": 0.9} if row.get("share") == 0.6 else row for row in tables["capture"]]
    case = pencil("2035", municipalities=town, capture=capture, settings={"title": "A town"}, **of_town)
    write_case_object(case, place / "case.xlsx")
    (place / "laby24.csv").write_text(
        "KOMGRP;BEHANDLING;AFFFRAK;TID;INDHOLD\nGladsaxe;I alt;HUSHOLDNINGSAFFALD I ALT;2024;100\n", "utf-8-sig"
    )
    return place


def give(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a command of a page; one that makes or changes what others read, in a folder of its own."""
    words = shlex.split(line)
    apart = folder
    if words[1] in {"template", "import"} and "--system" not in words or "--layout-example" in words:
        apart = folder / f"apart {len(list(folder.iterdir()))}"
        apart.mkdir()
        if words[1] == "import":
            shutil.copy(folder / "case.xlsx", apart)
            shutil.copy(folder / "laby24.csv", apart)
    monkeypatch.chdir(apart)
    before = {path.name for path in apart.iterdir()}
    # One workbook is enough, and no other processes.
    less = " --municipality region --workers 1" if words[1] == "report" and "--layout-example" not in words else ""
    command_says(line + less)
    made = words[words.index("--out") + 1] if "--out" in words else None
    assert made is None or made in before or (apart / made).exists()


def test_what_the_readme_says_is_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    own, system = (block for key, block in other_blocks() if key in GIVEN and key[0] == "README.md")
    for line in lines(own):
        read(bare(line))
        if bare(line)[1] not in ONLY_READ:
            give(line, folder, monkeypatch)
    assert (folder / "my-plan" / "reports" / "region_da.xlsx").exists()
    assert [Path(name).name for name in opened] == ["page.html"]
    monkeypatch.chdir(folder)
    run = follow(ROOT / "README.md")["run"]
    assert run.rate("plan", 2035) == pytest.approx(0.9)
    for line in lines(system):
        give(line, folder, monkeypatch)
    assert list((folder / "account" / "reports").glob("sankey_*.svg"))


def test_what_the_guide_says_is_done(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: None)
    monkeypatch.chdir(folder)
    names = follow(DOCS / "guide.md")
    assert names["run"].rate("plan", 2035) == pytest.approx(0.9)
    for other in ("other-plan", "low-growth"):
        shutil.copytree("my-plan", other)
    mfa.layout_example("layout.toml", lang="en")
    steps = [
        row.split("|")[2:4] for row in (DOCS / "guide.md").read_text("utf-8").splitlines() if row.count("| `mfa ") == 1
    ]
    assert len(steps) >= 20
    for command, code in steps:
        line = command.strip().strip("`")
        read(bare(line))
        called = code.strip().strip("`")
        if called:
            bound(called)
        # What the README gives word by word, and the plan itself, which the block of Python has just made, are not done again.
        if bare(line)[1] not in {*ONLY_READ, "plan"} and line not in README_LINES:
            give(line, folder, monkeypatch)
    assert (folder / "my-plan" / "exports" / "datapackage" / "datapackage.json").exists()


README_LINES = {
    line for key, block in other_blocks() if key in GIVEN and key[0] == "README.md" for line in lines(block)
}


def bound(call: str) -> None:
    """See that a call of a public function has arguments that the function takes."""
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute)
    function = getattr(mfa, tree.func.attr)
    arguments = [ast.literal_eval(node) for node in tree.args]
    inspect.signature(function).bind(
        *arguments, **{str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
    )


def test_what_the_page_on_flow_systems_says_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (block for key, block in other_blocks() if key in GIVEN and key[0].startswith("06_"))
    for line in lines(block):
        give(line, tmp_path, monkeypatch)
    assert (tmp_path / "plastic-account" / "run.json").exists()


# Commands that are read


def test_of_blocks_that_are_only_read_every_command_and_option_is_there() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    told: set[str] = set()
    for key, block in other_blocks():
        for line in lines(block) if key in SYSTEMS else ():
            words = bare(line)
            if words[0] == "srun":  # its own options, then a command
                words = words[next(place for place, word in enumerate(words) if place and not word.startswith("--")) :]
            words = [word for word in words if word != "&"]
            told.add(words[0])
            if words[0] == "mfa":
                read(words)
            elif words[0] == "make":
                assert set(words[1:]) <= set(targets)
            elif words[0] == "dask":
                dask_knows(words)
            elif re.fullmatch(r"py|pip|python[\d.]*|address=\$\(python", words[0]):
                assert words[1:2] != ["-m"] or words[2] in {"venv", "pip", "notebook"}
            else:
                assert words[0] in OTHERS, f"{key[0]}: {line}"
    assert {"mfa", "make", "dask"} <= told


def dask_knows(words: list[str]) -> None:
    """See that Dask's own command has the options, where it is installed."""
    if importlib.util.find_spec("distributed") is None:
        return
    module = importlib.import_module(f"distributed.cli.dask_{words[1]}")
    known = {option for item in module.main.params for option in (*item.opts, *item.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known, shlex.join(words)


def spans() -> Iterator[tuple[str, str]]:
    """Yield what stands as code inside the text of pages, with the page."""
    for page in PAGES:
        for found in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", FENCE.sub("", page.read_text("utf-8"))):
            yield page.name, " ".join(found.split())


def test_commands_in_the_text_are_read_by_the_program() -> None:
    choices = next(action.choices for action in parser()._actions if action.dest == "command") or {}
    count = 0
    for page, text in spans():
        if not re.match(r"(python -m )?mfa [a-z]", text):
            continue
        words = shlex.split(
            re.sub(r"[\[\]]|\.\.\.|\bpython -m ", "", text).replace("da|en", "da").replace(" FORMAT", " csv-da")
        )
        assert words[1] in choices, f"{page}: {text}"
        # `mfa check --json` says what an option does; the workbook is understood.
        own = {option for action in choices[words[1]]._actions for option in action.option_strings}
        assert {word for word in words if word.startswith("--")} <= own, f"{page}: {text}"
        if len(words) > 2 and not words[2].startswith("-"):
            read(words)
            count += 1
    assert count > 40


def test_options_in_the_text_are_those_of_some_command() -> None:
    choices = next(action.choices for action in parser()._actions if action.dest == "command") or {}
    known = {option for one in choices.values() for action in one._actions for option in action.option_strings}
    known |= set(re.findall(r'"(--[\w-]+)"', (ROOT / "benchmarks" / "facility_location.py").read_text("utf-8")))
    for page, text in spans():
        if text.startswith("--"):
            assert text.split()[0] in known, f"{page}: {text}"


def test_modules_and_extras_that_pages_name_are_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for page in PAGES:
        text = page.read_text("utf-8")
        for name in re.findall(r"python -m (benchmarks\.\w+)", text):
            assert importlib.util.find_spec(name), f"{page.name}: {name}"
        for name in re.findall(r"(?:circular-mfa|\"\.)\[(\w+)\]", text):
            assert name in extras, f"{page.name}: {name}"
        for name in re.findall(r"`make ([\w./-]+)`", text):
            assert re.search(
                rf"^({re.escape(name)}|\$\(VENV\){re.escape(name.removeprefix('.venv'))}):",
                (ROOT / "Makefile").read_text("utf-8"),
                re.M,
            ), f"{page.name}: make {name}"


# Links out


def test_links_out_are_addresses_of_the_web_over_https() -> None:
    from urllib.parse import urlsplit

    found: set[str] = set()
    for page in (*PAGES, *ROOT.glob("*.md"), ROOT / "data" / "SOURCES.md"):
        text = page.read_text("utf-8")
        found |= set(re.findall(r"\bhttps?://[^\s)>\]`\"']+", text))
        found |= {link for link in re.findall(r"\]\(<?([^)>\s]+)", text) if "://" in link or link.startswith("www.")}
    assert found
    for link in found:
        parts = urlsplit(link)
        assert parts.scheme == "https", link
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", parts.hostname or ""), link
        assert parts.username is None and parts.port is None, link
        assert link.isascii() and not re.search(r"[{}|\\^]", link), link
