"""Which municipality, sector and stream of a case the words of a file mean: a table that the user sees and changes.

By default municipalities are found by id and name, streams and sectors by what their names speak of; where
several or none fit, the choice is left open and told. The table stands on the sheet ``#mapping`` of the
workbook; what the user writes there holds, ``-`` leaves something out.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import load_workbook

from flows.case import Case, identifier
from flows.problems import InputError, Nearest, Problem
from mfa.import_figures import HOUSEHOLDS, folded
from mfa.import_words import HEADERS, KINDS

LEFT_OUT = "-"
SHEET = "#mapping"
_CONCEPTS = (
    ("carton", ("karton", "carton")),
    ("food", ("madaffald", "mad", "food", "foodwaste", "koekken", "kitchen")),
    ("garden", ("have", "haveaffald", "havepark", "garden")),
    ("paper", ("papir", "paper")),
    ("cardboard", ("pap", "papaffald", "cardboard", "boelgepap")),
    ("glass", ("glas",)),
    ("metal", ("metal", "jern")),
    ("plastic", ("plast",)),
    ("rubber", ("daek", "gummi", "tyre", "rubber")),
    ("textile", ("tekstil", "textil", "toej")),
    ("electronics", ("elektro", "electro", "weee", "batteri", "batter")),
    ("hazardous", ("farlig", "hazard")),
    ("residual", ("restaffald", "residual")),
    ("combustible", ("braendbar", "combustible")),
    ("refuse", ("dagrenovation", "forbraendingsegnet")),
    ("impregnated", ("impraegneret", "impregnated")),
    ("wood", ("trae", "traeaffald", "wood")),
    ("gypsum", ("gips", "gypsum")),
    ("asphalt", ("asfalt", "asphalt")),
    ("mineral", ("beton", "tegl", "mineral", "concrete", "brick")),
    ("soil", ("jord", "soil")),
    ("sludge", ("slam", "sludge")),
    ("ash", ("aske", "slagge", "ash", "slag")),
    ("landfill", ("deponi", "deponeringsegnet", "landfill")),
    ("deposit", ("pant", "deposit")),
    ("construction", ("bygge", "construction")),
    ("organic", ("organisk", "organic")),
)
"""What a word speaks of: a concept and the beginnings of folded words; 'mad', 'pap' and 'ash' must be whole."""
_WHOLE_WORDS = {"mad", "pap", "ash", "trae", "food", "have"}
_SEVERAL = {"organic": ("food", "garden"), "refuse": ("residual", "combustible")}
"""Words of the statistics that cover several: municipalities book residual waste as refuse or as combustible."""
_SECTORS = {
    "construction_demolition": ("bygge", "anlaeg", "construction", "nedrivning"),
    "industry": ("industri", "fremstilling", "industry", "manufactur"),
    "services": ("service", "handel", "trade", "kontor", "institution"),
    "utilities": ("forsyning", "energi", "rensning", "utilit", "supply"),
}


@dataclass(frozen=True)
class Choice:
    """The id that words of the file stand for ('' if open), or why there is none."""

    id: str = ""
    reason: str = ""
    candidates: str = ""


@dataclass
class Choices:
    """Choices by kind (municipality, sector, stream) and folded words; ``given`` are the user's own."""

    case: Case
    given: dict[tuple[str, str], str] = field(default_factory=dict)
    used: dict[tuple[str, str], tuple[str, Choice]] = field(default_factory=dict)

    def choose(self, kind: str, words: str) -> Choice:
        """Return what words of the file mean, by the user's choice or else by default."""
        key = (kind, folded(words))
        if key not in self.used:
            chosen = self.given.get(key)
            if chosen == LEFT_OUT:
                choice = Choice(reason=f"{kind}_left_out")
            elif chosen:
                choice = Choice(chosen)
            else:
                choice = _DEFAULTS[kind](self.case, words)
            self.used[key] = (words, choice)
        return self.used[key][1]

    @property
    def open(self) -> bool:
        """Tell whether words of the file wait for a choice of the user's."""
        choices = [choice for (kind, _), (_, choice) in self.used.items() if kind != "municipality"]
        return any(choice.reason.endswith(("_ambiguous", "_unknown")) for choice in choices)

    def rows(self, language: str) -> list[tuple[str, str, str, str]]:
        """Return the table of all choices that were made: kind, words, id, note."""
        position = 0 if language == "da" else 1
        rows = []
        for (kind, key), (words, choice) in self.used.items():
            if kind == "municipality" and not choice.id and (kind, key) not in self.given:
                continue
            identifier_ = self.given.get((kind, key), choice.id)
            rows.append((KINDS[kind][position], words, identifier_, choice.candidates))
        return sorted(rows)


