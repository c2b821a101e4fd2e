"""The case workbook: reading, writing and marking it."""

from __future__ import annotations

from mfa.workbook_mark import write_annotated
from mfa.workbook_read import Reading, read_case, read_workbook
from mfa.workbook_write import empty_case, write_case, write_case_object

__all__ = [
    "Reading",
    "empty_case",
    "read_case",
    "read_workbook",
    "write_annotated",
    "write_case",
    "write_case_object",
]
