"""A fact on paper, in letters that tired eyes can read: the question, what we know, what to bring, and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.paper import Paper


def as_pdf(made_of: Mapping[str, Any]) -> bytes:
    """`made_of`: what `bot.render.forms` says, in the person's language and script."""
    paper = Paper(made_of["title"], made_of["language"], datetime.fromisoformat(made_of["day"]).replace(tzinfo=UTC))
    paper.new_page()
    if made_of["door"]:
        paper.code(made_of["door"])
    paper.heading(made_of["title"])
    if made_of["door"]:
        paper.below_code()
    paper.large(made_of["text"])
    if made_of["papers"]:
        paper.large(made_of["bring"])
        for one in made_of["papers"]:
            paper.to_tick(one)
        paper.gap()
    paper.pairs((str(label), str(value)) for label, value in made_of["rows"])
    paper.text(made_of["source"])
    if made_of["back"]:
        paper.note(f"{made_of['back']} {made_of['door']}")
    return paper.content()
