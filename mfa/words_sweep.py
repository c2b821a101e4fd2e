"""What sweeps say, in Danish and English."""

from __future__ import annotations

SWEEP_WORDS: dict[str, tuple[str, str]] = {
    "step_sweep": ("planer", "plans"),
    "no_sweep": ("mappen {folder} indeholder ingen serie af planer", "the folder {folder} holds no sweep"),
    "sweep_no_plan": (
        "serien i {folder} har ingen plan at vise {task}",
        "the sweep in {folder} has no plan to show {task}",
    ),
    "sweep_newer": (
        "serien i {folder} har format {found}; dette program læser til og med {known}",
        "the sweep in {folder} has format {found}; this program reads up to {known}",
    ),
    "sweep_there": (
        "{folder} indeholder en serie af planer; giv --resume for at fortsætte den, eller en anden mappe",
        "{folder} holds a sweep; give --resume to go on with it, or another folder",
    ),
    "sweep_other_case": (
        "serien i {folder} er lavet af en anden udgave af sagen ({found}); giv en anden mappe",
        "the sweep in {folder} is of another version of the case ({found}); give another folder",
    ),
    "sweep_other_options": (
        "serien i {folder} er lavet med andre valg ({changed}); giv de samme eller en anden mappe",
        "the sweep in {folder} was made with other options ({changed}); give the same or another folder",
    ),
    "sweep_other_versions": (
        "serien i {folder} er lavet med en anden udgave af programmet ({changed}); giv en anden mappe",
        "the sweep in {folder} was made with another version of the program ({changed}); give another folder",
    ),
    "sweep_needs": (
        'kræver {package}; installer den med pip install "circular-mfa[{extra}]"',
        'needs {package}; install it with pip install "circular-mfa[{extra}]"',
    ),
    "sweep_no_worker": (
        "de processer, der skal planlægge, kan ikke starte: {reason}",
        "the processes that are to plan cannot start: {reason}",
    ),
    "sweep_no_scheduler": (
        "ingen Dask-scheduler svarer på {address}: {reason}",
        "no Dask scheduler answers at {address}: {reason}",
    ),
    "sweep_other_version": (
        "klyngens arbejdere har ikke circular-mfa {version}; installer samme udgave overalt",
        "the workers of the cluster do not have circular-mfa {version}; install the same version everywhere",
    ),
    "sweep_nothing_uncertain": (
        "sagen har ingen usikre tal at trække {value} gange; skriv low og high ved dem",
        "the case has no uncertain inputs to draw {value} times; write low and high beside them",
    ),
    "sweep_years_differ": (
        "scenariet {value} ændrer '{setting}'; i en serie skal den være ens",
        "scenario {value} changes '{setting}'; in a sweep it must be the same",
    ),
    "sweep_counts": (
        "{tasks} opgaver: {plans} planer, {infeasible} uden for rækkevidde, {no_plan} uden plan i tide, {failed} fejlet",
        "{tasks} tasks: {plans} plans, {infeasible} out of reach, {no_plan} without a plan in time, {failed} failed",
    ),
    "sweep_uncertified": (
        "certifikatet holder IKKE for opgave {tasks}",
        "the certificate does NOT hold for task {tasks}",
    ),
    "sweep_head": (
        "{scenario:<24}{target:>10}{method:>20}{plans:>8}{cost:>22}{rate:>18}",
        "{scenario:<24}{target:>10}{method:>20}{plans:>8}{cost:>22}{rate:>18}",
    ),
    "column_scenario": ("scenarie", "scenario"),
    "column_target": ("mål", "target"),
    "column_method": ("metode", "method"),
    "column_plans": ("planer", "plans"),
    "sweep_own_targets": ("sagens", "the case's"),
    "sweep_reason": ("{count} opgaver: {reason}", "{count} tasks: {reason}"),
    "sweep_more": ("... og {count} mere i {folder}", "... and {count} more in {folder}"),
    "sweep_folder": ("serien: {folder}", "the sweep: {folder}"),
    "sweep_kept": (
        "{done} af {whole} opgaver er gjort; fortsæt med --resume --out {folder}",
        "{done} of {whole} tasks are done; go on with --resume --out {folder}",
    ),
    "worker_died": ("processen døde to gange over opgaven", "the process died twice over the task"),
    "time_left": ("{time} tilbage", "{time} left"),
    # what scenarios change
    "check_scenarios": ("Scenarier:", "Scenarios:"),
    "check_scenario": ("  {scenario} ({name}): {changes}", "  {scenario} ({name}): {changes}"),
    "check_more": ("og {count} mere", "and {count} more"),
    "change_factor": ("{column} i {table} ganges med {value}", "{column} in {table} times {value}"),
    "change_value": ("{column} i {table} bliver {value}", "{column} in {table} becomes {value}"),
    "change_add": ("{column} i {table} får {value} lagt til", "{column} in {table} plus {value}"),
    "change_later": ("{column} i {table} {value} år senere", "{column} in {table} {value} years later"),
    "change_low": ("{column} i {table} i den lave ende", "{column} in {table} at its low end"),
    "change_high": ("{column} i {table} i den høje ende", "{column} in {table} at its high end"),
    "change_remove": ("rækker i {table} fjernes", "rows of {table} are removed"),
    "change_insert": (
        "en række mere i {table}: {filter}, {column} {value}",
        "a row more in {table}: {filter}, {column} {value}",
    ),
    "change_include": ("alt i {scenarios}", "all of {scenarios}"),
    "change_settings": ("indstillingerne", "the settings"),
    "change_years": ("fra {first} til {last}", "from {first} until {last}"),
    "change_from": ("fra {year}", "from {year}"),
    "change_until": ("til {year}", "until {year}"),
}
