"""The house style: colours, number formats, page set-up. Text on any fill has a contrast of at least 4.5 to 1."""

from __future__ import annotations

from typing import Any

FONT = "Arial"
INK = "#1F2933"
MUTED = "#52606D"
HEAD = "#1B4D5C"
HEAD_TEXT = "#FFFFFF"
BAND = "#EEF3F5"
MARK = "#FFF3C4"
RULE = "#9FB3C8"

NUMBER_FORMATS = {
    "text": "@",
    "whole": "#,##0",
    "one": "#,##0.0",
    "two": "#,##0.00",
    "tonnes": "#,##0",
    "kilos": "#,##0",
    "money": "#,##0",
    "percent": "0.0 %",
    "change": "+0.0 %;-0.0 %;0.0 %",
    "points": "+0.0;-0.0;0.0",
    "year": "0",
    "km": "#,##0.0",
    "score": "0.0E+00",
}
"""Excel's own codes; the reader's Excel shows them with the reader's separators."""

VARIANT_COLOURS = {"today": "#7B8794", "reference": "#C05621", "plan": "#1B4D5C", "target": "#B3261E"}

TREATMENT_COLOURS = {
    "prevention": "#5B3F8C",
    "preparing_for_reuse": "#B38600",
    "recycling": "#1B7F79",
    "other_material_recovery": "#7A8B2A",
    "energy_recovery": "#C05621",
    "landfill": "#4A4A4A",
    "process_loss": "#8A6FA8",
}

MATERIAL_COLOURS = {
    "food": "#6B8E23",
    "garden": "#3C7A3C",
    "paper": "#4F81BD",
    "cardboard": "#A9744F",
    "glass": "#2A9D8F",
    "plastic": "#B5478B",
    "metal": "#6C7A89",
    "carton": "#8E6BBF",
    "wood": "#8B5A2B",
    "textile": "#C2577A",
    "electronics": "#37474F",
    "hazardous": "#B3261E",
    "mineral": "#998A77",
    "sludge": "#5D4E37",
    "soil": "#7B5E43",
    "other": "#7F8C99",
}
"""One colour for each material, in every picture."""

SERIES_COLOURS = ("#1B4D5C", "#C05621", "#1B7F79", "#7A8B2A", "#8A6FA8", "#4F81BD", "#8B5A2B", "#4A4A4A", "#B5478B")


def cell_format(**changes: Any) -> dict[str, Any]:
    """Return the properties of a cell format, with the house font and colours."""
    return {"font_name": FONT, "font_scheme": "none", "font_size": 10, "font_color": INK, "valign": "top", **changes}


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.1, relative luminance).

    >>> round(contrast("#000000", "#FFFFFF"), 1)
    21.0
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
