"""What the command line and comparisons say about choices, in Danish and English."""

from __future__ import annotations

CHOICE_WORDS: dict[str, tuple[str, str]] = {
    "step_frontier": ("kurve", "curve"),
    "step_alternatives": ("valg", "choices"),
    "step_worth": ("værdi", "worth"),
    "too_few": (
        "{what}: {value} er for lidt; giv et helt tal fra {least}",
        "{what}: {value} is too few; give a whole number from {least}",
    ),
    "no_price": ("{value} er ingen pris; giv et tal fra 0", "{value} is no price; give a number from 0"),
    "run_is_bundle": (
        "mappen indeholder flere planer; vælg en af dem i dens undermappe runs",
        "the folder holds several plans; choose one of them in its folder runs",
    ),
    "not_comparable": (
        "en plan og et regnskab kan ikke sammenlignes; giv to planer eller to regnskaber",
        "a plan and an account cannot be compared; give two plans or two accounts",
    ),
    "frontier_of_rate": (
        "Omkostning mod rate ({scope}, {method}) i {year}: {count} planer, som ingen anden slår i alt",
        "Cost against rate ({scope}, {method}) in {year}: {count} plans that no other beats in everything",
    ),
    "frontier_of_co2e": (
        "Omkostning mod klimagas over planens år: {count} planer, som ingen anden slår i alt",
        "Cost against greenhouse gas over the years of the plan: {count} plans that no other beats in everything",
    ),
    "frontier_of_both": (
        "Omkostning mod rate ({scope}, {method}) i {year} og klimagas: {count} planer, som ingen anden slår i alt",
        "Cost against rate ({scope}, {method}) in {year} and greenhouse gas: {count} plans that no other beats in everything",
    ),
    "frontier_head": (
        "{point:<10}{rate:>9}{co2e:>14}{cost:>14}{gap:>9}{tonne:>16}",
        "{point:<10}{rate:>9}{co2e:>14}{cost:>14}{gap:>9}{tonne:>16}",
    ),
    "column_point": ("plan", "plan"),
    "column_rate": ("rate", "rate"),
    "column_co2e": ("kt CO2e", "kt CO2e"),
    "column_cost": ("mio. {currency}", "m {currency}"),
    "column_gap": ("afstand", "gap"),
    "column_extra": ("pr. ton mere", "per extra t"),
    "column_extra_co2e": ("pr. t CO2e", "per t CO2e"),
    "column_difference": ("forskel", "difference"),
    "column_why": ("hvorfor", "why"),
    "frontier_beyond": (
        "{count} punkter af nettet kan ikke nås",
        "{count} points of the grid are out of reach",
    ),
    "frontier_proof": (
        "Omkostningen er den bedste plan, der blev fundet; afstanden siger, hvor meget billigere den højst kunne være.",
        "The cost is of the best plan found; the gap says how much cheaper it could at most be.",
    ),
    "alternatives_of": (
        "{count} planer, der højst koster {within} mere end den billigste, der blev fundet ({cost} mio. {currency})",
        "{count} plans that cost at most {within} more than the cheapest found ({cost} million {currency})",
    ),
    "alternatives_alone": (
        "Ingen anden plan inden for {within} adskiller sig i nogen beslutning.",
        "No other plan within {within} differs in any decision.",
    ),
    "alternatives_stopped": (
        "Der blev ikke fundet flere inden for {within} i den tid, der var; mere tid (--time-limit) finder måske nogen.",
        "No more were found within {within} in the time there was; more time (--time-limit) may find some.",
    ),
    "why_cheapest": ("billigst", "cheapest"),
    "why_different": ("forskellig", "different"),
    "why_presence": ("til bevis", "for proof"),
    "presence_all": ("I alle planer inden for {within}:", "In all plans within {within}:"),
    "presence_none": ("I ingen plan inden for {within}:", "In no plan within {within}:"),
    "presence_some": ("Til at vælge: i nogle planer, ikke i andre:", "Open to choice: in some plans, not in others:"),
    "presence_line_scheme": ("{place}, {source}: {name}", "{place}, {source}: {name}"),
    "presence_line_facility": ("anlæg {name}", "facility {name}"),
    "presence_proven": ("bevist", "proven"),
    "presence_observed": ("kun set, ikke bevist", "only seen, not proven"),
    "presence_given": ("ligger fast", "given"),
    "presence_shown": ("vist", "shown"),
    "presence_more": ("… og {count} mere; se tabellen presence", "… and {count} more; see the table presence"),
    "worth_point": (
        "{step} procentpoint ({target}): {difference} mio. {currency} ({low} til {high} efter beviserne), {tonne} {currency} pr. ton",
        "{step} percentage points ({target}): {difference} million {currency} ({low} to {high} by the proofs), {tonne} {currency} per tonne",
    ),
    "worth_point_none": (
        "{step} procentpoint ({target}): ingen plan når det",
        "{step} percentage points ({target}): no plan reaches it",
    ),
    "worth_points_title": ("Hvad et procentpoint koster:", "What a percentage point costs:"),
    "worth_target": (
        "Målet koster {difference} mio. {currency} mere end den billigste plan uden ({low} til {high} efter beviserne). Pr. kommune:",
        "The target costs {difference} million {currency} more than the cheapest plan without it ({low} to {high} by the proofs). By municipality:",
    ),
    "worth_together": ("bæres i fællesskab", "carried together"),
    "worth_place": ("{place}: {amount} mio. {currency}", "{place}: {amount} million {currency}"),
    "worth_carbon": (
        "1 {currency}/t mere i CO2-pris koster planen, som den er, {unit} {currency}; {more} {currency}/t mere koster {fixed} mio., og {difference} mio., når der planlægges igen",
        "1 {currency}/t more of carbon price costs the plan as it is {unit} {currency}; {more} {currency}/t more costs {fixed} million, and {difference} million after planning again",
    ),
    "worth_shadow_title": (
        "Hvad en enhed mere er værd, mens planen ligger fast (pr. år, uden tilbagediskontering):",
        "What one unit more is worth while the plan stays as it is (per year, not discounted):",
    ),
    "worth_shadow_none": (
        "Ingen kapacitet, marked, kontrakt eller grænse strammer i planen, som den er.",
        "No capacity, market, contract or limit is tight in the plan as it is.",
    ),
    "worth_shadow": ("{kind} {name}, {year}: {value} {unit}", "{kind} {name}, {year}: {value} {unit}"),
    "kind_capacity": ("kapacitet", "capacity"),
    "kind_least_load": ("mindste last", "least load"),
    "kind_market": ("marked", "market"),
    "kind_contract": ("kontrakt", "contract"),
    "kind_content": ("krav om indhold", "required content"),
    "kind_target": ("mål", "target"),
    "kind_limit": ("grænse", "limit"),
    "compare_same": ("De to kørsler er ens.", "The two runs are the same."),
    "compare_cost_more": (
        "Den anden plan koster {amount} mio. {currency} mere ({share}), tilbagediskonteret.",
        "The second plan costs {amount} million {currency} more ({share}), discounted.",
    ),
    "compare_cost_less": (
        "Den anden plan koster {amount} mio. {currency} mindre ({share}), tilbagediskonteret.",
        "The second plan costs {amount} million {currency} less ({share}), discounted.",
    ),
    "compare_cost_same": ("De to planer koster det samme.", "The two plans cost the same."),
    "compare_proven": (
        "Det er bevist til mellem {low} og {high} mio. for de bedste planer af de to sager.",
        "For the best plans of the two cases it is proven to be between {low} and {high} million.",
    ),
    "compare_open": (
        "Hvilken af de to sager der koster mest, er ikke bevist: forskellen ligger mellem {low} og {high} mio.",
        "Which of the two cases costs most is not proven: the difference lies between {low} and {high} million.",
    ),
    "compare_currency": (
        "Den ene kørsel er i {first}, den anden i {second}; penge kan ikke sammenlignes.",
        "One run is in {first}, the other in {second}; money cannot be compared.",
    ),
    "compare_rate": (
        "{scope}, {method}, {year}: {second} i stedet for {first}.",
        "{scope}, {method}, {year}: {second} instead of {first}.",
    ),
    "compare_category": (
        "{payer}, {category}: {amount} mio. {currency}.",
        "{payer}, {category}: {amount} million {currency}.",
    ),
    "compare_place": ("{place}: {amount} mio. {currency}.", "{place}: {amount} million {currency}."),
    "compare_facility": (
        "Anlæg {name}, {years}: {second} i stedet for {first}.",
        "Facility {name}, {years}: {second} instead of {first}.",
    ),
    "compare_scheme": (
        "{place}, {source}, {years}: {second} i stedet for {first}.",
        "{place}, {source}, {years}: {second} instead of {first}.",
    ),
    "compare_gas": (
        "Klimagas over planens år: {amount} kt CO2e.",
        "Greenhouse gas over the years of the plan: {amount} kt CO2e.",
    ),
    "compare_input": (
        "{count} oplysninger i arbejdsbøgerne er forskellige; {used} af dem hører til det, som en af planerne bruger:",
        "{count} values of the workbooks differ; {used} of them belong to what one of the plans uses:",
    ),
    "compare_input_same": (
        "Arbejdsbøgerne er ens; scenarie og mål ændrer {other} oplysninger (tabellen input).",
        "The workbooks are the same; scenario and target change {other} values (the table input).",
    ),
    "compare_place_row": ("{sheet}, række {row}", "{sheet}, row {row}"),
    "compare_changed": (
        "  {place} ({ids}): {column} er {second}, var {first}; {used}.",
        "  {place} ({ids}): {column} is {second}, was {first}; {used}.",
    ),
    "compare_added": ("  {place} ({ids}): ny række; {used}.", "  {place} ({ids}): a new row; {used}."),
    "compare_removed": ("  {place} ({ids}): rækken er væk; {used}.", "  {place} ({ids}): the row is gone; {used}."),
    "compare_used_both": ("begge bruger det", "both use it"),
    "compare_used_first": ("den første bruger det", "the first uses it"),
    "compare_used_second": ("den anden bruger det", "the second uses it"),
    "compare_unused": ("ingen af dem bruger det", "neither uses it"),
    "compare_made_by": (
        "{what}: {second} lavede den anden, {first} den første.",
        "{what}: {second} made the second, {first} the first.",
    ),
    "compare_option": (
        "{option}: {second} i stedet for {first}.",
        "{option}: {second} instead of {first}.",
    ),
    "compare_more": ("… og {count} mere i tabellen {table}.", "… and {count} more in the table {table}."),
    "nothing_there": ("intet", "nothing"),
    "closed": ("lukket", "closed"),
    "compare_table": ("Tabel {table} ({count} rækker):", "Table {table} ({count} rows):"),
}
