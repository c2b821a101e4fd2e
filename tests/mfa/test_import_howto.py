"""The how-to on official data runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "07_official_data.md"


def test_the_howto_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S):
        exec(compile(block, str(PAGE), "exec"), names)
    first, again, raw = names["result"], names["again"], names["raw"]
    assert first.count("added", "measurements") == 4
    assert first.count("added", "generation") == 2
    assert set(first.unplaced["reason"]) == {"not_municipality", "stream_ambiguous", "no_data"}
    assert (again.count("added", "measurements"), again.count("replaced", "measurements")) == (1, 4)
    # What Statistics Denmark gave is kept; the agency adds the streams and the business.
    kept = raw.placed[raw.placed["action"] == "kept"]
    assert set(kept["stream"]) == {"", "food_waste"}
    assert raw.placed.query("sector == 'services' and stream == 'cardboard'")["value"].tolist() == [700]
    assert (tmp_path / "towns-before-import-1.xlsx").exists()
    assert "replaced" in capsys.readouterr().out
