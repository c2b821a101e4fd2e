"""Words of the sheets that look around and ahead: projection, scenarios, comparison, and the long table of data."""

from __future__ import annotations

OUTLOOK_WORDS: dict[str, tuple[str, str]] = {
    # Projection
    "sheet_projection": ("Prognose", "Projection"),
    "projection_title": ("{place}: prognose", "{place}: projection"),
    "projection_answer": (
        "{place} ventes at have {base} affald i {year} mod {today} i {first}: {low} ved lav vækst, {high} ved høj.",
        "{place} is expected to have {base} of waste in {year} against {today} in {first}: {low} at low growth, {high} at high.",
    ),
    "projection_answer_single": (
        "{place} ventes at have {base} affald i {year} mod {today} i {first}; sagen giver intet spænd for væksten.",
        "{place} is expected to have {base} of waste in {year} against {today} in {first}; the case gives no range of growth.",
    ),
    "projection_lead": (
        "{count} år, de første {detailed} i detaljer efter kilde og fraktion. Planens mængder, uden jord og uden det, der "
        "forebygges.",
        "{count} years, the first {detailed} in detail by source and fraction. Amounts of the plan, without soil and without "
        "what is prevented.",
    ),
    "projection_stock": (
        "Affald, der følger af bygninger og andre lagre, er regnet ud fra dem og har intet lavt eller højt spænd her.",
        "Waste that follows from buildings and other stocks is computed from these and has no low or high end here.",
    ),
    "projection_caption": ("Mængder år for år", "Amounts year by year"),
    "projection_note": (
        "Lav og høj: vækstens laveste og højeste bud i sagen. Efter planens sidste år fortsætter mængderne med sagens vækst.",
        "Low and high: the lowest and highest growth in the case. After the last year of the plan amounts go on with the "
        "growth of the case.",
    ),
    "projection_note_single": (
        "Efter planens sidste år fortsætter mængderne med sagens vækst.",
        "After the last year of the plan amounts go on with the growth of the case.",
    ),
    "projection_rates_caption": ("Genanvendelse år for år ({method})", "Recycling year by year ({method})"),
    "projection_rates_note": (
        "Ved lav og høj vækst er planens ordninger og anlæg uændrede; kun mængderne er andre. Vist for de år, hvor kørslen "
        "fortæller, hvilke ton der tæller.",
        "At low and high growth the plan's schemes and facilities are unchanged; only amounts differ. Shown for the years in "
        "which the run says which tonnes count.",
    ),
    "projection_sources_caption": ("De første år efter kilde", "The first years by source"),
    "projection_fractions_caption": ("De første år efter fraktion", "The first years by fraction"),
    "growth_low": ("Lav vækst", "Low growth"),
    "growth_base": ("Middel", "Central"),
    "growth_high": ("Høj vækst", "High growth"),
    "chart_projection": ("Affald i {place} år for år", "Waste in {place} year by year"),
    "alt_projection": (
        "Linjediagram over affaldet i {place} fra {first} til {last}: {base} til sidst, {low} ved lav og {high} ved høj vækst. "
        "Tallene står i tabellen ved diagrammet.",
        "Line chart of the waste in {place} from {first} to {last}: {base} at the end, {low} at low and {high} at high growth. "
        "The numbers are in the table beside the chart.",
    ),
    # Comparison
    "sheet_comparison": ("Sammenligning", "Comparison"),
    "comparison_title": ("{place} blandt kommunerne", "{place} among the municipalities"),
    "comparison_answer": (
        "{place} er nummer {rank} af {count} i genanvendelse ({state}): {rate}, hvor den midterste kommune har {median}.",
        "{place} ranks {rank} of {count} in recycling ({state}): {rate}, where the middle municipality has {median}.",
    ),
    "comparison_answer_none": (
        "Der er ingen genanvendelse at sammenligne {place} på.",
        "There is no recycling rate to compare {place} by.",
    ),
    "comparison_lead": (
        "Kommuner er forskellige: meget byggeaffald løfter procenten, og mange etageboliger sænker den, uden at nogen gør det "
        "bedre eller dårligere.",
        "Municipalities differ: much construction waste raises the rate and many flats lower it, without anyone doing better "
        "or worse.",
    ),
    "comparison_anonymous": (
        "De andre kommuner er uden navn; deres nummer er deres plads i rækken.",
        "The other municipalities are without names; their number is their place in the list.",
    ),
    "standing_caption": ("Hvor {place} ligger", "Where {place} stands"),
    "standing_note": (
        "Median: halvdelen af kommunerne ligger over, halvdelen under. Lige gode kommuner deler plads.",
        "Median: half of the municipalities lie above it, half below. Municipalities that are alike share a rank.",
    ),
    "comparison_caption": ("Alle kommuner", "All municipalities"),
    "comparison_note": (
        "Genanvendelse: {method}. Pr. indbygger og husstand er delt med dagens tal. Betaling er uden moms.",
        "Recycling: {method}. Per inhabitant and household uses today's numbers. Payment is without VAT.",
    ),
    "compare_rate": ("Genanvendelse", "Recycling"),
    "compare_point": ("EU's beregningspunkt", "EU calculation point"),
    "compare_homes": ("Husholdningsaffald", "Household waste"),
    "compare_mixed": ("Heraf blandet affald", "Of it mixed waste"),
    "compare_fee": ("Husholdningernes betaling", "Payment of households"),
    "compare_climate": ("Drivhusgasser", "Greenhouse gases"),
    "unit_kg_co2e_capita": ("kg CO2e pr. indbygger", "kg CO2e per inhabitant"),
    "median_of": ("Median, {state}", "Median, {state}"),
    "lowest_of": ("Laveste, {state}", "Lowest, {state}"),
    "highest_of": ("Højeste, {state}", "Highest, {state}"),
    "rank": ("Plads", "Rank"),
    "rank_in": ("Plads, {state}", "Rank, {state}"),
    "rank_among": ("Ud af", "Out of"),
    "rank_order": ("Nummer 1 har", "Rank 1 has"),
    "most_first": ("mest", "most"),
    "least_first": ("mindst", "least"),
    "which_place": ("Hvilken", "Which"),
    "own_place": ("denne kommune", "this municipality"),
    "municipality_number": ("Kommune {number}", "Municipality {number}"),
    "chart_comparison": ("Kommunernes genanvendelse, {state}", "Recycling of the municipalities, {state}"),
    "alt_comparison": (
        "Søjlediagram over genanvendelsen i {count} kommuner, {state}, den højeste først. {place} er markeret med ► og en anden "
        "farve og er nummer {rank} i rækken med {rate}. Tallene står i tabellen ved diagrammet.",
        "Bar chart of recycling in {count} municipalities, {state}, the highest first. {place} is marked with ► and another "
        "colour and is number {rank} in the list with {rate}. The numbers are in the table beside the chart.",
    ),
    # Scenarios
    "sheet_scenarios": ("Scenarier", "Scenarios"),
    "scenarios_title": ("{place}: scenarier", "{place}: scenarios"),
    "scenarios_answer": (
        "Ved {count} andre beregninger ligger genanvendelsen i {place} mellem {low} og {high} i {year}, planen medregnet.",
        "In {count} other runs the recycling of {place} lies between {low} and {high} in {year}, the plan included.",
    ),
    "scenarios_answer_unplanned": (
        "Ved {count} andre beregninger ligger genanvendelsen i {place} mellem {low} og {high} i {year}; her er ingen plan.",
        "In {count} other runs the recycling of {place} lies between {low} and {high} in {year}; this run has no plan.",
    ),
    "scenarios_none": (
        "Kun planen og referencen er regnet; andre scenarier er ikke vist her, og hvor følsom planen er, er derfor ikke belyst.",
        "Only plan and reference were computed; no other scenarios are shown here, so how sensitive the plan is remains open.",
    ),
    "scenarios_lead": (
        "Hvert scenarie har sin egen plan: de ordninger og anlæg, der er billigst, hvis det bliver som i scenariet, medmindre "
        "planen er lagt for flere scenarier under ét.",
        "Each scenario has its own plan, with the schemes and facilities that are cheapest if things turn out that way, unless "
        "it was planned for several scenarios at once.",
    ),
    "scenarios_how": (
        "Et scenarie regnes med »mfa plan SAG.xlsx --scenario NAVN --out MAPPE« og vises her med »mfa report KØRSEL --beside "
        "MAPPE«.",
        "A scenario is computed with 'mfa plan CASE.xlsx --scenario NAME --out FOLDER' and shown here with 'mfa report RUN "
        "--beside FOLDER'.",
    ),
    "scenarios_caption": ("Beregningerne side om side ({method})", "The runs side by side ({method})"),
    "scenarios_note": (
        "Forskelle er scenariets plan minus denne plan. Betaling og omkostning er uden moms.",
        "Differences are the scenario's plan minus this plan. Payment and cost are without VAT.",
    ),
    "scenario": ("Beregning", "Run"),
    "scenario_id": ("Navn i arbejdsbogen", "Name in the workbook"),
    "scenario_changes": ("Ændrer (antal rækker)", "Changes (number of rows)"),
    "scenario_this": ("denne rapport", "this report"),
    "scenario_shown": ("vist ovenfor", "shown above"),
    "scenario_not_run": ("ikke vist", "not shown"),
    "case_scenarios_caption": ("Sagens scenarier", "The scenarios of the case"),
    "case_scenarios_note": (
        "Tabellerne er arkene i sagens arbejdsbog; hver ændring står i dens ark scenarier.",
        "The tables are the sheets of the case's workbook; every change stands on its sheet scenarios.",
    ),
    "case_scenarios_empty": (
        "Sagen har ingen scenarier; de skrives i arbejdsbogens ark scenarier.",
        "The case has no scenarios; they are written on the sheet scenarios of the workbook.",
    ),
    "recycled_short": ("Genanvendt", "Recycled"),
    "waste_short": ("Affald, t", "Waste, t"),
    "burnt_short": ("Forbrændt, t", "Burnt, t"),
    "cost_short": ("Omkostning, {unit}", "Cost, {unit}"),
    "fee_short": ("Betaling pr. husstand, {currency}", "Payment per household, {currency}"),
    "climate_short": ("t CO2e", "t CO2e"),
    "apart_points": ("Forskel, procentpoint", "Difference, percentage points"),
    "apart_fee": ("Forskel pr. husstand, {currency}", "Difference per household, {currency}"),
    "apart_climate": ("Forskel, t CO2e", "Difference, t CO2e"),
    "targets_met": ("Målene", "The targets"),
    "how_proven": ("Bevist billigst", "Proven cheapest"),
    "proven_cheapest": ("ja", "yes"),
    "proven_within": ("inden for {gap}", "within {gap}"),
    "not_proven": ("nej", "no"),
    "no_plan_possible": ("✗ målet kan ikke nås", "✗ cannot be reached"),
    "no_plan_of_year": ("ingen plan for {year}", "no plan for {year}"),
    "run_in_folder": ("kørslen {folder}", "run {folder}"),
    "chart_scenarios": ("Genanvendelse i {place} i hver beregning", "Recycling in {place} in each run"),
    "alt_scenarios": (
        "Søjlediagram over genanvendelsen i {place} i {count} beregninger: i dag, reference, plan og andre scenarier i {year}. "
        "Tallene står i tabellen ved diagrammet.",
        "Bar chart of recycling in {place} in {count} runs: today, reference, plan and other scenarios in {year}. The numbers "
        "are in the table beside the chart.",
    ),
    # Data
    "sheet_data": ("Data", "Data"),
    "data_title": ("{place}: data til videre brug", "{place}: data for further use"),
    "data_answer": (
        "{count} tal for {place} i én lang tabel, klar til pivottabeller og filtre.",
        "{count} figures of {place} in one long table, ready for pivot tables and filters.",
    ),
    "data_lead": (
        "Vælg ét emne ad gangen: samme ton står under flere emner. I dag og planen står i detaljer, alle år og "
        "referencen i summer.",
        "Choose one theme at a time: the same tonnes stand under several. Today and the plan stand in detail, every year "
        "and the reference in sums.",
    ),
    "data_lead_sums": (
        "Behandling tæller hvert ton én gang, hvor det ender. Jord og det, der forebygges, er med her og kan filtreres fra.",
        "Treatment counts each tonne once, where it ends. Soil and what is prevented are included here and can be filtered "
        "out.",
    ),
    "data_caption": ("Alle tal", "All figures"),
    "data_theme": ("Emne", "Theme"),
    "data_who": ("Kilde, betaler eller afgrænsning", "Source, payer or scope"),
    "data_what": (
        "Behandling, strøm, formål, trin eller opgørelse",
        "Treatment, stream, purpose, step or way of counting",
    ),
    "data_variant": ("Tilstand", "State"),
    "data_collected": ("Indsamlet", "Collected"),
    "data_treated": ("Mængder og behandling", "Amounts and treatment"),
    "data_treated_years": ("Behandling, alle år", "Treatment, every year"),
    "data_costs": ("Omkostninger", "Costs"),
    "data_costs_years": ("Omkostninger, alle år", "Costs, every year"),
    "data_emissions": ("Drivhusgasser, alle år", "Greenhouse gases, every year"),
    "data_rates": ("Genanvendelse", "Recycling"),
    "unit_share": ("andel", "share"),
}
