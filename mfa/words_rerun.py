"""What repeating a run, and explaining what differs between two, says in Danish and English."""

from __future__ import annotations

RERUN_WORDS: dict[str, tuple[str, str]] = {
    "step_rerun": ("gentager", "rerun"),
    "rerun_from_search": (
        "Kørslen er lavet igen fra sin arbejdsbog og sine valg.",
        "The run was made again from its workbook and options.",
    ),
    "rerun_from_decisions": (
        "Planen er udført igen ud fra sine gemte beslutninger; der er ikke søgt. Grænsen for, hvor billig en plan kan "
        "være, er den, som kørslen beviste dengang.",
        "The plan was carried out again from its stored decisions; nothing was searched. The bound on how cheap a plan "
        "can be is the one that the run proved then.",
    ),
    "rerun_unlike": ("{what}: {then} dengang, {now} nu", "{what}: {then} then, {now} now"),
    "rerun_input": (
        "Om mappens arbejdsbog er den, som kørslen blev lavet af, kan ikke afgøres: den blev lavet i kode.",
        "Whether the workbook in the folder is what the run was made from cannot be told: it was made in code.",
    ),
    "rerun_same": (
        "Alle {count} tabeller er ens, hver værdi.",
        "All {count} tables are equal, in every value.",
    ),
    "rerun_differs": (
        "{equal} af {count} tabeller er ens; de andre afviger:",
        "{equal} of {count} tables are equal; the others differ:",
    ),
    "rerun_kept": (
        "{count} tabeller over flere planer hviler på, hvad søgningerne beviste; de er ikke lavet igen.",
        "{count} tables over several plans stand on what the searches proved; they were not made again.",
    ),
    "rerun_table_differs": (
        "  {table}: {rows} rækker før, {rows_now} nu; {cells} værdier afviger, højst {largest} ({columns})",
        "  {table}: {rows} rows then, {rows_now} now; {cells} values differ, by {largest} at most ({columns})",
    ),
    "rerun_table_added": ("  {table}: ny, {rows_now} rækker", "  {table}: new, {rows_now} rows"),
    "rerun_table_gone": (
        "  {table}: er der ikke mere, {rows} rækker før",
        "  {table}: no longer there, {rows} rows then",
    ),
    "rerun_in_memory": (
        "kørslen er kun i hukommelsen; gem den i en mappe, før den gentages",
        "the run is only in memory; save it to a folder before it is repeated",
    ),
    "rerun_in_place": (
        "{folder} er kørslen selv; giv en anden mappe, så der er noget at sammenligne med",
        "{folder} is the run itself; give another folder, so that there is something to compare with",
    ),
    "rerun_changed": (
        "{file} er en anden arbejdsbog end den, kørslen blev lavet af (dens kontrolsum passer ikke), så kørslen kan ikke gentages",
        "{file} is another workbook than the run was made from (its hash does not fit), so the run cannot be repeated",
    ),
    "rerun_no_decisions": (
        "kørslen gemmer ingen beslutninger, så den kan kun gentages ved at søge igen",
        "the run stores no decisions, so it can only be repeated by searching again",
    ),
}
