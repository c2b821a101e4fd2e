"""Sentences, notes and alternative texts of pictures: key to (Danish, English)."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # The answer and what belongs to it
    "answer_rate": (
        "I {year} genanvendes {rate} af affaldet fra {place} ({method})",
        "In {year}, {rate} of the waste from {place} is recycled ({method})",
    ),
    "answer_reached": ("og målet på {target} er nået", "and the target of {target} is reached"),
    "answer_missed": (
        "og målet på {target} er ikke nået: der mangler {missing} procentpoint",
        "and the target of {target} is not reached: {missing} percentage points are missing",
    ),
    "answer_region_reached": (
        "og det fælles mål på {target} er nået af {place} som helhed ({rate})",
        "and the common target of {target} is reached by {place} as a whole ({rate})",
    ),
    "answer_region_missed": (
        "og det fælles mål på {target} er ikke nået af {place} som helhed ({rate}; der mangler {missing} procentpoint)",
        "and the common target of {target} is not reached by {place} as a whole ({rate}; {missing} percentage points are missing)",
    ),
    "answer_no_target": ("uden et bindende mål", "without a binding target"),
    "answer_unproven": (
        ", men det er ikke bevist, at planen er den billigste vej",
        ", but it is not proven that the plan is the cheapest way",
    ),
    "answer_point": ("{rate} målt ved EU's beregningspunkt", "{rate} at the EU calculation point"),
    "answer_narrow": ("{rate} uden bygge- og anlægsaffald", "{rate} without construction and demolition waste"),
    "answer_others": ("; samme plan giver {others}", "; the same plan gives {others}"),
    "proof_gap": (
        "Ingen lovlig plan kan være mere end {gap} billigere ({proof}).",
        "No lawful plan can be more than {gap} cheaper ({proof}).",
    ),
    "proof_stopped": (
        "Tiden gik, før beviset var færdigt: planen er lovlig, men en anden kan være op til {gap} billigere ({proof}).",
        "Time was up before the proof was complete: the plan is lawful, but another may be up to {gap} cheaper ({proof}).",
    ),
    "proof_unknown": (
        "Det er ikke bevist, hvor langt planen er fra den billigste.",
        "It is not proven how far the plan is from the cheapest one.",
    ),
    "proof_infeasible": (
        "Målet kan ikke nås med de muligheder, som sagen giver.",
        "The target cannot be reached with the options that the case gives.",
    ),
    "proof_highest": ("Den højeste mulige genanvendelse er {rate}.", "The highest possible recycling is {rate}."),
    "proof_optimal": (
        "Ingen lovlig plan er billigere ({proof}).",
        "No lawful plan is cheaper ({proof}).",
    ),
    "proof_against": ("bevist mod {model}", "proven against {model}"),
    "proof_plain": ("bevist", "proven"),
    "certificate_holds": (
        "Et uafhængigt program har regnet hele planen efter og fundet, at den holder.",
        "An independent program has recomputed the whole plan and found that it holds.",
    ),
    "certificate_fails": (
        "ADVARSEL: den uafhængige kontrol af planen fejler; brug ikke tallene som plan.",
        "WARNING: the independent control of the plan fails; do not use the figures as a plan.",
    ),
    "money_more": (
        "I {year} koster planen {amount} mere om året end at fortsætte som i dag",
        "In {year} the plan costs {amount} more per year than carrying on as today",
    ),
    "money_less": (
        "I {year} koster planen {amount} mindre om året end at fortsætte som i dag",
        "In {year} the plan costs {amount} less per year than carrying on as today",
    ),
    "money_household_more": (
        "; husholdningerne betaler {amount} mere pr. husstand ({vat})",
        "; households pay {amount} more per household ({vat})",
    ),
    "money_household_less": (
        "; husholdningerne betaler {amount} mindre pr. husstand ({vat})",
        "; households pay {amount} less per household ({vat})",
    ),
    "vat_without": ("uden moms", "without VAT"),
    "vat_both": ("uden moms; {amount} med moms", "without VAT; {amount} with VAT"),
    "climate_saves": (", og den sparer {tonnes} CO2e om året.", ", and it saves {tonnes} CO2e per year."),
    "climate_adds": (", og den udleder {tonnes} CO2e mere om året.", ", and it emits {tonnes} CO2e more per year."),
    "quality_sentence": (
        "Så meget af beregningen hviler på antagelser frem for indberettede tal: {parts}.",
        "This much of the run rests on assumptions rather than reported figures: {parts}.",
    ),
    "quality_unknown": (
        "Det er ikke opgjort, hvor meget af beregningen der hviler på antagelser.",
        "It is not computed how much of the run rests on assumptions.",
    ),
    "no_plan": ("Beregningen gav ingen plan.", "The run gave no plan."),
    # Summary
    "key_figures_note": (
        "Reference: dagens ordninger og anlæg ført videre. Målet gælder for hele området under ét ({target}).",
        "Reference: today's schemes and facilities carried on. The target is the whole area's ({target}).",
    ),
    "no_actions": ("Planen ændrer ingen ordning her.", "The plan changes no scheme here."),
    "effects_note": (
        "Virkningen af nye anlæg er lagt til de kilder, hvis affald de behandler. En kilde, der skifter to gange, har sin "
        "virkning på den sidste ordning.",
        "The effect of new facilities is put to the sources whose waste they treat. A source that changes twice has its "
        "effect on the last scheme.",
    ),
    "actions_note": (
        "Virkning i {year} sammenlignet med referencen. Alle beslutninger, også om anlæg, står i arket {sheet}.",
        "Effect in {year} compared with the reference. All decisions, those on facilities too, are on the sheet {sheet}.",
    ),
    # Targets
    "targets_answer": (
        "{place}: planen når {reached} af {count} mål.",
        "{place}: the plan reaches {reached} of {count} targets.",
    ),
    "targets_lead": (
        "Målene gælder for området under ét, hvis ikke andet står; her ses, hvor langt stedet selv når.",
        "The targets hold for the whole area unless stated otherwise; here is how far the place itself gets.",
    ),
    "targets_note": (
        "I dag er det opgjorte år; reference og plan er målets år. Mangler: ton, der yderligere skal genanvendes.",
        "Today is the accounted year; reference and plan are the year of the target. Missing: further tonnes to be recycled.",
    ),
    "methods_note": (
        "De samme strømme talt på forskellige måder; tallene må ikke sammenlignes på tværs af metoder.",
        "The same flows counted in different ways; figures of different methods must not be compared.",
    ),
    # Amounts and sources
    "amounts_answer": (
        "{place} har {today} affald i {first} ({each} kg pr. indbygger) og {plan} i {year}.",
        "{place} has {today} of waste in {first} ({each} kg per inhabitant) and {plan} in {year}.",
    ),
    "amounts_lead": (
        "Mængder efter materiale, uanset hvilken beholder det ligger i: det udsorterede og det, der ligger i restaffaldet.",
        "Amounts by material, whatever bin it lies in: what is sorted out and what lies in the residual waste.",
    ),
    "amounts_note": (
        "Alle sektorer, uden jord og uden det, der forebygges. Pr. indbygger og husstand er delt med dagens tal.",
        "All sectors, without soil and without what is prevented. Per inhabitant and household uses today's numbers.",
    ),
    "sources_answer": (
        "{name} er den største kilde: {share} af affaldet fra {place} i {year}.",
        "{name} is the largest source: {share} of the waste from {place} in {year}.",
    ),
    # Schemes
    "schemes_answer": (
        "Planen skifter ordning for {changed} af {count} slags kilder i {place}.",
        "The plan changes the scheme of {changed} of {count} kinds of source in {place}.",
    ),
    "schemes_note": (
        "Procenter: hvor stor en del af affaldet der er under ordningen, når flere kører side om side.",
        "Percentages: the part of the waste under the scheme where several run side by side.",
    ),
    "streams_note": (
        "En strøm er det, der ligger i samme beholder, sæk eller container, med fejlsorteringer.",
        "A stream is what lies in one bin, bag or container, impurities included.",
    ),
    "scheme_years_note": (
        "En ny ordning får sin virkning over flere år; resten af kilden kører imens som før.",
        "A new scheme takes effect over several years; the rest of the source runs as before meanwhile.",
    ),
    # Treatment and flows
    "treatment_answer": (
        "Af affaldet fra {place} brændes {plan} i {year} mod {today} i {first}.",
        "Of the waste from {place}, {plan} is burnt in {year} against {today} in {first}.",
    ),
    "treatment_note": (
        "Hvor hvert ton ender, når tab i sortering og genanvendelse er trukket fra; derfor lavere end det indsamlede.",
        "Where each tonne ends once losses in sorting and recycling are deducted; hence lower than what is collected.",
    ),
    "steps_note": (
        "Hver række tæller de samme ton senere på vejen; forskellen er tab.",
        "Each row counts the same tonnes further along their way; the difference is loss.",
    ),
    "treatment_fractions_note": (
        "Genanvendt eller genbrugt: andel af fraktionen, der ender der.",
        "Recycled or reused: the share of the fraction that ends there.",
    ),
    "flows_answer": (
        "{tonnes} fra {place} fulgt fra materiale til slutbehandling i {year}.",
        "{tonnes} from {place} followed from material to final treatment in {year}.",
    ),
    "flows_lead": (
        "Båndets bredde er mængden i ton, farven det materiale, der vejer mest i det.",
        "The width of a band is its tonnes, its colour the material that weighs most in it.",
    ),
    "flows_lead_other": (
        "Lette materialer og små strømme er lagt sammen i øvrige; jord er ikke med. Massebalancen står under billedet.",
        "Light materials and small flows are joined in others; soil is left out. The mass balance is below the picture.",
    ),
    "links_note": (
        "Et ton står to gange: fra materiale til indsamling og fra indsamling til behandling. Andelene er af alt i billedet.",
        "A tonne stands twice: from material to collection and from collection to treatment. Shares are of all in the picture.",
    ),
    "balance_note": (
        "Alt, der frembringes (også jord og det, der forebygges), skal ende et sted: forskellen er nul.",
        "Everything that is generated (soil and what is prevented too) must end somewhere: the difference is zero.",
    ),
    # Facilities
    "facilities_answer": (
        "I {year} går affaldet fra {place} til {count} anlæg; planen åbner, udvider eller lukker anlæg {events} gange.",
        "In {year} the waste from {place} goes to {count} facilities; the plan opens, enlarges or closes facilities {events} times.",
    ),
    "facilities_lead": (
        "Et ton kan passere to anlæg, for eksempel sortering og forbrænding, og står da ved begge.",
        "A tonne may pass two facilities, sorting and incineration for instance, and then stands at both.",
    ),
    "facilities_note": (
        "Tom kapacitet: ingen kendt grænse. Kapacitet til området er uden det, som andre har reserveret.",
        "Blank capacity: no known limit. Capacity for the area is without what others have reserved.",
    ),
    "events_note": (
        "Investeringen er hele anlæggets; tom, hvor den ikke er kendt.",
        "The investment is that of the whole facility; blank where it is not known.",
    ),
    # Economy
    "economy_answer_more": (
        "I {year} koster affaldet fra {place} {plan} med planen, {extra} mere end referencen.",
        "In {year} the waste from {place} costs {plan} with the plan, {extra} more than the reference.",
    ),
    "economy_answer_less": (
        "I {year} koster affaldet fra {place} {plan} med planen, {extra} mindre end referencen.",
        "In {year} the waste from {place} costs {plan} with the plan, {extra} less than the reference.",
    ),
    "economy_lead": (
        "Beløb i {currency} pr. år, prisniveau {price_year}, uden moms. Indtægter er negative.",
        "Amounts in {currency} per year, price level {price_year}, without VAT. Income is negative.",
    ),
    "economy_change": (
        "Dertil kommer engangsudgifter på {amount} til at skifte ordning i løbet af planen.",
        "In addition there are one-off costs of {amount} for changing schemes during the plan.",
    ),
    "costs_note": (
        "Fælles anlæg er fordelt efter de ton, som hver kommune sender til dem.",
        "Shared facilities are split by the tonnes that each municipality sends to them.",
    ),
    "each_note": (
        "Pr. ton: alt affald uden jord. Pr. husstand: beløbet delt med antallet af husstande, uanset hvem der betaler.",
        "Per tonne: all waste without soil. Per household: the amount divided by households, whoever pays.",
    ),
    "fees_note": (
        "Gennemsnit over alle husstande; kommunens egne takster kan være fordelt anderledes mellem boligtyper.",
        "Average over all households; the municipality's own fees may be split differently between dwellings.",
    ),
    "fees_note_region": (
        "Gennemsnit over alle husstande; hver kommune har sine egne takster, som kan være fordelt anderledes mellem boligtyper.",
        "Average over all households; each municipality has fees of its own, which may be split differently between dwellings.",
    ),
    # Climate
    "climate_answer_less": (
        "I {year} udleder affaldet fra {place} {plan} t CO2e netto med planen, {saved} t mindre end referencen.",
        "In {year} the waste from {place} emits {plan} t CO2e net with the plan, {saved} t less than the reference.",
    ),
    "climate_answer_more": (
        "I {year} udleder affaldet fra {place} {plan} t CO2e netto med planen, {saved} t mere end referencen.",
        "In {year} the waste from {place} emits {plan} t CO2e net with the plan, {saved} t more than the reference.",
    ),
    "climate_lead": (
        "Undgåede udledninger (nye materialer og energi, der erstattes) er negative og vist i egne rækker.",
        "Avoided emissions (virgin materials and energy replaced) are negative and stand in rows of their own.",
    ),
    "climate_note": (
        "Netto er udledt minus undgået; biogen CO2 er ikke med.",
        "Net is what is emitted less what is avoided; biogenic CO2 is left out.",
    ),
    "burnt_note": (
        "Fossilt CO2 efter sagens faktorer pr. ton fraktion; plast er hovedkilden.",
        "Fossil CO2 by the case's factors per tonne of fraction; plastic is the main source.",
    ),
    # Region
    "municipalities_answer": (
        "I {year} ligger kommunerne mellem {low} ({lowest}) og {high} ({highest}).",
        "In {year} the municipalities lie between {low} ({lowest}) and {high} ({highest}).",
    ),
    "municipalities_note": (
        "Målet gælder området under ét: kommuner med meget byggeaffald ligger højt uden selv at gøre mere.",
        "The target holds for the whole area: municipalities with much construction waste rank high without doing more.",
    ),
    "chosen_answer": (
        "I {year} har {changed} af {count} kommuner skiftet mindst én ordning.",
        "In {year}, {changed} of {count} municipalities have changed at least one scheme.",
    ),
    "investments_answer": (
        "Planen åbner, udvider eller lukker anlæg {count} gange frem til {year} for i alt {amount}.",
        "The plan opens, enlarges or closes facilities {count} times until {year}, for {amount} in all.",
    ),
    # Alternative texts
    "alt_rates": (
        "Linjediagram: genanvendelsen i {place} er {today} i {first}; i {year} er den {reference} i referencen og {plan} i "
        "planen. Tallene står i arket {sheet}.",
        "Line chart: recycling in {place} is {today} in {first}; in {year} it is {reference} in the reference and {plan} in "
        "the plan. The numbers are on the sheet {sheet}.",
    ),
    "alt_amounts": (
        "Søjlediagram over de største fraktioner i affaldet fra {place}, i dag og i planen. Størst i planen: {largest}. "
        "Tallene står i tabellen over diagrammet.",
        "Bar chart of the largest fractions of the waste from {place}, today and in the plan. Largest in the plan: {largest}. "
        "The numbers are in the table above the chart.",
    ),
    "alt_sources": (
        "Søjlediagram over affaldet fra {place} efter kilde. I {year} er {name} størst med {share}. "
        "Tallene står i tabellen over diagrammet.",
        "Bar chart of the waste from {place} by source. In {year} {name} is largest with {share}. "
        "The numbers are in the table above the chart.",
    ),
    "alt_streams": (
        "Søjlediagram over de største indsamlede strømme i {place}, i dag og i planen {year}. Tallene står i tabellen over diagrammet.",
        "Bar chart of the largest streams collected in {place}, today and in the plan {year}. The numbers are in the table above.",
    ),
    "alt_treatment": (
        "Stablet søjlediagram over behandlingen af affaldet fra {place}, i dag og år for år i planen. Til sidst: {parts}. "
        "Tallene står i tabellen under diagrammet.",
        "Stacked column chart of the treatment of waste from {place}, today and year by year in the plan. At the end: "
        "{parts}. The numbers are in the table below the chart.",
    ),
    "alt_sankey": (
        "Sankey-diagram over affaldets vej i {place}, {state}, fra materiale over indsamling til behandling. "
        "Største strømme: {largest}. Alle tal står i tabellen i arket {sheet}.",
        "Sankey diagram of the way of the waste in {place}, {state}, from material over collection to treatment. "
        "Largest flows: {largest}. All numbers are in the table on the sheet {sheet}.",
    ),
    "alt_facilities": (
        "Søjlediagram over de {count} største anlæg for affaldet fra {place}, i dag og i planen {year}. "
        "Tallene står i tabellen under diagrammet.",
        "Bar chart of the {count} largest facilities for the waste from {place}, today and in the plan {year}. "
        "The numbers are in the table below the chart.",
    ),
    "alt_economy": (
        "Søjlediagram over omkostninger i {place} efter formål. I {year} koster referencen {reference} og planen {plan}. "
        "Tallene står i tabellen over diagrammet.",
        "Column chart of costs in {place} by purpose. In {year} the reference costs {reference} and the plan {plan}. "
        "The numbers are in the table above the chart.",
    ),
    "alt_climate": (
        "Søjlediagram over drivhusgasser fra affald i {place} efter trin: netto {today} CO2e i dag og {plan} i planen {year}. "
        "Tallene står i tabellen over diagrammet.",
        "Column chart of greenhouse gases from waste in {place} by step: net {today} CO2e today and {plan} in the plan {year}. "
        "The numbers are in the table above the chart.",
    ),
    "alt_municipalities": (
        "Søjlediagram over kommunernes genanvendelse i dag og i {year}: lavest {lowest} med {low}, højest {highest} med {high}. "
        "Tallene står i tabellen over diagrammet.",
        "Bar chart of the municipalities' recycling today and in {year}: lowest {lowest} with {low}, highest {highest} with "
        "{high}. The numbers are in the table above the chart.",
    ),
    # Method
    "method_lead": (
        "Tallene er beregnet af sagens regneark; hver række der har kilde og status. Her står, hvad der er regnet, og hvordan.",
        "The figures are computed from the case's workbook, in which each row has source and status. Here is what was "
        "computed, and how.",
    ),
    "quality_note": (
        "Andele af ton (for omkostninger: af kroner), der hviler på indberettede, afledte og antagne tal.",
        "Shares of tonnes (for costs: of money) that rest on reported, derived and assumed figures.",
    ),
    "certificate_note": (
        "Kontrollen regner planen efter ud fra dens tabeller med egen kode. Regionens rapport viser hver kontrol for sig.",
        "The control recomputes the plan from its tables with code of its own. The region's report shows each check.",
    ),
    "calibration_note": (
        "Indsamlingseffekten forskydes ens for alle ordninger i en kommune, så dagens model svarer til det indberettede.",
        "Capture is shifted alike for all schemes of a municipality, so that today's model meets what was reported.",
    ),
    "checked_none": (
        "Der er ingen indberettede tal at holde {place}s antagelser op mod.",
        "There are no reported figures to hold the assumptions of {place} against.",
    ),
    "checked_fits": (
        "{count} indberettede tal er holdt op mod antagelserne, og ingen modsiger de andre ud over det, usikkerheden forklarer.",
        "{count} reported figures were held against the assumptions, and none contradicts the others beyond its uncertainty.",
    ),
    "checked_suspects": (
        "{wrong} af {count} indberettede tal modsiges af de andre og bør efterses: {named}.",
        "{wrong} of {count} reported figures are contradicted by the others and should be looked at: {named}.",
    ),
    "checked_lead": (
        "Indberettede tal og antagelser er usikre hver for sig. Afstemningen flytter alle så lidt som muligt, målt med "
        "deres usikkerhed, til de passer sammen; regnskab og plan bygger på de afstemte tal.",
        "Reported figures and assumptions are each uncertain. Reconciling moves all of them as little as possible, "
        "measured by their uncertainty, until they agree; account and plan rest on the reconciled figures.",
    ),
    "reported_note": (
        "± er én standardafvigelse. »Antagelserne giver« er modellens tal, før noget er flyttet.",
        "± is one standard deviation. 'Assumptions give' is the model's figure before anything moved.",
    ),
    "reported_empty": ("Intet er indberettet for dette område.", "Nothing was reported for this place."),
    "suspects_note": (
        "Tallene er taget ud et for et, det værste først; det, de øvrige peger på, er regnet uden dem.",
        "The figures were taken away one by one, the worst first; what the others say is computed without them.",
    ),
    "moved_note": (
        "Intet flyttes ud over det spænd, som kilden giver. En antagelse, der flyttes langt, bør have en bedre kilde.",
        "Nothing moves beyond the range that its source gives. An assumption that moves far deserves a better source.",
    ),
    "moved_empty": (
        "Ingen antagelse er flyttet mere end en promille.",
        "No assumption has moved more than a thousandth.",
    ),
    "sources_cut": (
        "De {shown} mest brugte af {count} kilder; alle står fuldt ud ved deres rækker i sagens regneark.",
        "The {shown} most used of {count} sources; all stand in full with their rows in the case's workbook.",
    ),
}
