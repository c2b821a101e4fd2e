"""What an import says in Danish and English: why a figure was not placed, and the sheets it writes."""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    "no_data": ("ingen oplysning i filen", "no data in the file"),
    "bad_number": ("er ikke et tal", "is not a number"),
    "other_year": ("et andet år end det valgte (--year)", "another year than the chosen one (--year)"),
    "not_municipality": (
        "hele landet, en region eller en gruppe af kommuner",
        "the whole country, a region or a group of municipalities",
    ),
    "municipality_unknown": ("kommunen er ikke i sagen", "the municipality is not in the case"),
    "municipality_left_out": ("udeladt i #mapping", "left out in #mapping"),
    "stream_ambiguous": (
        "svarer ikke til netop én strøm (kan være: {candidates}); vælg i #mapping",
        "is not just one stream (may be: {candidates}); choose in #mapping",
    ),
    "stream_unknown": (
        "ingen strøm i sagen passer; vælg i #mapping",
        "no stream of the case fits; choose in #mapping",
    ),
    "stream_left_out": ("udeladt i #mapping", "left out in #mapping"),
    "sector_unknown": (
        "ingen sektor i sagen passer; vælg i #mapping",
        "no sector of the case fits; choose in #mapping",
    ),
    "sector_ambiguous": (
        "svarer ikke til netop én sektor (kan være: {candidates}); vælg i #mapping",
        "is not just one sector (may be: {candidates}); choose in #mapping",
    ),
    "sector_left_out": ("udeladt i #mapping", "left out in #mapping"),
    "treatment_of_stream": (
        "behandlingen af en enkelt strøm er ikke en måling i sagen",
        "the treatment of a single stream is no measurement of a case",
    ),
    "treatment_not_rate": (
        "kun genanvendelse giver en rate; forbrænding og deponering følger af resten",
        "only recycling makes a rate; incineration and landfill follow from the rest",
    ),
    "treatment_unknown": ("behandlingen kendes ikke", "the treatment is not known"),
    "key_unknown": ("nøgletallet kendes ikke", "the key figure is not known"),
    "no_total": ("raten kan ikke beregnes: mængden i alt mangler", "no rate can be computed: the total is missing"),
    "rate_outside": ("raten ligger ikke mellem 0 og 1", "the rate is not between 0 and 1"),
    "negative": ("mængden er negativ", "the amount is negative"),
    "given_twice": (
        "er allerede givet af en anden linje ({other})",
        "is already given by another line ({other})",
    ),
    "no_population": ("kommunens indbyggertal mangler i sagen", "the municipality's population is not in the case"),
    "part_of_sector": (
        "arket rummer kun kommunalt affald; det er ikke hele sektorens",
        "the sheet holds municipal waste only; it is not the whole of the sector",
    ),
    "method_not_used": (
        "sagen bruger ikke metoden {candidates}; sæt et mål eller en måling med den for at tage tallet med",
        "the case does not use the method {candidates}; give a target or a measurement by it to take the figure",
    ),
    "column_not_read": ("kolonnen svarer ikke til en måling", "the column is no measurement of a case"),
    "sheet_not_read": ("arket læses ikke", "the sheet is not read"),
    "row_in_sheets": (
        "rækken står ens i flere ark og tæller én gang",
        "the row stands alike in several sheets and counts once",
    ),
    "generation_regional": (
        "affaldsmængder: sagen fordeler en regional mængde; mængden står kun som måling",
        "generation: the case spreads a regional amount; the total is a measurement only",
    ),
    "generation_no_composition": (
        "affaldsmængder: ingen sammensætning viser, hvad mængden består af; den står kun som måling",
        "generation: no composition says what the amount consists of; it is a measurement only",
    ),
    "generation_segments": (
        "affaldsmængder: intet viser, hvordan mængden deles på segmenter; den står kun som måling",
        "generation: nothing says how the amount divides over segments; it is a measurement only",
    ),
    "generation_zero": (
        "affaldsmængder: rækkerne er nul og kan ikke fordele mængden",
        "generation: the rows are zero and cannot spread the amount",
    ),
}

EXPECTED = (
    "no_data",
    "treatment_not_rate",
    "treatment_of_stream",
    "column_not_read",
    "sheet_not_read",
    "row_in_sheets",
    "other_year",
    "not_municipality",
    "municipality_unknown",
)
"""Reasons that every file of the whole country has; they come last in a list."""

HEADERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "import": (
        ("Hvorfor", "Hvad", "Hvor", "Rækker", "År", "Værdi", "Enhed", "Fil"),
        ("Why", "What", "Where", "Rows", "Years", "Value", "Unit", "File"),
    ),
    "mapping": (("art", "i_filen", "id", "note"), ("kind", "in_file", "id", "note")),
}
KINDS: dict[str, tuple[str, str]] = {
    "municipality": ("kommune", "municipality"),
    "stream": ("strøm", "stream"),
    "sector": ("sektor", "sector"),
}
SOURCES: dict[str, tuple[str, str]] = {
    "dst": ("Danmarks Statistik, {table}", "Statistics Denmark, {table}"),
    "mst": (
        "Miljøstyrelsen, affaldsstatistikkens rådata, {table}",
        "Danish EPA, raw data of waste statistics, {table}",
    ),
    "file": ("fil {file} af {date}", "file {file} of {date}"),
    "sum": ("sum af {count} rækker", "sum of {count} rows"),
    "per_head": (
        "kg pr. indbygger gange sagens indbyggertal ({people})",
        "kg per inhabitant times the case's population ({people})",
    ),
    "share": ("beregnet af mængderne", "computed from the amounts"),
    "no_soil": ("uden jord", "without soil"),
    "split": ("fordelt som sagens rækker for {year}", "spread as the case's rows of {year}"),
    "composition": ("fordelt efter sammensætningen {composition}", "spread by the composition {composition}"),
    "real_recycling": (
        "kommunalt affald fra husholdninger, reel genanvendelse; året er filens seneste",
        "municipal waste of households, real recycling; the year is the latest of the file",
    ),
}


def said(texts: dict[str, tuple[str, str]], key: str, language: str, **values: object) -> str:
    """Return a text of a catalogue in a language, with its values filled in."""
    return texts[key][0 if language == "da" else 1].format(**values)
