"""What is said of problems of a workbook: the file, its sheets and columns, units and single cells.

Each code has its text in Danish and in English; ``{found}``, ``{expected}`` and ``{place}`` are filled in.
"""

from __future__ import annotations

FILE: dict[str, tuple[str, str]] = {
    "file_missing": ("filen findes ikke", "the file does not exist"),
    "file_locked": (
        "filen kan ikke læses; er den åben i Excel?",
        "the file cannot be read; is it open in Excel?",
    ),
    "file_kind": (
        "{found} kan ikke læses; gem projektmappen som .xlsx",
        "{found} cannot be read; save the workbook as .xlsx",
    ),
    "file_encrypted": (
        "filen er beskyttet med adgangskode eller i det gamle .xls-format; gem en ubeskyttet .xlsx",
        "the file has a password or is in the old .xls format; save an unprotected .xlsx",
    ),
    "file_broken": ("filen er ikke en hel .xlsx: {found}", "the file is not a whole .xlsx: {found}"),
    "file_too_large": (
        "filen fylder udpakket {found}; det meste, der læses, er {expected}",
        "the file unpacks to {found}; the most that is read is {expected}",
    ),
    "file_other_kind": (
        "filen hedder .xlsx, men er det ikke ({found}); åbn den i Excel og gem den som .xlsx",
        "the file is called .xlsx but is none ({found}); open it in Excel and save it as .xlsx",
    ),
    "file_too_much": (
        "filen har for meget ({found}); det meste, der læses, er {expected}. Slet tomme rækker, kolonner og formater "
        "uden for tabellerne",
        "the file holds too much ({found}); the most that is read is {expected}. Delete blank rows, columns and formats "
        "outside the tables",
    ),
    "version_newer": (
        "arbejdsbogen har version {found}; dette program læser til og med version {expected}",
        "the workbook has version {found}; this program reads up to version {expected}",
    ),
}

IMPORTS: dict[str, tuple[str, str]] = {
    "import_columns": (
        "filen har ikke de kolonner, der ventes; fundet: {found}; ventet: {expected}",
        "the file lacks the columns that are expected; found: {found}; expected: {expected}",
    ),
    "import_sheet": (
        "intet ark med navnet '{expected}'; fundet: {found}",
        "no sheet is called '{expected}'; found: {found}",
    ),
    "import_number": (
        "'{found}' kan læses som tusinder og som decimaler; gem filen uden tusindtalsskilletegn",
        "'{found}' can be read as thousands and as decimals; save the file without marks of thousands",
    ),
    "import_year": (
        "filen har ikke {expected}; den har {found}. Vælg år med --year",
        "the file does not have {expected}; it has {found}. Choose years with --year",
    ),
    "import_id": ("sagen har ingen {expected} med id '{found}'", "the case has no {expected} with the id '{found}'"),
    "import_lists": (
        "udfyld først {expected}; import skal vide, hvem tallene gælder",
        "fill in {expected} first; an import must know whose figures they are",
    ),
    "import_unit": (
        "kolonnen har enheden '{found}'; import kan kun skrive i en kolonne, der kan omregnes til {expected}",
        "the column is in '{found}'; an import can only write to a column that converts to {expected}",
    ),
    "import_open": (
        "projektmappen er åben i Excel; luk den, eller skriv til en anden med --out",
        "the workbook is open in Excel; close it, or write to another with --out",
    ),
    "import_read_only": (
        "projektmappen er skrivebeskyttet; skriv til en anden med --out",
        "the workbook is read-only; write to another with --out",
    ),
}

SHEETS: dict[str, tuple[str, str]] = {
    "sheet_unknown": ("arket '{found}' kendes ikke og læses ikke", "the sheet '{found}' is unknown and is not read"),
    "sheet_missing": ("arket '{expected}' mangler", "the sheet '{expected}' is missing"),
    "sheet_twice": (
        "arket '{expected}' findes to gange, også som '{found}'",
        "the sheet '{expected}' is there twice, also as '{found}'",
    ),
    "table_empty": ("arket har ingen rækker", "the sheet has no rows"),
    "header_row": (
        "overskrifterne står i række {found}; de skal stå i række 1",
        "the headers are in row {found}; they belong in row 1",
    ),
    "header_missing": ("arket har ingen overskrifter i række 1", "the sheet has no headers in row 1"),
    "column_unknown": (
        "kolonnen '{found}' kendes ikke og læses ikke",
        "the column '{found}' is unknown and is not read",
    ),
    "column_missing": ("kolonnen '{expected}' mangler", "the column '{expected}' is missing"),
    "column_twice": ("kolonnen '{found}' findes to gange", "the column '{found}' is there twice"),
    "value_outside": (
        "'{found}' står i en kolonne uden overskrift og læses ikke",
        "'{found}' stands in a column without a header and is not read",
    ),
    "merged_cells": (
        "cellerne {found} er flettet, så kun den første har en værdi; ophæv fletningen og udfyld hver celle",
        "the cells {found} are merged, so only the first has a value; unmerge them and fill in each cell",
    ),
    "hidden_rows": (
        "rækkerne {found} er skjult (måske af et filter), men læses som de andre",
        "the rows {found} are hidden (by a filter, perhaps) but are read like the others",
    ),
    "hidden_columns": (
        "kolonnerne {found} er skjult, men læses som de andre",
        "the columns {found} are hidden but are read like the others",
    ),
    "hidden_sheet": ("arket '{found}' er skjult, men læses", "the sheet '{found}' is hidden but is read"),
    "years_twice": (
        "år står både i kolonnen '{expected}' og i overskrifterne",
        "years are given both in the column '{expected}' and in headers",
    ),
    "range_across": (
        "low/high kan ikke gives, når årene står i overskrifterne; de læses ikke",
        "low/high cannot be given while years stand in headers; they are not read",
    ),
}

