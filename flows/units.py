"""Units: the one registry of the engine, read once at the door and turned into plain factors.

The registry defines the units of the field and nothing else, so that a typing error is an unknown
unit instead of an unexpected one. It follows Danish practice: ``t``, ``ton`` and ``tonne`` are
1000 kg (the American ton is ``short_ton``). People, households and every currency are dimensions of
their own, so that kg per capita is never mistaken for kg per household, nor EUR for DKK. Masses of
CO2 equivalents are masses.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

CURRENCIES = ("DKK", "EUR", "USD", "GBP", "SEK", "NOK")
KRONER = ("DKK", "SEK", "NOK")
CANONICAL_CURRENCY = "DKK"

DEFINITIONS = """
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-
gram = [mass] = g
milligram = 1e-3 gram = mg
tonne = 1e6 gram = t = ton = tons = tonnes
pound = 453.59237 gram = lb = lbs = pounds
short_ton = 2000 pound = us_ton
long_ton = 2240 pound
ounce = 0.0625 pound = oz
metre = [length] = m = meter
centimetre = 0.01 metre = cm
mile = 1609.344 metre = mi = miles
foot = 0.3048 metre = ft
yard = 0.9144 metre = yd
litre = 1e-3 metre ** 3 = L = l = liter
gallon = 3.785411784 litre = gal
hour = [time] = h
day = 24 hour = d = days
week = 7 day = weeks
year = 365.25 day = a = yr = years
month = year / 12 = months
watt_hour = [energy] = Wh
joule = watt_hour / 3600 = J
calorie = 4.184 joule = cal
british_thermal_unit = 1055.05585262 joule = Btu = BTU
capita = [person] = inhabitant = inhabitants = person = persons
household = [household] = households = dwelling = dwellings
job = [job] = jobs
item = [] = items = piece = pieces
percent = 0.01 = pct
permille = 0.001
ppm = 1e-6
gCO2e = gram = gCO2 = gCO2eq
tCO2e = tonne = tCO2 = tCO2eq
"""

# Words of Danish and everyday practice, as the registry knows them.
WORDS = {
    "år": "year",
    "aar": "year",
    "md": "month",
    "måned": "month",
    "uge": "week",
    "dag": "day",
    "døgn": "day",
    "indb": "capita",
    "indbygger": "capita",
    "indbyggere": "capita",
    "borger": "capita",
    "pers": "capita",
    "person": "capita",
    "personer": "capita",
    "husstand": "household",
    "husstande": "household",
    "husst": "household",
    "bolig": "household",
    "boliger": "household",
    "hh": "household",
    "mio": "1e6",
    "mill": "1e6",
    "million": "1e6",
    "mia": "1e9",
    "billion": "1e9",
    "tusind": "1e3",
    "thousand": "1e3",
    "pund": "pound",
    "shortton": "short_ton",
    "stk": "item",
    "styk": "item",
    "pcs": "item",
    "metric_ton": "tonne",
    "kilogram": "kg",
    "kilometer": "km",
    "kubikmeter": "m**3",
    "m3": "m**3",
    "m³": "m**3",
    "m2": "m**2",
    "cubic_yard": "yard**3",
    "yd3": "yard**3",
    "ft3": "foot**3",
    "tkm": "(t*km)",
    "tonkm": "(t*km)",
    "pr": "/",
    "per": "/",
}
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "%": " percent ", "‰": " permille ", "³": "**3", "·": "*", "−": "-"}

_WORD = re.compile(r"[^\W\d]\w*")
LONGEST = 60
"""Letters of a unit."""
_ALLOWED = re.compile(r"[\w\s.*/()^+-]*")
# Powers up to the third, and none of a power or of what stands in brackets: 9**3**3**3 has no end.
_POWER = re.compile(r"(\*\*|\^)\s*(?!-?[1-3](?!\s*(?:\d|\.|\*\*|\^)))|\)\s*(\*\*|\^)")


log = logging.getLogger(__name__)


class UnitError(ValueError):
    """A unit is unknown, foreign, or measures something else.

    ``code`` is one of the problem codes ``unit_unknown``, ``unit_dimension`` and ``unit_currency``.
    """

    def __init__(self, code: str, found: str, expected: str = "", suggestion: str = "") -> None:
        """Keep what was found and what was expected."""
        texts = {
            "unit_unknown": f"the unit '{found}' is unknown",
            "unit_dimension": f"the unit '{found}' does not measure the same as {expected}",
            "unit_currency": f"'{found}' is another currency than the case's, {expected}; convert the amount",
        }
        super().__init__(texts[code] + (f"; did you mean '{suggestion}'?" if suggestion else ""))
        self.code, self.found, self.expected, self.suggestion = code, found, expected, suggestion


@cache
def registry() -> Any:
    """Return the registry, built on first use."""
    import pint

    made: Any = pint.UnitRegistry(None)
    made.load_definitions(DEFINITIONS.strip().splitlines())
    for currency in CURRENCIES:
        made.define(f"{currency} = [money_{currency}]")
    bulk: Any = pint.Context("bulk", defaults={"density": 1.0})
    for source, target in (("[volume]", "[mass]"), ("[volume] / [time]", "[mass] / [time]")):
        bulk.add_transformation(source, target, _times_density)
    made.define("[volume] = [length] ** 3")
    made.add_context(bulk)
    return made


def _times_density(ureg: Any, value: Any, density: float) -> Any:
    return value * ureg.Quantity(density, "t / m**3")


def normalise(unit: str, currency: str = CANONICAL_CURRENCY) -> str:
    """Return a unit as people write it in the registry's words.

    >>> normalise("mio. kr./år")
    '1e6 DKK/year'
    >>> normalise("kg pr. indb. pr. år")
    'kg / capita / year'

    Raises :class:`UnitError` for text that cannot be a unit.
    """
    text = unit.strip()
    if not text or len(text) > LONGEST:
        raise UnitError("unit_unknown", unit)
    for symbol, word in SYMBOLS.items():
        text = text.replace(symbol, word)
    text = re.sub(r"(?<=[^\W\d])\.(?!\d)", "", text)
    text = re.sub(r"\b(short|long|us|metric|cubic)\s+(ton|yard)s?\b", r"\1_\2", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d)[ .](?=\d{3}\b)", "", text)
    words = {
        **WORDS,
        "kr": currency if currency in KRONER else "DKK",
        "kroner": currency if currency in KRONER else "DKK",
    }
    text = _WORD.sub(lambda match: words.get(match[0].casefold(), match[0]), text)
    text = re.sub(r"\b([kMG])(kr)\b", lambda match: match[1] + words["kr"], text)
    if len(text) > 2 * LONGEST or not _ALLOWED.fullmatch(text) or _POWER.search(text):
        raise UnitError("unit_unknown", unit)
    return re.sub(r"\s+", " ", text).strip()


@cache
def _quantity(unit: str, currency: str) -> Any:
    """Return a unit as a pint quantity."""
    registered = registry()
    text = normalise(unit, currency)
    for attempt in (text, _folded(text)):
        try:
            quantity = registered.Quantity(attempt)
        except Exception as error:
            # pint takes its text apart as Python's own is, and what is no unit may end in any error.
            log.debug("%r is no unit: %s", attempt, error)
            continue
        if isinstance(quantity.magnitude, int | float) and 0 < quantity.magnitude < math.inf:
            return quantity
    raise UnitError("unit_unknown", unit, suggestion=_nearest_unit(unit))


def _folded(text: str) -> str:
    """Return a unit whose words are in the registry's own case where only the case differs."""
    # Only whole words: "mt" must not become Mt, a million tonnes.
    known = {name.casefold(): name for name in _names() if len(name) > 2}
    return _WORD.sub(lambda match: known.get(match[0].casefold(), match[0]), text)


