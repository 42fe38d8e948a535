"""A referral, from the question in the chat to what came of it; and what happens when it cannot be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.receive.passing_on import Proposal
from storage import referrals, staff
from storage.desk import DeskError
from tests.pipeline.world import NOW, Person, World

WHAT = Proposal("krct", "Wishes to talk with a psychologist")


async def mira(world: World) -> int:
    return await world.app.store.write(
        lambda connection: staff.add_counsellor(connection, "mira", "Mira", "counsellor", "kept in a blue folder", NOW))


async def agreed(world: World, anna: Person, by: int, key: str = "k1") -> int:
    """Proposed and agreed to; the id of the referral."""
    await world.staff.propose_referral(anna.id, by, WHAT, key)
    await world.settle()
    await anna.taps("Yes, you may")
    return int(world.one("SELECT max(id) FROM referrals"))


def state(world: World) -> list[str]:
    return [row[0] for row in world.rows("SELECT state FROM referrals ORDER BY id")]


async def test_the_form_sent_twice_asks_once(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    for _ in range(2):
        await world.staff.propose_referral(anna.id, by, WHAT, "k1")
    await world.settle()
    assert sum("Wishes to talk with a psychologist" in text for text in anna.texts) == 1
    assert world.one("SELECT by_id FROM referrals") == by


async def test_what_was_shown_is_kept_although_more_is_known_later(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    key = await agreed(world, anna, by)
    before = await world.app.store.read(partial(referrals.to_print, contact_id=anna.id, referral_id=key))
    await anna.begins("intake")
    await anna.says("Anna Zonkel")
    after = await world.app.store.read(partial(referrals.to_print, contact_id=anna.id, referral_id=key))
    assert after.sends == before.sends and "Zonkel" not in str(after.sends)


async def test_nothing_is_sent_of_what_nobody_agreed_to(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    await world.staff.propose_referral(anna.id, by, WHAT, "k1")
    await world.settle()
    key = int(world.one("SELECT id FROM referrals"))
    with pytest.raises(DeskError):
        await world.staff.move_referral(anna.id, key, "proposed", "sent", "", by)
    assert state(world) == ["proposed"] and "has gone to" not in anna.last.text


async def test_a_no_is_kept_and_a_counsellor_asks_again_only_on_wish(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    await world.staff.propose_referral(anna.id, by, WHAT, "k1")
    await world.settle()
    await anna.taps("No, do not send it")
    with pytest.raises(DeskError, match="said no"):
        await world.staff.propose_referral(anna.id, by, WHAT, "k2")
    await world.staff.propose_referral(anna.id, by, Proposal("krct", "x", wanted=True), "k3")
    assert state(world) == ["declined", "proposed"]


async def test_a_partner_that_is_not_ours_any_more(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    with pytest.raises(DeskError, match="still work with"):
        await world.staff.propose_referral(anna.id, by, Proposal("nobody", "x"), "k1")


async def test_who_cannot_be_told_is_told_by_a_counsellor(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    key = await agreed(world, anna, by)
    await anna.does(anna.stop())
    heard = len(anna.heard)
    await world.staff.move_referral(anna.id, key, "consented", "sent", "", by)
    await world.settle()
    assert len(anna.heard) == heard and state(world) == ["sent"]
    told = [row[0] for row in world.rows("SELECT about FROM tasks WHERE done_at IS NULL ORDER BY id")]
    assert any(one.startswith("Tell them how it stands with KRCT") for one in told)
    with pytest.raises(DeskError, match="cannot be reached"):
        await world.staff.propose_referral(anna.id, by, Proposal("labyrinth", "x"), "k9")


async def test_who_has_said_stop_is_not_asked(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    await anna.says("stop")
    with pytest.raises(DeskError, match="write no more"):
        await world.staff.propose_referral(anna.id, by, WHAT, "k1")


async def test_at_an_hour_that_is_not_safe_nothing_is_asked(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    world.change("UPDATE contacts SET discreet = ?", await _locked(world, anna))
    await world.turn(hours=9)
    with pytest.raises(DeskError, match="asked us to write only from 9:00"):
        await world.staff.propose_referral(anna.id, by, WHAT, "k1")


async def _locked(world: World, anna: Person) -> str:
    from storage.sealed import keys
    from storage.tables import Contact

    mode = {"silent": False, "hours": [9, 12]}
    row = await world.app.store.write(
        lambda connection: keys.sealed(connection, Contact, {"id": anna.id, "discreet": mode}))
    return str(row["discreet"])


async def test_the_counsellor_is_reminded_until_the_partner_has_said_what_came_of_it(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    key = await agreed(world, anna, by)
    await world.staff.move_referral(anna.id, key, "consented", "sent", "", by)
    await world.turn(days=5)
    await world.staff.move_referral(anna.id, key, "sent", "accepted", "", by)
    due = "SELECT due_at FROM tasks WHERE key LIKE 'ask:%' AND done_at IS NULL"
    assert world.one(due) - world.one("SELECT changed_at FROM referrals") == timedelta(days=14) // timedelta(
        microseconds=1)
    await world.staff.move_referral(anna.id, key, "accepted", "done", "", by)
    assert world.rows(due) == []


async def test_a_talk_about_something_else_goes_on_afterwards(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    await anna.begins("intake")
    asked = anna.awaits()
    await agreed(world, anna, by)
    assert anna.awaits() == asked


async def test_the_second_question_takes_the_place_of_one_that_waits(world: World) -> None:
    anna, by = await world.person().agrees(), await mira(world)
    await world.staff.propose_referral(anna.id, by, WHAT, "k1")
    await world.staff.propose_referral(anna.id, by, Proposal("krct", "Something else now"), "k2")
    await world.settle()
    assert world.one("SELECT count(*) FROM referrals") == 1
    assert "Something else now" in anna.last.text
    await anna.taps("Yes, you may")
    assert state(world) == ["consented"]


async def test_a_talk_from_before_a_deploy_agrees_to_no_more_than_it_showed(world: World) -> None:
    """Who was asked with the old words has agreed to their name and their question."""
    anna = await world.person().agrees()
    for label in ("How I feel", "War and flight", "It comes back at night", "Contact with the office"):
        await anna.taps(label)
    world.change("DELETE FROM referrals")
    await anna.taps("Yes, you may")
    assert state(world) == ["consented"]
    key = int(world.one("SELECT id FROM referrals"))
    sends = (await world.app.store.read(
        partial(referrals.to_print, contact_id=anna.id, referral_id=key))).sends
    assert {name for name, value in sends.items() if value} == {"topic"}


async def test_nobody_is_passed_on_to_a_partner_that_the_centre_does_not_work_with(world: World) -> None:
    anna, knowledge = await world.person().agrees(), world.app.receive.turns.knowledge
    gone = {slug: replace(one, removed=NOW.date()) for slug, one in knowledge.register.partners.items()}
    knowledge.register = replace(knowledge.register, partners=gone)
    for label in ("How I feel", "War and flight", "It comes back at night"):
        await anna.taps(label)
    assert "Contact with the office" not in [one.label for one in anna.last.buttons]
    with pytest.raises(DeskError, match="still work with"):
        await world.staff.propose_referral(anna.id, await mira(world), WHAT, "k1")