def read_mapping(case: Case, workbook: Path, file: str | os.PathLike[str] | None) -> Choices:
    """Return the mapping of a workbook's sheet and of a csv file, which wins.

    Raises :class:`InputError` for an id that the case does not have, or a file without the columns.
    """
    mapping = Choices(case)
    book = load_workbook(workbook, read_only=True, data_only=True, keep_links=False)
    if SHEET in book.sheetnames:
        rows = book[SHEET].iter_rows(values_only=True)
        _take(mapping, [[identifier(cell) for cell in row] for row in rows], SHEET)
    book.close()
    if file is not None:
        path = Path(file)
        if not path.is_file():
            raise InputError([Problem("file_missing", str(path))])
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        first = text.splitlines()[0] if text.strip() else ""
        try:
            rows = list(csv.reader(io.StringIO(text), delimiter=max(";,\t", key=first.count)))
        except csv.Error as error:
            raise InputError([Problem("import_columns", path.name, found=str(error), expected="csv")]) from error
        _take(mapping, rows, path.name)
    return mapping


def _take(mapping: Choices, rows: list[list[str]], name: str) -> None:
    danish, english = HEADERS["mapping"]
    known = {folded(word): key for words in (danish, english) for word, key in zip(words, english, strict=True)}
    header = [known.get(folded(cell), "") for cell in rows[0]] if rows else []
    if not {"kind", "in_file", "id"} <= set(header):
        found = ", ".join(rows[0]) if rows else "-"
        raise InputError([Problem("import_columns", name, 1, found=found[:200], expected=", ".join(english))])
    at = {key: header.index(key) for key in ("kind", "in_file", "id")}
    kinds = {folded(word): kind for kind, words in KINDS.items() for word in (*words, kind)}
    problems, meant = [], dict[str, Nearest]()
    for line, row in enumerate(rows[1:], start=2):
        cells = {key: row[place].strip() if place < len(row) else "" for key, place in at.items()}
        if not cells["in_file"] or not cells["id"]:
            continue
        kind = kinds.get(folded(cells["kind"]))
        if kind is None:
            expected = ", ".join(KINDS)
            problems.append(Problem("choice", name, line, "kind", found=cells["kind"], expected=expected))
            continue
        ids = _ids(mapping.case, kind)
        if cells["id"] != LEFT_OUT and cells["id"] not in ids:
            suggestion = meant.setdefault(kind, Nearest(ids))(cells["id"])
            problems.append(
                Problem("import_id", name, line, "id", found=cells["id"], expected=kind, suggestion=suggestion)
            )
        mapping.given[kind, folded(cells["in_file"])] = cells["id"]
    if problems:
        raise InputError(problems)


_TABLES = {"municipality": "municipalities", "sector": "sectors", "stream": "streams"}


def _ids(case: Case, kind: str) -> list[str]:
    return list(dict.fromkeys(case[_TABLES[kind]][kind]))


def _municipality(case: Case, words: str) -> Choice:
    """Find a municipality by id or name, in either language, with or without Danish letters."""
    rows = case["municipalities"]
    found: dict[str, set[str]] = defaultdict(set)
    for code, danish, english in zip(rows["municipality"], rows["name_da"], rows["name_en"], strict=True):
        for name in (code, danish, english):
            if name:
                found[folded(name)].add(code)
                found[_bare(name)].add(code)
    text = re.sub(r"\s+kommune$", "", words.strip(), flags=re.IGNORECASE)
    digits = text.lstrip("0") if text.isdigit() else text
    spellings = [folded(text), folded(digits), _bare(text)]
    if text != words.strip():
        spellings.append(folded(text).removesuffix("s"))
    if coded := re.fullmatch(r"(\d+)\s+(.+)", text):
        spellings += [coded[1].lstrip("0"), folded(coded[2])]
    for spelling in spellings:
        if len(found.get(spelling, ())) == 1:
            return Choice(next(iter(found[spelling])))
    return Choice(reason="not_municipality" if _is_group(text) else "municipality_unknown")


