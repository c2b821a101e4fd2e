"""Folders and files that are whole or not there: written beside their place and moved into it at the end.

What is not whole yet lies in a hidden folder beside, ``.NAME-xxxxxxxx``, that its writer has locked. A writer that is killed
leaves it there without the lock; the next one to the same place clears it away, and puts back what it had
moved aside. Of two that write to one place at once the last one stands; both are whole.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mfa.locks import Lock, Locked

LOCK, NEW, OLD = "lock", "new", "old"
MOST_TRIES = 20
"""How often a place that is taken meanwhile is tried again."""
LONGEST = 60
"""Letters of a name that the hidden folder repeats: with what is added no disk finds it too long."""


@contextmanager
def whole(target: Path, *, replace: bool = True) -> Iterator[Path]:
    """Give an empty folder to fill, which stands at ``target`` at the end; what stood there is gone then.

    Without ``replace`` a place that holds anything is left alone. Raises ``OSError`` with the path as the user knows
    it; then everything is as it was.
    """
    with waiting(target) as place:
        new = place / NEW
        new.mkdir()
        yield new
        _move(new, target, place if replace else None)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a place to write one file, which stands at ``target`` at the end; what stood there is gone then.

    A link is replaced and not written through; a file that is replaced leaves its mode to the new one. Raises
    ``OSError`` with the path as the user knows it (a full disk, a file that is open elsewhere); then everything is as it was.
    """
    with waiting(target) as place:
        new = place / NEW
        yield new
        if target.is_file():
            with suppress(OSError):  # some disks know no modes
                new.chmod(target.stat().st_mode & 0o777)
        new.replace(target)


@contextmanager
def waiting(target: Path, suffix: str = "", told: Path | None = None) -> Iterator[Path]:
    """Give a folder beside ``target`` for what waits to be whole; it is gone afterwards.

    Errors of the system that are about what is in it name ``target`` instead, or ``told``.
    """
    clear(target)
    with _told_of(target, target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        place, lock = _locked(target, suffix)
    try:
        with _told_of(told or target, place):
            yield place
    finally:
        lock.release()
        # What was moved aside and could not be put back stays until the next writer does it.
        if target.exists() or not (place / OLD).exists():
            shutil.rmtree(place, ignore_errors=True)


def clear(target: Path) -> None:
    """Clear away what writers that were killed have left beside ``target``; what is being written is left alone."""
    ours = re.compile(re.escape(_prefix(target)) + r"[a-z0-9_]{8}(\.[a-z]+)?")
    try:
        left = [Path(entry.path) for entry in os.scandir(standing(target)) if ours.fullmatch(entry.name)]
    except OSError:
        return
    for place in left:
        if place.is_symlink():
            continue
        if not (place / LOCK).is_file():
            with suppress(OSError):
                place.rmdir()  # only if it is empty: it was just made
            continue
        with suppress(OSError, Locked), Lock(place / LOCK) as lock:
            if not lock.sure:
                continue
            if (place / OLD).is_dir() and not target.exists():
                # It was killed between moving aside what stood here and moving in what was to stand here.
                (place / OLD).rename(target)
            if os.name == "nt":
                lock.release()  # what is open cannot be removed there
            # Elsewhere the lock is held to the end, so that nobody takes the folder for one of its own meanwhile.
            shutil.rmtree(place, ignore_errors=True)


def probe(target: Path) -> None:
    """Raise ``OSError`` if nothing can be written where ``target`` is to be.

    Asking for permission is not enough on every system: a folder is made and taken away.
    """
    made = Path(tempfile.mkdtemp(dir=standing(target), prefix=_prefix(target)))
    with suppress(FileNotFoundError):
        made.rmdir()  # another writer to the same place may have cleared it away


def standing(target: Path) -> Path:
    """Return the nearest folder above ``target`` that is there."""
    return next((folder for folder in target.parents if folder.exists()), Path(target.anchor))


def _prefix(target: Path) -> str:
    return f".{target.name[:LONGEST]}-"


def _locked(target: Path, suffix: str) -> tuple[Path, Lock]:
    """Return a new folder beside ``target`` and its lock."""
    while True:
        place = Path(tempfile.mkdtemp(dir=target.parent, prefix=_prefix(target), suffix=suffix))
        with suppress(Locked, FileNotFoundError):
            lock = Lock(place / LOCK)
            # Between making and locking it somebody may have taken it for one that was left.
            if (place / LOCK).exists():
                return place, lock
            lock.release()
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _told_of(target: Path, hidden: Path) -> Iterator[None]:
    """Tell of the user's folder where an error of the system is about a hidden one, or of no file at all."""
    try:
        yield
    except OSError as error:
        named = error.filename2 or error.filename
        if error.errno is None or (named and not str(named).startswith(str(hidden))):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error


def _move(new: Path, target: Path, aside: Path | None) -> None:
    """Move a folder into place; what was there is put aside, and back if the new one does not get there."""
    for tried in range(MOST_TRIES):
        try:
            if os.name == "nt" and target.is_dir() and not any(target.iterdir()):
                target.rmdir()
            new.rename(target)
            return
        except OSError as error:
            # It is taken, or was by another writer a moment ago.
            if aside is None or not (_taken(error) or target.exists()) or tried == MOST_TRIES - 1:
                raise
        old = aside / (f"{OLD}{tried}" if tried else OLD)
        with suppress(FileNotFoundError):
            target.rename(old)
        try:
            new.rename(target)
            return
        except OSError as error:
            if not _taken(error) and old.exists():
                with suppress(OSError):
                    old.rename(target)
                raise


def _taken(error: OSError) -> bool:
    return error.errno in {errno.ENOTEMPTY, errno.EEXIST}
