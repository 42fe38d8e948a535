"""The shape of each conversation is committed: what changes it is read as a diff, and strands nobody by accident."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conversations import CONVERSATIONS
from conversations.diagram import shape
from conversations.model import Choose, Conversation, End, Group, Say

FOLDER = Path(__file__).parent.parent / "shapes"
UPDATE = os.environ.get("UPDATE_SHAPES") == "1"


def ids_in(text: str) -> set[str]:
    """The step ids of a committed shape, those inside a group as `group/step`."""
    found, group, inside = set(), "", False
    for line in text.splitlines()[1:]:
        words = line.split()
        if not line.startswith(" ") and words[0] not in ("renamed", "retired"):
            group, inside = words[0], words[1] == "Group"
            found.add(group)
        elif inside and line.startswith("  ") and not line.startswith("    "):
            found.add(f"{group}/{words[0]}")
    return found


def ids_of(conversation: Conversation) -> set[str]:
    inside = {f"{step.id}/{one.id}" for step in conversation.steps if isinstance(step, Group) for one in step.steps}
    return inside | set(conversation.index)


def gone(conversation: Conversation, committed: str) -> list[str]:
    """A sentence for each id that is gone without a word; people may be at it."""
    excused = {*conversation.renamed, *conversation.retired}
    lost = {one for one in ids_in(committed) - ids_of(conversation) if one.partition("/")[0] not in excused}
    return [
        f"{conversation.name}: the step “{one}” is gone, and people may have answered it or be at it. Add "
        f'renamed={{"{one}": "its new id"}} or retired=frozenset({{"{one}"}}) to the conversation, then run the tests '
        "with UPDATE_SHAPES=1."
        for one in sorted(lost) if one.partition("/")[0] == one or one.partition("/")[0] in ids_of(conversation)
    ]


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_shape(name: str) -> None:
    path, now = FOLDER / f"{name}.txt", shape(CONVERSATIONS[name])
    if path.exists():
        assert gone(CONVERSATIONS[name], path.read_text(encoding="utf-8")) == []
    if UPDATE:
        path.write_text(now, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing. Run the tests with UPDATE_SHAPES=1 and commit it."
    assert now == path.read_text(encoding="utf-8"), f"{name} has changed. Is it meant? Run with UPDATE_SHAPES=1."


def test_no_shape_without_its_conversation() -> None:
    left = sorted(path.stem for path in FOLDER.glob("*.txt") if path.stem not in CONVERSATIONS)
    assert left == [], (
        f"{left} are gone, and people may be in the middle of them: check with `returnee-bot check "
        "--against-database`, then delete their files in tests/shapes."
    )


OLD = Conversation("small", (Say("hello", "Hi"), Choose("town", "Town?", over="plan"), End("end")))


def test_a_step_that_is_gone_is_named_with_what_to_do() -> None:
    new = Conversation("small", (Say("hello", "Hi"), Choose("place", "Town?", over="plan"), End("end")))
    [sentence] = gone(new, shape(OLD))
    assert "“town”" in sentence and "renamed" in sentence and "retired" in sentence


def test_a_step_inside_a_group_that_is_gone_is_named() -> None:
    def over_plan(name: str) -> Conversation:
        return Conversation("small", (Group("all", (Choose(name, "?", over="plan"),), over="plan"), End("end")))

    assert gone(over_plan("how"), shape(over_plan("how"))) == []
    [sentence] = gone(over_plan("why"), shape(over_plan("how")))
    assert "“all/how”" in sentence


@pytest.mark.parametrize("declared", [{"renamed": {"town": "place"}}, {"retired": frozenset({"town"})}])
def test_a_step_that_is_declared_gone_is_fine(declared: dict[str, object]) -> None:
    steps = (Say("hello", "Hi"), Choose("place", "Town?", over="plan"), End("end"))
    assert gone(Conversation("small", steps, **declared), shape(OLD)) == []


def test_a_new_step_needs_no_word() -> None:
    assert gone(Conversation("small", (*OLD.steps[:-1], Say("bye", "Bye"), End("end"))), shape(OLD)) == []
