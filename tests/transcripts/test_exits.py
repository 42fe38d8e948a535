"""Every way out of every question is taken by some transcript, and every step is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from conversations import CONVERSATIONS
from conversations.engine import walk
from conversations.model import Ask, Branch, Choose, Conversation, Group, Review
from conversations.model import Step as FormStep
from tests.support.talks import all_talks
from tests.support.world import Step

Exit = tuple[str, str, str]
"""Conversation, step, and which way out of it."""


def possible(conversation: Conversation) -> Iterator[Exit]:
    for step in conversation.steps:
        yield from _of_step(conversation.name, step, step.id)
        if isinstance(step, Group):
            for inner in step.steps:
                yield from _of_step(conversation.name, inner, f"{step.id}/{inner.id}")


def _of_step(name: str, step: FormStep, path: str) -> Iterator[Exit]:
    if isinstance(step, Branch):
        return
    if not (isinstance(step, Group) and step.over):
        yield name, path, "reached"
    for way in _ways(step):
        yield name, path, way


def _ways(step: FormStep) -> list[str]:
    skip = ["skip"] if getattr(step, "skippable", False) else []
    match step:
        case Ask():
            return ["answered", *skip]
        case Choose():
            return [*(choice.id for choice in step.choices), *(["(one of the list)"] if step.over else []), *skip]
        case Group(over=None):
            return ["add", "done"]
        case Review():
            return ["yes", "a line to change"]
    return []


def taken(steps: Iterable[Step]) -> Iterator[Exit]:
    for one in steps:
        yield from _reached(one)
        yield from _answered(one)
        yield from _changed(one)


def _reached(one: Step) -> Iterator[Exit]:
    found = walk(one.conversation, one.turn.progress.answers, one.given)
    for at in [*found.passed, *([found.awaiting] if found.awaiting else [])]:
        yield one.conversation.name, _plain(at.path), "reached"


def _answered(one: Step) -> Iterator[Exit]:
    for path, value in one.turn.progress.answers.items():
        step = one.conversation.find(path)
        if path[0] == "@" or step is None or one.before.answers.get(path, ...) == value:
            continue
        for way in _way(step, value):
            yield one.conversation.name, _plain(path), way


def _way(step: FormStep, value: Any) -> list[str]:
    if value is None:
        return ["skip"]
    if isinstance(step, Ask):
        return ["answered"]
    if isinstance(value, dict):
        return list(value.get("picked", ()))
    if isinstance(step, Choose) and value not in {choice.id for choice in step.choices}:
        return ["(one of the list)"]
    return [value]


def _changed(one: Step) -> Iterator[Exit]:
    asked = one.conversation.find(one.before.awaiting or "")
    dropped = set(one.before.answers) - set(one.turn.progress.answers)
    if isinstance(asked, Review) and dropped:
        yield one.conversation.name, asked.id, "a line to change"


def _plain(path: str) -> str:
    """`children/2/age` -> `children/age`, `children/2?` -> `children`."""
    parts = path.removesuffix("?").split("/")
    return "/".join((parts[0], *parts[2:]))


async def test_every_exit_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [one for conversation in CONVERSATIONS.values() for one in possible(conversation)]
    talks = await all_talks()
    found = {one for talk in talks for one in taken(talk.steps)}
    missing = [one for one in wanted if one not in found]
    with capsys.disabled():
        print(f"\n{len(talks)} transcripts take {len(wanted) - len(missing)} of {len(wanted)} exits")
    assert not missing, "no transcript takes:\n" + "\n".join(" ".join(one) for one in missing)
