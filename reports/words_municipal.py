"""Words of the municipal sheets: parts of the waste plan, plan of action, economy by dwelling, targets, breaks in method."""

from __future__ import annotations

MUNICIPAL_WORDS: dict[str, tuple[str, str]] = {
    # Parts of the waste plan
    "part_mapping": ("Kortlægning", "Mapping"),
    "part_targets": ("Målsætning", "Targets"),
    "part_planning": ("Planlægning", "Planning"),
    "part_appendix": ("Bilag", "Appendix"),
    "contents_opening": (
        "Arkene følger affaldsplanens tre dele, så de kan sættes ind i den: kortlægning, målsætning og planlægning.",
        "The sheets follow the three parts of a Danish waste plan, so that they can be pasted into it: mapping, targets and "
        "planning.",
    ),
    "contents_caption": ("Arkene og deres svar", "The sheets and their answers"),
    "contents_sheet": ("Ark", "Sheet"),
    "contents_part": ("Del af affaldsplanen", "Part of the waste plan"),
    "contents_answer": ("Svaret i én sætning", "The answer in one sentence"),
    "contents_note": (
        "Fanens farve viser delen; ordet står også i arkets overskrift og øverst på hver udskrevet side. Økonomi og klima "
        "viser også i dag og kan bruges i kortlægningen.",
        "The colour of a tab shows the part; the word also stands in the sheet's title and at the top of every printed page. "
        "Economy and climate show today too and can be used in the mapping.",
    ),
    # Plan of action
    "sheet_action_plan": ("Handleplan", "Plan of action"),
    "action_plan_title": ("{place}: handleplan", "{place}: plan of action"),
    "action_plan_answer": (
        "{place}: de første beslutninger får virkning i {first}; planen kræver {counts}.",
        "{place}: the first decisions take effect in {first}; the plan requires {counts}.",
    ),
    "decisions_of": ("{count} skift besluttet af {decider}", "{count} changes decided by {decider}"),
    "decisions_of_owners": (
        "{count} ændringer af anlæg besluttet af ejerne",
        "{count} changes of facilities decided by their owners",
    ),
    "action_plan_lead": (
        "Først virkningen år for år, så hvad hver part skal beslutte: kommunen, producenterne, virksomhederne, staten og "
        "anlæggenes ejere.",
        "First the effect year by year, then what each party has to decide: the municipality, producers, businesses, the "
        "state and the owners of facilities.",
    ),
    "action_plan_lead_region": (
        "Først virkningen år for år, så hvad hver part skal beslutte: kommunerne, producenterne, virksomhederne, staten og "
        "anlæggenes ejere.",
        "First the effect year by year, then what each party has to decide: the municipalities, producers, businesses, the "
        "state and the owners of facilities.",
    ),
    "plan_years_caption": ("Hvad planen giver år for år", "What the plan gives year by year"),
    "plan_years_note": (
        "Forskel mellem plan og reference i hvert år. Antal skift: ordninger tælles én gang for hver kilde i hver kommune, dertil anlæg.",
        "Difference between plan and reference in each year. Number of changes: schemes count once for each source "
        "in each municipality, and facilities are added.",
    ),
    "what_begins": ("Hvad der begynder", "What begins"),
    "and_more": ("{named}; og {count} til", "{named}; and {count} more"),
    "decided_by_whom": ("Besluttes af: {decider}", "To be decided by: {decider}"),
    "the_municipalities": ("Kommunerne", "The municipalities"),
    "plan_of_owners": ("Besluttes af: Anlæggenes ejere", "To be decided by: Owners of facilities"),
    "nothing_for_municipality": (
        "Planen kræver ingen ny ordning besluttet af kommunen.",
        "The plan requires no new scheme decided by the municipality.",
    ),
    "nothing_for_municipalities": (
        "Planen kræver ingen ny ordning besluttet af kommunerne.",
        "The plan requires no new scheme decided by the municipalities.",
    ),
    "nothing_for_producer": (
        "Planen kræver ingen ny ordning besluttet af producenterne.",
        "The plan requires no new scheme decided by producers.",
    ),
    "nothing_for_business": (
        "Planen kræver ingen ny ordning besluttet af virksomhederne.",
        "The plan requires no new scheme decided by businesses.",
    ),
    "nothing_for_state": (
        "Planen kræver ingen ny ordning besluttet af staten.",
        "The plan requires no new scheme decided by the state.",
    ),
    "nothing_for_owners": (
        "Planen åbner, udvider og lukker intet anlæg, der bruges her.",
        "The plan opens, enlarges and closes no facility that is used here.",
    ),
    "plan_effects_note": (
        "Virkning i {year} i forhold til referencen. Tom: en senere ændring af samme kilde har virkningen.",
        "Effect in {year} compared with the reference. Blank: a later change of the same source has the effect.",
    ),
    "plan_owners_note": (
        "Beslut senest: året for drift minus byggetiden. Investeringen er hele anlæggets; virkningen står ved de kilder, "
        "hvis affald det behandler.",
        "Decide by: the year of operation less the time to build. The investment is that of the whole facility; its effect "
        "stands with the sources whose waste it treats.",
    ),
    "plan_of_buyers": ("Besluttes af: Offentlige indkøbere", "To be decided by: Public buyers"),
    "buyer": ("Køber", "Buyer"),
    "every_buyer": ("alle offentlige indkøbere", "all public buyers"),
    "buy_recycled": ("Køb genanvendt frem for nyt: {name}", "Buy recycled instead of new: {name}"),
    "bought_in": ("Købt i {year}, t", "Bought in {year}, t"),
    "plan_buyers_note": (
        "Merudgift over produktets levetid mod at købe nyt; minus er en besparelse.",
        "Extra cost over the life of the product against buying new; minus is a saving.",
    ),
    "what_to_decide": ("Beslutning", "Decision"),
    "decide_by": ("Beslut senest", "Decide by"),
    "in_operation": ("I drift fra", "Takes effect in"),
    "chart_effects": (
        "Mere genanvendt i {place}: plan minus reference",
        "More recycled in {place}: plan minus reference",
    ),
    "alt_effects": (
        "Søjlediagram over, hvor mange ton mere der genanvendes i {place} med planen end uden, år for år; til sidst {tonnes} om "
        "året. Tallene står i tabellen ved diagrammet.",
        "Column chart of how many tonnes more are recycled in {place} with the plan than without, year by year; at the end "
        "{tonnes} per year. The numbers are in the table beside the chart.",
    ),
    # Economy by type of dwelling
    "dwellings_caption": (
        "Hvad en husstand betaler efter boligtype",
        "What a household pays by type of dwelling",
    ),
    "type_of_dwelling": ("Boligtype", "Type of dwelling"),
    "number_of_dwellings": ("Boliger", "Dwellings"),
    "fee_change_without": ("Gebyrvirkning uden moms", "Effect on the fee, without VAT"),
    "fee_change_vat": ("Moms {rate} af virkningen", "VAT {rate} of the effect"),
    "fee_change_with": ("Gebyrvirkning med moms", "Effect on the fee, with VAT"),
    "fee_plan_with": ("{state}, med moms", "{state}, with VAT"),
    "dwellings_note": (
        "Indsamling er fordelt efter ordningernes priser for boligtypen, resten efter ton. Kommunens takstblad kan fordele "
        "anderledes. Gebyrvirkning: plan minus reference.",
        "Collection is split by the prices of the schemes of each type, the rest by tonnes. The municipality's own fees may "
        "be split differently. Effect on the fee: plan minus reference.",
    ),
    "dwellings_note_region": (
        "Indsamling er fordelt efter ordningernes priser for boligtypen, resten efter ton. Hver kommune har sit eget takstblad, "
        "som kan fordele anderledes. Gebyrvirkning: plan minus reference.",
        "Collection is split by the prices of the schemes of each type, the rest by tonnes. Each municipality has fees of its "
        "own, which may be split differently. Effect on the fee: plan minus reference.",
    ),
    "payer_shares_caption": ("Hvor stor en del hver betaler", "How large a part each pays"),
    # Targets
    "target_missed_by": (
        "{target} i {year} (mangler {points} procentpoint)",
        "{target} in {year} ({points} percentage points are missing)",
    ),
    "answer_also_missed": ("; heller ikke nået: {targets}", "; not reached either: {targets}"),
    "targets_answer_missed": (
        "{place}: planen når {reached} af {count} mål; ikke nået: {missed}.",
        "{place}: the plan reaches {reached} of {count} targets; not reached: {missed}.",
    ),
    "waste_counted": ("Affald i opgørelsen, t", "Waste in the rate, t"),
    "to_go_caption": (
        "Hvor langt der er til {target} efter hver opgørelse",
        "How far it is to {target} by every way of counting",
    ),
    "to_go_note": (
        "Mål, procenter og ton er levende: skriv et andet mål i kolonnen, så regnes afstand og ton om. Målet gælder kun den "
        "første opgørelse.",
        "Target, percentages and tonnes are live: write another target in the column, and distance and tonnes follow. The "
        "target holds for the first way of counting only.",
    ),
    # Breaks in method
    "breaks_caption": (
        "Metodeskift: tal, der ikke må sammenlignes direkte",
        "Breaks in method: figures that must not be compared directly",
    ),
    "break_what": ("Hvor", "Where"),
    "break_meaning": ("Hvad det betyder for tallene", "What it means for the figures"),
    "break_methods": ("Indsamlet og reel genanvendelse", "Collected and real recycling"),
    "break_methods_text": (
        "I {year} er samme plan {own} ({method}) og {point} ved EU's beregningspunkt, hvor tab i sortering er trukket fra. "
        "EU's regler bruger nu det sidste; en ældre procent kan derfor ikke sættes i forlængelse af en ny.",
        "In {year} the same plan is {own} ({method}) and {point} at the EU calculation point, where losses in sorting are "
        "deducted. EU rules now use the second, so an older rate is not continued by a newer one.",
    ),
    "break_scopes": ("Med og uden bygge- og anlægsaffald", "With and without construction and demolition waste"),
    "break_scopes_text": (
        "I {year} er den {wide} med og {narrow} uden bygge- og anlægsaffald. Se efter afgrænsningen, før to procenter "
        "sammenlignes.",
        "In {year} it is {wide} with and {narrow} without construction and demolition waste. Look at the scope before two "
        "rates are compared.",
    ),
    "break_biowaste": ("Bioaffald fra blandet affald", "Bio-waste from mixed waste"),
    "break_biowaste_text": (
        "Fra {year} tæller bioaffald ved EU's beregningspunkt kun, når det er indsamlet særskilt eller sorteret ved kilden.",
        "From {year} bio-waste counts at the EU calculation point only where it was collected separately or sorted at source.",
    ),
    "break_reported": ("Indberettede og beregnede procenter", "Reported and computed rates"),
    "break_reported_one": ("{method} i {year}", "{method} in {year}"),
    "break_reported_text": (
        "Indberettet er {told}. Er år eller opgørelse en anden end hovedtallets, kan de to ikke sammenlignes. De beregnede tal "
        "er afstemt med de indberettede inden for usikkerheden og kan afvige lidt fra dem.",
        "Reported is {told}. Where year or way of counting is not that of the main figure, the two cannot be compared. "
        "Computed figures are reconciled with the reported ones within their uncertainty and may differ a little.",
    ),
    "break_forward": ("Regnskab og fremskrivning", "Account and projection"),
    "break_forward_text": (
        "{first} er opgjort; senere år er fremskrevet. Indbyggere og boliger er de samme i alle år, så tal pr. indbygger "
        "følger mængderne alene.",
        "{first} is accounted; later years are projected. Inhabitants and dwellings are the same in every year, so figures "
        "per inhabitant follow amounts alone.",
    ),
}
