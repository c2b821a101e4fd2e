"""The words of the case workbook that are not in the declaration: its guide, in both languages."""

from __future__ import annotations

SHEETS = {
    "readme": ("LÆSMIG", "README"),
    "settings": ("indstillinger", "settings"),
    "lists": ("lister", "lists"),
    "units": ("enheder", "units"),
}
"""Sheets that are no tables: Danish and English name."""

SETTING_COLUMNS = (
    ("key", "nøgle"),
    ("value", "værdi"),
    ("unit", "enhed"),
    ("description", "beskrivelse"),
)

GUIDE = {
    "da": (
        ("Sådan bruges arbejdsbogen", ""),
        (
            "Ark",
            "Ét ark er én tabel; overskrifterne står i række 1. Ark og kolonner findes ved navn, på dansk eller engelsk, i vilkårlig rækkefølge.",
        ),
        (
            "Frie kolonner",
            "Kolonner, der hedder note, kommentar eller comment, eller som begynder med #, læses ikke. Det gør ark, der begynder med #, heller ikke.",
        ),
        ("Tom celle", "Tom er ikke nul: tom betyder ikke oplyst, og standardværdien gælder, hvor der er en."),
        (
            "Enheder",
            "Enheden står i overskriften, fx kapacitet [ton/år], eller i en kolonne 'enhed'; aldrig begge, aldrig ingen. Arket med enheder viser, hvad der kan skrives. 1 ton er 1000 kg.",
        ),
        ("Andele", "Andele er tal fra 0 til 1 eller Excel-procenter. Tal skal være tal, ikke tekst."),
        (
            "År",
            "Årene kan stå nedad i kolonnen 'år' eller hen ad i overskrifterne, én kolonne pr. år med enhed: 2023 [ton/år].",
        ),
        (
            "Kilde og status",
            "Hver række kan have kilde og status: reported (oplyst), derived (beregnet) eller assumed (antaget). En tom status er antaget. Status følger med ud i resultaterne.",
        ),
        (
            "Farver",
            "Mørk overskrift: skal udfyldes. Lys overskrift: kan udfyldes. Gul række: antaget; det står også i kolonnen status.",
        ),
        ("Kontrol", "Skriv 'mfa check FIL.xlsx': alle fejl vises på én gang med ark og celle."),
    ),
    "en": (
        ("How to use this workbook", ""),
        (
            "Sheets",
            "One sheet is one table; headers stand in row 1. Sheets and columns are found by name, Danish or English, in any order.",
        ),
        (
            "Free columns",
            "Columns called note, kommentar or comment, or starting with #, are not read; nor are sheets starting with #.",
        ),
        ("Blank", "Blank is not zero: it means not given, and the default holds where there is one."),
        (
            "Units",
            "The unit stands in the header, for instance capacity [t/year], or in a column 'unit'; never both, never neither. The units sheet shows what can be written. 1 ton is 1000 kg.",
        ),
        ("Shares", "Shares are numbers from 0 to 1 or Excel percentages. Numbers must be numbers, not text."),
        (
            "Years",
            "Years may run down in the column 'year' or across in headers, one column a year with its unit: 2023 [t/year].",
        ),
        (
            "Source and status",
            "Every row may carry a source and a status: reported, derived or assumed. A blank status counts as assumed. The status travels into the results.",
        ),
        (
            "Colours",
            "Dark header: must be filled in. Light header: may be filled in. Yellow row: assumed; the status column says so too.",
        ),
        ("Check", "Run 'mfa check FILE.xlsx': every problem is shown at once, with sheet and cell."),
    ),
}

