"""Problems of a case, each with its place, and the errors that carry them to the user.

A problem has a stable code; its text in Danish and English comes from one catalogue, so that the
same problem reads the same on the command line, in JSON and in an annotated workbook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

import pandas as pd

Severity = Literal["error", "warning"]

TEXTS: dict[str, tuple[str, str]] = {
    # the file
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
    # importing statistics
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
    # sheets and columns
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
    "years_twice": (
        "år står både i kolonnen '{expected}' og i overskrifterne",
        "years are given both in the column '{expected}' and in headers",
    ),
    "range_across": (
        "low/high kan ikke gives, når årene står i overskrifterne; de læses ikke",
        "low/high cannot be given while years stand in headers; they are not read",
    ),
    # what a plan is asked for
    "limit_regional": (
        "{found} kan kun begrænses for hele området: hvad et fælles anlæg koster én kommune, afhænger af delingen",
        "{found} can only be limited for the whole area: what a shared facility costs one municipality hangs on how it "
        "is shared",
    ),
    "limit_technology": (
        "{found} kan ikke begrænses for én teknologi",
        "{found} cannot be limited for one technology",
    ),
    "purchase_unlimited": (
        "markedet '{found}' har ingen kapacitet: det aftager alt og kan ikke udvides",
        "the market '{found}' has no capacity: it takes everything and cannot be widened",
    ),
    "content_room": (
        "kravet er {found} t/år, men '{place}' aftager højst {expected} t/år, også med indkøb",
        "the requirement is {found} t/year, but '{place}' takes at most {expected} t/year, purchases included",
    ),
    "exchange_alone": (
        "ingen række af arten '{expected}' har materialet '{found}'",
        "no row of the kind '{expected}' has the material '{found}'",
    ),
    "objective_households": (
        "målsætningen 'fair' kræver husstande i arket boliger",
        "the objective 'fair' needs households on the sheet dwellings",
    ),
    "objective_factors": (
        "målsætningen '{found}' har ingen faktorer i arket indikatorfaktorer",
        "the objective '{found}' has no factors on the sheet indicator_factors",
    ),
    # units
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
    # cells
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
    # meaning
    "years_order": (
        "første ændringsår {found} ligger ikke i planårene {expected}",
        "the first year of change {found} is not within the plan years {expected}",
    ),
    "years_period": ("{found} er ikke et planår", "{found} is not a plan year"),
    "shares_sum": (
        "andelene for {place} giver tilsammen {found}, ikke 1",
        "the shares of {place} add up to {found}, not 1",
    ),
    "shares_rest": (
        "{place} har {found} tomme andele; højst én kan være resten",
        "{place} has {found} blank shares; at most one can be the rest",
    ),
    "segment": (
        "sektoren '{expected}' har intet segment '{found}'",
        "the sector '{expected}' has no segment '{found}'",
    ),
    "segment_needed": (
        "sektoren '{found}' har segmenter; angiv et af: {expected}",
        "the sector '{found}' has segments; give one of: {expected}",
    ),
    "fraction_needed": (
        "angiv enten en fraktion eller en sammensætning",
        "give either a fraction or a composition",
    ),
    "fraction_and_composition": (
        "angiv kun fraktion eller sammensætning, ikke begge",
        "give a fraction or a composition, not both",
    ),
    "key_needed": (
        "en mængde uden kommune kræver en fordelingsnøgle",
        "an amount without a municipality needs an allocation key",
    ),
    "key_empty": (
        "fordelingsnøglen '{found}' har ingen vægt over nul",
        "the allocation key '{found}' has no weight above zero",
    ),
    "composition_empty": ("sammensætningen '{found}' har ingen rækker", "the composition '{found}' has no rows"),
    "account_year_empty": (
        "der er ingen mængder for regnskabsåret {found}",
        "there are no amounts for the account year {found}",
    ),
    "sector_kind": (
        "sektorens segmenter har forskellig art: {found}",
        "the segments of the sector are of different kinds: {found}",
    ),
    "scheme_sector": (
        "ordningen '{found}' hører til {expected}, ikke til {place}",
        "the scheme '{found}' belongs to {expected}, not to {place}",
    ),
    "scheme_none": (
        "{place} har affald, men ingen nuværende ordning",
        "{place} has waste but no current scheme",
    ),
    "scheme_shares": (
        "de nuværende ordninger i {place} dækker {found} af kilden, ikke 1",
        "the current schemes of {place} cover {found} of the source, not 1",
    ),
    "capture_none": (
        "ordningen '{place}' siger ikke, hvor fraktionen '{found}' kommer hen",
        "the scheme '{place}' does not say where the fraction '{found}' goes",
    ),
    "stream_outlet": (
        "strømmen '{found}' bruges af ordninger, men intet anlæg modtager den",
        "the stream '{found}' is used by schemes but no facility takes it",
    ),
    "output_outlet": (
        "udgangen '{found}' fra '{place}' har hverken marked eller anlæg, der modtager den",
        "the output '{found}' of '{place}' has neither a market nor a facility that takes it",
    ),
    "chain": (
        "udgangen '{found}' kan komme tilbage til det anlæg, den kom fra: {place}; et kredsløb kan ikke planlægges",
        "the output '{found}' can come back to where it was made: {place}; a loop cannot be planned",
    ),
    "single_destination": (
        "strømmen '{found}' skal til ét anlæg, men kontrakter binder den til flere: {place}",
        "the stream '{found}' must go to one facility, but contracts bind it to several: {place}",
    ),
    "input_unknown": (
        "'{found}' er hverken en strøm eller en udgang",
        "'{found}' is neither a stream nor an output",
    ),
    "yield_none": (
        "teknologien '{place}' modtager '{found}', men har intet udbytte for fraktionen '{expected}'",
        "the technology '{place}' takes '{found}' but has no yield for the fraction '{expected}'",
    ),
    "fee_and_cost": (
        "anlægget har både modtagegebyr og egne omkostninger; vælg ét",
        "the facility has both a gate fee and costs of its own; choose one",
    ),
    "size_owner": (
        "trinnet hører til hverken en teknologi eller et anlæg",
        "the step belongs to neither a technology nor a facility",
    ),
    "candidate_size": (
        "anlægget '{found}' er et muligt anlæg uden størrelser at bygge",
        "the facility '{found}' is a candidate without a size to build",
    ),
    "reserved": (
        "{found} er reserveret af andre, men kapaciteten er {expected}",
        "{found} is reserved by others but the capacity is {expected}",
    ),
    "minimum_load": (
        "mindste belastning {found} er over kapaciteten {expected}",
        "the least load {found} is above the capacity {expected}",
    ),
    "dwellings_none": (
        "{place} har ingen boliger her, så det, ordningerne koster pr. husstand, tælles ikke",
        "{place} has no dwellings here, so what its schemes cost per household is not counted",
    ),
    "no_place": (
        "'{found}' har hverken koordinater eller afstande",
        "'{found}' has neither coordinates nor distances",
    ),
    "place_unknown": (
        "'{found}' er hverken en kommune eller et anlæg",
        "'{found}' is neither a municipality nor a facility",
    ),
    "transport_none": (
        "transportformen '{expected}' mangler; den koster og udleder intet",
        "the transport mode '{expected}' is missing; it costs and emits nothing",
    ),
    "contract_stream": (
        "anlægget '{place}' modtager ikke strømmen '{found}'",
        "the facility '{place}' does not take the stream '{found}'",
    ),
    "contract_shares": (
        "kontrakterne for {place} binder {found} af strømmen, mere end alt",
        "the contracts of {place} bind {found} of the stream, more than all of it",
    ),
    "scope": (
        "afgrænsningen '{found}' er hverken {expected} eller en sektor",
        "the scope '{found}' is neither {expected} nor a sector",
    ),
    "target_falls": (
        "målet falder fra {expected} til {found}",
        "the target falls from {expected} to {found}",
    ),
    "target_order": (
        "'{found}' kræver {place}, men den mere omfattende metode kun {expected}",
        "'{found}' asks for {place} but the wider method only for {expected}",
    ),
    "calibration_impossible": (
        "den målte rate {found} er ikke mellem 0 og 1",
        "the measured rate {found} is not between 0 and 1",
    ),
    "capacity": (
        "{place} giver {found}, men anlæggene, der kan modtage det, har kun plads til {expected}",
        "{place} amounts to {found}, but the facilities that can take it have room for {expected}",
    ),
    # what no plan can do, whatever is chosen
    "target_out_of_reach": (
        "målet {expected} kan ikke nås: de bedste lovlige ordninger når højst {found}; det, der ikke kan tælle, er "
        "mest i {place}",
        "the target {expected} is out of reach: the best lawful schemes reach {found} at most; what cannot count is "
        "most of all in {place}",
    ),
    "no_room": (
        "mindst {found} skal behandles, hvad der end vælges, men der er højst plads til {expected}, også når alt "
        "bygges ({place})",
        "at least {found} needs a place, whatever is chosen, but there is room for {expected} at most, with "
        "everything built ({place})",
    ),
    "no_market_room": (
        "mindst {found} skal afsættes, hvad der end vælges, men markederne aftager højst {expected} ({place})",
        "at least {found} must be sold, whatever is chosen, but markets take {expected} at most ({place})",
    ),
    "load_out_of_reach": (
        "anlægget skal køre og have mindst {found} ud over det reserverede, men kan højst få {expected} ({place})",
        "the facility must run and have at least {found} beyond what is reserved, but can get {expected} at most "
        "({place})",
    ),
    "interval": ("{found} er efter {expected}", "{found} is after {expected}"),
    "range_order": (
        "værdien {found} ligger ikke mellem lav og høj ({expected})",
        "the value {found} is not between low and high ({expected})",
    ),
    # stocks that drive amounts
    "driver_lifetime": (
        "en levetid af typen {found} skal have {expected}, større end nul",
        "a lifetime of type {found} needs {expected}, above zero",
    ),
    "driver_lifetime_extra": (
        "en levetid af typen {found} bruger ikke {expected}; den læses ikke",
        "a lifetime of type {found} does not use {expected}; it is not read",
    ),
    "driver_lifetime_short": (
        "intet af det, der kommer til lageret '{found}', er der endnu ved årets slutning; lagrets størrelse kan ikke sige, hvad der kom",
        "nothing that enters the stock '{found}' is still there at the end of its year; the stock cannot say what entered",
    ),
    "driver_series_missing": (
        "lageret '{found}' har ingen rækker i stock_series",
        "the stock '{found}' has no rows in stock_series",
    ),
    "driver_measure": (
        "hver række skal have enten areal eller masse, det samme for hele lageret '{found}'",
        "every row needs either area or mass, the same for the whole stock '{found}'",
    ),
    "driver_kinds": (
        "lageret '{found}' skal enten være lagre, eller tilgang med højst ét lager, i året før den første tilgang",
        "the stock '{found}' must be stocks, or inflows with at most one stock, in the year before the first inflow",
    ),
    "driver_begins": (
        "lageret '{found}' begynder for sent: dets afgang skal kendes i {expected}, det sidste regnskabsår",
        "the stock '{found}' begins too late: its outflow must be known in {expected}, the last accounted year",
    ),
    "driver_ends": (
        "lageret '{place}' ender i {found}, planen i {expected}; den sidste værdi fortsætter",
        "the stock '{place}' ends in {found}, the plan in {expected}; its last value goes on",
    ),
    "driver_intensity": (
        "lageret '{place}' er givet som {found}; brug {expected}, eller lad begge være tomme",
        "the stock '{place}' is given as {found}; use {expected}, or leave both blank",
    ),
    "driver_overlap": (
        "{place} drives også af række {found}, som er lige så præcis; kun den ene kan gælde",
        "{place} is also driven by row {found}, which is as specific; only one can hold",
    ),
    "driver_nothing": (
        "rækken driver ingen mængde: der er ingen i sektoren og fraktionen, hvor lageret ligger, i det sidste regnskabsår",
        "the row drives no amount: there is none of the sector and fraction where the stock lies in the last accounted year",
    ),
    "driver_no_outflow": (
        "lageret '{found}' afgiver intet i {expected}, så det kan ikke skalere mængden; giv intensity eller share",
        "nothing leaves the stock '{found}' in {expected}, so it cannot scale the amount; give intensity or share",
    ),
    "driver_and_growth": (
        "mængderne drives af lageret '{found}'; rækken om vækst gælder ikke for dem",
        "the amounts are driven by the stock '{found}'; this row of growth does not hold for them",
    ),
    # flow systems
    "flow_to_itself": (
        "strømmen går fra '{found}' til sig selv",
        "the flow leads from '{found}' to itself",
    ),
    "flow_nowhere": (
        "strømmen har hverken fra eller til; højst én af dem er systemgrænsen",
        "the flow has neither from nor to; at most one of them is the system boundary",
    ),
    "process_alone": ("processen '{found}' har ingen strømme", "the process '{found}' has no flows"),
    "process_never_left": (
        "intet forlader '{found}', så intet kan komme ind; er det et lager (stock) eller et endepunkt (sink)?",
        "nothing leaves '{found}', so nothing can enter; is it a stock or a sink?",
    ),
    "process_never_entered": (
        "intet kommer ind i '{found}', så intet kan forlade den; er det et lager (stock) eller en kilde (source)?",
        "nothing enters '{found}', so nothing can leave; is it a stock or a source?",
    ),
    "id_of_both": (
        "'{found}' er både et lager og en strøm; giv dem hver sit navn",
        "'{found}' is both a stock and a flow; give them different names",
    ),
    "island_unmeasured": (
        "intet er målt i den del af systemet, som '{found}' hører til, og den hænger ikke sammen med resten",
        "nothing is measured in the part of the system that '{found}' belongs to, and nothing joins it to the rest",
    ),
    "layer_blank": (
        "laget mangler, så værdien gælder alle lag: {found}",
        "the layer is blank, so the value holds for every layer: {found}",
    ),
    "layer_unit": (
        "laget '{place}' tælles her i {found}, men andre steder i {expected}",
        "the layer '{place}' is counted in {found} here but in {expected} elsewhere",
    ),
    "ratio_unit_missing": (
        "forholdet {found} har brug for en enhed, fordi lagene tælles i {place}",
        "the ratio {found} needs a unit, as its layers are counted in {place}",
    ),
    "year_outside": (
        "{found} er ikke blandt systemets år ({expected}); rækken bruges ikke",
        "{found} is not one of the system's years ({expected}); the row is not used",
    ),
    "measured_unknown": (
        "'{found}' er hverken en strøm eller et lager",
        "'{found}' is neither a flow nor a stock",
    ),
    "measured_no_stock": (
        "'{found}' er en proces, men intet lager; mål dens strømme",
        "'{found}' is a process but no stock; measure its flows",
    ),
    "std_twice": (
        "usikkerheden står både i enheden og i procent",
        "the standard deviation is given both in the unit and in per cent",
    ),
    "std_without_value": (
        "der er en usikkerhed, men ingen værdi",
        "there is a standard deviation but no value",
    ),
    "std_missing": (
        "usikkerheden mangler; {expected} af værdien bruges",
        "the standard deviation is missing; {expected} of the value is used",
    ),
    "stds_missing": (
        "{found} rækker har ingen usikkerhed; ved afstemning bruges {expected} af værdien, 0 er eksakt",
        "{found} rows have no standard deviation; reconciling uses {expected} of the value, 0 is exact",
    ),
    "stocks_clash": (
        "det, der er målt, passer ikke med lagrenes levetider: {found}",
        "what is measured does not agree with the lifetimes of stocks: {found}",
    ),
    "std_of_zero": (
        "en værdi på 0 med usikkerhed i procent er eksakt; skriv usikkerheden i enheden",
        "a value of 0 with its uncertainty in per cent is exact; write the standard deviation in the unit",
    ),
    "bounds_order": (
        "nedre grænse {found} er over den øvre, {expected}",
        "the lower bound {found} is above the upper one, {expected}",
    ),
    "distribution_bounds": (
        "fordelingen {found} skal have både nedre og øvre grænse",
        "the distribution {found} needs both a lower and an upper bound",
    ),
    "lognormal_positive": (
        "en lognormal værdi skal være over nul, ikke {found}",
        "a lognormal value must be above zero, not {found}",
    ),
    "flow_negative": (
        "'{place}' er {found}, men strømmen må ikke være negativ; er retningen vendt?",
        "'{place}' is {found} but the flow may not be negative; is its direction turned?",
    ),
    "correlation_self": (
        "'{found}' er korreleret med sig selv",
        "'{found}' is correlated with itself",
    ),
    "correlation_unmeasured": (
        "'{found}' er ikke målt i dette lag og år, så den kan ikke være korreleret",
        "'{found}' is not measured in this layer and year, so it cannot be correlated",
    ),
    "correlation_exact": (
        "'{found}' er eksakt, så den kan ikke være korreleret",
        "'{found}' is exact, so it cannot be correlated",
    ),
    "relation_self": (
        "'{found}' er sat i forhold til sig selv i samme lag",
        "'{found}' is a ratio of itself in the same layer",
    ),
    "coefficient_flow": (
        "strømmen '{found}' forlader ikke processen '{place}'",
        "the flow '{found}' does not leave the process '{place}'",
    ),
    "coefficients_blank": (
        "{found} koefficienter af '{place}' er tomme; højst én kan være resten",
        "{found} coefficients of '{place}' are blank; at most one can be the rest",
    ),
    "coefficients_over": (
        "koefficienterne af '{place}' giver tilsammen {found}, mere end 1",
        "the coefficients of '{place}' add up to {found}, more than 1",
    ),
    "coefficients_sum": (
        "koefficienterne af '{place}' giver tilsammen {found}, ikke 1",
        "the coefficients of '{place}' add up to {found}, not 1",
    ),
    "no_stock": (
        "'{found}' er ikke et lager, men af arten {expected}",
        "'{found}' is no stock but of the kind {expected}",
    ),
    "lifetime_parameter": (
        "levetiden {found} kræver {expected} over nul",
        "the lifetime {found} needs {expected} above zero",
    ),
    "lifetime_unused": (
        "{found} bruges ikke af levetiden {expected}",
        "{found} is not used by the lifetime {expected}",
    ),
    "stock_no_lifetime": (
        "strømme forlader lageret '{found}', men det har ingen levetid, og ingen af dem er målt",
        "flows leave the stock '{found}', but it has no lifetime and none of them is measured",
    ),
    # results of a flow system
    "result_negative": (
        "{place} bliver {found}, men strømmen må ikke være negativ; se de givne værdier efter, eller sæt may_be_negative",
        "{place} comes to {found}, but the flow may not be negative; look at the given values, or set may_be_negative",
    ),
    # reconciliation
    "reconcile_contradiction": (
        "ligningerne for {place} kan ikke alle gælde: de eksakte værdier ({expected}) giver en forskel på {found}; "
        "giv en af dem en usikkerhed, eller ret den",
        "the equations of {place} cannot all hold: the exact values ({expected}) leave a difference of {found}; "
        "give one of them an uncertainty, or correct it",
    ),
    "reconcile_contradiction_errors": (
        "ligningerne for {place} kan ikke alle gælde: der mangler {found}, og de målinger, der kunne give sig, "
        "er eksakte eller fuldt korrelerede",
        "the equations of {place} cannot all hold: {found} is missing, and what is measured there is exact or "
        "perfectly correlated and cannot give way",
    ),
    "reconcile_bounds": (
        "ingen værdier af {place} overholder både grænserne og ligningerne for {expected}",
        "no values of {place} satisfy both the bounds and the equations of {expected}",
    ),
    "reconcile_correlations": (
        "korrelationerne mellem {place} modsiger hinanden; ingen målinger kan variere sådan sammen",
        "the correlations between {place} contradict each other; no measurements can vary together like that",
    ),
    "reconcile_diverged": (
        "der blev ikke fundet en løsning: {found}",
        "no solution was found: {found}",
    ),
    "reconcile_nothing": (
        "ingen måling kan kontrolleres af de andre; alle værdier er, som de blev målt",
        "no measurement can be checked by the others; all values are as they were measured",
    ),
    # scenarios
    "scenario_unknown": ("scenariet '{found}' findes ikke", "there is no scenario '{found}'"),
    "scenario_table": ("tabellen '{found}' kendes ikke", "the table '{found}' is unknown"),
    "scenario_column": (
        "tabellen '{expected}' har ingen kolonne '{found}'",
        "the table '{expected}' has no column '{found}'",
    ),
    "scenario_filter": (
        "filteret '{found}' kan ikke læses; skriv kolonne=værdi;kolonne=værdi*",
        "the filter '{found}' cannot be read; write column=value;column=value*",
    ),
    "scenario_nothing": ("filteret '{found}' rammer ingen række", "the filter '{found}' matches no row"),
    "scenario_value": ("'{found}' kan ikke bruges som {expected}", "'{found}' cannot be used as {expected}"),
    "scenario_range": (
        "tabellen '{expected}' har ingen kolonne '{found}' at hente værdien fra",
        "the table '{expected}' has no column '{found}' to take the value from",
    ),
    "scenario_include": (
        "include sætter scenarier sammen: skriv 'scenarios' som tabel (ikke '{found}') og scenario=A|B som filter",
        "include puts scenarios together: write 'scenarios' as the table (not '{found}') and scenario=A|B as the filter",
    ),
    "scenario_circle": (
        "scenariet består af sig selv gennem {found}",
        "the scenario is made of itself through {found}",
    ),
    "scenario_insert": (
        "en ny række kan ikke laves af '{found}'; skriv kolonne=værdi;kolonne=værdi uden * og |",
        "no row can be made of '{found}'; write column=value;column=value without * and |",
    ),
    "scenario_interval": (
        "værdien {found} ligger ikke i sit spænd {expected}",
        "the value {found} does not lie in its range {expected}",
    ),
    "scenario_makes": (
        "i scenariet '{found}' får sagen et problem",
        "in scenario '{found}' the case gets a problem",
    ),
    "scenario_weights": (
        "scenariet har flere vægte: {found}",
        "the scenario has several weights: {found}",
    ),
    "scenario_weights_sum": (
        "scenariernes vægte giver {found} tilsammen, og de skal være højst 1",
        "the weights of the scenarios add up to {found}, and they must be at most 1",
    ),
    "scenario_endless": (
        "scenariet '{found}' er lavet af for mange andre; det meste er {expected} (lag, ændringer)",
        "the scenario '{found}' is made of too many others; the most is {expected} (layers, changes)",
    ),
    "scenario_base": (
        "et scenarie kan ikke hedde '{found}'; det er sagen, som den er",
        "a scenario cannot be called '{found}'; that is the case as it is",
    ),
    "scenario_years": (
        "rækkerne i '{expected}' kan ikke ændres i kun nogle år",
        "rows of '{expected}' cannot change in some years only",
    ),
}

SUGGESTION = ("mente du '{0}'?", "did you mean '{0}'?")
WORDS = {"row": ("række", "row"), "error": ("fejl", "error"), "warning": ("advarsel", "warning")}


@dataclass(frozen=True)
class Problem:
    """One problem of a case.

    ``sheet`` is the sheet as the user named it (or the table), ``row`` its row in the workbook,
    ``column`` the declared column and ``cell`` the address, where they are known. ``found``,
    ``expected`` and ``place`` fill the text; ``suggestion`` is a value that may be meant, ``cause`` a problem behind it.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    found: str = ""
    expected: str = ""
    suggestion: str = ""
    place: str = ""
    severity: Severity = "error"
    cause: Problem | None = None

    def text(self, language: str = "en") -> str:
        """Return what is wrong, in ``language`` ('da' or 'en'), without the place.

        >>> Problem("sheet_unknown", found="Kommuner2", suggestion="kommuner").text("en")
        "the sheet 'Kommuner2' is unknown and is not read; did you mean 'kommuner'?"
        """
        position = 0 if language == "da" else 1
        text = TEXTS[self.code][position]
        for name in ("found", "expected", "place"):
            text = text.replace("{" + name + "}", getattr(self, name))
        if self.suggestion:
            text += "; " + SUGGESTION[position].replace("{0}", self.suggestion)
        return f"{text}: {self.cause.line(language)}" if self.cause is not None else text

    def where(self, language: str = "en") -> str:
        """Return the place: ``sheet!cell``, or as much of it as is known."""
        if self.cell:
            return f"{self.sheet}!{self.cell}"
        parts = [self.sheet] if self.sheet else []
        if self.row is not None:
            parts.append(f"{WORDS['row'][0 if language == 'da' else 1]} {self.row}")
        if self.column:
            parts.append(self.column)
        return " ".join(parts)

    def line(self, language: str = "en") -> str:
        """Return place and text in one line."""
        where = self.where(language)
        return f"{where}: {self.text(language)}" if where else self.text(language)

    def at(self, **changes: object) -> Problem:
        """Return the same problem with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def as_dict(self, language: str = "en") -> dict[str, object]:
        """Return the problem as plain values, for JSON and tables."""
        return {
            "severity": self.severity,
            "code": self.code,
            "sheet": self.sheet,
            "cell": self.cell,
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
            "suggestion": self.suggestion,
            "text": self.text(language),
        }


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that are errors."""
    return [problem for problem in problems if problem.severity == "error"]


