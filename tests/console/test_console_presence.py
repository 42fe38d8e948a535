"""Being here or away, the next chat, and an open page that says that somebody is here."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.console.live import Events
from bot.console.parts import ConsoleParts
from bot.receive import sharing
from bot.settings import Settings
from conversations.register import seed
from storage import presence, staff
from storage.presence import Colleague
from storage.tables import Counsellor
from tests.support.world import shared_translator

from .conftest import World, intake_lines


def mira(world: World) -> Colleague:
    team = world.change(presence.colleagues)
    return next(one for one in team if one.id == world.mira)


def say(world: World, **form: object) -> int:
    answer = world.client.post("/console/presence", data={name: str(value) for name, value in form.items()},
                               follow_redirects=False)
    return answer.status_code


def test_away_with_a_reason_and_back(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert say(world, state="meeting", most=5) == 303
    assert (mira(world).away, mira(world).most, mira(world).state(world.clock.now())) == ("meeting", 5, "away")
    html = world.page("/console")
    assert "in a meeting, since today" in html and 'value="meeting" selected' in html
    say(world, state="here", most=5)
    assert mira(world).state(world.clock.now()) == "here" and "here, 1 of 5" in world.page("/console")


@pytest.mark.parametrize(("form", "away", "most"), [
    ({"state": "king", "most": 9999}, None, presence.MOST), ({"state": "off", "most": -3}, "off", presence.LEAST),
    ({}, None, presence.USUAL_MOST),
])
def test_what_is_none_of_ours(desk_of_mira: World, form: dict[str, object], away: str | None, most: int) -> None:
    assert say(desk_of_mira, **form) == 303
    assert (mira(desk_of_mira).away, mira(desk_of_mira).most) == (away, most)


def test_a_number_that_is_none_is_refused(desk_of_mira: World) -> None:
    assert say(desk_of_mira, most="many") == 422
    assert mira(desk_of_mira).pinged_at is None


def test_the_next_chat_is_one_tap_away(desk_of_mira: World) -> None:
    """Who works where is looked at: Luan's is for whoever works in psychosocial support."""
    world = desk_of_mira
    say(world, state="here", most=8)
    areas = update(Counsellor).where(Counsellor.id == world.mira).values(areas=[*staff.OPEN_AREAS], languages=["de"])
    world.change(lambda connection: connection.execute(areas))
    now = world.clock.now()
    world.change(lambda connection: sharing.suggest(connection, world.book.hours, now))
    html = world.page("/console")
    assert f'id="next" href="/console/tickets/{world.tickets["dita"]}?tab=waiting"' in html
    assert html.count("suggested to Arben Gashi") == 2, "Luan and Agon: nobody else can, so the coordinator looks"


@pytest.mark.asyncio
async def test_an_open_page_says_that_somebody_is_here(world: World) -> None:
    parts = ConsoleParts(world.store, world.clock, world.live, world.desk, Settings(), intake_lines,
                         lambda: world.book.hours, shared_translator(), seed())
    me = next(one for one in await world.store.read(staff.list_counsellors) if one.id == world.mira)
    stream = Events(parts)._stream(me, {"queue": "queue"})
    assert await anext(stream) == {"event": "changed", "data": "queue"}
    await world.store.write(lambda _: None)  # behind what the page has written
    assert mira(world).state(world.clock.now()) == "here"
    await stream.aclose()
