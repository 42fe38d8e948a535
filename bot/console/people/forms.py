"""What is typed into the forms of a person's page: read, and why it is not taken."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from annotated_types import Ge, Le
from fastapi import Form

from bot.console.pages import Trouble
from bot.safely import clean
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d

Text = Annotated[str, Form()]
Seen = Annotated[int, Form(), Ge(0), Le(2**63 - 1)]
"""The newest change, or the version, that the form was made from."""
LONGEST = 4000
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """What one look at the page asks for."""

    change: str = ""
    """The question whose form is open."""
    older: int = 0
    """How many lines of the timeline are left out."""
    trouble: Trouble | None = None
    options: Sequence[tuple[str, str]] = ()
    status: int = 200


def read_text(text: str) -> str:
    return clean(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def form_key(key: str) -> str:
    """Of a form: sent twice, it is the same."""
    return clean(key)[:40] or secrets.token_urlsafe(12)


def why_unfit(text: str, longest: int) -> str:
    return why_too_long(text, longest) if text else _d("Write something first.")


def why_too_long(text: str, longest: int) -> str:
    if len(text) <= longest:
        return ""
    return Phrase("This has {length} characters; {most} fit. Make it shorter.", length=len(text), most=longest)


def read_day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
