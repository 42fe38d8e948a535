"""Which of the given values a conversation uses at all: the others need not be worked out for a turn of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from conversations.engine.show import names_in
from conversations.model import Choose, Conversation, Recall, Step, all_steps, needs


@cache
def uses(conversation: Conversation) -> frozenset[str]:
    """Every name that a text, a condition, a list or a lookup of it has."""
    return frozenset(name for step in all_steps(conversation) for name in _of_step(step))


def _of_step(step: Step) -> Iterator[str]:
    choices = step.choices if isinstance(step, Choose) else ()
    for condition in (step.when, *(choice.when for choice in choices)):
        if condition is not None:
            yield from (name for name, _ in needs(condition))
    for text in ("text", "first", "again", "why", "title"):
        yield from names_in(getattr(step, text, None) or "")
    yield from (name for choice in choices for name in names_in(choice.label))
    yield from getattr(step, "by", ())
    yield from (name for at in ("of", "answer", "due", "about", "over") if (name := getattr(step, at, None)))
    if isinstance(step, Recall):
        yield step.lists
