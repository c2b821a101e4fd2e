"""A layout from a small TOML file: every problem at once, with its line, in Danish and English.

Keys and names of sheets may be Danish or English; ``[municipality.159]`` holds what is different for one municipality.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from flows.problem_texts import SUGGESTION
from flows.problems import InputError, Problem, nearest
from reports.own_layout import Logo, OwnLayout
from reports.own_layout_logo import LogoError, read_logo
from reports.style import HEAD_TEXT, contrast
from reports.words_own_layout import EXAMPLE, KINDS, LAYOUT_TEXTS, LINE

KEYS: dict[str, tuple[str, str]] = {
    "organisation": ("organisation", "organisation"),
    "logo": ("logo", "logo"),
    "logo_text": ("logo_tekst", "logo_text"),
    "contact": ("kontakt", "contact"),
    "accent": ("farve", "accent"),
    "sheets": ("ark", "sheets"),
    "file_prefix": ("filnavn", "file_prefix"),
}
PLACES = ("kommune", "municipality")
LISTS = ("contact", "sheets")
LEAST_CONTRAST = 4.5
MOST_LETTERS = 200
MOST_BYTES = 100_000
"""Bytes of a layout."""
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_ENTRY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")

Sheets = Mapping[str, tuple[str, str]]
"""Name of each sheet in the code, with what it is called in Danish and in English."""


@dataclass(frozen=True)
class LayoutProblem(Problem):
    """A problem of a layout: ``sheet`` is the file and ``row`` the line."""

    def text(self, language: str = "en") -> str:
        """Return what is wrong, without the place."""
        position = 0 if language == "da" else 1
        expected = KINDS[self.expected][position] if self.expected in KINDS else self.expected
        text = LAYOUT_TEXTS[self.code][position].format(found=self.found, expected=expected, place=self.place)
        return f"{text}; {SUGGESTION[position].format(self.suggestion)}" if self.suggestion else text

    def where(self, language: str = "en") -> str:
        """Return file and line."""
        return f"{self.sheet} {LINE[0 if language == 'da' else 1]} {self.row}" if self.row else self.sheet


def read_layout(path: str | os.PathLike[str], sheets: Sheets, places: Mapping[str, str]) -> OwnLayout:
    """Return the layout in a TOML file.

    Args:
        path: the file; a logo is looked for beside it.
        sheets: the sheets that workbooks have.
        places: ids of municipalities by id and by name; 'region' to ''.

    Raises:
        InputError: the file cannot be used; it holds every problem with its line.
    """
    return _Reader(Path(path), sheets, places).layout()


def layout_example(name: str, sheets: Sheets, accent: str, language: str) -> str:
    """Return the text of a layout to begin with, that names every sheet."""
    position = 0 if language == "da" else 1
    lines = "\n".join(f'    "{titles[position]}",' for titles in sheets.values())
    text = EXAMPLE[position].replace("{sheets}", lines).replace("{accent}", accent)
    return text.replace("{name}", name)


@dataclass
class _Reader:
    """One reading of one file."""

    path: Path
    sheets: Sheets
    places: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    entries: dict[tuple[str, ...], int] = field(default_factory=dict)
    logos: dict[tuple[Path, str], Logo | None] = field(default_factory=dict)

    def layout(self) -> OwnLayout:
        """Return the layout or raise all problems."""
        given = self._parsed()
        general = self._section(given, (), general=True)
        own: dict[str, dict[str, Any]] = {}
        for key, value in given.items():
            if key.casefold() in PLACES:
                self._places(key, value, own)
        whole = self._made(general, {}, ())
        made = {place: self._made({**general, **parts}, parts, parts["_path"]) for place, parts in own.items()}
        if self.problems:
            raise InputError(sorted(self.problems, key=lambda problem: problem.row or 0))
        return OwnLayout(**{**whole, "places": {place: OwnLayout(**parts) for place, parts in made.items()}})

    # Reading ----------------------------------------------------------------------------------

    def _parsed(self) -> dict[str, Any]:
        try:
            content = self.path.read_bytes() if self.path.stat().st_size <= MOST_BYTES else None
            if content is None:
                most = f"{MOST_BYTES / 1e3:.0f} kB"
                raise InputError([LayoutProblem("layout_large", sheet=self.path.name, expected=most)])
            text = content.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            if isinstance(error, UnicodeDecodeError):
                raise InputError([LayoutProblem("layout_encoding", sheet=self.path.name)]) from None
            raise InputError([LayoutProblem("layout_missing", sheet=self.path.name)]) from None
        try:
            given = tomllib.loads(text.replace("\r\n", "\n"))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            row = int(found[1]) if found else None
            said = re.sub(r" \(at .*\)$", "", str(error))
            raise InputError([LayoutProblem("layout_syntax", sheet=self.path.name, row=row, found=said)]) from None
        except RecursionError:
            raise InputError([LayoutProblem("layout_syntax", sheet=self.path.name, found="[[[[…")]) from None
        self.lines = text.splitlines()
        section: tuple[str, ...] = ()
        for number, line in enumerate(self.lines, 1):
            if header := _HEADER.fullmatch(line):
                section = _path(header[1])
                self.entries.setdefault(section, number)
            elif entry := _ENTRY.match(line):
                self.entries.setdefault((*section, *_path(entry[1])), number)
        return given

    def _line(self, path: Sequence[str], value: str = "") -> int | None:
        """Return the line of an entry, or of a value in its list."""
        start = next(
            (
                self.entries[tuple(path[:size])]
                for size in range(len(path), 0, -1)
                if tuple(path[:size]) in self.entries
            ),
            None,
        )
        if start is None or not value:
            return start
        for number in range(start, len(self.lines) + 1):
            line = self.lines[number - 1]
            if number > start and (_ENTRY.match(line) or _HEADER.fullmatch(line)):
                break
            if f'"{value}"' in line or f"'{value}'" in line:
                return number
        return start

    def _say(self, code: str, path: Sequence[str], value: str = "", **more: Any) -> None:
        problem = LayoutProblem(code, sheet=self.path.name, row=self._line(path, value), **more)
        if problem not in self.problems:
            self.problems.append(problem)

    # Checking ---------------------------------------------------------------------------------

    def _places(self, key: str, value: object, own: dict[str, dict[str, Any]]) -> None:
        """Read the sections of municipalities."""
        if not isinstance(value, dict) or not all(isinstance(part, dict) for part in value.values()):
            self._say("layout_kind", (key,), found=key, expected="section")
            return
        known = {word.casefold(): place for word, place in self.places.items()}
        for name, parts in value.items():
            place = known.get(name.casefold())
            if place is None:
                said = _listed(sorted(self.places))
                self._say("layout_place", (key, name), found=name, expected=said, suggestion=nearest(name, self.places))
            elif place in own:
                self._say("layout_twice", (key, name), found=name, expected=own[place]["_path"][-1])
            else:
                own[place] = {**self._section(parts, (key, name), general=False), "_path": (key, name)}

    def _section(self, given: Mapping[str, Any], path: tuple[str, ...], general: bool) -> dict[str, Any]:
        """Return the values of a section by key, those that are in order."""
        known = {word: key for key, pair in KEYS.items() for word in pair if general or key != "file_prefix"}
        found: dict[str, Any] = {}
        said: dict[str, str] = {}
        for word, value in given.items():
            if general and word.casefold() in PLACES:
                continue
            key, here = known.get(word.casefold()), (*path, word)
            if key is None:
                names = dict.fromkeys("/".join(dict.fromkeys(KEYS[key])) for key in known.values())
                self._say("layout_key", here, found=word, expected=", ".join(names), suggestion=nearest(word, known))
            elif key in found or key in said:
                self._say("layout_twice", here, found=word, expected=said[key])
            else:
                said[key] = word
                checked = self._value(key, word, value, here)
                if checked is not None:
                    found[key] = checked
        return found

    def _value(self, key: str, word: str, value: object, path: tuple[str, ...]) -> Any:
        """Return a value as the layout takes it, or ``None`` with a problem told."""
        if key in LISTS:
            if key == "contact" and isinstance(value, str):
                value = [value]
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                self._say("layout_kind", path, found=word, expected="texts")
                return None
            return self._sheets(word, value, path) if key == "sheets" else self._texts(value, path)
        if not isinstance(value, str):
            self._say("layout_kind", path, found=word, expected="text")
            return None
        if key == "accent":
            return self._colour(value, path)
        if key == "file_prefix" and not re.search(r"[a-zA-ZæøåÆØÅ0-9]", value):
            self._say("layout_prefix", path, found=value)
            return None
        texts = self._texts([value], path)
        return texts[0] if texts else ""

    def _texts(self, values: Iterable[str], path: tuple[str, ...]) -> tuple[str, ...]:
        """Return texts of one line each, without signs that cannot be printed."""
        plain = ["".join(sign for sign in " ".join(value.split()) if sign.isprintable()) for value in values]
        for text in plain:
            if len(text) > MOST_LETTERS:
                self._say("layout_long", path, found=f"{text[:30]}…", expected=str(MOST_LETTERS))
        return tuple(text for text in plain if text)

    def _colour(self, value: str, path: tuple[str, ...]) -> str | None:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            self._say("layout_colour", path, found=value)
            return None
        ratio = contrast(value, HEAD_TEXT)
        if ratio < LEAST_CONTRAST:
            # Rounded down, so that a colour just below is never said to have enough.
            shown = f"{int(ratio * 10) / 10:.1f}"
            self._say("layout_contrast", path, found=value, place=shown, expected=str(LEAST_CONTRAST))
            return None
        return value.upper()

    def _sheets(self, word: str, values: Sequence[str], path: tuple[str, ...]) -> tuple[str, ...] | None:
        if not values:
            self._say("layout_sheets_none", path, found=word)
            return None
        known = {said.casefold(): name for name, titles in self.sheets.items() for said in (name, *titles)}
        found: list[str] = []
        for value in values:
            name = known.get(" ".join(value.split()).casefold())
            if name is None:
                said = ", ".join("/".join(dict.fromkeys(titles)) for titles in self.sheets.values())
                meant = nearest(value, [one for name, titles in self.sheets.items() for one in (name, *titles)])
                self._say("layout_sheet", path, value, found=value, expected=said, suggestion=meant)
            elif name in found:
                self._say("layout_sheet_twice", path, value, found=value)
            else:
                found.append(name)
        return tuple(found)

    # Making -----------------------------------------------------------------------------------

    def _made(self, values: Mapping[str, Any], own: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        """Return what a layout is made of; ``own`` is what a municipality's section says itself."""
        names = ("organisation", "contact", "accent", "sheets", "file_prefix")
        made = {name: values[name] for name in names if name in values}
        here = path if {"logo", "logo_text"} & set(own) else ()
        logo = self._logo(values, here)
        return {**made, "logo": logo} if logo is not None else made

    def _logo(self, values: Mapping[str, Any], path: tuple[str, ...]) -> Logo | None:
        if not values.get("logo"):
            return None
        here = (*path, "logo")
        text = values.get("logo_text", "")
        if not text:
            self._say("logo_text", here, expected="logo_tekst/logo_text")
            return None
        file = _beside(self.path.parent, str(values["logo"]))
        if file is None:
            self._say("logo_outside", here, found=str(values["logo"])[:MOST_LETTERS])
            return None
        if (file, text) not in self.logos:
            self.logos[file, text] = None
            try:
                self.logos[file, text] = read_logo(file, text)
            except LogoError as error:
                self._say(error.code, here, found=error.found, expected=error.expected)
        return self.logos[file, text]


def _beside(folder: Path, name: str) -> Path | None:
    """Return a file of a folder, or of one in it; None if the name leads elsewhere, to another computer for instance.

    A layout may come from a stranger, and a picture that is put into reports should be one that came with it.
    """
    if "\0" in name or name.startswith(("/", "\\")) or PureWindowsPath(name).drive:
        return None
    try:
        root, place = folder.resolve(), (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    return place if place.is_relative_to(root) else None


def _path(text: str) -> tuple[str, ...]:
    """Return the parts of a dotted key.

    >>> _path('kommune."159"')
    ('kommune', '159')
    """
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", text))


def _listed(words: Sequence[str], most: int = 40) -> str:
    return ", ".join(words[:most]) + (" …" if len(words) > most else "")
