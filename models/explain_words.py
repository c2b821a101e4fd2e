"""What an explanation says, in Danish and English: requirements and repairs in the user's words."""

from __future__ import annotations

import math
from typing import Any

from flows.case import Case
from flows.indicator_names import INDICATORS_BY_NAME

LANGUAGES = ("da", "en")

TEXTS: dict[str, tuple[str, str]] = {
    "scope_all": ("alt affald", "all waste"),
    "scope_all_excluding_construction_demolition": (
        "alt affald uden bygge og anlæg",
        "all waste but construction and demolition",
    ),
    "scope_households": ("husholdninger", "households"),
    "scope_municipal_waste": ("kommunalt affald", "municipal waste"),
    "of_municipality": (" i {municipality}", " in {municipality}"),
    # repairs
    "target": (
        "målet for {scope} ({method}) sænkes til {after} i {worst} (fra {before})",
        "the target for {scope} ({method}) is lowered to {after} in {worst} (from {before})",
    ),
    "target_years": (
        "målet for {scope} ({method}) sænkes med {amount} procentpoint fra {year} til {until}, til {after} i {worst} "
        "(fra {before})",
        "the target for {scope} ({method}) is lowered by {amount} percentage points from {year} to {until}, to {after} "
        "in {worst} (from {before})",
    ),
    "capacity": (
        "{amount} t/år mere kapacitet på {name} ({technology}) senest {year}",
        "{amount} t/year more capacity at {name} ({technology}) by {year}",
    ),
    "market": (
        "{name} aftager {amount} t/år mere {output} senest {year}",
        "{name} takes {amount} t/year more {output} by {year}",
    ),
    "limit": (
        "grænsen for {indicator}{place} hæves med {amount} {unit}, til {after} fra {year}",
        "the limit of {indicator}{place} is raised by {amount} {unit}, to {after} from {year}",
    ),
    "limit_whole": (
        "grænsen for {indicator}{place} over hele perioden hæves med {amount} {unit}, til {after}",
        "the limit of {indicator}{place} over the whole horizon is raised by {amount} {unit}, to {after}",
    ),
    "limit_min": (
        "mindstekravet til {indicator}{place} sænkes med {amount} {unit}, til {after} fra {year}",
        "the least {indicator}{place} is lowered by {amount} {unit}, to {after} from {year}",
    ),
    "limit_min_whole": (
        "mindstekravet til {indicator}{place} over hele perioden sænkes med {amount} {unit}, til {after}",
        "the least {indicator}{place} over the whole horizon is lowered by {amount} {unit}, to {after}",
    ),
    "contract": (
        "kontrakten om {stream} fra {municipality} til {name} binder {after} i stedet for {before} fra {year}",
        "the contract of {stream} from {municipality} with {name} binds {after} instead of {before} from {year}",
    ),
    "least_load": (
        "mindste belastning på {name} er {amount} t/år lavere senest {year}",
        "the least load at {name} is {amount} t/year lower by {year}",
    ),
    "content": (
        "kravet '{name}' om genanvendt indhold på {market} sænkes til {after} (fra {before}), {amount} t/år mindre",
        "the recycled content '{name}' at {market} is lowered to {after} (from {before}), {amount} t/year less",
    ),
    "pin": ("fastlåsningen '{what}' ophæves", "the pinned decision '{what}' is dropped"),
    "min_years": (
        "ordningen {name} må skiftes, før den har kørt i {before} år",
        "the scheme {name} may be changed before it has run {before} years",
    ),
    "capture": (
        "{fraction} fra {segment} indsamles med {after} i stedet for {before}",
        "{fraction} from {segment} is captured at {after} instead of {before}",
    ),
    "capture_all": (
        "alle fraktioner indsamles bedre, {after} af vejen til det højeste, der antages muligt",
        "all fractions are captured better, {after} of the way to the highest that is assumed possible",
    ),
    "everywhere": ("alle kilder", "all sources"),
    # requirements that contradict each other
    "asks_target": (
        "målet for {scope} ({method}): {goal} i {year}",
        "the target for {scope} ({method}): {goal} in {year}",
    ),
    "asks_capacity": ("kapaciteten på {name} ({technology}{size})", "the capacity of {name} ({technology}{size})"),
    "asks_market": (
        "markedet {name} aftager højst {before} t/år {output}",
        "the market {name} takes at most {before} t/year of {output}",
    ),
    "asks_limit": (
        "grænsen for {indicator}{place}: højst {before} {unit} fra {since}",
        "the limit of {indicator}{place}: at most {before} {unit} from {since}",
    ),
    "asks_limit_whole": (
        "grænsen for {indicator}{place}: højst {before} {unit} over hele perioden",
        "the limit of {indicator}{place}: at most {before} {unit} over the whole horizon",
    ),
    "asks_limit_min": (
        "mindstekravet til {indicator}{place}: {before} {unit} fra {since}",
        "the least {indicator}{place}: {before} {unit} from {since}",
    ),
    "asks_limit_min_whole": (
        "mindstekravet til {indicator}{place}: {before} {unit} over hele perioden",
        "the least {indicator}{place}: {before} {unit} over the whole horizon",
    ),
    "asks_contract": (
        "kontrakten om {stream} fra {municipality} til {name}",
        "the contract of {stream} from {municipality} with {name}",
    ),
    "asks_least_load": (
        "{name} skal have mindst {before} t/år, når det kører",
        "{name} must have at least {before} t/year while it runs",
    ),
    "asks_content": (
        "kravet '{name}' om genanvendt indhold på {market}: mindst {before}",
        "the recycled content '{name}' at {market}: at least {before}",
    ),
    "asks_pin": ("fastlåst: {what}", "pinned: {what}"),
    "asks_min_years": (
        "ordningen {name} skal køre mindst {before} år",
        "the scheme {name} must run at least {before} years",
    ),
    "asks_outlet": (
        "{stream} har intet sted at gå hen: mindst {amount} t/år i {year}",
        "{stream} has nowhere to go: at least {amount} t/year in {year}",
    ),
    "asks_pool": (
        "{output} har intet marked eller anlæg: mindst {amount} t/år i {year}",
        "{output} has no market or facility: at least {amount} t/year in {year}",
    ),
    "asks_scheme": (
        "ingen lovlig ordning for {source} fra {year}",
        "no lawful scheme for {source} from {year}",
    ),
    "size": (", {before} t/år", ", {before} t/year"),
    "scheme runs": ("ordningen {name} kører{place}", "the scheme {name} runs{place}"),
    "scheme stops": ("ordningen {name} kører ikke{place}", "the scheme {name} does not run{place}"),
    "facility runs": ("{name} er åben", "{name} is open"),
    "facility stops": ("{name} er lukket", "{name} is closed"),
    "landfilled": ("deponeret affald", "waste landfilled"),
    "incinerated": ("forbrændt affald", "waste incinerated"),
    "fossil_co2": ("fossil CO2", "fossil CO2"),
    "cost_per_household": ("indsamlingens pris pr. husstand", "the cost of collection per household"),
    "cost": ("omkostningen", "cost"),
    "investment": ("investeringen", "investment"),
    "facilities": ("åbne anlæg", "facilities open"),
    "new_facilities": ("nye anlæg", "new facilities"),
    "co2e": ("drivhusgas", "greenhouse gas"),
    "jobs": ("job", "jobs"),
    "value_kept": ("værdi, der bliver i området", "value kept in the region"),
    "material_avoided": ("undgået importeret eller nyt materiale", "imported or virgin material avoided"),
    "DKK/year": ("{currency} om året", "{currency} a year"),
    "DKK": ("{currency}", "{currency}"),
    "item": ("anlæg", "facilities"),
    "job": ("job", "jobs"),
    "job*year": ("jobår", "job-years"),
    "t": ("t", "t"),
    "t/year": ("t/år", "t/year"),
    "per_household": ("{currency} pr. husstand om året", "{currency} per household and year"),
}


