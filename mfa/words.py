"""What the command line says, in Danish and English."""

from __future__ import annotations

import os
import sys

from mfa.words_choices import CHOICE_WORDS
from mfa.words_export import EXPORT_WORDS
from mfa.words_faults import FAULT_WORDS
from mfa.words_rerun import RERUN_WORDS
from mfa.words_robust import ROBUST
from mfa.words_sweep import SWEEP_WORDS
from mfa.words_view import VIEW_WORDS

WORDS: dict[str, tuple[str, str]] = {
    "ok": ("{file}: ingen fejl", "{file}: no errors"),
    "bad": ("{file}: {errors}, {warnings}", "{file}: {errors}, {warnings}"),
    "warned": ("{file}: ingen fejl, {warnings}", "{file}: no errors, {warnings}"),
    "errors": ("{count} fejl", "{count} errors"),
    "errors_one": ("1 fejl", "1 error"),
    "warnings": ("{count} advarsler", "{count} warnings"),
    "warnings_one": ("1 advarsel", "1 warning"),
    "annotated": ("mærket kopi: {file}", "annotated copy: {file}"),
    "written": ("skrevet: {file}", "written: {file}"),
    "import_counts": (
        "{table}: {added} rækker tilføjet, {replaced} erstattet, {kept} beholdt",
        "{table}: {added} rows added, {replaced} replaced, {kept} kept",
    ),
    "import_unplaced": ("{rows} rækker af filen fandt ingen plads:", "{rows} rows of the file found no place:"),
    "import_line": ("{what}{text} [{where}; rækker: {rows}]", "{what}{text} [{where}; rows: {rows}]"),
    "import_more": (
        "… og {count} linjer mere, se arket '{sheet}'",
        "… and {count} lines more, see the sheet '{sheet}'",
    ),
    "import_nothing": (
        "intet i filen passer til sagen; {file} er uændret",
        "nothing in the file fits the case; {file} is as it was",
    ),
    "import_choose": (
        "intet kunne placeres endnu; vælg i arket #mapping i {file}, og importér igen",
        "nothing could be placed yet; choose on the sheet #mapping of {file} and import again",
    ),
    "import_kept": ("alle rækker var der allerede; {file} er uændret", "all rows were there; {file} is as it was"),
    "import_lost": ("kunne ikke bevares i projektmappen: {part}", "could not be kept in the workbook: {part}"),
    "import_backup": ("projektmappen, som den var: {file}", "the workbook as it was: {file}"),
    "lost_charts": ("diagrammer", "charts"),
    "lost_pictures": ("billeder", "pictures"),
    "lost_pivot_tables": ("pivottabeller", "pivot tables"),
    "lost_slicers": ("udsnitsværktøjer", "slicers"),
    "error": ("fejl", "error"),
    "warning": ("advarsel", "warning"),
    "rates": ("Genanvendelse i {year} for {region}", "Recycling in {year}, {region}"),
    "tonnes": ("affald i procenten: {mass} ton", "waste in the rate: {mass} t"),
    "balance": ("massebalancen holder: største fejl {error} ton", "masses balance: largest error {error} t"),
    "run": ("kørslen ligger i {folder}", "the run is in {folder}"),
    "plan_status": ("Planen: {status}", "The plan: {status}"),
    "optimal": ("optimal", "optimal"),
    "gap_reached": ("færdig ved den ønskede afstand", "done at the wanted gap"),
    "time_limit": (
        "stoppet af tidsgrænsen med den bedste plan til da",
        "stopped by the time limit with the best plan so far",
    ),
    "feasible": ("brugbar", "feasible"),
    "objective": (
        "omkostning, tilbagediskonteret: {value} mio. {currency}",
        "discounted cost: {value} million {currency}",
    ),
    "gap": (
        "bevist afstand: {gap} under planen ({bound_of})",
        "proven gap: {gap} of the plan's cost ({bound_of})",
    ),
    "target": (
        "mål: {goal} ({scope}, {method}) i {year}; planen når {reached}",
        "target: {goal} ({scope}, {method}) in {year}; the plan reaches {reached}",
    ),
    "no_target": (
        "intet mål for {scope}, {method}; planen når {reached} i {year}",
        "no target for {scope}, {method}; the plan reaches {reached} in {year}",
    ),
    "certificate_holds": (
        "certifikatet holder: største fejl {error}",
        "the certificate holds: largest error {error}",
    ),
    "certificate_fails": (
        "certifikatet holder IKKE; kørslen er ikke en plan. Det, der ikke holder: {checks}",
        "the certificate does NOT hold; the run is no plan. What does not hold: {checks}",
    ),
    "infeasible": ("Målet kan ikke nås: {reason}", "The target cannot be reached: {reason}"),
    "unreachable": ("Målet kan ikke nås.", "The target cannot be reached."),
    "highest": (
        "højeste rate ({scope}, {method}) i {year}: {highest}; målet er {goal}",
        "highest rate ({scope}, {method}) in {year}: {highest}; the target is {goal}",
    ),
    "held_back": (
        "i {year} når selv de bedste lovlige ordninger højst {bound}; det, der ikke kan tælle, er mest {fractions}",
        "in {year} even the best lawful schemes reach {bound} at most; what cannot count is mostly {fractions}",
    ),
    "in_the_way": ("Det kan ikke gælde på samme tid:", "These cannot hold together:"),
    "in_the_way_alone": ("Det kan ikke holdes:", "This cannot be kept:"),
    "sheet_row": (" [{sheet}, række {row}]", " [{sheet}, row {row}]"),
    "ways_out": ("Det mindste, der skal til:", "The least that it takes:"),
    "either": ("enten", "either"),
    "or": ("eller", "or"),
    "and": ("og", "and"),
    "at_least": (
        "(mindst: modellen er stor, så beslutninger er regnet som delelige)",
        "(at least: the model is large, so decisions were taken as divisible)",
    ),
    "explain": ("forklarer", "explaining"),
    "no_plan": ("Løseren stoppede uden en plan: {reason}", "The solver stopped without a plan: {reason}"),
    "stopped_too_small": (
        "mængderne er så små, at løseren ikke kan skelne dem fra nul (under 10 kg om året i alt); er enheden rigtig?",
        "the amounts are too small for the solver to tell them from nothing (below 10 kg a year in all); is the unit right?",
    ),
    "stopped_time_limit": (
        "tidsgrænsen blev nået, før en plan var fundet; giv mere tid med --time-limit",
        "the time limit came before a plan was found; give more time with --time-limit",
    ),
    "stopped_infeasible": (
        "beslutningerne kan ikke køres år for år",
        "the decisions cannot be run year by year",
    ),
    "interrupted": ("afbrudt", "interrupted"),
    "reports": ("{count} arbejdsbøger i {folder}", "{count} workbooks in {folder}"),
    "demo_case": (
        "{title}: {municipalities} kommuner, {fractions} fraktioner, {facilities} anlæg, {schemes} ordninger",
        "{title}: {municipalities} municipalities, {fractions} fractions, {facilities} facilities, {schemes} schemes",
    ),
    "demo_scenario": (
        "De centrale værdier når ikke målet. Planen nedenfor gælder scenariet '{scenario}' ({name}).",
        "The central values do not reach the target. The plan below is for the scenario '{scenario}' ({name}).",
    ),
    "demo_times": ("tid: {times}", "time: {times}"),
    "step_check": ("kontrol", "check"),
    "step_account": ("regnskab", "account"),
    "step_plan": ("plan", "plan"),
    "step_report": ("rapporter", "reports"),
    "best": ("bedste plan {best} mio., afstand {gap}", "best plan {best} million, gap {gap}"),
    "calibrate": ("kalibrerer", "calibrating"),
    "build": ("bygger modellen", "building the model"),
    "search": ("søger", "searching"),
    "dispatch": ("fordeler år for år", "dispatching year by year"),
    "tables": ("laver tabeller", "making tables"),
    "certify": ("kontrollerer planen", "checking the plan"),
    "done": ("færdig", "done"),
    "usage_path": ("{path}: {reason}", "{path}: {reason}"),
    "contradiction": (
        "kontrakter, grænser eller kapaciteter i arbejdsbogen modsiger hinanden, også uden mål",
        "contracts, limits or capacities of the workbook contradict each other, even without a target",
    ),
    "why_not_in_time": (
        "hvad der står i vejen, blev ikke fundet inden for tidsgrænsen",
        "what stands in the way was not found within the time limit",
    ),
    "not_together": (
        "hvert mål kan nås for sig, men ikke sammen med resten",
        "each target can be reached alone, but not together with the rest",
    ),
    "full yearly model": ("hele årsmodellen", "full yearly model"),
    "full yearly model, hauls pooled by technology": (
        "hele årsmodellen, videre kørsel samlet pr. teknologi",
        "full yearly model, hauls pooled by technology",
    ),
    "loop": (
        "Noget kommer ind i et kredsløb uden udgang, i laget {place}: {processes}",
        "Something enters a loop without exit, in layer {place}: {processes}",
    ),
    "unbalanced": ("Masserne går ikke op: {detail}", "The masses do not balance: {detail}"),
    "chain": ("Anlæg i kæde: {detail}", "Facilities in a chain: {detail}"),
    "no_xlsx": ("{file}: navnet skal ende på .xlsx", "{file}: the name must end with .xlsx"),
    "exists": (
        "{file} findes; giv et andet navn, eller erstat den med --force",
        "{file} is there; give another name, or replace it with --force",
    ),
    "same_file": (
        "{file} er arbejdsbogen selv; giv den mærkede kopi et andet navn",
        "{file} is the workbook itself; give the annotated copy another name",
    ),
    "no_share": (
        "'{value}' er ingen andel; skriv en fra 0 til 1 eller fra 0% til 100%",
        "'{value}' is no share; write one from 0 to 1 or from 0% to 100%",
    ),
    "no_budget": (
        "'{value}' er intet budget; skriv et beløb over nul, fx 30e9, 30000 mio eller 30 mia",
        "'{value}' is no budget; write an amount above zero, such as 30e9, 30000 mio or 30 bn",
    ),
    "budget_short": (
        "Budgettet på {budget} mio. {currency} er mindre, end nogen plan koster: mindst {least} mio.",
        "The budget of {budget} million {currency} is less than any plan costs: at least {least} million.",
    ),
    "asked": (
        "det, der blev spurgt om, {name}: {value} {unit} (grænsen er {bound})",
        "what was asked, {name}: {value} {unit} (the bound is {bound})",
    ),
    "objective_rate": ("højeste rate", "highest rate"),
    "objective_fair": ("største stigning pr. husstand", "largest increase per household"),
    "no_seconds": (
        "'{value}' er ingen tid; skriv et antal sekunder over nul",
        "'{value}' is no time; write a number of seconds above zero",
    ),
    "option": ("{option}: {reason}", "{option}: {reason}"),
    "not_one_of": ("{what} '{value}' er ikke en af: {known}", "{what} '{value}' is not one of: {known}"),
    "not_one_of_meant": (
        "{what} '{value}' er ikke en af: {known}; mente du '{meant}'?",
        "{what} '{value}' is not one of: {known}; did you mean '{meant}'?",
    ),
    "year_before": (
        "arbejdsbogen har ingen mængder før {first}, så {value} kan ikke opgøres",
        "the workbook has no amounts before {first}, so there is no account of {value}",
    ),
    "few_workers": (
        "mindst én proces skal skrive rapporterne, ikke {value}",
        "at least one process must write the reports, not {value}",
    ),
    "no_municipality": (
        "kørslen har ingen kommune {value}; der er {known}",
        "no municipality {value} in the run; there are {known}",
    ),
    "run_is_account": (
        "kørslen er et regnskab; rapporter laves af en plan",
        "the run is an account; reports are made from a plan",
    ),
    "run_fails": (
        "kørslens certifikat holder ikke, så den er ingen plan at rapportere",
        "the certificate of the run does not hold, so it is no plan to report on",
    ),
    "beside_fails": (
        "certifikatet for {name} holder ikke, så dens tal kan ikke vises ved siden af",
        "the certificate of {name} does not hold, so its figures cannot be shown beside",
    ),
    "beside_currency": (
        "{name} regner i {value}, denne kørsel i {known}; de kan ikke vises ved siden af hinanden",
        "{name} is in {value}, this run in {known}; they cannot be shown beside each other",
    ),
    "beside_places": (
        "{name} er af andre kommuner end denne kørsel; de kan ikke vises ved siden af hinanden",
        "{name} is of other municipalities than this run; they cannot be shown beside each other",
    ),
    "run_is_system": (
        "kørslen er af et strømsystem, ikke af en sag med kommuner",
        "the run is of a flow system, not of a case with municipalities",
    ),
    "no_case": (
        "{file} beskriver et strømsystem; det kan regnskabsføres og afstemmes (mfa account, mfa reconcile), ikke planlægges",
        "{file} describes a flow system; it can be accounted and reconciled (mfa account, mfa reconcile), not planned",
    ),
    "no_system_year": (
        "{value} er ikke blandt systemets år: {known}",
        "{value} is not one of the system's years: {known}",
    ),
    "how_sure": (
        "{scope}, {method}: {rate}, med 90 % sandsynlighed {low} til {high}; det hænger mest på",
        "{scope}, {method}: {rate}, {low} to {high} with 90 % probability; it hangs most on",
    ),
    "driver": (
        "    {share} af usikkerheden: {input} ({effect} procentpoint for hver standardafvigelse mere)",
        "    {share} of the uncertainty: {input} ({effect} percentage points for each standard deviation more)",
    ),
    "no_draws": (
        "'{value}' er intet antal trækninger; skriv et helt tal fra 2",
        "'{value}' is no number of draws; write a whole number from 2",
    ),
    "no_draws_of_case": (
        "--draws gælder strømsystemer; en sag afstemmes uden",
        "--draws is for flow systems; a case is reconciled without",
    ),
    "unsolved": ("Systemet kan ikke beregnes: {detail}", "The system cannot be solved: {detail}"),
    "run_in_memory": (
        "kørslen er kun i hukommelsen: giv out, en mappe til rapporterne",
        "the run is only in memory: give out, a folder for the reports",
    ),
    "run_bare": ("kørslen har hverken en case eller en mappe", "the run has neither a case nor a folder"),
    "run_missing": (
        "{folder}: her er ingen kørsel ({file} mangler eller er i stykker)",
        "{folder}: no run is here ({file} is missing or broken)",
    ),
    "run_damaged": (
        "{folder}: {file} er i stykker eller ikke skrevet af dette program ({reason})",
        "{folder}: {file} is damaged or was not written by this program ({reason})",
    ),
    "run_outside": (
        "{folder}: {file} fører ud af mappen eller er en henvisning (link); intet uden for mappen læses eller skrives",
        "{folder}: {file} leads out of the folder or is a link; nothing outside the folder is read or written",
    ),
    "run_newer": (
        "{folder}: kørslen er i format {found} og lavet af version {version}; dette program kender format 1 til {known}. "
        "Brug den version, eller en nyere",
        "{folder}: the run is in format {found} and was made by version {version}; this program knows formats 1 to {known}. "
        "Use that version, or a newer one",
    ),
    "place_is_file": ("{folder} er en fil; giv en anden mappe", "{folder} is a file; give another folder"),
    "place_not_empty": (
        "{folder} er hverken tom eller en kørsel; giv en anden mappe",
        "{folder} is not empty and no run; give another folder",
    ),
    "place_closed": (
        "i {folder} kan der ikke skrives ({reason}); giv en anden mappe",
        "{folder} cannot be written to ({reason}); give another folder",
    ),
    **CHOICE_WORDS,
    **EXPORT_WORDS,
    **FAULT_WORDS,
    **ROBUST,
    **RERUN_WORDS,
    **SWEEP_WORDS,
    **VIEW_WORDS,
}


