"""Laws are tried on the same examples every time (``HYPOTHESIS_PROFILE=random`` looks for new ones); and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

LONG = (
    "test_capital_region",
    "test_howtos",
    "test_faults",
    "test_sweep",
    "test_rerun",
    "test_case",
    "test_stochastic",
    "test_by_hand_schemes",
    "test_other_world",
    "test_cli",
    "test_robust",
    "test_blocks",
)
"""Files whose tests take a minute and more: begun first, so that no process has much left when the other is done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long first; the order is otherwise that of the folders."""
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
SCREEN = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return Chromium; the test is skipped where there is none."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    try:
        started = sync.sync_playwright().start()
    except Exception as error:
        pytest.skip(f"playwright does not start: {error}")
    try:
        # Where root runs it, as in CI, Chromium has no sandbox; the page is our own.
        found = started.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
    except sync.Error as error:
        started.stop()
        pytest.skip(f"there is no Chromium to click in: {error.message.splitlines()[0]}")
    yield found
    found.close()
    started.stop()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """Open pages and see at the end that nothing failed and nothing was asked for."""
    pages: list[Any] = []
    failed: list[str] = []
    asked: list[str] = []

    def opened(address: str, screen: dict[str, int] | None = None) -> Any:
        page = browser.new_page(viewport=screen or SCREEN)
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on(
            "console", lambda message: failed.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert failed == []
    assert all(url.startswith("file:") and url.endswith(".html") for url in asked) and len(asked) == len(pages)
