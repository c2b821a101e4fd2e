"""What the system says of files and disks, in the user's words."""

from __future__ import annotations

import errno
import os
from itertools import islice
from pathlib import Path

from mfa.words import Speaker, SpokenError

NAMES = {
    "full": ("ENOSPC", "EDQUOT"),
    "too_large": ("EFBIG",),
    "read_only": ("EROFS",),
    "denied": ("EACCES", "EPERM", "EBUSY", "ETXTBSY"),
    "missing": ("ENOENT",),
    "there": ("EEXIST", "ENOTEMPTY"),
    "folder": ("EISDIR",),
    "no_folder": ("ENOTDIR",),
    "name": ("ENAMETOOLONG",),
    "disk": ("EIO",),
    "many": ("EMFILE", "ENFILE"),
}
MEANINGS = {getattr(errno, name): meaning for meaning, names in NAMES.items() for name in names if hasattr(errno, name)}
MOST_LOOKED_AT = 10_000
"""Files of a folder among which one that is open elsewhere is looked for."""


class Fault(SpokenError):
    """Why something could not be read or written."""

    def __init__(self, error: OSError) -> None:
        """Find the words for an error of the system; it keeps its own where there are none."""
        self.error = error
        self.path = error.filename2 or error.filename or ""
        meaning = MEANINGS.get(error.errno or 0)
        opened = _open_elsewhere(Path(os.fsdecode(self.path))) if meaning == "denied" and self.path else ""
        if opened:
            super().__init__("fault_open", file=opened)
        elif meaning is not None:
            super().__init__(f"fault_{meaning}")
        else:
            super().__init__("as_it_is", text=error.strerror or str(error))

    def line(self, speak: Speaker) -> str:
        """Return the place and what is wrong with it."""
        path = os.fsdecode(self.path) if isinstance(self.path, bytes) else str(self.path)
        return speak("usage_path", path=path, reason=self.text(speak)) if path else self.text(speak)


def _open_elsewhere(path: Path) -> str:
    """Return the name of a file at or in ``path`` that an office program says it has open, '' if there is none.

    Excel puts ``~$NAME`` beside what it has open, LibreOffice ``.~lock.NAME#``.
    """
    try:
        if path.is_dir():
            names = islice((name for _, _, files in os.walk(path) for name in files), MOST_LOOKED_AT)
            return next((found for name in names if (found := _locked_by(name))), "")
        beside = {_locked_by(entry.name) for entry in os.scandir(path.parent)}
    except OSError:
        return ""
    return path.name if path.name in beside else ""


def _locked_by(name: str) -> str:
    """Return the file that a mark of an office program is of.

    >>> _locked_by("~$plan.xlsx"), _locked_by(".~lock.plan.xlsx#"), _locked_by("plan.xlsx")
    ('plan.xlsx', 'plan.xlsx', '')
    """
    if name.startswith("~$"):
        return name[2:]
    return name[7:-1] if name.startswith(".~lock.") and name.endswith("#") else ""
