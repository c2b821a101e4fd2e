"""Capture of every scheme: what share of a fraction goes into which stream.

Today's capture is what the national statistics imply; another scheme moves it, either to the central
value of its source or by a shift on the logit scale, and always within the range of the source:

    logit(new) = logit(today) + logit(scheme in the source) - logit(today's scheme in the source)

Nothing is raised to reach a target. The scheme of 2011 is today's, shifted so that the sector has the
rate that was published for 2011.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import pandas as pd

from data.facts import facts

CAP = 0.97
WHOLE = ("sludge", "ash_slag", "asphalt", "ballast_stone", "soil")
"""Fractions that arise apart and are never found in mixed waste."""
TODAY_RANGE = 0.4
"""Half width of the range of today's capture on the logit scale."""
NOT_SHIFTED = (*WHOLE, "hazardous_other", "inert_misc", "misc_combustible", "wood_impregnated")
EXITS = ("reuse", "direct_reuse", "prevented", "by_product")
HIGHEST = 0.995


def logit(share: float) -> float:
    """Return the log odds of a share."""
    return math.log(share / (1.0 - share))


def expit(value: float) -> float:
    """Return the share that has these log odds."""
    return 1.0 / (1.0 + math.exp(-value))


@dataclass(frozen=True)
class Share:
    """A share with its range, source and status."""

    central: float
    low: float
    high: float
    source: str
    status: str = "assumed"

    def scaled(self, factor: float) -> Share:
        """Return the share times a factor."""
        return Share(self.central * factor, self.low * factor, self.high * factor, self.source, self.status)


def today(group: str, fraction: str, captures: pd.DataFrame) -> Share:
    """Return today's capture of a fraction: implied by the statistics, at most ``CAP``."""
    if fraction in WHOLE:
        return Share(1.0, 1.0, 1.0, "arises apart")
    row = captures.loc[(group, fraction)]
    central = min(float(row["capture"]), CAP)
    if central <= 0.0:
        return Share(0.0, 0.0, 0.0, str(row["source"]), str(row["status"]))
    low, high = expit(logit(central) - TODAY_RANGE), expit(logit(central) + TODAY_RANGE)
    return Share(central, low, high, str(row["source"]), str(row["status"]))


def moved(base: Share, effects: pd.DataFrame) -> Share:
    """Return the capture under a scheme whose effects on one fraction are given."""
    main = effects[effects["measure"].isin(["capture", "shift"])]
    if main.empty or base.central <= 0.0 or base.central >= 1.0:
        return base
    row = main.iloc[0]
    if row["measure"] == "capture":
        if base.central >= float(row["high"]):
            return base
        central = max(base.central, float(row["central"]))
        low, high = min(float(row["low"]), central), float(row["high"])
    else:
        central, low, high = (expit(logit(base.central) + float(row[name])) for name in ("central", "low", "high"))
        central, low, high = (max(base.central, min(value, CAP)) for value in (central, low, high))
    return Share(central, min(low, central), max(high, central), str(row["source"]))


Place = tuple[str, str, str, str]


def _split(
    splits: dict[Place, list[tuple[str, float]]], part: str, scheme: str, group: str, fraction: str
) -> list[tuple[str, float]]:
    """Return streams of a captured or remaining part with their shares; the last takes the rest."""
    for wanted in (
        (part, scheme, group, fraction),
        (part, "", group, fraction),
        (part, "", group, ""),
        (part, "", "", fraction),
        (part, "", "", ""),
    ):
        if wanted in splits:
            given = [(stream, share) for stream, share in splits[wanted] if not math.isnan(share)]
            rest = [stream for stream, share in splits[wanted] if math.isnan(share)]
            return [*given, (rest[0], 1.0 - sum(share for _, share in given))]
    raise KeyError((part, scheme, group, fraction))


@dataclass(frozen=True, eq=False)
class CaptureFacts:
    """The source tables from which capture is made."""

    captures: pd.DataFrame
    effects: pd.DataFrame
    splits: dict[Place, list[tuple[str, float]]]
    impurities: pd.DataFrame

    @classmethod
    @cache
    def read(cls) -> CaptureFacts:
        """Read the source tables, once."""
        splits: dict[Place, list[tuple[str, float]]] = {}
        for row in facts("stream_split", ("share",)).itertuples(index=False):
            place = (str(row.part), str(row.scheme), str(row.group), str(row.fraction))
            splits.setdefault(place, []).append((str(row.stream), float(row.share)))
        return cls(
            facts("capture_today_2022", ("capture",)).set_index(["group", "fraction"]),
            facts("scheme_effects", ("central", "low", "high")),
            splits,
            facts("impurities", ("share", "low", "high")),
        )

    def fractions(self, group: str) -> list[str]:
        """Return the fractions that a group has, in the order of the source."""
        found = [fraction for place, fraction in self.captures.index if place == group]
        return [*found, "soil"] if group == "construction_demolition" else found


