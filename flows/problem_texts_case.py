"""What is said of problems of a case: what its tables mean together, and what no plan can do.

Each code has its text in Danish and in English; ``{found}``, ``{expected}`` and ``{place}`` are filled in.
"""

from __future__ import annotations

MEANING: dict[str, tuple[str, str]] = {
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
    "amounts_none": (
        "der er intet affald i {found}: alle mængder er 0",
        "there is no waste in {found}: every amount is 0",
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
    "scheme_later": (
        "rækken gælder først fra {found}, efter regnskabsåret {expected}, og bruges ikke i en plan; det, der er besluttet "
        "for senere år, hører til i arket fastlåst",
        "the row holds from {found} only, after the accounted year {expected}, and no plan uses it; what is decided for "
        "later years belongs in the sheet pinned",
    ),
    "scheme_shares": (
        "de nuværende ordninger i {place} dækker {found} af kilden, ikke 1",
        "the current schemes of {place} cover {found} of the source, not 1",
    ),
    "capture_none": (
        "ordningen '{place}' siger ikke, hvor fraktionen '{found}' kommer hen",
        "the scheme '{place}' does not say where the fraction '{found}' goes",
    ),
    "no_taker": (
        "affald har intet sted at gå hen: intet anlæg, der er der, tager imod {place}",
        "waste has nowhere to go: no facility that is there takes {place}",
    ),
    "no_outlet": (
        "det, der kommer ud af et anlæg, har intet sted at gå hen: intet anlæg og intet marked tager imod {place}",
        "what leaves a facility has nowhere to go: no facility and no market takes {place}",
    ),
    "no_taker_later": (
        "uden en plan får affald intet sted at gå hen, når noget lukker: intet anlæg tager da imod {place}; skal en plan "
        "afløse et anlæg, så luk det i arket fastlåst og ikke med 'lukker'",
        "without a plan waste has nowhere to go once something closes: no facility then takes {place}; close what a plan "
        "shall replace in the sheet pinned, not by 'closes'",
    ),
    "no_outlet_later": (
        "uden en plan får det, der kommer ud af et anlæg, intet sted at gå hen, når noget lukker: intet anlæg og intet "
        "marked tager da imod {place}; skal en plan afløse et anlæg, så luk det i arket fastlåst og ikke med 'lukker'",
        "without a plan what leaves a facility has nowhere to go once something closes: no facility and no market then "
        "takes {place}; close what a plan shall replace in the sheet pinned, not by 'closes'",
    ),
    "no_yield": (
        "intet udbytte siger, hvad der bliver af {place}",
        "no yield says what becomes of {place}",
    ),
    "no_exit": (
        "affald kører i ring og kommer ikke ud igen: {place}",
        "waste goes round and never leaves: {place}",
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
    "size_plus": (
        "størrelsen '{found}' har et plus i navnet; plus skiller de størrelser, der står sammen",
        "the size '{found}' has a plus in its name; a plus is between sizes that stand together",
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
}

DRIVERS: dict[str, tuple[str, str]] = {
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
}

ASKED: dict[str, tuple[str, str]] = {
    "limit_regional": (
        "{found} kan kun begrænses for hele området: hvad et fælles anlæg koster én kommune, afhænger af delingen",
        "{found} can only be limited for the whole area: what a shared facility costs one municipality hangs on how it "
        "is shared",
    ),
    "limit_technology": (
        "{found} kan ikke begrænses for én teknologi",
        "{found} cannot be limited for one technology",
    ),
    "limits_cross": (
        "{place} skal være mindst {found}, men en anden række tillader højst {expected}",
        "{place} must be at least {found}, but another row allows {expected} at most",
    ),
    "year_beyond": (
        "{found} er efter planens sidste år, {expected}; rækken bruges ikke",
        "{found} is after the last year of the plan, {expected}; the row is not used",
    ),
    "years_past": (
        "planen begynder i {found}, før regnskabsåret {expected}",
        "the plan begins in {found}, before the accounted year {expected}",
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
}

REACH: dict[str, tuple[str, str]] = {
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
    "value_absurd": (
        "{found} er {place} gange så meget som det, der er almindeligt her ({expected}); er enheden rigtig?",
        "{found} is {place} times what is usual here ({expected}); is the unit right?",
    ),
    "amount_absurd": (
        "{found} t/år er pr. indbygger {place} gange så meget som i de andre kommuner ({expected}); er enheden rigtig?",
        "{found} t/year is, per inhabitant, {place} times as much as in the other municipalities ({expected}); is the "
        "unit right?",
    ),
    "amounts_absurd": (
        "mængderne i {place} er {found} t pr. indbygger; mere end {expected} er ikke muligt. Er enheden rigtig?",
        "the amounts of {place} are {found} t per inhabitant; more than {expected} is not possible. Is the unit right?",
    ),
    "facility_unreached": (
        "intet kan komme til anlægget '{found}': det, teknologien '{place}' modtager ({expected}), indsamles ikke og "
        "forlader intet andet anlæg",
        "nothing can come to the facility '{found}': what the technology '{place}' takes ({expected}) is not collected "
        "and leaves no other facility",
    ),
    "interval": ("{found} er efter {expected}", "{found} is after {expected}"),
    "range_order": (
        "værdien {found} ligger ikke mellem lav og høj ({expected})",
        "the value {found} is not between low and high ({expected})",
    ),
}