def _bare(name: str) -> str:
    """Return a folded name whose Danish letters lost their marks, as foreign files write them."""
    return folded(str(name).casefold().translate(str.maketrans("æøåäö", "aoaao")))


def _is_group(text: str) -> bool:
    """Tell whether words mean the whole country, a region or a group of municipalities."""
    text = text.partition(" ")[2] if text.partition(" ")[0].isdigit() and " " in text else text
    word = folded(text)
    if text.isdigit():
        return int(text) < 100 or int(text) in range(1081, 1086)
    return word.startswith(("helelandet", "region", "landsdel", "danmark", "alldenmark")) or word.endswith("kommuner")


def concepts(words: str) -> frozenset[str]:
    """Return what words speak of.

    >>> sorted(concepts("PAPIR OG PAP")), sorted(concepts("Mad- og drikkekartoner")), sorted(concepts("food_waste"))
    (['cardboard', 'paper'], ['carton'], ['food'])
    """
    text = re.sub(r"mad-?\s*og\s*drikke-?\s*karton\w*", "karton", words.casefold())
    tokens = [folded(token) for token in re.split(r"[^\w]|_", text) if token]
    found = set()
    for concept, beginnings in _CONCEPTS:
        for token in tokens:
            whole = {start for start in beginnings if start in _WHOLE_WORDS and token == start}
            if whole or any(token.startswith(start) for start in beginnings if start not in _WHOLE_WORDS):
                found.add(concept)
    if "impregnated" in found:
        found.discard("wood")
    return frozenset(found)


def _stream(case: Case, words: str) -> Choice:
    """Find the one stream that is collected of what the words speak of."""
    rows = case["streams"]
    rows = rows[rows["kind"].isin(["separate", "mixed"])]
    texts = list(zip(rows["stream"], rows["name_da"], rows["name_en"], strict=True))
    spoken = {stream: (concepts(stream) or concepts(danish) or concepts(english)) for stream, danish, english in texts}
    names = {folded(name): row[0] for row in texts for name in row if name}
    wanted = concepts(words)
    if folded(words) in names and not any(concept in _SEVERAL for concept in wanted):
        return Choice(names[folded(words)])
    covered = {part for concept in wanted for part in _SEVERAL.get(concept, (concept,))}
    touching = sorted(stream for stream, about in spoken.items() if about & covered)
    exact = [stream for stream in touching if spoken[stream] == covered]
    if len(exact) == 1:
        return Choice(exact[0])
    if not touching:
        return Choice(reason="stream_unknown")
    return Choice(reason="stream_ambiguous", candidates=", ".join(touching))


def _sector(case: Case, words: str) -> Choice:
    """Find the sector: H is that of the households; a business's by its name, or the only one there is."""
    rows = case["sectors"].drop_duplicates("sector")
    kinds: Mapping[str, str] = dict(zip(rows["sector"], rows["kind"], strict=True))
    if words == HOUSEHOLDS:
        found = [sector for sector, kind in kinds.items() if kind == "households"]
    else:
        business = [sector for sector, kind in kinds.items() if kind != "households"]
        word = folded(words.partition(":")[2])
        named = {name for name, parts in _SECTORS.items() if word and any(part in word for part in parts)}
        found = [sector for sector in business if _sector_words(rows, sector) & named] if named else []
        if not named and len(business) == 1:
            found = business
        if not found and business:
            return Choice(reason="sector_ambiguous", candidates=", ".join(business))
    if len(found) == 1:
        return Choice(found[0])
    return Choice(reason="sector_ambiguous" if found else "sector_unknown", candidates=", ".join(found))


def _sector_words(rows: object, sector: str) -> set[str]:
    """Return which of the known sectors an id speaks of."""
    word = folded(sector)
    return {name for name, parts in _SECTORS.items() if folded(name) == word or any(part in word for part in parts)}


_DEFAULTS = {"municipality": _municipality, "stream": _stream, "sector": _sector}
