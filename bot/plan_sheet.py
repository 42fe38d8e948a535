"""The plan on paper: each step with a box to tick, the papers to bring, the office, and the way back to the chat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.paper import Paper


def as_pdf(made_of: Mapping[str, Any]) -> bytes:
    """`made_of`: what `bot.render.sheet` says, in the person's language and script."""
    paper = Paper(made_of["title"], made_of["language"], datetime.fromisoformat(made_of["day"]).replace(tzinfo=UTC))
    paper.new_page()
    if made_of["door"]:
        paper.code(made_of["door"])
    paper.heading(made_of["title"])
    paper.pairs((str(label), str(value)) for label, value in made_of["head"])
    if made_of["door"]:
        paper.below_code()
    for number, step in enumerate(made_of["steps"], 1):
        paper.step(f"{number}. {step['what']}")
        paper.pairs((str(label), str(value)) for label, value in step["rows"])
    if made_of["done"]:
        paper.step(made_of["done_title"], box=False)
        for one in made_of["done"]:
            paper.ticked(one)
        paper.gap()
    if made_of["back"]:
        paper.note(f"{made_of['back']} {made_of['door']}")
    paper.note(made_of["note"])
    return paper.content()
