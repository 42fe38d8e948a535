"""Pictures of a counsellor: stored with their words in one transaction, shown as one where the channel can, each with
its own fate."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.channels.base import Blocked, Outgoing, Permanent, Retry, SendError, Unknown
from bot.clock import StoppedClock
from bot.receive.staff import Picture
from storage import media, messages, staff, taking_back
from storage.staff import CounsellorView
from tests.pipeline.world import CHANNEL, NOW, WIDE, Person, Recorder, World, build_app
from tests.support import database

JPEG = b"\xff\xd8\xff"
THREE = [Picture("image/jpeg", JPEG + bytes([one]) * 300_000) for one in range(3)]


class Albums(Recorder):
    """One that shows pictures together."""

    def __init__(self) -> None:
        super().__init__(replace(WIDE, media="upload", album=10))
        self.albums: list[list[Outgoing]] = []
        self.album_fails: list[Exception] = []

    async def send_album(self, together: Sequence[Outgoing]) -> list[str | None]:
        self.tried += [one.id for one in together]
        await asyncio.sleep(0)
        if self.album_fails:
            if self.gate is not None:
                await self.gate.wait()
            raise self.album_fails.pop(0)
        self.albums.append(list(together))
        self.sent += together
        if self.gate is not None:
            await self.gate.wait()
        return [f"a{one.id}" for one in together]


@pytest_asyncio.fixture
async def album_world(tmp_path: Path, databases: None) -> AsyncIterator[tuple[World, Albums]]:
    clock, channel = StoppedClock(NOW), Albums()
    url = database.new(tmp_path)
    world = World(tmp_path, clock, channel, build_app(tmp_path, clock, channel, database_url=url))
    await world.app.deliver.start()
    yield world, channel
    await world.stop()


async def in_talk(world: World, address: str = "anna") -> tuple[Person, int, int]:
    anna = await world.person(address).agrees()
    await anna.says("/human")
    counsellor = await world.app.store.write(lambda c: staff.add_counsellor(
        c, address, "Mimoza", "counsellor", "kept in a blue folder", world.clock.now(), staff.AREAS))
    ticket = anna.ticket()
    assert await world.staff.claim(ticket, counsellor) is None
    world.channel.sent.clear()
    return anna, ticket, counsellor


def fates(world: World, person: Person) -> list[tuple[str, str, str | None]]:
    return [tuple(row) for row in world.rows(
        "SELECT text, state, external_id FROM messages WHERE contact_id = ? AND author = 'counsellor' ORDER BY id",
        person.id)]


NAMES = ["Picture 1 of 3", "Picture 2 of 3", "Picture 3 of 3"]


async def test_they_go_as_one_and_each_has_its_fate(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    assert await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    assert await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE) is None, "sent twice"
    await world.settle()
    [album] = channel.albums
    assert [one.content for one in album] == [one.content for one in THREE]
    assert [one.message.medium.name for one in album if one.message.medium] == [f"picture-{n}.jpeg" for n in (1, 2, 3)]
    assert anna.texts == [*NAMES, "The way to us."] and anna.last.buttons, "the way out stands under the words"
    told = fates(world, anna)
    assert [one[:2] for one in told] == [(text, "sent") for text in anna.texts]
    assert [one[2] for one in told[:3]] == [f"a{one.id}" for one in album]


async def test_one_picture_has_the_words_under_it(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    _, ticket, mimoza = await in_talk(world)
    await world.staff.reply(ticket, mimoza, "", "k1", pictures=THREE[:1])
    await world.settle()
    [sent] = channel.sent
    assert (sent.message.text, sent.content, channel.albums) == ("Here is a picture for you.", THREE[0].content, [])


@pytest.mark.parametrize("error", [Permanent("refused"), Retry("busy", 3), Unknown("no answer")])
async def test_what_does_not_go_as_one_goes_one_by_one(album_world: tuple[World, Albums], error: SendError) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.album_fails.append(error)
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    await world.settle()
    await world.turn(minutes=5)
    assert channel.albums == [] and anna.texts == [*NAMES, "The way to us."]
    assert [one.content for one in channel.sent[:3]] == [one.content for one in THREE]
    assert {state for _, state, _ in fates(world, anna)} == {"sent"}


async def test_one_that_is_refused_leaves_the_others(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.album_fails.append(Permanent("refused"))
    channel.fails("anna", None, Permanent("this one is broken"))
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    await world.settle()
    assert [state for _, state, _ in fates(world, anna)] == ["sent", "failed", "sent", "sent"]
    assert anna.texts == [NAMES[0], NAMES[2], "The way to us."]


async def test_who_has_blocked_us_gets_none_and_everything_has_failed(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.album_fails.append(Blocked("gone"))
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    await world.settle()
    assert [state for _, state, _ in fates(world, anna)] == ["failed"] * 4 and channel.sent == []


async def test_a_process_that_dies_repeats_an_album_once(album_world: tuple[World, Albums]) -> None:
    """The platform has taken it, and nobody has noted it."""
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.gate = asyncio.Event()
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    await world.until(lambda: len(channel.albums) == 1, "the album was not tried")
    await world.stop()
    channel.gate = None
    world.app = world.build()
    await world.app.deliver.start()
    await world.settle()
    assert [len(one) for one in channel.albums] == [3, 3]
    assert anna.texts == [*NAMES, *NAMES, "The way to us."]
    assert {state for _, state, _ in fates(world, anna)} == {"sent"}


@pytest.mark.parametrize("when", ["while", "after"])
async def test_each_picture_of_an_album_without_an_answer_may_have_arrived(
    album_world: tuple[World, Albums], when: str
) -> None:
    """The second and the third were in it too: where they are taken back, nobody is told that they never left."""
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.album_fails.append(Unknown("no answer"))
    channel.gate = asyncio.Event()
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    ids = [key for (key,) in world.rows("SELECT id FROM messages WHERE author = 'counsellor' ORDER BY id")]
    await world.until(lambda: ids[1] in channel.tried, "the album was not tried")

    me = CounsellorView(mimoza, "anna", "Mimoza", "counsellor", False)

    async def take_back() -> None:
        for one in ids[1:3]:
            await world.staff.take_back(ticket, one, me, False)

    if when == "while":
        await take_back()
    channel.gate.set()
    await world.until(lambda: world.one("SELECT attempts FROM messages WHERE id = ?", ids[0]) > 0, "no attempt")
    if when == "after":
        await take_back()
    await world.turn(minutes=5)
    became = await world.app.store.read(lambda c: taking_back.taken(c, ids))
    assert {key: one.fate for key, one in became.items()} == {ids[1]: "perhaps", ids[2]: "perhaps"}
    assert anna.texts == [NAMES[0], "The way to us."] and anna.tasks() == ["failed"], "somebody writes to her"


async def test_where_nothing_is_shown_as_one_they_come_one_after_the_other(world: World) -> None:
    anna, ticket, mimoza = await in_talk(world)
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    await world.settle()
    assert anna.texts == [*NAMES, "The way to us."]
    kept = world.rows("SELECT size FROM media WHERE contact_id = ? ORDER BY message_id", anna.id)
    assert [size for (size,) in kept] == [300_003] * 3
    assert {channel for (channel,) in world.rows("SELECT DISTINCT channel FROM messages")} == {CHANNEL}


async def test_what_cannot_arrive_goes_another_way_with_its_pictures(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    channel.outage = lambda: Retry("busy")
    channel.album_fails.append(Retry("busy"))
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    there, now = ("other", "annas"), world.clock.now()
    await world.app.store.write(lambda c: messages.queue_elsewhere(c, anna.id, (CHANNEL, "anna"), there, now))
    ids = [key for (key,) in world.rows("SELECT id FROM messages WHERE channel = 'other' ORDER BY id")]
    kept = await world.app.store.read(lambda c: [media.load(c, one) for one in ids])
    assert [one.content if one else None for one in kept] == [*(one.content for one in THREE), None]


async def test_our_pictures_leave_people_room_for_theirs(album_world: tuple[World, Albums]) -> None:
    world, channel = album_world
    anna, ticket, mimoza = await in_talk(world)
    await world.staff.reply(ticket, mimoza, "The way to us.", "k1", pictures=THREE)
    channel.files["x"] = JPEG
    await anna.does(anna.photo())
    now = world.clock.now()
    [wanted] = await world.app.store.write(lambda c: media.claim(c, now, now, 5))
    assert await world.app.store.write(lambda c: media.reserve(c, wanted, 300_000, 500_000)) is True
