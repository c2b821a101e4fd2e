"""What reports and the page say of a sweep, in Danish and English."""

from __future__ import annotations

SWEEP_PAGE_WORDS: dict[str, tuple[str, str]] = {
    "page_sweep_title": ("Mange fremtider", "Many futures"),
    "page_sweep_lead": (
        "Resten af siden viser én af planerne i fuld udstrækning: planen for det højeste mål, der kan nås i sagen, som den er.",
        "The rest of the page shows one of the plans in full: that for the highest target that the case as it is reaches.",
    ),
    "page_sweep_points": (
        "Omkostning ({unit}) mod genanvendelse i alle planer",
        "Cost ({unit}) against recycling in all plans",
    ),
    "page_sweep_points_text": (
        "Hvert tegn er en plan for én fremtid; tegnet siger scenariet.",
        "Each sign is a plan for one future; the sign tells the scenario.",
    ),
    "page_sweep_drivers": ("Hvad flytter {outcome}: {where}", "What moves {outcome}: {where}"),
    "page_sweep_drivers_text": (
        "Rangkorrelation fra −1 til +1 mellem det usikre tal og svaret over {n} trækninger. Fyldt: mere end tilfældet ville give. Omrids: kan være tilfældigt.",
        "Rank correlation from −1 to +1 between the uncertain figure and the answer over {n} draws. Filled: more than chance would give. Outline: may be chance.",
    ),
    "page_sweep_input": ("Usikkert tal", "Uncertain figure"),
    "page_sweep_correlation": ("Rangkorrelation", "Rank correlation"),
}
"""What the page's script says of a sweep."""

