"""A lock of the operating system on a file: it goes with the process that holds it, however that ends.

So a run that was killed leaves nothing locked. It is ``flock`` where there is one and ``LockFile`` on Windows, both by the
standard library; a disk that knows no locks (some network disks) is told apart from one where the lock is taken.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import TracebackType

TAKEN = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK})
"""What a system says of a lock that somebody else holds."""


class Locked(Exception):
    """Somebody else holds the lock."""


class Lock:
    """A lock that is held until :meth:`release`, the end of a ``with`` block or the end of the process.

    ``sure`` is False where the disk knows no locks: then nobody is kept out.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock on a file, which is made if it is not there. Raises :class:`Locked` or ``OSError``."""
        self.path, self.sure = path, True
        self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(self._handle)
        except OSError as error:
            if error.errno in TAKEN:
                self.release()
                raise Locked(str(path)) from error
            self.sure = False

    def release(self) -> None:
        """Let go of the lock; the file stays."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Lock:
        """Return the lock, which is held already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
