"""What the words of the reports mean, as the method sheet says it: key to (Danish, English)."""

from __future__ import annotations

DEFINITIONS: dict[str, tuple[str, str]] = {
    "define_today": ("I dag", "Today"),
    "definition_today": (
        "Det opgjorte år {first}: faktiske ordninger og anlæg.",
        "The accounted year {first}: schemes and facilities as they are.",
    ),
    "define_reference": ("Reference", "Reference"),
    "definition_reference": (
        "Dagens ordninger og anlæg ført videre til {year}; mængderne vokser, intet er optimeret.",
        "Today's schemes and facilities carried on to {year}; amounts grow, nothing is optimised.",
    ),
    "define_plan": ("Plan", "Plan"),
    "definition_plan": (
        "De ordninger og anlæg, der når målene billigst; intet kan ændres før {change}.",
        "The schemes and facilities that reach the targets at least cost; nothing can change before {change}.",
    ),
    "define_scope": ("Afgrænsning", "Scope"),
    "definition_scope": ("Hovedtallet gælder: {scope}.", "The main figure covers: {scope}."),
    "define_method": ("Metode", "Method"),
    "definition_method": ("Hovedtallet er {method}: {meaning}.", "The main figure is {method}: {meaning}."),
    "define_waste": ("Affald", "Waste"),
    "definition_waste": (
        "Primært affald efter materiale. Jord og det, der aldrig blev affald, er uden for alle procenter; "
        "rejekt og aske fra anlæg tælles ikke igen.",
        "Primary waste by material. Soil and what never became waste are outside every rate; rejects and ash of "
        "facilities are not counted again.",
    ),
    "define_prevention": ("Forebyggelse", "Prevention"),
    "definition_prevention": (
        "Forebyggelse, direkte genbrug og biprodukter bliver aldrig affald og vises for sig; forberedelse til genbrug var affald.",
        "Prevention, direct reuse and by-products never become waste and are shown apart; preparing for reuse was waste.",
    ),
    "define_costs": ("Omkostninger", "Costs"),
    "definition_costs": (
        "Årlige omkostninger i faste priser, uden moms og uden diskontering; kapital som annuitet.",
        "Yearly costs at constant prices, without VAT and undiscounted; capital as an annuity.",
    ),
    "define_households": ("Husstande og indbyggere", "Households and inhabitants"),
    "definition_households": (
        "{households} husstande og {people} indbyggere; de samme tal bruges i alle år.",
        "{households} households and {people} inhabitants; the same numbers are used in all years.",
    ),
    "define_effects": ("Virkning af et skift", "Effect of a change"),
    "definition_effects": (
        "Plan minus reference i {year}. Omkostninger kendes pr. sektor og drivhusgasser pr. kommune; de er lagt på kilderne "
        "efter de ton, der giver dem. Summen er hele forskellen.",
        "Plan minus reference in {year}. Costs are known per sector and greenhouse gases per municipality; they are put to "
        "the sources by the tonnes that cause them. The sum is the whole difference.",
    ),
    "define_climate": ("Drivhusgasser", "Greenhouse gases"),
    "definition_climate": (
        "Fossile udledninger og transport minus det, der undgås andre steder. Biogen CO2 er vist for sig.",
        "Fossil emissions and transport less what is avoided elsewhere. Biogenic CO2 is shown apart.",
    ),
    "define_attribution": ("Fælles anlæg", "Shared facilities"),
    "definition_attribution": (
        "Det, der forlader et anlæg, er fordelt på kommuner og fraktioner efter det, der kom ind.",
        "What leaves a facility is split over municipalities and fractions in proportion to what entered.",
    ),
    "define_vat": ("Moms", "VAT"),
    "definition_vat": (
        "Kun vist ved husholdningernes betaling, med {rate}.",
        "Shown only with what households pay, at {rate}.",
    ),
}
