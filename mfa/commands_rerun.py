"""The command that repeats a run: a thin call of the public function, and what came of it in words."""

from __future__ import annotations

import argparse

from mfa.api_rerun import rerun as run_again
from mfa.cli import DONE, UNSOLVED, show_json
from mfa.progress import ProgressBar
from mfa.words import Speaker, say


def rerun(options: argparse.Namespace, speak: Speaker) -> int:
    """Repeat a run and say table by table whether it is the same."""
    bar = ProgressBar(speak("step_rerun"), speak, quiet=options.quiet or options.json)
    try:
        found = run_again(options.run, options.out, decisions=options.decisions, progress=bar)
    finally:
        bar.close()
    code = DONE if found.same else UNSOLVED
    if options.json:
        show_json(
            {
                "ok": found.same,
                "exit_code": code,
                "how": found.how,
                "sentences": found.sentences(speak.language),
                "unlike": {name: list(values) for name, values in found.unlike.items()},
                "tables": found.tables.to_dict("records"),
                "folder": found.run.folder,
            }
        )
        return code
    for line in found.sentences(speak.language):
        say(line)
    for row in found.tables.to_dict("records"):
        table = "/".join(part for part in (row["run"], row["table"]) if part)
        if row["state"] not in {"equal", "kept"}:
            told = {**row, "table": table, "largest": f"{row['largest']:.3g}"}
            say(speak(f"rerun_table_{row['state']}", **told))
        elif options.verbose:
            say(f"  {table}: {row['state']}")
    if found.run.folder is not None and not options.quiet:
        say(speak("run", folder=found.run.folder))
    return code
