"""What the command line says of the page of a run, in Danish and English."""

from __future__ import annotations

VIEW_WORDS: dict[str, tuple[str, str]] = {
    "page_written": (
        "siden er skrevet; åbn den i en browser: {file}",
        "the page is written; open it in a browser: {file}",
    ),
    "page_in_memory": (
        "kørslen er kun i hukommelsen: giv out, en fil til siden",
        "the run is only in memory: give out, a file for the page",
    ),
    "page_of_account": (
        "kørslen er et regnskab; siden laves af en plan (mfa plan)",
        "the run is an account; the page is made from a plan (mfa plan)",
    ),
    "page_of_system": (
        "kørslen er af et strømsystem; dens regneark og billeder ligger i mappen reports",
        "the run is of a flow system; its workbook and pictures are in its folder reports",
    ),
    "page_no_plan": (
        "ingen af kørslens planer har et certifikat, der holder",
        "no plan of the run has a certificate that holds",
    ),
}
