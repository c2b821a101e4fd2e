"""Published cases of linear data reconciliation: flow networks with measured and reconciled values.

``reconciled`` are the values of the source (to its rounding, ``published_to``). ``chi2`` is the global test,
``std`` and ``z`` the standard deviations after reconciliation and the measurement tests; these follow from
the closed form ``x = y - V A' (A V A')^-1 A y`` and were recomputed with dense matrices.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedCase:
    """A network: flows as (id, from, to), what was measured, and what the source found."""

    name: str
    source: str
    flows: tuple[tuple[str, str, str], ...]
    measured: tuple[float, ...]
    std_before: tuple[float, ...]
    reconciled: tuple[float, ...]
    published_to: float
    std: tuple[float, ...]
    z: tuple[float, ...]
    chi2: float
    dof: int


DOVI_SOLISIO = PublishedCase(
    "dovi_solisio",
    "Dovi and Solisio (2001), Reconciliation of censored measurements in chemical processes: an alternative approach, Chemical Engineering Journal 84, 309-314",
    (("1", "", "N1"), ("2", "N2", "N1"), ("3", "N1", "N2"), ("4", "N2", "N3"), ("5", "N3", ""), ("6", "N3", "")),
    (
        11.0,
        9.9,
        21.25,
        11.1,
        7.0,
        3.8,
    ),
    (
        0.1788854382,
        0.161245154966,
        0.346410161514,
        0.181659021246,
        0.22803508502,
        0.122474487139,
    ),
    (
        11.029312,
        9.9571089,
        20.986421,
        11.029312,
        7.1779734,
        3.8513385,
    ),
    1e-06,
    (
        0.109548202129,
        0.147480330421,
        0.171688659664,
        0.109548202129,
        0.137370353571,
        0.110649454739,
    ),
    (
        0.207270191922,
        0.876055939028,
        0.876055939028,
        0.487804044263,
        0.977796154924,
        0.977796154924,
    ),
    1.66749248918,
    3,
)

HEAT_EXCHANGER = PublishedCase(
    "heat_exchanger",
    "Narasimhan and Jordache (2000), Data Reconciliation and Gross Error Detection, Gulf Publishing: heat exchanger with bypass",
    (("1", "", "N1"), ("2", "N1", "N2"), ("3", "N1", "N3"), ("4", "N2", "N4"), ("5", "N3", "N4"), ("6", "N4", "")),
    (
        101.91,
        64.45,
        34.65,
        64.2,
        36.44,
        98.88,
    ),
    (
        1.0,
        1.0,
        1.0,
        1.0,
        1.0,
        1.0,
    ),
    (
        100.22,
        64.5,
        35.72,
        64.5,
        35.72,
        100.22,
    ),
    1e-09,
    (
        0.57735026919,
        0.57735026919,
        0.57735026919,
        0.57735026919,
        0.57735026919,
        0.57735026919,
    ),
    (
        2.06981883265,
        0.0612372435696,
        1.31047701239,
        0.367423461417,
        0.881816307402,
        1.64115812766,
    ),
    6.4075,
    4,
)

MITSAS = PublishedCase(
    "mitsas",
    "Mitsas (2010), Data reconciliation and variable classification by null space methods, Measurement 43, 702-707",
    (
        ("1", "", "N1"),
        ("2", "N1", "N2"),
        ("3", "N1", "N3"),
        ("4", "N1", "N4"),
        ("5", "N2", "N3"),
        ("6", "N2", "N3"),
        ("7", "N2", "N3"),
        ("8", "N3", "N5"),
        ("9", "N4", "N5"),
        ("10", "N4", "N6"),
        ("11", "N5", "N6"),
        ("12", "N6", ""),
    ),
    (
        100.49,
        29.46,
        40.41,
        30.05,
        15.17,
        4.98,
        9.92,
        70.68,
        10.03,
        19.82,
        81.06,
        101.57,
    ),
    (
        1.0,
        0.3,
        0.4,
        0.3,
        0.3,
        0.1,
        0.2,
        0.7,
        0.3,
        0.4,
        0.8,
        1.0,
    ),
    (
        100.59,
        29.8,
        40.71,
        30.07,
        15.0,
        4.96,
        9.84,
        70.51,
        10.14,
        19.93,
        80.66,
        100.59,
    ),
    0.01,
    (
        0.364144004193,
        0.217881697306,
        0.312479468193,
        0.244909994706,
        0.22751168568,
        0.0976110679264,
        0.180129756864,
        0.320023669751,
        0.246774414677,
        0.280709722952,
        0.369539647856,
        0.364144004193,
    ),
    (
        0.0988343211491,
        1.65466383975,
        1.19921840756,
        0.123282191204,
        0.883584264348,
        0.883584264348,
        0.883584264348,
        0.271958406887,
        0.679909334325,
        0.369776075201,
        0.56843208644,
        1.06078184398,
    ),
    3.89134713713,
    6,
)

CASES = (DOVI_SOLISIO, HEAT_EXCHANGER, MITSAS)
