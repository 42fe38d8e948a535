"""Who comes by a link that was handed out: counted once, greeted in its language, and kept out by none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import ways
from storage.tables import Contact
from tests.pipeline.world import NOW, World


@pytest.fixture
async def code(world: World) -> str:
    def make(connection: object) -> str:
        ways.add(connection, "Airport, poster", "sr", None, NOW)
        return ways.everything(connection)[0].code

    return await world.app.store.write(make)


async def comes(world: World, who: str, payload: str, language: str = "de") -> str:
    person = world.person(who)
    await world.handle(replace(person.start(), payload=payload, language=language))
    await world.app.deliver.drain()
    return world.channel.to(who)[-1].text


async def counted(world: World) -> int:
    return (await world.app.store.read(ways.everything))[0].people


async def test_somebody_new_is_counted_and_greeted_in_the_links_language(world: World, code: str) -> None:
    said = await comes(world, "anna", code)
    assert await counted(world) == 1
    assert world.one("SELECT language FROM contacts") == "sr"
    assert said != await comes(world, "bert", ""), "who comes without a link is greeted as their phone says"
    assert await counted(world) == 1


async def test_whoever_comes_again_or_was_here_before_counts_once_or_not_at_all(world: World, code: str) -> None:
    await comes(world, "anna", code)
    await comes(world, "anna", code)
    await comes(world, "bert", "")
    world.clock.turn(timedelta(days=2))
    await comes(world, "bert", code)
    assert await counted(world) == 1
    assert world.rows("SELECT language FROM contacts ORDER BY id") == [("sr",), ("de",)]


@pytest.mark.parametrize("payload", ["nonsense", "aaaaaaaa", "x" * 500, "' OR 1=1 --", "абвгдеђж", "a\0b"])
async def test_a_code_that_nobody_knows_means_nothing(world: World, code: str, payload: str) -> None:
    assert await comes(world, "anna", payload)
    assert await counted(world) == 0


async def test_a_link_that_has_ended_still_counts(world: World, code: str) -> None:
    way = (await world.app.store.read(ways.everything))[0]
    await world.app.store.write(lambda connection: ways.end(connection, way.id, NOW))
    await comes(world, "anna", code)
    assert await counted(world) == 1


def test_where_somebody_came_from_goes_with_them() -> None:
    assert "came_by" in Contact.__table__.c, "with the contact's row, when everything is deleted"