@cache
def _own(kind: str, group: str, fraction: str) -> tuple[Share, pd.DataFrame, pd.DataFrame]:
    """Return main capture, streams that leave the waste and impurities of a fraction under a kind of scheme."""
    source = CaptureFacts.read()
    effects = source.effects[
        (source.effects["scheme"] == kind)
        & (source.effects["group"] == group)
        & (source.effects["fraction"] == fraction)
    ]
    stray = source.impurities[(source.impurities["group"] == group) & (source.impurities["fraction"] == fraction)]
    main = moved(today(group, fraction, source.captures), effects)
    return main, effects[effects["measure"].isin(EXITS)], stray


def capture_rows(
    source: CaptureFacts, scheme: str, kind: str, group: str, shift: float = 0.0
) -> list[dict[str, object]]:
    """Return the rows of the capture sheet of one scheme.

    ``kind`` names the effects that apply; ``shift`` moves the captured share of every fraction that
    calibration may move. The remaining mixed stream is a blank share.
    """
    rows: list[dict[str, object]] = []
    for fraction in source.fractions(group):
        main, exits, stray = _own(kind, group, fraction)
        # Power plants and sewage works have little else than ash and sludge: their past is told by these.
        apart = fraction in WHOLE and group == "utilities"
        if shift and apart:
            main = Share(CAP, CAP, CAP, main.source)
        if shift and (apart or fraction not in NOT_SHIFTED) and 0.0 < main.central < 1.0:
            central, low, high = (expit(logit(value) + shift) for value in (main.central, main.low, main.high))
            main = Share(central, low, high, "today's capture shifted to the rate published for 2011")
        left = 1.0 - float(exits["central"].sum())
        found: list[tuple[str, Share]] = [
            (row.measure, Share(row.central, row.low, row.high, row.source)) for row in exits.itertuples()
        ]
        captured = _split(source.splits, "captured", kind, group, fraction)
        if main.central >= 1.0 and not len(exits):
            rows.append(_row(scheme, fraction, captured[-1][0], None))
            continue
        found += [(stream, main.scaled(left * share)) for stream, share in captured if share * main.central > 0.0]
        found += [
            (row.stream, Share(row.share, row.low, row.high, row.source).scaled(left)) for row in stray.itertuples()
        ]
        remaining = 1.0 - sum(share.central for _, share in found)
        mixed = _split(source.splits, "rest", kind, group, fraction)
        if main.central >= 1.0:
            rows += [_row(scheme, fraction, stream, share) for stream, share in found[:-1]]
            rows.append(_row(scheme, fraction, found[-1][0], None))
            continue
        fixed = [(stream, remaining * share) for stream, share in mixed[:-1]]
        found = _joined(found)
        found = _within(found, HIGHEST - sum(share for _, share in fixed))
        rows += [_row(scheme, fraction, stream, share) for stream, share in found]
        rows += [_row(scheme, fraction, stream, Share(share, math.nan, math.nan, "rest")) for stream, share in fixed]
        rows.append(_row(scheme, fraction, mixed[-1][0], None))
    return _merged(rows)


def _joined(found: list[tuple[str, Share]]) -> list[tuple[str, Share]]:
    """Add up shares that go into the same stream."""
    sums: dict[str, Share] = {}
    for stream, share in found:
        if stream in sums:
            old = sums[stream]
            share = Share(old.central + share.central, old.low + share.low, old.high + share.high, old.source)
        sums[stream] = share
    return list(sums.items())


def _within(found: list[tuple[str, Share]], room: float) -> list[tuple[str, Share]]:
    """Lower high ends in proportion so that together they fit into ``room``."""
    centre = sum(share.central for _, share in found)
    spread = sum(share.high - share.central for _, share in found)
    if centre + spread <= room or spread <= 0.0:
        return found
    factor = max(room - centre, 0.0) / spread
    return [
        (stream, Share(share.central, share.low, share.central + (share.high - share.central) * factor, share.source))
        for stream, share in found
    ]


def _row(scheme: str, fraction: str, stream: str, share: Share | None) -> dict[str, object]:
    row: dict[str, object] = {"scheme": scheme, "fraction": fraction, "stream": stream, "status": "assumed"}
    if share is None:
        return {**row, "source": "what the other streams leave"}
    row["share"] = round(share.central, 6)
    if not math.isnan(share.low):
        row["low"], row["high"] = round(share.low, 6), round(share.high, 6)
    row["source"] = share.source
    return row


def _merged(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Let the blank rest take over rows that go into its own stream."""
    blank = {(row["fraction"], row["stream"]) for row in rows if "share" not in row}
    return [row for row in rows if "share" not in row or (row["fraction"], row["stream"]) not in blank]
