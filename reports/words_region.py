"""Words of the sheets that only the region has, and of the cover: key to (Danish, English)."""

from __future__ import annotations

REGION_WORDS: dict[str, tuple[str, str]] = {
    # Cover
    "sheet_cover": ("Forside", "Cover"),
    "cover_title": ("Affaldsplan for {place} frem mod {year}", "Waste plan for {place} towards {year}"),
    "cover_basis": (
        "Opgjort år {account}; beregnet af {case}, med circular-mfa {version}.",
        "Accounted year {account}; computed from {case}, with circular-mfa {version}.",
    ),
    "cover_basis_priced": (
        "Opgjort år {account}; prisniveau {price_year}; beregnet af {case}, med circular-mfa {version}.",
        "Accounted year {account}; price level {price_year}; computed from {case}, with circular-mfa {version}.",
    ),
    "cover_note": (
        "Hvert ark begynder med sit svar. Hvad ordene betyder, og hvor tallene kommer fra, står på arket {method}.",
        "Each sheet begins with its answer. What the words mean and where the figures are from stands on the sheet {method}.",
    ),
    # Map
    "sheet_map": ("Kort", "Map"),
    "map_title": ("{place}: anlæg og strømme på kort", "{place}: facilities and flows on a map"),
    "map_answer": (
        "I {year} går affaldet fra {place} til {count} anlæg på kortet; mest, {tonnes}, går til {facility}.",
        "In {year} the waste from {place} goes to {count} facilities on the map; most, {tonnes}, to {facility}.",
    ),
    "map_lead": (
        "Linjerne viser {share} af de ton, der kører til anlæg; de mindste og jord er udeladt. Tallene i skiltene er numrene i tabellen.",
        "The lines show {share} of the tonnes that go to facilities; the smallest, and soil, are left out. Numbers in the signs are "
        "those of the table.",
    ),
    "map_unplaced": (
        "Uden sted på kortet, fordi sagen ikke har koordinater for dem: {names}.",
        "Not on the map, because the case has no coordinates for them: {names}.",
    ),
    "map_none": (
        "Kortet kan ikke tegnes: sagen har ingen koordinater for kommunerne (kolonnerne bredde og længde).",
        "The map cannot be drawn: the case has no coordinates of municipalities (columns lat and lon).",
    ),
    "map_picture": ("Anlæg og strømme, {state}", "Facilities and flows, {state}"),
    "alt_map": (
        "Kort over {place}, {state}: kommunerne som cirkler efter mængden af affald, {count} anlæg med nummer og et tegn "
        "for, hvad de gør, og linjer efter ton. De største anlæg: {largest}. Tallene står i tabellen på arket {sheet}.",
        "Map of {place}, {state}: municipalities as circles by their waste, {count} facilities with a number and a sign "
        "for what they do, and lines by tonnes. The largest facilities: {largest}. The numbers are in the table on the "
        "sheet {sheet}.",
    ),
    "map_caption": ("Anlæg på kortet, {state}", "Facilities on the map, {state}"),
    "map_number": ("Nr.", "No."),
    "map_sign": ("Hvad anlægget gør", "What the facility does"),
    "map_places": ("Kommuner", "Municipalities"),
    "map_first": ("Direkte fra kilderne, t/år", "Directly from sources, t/year"),
    "map_onward": ("Fra andre anlæg, t/år", "From other facilities, t/year"),
    "map_no_place": ("ikke på kortet", "not on the map"),
    "map_note": (
        "Direkte og fra andre anlæg: et ton, der passerer to anlæg, står ved begge.",
        "Directly and from other facilities: a tonne that passes two facilities stands at both.",
    ),
    "map_town": ("En kommunes affald; denne cirkel", "Waste of a municipality; this circle"),
    "map_way": ("Fra kommune til anlæg; denne bredde", "From municipality to facility; this width"),
    "map_haul": ("Mellem anlæg", "Between facilities"),
    "map_edge": ("Anlæg ved kanten ligger uden for kortet", "Facilities at the edge lie beyond the map"),
    "map_km": ("{length} km", "{length} km"),
    # Matrices
    "sheet_by_fraction": ("Kommuner og fraktioner", "By fraction"),
    "sheet_by_treatment": ("Kommuner og behandling", "By treatment"),
    "sheet_by_facility": ("Kommuner og anlæg", "By facility"),
    "sheet_by_scheme": ("Kommuner og ordninger", "By scheme"),
    "by_fraction_title": ("{place}: affald efter kommune og fraktion", "{place}: waste by municipality and fraction"),
    "by_treatment_title": ("{place}: behandling efter kommune", "{place}: treatment by municipality"),
    "by_facility_title": (
        "{place}: hvor kommunernes affald køres hen",
        "{place}: where each municipality's waste goes",
    ),
    "by_scheme_title": ("{place}: kommunernes ordninger år for år", "{place}: schemes of each municipality by year"),
    "by_fraction_answer": (
        "{name} er den tungeste fraktion i {count} af {all} kommuner i {year}.",
        "{name} is the heaviest fraction in {count} of {all} municipalities in {year}.",
    ),
    "by_treatment_answer": (
        "I {year} genanvendes eller genbruges mellem {low} ({lowest}) og {high} ({highest}) af kommunernes affald, når tab "
        "er trukket fra.",
        "In {year} between {low} ({lowest}) and {high} ({highest}) of the waste of a municipality is recycled or reused "
        "once losses are deducted.",
    ),
    "by_facility_answer": (
        "I {year} modtager {count} anlæg affald fra {place}; {shared} af dem fra mere end én kommune.",
        "In {year} {count} facilities take waste from {place}; {shared} of them from more than one municipality.",
    ),
    "by_scheme_answer": (
        "Fra {first} til {year} skifter {changed} af {count} kilder i kommunerne ordning.",
        "From {first} to {year}, {changed} of {count} sources in the municipalities change their scheme.",
    ),
    "by_fraction_caption": ("Affald, t/år, {state}", "Waste, t/year, {state}"),
    "by_treatment_caption": ("Behandling, t/år, {state}", "Treatment, t/year, {state}"),
    "by_facility_caption": ("Modtaget af hvert anlæg, t/år, {state}", "Received by each facility, t/year, {state}"),
    "by_scheme_caption": ("Ordning i hvert år", "Scheme in each year"),
    "part_of": ("{caption} ({part} af {parts})", "{caption} ({part} of {parts})"),
    "by_facility_note": (
        "Kun anlæg, der får mere end ét ton. Et ton, der passerer to anlæg, står ved begge.",
        "Only facilities that get more than one tonne. A tonne that passes two facilities stands at both.",
    ),
    "by_scheme_note": (
        "Filtrér på kilden for at se én række pr. kommune. Procenter: den del af kilden, der er under ordningen.",
        "Filter by source to see one row per municipality. Percentages: the part of the source under the scheme.",
    ),
    "all_fractions": ("I alt", "In all"),
    # Timeline
    "timeline_caption": ("Kapacitet år for år, t/år", "Capacity year by year, t/year"),
    "timeline_note": (
        "Anlæg, som planen åbner, udvider eller lukker. Et tomt felt: anlægget er ikke i drift, eller kapaciteten har ingen kendt grænse.",
        "Facilities that the plan opens, enlarges or closes. A blank: not in operation, or without a known limit.",
    ),
    "chart_timeline": ("Investeringer efter år og slags anlæg", "Investments by year and kind of plant"),
    "alt_timeline": (
        "Søjler: investeringer i {place} efter år, delt efter slags anlæg; i alt {amount}. Tallene står i tabellen ved siden af.",
        "Columns: investments in {place} by year, split by kind of plant; {amount} in all. The numbers are in the table beside it.",
    ),
    "timeline_kinds_caption": (
        "Investering efter år og slags anlæg, {unit}",
        "Investment by year and kind of plant, {unit}",
    ),
    # Shared facilities
    "sheet_shared": ("Fælles anlæg", "Shared facilities"),
    "shared_title": ("{place}: fælles anlæg og hvem der bærer dem", "{place}: shared facilities and who carries them"),
    "shared_answer": (
        "I {year} deles {count} anlæg af mere end én kommune; de koster {amount} om året, hvoraf {rest} ikke dækkes af tarifferne.",
        "In {year} {count} facilities are shared by more than one municipality; they cost {amount} per year, of which {rest} is "
        "not covered by tariffs.",
    ),
    "shared_answer_over": (
        "I {year} deles {count} anlæg af mere end én kommune; de koster {amount} om året, {rest} mindre end tarifferne giver.",
        "In {year} {count} facilities are shared by more than one municipality; they cost {amount} per year, {rest} less than "
        "tariffs yield.",
    ),
    "shared_lead": (
        "Nøglen: hvert ton betaler anlæggets tarif, dvs. prisen ved fuld udnyttelse; resten (tom kapacitet) deles efter indbyggere.",
        "The key: each tonne pays the tariff of the facility, its cost at full load; the rest (idle capacity) is shared by "
        "inhabitants.",
    ),
    "shared_lead_whole": (
        "Hele systemets omkostning efter samme nøgle står nederst; der betaler det, som køres videre, gennemsnittet af dem, der kan tage det.",
        "The cost of the whole system by the same key stands at the bottom; there what is sent onward pays the mean of those "
        "that can take it.",
    ),
    "shared_caption": ("Fælles anlæg i {year}", "Shared facilities in {year}"),
    "shared_matrix_caption": (
        "Kommunernes andel af fælles anlæg i {year}, {unit}",
        "Share of each municipality in shared facilities in {year}, {unit}",
    ),
    "shared_none": ("Intet anlæg deles af flere kommuner.", "No facility is shared by municipalities."),
    "shared_cost": ("Koster, {unit}", "Cost, {unit}"),
    "shared_tonnes": ("Modtaget, t/år", "Received, t/year"),
    "shared_tariff": ("Tarif ved fuld udnyttelse, {currency}/t", "Tariff at full load, {currency}/t"),
    "shared_covered": ("Dækket af tarif, {unit}", "Covered by tariff, {unit}"),
    "shared_rest": ("Rest, efter indbyggere, {unit}", "Rest, by inhabitants, {unit}"),
    "shared_note": (
        "Behandling, fast drift og kapital af anlægget; transport, afgifter og salg er ikke med. Negativ rest: tariffen giver mere, end anlægget koster.",
        "Treatment, fixed operation and capital of the facility; without transport, taxes and sales. A negative rest: the "
        "tariff yields more than the facility costs.",
    ),
    "shared_sum": ("I alt, {unit}", "In all, {unit}"),
    "system_caption": (
        "Hele systemet efter samme nøgle, {state}",
        "The whole system by the same key, {state}",
    ),
    "system_tariff": ("Eget og efter tarif, {unit}", "Own and by tariff, {unit}"),
    "system_rest": ("Rest, efter indbyggere, {unit}", "Rest, by inhabitants, {unit}"),
    "system_each": ("Pr. husstand, {currency}", "Per household, {currency}"),
    "system_increase": (
        "Mere end referencen pr. husstand, {currency}",
        "Above the reference per household, {currency}",
    ),
    "system_note": (
        "Alle omkostninger, også virksomhedernes, delt med husstandene i hver kommune; uden moms.",
        "All costs, those of businesses too, divided by the households of each municipality; without VAT.",
    ),
    # Frontier
    "sheet_frontier": ("Pris og ambition", "Cost and ambition"),
    "frontier_title": ("{place}: hvad højere mål koster", "{place}: what higher targets cost"),
    "frontier_answer": (
        "Fra {low} til {high} genanvendelse stiger den samlede omkostning fra {cheap} til {dear} (nutidsværdi).",
        "From {low} to {high} recycling the total cost rises from {cheap} to {dear} (present value).",
    ),
    "frontier_answer_gas": (
        "Fra {low} til {high} kt CO2e stiger den samlede omkostning fra {cheap} til {dear} (nutidsværdi).",
        "From {low} to {high} kt CO2e the total cost rises from {cheap} to {dear} (present value).",
    ),
    "frontier_single": (
        "Kurven har kun én plan, som ingen anden slår: {cheap} (nutidsværdi).",
        "The curve has only one plan that no other beats: {cheap} (present value).",
    ),
    "frontier_lead": (
        "Hver række er en hel plan, regnet efter. Ingen plan for samme mål kan koste mindre end det beviste mindste.",
        "Each row is a whole plan, recomputed. No plan for the same target can cost less than the proven least.",
    ),
    "frontier_caption": ("Planer langs kurven", "Plans along the curve"),
    "frontier_point": ("Plan", "Plan"),
    "frontier_cost": ("Samlet omkostning, {unit}", "Total cost, {unit}"),
    "frontier_bound": ("Bevist mindste, {unit}", "Proven least, {unit}"),
    "frontier_gas": ("Drivhusgas, kt CO2e", "Greenhouse gas, kt CO2e"),
    "frontier_rate": ("Genanvendelse", "Recycling"),
    "frontier_certified": ("Regnet efter", "Recomputed"),
    "frontier_efficient": ("Ingen anden er bedre", "No other is better"),
    "frontier_yes": ("✓ ja", "✓ yes"),
    "frontier_no": ("✗ nej", "✗ no"),
    "frontier_note": (
        "Omkostningen er nutidsværdien over alle planens år; genanvendelsen er målets år og metode.",
        "The cost is the present value over all years of the plan; recycling is that of the target's year and method.",
    ),
    "chart_frontier": ("Samlet omkostning mod genanvendelse", "Total cost against recycling"),
    "chart_frontier_gas": ("Samlet omkostning mod drivhusgas", "Total cost against greenhouse gas"),
    "alt_frontier": (
        "Linje: samlet omkostning for {count} planer, fra {cheap} til {dear}. Tallene står i tabellen ved siden af.",
        "Line: total cost of {count} plans, from {cheap} to {dear}. The numbers are in the table beside it.",
    ),
    "marginal_caption": ("Hvad et ekstra ton koster fra plan til plan", "What an extra tonne costs from plan to plan"),
    "marginal_from": ("Fra plan", "From plan"),
    "marginal_to": ("Til plan", "To plan"),
    "marginal_extra": ("Ekstra omkostning, {unit}", "Extra cost, {unit}"),
    "marginal_tonnes": ("Ekstra ton", "Extra tonnes"),
    "marginal_each": ("Pr. ton", "Per tonne"),
    "marginal_low": ("Mindst", "At least"),
    "marginal_high": ("Højst", "At most"),
    "unit_of": ("Enhed", "Unit"),
}
