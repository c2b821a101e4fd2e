"""The case workbook: reading, writing and marking it."""

from __future__ import annotations

from mfa.workbook_write import empty_case, write_case, write_case_object

__all__ = ["empty_case", "write_case", "write_case_object"]