@cache
def _names() -> tuple[str, ...]:
    """Return the names that a unit may be written with."""
    prefixed = ("kg", "kt", "Mt", "km", "MWh", "kWh", "GWh", "GJ", "MJ", "TJ", "kgCO2e", "ktCO2e")
    lines = [line for line in DEFINITIONS.strip().splitlines() if "- =" not in line]
    names = [name.strip() for line in lines for name in line.split("=")]
    plain = [name for name in names if re.fullmatch(r"[A-Za-z]\w+", name)]
    return (*prefixed, *plain, *CURRENCIES)


def _meant(word: str, known: tuple[str, ...]) -> str:
    """Return the unit that an unknown word may mean; "mt" is a metric ton to those who write it."""
    from flows.problems import nearest

    return "t" if word.casefold() == "mt" else nearest(word, known) or word


def _nearest_unit(unit: str) -> str:
    """Return the unit with its unknown words replaced by the nearest known ones, or ''."""
    known = _names()
    replaced = _WORD.sub(lambda match: match[0] if match[0] in known else _meant(match[0], known), unit)
    return replaced if replaced != unit else ""


def _currencies(quantity: Any) -> set[str]:
    return {
        str(dimension).strip("[]").removeprefix("money_")
        for dimension in quantity.dimensionality
        if str(dimension).startswith("[money_")
    }


