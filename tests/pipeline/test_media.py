"""What people send is fetched once, beside the turns; kept locked, and no longer than its message."""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Gone, Later, TooLarge
from bot.media import fetch as fetching
from bot.media.fetch import LONGEST_WAIT, MOST_TRIES, PART, TAKEN_FOR, wait_after
from bot.person_file import load
from storage import contacts, media
from tests.fakes.telegram_api import PHOTO
from tests.pipeline.world import Person, World
from tests.support import database


def state(world: World) -> str:
    return str(world.one("SELECT state FROM media"))


def parts(world: World) -> int:
    return int(world.one("SELECT count(*) FROM media_parts"))


async def kept(world: World, message_id: int | None = None) -> media.File | None:
    key = message_id or int(world.one("SELECT message_id FROM media"))
    return await world.app.store.read(lambda connection: media.load(connection, key))


async def sends(world: World, content: bytes | Exception = PHOTO, file: str = "x") -> Person:
    """Anna has sent a photo, and nobody has looked for it yet."""
    anna = await world.person().agrees()
    world.channel.files[file] = content
    await anna.does(anna.photo(file=file))
    return anna


async def test_a_turn_never_waits_for_a_file(world: World) -> None:
    anna = await sends(world)
    assert anna.heard and world.channel.fetched == [], "answered, and nothing fetched yet"
    assert state(world) == "waiting"


async def test_it_is_fetched_once_and_kept_locked(world: World) -> None:
    await sends(world)
    assert await world.app.fetch.look() == 1
    assert await world.app.fetch.look() == 0
    assert world.channel.fetched == ["x"]
    found = await kept(world)
    assert found is not None and (found.type, found.content) == ("image/png", PHOTO)
    [[stored]] = database.stored(world.url, "SELECT content FROM media_parts")
    assert PHOTO not in a2b_base64(stored)


async def test_the_same_message_twice_is_one_file(world: World) -> None:
    anna = await world.person().agrees()
    await anna.does(anna.photo(key="k1"), anna.photo(key="k1"))
    await anna.does(anna.photo(key="k1"))
    assert world.one("SELECT count(*) FROM media") == 1