UNITS: dict[str, tuple[str, str]] = {
    "unit_missing": (
        "enheden mangler; skriv den i overskriften: {found} [{expected}]",
        "the unit is missing; write it in the header: {found} [{expected}]",
    ),
    "unit_twice": (
        "enheden står både i overskriften og i kolonnen '{expected}'",
        "the unit is given both in the header and in the column '{expected}'",
    ),
    "unit_unexpected": ("kolonnen '{expected}' har ingen enhed", "the column '{expected}' has no unit"),
    "unit_unknown": ("enheden '{found}' kendes ikke", "the unit '{found}' is unknown"),
    "unit_dimension": (
        "enheden '{found}' måler ikke det samme som {expected}",
        "the unit '{found}' does not measure the same as {expected}",
    ),
    "unit_currency": (
        "'{found}' er en anden valuta end sagens, {expected}; omregn beløbet",
        "'{found}' is another currency than the case's, {expected}; convert the amount",
    ),
    "unit_column": (
        "enhedskolonnen kan kun bruges i et ark med én værdikolonne med enhed",
        "a unit column works only in a sheet with one value column that has a unit",
    ),
    "unit_density": (
        "en mængde i '{found}' kræver fraktionens rumvægt (bulk_density)",
        "an amount in '{found}' needs the fraction's bulk_density",
    ),
    "unit_population": (
        "en mængde i '{found}' kræver kommunens {expected}",
        "an amount in '{found}' needs the municipality's {expected}",
    ),
}

CELLS: dict[str, tuple[str, str]] = {
    "excel_error": ("Excel-fejl {found}", "Excel error {found}"),
    "formula_uncached": (
        "formlen har ingen gemt værdi; åbn og gem filen i Excel",
        "the formula has no stored value; open and save the file in Excel",
    ),
    "text_number": (
        "'{found}' er tekst, ikke et tal",
        "'{found}' is text, not a number",
    ),
    "not_number": ("'{found}' er ikke et tal", "'{found}' is not a number"),
    "date_number": (
        "'{found}' er en dato eller et klokkeslæt, ikke et tal; formatér cellen som tal og skriv tallet igen",
        "'{found}' is a date or a time, not a number; format the cell as a number and write the number again",
    ),
    "date_text": (
        "'{found}' er en dato; formatér cellen som tekst og skriv den igen",
        "'{found}' is a date; format the cell as text and write it again",
    ),
    "not_year": ("'{found}' er ikke et årstal", "'{found}' is not a year"),
    "not_integer": ("'{found}' er ikke et helt tal", "'{found}' is not a whole number"),
    "not_flag": ("'{found}' er hverken ja eller nej", "'{found}' is neither yes nor no"),
    "not_years": ("'{found}' er ikke en liste af år", "'{found}' is not a list of years"),
    "choice": ("'{found}' er ikke blandt: {expected}", "'{found}' is not one of: {expected}"),
    "reference": ("'{found}' findes ikke i {expected}", "'{found}' is not in {expected}"),
    "required": ("cellen skal udfyldes", "the cell must be filled in"),
    "below": ("{found} er under det mindste, {expected}", "{found} is below the least, {expected}"),
    "above": ("{found} er over det største, {expected}", "{found} is above the most, {expected}"),
    "duplicate": (
        "rækken gentager nøglen fra række {expected}: {found}",
        "the row repeats the key of row {expected}: {found}",
    ),
    "problems_more": (
        "arket har flere fejl end de første {found}, som er nævnt",
        "the sheet has more problems than the first {found}, which are told",
    ),
    "setting_unknown": ("indstillingen '{found}' kendes ikke", "the setting '{found}' is unknown"),
    "setting_missing": ("indstillingen '{expected}' mangler", "the setting '{expected}' is missing"),
    "setting_twice": ("indstillingen '{found}' findes to gange", "the setting '{found}' is there twice"),
}
