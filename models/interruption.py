"""Ctrl-C during a search: the first one ends it with the best plan so far, the second one ends everything at once.

Only a search that asks for it (:func:`deferred`) is ended that way, and only in the main thread, which is where Python
handles signals; elsewhere Ctrl-C stays what it is. Signals are of the whole process, and so is what is kept here.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_asked = threading.Event()


def asked() -> bool:
    """Tell whether the search that is under way is to end."""
    return _asked.is_set()


@contextmanager
def deferred() -> Iterator[threading.Event]:
    """Let the first Ctrl-C only set the event that is given; a second one raises :class:`KeyboardInterrupt`."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Another program's way with Ctrl-C is left alone.
        yield threading.Event()
        return

    def stop(number: int, frame: Any) -> None:
        if _asked.is_set():
            raise KeyboardInterrupt
        _asked.set()

    _asked.clear()
    signal.signal(signal.SIGINT, stop)
    told = threading.Event()
    try:
        yield told
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if _asked.is_set():
            told.set()
        _asked.clear()
