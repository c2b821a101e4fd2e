"""What is said of problems of scenarios.

Each code has its text in Danish and in English; ``{found}``, ``{expected}`` and ``{place}`` are filled in.
"""

from __future__ import annotations

SCENARIOS: dict[str, tuple[str, str]] = {
    "scenario_unknown": ("scenariet '{found}' findes ikke", "there is no scenario '{found}'"),
    "scenario_table": ("tabellen '{found}' kendes ikke", "the table '{found}' is unknown"),
    "scenario_column": (
        "tabellen '{expected}' har ingen kolonne '{found}'",
        "the table '{expected}' has no column '{found}'",
    ),
    "scenario_filter": (
        "filteret '{found}' kan ikke læses; skriv kolonne=værdi;kolonne=værdi*",
        "the filter '{found}' cannot be read; write column=value;column=value*",
    ),
    "scenario_nothing": ("filteret '{found}' rammer ingen række", "the filter '{found}' matches no row"),
    "scenario_value": ("'{found}' kan ikke bruges som {expected}", "'{found}' cannot be used as {expected}"),
    "scenario_range": (
        "tabellen '{expected}' har ingen kolonne '{found}' at hente værdien fra",
        "the table '{expected}' has no column '{found}' to take the value from",
    ),
    "scenario_include": (
        "include sætter scenarier sammen: skriv 'scenarios' som tabel (ikke '{found}') og scenario=A|B som filter",
        "include puts scenarios together: write 'scenarios' as the table (not '{found}') and scenario=A|B as the filter",
    ),
    "scenario_circle": (
        "scenariet består af sig selv gennem {found}",
        "the scenario is made of itself through {found}",
    ),
    "scenario_insert": (
        "en ny række kan ikke laves af '{found}'; skriv kolonne=værdi;kolonne=værdi uden * og |",
        "no row can be made of '{found}'; write column=value;column=value without * and |",
    ),
    "scenario_interval": (
        "værdien {found} ligger ikke i sit spænd {expected}",
        "the value {found} does not lie in its range {expected}",
    ),
    "scenario_makes": (
        "i scenariet '{found}' får sagen et problem",
        "in scenario '{found}' the case gets a problem",
    ),
    "scenario_weights": (
        "scenariet har flere vægte: {found}",
        "the scenario has several weights: {found}",
    ),
    "scenario_weights_sum": (
        "scenariernes vægte giver {found} tilsammen, og de skal være højst 1",
        "the weights of the scenarios add up to {found}, and they must be at most 1",
    ),
    "scenario_endless": (
        "scenariet '{found}' er lavet af for mange andre; det meste er {expected} (lag, ændringer)",
        "the scenario '{found}' is made of too many others; the most is {expected} (layers, changes)",
    ),
    "scenario_base": (
        "et scenarie kan ikke hedde '{found}'; det er sagen, som den er",
        "a scenario cannot be called '{found}'; that is the case as it is",
    ),
    "scenario_years": (
        "rækkerne i '{expected}' kan ikke ændres i kun nogle år",
        "rows of '{expected}' cannot change in some years only",
    ),
}
