"""What is said when the machine does not do its part: disk, memory, solver, locks; in Danish and English."""

from __future__ import annotations

FAULT_WORDS: dict[str, tuple[str, str]] = {
    "as_it_is": ("{text}", "{text}"),
    "fault_full": (
        "disken er fuld; gør plads, eller giv et sted på en anden disk",
        "the disk is full; make room, or give a place on another disk",
    ),
    "fault_too_large": (
        "filen er større, end disken eller brugerens kvote tillader",
        "the file is larger than the disk or the user's quota allows",
    ),
    "fault_read_only": (
        "der kan kun læses her; giv et sted, hvor du må skrive",
        "this can only be read; give a place where you may write",
    ),
    "fault_denied": (
        "adgang nægtet; måske er den åben i et andet program, eller du må ikke skrive her",
        "access denied; perhaps it is open in another program, or you may not write here",
    ),
    "fault_open": (
        "{file} er åben i Excel eller et andet program; luk den, og prøv igen",
        "{file} is open in Excel or another program; close it and try again",
    ),
    "fault_missing": ("findes ikke", "is not there"),
    "fault_there": ("findes allerede", "is there already"),
    "fault_folder": ("er en mappe, ikke en fil", "is a folder, not a file"),
    "fault_no_folder": ("ligger i noget, der ikke er en mappe", "lies in something that is not a folder"),
    "fault_name": ("navnet er for langt for disken", "the name is too long for the disk"),
    "fault_disk": ("disken svarer med en fejl", "the disk answers with an error"),
    "fault_many": ("for mange filer er åbne på én gang", "too many files are open at once"),
    "fault_memory": (
        "Der er ikke hukommelse nok. Luk andre programmer, eller gør sagen mindre: færre planår, kommuner eller fraktioner. "
        "{left}",
        "There is not enough memory. Close other programs, or make the case smaller: fewer plan years, municipalities or "
        "fractions. {left}",
    ),
    "fault_solver": (
        "Løseren kunne ikke arbejde: {reason}. {left}",
        "The solver could not work: {reason}. {left}",
    ),
    "left_nothing": ("Intet er skrevet.", "Nothing was written."),
    "left_done": (
        "Hvad der var færdigt, er skrevet og helt; resten er som før.",
        "What was finished is written and whole; the rest is as it was.",
    ),
    "left_sweep": (
        "De planer, der var færdige, bliver i {folder}; giv --resume for at fortsætte.",
        "Plans that were finished stay in {folder}; give --resume to go on.",
    ),
    "stopped_failed": (
        "løseren gav op på grund af tal, den ikke kunne regne med; se efter meget store og meget små tal i arbejdsbogen",
        "the solver gave up over figures that it could not compute with; look for very large and very small ones in the workbook",
    ),
    "stopped_memory_limit": ("hukommelsen slap op", "memory ran out"),
    "stopped_work_limit": (
        "søgningen sluttede, uden at en plan var fundet; giv mere tid med --time-limit eller et større --gap",
        "the search ended before a plan was found; give more time with --time-limit or a larger --gap",
    ),
    "stopped_unbounded": (
        "omkostningen kan blive vilkårligt lav; se efter priser under nul uden grænse for mængden",
        "the cost can become as low as one likes; look for prices below zero without a limit of the amount",
    ),
    "interrupted_plan": (
        "afbrudt med den bedste plan til da",
        "interrupted, with the best plan so far",
    ),
    "interrupted_plans": (
        "afbrudt med planerne til da; flere kunne være fundet",
        "interrupted, with the plans so far; there may be more",
    ),
    "stopping": (
        "stopper; den bedste plan til nu gøres færdig (Ctrl-C igen opgiver den)",
        "stopping; the best plan so far is being finished (Ctrl-C again gives it up)",
    ),
    "sweep_busy": (
        "en anden kørsel arbejder på serien i {folder} lige nu; vent, til den er færdig, eller afbryd den",
        "another run is at work on the sweep in {folder} right now; wait until it is done, or interrupt it",
    ),
}
