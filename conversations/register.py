"""Facts, partners and schemes: what the centre can say, with where it comes from and until when it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import tomli

from conversations.kept import kept

FOLDER = Path(__file__).parent / "facts"
Texts: TypeAlias = Mapping[str, str]
"""A text in each language, by language code."""


class Certainty:
    """How a fact may be told today."""

    STATED: Literal["stated"] = "stated"
    UNCONFIRMED: Literal["unconfirmed"] = "unconfirmed"
    UNKNOWN: Literal["unknown"] = "unknown"


def certainty_of(state: str, expires: date, today: date, show_unverified: bool) -> str:
    """Stated where the centre checked it, unknown where only a person can say, it expired, or it is not to be shown."""
    if state == "ask-counsellor" or today >= expires:
        return Certainty.UNKNOWN
    if state == "verified":
        return Certainty.STATED
    return Certainty.UNCONFIRMED if show_unverified else Certainty.UNKNOWN


@dataclass(frozen=True, slots=True)
class Fact:
    id: str
    area: str
    state: str
    """verified: the centre checked it; verify: sourced, to be confirmed; ask-counsellor: only a person can say."""
    confidence: str
    source: str
    seen: str
    """The date of the source: a year, a month, or "undated"."""
    checked: date
    expires: date
    """From this day it is not stated any more."""
    question: Texts
    answer: Texts
    papers: Mapping[str, tuple[str, ...]]
    partner: str | None = None
    note: str = ""
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """How people ask for it, by the language that it is heard in: written as the terms of
    `conversations/understanding/terms.py`."""
    version: int = 1
    """Grows with each change that the centre makes."""

    def certainty(self, today: date, show_unverified: bool = True) -> str:
        return certainty_of(self.state, self.expires, today, show_unverified)


@dataclass(frozen=True, slots=True)
class Partner:
    slug: str
    name: Texts
    what: Texts
    for_whom: Texts
    source: str
    seen: str
    confidence: str
    municipality: str | None = None
    address: str | None = None
    phone: str | None = None
    hours: str = ""
    """When somebody answers the phone, as the office hours are written; empty: not known."""
    web: str | None = None
    note: str = ""
    languages: str = ""
    """In which people are served there, as they are called in English."""
    papers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What to bring."""
    checked: date | None = None
    """When somebody of the centre looked at all this last."""
    removed: date | None = None
    """Since when the centre does not work with it any more: nobody new is passed on to it."""
    version: int = 1
    """Grows with each change that the centre makes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A phone that somebody in danger may call: the number of the partner, told as long as the fact holds."""

    kinds: tuple[str, ...]
    """What the safety gate may have found: the first part of a rule's name, "suicide" of "suicide.thoughts"."""
    fact: str
    partner: str
    name: Texts
    """What it is called on the card. It stands on a lock screen, so it names no trouble."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Register:
    facts: Mapping[str, Fact] = field(default_factory=dict)
    partners: Mapping[str, Partner] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()

    def lines_for(self, kind: str) -> list[Line]:
        """The phones that fit, in the order of the file."""
        return [line for line in self.lines if kind in line.kinds]


def in_language(texts: Mapping[str, Any], language: str) -> Any:
    """The text in this language; where there is none, English. Who we write to may read another one before that."""
    return texts.get(language) or texts.get(language.split("_")[0]) or texts["en"]


@cache
def seed() -> Register:
    """The facts and partners that a new installation starts with."""
    facts: dict[str, Fact] = {}
    partners: dict[str, Partner] = {}
    lines: list[Line] = []
    paths = sorted(FOLDER.glob("*.toml"))
    for content in _files(paths):
        facts |= {one["id"]: read_fact(one) for one in content.get("fact", ())}
        partners |= {one["slug"]: read_partner(one) for one in content.get("partner", ())}
        lines += (Line(**{**one, "kinds": tuple(one["kinds"])}) for one in content.get("line", ()))
    return Register(facts, partners, tuple(lines))


@cache
def seed_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """How people ask for each fact of a new installation, by fact and language: the `[fact]` tables of
    `facts/terms/<language>.toml`."""
    here = Path(__file__)
    found: Mapping[str, Mapping[str, tuple[str, ...]]]
    (found,) = kept(here.parent, "words", (here, *_term_files()), _words)
    return found


def _term_files() -> list[Path]:
    return sorted((FOLDER / "terms").glob("??.toml"))


def _words() -> tuple[Any, ...]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in _term_files():
        for name, listed in tomli.loads(path.read_text(encoding="utf-8"))["fact"].items():
            found.setdefault(name, {})[path.stem] = tuple(" ".join(one.split()) for one in listed.split("|"))
    return (found,)


def _files(paths: Sequence[Path]) -> tuple[Any, ...]:
    here = Path(__file__)
    return kept(here.parent, "seed", (here, *paths), lambda: tuple([_plain(path) for path in paths]))


def _plain(path: Path) -> dict[str, Any]:
    """A file's content with its days as text."""
    content: dict[str, Any] = tomli.loads(path.read_text(encoding="utf-8"))
    return {kind: [{name: value.isoformat() if isinstance(value, date) else value for name, value in one.items()}
                   for one in entries] for kind, entries in content.items()}


def read_fact(stored: Mapping[str, Any]) -> Fact:
    """A fact from its stored form. Raises KeyError or ValueError where something is missing.

    One that was stored before facts had words of their own has those that it was found by then: the seed's."""
    dates = {name: _date(stored[name]) for name in ("checked", "expires")}
    words = stored["asked"] if "asked" in stored else seed_words().get(stored["id"], {})
    return Fact(**{**stored, **dates, "papers": _lists(stored.get("papers", {})), "asked": _lists(words)})


def _lists(stored: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(items) for language, items in stored.items()}


def read_partner(stored: Mapping[str, Any]) -> Partner:
    """A partner from its stored form. Raises KeyError, TypeError or ValueError where something is missing."""
    papers = _lists(stored.get("papers", {}))
    dates = {one: _date(stored[one]) if stored.get(one) else None for one in ("checked", "removed")}
    return Partner(**{**stored, "papers": papers, **dates})


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
