"""Whose Telegram account is whose: by a code from the console, once."""

from __future__ import annotations

from sqlalchemy import select

from storage import passes, staff
from storage.tables import Contact
from tests.group.team import Team


async def who(team: Team, number: int) -> str | None:
    found = await team.town.app.store.read(lambda connection: staff.by_telegram(connection, number))
    return found.name if found else None


async def test_a_code_links_an_account_and_makes_nobody_a_client(team: Team) -> None:
    assert (await who(team, 31), await who(team, 32), await who(team, 99)) == ("Mimoza", "Driton", None)
    assert await team.town.app.store.read(lambda c: c.scalars(select(Contact.id)).all()) == []
    told = team.town.fake.person(31).messages[-1].text
    assert "Mimoza" in told


async def test_a_code_works_once_and_not_for_long(team: Team) -> None:
    store, clock = team.town.app.store, team.town.clock
    code = await store.write(lambda c: passes.give_telegram_code(c, team.counsellor, clock.now()))
    await team.link(team.stranger, team.counsellor)
    team.driton.writes_alone(f"/link {code}")
    await team.town.settle()
    assert (await who(team, 99), await who(team, 31), await who(team, 32)) == ("Mimoza", None, "Driton")
    late = await store.write(lambda c: passes.give_telegram_code(c, team.counsellor, clock.now()))
    clock.turn(passes.LASTS["telegram"])
    team.mimoza.writes_alone(f"/link {late}")
    await team.town.settle()
    await team.town.fake.person(31).waits_for(lambda messages: "not good" in messages[-1].text)
    assert await who(team, 31) is None


async def test_who_leaves_the_team_answers_no_more(team: Team) -> None:
    now = team.town.clock.now()
    await team.town.app.store.write(lambda c: staff.remove_counsellor(c, team.counsellor, now))
    assert await who(team, 31) is None
