"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from mfa.words import Speaker

WIDTH = 24
SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """Shows how far work has come, on standard error.

    Called with (words, part from 0 to 1) or (done, all, words).
    """

    def __init__(self, title: str, speak: Speaker, quiet: bool = False, stream: TextIO | None = None) -> None:
        """Keep where to write; ``quiet`` shows nothing."""
        self.title, self.speak, self.quiet = title, speak, quiet
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        self.started = self.last = time.monotonic()
        self.stage = ""
        self.open = False
        self.first: tuple[float, float] | None = None

    def __call__(self, *values: object) -> None:
        """Show a step."""
        if self.quiet:
            return
        if len(values) == 3:
            done, whole, words = values
            part = float(done) / max(float(whole), 1.0)  # type: ignore[arg-type]
            text = f"{words} ({done}/{whole}{self._left(float(done), float(whole))})".lstrip()  # type: ignore[arg-type]
        else:
            words, share = values[0], values[1] if len(values) > 1 else 0.0
            part = float(share)  # type: ignore[arg-type]
            text = self._words(str(words))
        if self.terminal:
            self._bar(text, part)
        else:
            self._line(text, part)

    def _left(self, done: float, whole: float) -> str:
        """Return what time is left at the pace since the first thing that was done."""
        now = time.monotonic()
        if self.first is None:
            self.first = (now, done)
        begun, before = self.first
        if done <= before or done >= whole:
            return ""
        seconds = (now - begun) / (done - before) * (whole - done)
        minutes, hours = seconds / 60, seconds / 3600
        text = f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if hours < 2 else f"{hours:.1f} h"
        return ", " + self.speak("time_left", time=text)

    def _words(self, text: str) -> str:
        """Return a step in the language; the best plan and its bound are told as a gap."""
        first, *rest = text.split(" ")
        said = self.speak.known(first)
        if len(rest) == 2 and first == "search":
            best, bound = map(float, rest)
            gap = self.speak.percent((best - bound) / abs(best) if best else None, 2)
            return f"{said}: {self.speak('best', best=self.speak.number(best, 1), gap=gap)}"
        return " ".join((said, *rest))

    def _bar(self, text: str, part: float) -> None:
        filled = round(WIDTH * min(max(part, 0.0), 1.0))
        seconds = time.monotonic() - self.started
        line = f"{self.title:<9} [{'#' * filled}{'.' * (WIDTH - filled)}] {100 * part:3.0f} % {seconds:4.0f} s  {text}"
        self.stream.write("\r" + line[:110].ljust(110))
        self.stream.flush()
        self.open = True

    def _line(self, text: str, part: float) -> None:
        now = time.monotonic()
        stage = text.partition(":")[0]
        if stage == self.stage and now - self.last < SECONDS_BETWEEN_LINES and part < 1:
            return
        self.stage, self.last = stage, now
        self.stream.write(f"{self.title}: {text} ({100 * part:.0f} %, {now - self.started:.0f} s)\n")
        self.stream.flush()

    def close(self) -> None:
        """End the bar's line."""
        if self.open:
            self.stream.write("\n")
            self.stream.flush()
            self.open = False
