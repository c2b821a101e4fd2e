"""What planning under uncertainty says, in Danish and English."""

from __future__ import annotations

ROBUST: dict[str, tuple[str, str]] = {
    "step_robust": ("scenarier", "scenarios"),
    "alone": ("den bedste plan for scenariet alene:", "the best plan for the scenario alone:"),
    "try_out": ("prøver hver plan i hvert scenarie", "trying every plan in every scenario"),
    "joint": ("søger én plan for alle scenarier", "searching one plan for all scenarios"),
    "robust_costs": (
        "Tilbagediskonteret omkostning i hvert scenarie, mio. {currency} (* målet nås ikke, - kan ikke køres)",
        "Discounted cost in each scenario, million {currency} (* the target is missed, - cannot run)",
    ),
    "robust_chosen": ("Valgt: {plan}, bedst efter {measure}", "Chosen: {plan}, best by {measure}"),
    "measure_expected": ("forventet omkostning", "expected cost"),
    "measure_cvar": ("de dyreste tilfælde (CVaR)", "the dearest cases (CVaR)"),
    "measure_worst": ("værste tilfælde", "worst case"),
    "measure_regret": ("største merudgift", "largest regret"),
    "robust_value": (
        "{measure}: {value} mio. {currency}; bevist mindst {bound} ({bound_of})",
        "{measure}: {value} million {currency}; proven at least {bound} ({bound_of})",
    ),
    "extensive form": ("modellen af alle scenarier tilsammen", "the model of all scenarios together"),
    "each scenario alone": (
        "hvert scenarie for sig, som om det var kendt",
        "each scenario alone, as if it were known",
    ),
    "robust_scenario": (
        "{scenario} ({weight}): {cost} mio., {regret} mere end den bedste plan for det alene, {rate}",
        "{scenario} ({weight}): {cost} million, {regret} more than its own best plan, {rate}",
    ),
    "robust_rate": ("genanvendt {rate}", "rate {rate}"),
    "robust_short": (
        "genanvendt {rate}; der mangler {mass} ton til målene, som koster {penalty} mio.",
        "rate {rate}; {mass} t are missing to the targets, which costs {penalty} million",
    ),
    "robust_information": (
        "At kende scenariet i tide er {value} mio. værd (EVPI, mellem {low} og {high})",
        "To know the scenario in time is worth {value} million (EVPI, between {low} and {high})",
    ),
    "robust_solution": (
        "At planlægge for alle scenarier frem for for {reference} alene er {value} mio. værd (VSS, mellem {low} og {high})",
        "To plan for all scenarios instead of for {reference} alone is worth {value} million (VSS, between {low} and {high})",
    ),
    "robust_solution_unbounded": (
        "Planen for {reference} alene holder ikke i alle scenarier, så værdien af at planlægge for alle kan ikke sættes i penge",
        "The plan for {reference} alone does not hold in all scenarios, so planning for all has no price to compare with",
    ),
    "robust_differ": (
        "De bedste planer for hvert scenarie er enige om {same} af {count} beslutninger",
        "The best plans for each scenario agree on {same} of {count} decisions",
    ),
    "robust_joint_too_large": (
        "sagen er for stor til at regne alle scenarier i én model; den bedste af de prøvede planer er valgt",
        "the case is too large for one model of all scenarios; the best of the plans tried is chosen",
    ),
    "robust_certificates": (
        "certifikatet holder for {pairs} par af plan og scenarie: største fejl {error}",
        "the certificate holds for {pairs} pairs of plan and scenario: largest error {error}",
    ),
    "robust_certificate_fails": (
        "certifikatet holder IKKE for: {pairs}",
        "the certificate does NOT hold for: {pairs}",
    ),
    "robust_none": (
        "Ingen plan når målene i alle scenarier; giv --shortfall-price, hvis de må mangle noget.",
        "No plan meets the targets in all scenarios; give --shortfall-price if they may be missed.",
    ),
    "robust_none_tried": (
        "Ingen af de prøvede planer når målene i alle scenarier; giv --shortfall-price, hvis de må mangle noget.",
        "None of the plans tried meets the targets in all scenarios; give --shortfall-price if they may be missed.",
    ),
    "robust_alone": (
        "Scenariet {scenario} når dem ikke, heller ikke alene:",
        "Scenario {scenario} misses them even alone:",
    ),
    "robust_why": (
        'mfa plan med --scenario "{scenario}" siger, hvad der må give efter; --scenarios tager kun nogle af dem med.',
        'mfa plan with --scenario "{scenario}" says what would have to give way; --scenarios takes only some of them.',
    ),
    "robust_apart": (
        "Hvert scenarie når dem for sig, men de kræver forskellige beslutninger. Den plan, der mangler mindst:",
        "Each scenario meets them alone, but they need different decisions. The plan that misses least:",
    ),
    "robust_misses": (
        "{scenario}: {mass} ton mangler ({scope}, {method}) i {year}; målet er {goal}",
        "{scenario}: {mass} t are missing ({scope}, {method}) in {year}; the target is {goal}",
    ),
    "robust_cannot_run": (
        "{scenario}: en plan for alle kan ikke køres her",
        "{scenario}: one plan for all cannot run here",
    ),
    "run_is_robust": (
        "kørslen er en plan for flere scenarier; rapporter laves af ét, fx {folder}/scenarios/base",
        "the run is a plan for several scenarios; reports are made from one, as {folder}/scenarios/base",
    ),
    "no_price": (
        "'{value}' er ingen pris; skriv et tal over nul",
        "'{value}' is no price; write a number above zero",
    ),
    "no_weight": ("der mangler en vægt for: {value}", "a weight is missing for: {value}"),
    "no_weights": (
        "'{value}' er ingen vægte; skriv fx base=2,scenarie=1, ingen under nul og ikke alle nul",
        "'{value}' are no weights; write for example base=2,scenario=1, none below zero and not all zero",
    ),
    "scenario_years_differ": (
        "scenariet {value} ændrer '{setting}'; en plan for alle scenarier kræver, at den er ens",
        "scenario {value} changes '{setting}'; a plan for all scenarios needs it to be the same",
    ),
}
