"""The command that shows a run as a page: a thin call of the public function."""

from __future__ import annotations

import argparse

from mfa.api_view import view as show
from mfa.cli import DONE, show_json
from mfa.words import Speaker, say

Options = argparse.Namespace


def view(options: Options, speak: Speaker) -> int:
    """Write the page of a run."""
    path = show(options.run, options.out, options.lang, options.open)
    if options.json:
        show_json({"ok": True, "page": str(path), "bytes": path.stat().st_size})
    elif not options.quiet:
        say(speak("page_written", file=path))
    return DONE
