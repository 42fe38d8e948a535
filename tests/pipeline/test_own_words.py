"""Words that answer no open question: what is kept of them for the coordinator's list, and what is not."""

from __future__ import annotations

from datetime import timedelta

from storage import unanswered
from tests.pipeline.world import Person, World


async def listed(world: World) -> list[str]:
    return [one.text for one in await world.app.store.read(unanswered.open_ones)]


async def in_menu(world: World) -> Person:
    person = await world.person().agrees()
    await person.says("menu")
    return person


async def test_what_was_not_understood_is_on_the_list_without_numbers(world: World) -> None:
    anna = await in_menu(world)
    await anna.says("xyzzy plugh 044 123 456")
    assert (await listed(world))[0] == "xyzzy plugh …"


async def test_it_leaves_the_list_when_the_chat_is_as_old_as_it_may_become(world: World) -> None:
    anna = await in_menu(world)
    await anna.says("xyzzy plugh")
    for days in (89, 2):
        assert await listed(world) == ["xyzzy plugh"]
        world.clock.turn(timedelta(days=days))
        await anna.says("menu")
        await world.app.timers.tidy()
    assert await listed(world) == [] and world.one("SELECT count(*) FROM contacts") == 1


async def test_an_answer_that_did_not_help_is_on_the_list(world: World) -> None:
    anna = await in_menu(world)
    heard = await anna.says("how much is the minimum wage")
    assert "425" in heard[0].text and await listed(world) == []
    await anna.says("no")
    assert await listed(world) == ["how much is the minimum wage"]


async def test_an_answer_that_helped_is_not(world: World) -> None:
    anna = await in_menu(world)
    await anna.says("how much is the minimum wage")
    await anna.says("yes")
    assert await listed(world) == []


async def test_without_consent_nothing_is_put_on_the_list_and_no_fact_is_told(world: World) -> None:
    anna = world.person("new")
    await anna.starts()
    heard = await anna.says("how much is the minimum wage")
    assert all("425" not in one.text for one in heard)
    assert await listed(world) == []


async def test_a_wish_for_a_person_is_heard_before_the_first_consent(world: World) -> None:
    anna = world.person("new")
    await anna.starts()
    await anna.says("i want to talk to a human please")
    assert world.one("SELECT state FROM tickets WHERE contact_id = ?", anna.id) == "waiting"


async def test_a_question_before_the_consent_is_answered_or_passed_on(world: World) -> None:
    """Then the question about keeping comes again; nothing of it stands among their answers."""
    anna = world.person()
    await anna.starts()
    await anna.taps("English")
    said = await anna.says("Where can I learn German?")
    assert "Goethe-Institut" in said[0].text and "May we keep what you tell us" in said[-1].text
    assert anna.tasks() == []
    for words in ("Can you tell me when the bus to Prizren leaves?", "And how late is it there?"):
        said = await anna.says(words)
        assert "A person from our team reads it" in said[0].text and "May we keep" in said[-1].text
    assert world.rows("SELECT kind, done_at FROM tasks") == [("question", None)]
    said = await anna.says("blue")
    assert "I did not understand that" in said[0].text
    await anna.taps("Yes, keep it")
    assert world.one("SELECT count(*) FROM runs WHERE conversation = 'answer'") == 0
