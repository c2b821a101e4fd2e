"""What is said of a layout that cannot be used, and the example to begin with, in Danish and English."""

from __future__ import annotations

LAYOUT_TEXTS: dict[str, tuple[str, str]] = {
    "layout_missing": ("filen findes ikke eller kan ikke læses", "the file does not exist or cannot be read"),
    "layout_encoding": ("filen er ikke gemt som UTF-8", "the file is not saved as UTF-8"),
    "layout_syntax": ("filen er ikke gyldig TOML: {found}", "the file is not valid TOML: {found}"),
    "layout_key": ("'{found}' kendes ikke; der kan stå: {expected}", "'{found}' is unknown; there can be: {expected}"),
    "layout_twice": (
        "'{found}' står to gange, også som '{expected}'",
        "'{found}' is there twice, also as '{expected}'",
    ),
    "layout_kind": ("'{found}' skal være {expected}", "'{found}' must be {expected}"),
    "layout_sheet": (
        "der er intet ark '{found}'; der er: {expected}",
        "there is no sheet '{found}'; there are: {expected}",
    ),
    "layout_sheet_twice": ("arket '{found}' står to gange", "the sheet '{found}' is there twice"),
    "layout_sheets_none": (
        "'{found}' er tom; nævn mindst ét ark, eller slet linjen for at få dem alle",
        "'{found}' is empty; name one sheet at least, or delete the line to have them all",
    ),
    "layout_place": (
        "kørslen har ingen kommune '{found}'; der er: {expected}",
        "the run has no municipality '{found}'; there are: {expected}",
    ),
    "layout_colour": (
        "'{found}' er ingen farve; skriv den som #1B4D5C",
        "'{found}' is no colour; write it as #1B4D5C",
    ),
    "layout_contrast": (
        "farven {found} er for lys: hvid skrift på den har kontrasten {place}, og den skal være mindst {expected}",
        "the colour {found} is too light: white letters on it have a contrast of {place}, and it must be {expected} at least",
    ),
    "layout_prefix": (
        "'{found}' har ingen bogstaver eller tal, der kan stå i et filnavn",
        "'{found}' has no letters or digits that can stand in a file name",
    ),
    "layout_long": (
        "'{found}' er for lang; der er plads til {expected} tegn",
        "'{found}' is too long; there is room for {expected} characters",
    ),
    "layout_large": ("filen er større end {expected}", "the file is larger than {expected}"),
    "logo_outside": (
        "logoet '{found}' ligger ikke i layoutets mappe; læg det ved siden af layoutet",
        "the logo '{found}' is not in the folder of the layout; put it beside the layout",
    ),
    "logo_missing": ("logoet {found} findes ikke", "the logo {found} does not exist"),
    "logo_kind": ("{found} er ikke et helt PNG- eller JPEG-billede", "{found} is not a whole PNG or JPEG picture"),
    "logo_large": ("logoet fylder {found}; det må fylde {expected}", "the logo takes {found}; it may take {expected}"),
    "logo_pixels": (
        "logoet er {found} billedpunkter; hver side skal være {expected}",
        "the logo is {found} pixels; each side must be {expected}",
    ),
    "logo_area": (
        "logoet er {found} billedpunkter; hele billedet må have {expected} millioner",
        "the logo is {found} pixels; the whole picture may have {expected} million",
    ),
    "logo_text": (
        "logoet har ingen tekst; skriv i '{expected}', hvad det viser, til dem, der ikke kan se det",
        "the logo has no text; say in '{expected}' what it shows, for those who cannot see it",
    ),
}

KINDS: dict[str, tuple[str, str]] = {
    "text": ("en tekst i anførselstegn", "a text in quotes"),
    "texts": ('en liste af tekster, ["…", "…"]', 'a list of texts, ["…", "…"]'),
    "section": ("et afsnit med kommuner, fx [kommune.159]", "a section of municipalities, such as [municipality.159]"),
}
LINE = ("linje", "line")

EXAMPLE: tuple[str, str] = (
    """\
# Rapporternes udseende. Alt er frivilligt; slet det, der ikke skal bruges.
# Brug: mfa report KØRSEL --layout {name}

organisation = "Vores kommune, Affald og Genbrug"
kontakt = ["Telefon: skriv nummeret her", "Mail: skriv adressen her"]

# Et PNG- eller JPEG-billede ved siden af denne fil, og hvad det viser.
# logo = "logo.png"
# logo_tekst = "Kommunens byvåben"

# Farven på overskrifter og tabelhoveder; hvid skrift på den skal kunne læses.
farve = "{accent}"

# Foran hvert filnavn.
filnavn = "udkast"

# Hvilke ark og i hvilken rækkefølge. Uden denne linje er alle med. Resuméet er altid med.
ark = [
{sheets}
]

# For en enkelt kommune (kommunekode) eller 'region' kan alt andet end filnavn være anderledes:
# [kommune.159]
# kontakt = ["…"]
""",
    """\
# How the reports look. Everything is optional; delete what is not needed.
# Use: mfa report RUN --layout {name}

organisation = "Our municipality, Waste and Recycling"
contact = ["Telephone: write the number here", "Mail: write the address here"]

# A PNG or JPEG picture beside this file, and what it shows.
# logo = "logo.png"
# logo_text = "The arms of the municipality"

# The colour of titles and heads of tables; white letters on it must be readable.
accent = "{accent}"

# In front of every file name.
file_prefix = "draft"

# Which sheets, in which order. Without this line all of them. The summary is always there.
sheets = [
{sheets}
]

# For one municipality (its code) or 'region' everything but the file prefix may differ:
# [municipality.159]
# contact = ["…"]
""",
)
