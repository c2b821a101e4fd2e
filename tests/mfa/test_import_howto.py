"""The how-to on official data runs as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import HOWTOS, follow


def test_the_howto_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    names = follow(HOWTOS / "07_official_data.md")
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