async def test_a_large_file_in_pieces_and_back_together(world: World) -> None:
    content = b"%PDF-" + bytes(range(256)) * (PART // 100)
    await sends(world, content)
    await world.app.fetch.look()
    assert parts(world) == -(-len(content) // PART) > 2
    found = await kept(world)
    assert found is not None and (found.type, found.content) == ("application/pdf", content)


@pytest.mark.parametrize(("trouble", "fate"), [
    (TooLarge("a film"), "too_large"), (Gone("lost"), "gone"), (b"", "gone"),
])
async def test_what_cannot_be_had_is_said(world: World, trouble: Exception | bytes, fate: str) -> None:
    await sends(world, trouble)
    await world.app.fetch.look()
    assert state(world) == fate and parts(world) == 0
    await world.turn(days=1)
    assert await world.app.fetch.look() == 0


async def test_more_than_was_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", len(PHOTO) - 1)
    await sends(world)
    await world.app.fetch.look()
    assert state(world) == "too_large"


async def test_one_person_fills_nobody_elses_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "OF_ONE_PERSON", 2 * len(PHOTO))
    anna = await sends(world)
    for _ in range(2):
        await anna.does(anna.photo())
    ben = await world.person("ben").agrees()
    await ben.does(ben.photo())
    while await world.app.fetch.look():
        pass
    states = [row[0] for row in world.rows("SELECT state FROM media ORDER BY message_id")]
    assert sorted(states) == ["full", "stored", "stored", "stored"] and states[-1] == "stored"


async def test_it_is_tried_again_and_given_up_at_last(world: World) -> None:
    await sends(world, Later("down"))
    for tries in range(1, MOST_TRIES + 1):
        assert await world.app.fetch.look() == 1
        assert await world.app.fetch.look() == 0, "not before its time"
        if tries < MOST_TRIES:
            assert state(world) == "waiting"
            await world.turn(seconds=wait_after(tries))
    assert state(world) == "gone" and len(world.channel.fetched) == MOST_TRIES


async def test_the_platform_says_when(world: World) -> None:
    await sends(world, Later("too many", 3600))
    await world.app.fetch.look()
    world.channel.files["x"] = PHOTO
    await world.turn(minutes=59)
    assert await world.app.fetch.look() == 0
    await world.turn(minutes=1)
    assert await world.app.fetch.look() == 1
    assert state(world) == "stored"
    assert wait_after(1, 10**9) == LONGEST_WAIT


async def test_a_process_that_dies_leaves_it_to_the_next(world: World) -> None:
    """What it had stored of the file goes, and what it still does changes nothing."""
    await sends(world)
    now = world.clock.now()
    [old] = await world.app.store.write(lambda c: media.claim(c, now, now + TAKEN_FOR, 3))
    assert await world.app.store.write(lambda c: media.keep_part(c, old, 0, b"half"))
    assert await world.app.fetch.look() == 0, "it is taken"
    await world.turn(seconds=TAKEN_FOR.total_seconds())
    assert await world.app.fetch.look() == 1
    assert not await world.app.store.write(lambda c: media.keep_part(c, old, 1, b"late"))
    assert not await world.app.store.write(lambda c: media.finish(c, old, "gone"))
    found = await kept(world)
    assert found is not None and found.content == PHOTO


async def test_a_mistake_with_one_file_is_its_own(world: World) -> None:
    anna = await sends(world, RuntimeError("a mistake of ours"))
    world.channel.files["y"] = PHOTO
    await anna.does(anna.photo(file="y"))
    assert await world.app.fetch.look() == 2
    states = [row[0] for row in world.rows("SELECT state FROM media ORDER BY message_id")]
    assert states == ["waiting", "stored"]


async def test_forgetting_while_it_is_fetched(world: World) -> None:
    anna = await sends(world)
    person = anna.id

    async def fetch(data: object, most: int) -> bytes:
        await world.app.store.write(lambda c: contacts.forget(c, person, world.clock.now()))
        return PHOTO

    world.channel.fetch = fetch
    await world.app.fetch.look()
    assert world.one("SELECT count(*) FROM media") == 0 and parts(world) == 0


async def test_deleting_everything_deletes_the_files(world: World) -> None:
    anna = await sends(world)
    await world.app.fetch.look()
    assert parts(world) == 1
    person = anna.id
    await world.app.store.write(lambda c: contacts.forget(c, person, world.clock.now()))
    assert world.one("SELECT count(*) FROM media") == 0 and parts(world) == 0


async def test_a_file_goes_with_its_message(world: World) -> None:
    await sends(world)
    await world.app.fetch.look()
    world.change("UPDATE tasks SET done_at = 0")
    world.clock.turn(timedelta(days=91))
    await world.app.timers.retention.run()
    assert world.one("SELECT count(*) FROM messages WHERE kind = 'photo'") == 0
    assert world.one("SELECT count(*) FROM media") == 0 and parts(world) == 0


async def test_it_is_in_the_persons_file(world: World) -> None:
    anna = await sends(world)
    await world.app.fetch.look()
    person = anna.id
    file = await world.app.store.read(lambda c: load(c, person, world.clock.now()))
    assert file is not None
    assert file.rows["media"][0]["content"] == PHOTO
    assert b64encode(PHOTO) in file.as_json()


async def test_an_edited_photo_is_not_fetched_again(world: World) -> None:
    anna = await sends(world)
    await anna.does(replace(anna.photo("new words"), edited=True))
    assert world.one("SELECT count(*) FROM media") == 1


# ---------------------------------------------------------------------- several at once


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "one after the other"])
async def test_photos_that_were_sent_at_once_are_one_thing_said(world: World, at_once: bool) -> None:
    anna, ben = await world.person().agrees(), await world.person("ben").agrees()
    [alone] = [len(await ben.does(ben.photo()))]
    before = len(anna.heard)
    three = [anna.photo(f"My papers {number}" * (number == 1), file=f"f{number}", album="1") for number in (1, 2, 3)]
    if at_once:
        await anna.does(*three)
    else:
        for photo in three:
            await anna.does(photo)
    assert len(anna.heard) - before == alone, "one answer"
    assert world.one("SELECT count(*) FROM tasks WHERE contact_id = ?", anna.id) == 1
    assert world.one("SELECT count(*) FROM media WHERE contact_id = ?", anna.id) == 3, "and all are kept"
    before = len(anna.heard)
    await anna.does(anna.photo(album="2"))
    assert len(anna.heard) > before, "the next ones are answered"


async def test_words_under_a_later_photo_are_heard(world: World) -> None:
    anna = await world.person().agrees()
    await anna.does(anna.photo(album="1"))
    heard = await anna.does(anna.photo("I want to die", album="1"))
    assert heard and world.one("SELECT count(*) FROM tickets") == 1, "the gate goes before everything"


async def test_in_a_talk_each_photo_is_unread(world: World) -> None:
    anna = await world.person().agrees()
    await anna.says("/human")
    before = world.one("SELECT unread FROM tickets")
    await anna.does(anna.photo(album="1"), anna.photo(album="1"))
    assert world.one("SELECT unread FROM tickets") == before + 2
