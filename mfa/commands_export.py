"""The command that exports a run, and the layout that report writes to begin with."""

from __future__ import annotations

import argparse
import os

from mfa.api_layout import layout_example
from mfa.cli import DONE, show_json
from mfa.exports import export as write_export
from mfa.words import Speaker, say


def export(options: argparse.Namespace, speak: Speaker) -> int:
    """Write a run for other programs."""
    paths = write_export(options.run, options.format, options.out)
    if options.json:
        show_json({"ok": True, "files": [str(path) for path in paths]})
    elif not options.quiet:
        folder = os.path.commonpath([path.parent for path in paths])
        say(speak("exported", count=len(paths), folder=folder))
    return DONE


def write_example(options: argparse.Namespace, speak: Speaker) -> int:
    """Write a layout to begin with."""
    path = layout_example(options.layout_example, speak.language)
    if options.json:
        show_json({"ok": True, "file": str(path)})
    elif not options.quiet:
        say(speak("written", file=path))
    return DONE