SWEEP_WORDS: dict[str, tuple[str, str]] = {
    "sheet_sweep": ("Mange fremtider", "Many futures"),
    "sweep_title": ("Mange fremtider for {place}", "Many futures of {place}"),
    "sweep_answer": (
        "Målet {target} nås i {share} af fremtiderne ({plans} af {tasks}); planen koster fra {low} til {high}.",
        "The target of {target} is reached in {share} of the futures ({plans} of {tasks}); the plan costs from {low} to {high}.",
    ),
    "sweep_answer_own": (
        "Sagens egne mål nås i {share} af fremtiderne ({plans} af {tasks}); planen koster fra {low} til {high}.",
        "The case's own targets are reached in {share} of the futures ({plans} of {tasks}); the plan costs from {low} to {high}.",
    ),
    "sweep_answer_none": ("Ingen fremtid har en plan endnu.", "No future has a plan yet."),
    "sweep_lead": (
        "{tasks} spørgsmål er stillet: scenarier, mål og trækninger af usikre tal. Hver plan er lavet, som om fremtiden var kendt.",
        "{tasks} questions were asked: scenarios, targets and draws of uncertain figures. Each plan is made as if the future were known.",
    ),
    "sweep_missing": (
        "{missing} af dem er ikke færdige; her står, hvad de andre siger.",
        "{missing} of them are not finished; this is what the others say.",
    ),
    "sweep_sure": (
        "Disse nye anlæg er med i alle planer for {target} og kan besluttes uden at vide, hvad der kommer: {names}.",
        "These new facilities are in all plans for {target} and can be decided without knowing what comes: {names}.",
    ),
    "sweep_often": (
        "{name} er med i {share} af planerne for {target}.",
        "{name} is in {share} of the plans for {target}.",
    ),
    "sweep_assumed": (
        "Af de usikre tal, der er varieret, er {share} antagelser; de er mærket »antaget«.",
        "Of the uncertain figures that were varied, {share} are assumptions; they are marked as assumed.",
    ),
    "sweep_own_target": ("sagens egne", "the case's own"),
    "sweep_base": ("sagen, som den er", "the case as it is"),
    "sweep_target": ("Mål", "Target"),
    "sweep_rate_of": ("Rate", "Rate"),
    "sweep_scenario": ("Scenarie", "Scenario"),
    "sweep_plans": ("Planer", "Plans"),
    "sweep_of": ("Ud af", "Out of"),
    "sweep_unreached": ("Målet kan ikke nås", "Target out of reach"),
    "sweep_without": ("Ingen plan fundet", "No plan found"),
    "sweep_cost_low": ("Omkostning lavest, {unit}", "Cost, lowest, {unit}"),
    "sweep_cost_median": ("Midterste, {unit}", "Median, {unit}"),
    "sweep_cost_high": ("Højest, {unit}", "Highest, {unit}"),
    "sweep_rate_median": ("Genanvendelse, midterste", "Recycling, median"),
    "sweep_co2e_median": ("kt CO2e over årene, midterste", "kt CO2e over the years, median"),
    "sweep_highest": ("Højest mulige rate, laveste", "Highest possible rate, least"),
    "sweep_spread_caption": ("Hvad planerne koster og når", "What the plans cost and reach"),
    "sweep_spread_note": (
        "Omkostningen er tilbagediskonteret over alle årene. Højest mulige rate står, hvor målet ikke kan nås.",
        "Cost is discounted over all years. The highest possible rate is told where the target is out of reach.",
    ),
    "sweep_facility": ("Anlæg", "Facility"),
    "sweep_size": ("Trin", "Step"),
    "sweep_new": ("Nyt eller stående", "New or standing"),
    "sweep_is_new": ("nyt", "new"),
    "sweep_stands": ("står i dag", "stands today"),
    "sweep_share": ("Med i andel af planerne", "In this share of the plans"),
    "sweep_first": ("Fra år, midterste", "From year, median"),
    "sweep_status": ("Tallene er", "Figures are"),
    "sweep_facilities_caption": ("Hvilke anlæg er med i hvor mange planer", "Which facilities are in how many plans"),
    "sweep_facilities_note": (
        "Et nyt anlæg med 100 % er med i alle planer: det kan besluttes uden at vide, hvad der kommer.",
        "A new facility at 100 % is in all plans: it can be decided without knowing what comes.",
    ),
    "sweep_scheme": ("Ordning", "Scheme"),
    "sweep_source": ("Hos", "With"),
    "sweep_places": ("Kommuner", "Municipalities"),
    "sweep_always": ("Heraf i alle planer", "Of these in all plans"),
    "sweep_schemes_caption": ("Hvilke ordninger er med i hvor mange planer", "Which schemes are in how many plans"),
    "sweep_schemes_note": (
        "Ordningen i den sidste periode; andelen er gennemsnittet over de kommuner, hvor en af planerne har den.",
        "The scheme in the last period; the share is the mean over the municipalities where any plan has it.",
    ),
    "sweep_input": ("Usikkert tal", "Uncertain figure"),
    "sweep_strength": ("Rangkorrelation", "Rank correlation"),
    "sweep_n": ("Trækninger", "Draws"),
    "sweep_weight": ("Hvor sikkert", "How sure"),
    "sweep_is_sure": ("mere end tilfældet", "more than chance"),
    "sweep_is_chance": ("kan være tilfældigt", "may be chance"),
    "sweep_is_few": ("for få trækninger", "too few draws"),
    "sweep_drivers_caption": (
        "Hvilke usikre tal flytter omkostningen: {where}",
        "Which uncertain figures move the cost: {where}",
    ),
    "sweep_drivers_note": (
        "Spearmans rangkorrelation over trækningerne: +1 betyder, at svaret stiger, hver gang tallet er højere.",
        "Spearman's rank correlation over the draws: +1 means that the answer rises whenever the figure is higher.",
    ),
    "sweep_drivers_chart": ("Rangkorrelation med omkostningen", "Rank correlation with the cost"),
    "sweep_drivers_alt": (
        "Søjler fra −1 til +1: {input} betyder mest ({strength}).",
        "Bars from −1 to +1: {input} matters most ({strength}).",
    ),
    "sweep_choice": ("Beslutninger", "Decisions"),
    "sweep_choice_of": ("valg {number}", "choice {number}"),
    "sweep_holds": ("Kendt at holde i fremtider", "Known to hold in futures"),
    "sweep_worst_regret": ("Største merudgift, {unit}", "Largest regret, {unit}"),
    "sweep_worst_cost": ("Højeste omkostning, {unit}", "Highest cost, {unit}"),
    "sweep_mean_cost": ("Gennemsnit, {unit}", "Mean, {unit}"),
    "sweep_robust": ("Robust valg", "Robust choice"),
    "sweep_yes": ("ja", "yes"),
    "sweep_task": ("Opgave", "Task"),
    "sweep_choices_caption": ("Hvilke beslutninger klarer sig bedst i værste fald", "Which decisions do best at worst"),
    "sweep_choices_note": (
        "Merudgiften er mod den billigste kendte plan i samme fremtid. Den kendes kun, hvor en plan for fremtiden kom til de samme beslutninger; derfor står antallet. Det robuste valg holder i flest fremtider og har blandt dem den mindste af de største merudgifter.",
        "Regret is against the cheapest known plan of the same future. It is known only where a plan for the future came to the same decisions; hence the number. The robust choice holds in most futures and has among those the least of the largest regrets.",
    ),
    "sweep_points_caption": ("Planerne i billedet: {shown} af {plans}", "The plans in the picture: {shown} of {plans}"),
    "sweep_points_rate": ("Genanvendelse", "Recycling"),
    "sweep_points_chart": ("Omkostning mod genanvendelse i alle planer", "Cost against recycling in all plans"),
    "sweep_points_alt": (
        "Et punkt pr. plan, en farve pr. scenarie; omkostningen går fra {low} til {high}.",
        "A point per plan, a colour per scenario; cost runs from {low} to {high}.",
    ),
    "sweep_points_axis": ("Omkostning, {unit}", "Cost, {unit}"),
}
"""What sheets and tables of a sweep say."""
