"""Rate methods: what counts as recycled, and what it is divided by.

A method is one function that says which part of each row of ``flows`` counts; :data:`METHODS` lists them
with their denominators and the waste they look at. A new method is one function and one entry there.

Sources: Commission Implementing Decision (EU) 2019/1004 (calculation points, bio-waste, metals from
incineration); Commission Decision 2011/753/EU (methods 1 to 4); the Danish resource strategy of 2013;
Statistics Denmark, LABY24/25 (collected). How certain their wording is stands with each method.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flows.paths import BURNT, COLLECTED, DEPOSITED, ENTERED, HERE, LOST, RECOVERED, RECYCLED, Flags, Floats, Paths

FIRST_YEAR_WITHOUT_MIXED_BIOWASTE = 2027
"""(EU) 2019/1004 Article 4: from 1 January 2027 bio-waste counts only if collected apart."""

RECYCLED_ENDS = ("recycling", "preparing_for_reuse")
RECOVERED_ENDS = (*RECYCLED_ENDS, "other_material_recovery")
EU_1_MATERIALS = ("paper", "cardboard", "metal", "plastic", "glass")
EU_2_MATERIALS = (*EU_1_MATERIALS, "food", "garden", "carton", "wood", "textile", "electronics")
EU_3_EXCLUDED = ("mineral", "sludge", "soil")
FOCUS_MATERIALS = ("food", "paper", "cardboard", "glass", "plastic", "metal", "wood")


def _counts(paths: Paths) -> Flags:
    return paths.waste & paths.in_rate


def _prepared(paths: Paths) -> Flags:
    """Return rows straight from the source to preparing for reuse."""
    return np.asarray(paths.first & (paths.end == "preparing_for_reuse"))


def generated(paths: Paths) -> Floats:
    """Return the denominator: all primary waste of fractions that are in rates.

    Counted at the source; what never became waste (prevented, direct reuse, by-products) is out. Imports,
    rejects, ash and sludge of our own plants are not primary waste and never stand here.
    """
    return np.where(paths.first & _counts(paths), paths.mass, 0.0)


def _collected(paths: Paths, flag: int, ends: Sequence[str]) -> Floats:
    whole = ((paths.after & flag) > 0) & ((paths.before & flag) == 0)
    open_end = (paths.before & (flag | LOST)) == 0
    delivered = ~paths.first & np.isin(paths.end, ends) & open_end
    return np.where((whole | delivered | _prepared(paths)) & _counts(paths), paths.mass, 0.0)


def collected(paths: Paths) -> Floats:
    """Return what is collected for recycling and other material recovery.

    The whole separate stream whose first treatment is one of the two, impurities and later losses
    included. Of a stream that is sorted first (a mixed one, or a separate one sent to a technology
    ``sorting``) only outputs that go on to recycling or other material recovery, whole. What comes out
    of an incinerator never counts, slag and its metals included. Preparing for reuse counts.

    The sense of the strategy's 51 % in 2011 and of Statistics Denmark's LABY25 (treatment code GENANV,
    which includes other final material recovery; reported).
    """
    return _collected(paths, COLLECTED, RECOVERED_ENDS)


def collected_recycling_only(paths: Paths) -> Floats:
    """Return what is collected for recycling: as :func:`collected` without other material recovery.

    A separate stream whose first treatment is other material recovery (backfill, road) is out, and so is
    what leaves that treatment.
    """
    # Rubble that is crushed for road and of which a plant later recycles a part has been recovered first.
    allowed = (paths.before & RECOVERED) == 0
    return np.where(allowed, _collected(paths, RECYCLED, RECYCLED_ENDS), 0.0)


def _final_recycling(paths: Paths) -> tuple[Flags, Flags]:
    """Return rows that enter a treatment with its calculation point on entry, and rows delivered to recycling.

    Out: other material recovery first, what is deposited, and of what is burnt all but the metals. A tonne
    counted on entry is not counted again when its products are delivered.
    """
    on_entry = ((paths.after & HERE) > 0) & _counts(paths)
    burnt = (paths.before & BURNT) > 0
    allowed = np.where(burnt, paths.metal, (paths.before & RECOVERED) == 0)
    blocked = (paths.before & (DEPOSITED | ENTERED)) > 0
    end = np.isin(paths.end, RECYCLED_ENDS) & (~paths.first | (paths.end == "preparing_for_reuse"))
    return on_entry, end & allowed & ~blocked & _counts(paths)


def calculation_point(paths: Paths) -> Floats:
    """Return what passes the calculation point of Implementing Decision (EU) 2019/1004.

    Deliveries to recycling less what is lost before the point (Annex I names the point per material;
    article 1(e) and 3). Bio-waste counts on entry to its treatment less what is removed mechanically, moisture
    and gas not deducted (article 4; reported), and from 2027 only if collected apart. Metals
    separated after incineration count with the origin's share of the metal itself (article 5 and Annex
    III; principle reported, formula recalled). Other material recovery is out.
    """
    on_entry, delivered = _final_recycling(paths)
    mass = np.where(on_entry, paths.mass * (1.0 - paths.removed), 0.0)
    mass += np.where(delivered, paths.mass * (1.0 - paths.loss_before_point), 0.0)
    too_late = paths.mixed & paths.biowaste & (paths.year >= FIRST_YEAR_WITHOUT_MIXED_BIOWASTE)
    return np.where(too_late, 0.0, mass)


def secondary_material(paths: Paths) -> Floats:
    """Return what leaves the recyclers: deliveries to recycling less both losses.

    Of a treatment that counts on entry (compost, digestate) the outputs of kind product that are
    delivered to recycling; a product sold as fuel is no material. Metals from incineration are in, other
    material recovery is out. A measure of our own, without a legal source.
    """
    burnt = (paths.before & BURNT) > 0
    allowed = np.where(burnt, paths.metal, (paths.before & RECOVERED) == 0) & ((paths.before & DEPOSITED) == 0)
    end = np.isin(paths.end, RECYCLED_ENDS) & (~paths.first | _prepared(paths))
    material = paths.product | ~paths.from_entry
    left = (1.0 - paths.loss_before_point) * (1.0 - paths.loss_recycling)
    return np.where(end & allowed & material & _counts(paths), paths.mass * left, 0.0)


def final_recycling_input(paths: Paths) -> Floats:
    """Return the input to final recycling, the weight that Decision 2011/753/EU counts.

    Article 2(2): the weight of the input to the final recycling process; the output of a sorting plant
    may stand for it if it is recycled without significant losses (reported as quoted by others). Here:
    what is delivered to recycling, losses after delivery not deducted; bio-waste on entry less what is
    removed mechanically; metals after incineration.
    """
    on_entry, delivered = _final_recycling(paths)
    return np.where(on_entry, paths.mass * (1.0 - paths.removed), np.where(delivered, paths.mass, 0.0))


def focus_collected(paths: Paths) -> Floats:
    """Return what the resource strategy counts: :func:`collected_recycling_only`, of focus materials."""
    return collected_recycling_only(paths)


def focus_separate(paths: Paths) -> Floats:
    """Return the part of :func:`focus_collected` that does not come out of mixed waste."""
    return np.where(paths.mixed, 0.0, collected_recycling_only(paths))


def residual(paths: Paths) -> Floats:
    """Return mixed waste as collected; what is sorted out of it later is part of it."""
    return np.where(paths.first & paths.mixed & _counts(paths), paths.mass, 0.0)


@dataclass(frozen=True)
class Waste:
    """What masks of methods look at: arrays over pairs of sector and fraction."""

    material: NDArray[np.object_]
    household: Flags
    municipal: Flags


def any_waste(waste: Waste) -> Flags:
    """All waste of the scope."""
    return np.ones(len(waste.material), dtype=bool)


def household_waste(waste: Waste) -> Flags:
    """Waste of households."""
    return waste.household


def municipal(waste: Waste) -> Flags:
    """Municipal waste."""
    return waste.municipal


def household_packaging_materials(waste: Waste) -> Flags:
    """Paper, cardboard, metal, plastic and glass of households."""
    return waste.household & np.isin(waste.material, EU_1_MATERIALS)


def single_streams(waste: Waste) -> Flags:
    """Single streams of households and similar waste."""
    return (waste.household | waste.municipal) & np.isin(waste.material, EU_2_MATERIALS)


def household_without_mineral(waste: Waste) -> Flags:
    """Household waste without mineral waste, sludge and soil."""
    return waste.household & ~np.isin(waste.material, EU_3_EXCLUDED)


def household_focus(waste: Waste) -> Flags:
    """The seven focus materials of the resource strategy, from households."""
    return waste.household & np.isin(waste.material, FOCUS_MATERIALS)


Weight = Callable[[Paths], Floats]
Mask = Callable[[Waste], Flags]


@dataclass(frozen=True)
class Method:
    """A rate method: what counts, of which waste, what it is divided by, and how certain its wording is.

    ``denominator`` is a sum of terms, each a weight and the waste that it is taken of. The waste of a
    method is cut with the waste of a scope: ``eu_1`` in scope ``all`` is household waste.
    """

    name: str
    numerator: Weight
    waste: Mask
    denominator: tuple[tuple[Weight, Mask], ...]
    wording: str


def _over_all_of_it(name: str, numerator: Weight, waste: Mask, wording: str) -> Method:
    return Method(name, numerator, waste, ((generated, waste),), wording)


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        _over_all_of_it(
            "collected", collected, any_waste, "reported: Statistics Denmark LABY25 and the strategy's figure of 2011"
        ),
        _over_all_of_it("collected_recycling_only", collected_recycling_only, any_waste, "derived from collected"),
        _over_all_of_it(
            "calculation_point", calculation_point, any_waste, "reported: (EU) 2019/1004, as quoted by others"
        ),
        _over_all_of_it("secondary_material", secondary_material, any_waste, "a measure of our own"),
        _over_all_of_it(
            "eu_1",
            final_recycling_input,
            household_packaging_materials,
            "recalled: 2011/753/EU Annex I, method 1: paper, metal, plastic and glass of households; cardboard read as paper",
        ),
        _over_all_of_it(
            "eu_2",
            final_recycling_input,
            single_streams,
            "recalled: 2011/753/EU Annex I, method 2: the same and other single streams of households or similar "
            "waste, chosen here as food, garden, carton, wood, textile and electronics",
        ),
        _over_all_of_it(
            "eu_3",
            final_recycling_input,
            household_without_mineral,
            "recalled: 2011/753/EU Annex I, method 3: household waste less discarded vehicles, sludge and mineral waste",
        ),
        _over_all_of_it(
            "eu_4", final_recycling_input, municipal, "recalled: 2011/753/EU Annex I, method 4: municipal waste"
        ),
        Method(
            "resource_strategy_2013",
            focus_collected,
            household_focus,
            ((focus_separate, household_focus), (residual, household_waste)),
            "target and deposit packaging reported; list of fractions and denominator (counted plus residual) recalled",
        ),
    )
}
