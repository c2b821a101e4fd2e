"""The case of the Capital Region, built once for all tests of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from data.build import build
from flows.case import Case

Built = tuple[dict[str, Any], dict[str, pd.DataFrame]]


@pytest.fixture(scope="session")
def built() -> Built:
    return build()


@pytest.fixture(scope="session")
def case(built: Built) -> Case:
    return Case.from_tables(*built)
