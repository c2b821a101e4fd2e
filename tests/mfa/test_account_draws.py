"""How sure an account is, from the public function and from the command."""

from __future__ import annotations

import json

import pytest

import mfa
from mfa.api import OptionError
from mfa.cli import main
from mfa.run_tables import RUN_TABLES_BY_NAME
from mfa.workbook_write import write_case_object
from tests.cases.small import two_towns, two_towns_tables
from tests.flows.test_uncertainty import sorting


def towns():
    _, tables = two_towns_tables()
    tables["current_schemes"][0]["scheme"] = "three_bins"
    return two_towns(current_schemes=tables["current_schemes"])


def test_an_account_with_draws_has_tables_of_its_uncertainty(tmp_path):
    run = mfa.account(towns(), draws=60, out=tmp_path / "run")
    stored = mfa.run.Run.load(tmp_path / "run")
    for name in ("uncertainty", "drivers"):
        assert list(stored.tables[name].columns) == [column.name for column in RUN_TABLES_BY_NAME[name].columns]
        assert len(stored.tables[name]) == len(run.tables[name]) > 0
    rows, sure = run.tables["rates"], run.tables["uncertainty"]
    keys = ["scope", "method", "municipality"]
    both = rows.merge(sure, on=keys, suffixes=("", "_drawn"))
    assert len(both) == len(rows) == len(sure)
    assert both["rate_drawn"].to_numpy() == pytest.approx(both["rate"].to_numpy(), abs=1e-9)
    assert (both["p5"] <= both["median"]).all() and (both["median"] <= both["p95"]).all()
    assert run.info["options"]["draws"] == 60
    again = mfa.account(towns(), draws=60)
    assert again.tables["drivers"].equals(run.tables["drivers"])


def test_without_draws_there_are_none_of_them():
    run = mfa.account(towns())
    assert "uncertainty" not in run.tables and "draws" not in run.info["options"]


def test_a_flow_system_is_drawn_as_often_as_asked():
    assert len(mfa.account(sorting(), draws=30).tables["flows"]) == 5


@pytest.mark.parametrize("draws", [1, -5])
def test_a_number_of_draws_that_is_none_is_refused(draws):
    with pytest.raises(OptionError, match="no number of draws"):
        mfa.account(towns(), draws=draws)


def test_the_command_says_how_sure_a_rate_is_and_what_it_hangs_on(tmp_path, capsys):
    path = tmp_path / "towns.xlsx"
    write_case_object(towns(), path)
    assert main(["account", str(path), "--draws", "50", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "with 90 % probability; it hangs most on" in said and "of the uncertainty: three_bins: food" in said
    assert main(["account", str(path), "--draws", "50", "--lang", "da"]) == 0
    assert "med 90 % sandsynlighed" in capsys.readouterr().out
    assert main(["account", str(path), "--draws", "50", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert {"rates", "uncertainty", "drivers"} <= set(answer)
    assert main(["account", str(path), "--draws", "1"]) == 2
