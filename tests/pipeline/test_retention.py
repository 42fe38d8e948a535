"""What the consent promises: what we keep goes so many days after the last contact."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from conversations.events import Message, Started
from storage.tables import Contact
from storage.tables import Message as Stored
from tests.pipeline.world import NOW, World

WHO = {"channel": "web", "address": "gone-long-ago", "at": NOW}


async def _messages(world: World) -> int:
    return await world.app.store.read(lambda connection: connection.execute(select(func.count(Stored.id))).scalar_one())


async def _arrives(world: World) -> None:
    channel = next(iter(world.app.channels))
    who = {**WHO, "channel": channel}
    await world.app.receive.handle([Started(key="a", **who), Message(key="b", text="Arta", **who)])
    await world.app.deliver.drain()


async def test_what_is_kept_goes_after_the_time_that_was_promised(world: World) -> None:
    await _arrives(world)
    world.app.clock.turn(timedelta(days=89))
    await world.app.timers.tidy()
    assert await _messages(world) > 0
    world.app.clock.turn(timedelta(days=2))
    await world.app.timers.tidy()
    assert await _messages(world) == 0


async def test_nobody_with_an_open_talk_is_forgotten(world: World) -> None:
    await _arrives(world)
    channel = next(iter(world.app.channels))
    await world.app.receive.handle([Message(key="c", text="/human", **{**WHO, "channel": channel})])
    await world.app.deliver.drain()
    world.app.clock.turn(timedelta(days=200))
    await world.app.timers.tidy()
    assert await _messages(world) > 0


async def test_a_person_who_was_forgotten_is_new_when_they_write(world: World) -> None:
    await _arrives(world)
    await world.app.store.write(lambda c: c.execute(update(Contact).values(known={"name": "Arta"})))
    world.app.clock.turn(timedelta(days=91))
    await world.app.timers.tidy()
    known = await world.app.store.read(lambda c: c.execute(select(Contact.known, Contact.consents)).one())
    assert tuple(known) == ({}, {})
