"""What is proven when: the Capital Region's plan, with the bound and the best plan as the search goes on.

Run with ``python -m benchmarks.search [gap] [seconds]``. Prints a line whenever plan or bound moved, then gap,
certificate and times of the parts. Seconds are those of the machine that it runs on, nothing else beside it.
"""

from __future__ import annotations

import sys
import time

import mfa
from models.planner import Planner


def main(gap: float = 0.003, seconds: float = 600.0) -> None:
    """Plan the Capital Region and print what is proven when."""
    begun = time.perf_counter()
    shown = ""

    def tell(words: str, part: float) -> None:
        nonlocal shown
        if words == shown:
            return
        shown = words
        proven = ""
        if words.count(" ") == 2:
            objective, bound = map(float, words.split()[1:])
            proven = f"  gap {100 * (objective - bound) / objective:.2f} %"
        print(f"{time.perf_counter() - begun:7.1f} s  {words}{proven}", flush=True)

    planner = Planner(mfa.capital_region(), progress=tell)
    info = planner.plan(gap=gap, time_limit=seconds).info
    print(
        f"{info['status']}: {info['objective'] / 1e6:,.1f} M, proven gap {100 * info['gap']:.2f} % ({info['bound_of']})"
    )
    print(f"certificate {info['certificate']}, times {info['times']}")


if __name__ == "__main__":
    main(*(float(value) for value in sys.argv[1:3]))
