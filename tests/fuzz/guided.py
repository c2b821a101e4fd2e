"""Fuzzing with the coverage of the product as guide, by atheris (libFuzzer): for minutes or nights, not for every test run.

    pip install -e .[dev,fuzz]
    python -m tests.fuzz.guided sheets -max_total_time=600 -rss_limit_mb=1024 -timeout=20

The first word is a harness of ``tests/fuzz/harnesses.py``, the rest goes to libFuzzer. Inputs that are worth keeping go
to a folder named after them (``-artifact_prefix=`` for those that fail). What is found is mended and its bytes are put
into ``FOUND`` of ``tests/fuzz/test_fuzz.py``.
"""

from __future__ import annotations

import sys
import warnings


def main() -> None:
    """Run one harness until libFuzzer ends it."""
    # Neither is imported where tests are only collected: atheris need not be installed.
    import atheris

    with atheris.instrument_imports(include=["flows", "mfa", "reports"]):
        from tests.fuzz.harnesses import HARNESSES

    name, *options = sys.argv[1:] or [""]
    if name not in HARNESSES:
        sys.exit(f"one of: {', '.join(HARNESSES)}")
    warnings.simplefilter("ignore")
    atheris.Setup([sys.argv[0], *options], HARNESSES[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
