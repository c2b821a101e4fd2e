"""What is said of problems of a general flow system: its workbook, its account and its reconciliation.

Each code has its text in Danish and in English; ``{found}``, ``{expected}`` and ``{place}`` are filled in.
"""

from __future__ import annotations

SYSTEM: dict[str, tuple[str, str]] = {
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
    "loop_never_left": (
        "intet forlader kredsløbet {found}, så intet kan komme ind i det",
        "nothing leaves the loop of {found}, so nothing can enter it",
    ),
    "loop_never_entered": (
        "intet kommer ind i kredsløbet {found}, så intet kan forlade det",
        "nothing enters the loop of {found}, so nothing can leave it",
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
}

RESULTS: dict[str, tuple[str, str]] = {
    "result_negative": (
        "{place} bliver {found}, men strømmen må ikke være negativ; se de givne værdier efter, eller sæt may_be_negative",
        "{place} comes to {found}, but the flow may not be negative; look at the given values, or set may_be_negative",
    ),
}

RECONCILIATION: dict[str, tuple[str, str]] = {
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
}
