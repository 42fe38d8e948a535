"""A deploy in the middle of a conversation: nobody is asked the wrong question, and answers are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conversations.model import Ask, Choice, Choose, Conversation, End, Group, Step
from conversations.readers import number, short_text
from tests.pipeline.world import NOW, Person, World

NAME = Ask("name", "What is your name?", reads=short_text)
TOWN = Ask("town", "Which town?", reads=short_text)
AGE = Ask("age", "How old are you?", reads=number(0, 120))
WORK = Choose("work", "Which work?", Choice("cook", "Cook"), Choice("driver", "Driver"), Choice("painter", "Painter"))
SKILLS = Choose("skills", "Which skills?", Choice("a", "Apples"), Choice("b", "Bread"), Choice("c", "Cake"), many=True)
END = End("end", "Done.")


def form(*steps: Step, **more: Any) -> Conversation:
    return Conversation("form", (*steps, END), keeps=True, **more)


async def at(world: World, conversation: Conversation, *answers: str) -> Person:
    """Somebody who has answered so far, and is shown the next question."""
    world.speak(conversation)
    anna = await world.person().agrees()
    await anna.begins("form")
    for answer in answers:
        await anna.says(answer)
    return anna


def said(messages: list[Any]) -> str:
    return "\n".join(one.text for one in messages)


async def test_inserted_before_the_question_that_is_shown(world: World) -> None:
    anna = await at(world, form(NAME, AGE), "Agon")
    world.speak(form(NAME, TOWN, AGE))
    heard = await anna.says("33")
    assert anna.answers("form") == {"name": "Agon", "age": 33}
    assert "Which town?" in said(heard)
    heard = await anna.says("Peja")
    assert anna.answers("form") == {"name": "Agon", "age": 33, "town": "Peja"}
    assert "Done." in said(heard)


async def test_inserted_at_the_very_beginning(world: World) -> None:
    anna = await at(world, form(NAME, AGE))
    world.speak(form(TOWN, NAME, AGE))
    heard = await anna.says("Agon")
    assert anna.answers("form") == {"name": "Agon"} and "Which town?" in said(heard)


async def test_the_question_that_is_shown_is_removed(world: World) -> None:
    """The words were for a question that is gone: they answer nothing else."""
    anna = await at(world, form(NAME, TOWN), )
    world.speak(form(TOWN))
    heard = await anna.says("Agon")
    assert anna.answers("form") == {}, "the name was taken for the town"
    assert "Which town?" in said(heard)
    await anna.says("Peja")
    assert anna.answers("form") == {"town": "Peja"}


async def test_a_button_of_a_removed_question(world: World) -> None:
    anna = await at(world, form(WORK, NAME))
    world.speak(form(NAME))
    heard = await anna.taps("Cook")
    assert anna.answers("form") == {} and "What is your name?" in said(heard)


@pytest.mark.parametrize("move", ["Skip", "Back"])
async def test_skip_and_back_of_a_removed_question(world: World, move: str) -> None:
    skippable = Ask("town", "Which town?", reads=short_text, skippable=True)
    anna = await at(world, form(NAME, skippable, AGE), "Agon")
    world.speak(form(NAME, AGE))
    heard = await anna.taps(move)
    assert anna.answers("form") in ({"name": "Agon"}, {})
    assert "How old are you?" in said(heard) or "What is your name?" in said(heard)
    assert anna.tasks() == []


async def test_an_answered_question_is_removed(world: World) -> None:
    anna = await at(world, form(NAME, TOWN, AGE), "Agon", "Peja")
    world.speak(form(NAME, AGE))
    heard = await anna.says("33")
    assert {key: value for key, value in anna.answers("form").items() if key != "town"} == {"name": "Agon", "age": 33}
    assert "Done." in said(heard)


async def test_renamed_while_it_is_shown(world: World) -> None:
    anna = await at(world, form(NAME, TOWN, AGE), "Agon")
    world.speak(form(NAME, replace(TOWN, id="municipality"), AGE, renamed={"town": "municipality"}))
    heard = await anna.says("Peja")
    assert anna.answers("form") == {"name": "Agon", "municipality": "Peja"} and "How old" in said(heard)


async def test_renamed_after_it_was_answered(world: World) -> None:
    anna = await at(world, form(NAME, TOWN, AGE), "Agon", "Peja")
    world.speak(form(NAME, replace(TOWN, id="municipality"), AGE, renamed={"town": "municipality"}))
    heard = await anna.says("33")
    assert anna.answers("form") == {"name": "Agon", "municipality": "Peja", "age": 33} and "Done." in said(heard)


async def test_a_button_of_a_renamed_question(world: World) -> None:
    anna = await at(world, form(WORK, NAME))
    world.speak(form(replace_id(WORK, "job"), NAME, renamed={"work": "job"}))
    heard = await anna.taps("Cook")
    assert anna.answers("form") == {"job": "cook"} and "What is your name?" in said(heard)


def replace_id(step: Choose, name: str, *choices: Choice, **more: Any) -> Choose:
    return Choose(name, step.text, *(choices or step.choices), many=more.pop("many", step.many), **more)


async def test_the_chosen_answer_is_removed(world: World) -> None:
    """It is asked again, at once when the person writes next; later answers are kept."""
    anna = await at(world, form(WORK, NAME, AGE), "Cook", "Agon")
    world.speak(form(replace_id(WORK, "work", *WORK.choices[1:]), NAME, AGE))
    heard = await anna.says("33")
    assert "Which work?" in said(heard)
    assert anna.answers("form")["name"] == "Agon" and anna.answers("form")["age"] == 33
    heard = await anna.taps("Driver")
    assert "Done." in said(heard)
    assert anna.answers("form") == {"work": "driver", "name": "Agon", "age": 33}


async def test_the_button_of_a_removed_choice(world: World) -> None:
    anna = await at(world, form(WORK, NAME))
    world.speak(form(replace_id(WORK, "work", *WORK.choices[1:]), NAME))
    heard = await anna.taps("Cook")
    assert anna.answers("form") == {} and "Which work?" in said(heard)
    assert "Cook" not in [one.label for one in heard[-1].buttons]


@pytest.mark.parametrize("way", ["buttons", "words"])
async def test_one_of_several_chosen_answers_is_removed(world: World, way: str) -> None:
    """The rest stays chosen, and the person can end it."""
    anna = await at(world, form(SKILLS, NAME, AGE))
    for label in ("Apples", "Bread", "That is all"):
        await anna.taps(label)
    await anna.says("Agon")
    world.speak(form(replace_id(SKILLS, "skills", *SKILLS.choices[1:]), NAME, AGE))
    heard = await anna.says("33")
    assert anna.awaits() == ("form", "skills") or "Done." in said(heard)
    if "Done." in said(heard):
        return
    heard = await (anna.taps("That is all") if way == "buttons" else anna.says("that is all"))
    assert "Done." in said(heard), "the person cannot get out of this question"
    assert anna.answers("form")["skills"]["picked"] == ["b"]


async def test_removed_while_choosing_several(world: World) -> None:
    anna = await at(world, form(SKILLS, NAME))
    await anna.taps("Apples")
    world.speak(form(replace_id(SKILLS, "skills", *SKILLS.choices[1:]), NAME))
    await anna.taps("Bread")
    heard = await anna.taps("That is all")
    assert "What is your name?" in said(heard)
    assert anna.answers("form") == {"skills": {"picked": ["b"], "done": True}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SKILLS, replace_id(SKILLS, "skills", many=False)),
        (replace_id(SKILLS, "skills", many=False), SKILLS),
        (SKILLS, Ask("skills", "Which skills?", reads=short_text)),
        (SKILLS, Ask("skills", "Which skills?", reads=number(0, 9))),
        (Ask("skills", "Which skills?", reads=short_text), SKILLS),
        (Ask("skills", "Which skills?", reads=number(0, 99)), SKILLS),
        (Ask("skills", "Which skills?", reads=short_text), Ask("skills", "Which skills?", reads=number(0, 9))),
    ],
    ids=["many to one", "one to many", "many to text", "many to number", "text to many", "number to many",
         "text to number"],
)
async def test_a_question_becomes_another_kind(world: World, before: Step, after: Step) -> None:
    """What was answered may no longer be an answer; then it is asked again, and nothing breaks."""
    anna = await at(world, form(before, NAME))
    if isinstance(before, Choose):
        await anna.taps("Apples")
        if before.many:
            await anna.taps("That is all")
    else:
        await anna.says("7")
    assert anna.awaits() == ("form", "name")
    world.speak(form(after, NAME))
    heard = await anna.says("Agon")
    assert anna.tasks() == [] and anna.answers("form")["name"] == "Agon"
    assert "Which skills?" in said(heard) or "Done." in said(heard)


async def test_a_half_chosen_question_becomes_one_of_one(world: World) -> None:
    anna = await at(world, form(SKILLS, NAME))
    await anna.taps("Apples")
    world.speak(form(replace_id(SKILLS, "skills", many=False), NAME))
    heard = await anna.taps("Bread")
    assert anna.answers("form") == {"skills": "b"} and "What is your name?" in said(heard)


async def test_the_conversation_is_gone(world: World) -> None:
    anna = await at(world, form(NAME, TOWN), "Agon")
    world.deploy_without("form")
    heard = await anna.says("Peja")
    assert anna.tasks() == [], "a removed conversation was treated as a mistake"
    assert "What would you like to do?" in said(heard)


async def test_a_button_of_a_conversation_that_is_gone(world: World) -> None:
    anna = await at(world, form(WORK))
    world.deploy_without("form")
    heard = await anna.taps("Cook")
    assert anna.tasks() == [] and "What would you like to do?" in said(heard)


async def test_a_reminder_for_a_conversation_that_is_gone(world: World) -> None:
    """It ends with a counsellor, not in silence."""
    anna = await world.person().agrees()
    await world.remind_at(anna, NOW, opens="old_check_in")
    await world.sweep()
    assert anna.tasks() != []
    assert await world.sweep() == 0


async def test_a_group_gets_a_question_more(world: World) -> None:
    """The people already told about are asked what is new; nothing told is lost."""
    child = Ask("age", "How old is child number {number}?", reads=number(0, 25))
    toy = Ask("toy", "What does child {number} like?", reads=short_text)
    group = Group("children", (child,), first="Any children?", again="One more?", add="Add", done="No")
    anna = await at(world, form(group, NAME))
    await anna.taps("Add")
    await anna.says("4")
    await anna.taps("Add")
    world.speak(form(replace(group, steps=(child, toy)), NAME))
    await anna.says("7")
    answers = anna.answers("form")
    assert answers["children/0/age"] == 4 and answers["children/1/age"] == 7
    assert "What does child 1 like?" in anna.last.text
    await anna.says("cars")
    await anna.says("dolls")
    assert (anna.answers("form")["children/0/toy"], anna.answers("form")["children/1/toy"]) == ("cars", "dolls")
    assert "One more?" in anna.last.text


async def test_a_group_is_removed_while_it_is_asked(world: World) -> None:
    child = Ask("age", "How old is child number {number}?", reads=number(0, 25))
    group = Group("children", (child,), first="Any children?", again="One more?", add="Add", done="No")
    anna = await at(world, form(group, NAME))
    await anna.taps("Add")
    world.speak(form(NAME))
    heard = await anna.says("7")
    assert "name" not in anna.answers("form"), "the child's age was taken for a name"
    assert "What is your name?" in said(heard)


async def test_a_deploy_during_a_ticket(world: World) -> None:
    anna = await at(world, form(NAME, AGE), "Agon")
    await anna.taps("Talk to a counsellor")
    world.speak(form(NAME, TOWN, AGE))
    heard = await anna.says("leave")
    assert "Which town?" in said(heard) or "How old" in said(heard)
    asked = "town" if "Which town?" in said(heard) else "age"
    await anna.says("33")
    assert anna.answers("form")[asked] in ("33", 33)


async def test_a_deploy_between_four_answers(world: World) -> None:
    """What was sent before the deploy and arrives after it counts for the questions as they follow now."""
    anna = await at(world, form(NAME, TOWN, AGE))
    world.speak(form(NAME, AGE))
    await anna.does(anna.message("Agon"), anna.message("33"))
    assert anna.answers("form") == {"name": "Agon", "age": 33}
