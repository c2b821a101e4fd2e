"""What the command line says about exports, in Danish and English."""

from __future__ import annotations

EXPORT_WORDS: dict[str, tuple[str, str]] = {
    "report_of_nothing": (
        "hvilken kørsel? Skriv mfa report KØRSEL, eller --layout-example FIL for et layout at begynde med",
        "which run? Write mfa report RUN, or --layout-example FILE for a layout to begin with",
    ),
    "layout_no_toml": ("{file}: navnet skal ende på .toml", "{file}: the name must end with .toml"),
    "layout_exists": ("{file} findes; giv et andet navn", "{file} is there; give another name"),
    "exported": ("{count} filer i {folder}", "{count} files in {folder}"),
    "export_format": (
        "formatet '{value}' kendes ikke; vælg et af: {known}",
        "the format '{value}' is unknown; choose one of: {known}",
    ),
    "export_in_memory": (
        "kørslen er kun i hukommelsen: giv out, en mappe til filerne",
        "the run is only in memory: give out, a folder for the files",
    ),
    "export_place": (
        "{folder} er hverken tom eller en tidligere eksport; giv en anden mappe",
        "{folder} is not empty and no earlier export; give another folder",
    ),
    "export_needs": (
        'formatet kræver pakken {package}, som ikke er installeret: pip install "circular-mfa[{extra}]"',
        'the format needs the package {package}, which is not installed: pip install "circular-mfa[{extra}]"',
    ),
    "export_unsuited": (
        "formatet {format} passer ikke til denne kørsel: {reason}",
        "the format {format} does not suit this run: {reason}",
    ),
    "export_of_system": (
        "den er af et strømsystem uden kommuner, ordninger og scenarier; brug stan, datapackage, parquet eller csv-da",
        "it is of a flow system without municipalities, schemes and scenarios; use stan, datapackage, parquet or csv-da",
    ),
    "export_no_model": (
        "kun en plan med de laveste omkostninger har en model at eksportere",
        "only a plan of least cost has a model to export",
    ),
    "export_of_several": (
        "mappen indeholder flere planer; vælg én af dem i dens undermappe {folder}",
        "the folder holds several plans; choose one of them in its folder {folder}",
    ),
}
