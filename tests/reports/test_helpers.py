"""Several processes write the same reports, and what one of them does not manage is done here."""

import gc
import sys
from pathlib import Path

import pytest

from reports import helpers
from reports.helpers import Helpers, helpers_for, settled
from reports.workbooks import write_reports


class Noting:
    """Work that writes who did it, and that some processes cannot do."""

    def __init__(self, folder, home, fails_elsewhere=()):
        self.folder, self.home, self.fails_elsewhere = folder, home, fails_elsewhere

    def __call__(self, place):
        import os

        if place in self.fails_elsewhere and os.getpid() != self.home:
            raise MemoryError
        (self.folder / place).write_text(str(os.getpid()))


@pytest.fixture
def noting(tmp_path, monkeypatch):
    """Make work that a helper finds by its module."""
    import os

    # A helper loads what it is given by name: this module must have one that it can find.
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.setitem(sys.modules, "test_helpers", sys.modules[__name__])
    monkeypatch.setattr(Noting, "__module__", "test_helpers")
    return lambda **what: Noting(tmp_path, os.getpid(), **what)


def test_every_place_is_done_once_whoever_does_it(noting, tmp_path):
    done = []
    places = [f"place_{number}" for number in range(20)]
    with Helpers(2) as found:
        found.each(places, noting(), done.append)
    assert sorted(done) == sorted(places)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(places)


def test_what_a_helper_does_not_manage_is_done_here(noting, tmp_path):
    done = []
    places = [f"place_{number}" for number in range(6)]
    with Helpers(1) as found:
        found.each(places, noting(fails_elsewhere=places), done.append)
    assert sorted(done) == sorted(places)
    assert len({path.read_text() for path in tmp_path.iterdir()}) == 1


def test_an_error_here_is_raised_and_helpers_end(noting):
    work = noting()
    with pytest.raises(ZeroDivisionError), Helpers(1) as found:
        found.each(["a", "b"], work, lambda place: 1 / 0)
    assert all(process.poll() is not None for process in found._processes)


@pytest.mark.parametrize("wanted", [True, False])
def test_python_looks_for_rubbish_again_as_it_did_before(wanted):
    before = gc.isenabled()
    (gc.enable if wanted else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError), settled():
            assert not gc.isenabled()
            _ = 1 / 0
        assert gc.isenabled() is wanted
    finally:
        (gc.enable if before else gc.disable)()


def test_without_another_python_the_work_is_done_here(monkeypatch, noting, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    done = []
    with Helpers(2) as found:
        found.each(["a", "b"], noting(), done.append)
    assert done == ["a", "b"]


def test_how_many_helpers_are_worth_their_start(monkeypatch):
    monkeypatch.setattr(helpers, "processors", lambda: 64)
    assert helpers_for(1000, None) == helpers.MOST - 1
    assert helpers_for(30, 2) == 1
    assert helpers_for(30, 1) == helpers_for(3, 4) == 0
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert helpers_for(1000, None) == 0


def test_workbooks_are_the_same_bytes_whoever_writes_them(run, folders, tmp_path, monkeypatch):
    monkeypatch.setattr(helpers, "WORTH", 1)
    steps = []
    written = write_reports(*run, tmp_path, ["da", "en"], progress=lambda *step: steps.append(step), workers=2)
    assert [path.name for path in written[:4]] == [
        "101_koebenhavn_da.xlsx",
        "159_gladsaxe_da.xlsx",
        "400_bornholm_da.xlsx",
        "region_da.xlsx",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    assert [step[:2] for step in steps] == [(number, 8) for number in range(1, 9)]
    for path in written:
        assert path.read_bytes() == (folders[path.stem[-2:]] / path.name).read_bytes()
