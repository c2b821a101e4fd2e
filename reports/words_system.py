"""The words of the results of a flow system, in Danish and English."""

from __future__ import annotations

SYSTEM_WORDS: dict[str, tuple[str, str]] = {
    # sheets; # keeps them out of the input when the workbook is read again
    "sys_sheet_answer": ("#svar", "#answer"),
    "sys_sheet_flows": ("#resultat strømme", "#result flows"),
    "sys_sheet_balances": ("#resultat balancer", "#result balances"),
    "sys_sheet_inputs": ("#resultat koefficienter", "#result coefficients"),
    "sys_sheet_stocks": ("#resultat lagre", "#result stocks"),
    "sys_sheet_undetermined": ("#ubestemte strømme", "#undetermined flows"),
    "sys_sheet_checked": ("#afstemning", "#reported figures"),
    "sys_sheet_sankey": ("#sankey", "#sankey"),
    "sys_sheet_draws": ("#resultat trækninger", "#result draws"),
    # titles
    "sys_title_reconciled": ("{title}: målingerne gjort forenelige", "{title}: measurements reconciled"),
    "sys_title_account": ("{title}: strømme og balancer", "{title}: flows and balances"),
    "sys_title_flows": ("Strømme", "Flows"),
    "sys_title_balances": ("Balancer", "Balances"),
    "sys_title_inputs": ("Koefficienter og forhold", "Coefficients and ratios"),
    "sys_title_stocks": ("Lagre", "Stocks"),
    "sys_title_undetermined": ("Det, der ikke kan bestemmes", "What cannot be determined"),
    "sys_title_sankey": ("Strømmene som billede", "The flows as a picture"),
    "sys_title_draws": ("Usikkerheden som trækninger", "The uncertainty as draws"),
    # verdicts
    "sys_agree": (
        "Målingerne passer sammen inden for deres usikkerhed (chi² {chi2} med {dof} frihedsgrader, {p}).",
        "The measurements agree within their uncertainties (chi² {chi2} with {dof} degrees of freedom, {p}).",
    ),
    "sys_disagree": (
        "Målingerne modsiger hinanden mere, end deres usikkerhed tillader (chi² {chi2} med {dof} frihedsgrader, {p}).",
        "The measurements contradict each other more than their uncertainties allow (chi² {chi2} with {dof} degrees of freedom, {p}).",
    ),
    "sys_untestable": (
        "Målingerne kan ikke efterprøves: ingen af dem bekræftes af de andre (0 frihedsgrader).",
        "The measurements cannot be tested: none of them is confirmed by the others (0 degrees of freedom).",
    ),
    "sys_disagree_means": (
        "Mindst én værdi er groft forkert, en strøm mangler, eller usikkerhederne er sat for små.",
        "At least one value is grossly wrong, a flow is missing, or the uncertainties are set too small.",
    ),
    "sys_suspect": (
        "{flow} blev målt til {measured}; resten peger på {implied}; {without}.",
        "{flow} was measured {measured}; the rest implies {implied}; {without}.",
    ),
    "sys_suspect_unknown": (
        "{flow} blev målt til {measured}; resten siger ikke, hvad den er; {without}.",
        "{flow} was measured {measured}; the rest does not say what it is; {without}.",
    ),
    "sys_reported": (
        "{flow} blev indberettet til {measured}; de andre tal peger på {implied}; {without}.",
        "{flow} was reported {measured}; the other figures imply {implied}; {without}.",
    ),
    "sys_without_agrees": ("uden den passer resten sammen ({p})", "without it the rest agrees ({p})"),
    "sys_without_disagrees": (
        "uden den passer resten stadig ikke sammen ({p})",
        "without it the rest still disagrees ({p})",
    ),
    "sys_without_untestable": (
        "uden den er der intet tilbage at efterprøve",
        "without it nothing is left to test",
    ),
    "sys_without_too_agrees": ("også uden den passer resten sammen ({p})", "without it too the rest agrees ({p})"),
    "sys_without_too_disagrees": (
        "også uden den passer resten stadig ikke sammen ({p})",
        "without it too the rest still disagrees ({p})",
    ),
    "sys_without_too_untestable": (
        "også uden den er der intet tilbage at efterprøve",
        "without it too nothing is left to test",
    ),
    "sys_no_suspect": (
        "Ingen enkelt måling skiller sig ud som grov fejl.",
        "No single measurement stands out as a gross error.",
    ),
    "sys_counts": (
        "{measured} værdier er målt: {redundant} bekræftes af andre, {alone} af ingen, {exact} er eksakte. "
        "{computed} umålte er beregnet, {unknown} kan ikke bestemmes.",
        "{measured} values are measured: {redundant} are confirmed by others, {alone} by none, {exact} are exact. "
        "{computed} unmeasured ones were computed, {unknown} cannot be determined.",
    ),
    "sys_solved": ("Alle {what} er bestemt{holds}.", "All {what} are determined{holds}."),
    "sys_part_solved": (
        "{known} af {what} er bestemt, {unknown} er ikke{holds}.",
        "{known} of {what} are determined, {unknown} are not{holds}.",
    ),
    "sys_holds": ("; balancerne holder (største fejl {error})", "; the balances hold (largest error {error})"),
    "sys_values_of": ("{count} værdier af {flows} strømme", "{count} values of {flows} flows"),
    "sys_flows_of": ("{flows} strømme", "{flows} flows"),
    "sys_cells": (
        "{flows} strømme, {processes} processer, {layers} lag, {years} år.",
        "{flows} flows, {processes} processes, {layers} layers, {years} years.",
    ),
    "sys_given": (
        "{given} er givet, {computed} beregnet af balancer, koefficienter, forhold og levetider.",
        "{given} are given, {computed} computed from balances, coefficients, ratios and lifetimes.",
    ),
    "sys_would_determine": (
        "{flow} kan ikke bestemmes; den ville være kendt, hvis man kendte {by}.",
        "{flow} cannot be determined; it would be known if {by} were.",
    ),
    "sys_would_nothing": (
        "{flow} kan ikke bestemmes af det, der er givet.",
        "{flow} cannot be determined by what is given.",
    ),
    "sys_cells_of": ("{flow} ({count} lag og år)", "{flow} ({count} layers and years)"),
    "sys_spread": (
        "; 90 % af trækningerne ligger fra {low} til {high}",
        "; 90 % of the draws lie from {low} to {high}",
    ),
    "sys_or": (" eller ", " or "),
    "sys_together": ("{flows} tilsammen", "{flows} together"),
    "sys_more_flows": ("{count} til", "{count} more"),
    "sys_more": ("… og {count} flere", "... and {count} more"),
    "sys_least_squares": (
        "Målingerne er flyttet så lidt som muligt, vægtet med deres usikkerhed, til alle balancer og forhold holder.",
        "Measurements are moved as little as possible, weighed by their uncertainties, until all balances and ratios hold.",
    ),
    "sys_statuses": (
        "Målt og bekræftet: de andre målinger siger også noget om den. Målt alene: intet andet bekræfter den, så den flyttes ikke. "
        "Beregnet: umålt, men følger af de andre. Ubestemt: intet bestemmer den.",
        "Measured, confirmed: the other measurements also say something of it. Measured alone: nothing else confirms it, so it is not moved. "
        "Computed: not measured, but follows from the others. Undetermined: nothing determines it.",
    ),
    "sys_z_means": (
        "z er, hvor mange standardafvigelser målingen er flyttet; over 2 er sjældent, over 3 næsten altid en fejl. "
        "± er én standardafvigelse.",
        "z is by how many standard deviations the measurement was moved; above 2 is rare, above 3 nearly always an error. "
        "± is one standard deviation.",
    ),
    "sys_balance_means": (
        "Ubalancen er ind minus ud minus tilvækst, som det er målt, før noget er flyttet; den står, hvor alle strømme er målt. "
        "z sætter den i forhold til målingernes usikkerhed.",
        "The imbalance is in minus out minus addition as measured, before anything was moved; it stands where every flow is measured. "
        "z compares it with the uncertainties of the measurements.",
    ),
    "sys_possible_means": (
        "Hvor grænser gør det muligt, står det interval, som en ubestemt strøm må ligge i.",
        "Where bounds allow it, the interval is shown in which an undetermined flow must lie.",
    ),
    "sys_stocks_mean": (
        "Lageret er det ved årets slutning; tilvæksten er ind minus ud.",
        "The stock is that at the end of the year; the addition is in minus out.",
    ),
    "sys_draws_mean": (
        "Alle usikre værdier er trukket {draws} gange; 90 % af resultaterne ligger mellem 5 % og 95 %.",
        "All uncertain values were drawn {draws} times; 90 % of the results lie between 5 % and 95 %.",
    ),
    "sys_balances_fine": (
        "Ingen proces er ude af balance ud over målingernes usikkerhed.",
        "No process is out of balance beyond the uncertainties of the measurements.",
    ),
    "sys_balances_large": (
        "{count} balancer er længere fra nul, end målingernes usikkerhed forklarer.",
        "{count} balances are further from zero than the uncertainties of the measurements explain.",
    ),
    "sys_balances_hold": (
        "Det, der kommer ind, er lig det, der forlader processen eller lægges på lager (største fejl {error}).",
        "What enters equals what leaves or is added to stock (largest error {error}).",
    ),
    "sys_inputs_answer": (
        "Usikre koefficienter og forhold afstemmes sammen med strømmene.",
        "Uncertain coefficients and ratios are reconciled together with the flows.",
    ),
    "sys_undetermined_answer": (
        "{count} strømme er ikke bestemt af det, der er givet; her står, hvad der ville bestemme dem.",
        "{count} flows are not determined by what is given; here is what would determine them.",
    ),
    "sys_sankey_answer": (
        "Båndenes bredde er strømmenes størrelse.",
        "The width of a band is the size of its flow.",
    ),
    "sys_first_reconciled": (
        "Der er målt mere end nødvendigt; målingerne er først gjort forenelige, se mfa reconcile.",
        "More is measured than needed; the measurements were first made consistent, see mfa reconcile.",
    ),
    # columns
    "sys_flow": ("strøm", "flow"),
    "sys_name": ("navn", "name"),
    "sys_from": ("fra", "from"),
    "sys_to": ("til", "to"),
    "sys_process": ("proces", "process"),
    "sys_layer": ("lag", "layer"),
    "sys_of_layer": ("af lag", "of layer"),
    "sys_stock_unit": ("lagerets enhed", "unit of the stock"),
    "sys_year": ("år", "year"),
    "sys_unit": ("enhed", "unit"),
    "sys_together_with": ("testet sammen med", "tested together with"),
    "sys_not_told_from": ("kan ikke skelnes fra", "cannot be told from"),
    "sys_measured": ("målt", "measured"),
    "sys_std": ("± målt", "± measured"),
    "sys_reconciled": ("afstemt", "reconciled"),
    "sys_reconciled_std": ("± afstemt", "± reconciled"),
    "sys_status": ("status", "status"),
    "sys_z": ("z", "z"),
    "sys_verdict": ("vurdering", "verdict"),
    "sys_lower_possible": ("mindst mulig", "least possible"),
    "sys_upper_possible": ("størst mulig", "most possible"),
    "sys_value": ("værdi", "value"),
    "sys_imbalance": ("ubalance før", "imbalance before"),
    "sys_row": ("række i målinger", "row of measurements"),
    "sys_rank": ("nr.", "rank"),
    "sys_implied": ("resten peger på", "the rest implies"),
    "sys_implied_std": ("± resten", "± the rest"),
    "sys_chi2_without": ("chi² uden den", "chi² without it"),
    "sys_p_without": ("p uden den", "p without it"),
    "sys_inflow": ("ind", "in"),
    "sys_outflow": ("ud", "out"),
    "sys_addition": ("tilvækst", "addition"),
    "sys_stock": ("lager", "stock"),
    "sys_error": ("fejl", "error"),
    "sys_determined_by": ("ville være kendt med", "would be known with"),
    "sys_figure": ("tal", "figure"),
    "sys_of": ("af", "of"),
    "sys_median": ("median", "median"),
    "sys_p5": ("5 %", "5 %"),
    "sys_p95": ("95 %", "95 %"),
    # figures
    "sys_chi2": ("chi²", "chi²"),
    "sys_dof": ("frihedsgrader", "degrees of freedom"),
    "sys_p_value": (
        "p: sandsynligheden for så stor uenighed ved et tilfælde",
        "p: probability of so much disagreement by chance",
    ),
    "sys_level": ("niveau, som p sammenlignes med", "level that p is compared with"),
    # captions
    "sys_caption_figures": ("Testen i tal", "The test in figures"),
    "sys_caption_suspects": (
        "Mistænkte målinger, i den rækkefølge de tages ud",
        "Suspect measurements, in the order of removal",
    ),
    "sys_caption_moved": ("Målinger, der blev flyttet mest", "Measurements that were moved most"),
    "sys_caption_largest": ("De største strømme i {year}", "The largest flows in {year}"),
    "sys_caption_coefficients": ("Overførselskoefficienter", "Transfer coefficients"),
    "sys_caption_relations": ("Forhold og koncentrationer", "Ratios and concentrations"),
    "sys_caption_undetermined": ("Ubestemte strømme", "Undetermined flows"),
    # statuses
    "sys_status_exact": ("eksakt", "exact"),
    "sys_status_measured_redundant": ("målt, bekræftet", "measured, confirmed"),
    "sys_status_measured_nonredundant": ("målt alene", "measured alone"),
    "sys_status_unmeasured_observable": ("beregnet", "computed"),
    "sys_status_unmeasured_unobservable": ("ubestemt", "undetermined"),
    "sys_status_given": ("givet", "given"),
    "sys_status_computed": ("beregnet", "computed"),
    "sys_status_undetermined": ("ubestemt", "undetermined"),
    "sys_mark_suspect": ("MISTÆNKT", "SUSPECT"),
    "sys_mark_large": ("flyttet meget", "moved much"),
    "sys_mark_fine": ("passer", "agrees"),
    "sys_boundary": ("(systemgrænse)", "(system boundary)"),
}
"""Key to (Danish, English)."""