@cache
def factor(unit: str, canonical: str, currency: str = CANONICAL_CURRENCY) -> float:
    """Return by what a number in ``unit`` is multiplied to be in ``canonical``.

    ``DKK`` in ``canonical`` stands for the case's ``currency``; another currency is an error, as it
    takes an exchange rate that the case does not hold.

    >>> factor("ton/år", "t/year")
    1.0
    >>> factor("kt/year", "t/year")
    1000.0
    >>> factor("MDKK", "DKK")
    1000000.0

    Raises :class:`UnitError` for an unknown unit, another dimension or a foreign currency.
    """
    if currency not in CURRENCIES:
        register_currency(currency)
    quantity = _quantity(unit, currency)
    target = _quantity(_in_currency(canonical, currency), currency)
    if foreign := sorted(_currencies(quantity) - {currency}):
        raise UnitError("unit_currency", foreign[0], currency)
    if quantity.dimensionality != target.dimensionality:
        raise UnitError("unit_dimension", unit, show(canonical, currency))
    # Round off what pint's chain of divisions adds, so that 1 t is exactly 1 t.
    try:
        found = float(f"{(quantity / target).to_base_units().magnitude:.15g}")
    except ArithmeticError:
        found = math.inf
    if not 0 < found < math.inf:
        raise UnitError("unit_unknown", unit)
    return found


def register_currency(currency: str) -> None:
    """Make a currency known that is not among the usual ones, from its three-letter code.

    Raises :class:`UnitError` if the code is not three capital letters.
    """
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise UnitError("unit_unknown", currency)
    if currency not in registry():
        registry().define(f"{currency} = [money_{currency}]")


def _in_currency(unit: str, currency: str) -> str:
    return re.sub(rf"\b{CANONICAL_CURRENCY}\b", currency, unit)


def show(unit: str, currency: str = CANONICAL_CURRENCY) -> str:
    """Return a canonical unit as it is written in headers.

    >>> show("DKK/household/year", "EUR"), show("t/m**3")
    ('EUR/household/year', 't/m3')
    """
    return _in_currency(unit, currency).replace("**", "")


def same_dimension(unit: str, canonical: str, currency: str = CANONICAL_CURRENCY) -> bool:
    """Tell whether ``unit`` is known and measures the same as ``canonical``."""
    try:
        factor(unit, canonical, currency)
    except UnitError:
        return False
    return True


@cache
def volume_factor(unit: str) -> float:
    """Return by what a volume in ``unit`` is multiplied to be in m3 (or m3/year).

    >>> volume_factor("L")
    0.001

    Raises :class:`UnitError` if the unit is no volume.
    """
    try:
        return factor(unit, "m**3/year")
    except UnitError:
        return factor(unit, "m**3")