UNIT_EXAMPLES = (
    (
        "t/year",
        "kg/year, t/year, ton/år, 1000 t/year, kt/year, lb/year, short_ton/year; m3/year, kg/capita/year, kg/household/year (generation)",
    ),
    ("DKK", "DKK, 1000 DKK, MDKK, mio. kr."),
    ("DKK/year", "DKK/year, MDKK/year, mio. kr./år"),
    ("DKK/t", "DKK/t, kr./ton, DKK/short_ton"),
    ("DKK/household/year", "DKK/household/year, kr./husstand/år"),
    ("DKK/household", "DKK/household, kr./husstand"),
    ("DKK/(t/year)", "DKK/(t/year), kr./(ton/år)"),
    ("DKK/MWh", "DKK/MWh, kr./MWh, DKK/GJ, DKK/kWh"),
    ("DKK/t/km", "DKK/t/km, kr./tkm"),
    ("kg/t", "kg/t, g/kg, kgCO2e/t, tCO2e/t, lb/short_ton"),
    ("kg/t/km", "kg/t/km, g/t/km, kgCO2e/tkm"),
    ("GJ/t", "GJ/t, MJ/kg, kWh/kg"),
    ("t/m**3", "t/m3, kg/m3, lb/yd3"),
    ("t/m**2", "t/m2, kg/m2"),
    ("m**2", "m2, 1000 m2, km2"),
    ("t", "t, ton, 1000 t, kt"),
    ("km", "km, m, miles"),
    ("year", "year, år, months"),
    ("capita", "capita, indbyggere, 1000 capita"),
    ("household", "household, husstande, boliger"),
)

DANISH_MEANINGS = {
    "settings": "sagens år, rente, valuta og mål",
    "municipalities": "de enheder, der beslutter",
    "dwellings": "husstande efter segment",
    "fractions": "hvad materialet er",
    "sectors": "kilder til affald og deres segmenter",
    "municipal_waste": "hvilke af en sektors fraktioner der er kommunalt affald efter EU's regler",
    "streams": "hvad der indsamles sammen",
    "technologies": "hvad et anlæg gør",
    "outputs": "hvad der forlader anlæggene",
    "generation": "primært affald efter materiale, over alle strømme; totaler fordeles med nøgle og sammensætning",
    "allocation_keys": "vægte, der fordeler en regional mængde på kommuner",
    "compositions": "fraktionernes andele af en mængde; de giver tilsammen 1",
    "growth": "årlig ændring i mængderne efter det sidste regnskabsår; den mest præcise række gælder",
    "stock_drivers": "lagre, hvis afgang driver mængderne efter det sidste regnskabsår og går forud for vækst; den mest præcise række gælder",
    "stock_series": "de lagre, der driver mængder, år for år, eller det, der kommer til dem; år imellem interpoleres",
    "schemes": "hvad en kilde kan gøre med sit affald, hele pakken",
    "collection": "omkostning og betaler for enkelte strømme i en ordning",
    "capture": "andelen af hver fraktion, der går i hver strøm; én tom andel pr. fraktion er resten",
    "current_schemes": "hvad der kører i dag",
    "facilities": "steder, hvor strømme og udgange behandles",
    "sizes": "trin, som et muligt anlæg eller en udvidelse kan bygges i",
    "yields": "hvor hver fraktion i en teknologi kommer hen; de mest præcise rækker gælder",
    "accepts": "strømme og udgange, som en teknologi modtager",
    "contracts": "hvad der allerede er bundet; ellers går en strøm i dag til det nærmeste anlæg",
    "pinned": "beslutninger, som brugeren har låst",
    "transport": "omkostning og udledning ved at flytte et ton",
    "distances": "afstand eller pris fra sted til sted; går forud for koordinater",
    "markets": "hvem der aftager en udgang",
    "prices": "afgifter, energi og CO2, hver talt én gang",
    "emissions": "drivhusgas pr. ton af en fraktion",
    "targets": "rater, der skal nås",
    "limits": "indikatorer, der skal holdes nede eller oppe",
    "purchasing": "indkøb, der udvider et marked for sekundært materiale, sammenlignet med nyt over produktets levetid",
    "content_requirements": "krævet indhold af genanvendt materiale i et produkt",
    "exchange": "biprodukter og jord, som virksomheder og byggeprojekter afgiver og mangler; aldrig affald",
    "indicator_factors": "hvad et ton giver af job, værdi i området og undgået materiale",
    "scenarios": "ændringer, som --scenario anvender",
    "measurements": "rapporterede rater og mængder, som regnskabet afstemmes med",
}