def problem_table(problems: Iterable[Problem], language: str = "en") -> pd.DataFrame:
    """Return problems as a DataFrame, one row each."""
    columns = list(Problem("required").as_dict())
    return pd.DataFrame([problem.as_dict(language) for problem in problems], columns=columns)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like ``word``, or '' if none does.

    >>> nearest("Gladsakse", ["Gladsaxe", "Gentofte"])
    'Gladsaxe'
    """
    by_folded = {candidate.casefold(): candidate for candidate in known if candidate}
    matches = get_close_matches(str(word).casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else ""


@dataclass
class InputError(Exception):
    """The input has problems; all of them are in ``problems``."""

    problems: Sequence[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Give the exception a text of its own."""
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return the first problems, a line each."""
        lines = [problem.line() for problem in errors_of(self.problems) or self.problems]
        more = len(lines) - 10
        return "\n".join(lines[:10] + ([f"... and {more} more"] if more > 0 else []))

    def table(self, language: str = "en") -> pd.DataFrame:
        """Return the problems as a DataFrame."""
        return problem_table(self.problems, language)


def number_text(value: float) -> str:
    """Return a number as short text for messages.

    >>> number_text(0.30000000000000004)
    '0.3'
    """
    return f"{value:.6g}"


def key_text(values: Mapping[str, object]) -> str:
    """Return the non-blank parts of a key as one text."""
    return ", ".join(str(value) for value in values.values() if str(value) not in ("", "nan"))