def mass_from_volume(volume: float, unit: str, bulk_density: float) -> float:
    """Return the mass in t (or t/year) of a volume whose bulk density is given in t/m3.

    >>> mass_from_volume(660, "L", 0.1)
    0.066

    Raises :class:`UnitError` if ``unit`` is no volume.
    """
    volume_factor(unit)
    registered = registry()
    quantity = volume * _quantity(unit, CANONICAL_CURRENCY)
    target = "t" if same_dimension(unit, "m**3") else "t/year"
    mass = quantity.to(registered.Unit(target), "bulk", density=bulk_density)
    return float(f"{mass.magnitude:.15g}")


def total_from_per_capita(amount: float, unit: str, number: float, per: str = "capita") -> float:
    """Return the total in t/year of an amount per head, household or job, for ``number`` of them.

    >>> total_from_per_capita(500, "kg/indb./år", 10_000)
    5000.0

    Raises :class:`UnitError` if ``unit`` is no mass per year and ``per``.
    """
    return amount * factor(unit, f"t/{per}/year") * number


def to_price_year(amount: float, index: Mapping[int, float], from_year: int, to_year: int) -> float:
    """Return money of one price year at the prices of another, by a price index.

    >>> to_price_year(100, {2015: 100, 2023: 120}, 2015, 2023)
    120.0

    Raises ``KeyError`` if the index lacks one of the years.
    """
    for year in (from_year, to_year):
        if year not in index:
            raise KeyError(f"the price index has no value for {year}")
    return amount * index[to_year] / index[from_year]


@dataclass(frozen=True)
class Variable:
    """A result quantity: its name in tables, canonical unit, labels and decimals shown."""

    name: str
    unit: str
    danish: str
    english: str
    decimals: int = 0

    def label(self, language: str = "en") -> str:
        """Return the label in ``language`` ('da' or 'en')."""
        return self.danish if language == "da" else self.english

    def header(self, language: str = "en", currency: str = CANONICAL_CURRENCY) -> str:
        """Return the label with its unit, as a header.

        >>> VARIABLES["mass_t"].header("da")
        'mængde [ton/år]'
        """
        unit = show(self.unit, currency)
        if language == "da":
            danish = {"year": "år", "t": "ton", "household": "husstand", "capita": "indbygger", "DKK": "kr."}
            unit = _WORD.sub(lambda match: danish.get(match[0], match[0]), unit)
        return f"{self.label(language)} [{unit}]" if unit else self.label(language)


VARIABLES: dict[str, Variable] = {
    variable.name: variable
    for variable in (
        Variable("mass_t", "t/year", "mængde", "mass"),
        Variable("numerator_t", "t/year", "tæller", "numerator"),
        Variable("denominator_t", "t/year", "nævner", "denominator"),
        Variable("capacity_t", "t/year", "kapacitet", "capacity"),
        Variable("reserved_t", "t/year", "reserveret kapacitet", "reserved capacity"),
        Variable("throughput_t", "t/year", "gennemløb", "throughput"),
        Variable("rate", "%", "genanvendelse", "recycling rate", 1),
        Variable("target", "%", "mål", "target", 1),
        Variable("share", "%", "andel", "share", 1),
        Variable("amount", "DKK/year", "omkostning", "cost"),
        Variable("cost_per_tonne", "DKK/t", "omkostning pr. ton", "cost per tonne"),
        Variable("cost_per_household", "DKK/household/year", "omkostning pr. husstand", "cost per household"),
        Variable("mass_per_capita", "kg/capita/year", "mængde pr. indbygger", "mass per capita"),
        Variable("mass_per_household", "kg/household/year", "mængde pr. husstand", "mass per household"),
        Variable("kg_co2e", "kg/year", "klimapåvirkning", "greenhouse gas"),
        Variable("tco2e", "tCO2e/year", "klimapåvirkning", "greenhouse gas"),
        Variable("distance_km", "km", "afstand", "distance", 1),
        Variable("energy_mwh", "MWh/year", "energi", "energy"),
        Variable("population", "capita", "indbyggere", "inhabitants"),
        Variable("dwellings", "household", "boliger", "households"),
    )
}
