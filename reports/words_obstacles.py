"""Words of the reports of a run without a plan: key to (Danish, English)."""

from __future__ import annotations

OBSTACLES: dict[str, tuple[str, str]] = {
    "infeasible_target": (
        "Målet på {target} ({method}) i {year} kan ikke nås i {place}: {highest} er det højeste, der kan",
        "The target of {target} ({method}) in {year} cannot be reached in {place}: {highest} is the most that can",
    ),
    "infeasible_together": (
        "Målet på {target} ({method}) i {year} kan ikke nås i {place} sammen med de øvrige krav",
        "The target of {target} ({method}) in {year} cannot be reached in {place} together with what else is asked",
    ),
    "infeasible_case": (
        "Der findes ingen plan for {place}, som holder alle krav",
        "There is no plan for {place} that keeps everything that is asked",
    ),
    "infeasible_way": ("; i vejen står {obstacles}", "; what stands in the way is {obstacles}"),
    "infeasible_fraction": ("{fraction}, der ikke kan tælle ({tonnes})", "{fraction} that cannot count ({tonnes})"),
    "infeasible_reference": (
        "Uden en plan, med dagens ordninger og anlæg ført videre: {answer}.",
        "Without a plan, today's schemes and facilities carried on: {answer}.",
    ),
    "sheet_obstacles": ("Hvad står i vejen", "In the way"),
    "obstacles_title": ("{place}: hvad der står i vejen for målet", "{place}: what stands in the way of the target"),
    "obstacles_answer": (
        "{count} ændringer eller sæt af ændringer ville hver for sig være nok; de står nedenfor, den mindste først.",
        "{count} changes or sets of changes would each be enough; they stand below, the least first.",
    ),
    "obstacles_none": (
        "Ingen enkelt ændring af krav eller kapaciteter er fundet, som ville være nok.",
        "No change of requirements or capacities was found that would be enough.",
    ),
    "obstacles_lead": (
        "Arbejdsbogens værdier er ikke ændret; tabellerne viser, hvad det ville kræve.",
        "The values of the workbook have not been changed; the tables show what it would take.",
    ),
    "obstacles_relaxed": (
        "Modellen er stor, så beslutninger er regnet som delelige: raterne er højst mulige, ændringerne mindst mulige.",
        "The model is large, so decisions were taken as divisible: rates are the highest, changes the least possible.",
    ),
    "obstacles_place": ("Område", "Area"),
    "obstacles_highest": ("Højeste mulige", "Highest possible"),
    "obstacles_bound": ("Med plads til alt", "With room for everything"),
    "obstacles_highest_caption": ("Så langt kan man nå", "How far one gets"),
    "obstacles_highest_note": (
        "Højeste mulige: dette mål for sig. Med plads til alt: de bedste lovlige ordninger, uden hensyn til "
        "kapacitet, marked og grænser; et mål over det kan ingen plan nå.",
        "Highest possible: this target by itself. With room for everything: the best lawful schemes, whatever "
        "capacity, markets and limits say; no plan reaches a target above that.",
    ),
    "obstacles_contradictions": ("Det kan ikke gælde på samme tid", "What cannot hold together"),
    "obstacles_requirement": ("Krav", "Requirement"),
    "obstacles_sheet": ("Ark", "Sheet"),
    "obstacles_row": ("Række", "Row"),
    "obstacles_repairs": ("Det mindste, der skal til", "The least that it takes"),
    "obstacles_repairs_note": (
        "Rækker med samme nummer hører sammen og er nok tilsammen. Numrene følger, hvor meget der flyttes.",
        "Rows of one number belong together and are enough together. Numbers follow how much is moved.",
    ),
    "obstacles_option": ("Mulighed", "Option"),
    "obstacles_change": ("Ændring", "Change"),
    "obstacles_from": ("Fra år", "From year"),
    "obstacles_burden": ("Flytter, t/år", "Moves, t/year"),
    "obstacles_reach": ("Hvad der højst kan tælle i {year}", "What can count at most in {year}"),
    "obstacles_reach_note": (
        "Under de ordninger, der tjener raten bedst, med plads til alt. Indsamlet er den andel, som de holder ude af "
        "blandet affald.",
        "Under the schemes that serve the rate best, with room for everything. Captured is the share that they keep "
        "out of mixed waste.",
    ),
    "obstacles_source": ("Kilde", "Source"),
    "obstacles_fraction": ("Fraktion", "Fraction"),
    "obstacles_waste": ("Affald, t/år", "Waste, t/year"),
    "obstacles_counted": ("Kan tælle, t/år", "Can count, t/year"),
    "obstacles_missing": ("Kan ikke tælle, t/år", "Cannot count, t/year"),
    "obstacles_captured": ("Indsamlet", "Captured"),
}
