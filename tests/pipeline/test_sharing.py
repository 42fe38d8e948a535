"""Who is here, to whom the next chat is suggested, and what becomes of chats whose counsellor is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage import offers, presence, staff
from storage.presence import Colleague, Reason
from storage.tickets import TicketState
from tests.pipeline.test_ticket import COUNSELLOR, with_ticket
from tests.pipeline.world import NOW, Person, World

PASSWORD = "kept in a blue folder"
LANGUAGES = ("sq", "en")


def colleague(key: int, **more: object) -> Colleague:
    values = {"name": f"C{key}", "role": "counsellor", "areas": staff.AREAS, "languages": LANGUAGES, "pinged_at": NOW,
              "away": None, "away_since": None, "most": 8, "chats": 0, **more}
    return Colleague(key, **values)


def waits(*turned: int, area: str = "migration", language: str = "sq") -> offers.Waiting:
    return offers.Waiting(TicketState(1, 1, area, False, "waiting", None, 0), language, None, None, turned)


@pytest.mark.parametrize(("team", "who"), [
    ([colleague(1, chats=3), colleague(2, chats=1)], 2),
    ([colleague(1, chats=3, most=12), colleague(2, chats=3, most=4)], 1),
    ([colleague(1, areas=("employment",)), colleague(2, chats=5)], 2),
    ([colleague(1, languages=("de",)), colleague(2, chats=5)], 2),
    ([colleague(1, languages=()), colleague(2, chats=5)], 1),
    ([colleague(1, away="break"), colleague(2, chats=5)], 2),
    ([colleague(1, pinged_at=NOW - timedelta(minutes=4)), colleague(2, chats=5)], 2),
    ([colleague(1, pinged_at=None), colleague(2, chats=5)], 2),
    ([colleague(1, chats=8), colleague(2, chats=5)], 2),
    ([colleague(1, chats=8), colleague(2, chats=8)], None),
    ([colleague(1, away="off"), colleague(9, role="coordinator", pinged_at=None)], 9),
    ([colleague(9, role="coordinator", chats=20, areas=()), colleague(8, role="coordinator", pinged_at=None)], 9),
])
def test_the_next_one(team: list[Colleague], who: int | None) -> None:
    """The fewest chats for the room, of those who are here, work in it and speak the language; else a coordinator."""
    found = offers.next_for(waits(), team, NOW)
    assert (found and found.id) == who


def test_who_did_not_take_it_is_not_asked_again() -> None:
    team = [colleague(1), colleague(2, chats=1), colleague(9, role="coordinator", chats=2)]
    asked = []
    for _ in range(4):
        to = offers.next_for(waits(*asked), team, NOW)
        assert to is not None
        asked.append(to.id)
    assert asked == [1, 2, 9, 9]


async def hired(world: World, *names: str) -> list[int]:
    now = world.clock.now()
    return await world.app.store.write(lambda connection: [
        staff.add_counsellor(connection, one, one, "counsellor", PASSWORD, now, staff.AREAS) for one in names])


async def here(world: World, *ids: int, away: Reason | None = None) -> None:
    now = world.clock.now()
    for one in ids:
        await world.app.store.write(lambda connection, one=one: presence.say(connection, one, away, 8, now))


async def looked(world: World, **by: float) -> tuple[object, ...]:
    """After so long: to whom the chat is suggested, and who has it. Who was here still is."""
    span = timedelta(**by)
    world.clock.turn(span)
    await world.app.store.write(lambda connection: presence.move(connection, span))
    await world.app.timers.rounds.run()
    return tuple(world.rows("SELECT offered_to, state, counsellor_id FROM tickets")[0])


async def test_an_offer_goes_on_to_the_next_and_then_to_the_coordinator(world: World) -> None:
    await with_ticket(world)
    mira, jeta = await hired(world, "mira", "jeta")
    await here(world, mira, jeta)
    assert await looked(world) == (mira, "waiting", None)
    assert await looked(world, minutes=4) == (mira, "waiting", None)
    assert await looked(world, minutes=2) == (jeta, "waiting", None)
    assert await looked(world, minutes=6) == (COUNSELLOR, "waiting", None), "the first account is the coordinator's"
    assert await looked(world, minutes=6) == (COUNSELLOR, "waiting", None)


async def test_anybody_may_take_what_is_suggested_to_another(world: World) -> None:
    anna = await with_ticket(world)
    mira, jeta = await hired(world, "mira", "jeta")
    await here(world, mira, jeta)
    await looked(world)
    assert await world.staff.claim(anna.ticket(), jeta) is None
    assert await looked(world, minutes=10) == (None, "assigned", jeta)


async def test_two_chats_go_to_two_people(world: World) -> None:
    for name in ("anna", "ben"):
        await (await world.person(name).begins_intake()).taps("Talk to a counsellor")
    mira, jeta = await hired(world, "mira", "jeta")
    await here(world, mira, jeta)
    await world.app.timers.rounds.run()
    assert {row[0] for row in world.rows("SELECT offered_to FROM tickets")} == {mira, jeta}


async def busy(world: World) -> tuple[Person, int]:
    """A chat in which a person waits for Mira."""
    anna = await with_ticket(world)
    [mira] = await hired(world, "mira")
    await here(world, mira)
    await world.staff.claim(anna.ticket(), mira)
    await anna.says("Are you there?")
    return anna, mira


async def test_who_is_off_gives_back_at_once_and_says_why(world: World) -> None:
    _, mira = await busy(world)
    await here(world, mira, away="off")
    assert (await looked(world))[1:] == ("waiting", None)
    [(reason,)] = world.rows("SELECT reason FROM ticket_moves WHERE kind = 'back'")
    assert reason == "mira is off"


@pytest.mark.parametrize("away", ["meeting", None])
async def test_who_is_away_or_lost_keeps_it_for_an_hour(world: World, away: Reason | None) -> None:
    _, mira = await busy(world)
    await here(world, mira, away=away)
    world.clock.turn(timedelta(minutes=55))
    await world.app.timers.rounds.run()
    assert world.one("SELECT counsellor_id FROM tickets") == mira
    world.clock.turn(timedelta(minutes=6))
    await world.app.timers.rounds.run()
    assert world.one("SELECT counsellor_id FROM tickets") is None


async def test_an_urgent_chat_does_not_wait_an_hour(world: World) -> None:
    anna, _ = await busy(world)
    await anna.says("I want to kill myself")
    world.clock.turn(timedelta(minutes=11))
    await world.app.timers.rounds.run()
    assert world.rows("SELECT state, urgent FROM tickets") == [("waiting", 1)]


async def test_who_has_answered_everything_keeps_their_chats(world: World) -> None:
    anna, mira = await busy(world)
    await world.staff.reply(anna.ticket(), mira, "Yes", "k1")
    await here(world, mira, away="off")
    assert (await looked(world, hours=3))[1:] == ("assigned", mira)


async def test_a_page_that_is_open_is_being_here(world: World) -> None:
    [mira] = await hired(world, "mira")
    now = world.clock.now()
    await world.app.store.write(lambda connection: presence.ping(connection, mira, now))

    async def state(after: timedelta) -> str:
        team = await world.app.store.read(presence.colleagues)
        return next(one for one in team if one.id == mira).state(now + after)

    assert await state(presence.LOST_AFTER) == "here"
    assert await state(presence.LOST_AFTER + timedelta(seconds=1)) == "lost"
