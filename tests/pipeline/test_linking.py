"""One person in several apps: two chats become one by a code, and an app is taken away again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.channels.base import Blocked
from bot.receive import texts
from tests.pipeline.world import Person, World


async def code_of(person: Person) -> str:
    await person.begins("my_data")
    await person.taps("My apps")
    heard = await person.taps("Add an app")
    found = re.search(r"\b\d{4} \d{4}\b", "\n".join(one.text for one in heard))
    assert found, heard
    return found[0]


def owner_of(world: World, person: Person) -> int:
    return int(world.one("SELECT contact_id FROM addresses WHERE address = ?", person.address))


async def two(world: World) -> tuple[Person, Person]:
    anna, phone = await world.person("anna").agrees(), await world.person("annas other app").agrees()
    assert anna.id != phone.id
    return anna, phone


async def test_a_new_app_becomes_part_of_the_talk_with_the_code_alone(world: World) -> None:
    anna, phone = await world.person("anna").agrees(), world.person("annas other app")
    code = await code_of(anna)
    await phone.starts()
    heard = await phone.says(code)
    assert owner_of(world, phone) == owner_of(world, anna)
    assert heard[0].text.startswith("This is one talk now, here and in Test.")
    assert "What would you like to do?" in heard[-1].text or "Your data" in heard[-1].text, "where anna was"
    assert "That was not you?" in anna.last.text
    assert world.one("SELECT count(*) FROM contacts") == 1


@pytest.mark.parametrize("form", ["{0}{1}", "{0}-{1}", "  {0} {1} "])
async def test_the_code_is_read_however_it_is_written(world: World, form: str) -> None:
    anna, phone = await world.person("anna").agrees(), world.person("annas other app")
    code = await code_of(anna)
    await phone.says(form.format(*code.split()))
    assert owner_of(world, phone) == owner_of(world, anna)


async def test_two_chats_with_words_in_them_are_joined_when_both_are_theirs(world: World) -> None:
    anna, phone = await two(world)
    heard = await phone.says(await code_of(anna))
    assert "Are both chats only yours?" in heard[-1].text
    assert owner_of(world, phone) != owner_of(world, anna), "nothing is joined unasked"
    heard = await phone.taps("Yes, join them")
    assert owner_of(world, phone) == owner_of(world, anna)
    assert heard[0].text.startswith("This is one talk now")
    assert "Let us go on" not in "\n".join(one.text for one in heard)
    await anna.says("I want to talk to a human")
    assert world.one("SELECT count(*) FROM tickets WHERE state = 'waiting'") == 1


async def test_a_no_joins_nothing(world: World) -> None:
    anna, phone = await two(world)
    await phone.says(await code_of(anna))
    heard = await phone.taps("No")
    assert "Nothing was joined" in heard[0].text
    assert owner_of(world, phone) != owner_of(world, anna)


async def test_a_code_works_once_and_not_for_long(world: World) -> None:
    anna, phone, late = await world.person("anna").agrees(), world.person("other"), world.person("third")
    code = await code_of(anna)
    await phone.says(code)
    await late.says(code)
    assert owner_of(world, late) != owner_of(world, anna)
    code = await code_of(anna)
    world.clock.turn(timedelta(minutes=16))
    await late.says(code)
    assert owner_of(world, late) != owner_of(world, anna)


async def test_who_was_too_slow_with_the_yes_is_told(world: World) -> None:
    anna, phone = await two(world)
    await phone.says(await code_of(anna))
    world.clock.turn(timedelta(minutes=16))
    heard = await phone.taps("Yes, join them")
    assert heard[0].text.startswith(texts.CODE_IS_OLD)
    assert owner_of(world, phone) != owner_of(world, anna)


async def test_ones_own_code_joins_nothing(world: World) -> None:
    anna = await world.person("anna").agrees()
    heard = await anna.says(await code_of(anna))
    assert heard[0].text.startswith(texts.CODE_IS_OF_HERE)


async def test_eight_digits_that_are_no_code_are_an_answer(world: World) -> None:
    anna = await world.person("anna").begins_intake()
    await anna.says("4412 3456")
    assert anna.answers("intake")["name"] == "4412 3456"


async def test_who_keeps_nothing_here_and_much_there_is_told_why_not(world: World) -> None:
    anna, phone = await world.person("anna").begins_intake(), world.person("other")
    await anna.says("Anna")
    await phone.starts()
    for label in ("English", "No, do not keep it"):
        await phone.taps(label)
    await phone.says(await code_of(anna))
    heard = await phone.taps("Yes, join them")
    assert heard[0].text.startswith(texts.NOT_JOINED)
    assert owner_of(world, phone) != owner_of(world, anna)


async def test_the_other_apps_are_taken_away_and_begin_anew(world: World) -> None:
    anna, phone = await two(world)
    await phone.says(await code_of(anna))
    await phone.taps("Yes, join them")
    await anna.begins("my_data")
    await anna.taps("My apps")
    heard = await anna.taps("Take the other apps away")
    assert "The talk also goes on in: Test." in heard[-1].text
    heard = await anna.taps("Yes, only here")
    assert heard[0].text.startswith("From now on we talk only here.")
    assert owner_of(world, phone) != owner_of(world, anna)
    heard = await phone.says("hello")
    assert "My data" not in heard[-1].text
    assert world.one("SELECT consents FROM contacts WHERE id = ?", owner_of(world, phone)) in ("{}", {})
    assert world.one("SELECT count(*) FROM messages WHERE contact_id = ? AND text <> ''", owner_of(world, phone)) < 6


async def test_who_has_one_app_only_can_take_none_away(world: World) -> None:
    anna = await world.person("anna").agrees()
    await anna.begins("my_data")
    heard = await anna.taps("My apps")
    assert [one.label for one in heard[-1].buttons if one.kind == "answer"] == ["Add an app", "Back to my data"]


async def test_answers_go_where_they_wrote_last(world: World) -> None:
    anna, phone = await two(world)
    await phone.says(await code_of(anna))
    await phone.taps("Yes, join them")
    before = len(phone.heard)
    assert await anna.says("menu")
    assert len(phone.heard) == before


async def joined(world: World) -> tuple[Person, Person]:
    anna, phone = await two(world)
    await phone.says(await code_of(anna))
    await phone.taps("Yes, join them")
    return anna, phone


async def test_what_cannot_arrive_in_one_app_goes_to_the_other(world: World) -> None:
    anna, phone = await joined(world)
    await anna.says("menu")
    world.channel.fails("anna", Blocked("she has blocked us"))
    before = len(phone.heard)
    await anna.says("menu")
    assert [one.text for one in phone.heard[before:]] == [anna.heard[-1].text], "the question comes there, once"
    assert world.rows("SELECT state, count(*) FROM messages WHERE author = 'bot' GROUP BY state ORDER BY state") == [
        ("failed", 1), ("sent", len(anna.heard) + len(phone.heard))]
    heard = len(phone.heard)
    await world.app.deliver.reload()
    await world.settle()
    assert len(phone.heard) == heard


async def test_where_no_app_is_left_it_has_failed(world: World) -> None:
    anna, phone = await joined(world)
    world.channel.fails("anna", Blocked("she has blocked us"))
    world.channel.fails(phone.address, Blocked("there too"))
    await anna.says("menu")
    await world.settle()
    assert world.one("SELECT count(*) FROM messages WHERE state = 'queued'") == 0
    assert world.one("SELECT count(*) FROM messages WHERE state = 'failed'") >= 1
