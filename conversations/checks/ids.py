"""Names: unique, writable into a button, and honest about those that are gone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from conversations.checks.fault import Fault
from conversations.engine import CONFIRM, ENOUGH, MORE
from conversations.model import Ask, Choose, Conversation, Group, Review, Step, all_steps

GOOD = re.compile(r"[A-Za-z0-9_-]+")
MOST_BYTES = 64
"""What Telegram takes as the data of a button."""
RUN = "z" * 13
"""The longest mark of a run: 13 base-36 digits hold any 64-bit number."""
KEY = "k" * 24
"""The longest key of a given item or value that stands in a button."""
INDEX = "99"
NEVER_ASKS_BACK = ("plain", "number", "months")
"""Kinds of readers that offer no buttons of what could be meant."""


def check_ids(conversation: Conversation) -> Iterator[Fault]:
    yield from _unique(conversation, "", [step.id for step in conversation.steps])
    for step in all_steps(conversation):
        if not GOOD.fullmatch(step.id):
            yield Fault(conversation.name, step.id, "id", "Use only letters, digits, _ and - in a step's id.")
        if isinstance(step, Group):
            yield from _unique(conversation, step.id, [one.id for one in step.steps])
        if isinstance(step, Choose):
            yield from _choices(conversation, step)
    yield from _gone(conversation)
    yield from _buttons(conversation)


def _unique(conversation: Conversation, group: str, ids: list[str]) -> Iterator[Fault]:
    where = f" in the group “{group}”" if group else ""
    for name in _twice(ids):
        yield Fault(conversation.name, name, "duplicate step", f"Two steps have this id{where}. Rename one of them.")


def _choices(conversation: Conversation, step: Choose) -> Iterator[Fault]:
    ids = [choice.id for choice in step.choices]
    for name in _twice([*ids, ENOUGH] if step.many else ids):
        yield Fault(conversation.name, step.id, "duplicate choice", f"Two choices have the id “{name}”. Rename one.")
    for name in ids:
        if not GOOD.fullmatch(name):
            yield Fault(conversation.name, step.id, "id",
                        f"Use only letters, digits, _ and - in the id of the choice “{name}”.")


def _gone(conversation: Conversation) -> Iterator[Fault]:
    here = {step.id for step in conversation.steps}
    for old, new in conversation.renamed.items():
        if new not in here:
            yield Fault(conversation.name, old, "renamed", f"It is renamed to “{new}”, which is no step here. "
                        "Name the step that its answers now count for, or put it into `retired`.")
        if old in here:
            yield Fault(conversation.name, old, "renamed", "It is in `renamed` and still a step. Take it out of one.")
    for old in sorted(conversation.retired & here):
        yield Fault(conversation.name, old, "retired", "It is in `retired` and still a step. Take it out of one.")


def _buttons(conversation: Conversation) -> Iterator[Fault]:
    for step, data in _data(conversation):
        if len(data.encode()) > MOST_BYTES:
            yield Fault(conversation.name, step.id, "button", f"A button would carry {len(data.encode())} bytes "
                        f"(“{data}”), Telegram takes {MOST_BYTES}. Shorten the ids.")


def _data(conversation: Conversation) -> Iterator[tuple[Step, str]]:
    """The longest data of each question's buttons."""
    for step, path in _question_paths(conversation):
        choices = [*_picks(step), *(_lines(conversation) if isinstance(step, Review) else ())]
        yield step, max((f"{RUN}:{path}:{choice}" for choice in choices), key=len, default="")
        yield step, f"{RUN}:{path}!back"


def _question_paths(conversation: Conversation) -> Iterator[tuple[Step, str]]:
    for step in conversation.steps:
        if isinstance(step, Group):
            item = f"{step.id}/{KEY if step.over else INDEX}"
            yield from ((inner, f"{item}/{inner.id}") for inner in step.steps if isinstance(inner, Ask | Choose))
            if step.over is None:
                yield step, f"{item}?"
        elif isinstance(step, Ask | Choose | Review):
            yield step, step.id


def _picks(step: Step) -> list[str]:
    match step:
        case Ask(reads=reads):
            return [] if reads.kind in NEVER_ASKS_BACK else [KEY]
        case Group():
            return [MORE, ENOUGH]
        case Choose(choices=choices, over=over, many=many):
            return [*(one.id for one in choices), *([KEY] if over else ()), *([ENOUGH] if many else ())]
    return [CONFIRM]


def _lines(conversation: Conversation) -> list[str]:
    return [path for step, path in _question_paths(conversation) if getattr(step, "label", None)]


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