def system_language() -> str:
    """Return 'da' where the system speaks Danish, else 'en'."""
    for name in ("MFA_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "da" if value.lower().startswith("da") else "en"
    return "en"


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Speaker:
    """Says words in one language, with numbers as the language writes them."""

    def __init__(self, language: str) -> None:
        """Keep the language, 'da' or 'en'."""
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of ``key`` with ``values`` filled in."""
        return WORDS[key][0 if self.language == "da" else 1].format(**values)

    def count(self, key: str, number: int) -> str:
        """Return a number of things by their name, which ends in ``_one`` where it is one.

        >>> Speaker("en").count("errors", 1), Speaker("da").count("warnings", 2)
        ('1 error', '2 advarsler')
        """
        return self(f"{key}_one") if number == 1 else self(key, count=number)

    def known(self, key: str) -> str:
        """Return the words of ``key``, or the key itself if it has none."""
        return self(key) if key in WORDS else key.removeprefix("stopped_")

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with thousands marked.

        >>> Speaker("da").number(1234567.8, 1), Speaker("en").number(1234567.8, 1)
        ('1.234.567,8', '1,234,567.8')
        """
        text = f"{value:,.{decimals}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "da" else text

    def percent(self, value: float | None, decimals: int = 1) -> str:
        """Return a share as a percentage; '-' if it is unknown.

        >>> Speaker("da").percent(0.8014), Speaker("en").percent(None)
        ('80,1 %', '-')
        """
        if value is None or value != value:
            return "-"
        return f"{self.number(100 * value, decimals)} %"


class SpokenError(Exception):
    """An error of a user's: a key of the words with what fills it in, told in English or :meth:`text`'s language."""

    def __init__(self, key: str, **values: object) -> None:
        """Keep what is said; as text it is English."""
        super().__init__(Speaker("en")(key, **values))
        self.key, self.values = key, values

    def text(self, speak: Speaker) -> str:
        """Return what is said in a language; values that are errors of this kind are told in it too."""
        said = {n: v.text(speak) if isinstance(v, SpokenError) else v for n, v in self.values.items()}
        return speak(self.key, **said)
