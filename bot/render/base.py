"""Whom we write to, what can be told, and the small pieces that messages share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bot.channels.base import Limits
from bot.translate import Translator
from conversations.engine import Line
from conversations.marking import mark as _
from conversations.register import Register

PAPERS = _("Have ready: {papers}.")


@dataclass(slots=True)
class Knowledge:
    """The facts that can be told. A register that was edited takes the place of the one that was read before."""

    register: Register
    show_unverified: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom we write to."""

    language: str
    limits: Limits
    run: str = ""
    """The run that the buttons belong to."""
    today: date = date.min
    neutral: bool = False
    """The ways out are called so that they tell nothing."""
    listens: bool = False
    """There is a voice for their language."""


def base_of(language: str) -> str:
    """The language whose texts are stored: Serbian has one text for both scripts."""
    return language.split("_")[0]


def line_of(line: Line, language: str, translator: Translator) -> str:
    return f"{translator.text(language, line.label)}: {translator.show(language, line.value)}"


def source_name(source: str) -> str:
    """The part of an address that a person can recognise."""
    return (urlsplit(source).hostname or source).removeprefix("www.") if source.startswith("http") else source