def number(value: float, language: str, decimals: int = 0) -> str:
    """Return a number as a language writes it.

    >>> number(1234.5, "da", 1), number(1234.5, "en")
    ('1.234,5', '1,234')
    """
    if not math.isfinite(value):
        return "-"
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "da" else text


def enough(value: float, language: str) -> str:
    """Return an amount rounded up to what can be said: three figures, at least one decimal below a hundred.

    >>> enough(119_873, "en"), enough(20.0000001, "en"), enough(0.02, "en")
    ('120,000', '20', '0.1')
    """
    digits = max(math.floor(math.log10(abs(value))) if value else 0, 0)
    step = 10.0 ** (digits - 2) if digits >= 2 else 0.1
    # Amounts carry a margin for the solver's rounding, which is nothing to be told.
    rounded = math.ceil(value * (1.0 - 3e-6) / step - 1e-4) * step
    return number(rounded, language, 0 if abs(rounded - round(rounded)) < 1e-9 else 1)


def percent(value: float, language: str, down: bool = False, up: bool = False) -> str:
    """Return a share in per cent with a decimal; ``down`` and ``up`` say how it is rounded.

    >>> percent(0.45, "en", up=True), percent(0.6239, "da", down=True)
    ('45 %', '62,3 %')
    """
    if not math.isfinite(value):
        return "-"
    points = 100.0 * value
    if down or up:
        points = (math.floor if down else math.ceil)(round(points * 10.0, 4)) / 10.0
    whole = abs(points - round(points)) < 1e-9
    return f"{number(points, language, 0 if whole else 1)} %"


class Says:
    """Words in one language with the names of a case."""

    def __init__(self, case: Case, language: str) -> None:
        """Choose the language, 'da' or 'en'."""
        self.case, self.language = case, language
        self._position = LANGUAGES.index(language)
        self._names: dict[str, dict[str, str]] = {}

    def __call__(self, key: str, **values: Any) -> str:
        """Return the text of a key."""
        return TEXTS[key][self._position].format(**values)

    def name(self, table: str, key: str) -> str:
        """Return the name of an id of a list, or the id itself."""
        if table not in self._names:
            self._names[table] = self.case.names(table, self.language)
        return self._names[table].get(key, key)

    def scope(self, scope: str, municipality: str) -> str:
        """Return a scope in words, with its municipality."""
        key = f"scope_{scope}"
        text = self(key) if key in TEXTS else self.sector(scope, "")
        return text + self.place(municipality)

    def place(self, municipality: str) -> str:
        """Return ' in X', or nothing for the whole area."""
        if not municipality:
            return ""
        return self("of_municipality", municipality=self.name("municipalities", municipality))

    def sector(self, sector: str, segment: str) -> str:
        """Return the name of a sector or of its segment."""
        rows = self.case["sectors"]
        rows = rows[(rows["sector"] == sector) & (rows["segment"] == segment)]
        for column in (f"name_{self.language}", "name_en", "name_da"):
            if len(rows) and rows[column].iloc[0]:
                return str(rows[column].iloc[0])
        return segment or sector

    def unit(self, indicator: str, *, whole: bool = False) -> str:
        """Return the unit of a limit in a year, or over the whole horizon."""
        if indicator == "cost_per_household":
            return self("per_household", currency=self.case.currency)
        one = INDICATORS_BY_NAME[indicator]
        return self(one.horizon_unit if whole else one.unit, currency=self.case.currency)
