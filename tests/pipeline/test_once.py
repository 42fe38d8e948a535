"""What a person sends has one effect, in order, whatever way it arrives."""

from __future__ import annotations

import asyncio

from conversations.model import Ask, Conversation, End
from conversations.readers import short_text
from tests.pipeline.world import Person, World

FORM = Conversation(
    "form",
    (*(Ask(f"q{number}", f"Question {number}?", reads=short_text) for number in range(1, 6)), End("end", "Done.")),
    keeps=True,
)


async def in_form(world: World, address: str = "anna") -> Person:
    world.speak(FORM)
    person = await world.person(address).agrees()
    await person.begins("form")
    assert "Question 1?" in person.last.text
    return person


def stored(world: World, person: Person) -> list[str]:
    rows = world.rows("SELECT text FROM messages WHERE author = 'person' AND contact_id = ? ORDER BY id", person.id)
    return [row[0] for row in rows]


# ------------------------------------------------------------------ the same event twice


async def test_twice_in_one_batch(world: World) -> None:
    anna = await in_form(world)
    heard = await anna.does(anna.message("first", "k1"), anna.message("first", "k1"))
    assert [one.text for one in heard] == ["Question 2?"]
    assert anna.answers("form") == {"q1": "first"}
    assert stored(world, anna).count("first") == 1


async def test_the_very_same_object_twice_in_one_batch(world: World) -> None:
    anna = await in_form(world)
    event = anna.message("first")
    heard = await anna.does(event, event)
    assert [one.text for one in heard] == ["Question 2?"]
    assert anna.answers("form") == {"q1": "first"}


async def test_twice_in_two_batches(world: World) -> None:
    anna = await in_form(world)
    event = anna.message("first")
    await anna.does(event)
    assert await anna.does(event) == []
    assert anna.answers("form") == {"q1": "first"}


async def test_twice_at_the_same_time(world: World) -> None:
    anna = await in_form(world)
    event = anna.message("first")
    before = len(anna.heard)
    await asyncio.gather(*(world.handle(event) for _ in range(5)))
    await world.settle()
    assert len(anna.heard) == before + 1
    assert anna.answers("form") == {"q1": "first"}
    assert stored(world, anna).count("first") == 1


async def test_a_whole_batch_again_with_something_new_in_it(world: World) -> None:
    """What Telegram does when the process died between the commit and the next poll."""
    anna = await in_form(world)
    first, second, third = (anna.message(word) for word in ("one", "two", "three"))
    await anna.does(first, second)
    heard = await anna.does(first, second, third)
    assert len(heard) == 1 and "Question 4?" in heard[0].text
    assert anna.answers("form") == {"q1": "one", "q2": "two", "q3": "three"}


async def test_the_same_tap_twice(world: World) -> None:
    """Two presses are two events with keys of their own; the second finds the question answered."""
    anna = world.person()
    await anna.starts()
    await anna.taps("English")
    yes = anna.button("Yes, keep it").data
    heard = await anna.does(anna.tap_data(yes), anna.tap_data(yes))
    assert len([one for one in heard if "Shall we begin" in one.text]) == 1
    assert anna.awaits() == ("welcome", "begin")


async def test_a_new_person_twice_at_the_same_time_is_one_person(world: World) -> None:
    anna = world.person()
    await asyncio.gather(world.handle(anna.start()), world.handle(anna.message("hello")), world.handle(anna.start()))
    await world.settle()
    assert world.one("SELECT count(*) FROM contacts") == 1
    assert world.one("SELECT count(*) FROM runs WHERE ended_at IS NULL") == 1


async def test_a_repeat_of_an_old_message_does_not_unblock(world: World) -> None:
    """A repeat changes nothing: the person is still gone."""
    anna = await in_form(world)
    old = anna.message("first")
    await anna.does(old)
    await anna.does(anna.stop())
    assert world.one("SELECT blocked_at IS NOT NULL FROM addresses") == 1
    await anna.does(old)
    assert world.one("SELECT blocked_at IS NOT NULL FROM addresses") == 1


# ------------------------------------------------------------------ four answers


async def test_four_answers_in_one_batch(world: World) -> None:
    anna = await in_form(world)
    heard = await anna.does(*(anna.message(word) for word in ("one", "two", "three", "four")))
    assert anna.answers("form") == {"q1": "one", "q2": "two", "q3": "three", "q4": "four"}
    assert [one.text for one in heard] == ["Question 2?", "Question 3?", "Question 4?", "Question 5?"]


async def test_four_answers_at_the_same_time(world: World) -> None:
    anna = await in_form(world)
    before = len(anna.heard)
    await asyncio.gather(*(world.handle(anna.message(word)) for word in ("one", "two", "three", "four")))
    await world.settle()
    assert anna.answers("form") == {"q1": "one", "q2": "two", "q3": "three", "q4": "four"}
    assert anna.texts[before:] == ["Question 2?", "Question 3?", "Question 4?", "Question 5?"]


async def test_people_in_one_batch_do_not_mix(world: World) -> None:
    anna, ben = await in_form(world, "anna"), await in_form(world, "ben")
    await world.handle(anna.message("a1"), ben.message("b1"), anna.message("a2"), ben.message("b2"), ben.message("b3"))
    await world.settle()
    assert anna.answers("form") == {"q1": "a1", "q2": "a2"}
    assert ben.answers("form") == {"q1": "b1", "q2": "b2", "q3": "b3"}
    assert anna.last.text == "Question 3?" and ben.last.text == "Question 4?"
    assert stored(world, anna)[-2:] == ["a1", "a2"]
    assert stored(world, ben)[-3:] == ["b1", "b2", "b3"]


async def test_a_hundred_people_at_once(world: World) -> None:
    people = [world.person(f"p{number}") for number in range(100)]
    await asyncio.gather(*(world.handle(person.start()) for person in people))
    await world.settle()
    assert world.one("SELECT count(*) FROM contacts") == 100
    assert all(len(person.heard) == 1 and "Which language" in person.last.text for person in people)


async def test_answers_come_back_in_order_and_are_stored_before_anything_is_sent(world: World) -> None:
    """The channel is never given a message that another process cannot see in the database."""
    anna = await in_form(world)
    seen: list[bool] = []
    send = world.channel.send

    async def look(outgoing: object) -> str | None:
        seen.append(bool(world.rows("SELECT 1 FROM messages WHERE id = ?", outgoing.id)))
        return await send(outgoing)

    world.channel.send = look
    await anna.does(*(anna.message(word) for word in ("one", "two", "three")))
    assert seen == [True, True, True]


# ------------------------------------------------------------------ gone and back


async def test_gone_and_back_in_one_batch(world: World) -> None:
    """A person who blocks the bot and comes back while we were away is not taken for gone."""
    anna = await world.person().agrees()
    heard = await anna.does(anna.stop(), anna.start())
    assert heard, "the person came back and got no answer"
    assert world.one("SELECT blocked_at IS NULL FROM addresses") == 1


async def test_a_repeated_stop_before_a_new_message(world: World) -> None:
    anna = await world.person().agrees()
    gone = anna.stop()
    await anna.does(gone)
    heard = await anna.does(gone, anna.message("menu"))
    assert heard and world.one("SELECT blocked_at IS NULL FROM addresses") == 1


async def test_back_after_a_block(world: World) -> None:
    anna = await in_form(world)
    await anna.does(anna.stop())
    assert world.one("SELECT blocked_at IS NOT NULL FROM addresses") == 1
    heard = await anna.does(anna.start())
    assert world.one("SELECT blocked_at IS NULL FROM addresses") == 1
    assert heard[-1].text == "Question 1?"
