"""A run that lies in the folder of a frontier is reported on with the curve that it is a point of."""

import json
from pathlib import Path

import pytest

from mfa.report_tables import report_tables
from mfa.run import Run


def _folder(place: Path, info: dict[str, str], tables: dict[str, str]) -> Path:
    (place / "tables").mkdir(parents=True)
    resources = []
    for name, text in tables.items():
        (place / "tables" / f"{name}.csv").write_text(text)
        fields = [{"name": column, "type": "string"} for column in text.splitlines()[0].split(",")]
        resources.append({"name": name, "path": f"tables/{name}.csv", "schema": {"fields": fields}})
    (place / "datapackage.json").write_text(json.dumps({"resources": resources}))
    (place / "run.json").write_text(json.dumps(info))
    return place


@pytest.mark.parametrize(("kind", "expected"), [("frontier", ["frontier", "rates"]), ("worth", ["rates"])])
def test_only_the_point_of_a_frontier_has_its_curve(tmp_path: Path, kind: str, expected: list[str]) -> None:
    _folder(tmp_path / "curve", {"kind": kind}, {"frontier": "point\np1\n", "payoff": "best\ncost\n"})
    point = _folder(tmp_path / "curve" / "runs" / "p1", {"status": "optimal"}, {"rates": "rate\n1\n"})
    assert sorted(report_tables(Run.load(point))) == expected


def test_a_run_elsewhere_has_its_own_tables(tmp_path: Path) -> None:
    alone = _folder(tmp_path / "runs" / "alone", {"status": "optimal"}, {"rates": "rate\n1\n"})
    assert sorted(report_tables(Run.load(alone))) == ["rates"]
    assert sorted(report_tables(Run({"rates": Run.load(alone).tables["rates"]}, {}))) == ["rates"]
