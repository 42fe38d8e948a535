"""Each purpose is decided alone, every decision is kept, and a no is carried out in the same transaction."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import Retry
from bot.clock import StoppedClock
from bot.receive.personal import TAKEN_BACK
from storage.tables import Contact, Run
from tests.pipeline.test_forget import found
from tests.pipeline.world import NOW, Person, Recorder, World, build_app
from tests.support import database
from tests.support.rows import change

WORDS = "Inhalerkanarina twice a day"
OFFICE = "KRCT, Kosova Rehabilitation Centre for Torture Victims"


async def decides(anna: Person, what: str, answer: str) -> None:
    await anna.says("my data")
    await anna.taps("What I agreed to")
    await anna.taps(what)
    await anna.taps(answer)


def history(world: World, anna: Person) -> list[tuple[str, str | None, bool, str]]:
    rows = world.rows("SELECT purpose, about, given, language FROM consents WHERE contact_id = ? ORDER BY id", anna.id)
    return [(purpose, about, bool(given), language) for purpose, about, given, language in rows]


async def test_every_decision_is_kept_with_its_version_language_and_time(world: World) -> None:
    anna = await world.person().agrees()
    await world.turn(days=1)
    await decides(anna, "Keep my answers", "No, do not keep it")
    assert history(world, anna) == [("keep", None, True, "en"), ("keep", None, False, "en")]
    versions, times = zip(*world.rows("SELECT version, at FROM consents ORDER BY id"), strict=True)
    assert set(versions) == {"2026-11"}
    assert times[1] - times[0] == timedelta(days=1) // timedelta(microseconds=1)


async def test_health_goes_alone_with_the_message_that_it_came_in(world: World) -> None:
    anna = await world.person().begins_intake()
    await anna.says("Annakanarina")
    for table, column in (("runs", "answers"), ("contacts", "known")):
        [[key, row]] = world.rows(f"SELECT id, {column} FROM {table} WHERE {column} LIKE '%Annakanarina%'")
        await world.app.store.write(partial(
            change, table=Run if table == "runs" else Contact, key=key,
            **{column: {**json.loads(row), "health": WORDS}}))
    await anna.says(WORDS)
    await anna.says("my data")
    await anna.taps("See what is kept")
    assert f"Health: {WORDS}" in "\n".join(anna.texts), "a message of ours repeats it"
    assert {"runs.answers", "contacts.known", "messages.text"} <= set(found(world, WORDS))
    await decides(anna, "Health", "No, leave it out")
    assert found(world, WORDS) == []
    assert "messages.text" in found(world, "Annakanarina")


async def test_the_five_answers_go_with_what_came_of_them(world: World) -> None:
    """In whatever language they were given; the check-in's own answer stays, and who was to look still does."""
    anna = await world.person().agrees()
    for label in ("How I feel", "I do not feel well", "Five short questions", "Yes, begin", "Yes, keep them"):
        await anna.taps(label)
    for label in ("Now and then", "Now and then"):
        await anna.taps(label)
    await anna.says("srpski")
    for label in ("Nikada", "Nikada", "Nikada", "Da, smete da pitate"):
        await anna.taps(label)
    welcome = world.one("SELECT id FROM runs WHERE conversation = 'welcome'")
    await world.app.store.write(partial(change, table=Run, key=welcome, answers={"mood": "good"}))
    await anna.says("english")
    await decides(anna, "Health", "No, leave it out")
    for word in ("Now and then", "Nikada"):
        assert world.one("SELECT count(*) FROM messages WHERE author = 'person' AND text = ?", word) == 0
    assert world.one("SELECT count(*) FROM messages WHERE author = 'person' AND text = '…'") == 5
    [answers] = [json.loads(row[0]) for row in world.rows("SELECT answers FROM runs WHERE conversation = 'wellbeing'")]
    assert not {"mood", "calm", "energy", "rest", "interest"} & answers.keys()
    assert anna.answers("welcome") == {"mood": "good"}
    assert world.one("SELECT count(*) FROM reminders WHERE state = 'waiting'") == 0
    assert world.rows("SELECT about FROM tasks WHERE kind = 'wellbeing' AND done_at IS NULL") == [(TAKEN_BACK,)]


async def test_the_office_is_told_and_what_was_not_sent_is_not_sent(world: World) -> None:
    anna = await world.person().agrees()
    for label in ("How I feel", "War and flight", "It comes back at night", "Contact with the office", "Yes, you may"):
        await anna.taps(label)
    assert [row[0] for row in world.rows("SELECT state FROM referrals")] == ["consented"]
    await decides(anna, OFFICE, "No, not any more")
    assert [row[0] for row in world.rows("SELECT state FROM referrals")] == ["withdrawn"]
    [about] = [row[0] for row in world.rows("SELECT about FROM tasks WHERE kind = 'referral' AND done_at IS NULL")]
    assert about.startswith("Send nothing to KRCT")
    assert history(world, anna)[1:] == [("referral", "krct", True, "en"), ("referral", "krct", False, "en")]


async def test_an_office_that_has_the_name_is_told_by_a_counsellor(world: World) -> None:
    anna = await world.person().agrees()
    for label in ("How I feel", "War and flight", "It comes back at night", "Contact with the office", "Yes, you may"):
        await anna.taps(label)
    world.change("UPDATE referrals SET state = 'sent'")
    await decides(anna, OFFICE, "No, not any more")
    [about] = [row[0] for row in world.rows("SELECT about FROM tasks WHERE kind = 'referral' AND done_at IS NULL")]
    assert about.startswith("Tell KRCT")


async def test_a_question_that_waits_in_the_outbox_is_not_sent(world: World) -> None:
    anna = await world.person().agrees()
    world.channel.fails("anna", Retry("slow down", seconds=300))
    await world.remind_at(anna, NOW)
    await world.sweep()
    await world.until(lambda: bool(world.one("SELECT count(*) FROM messages WHERE attempts > 0")), "it was not tried")
    await world.handle(anna.message("my data"))
    await world.turn(seconds=301)
    await decides(anna, "Ask how it is going", "No, do not ask me")
    assert world.one("SELECT count(*) FROM messages WHERE lane = 1 AND state = 'queued'") == 0
    assert world.one("SELECT count(*) FROM reminders WHERE state = 'waiting'") == 0


DOES = st.lists(st.sampled_from(["plan", "check-in", "stop", "menu", "days"]), max_size=6)


@pytest.mark.parametrize("asked_before", [True, False])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DOES)
async def test_after_a_no_nothing_comes_by_itself(world: World, asked_before: bool, doings: list[str]) -> None:
    """Whatever the person does next: no question of ours is written any more."""
    anna = world.person(f"anna-{len(world.people)}")
    await anna.agrees()
    if asked_before:
        await world.remind_at(anna, world.clock.now())
        await world.sweep()
    await decides(anna, "Ask how it is going", "No, do not ask me")
    before = _by_ourselves(world, anna)
    for what in doings:
        await _does(world, anna, what)
    await world.turn(days=400)
    await world.sweep()
    assert _by_ourselves(world, anna) == before


def _by_ourselves(world: World, anna: Person) -> int:
    return int(world.one("SELECT count(*) FROM messages WHERE lane = 1 AND contact_id = ?", anna.id))


async def _does(world: World, anna: Person, what: str) -> None:
    if what == "plan":
        await anna.says("my plan")
        await anna.taps("Add a step")
        await anna.says(f"step {len(anna.heard)}")
        await anna.says("skip")
    elif what == "check-in":
        await world.remind_at(anna, world.clock.now())
        await world.sweep()
    elif what == "days":
        await world.turn(days=20)
        await world.sweep()
    else:
        await anna.says(what)


async def test_who_is_under_age_is_asked_nothing_until_it_was_a_mistake(tmp_path: Path, prepared: str) -> None:
    """No answer is kept on their word alone, no question of ours comes, and a counsellor looks after them."""
    url = database.new(tmp_path, prepared)
    clock, channel = StoppedClock(NOW), Recorder()
    world = World(tmp_path, clock, channel, build_app(tmp_path, clock, channel, database_url=url, minor_age=16))
    await world.app.deliver.start()
    anna = await world.person().agrees()
    await anna.taps("Questions about me")
    await anna.taps("Yes, I am younger")
    assert anna.tasks() == ["minor"]
    assert [(purpose, given) for purpose, _, given, _ in history(world, anna)] == [("keep", True), ("keep", False)]
    await anna.says("Annakanarina")
    await anna.taps("Questions about me")
    assert "What may we call you?" not in "\n".join(anna.texts)
    assert world.one("SELECT known FROM contacts") == "{}" and anna.tasks() == ["minor"]
    assert world.one("SELECT count(*) FROM reminders") == 0
    [[task]] = world.rows("SELECT id FROM tasks WHERE kind = 'minor'")
    await world.staff.of_age(task, 1)
    await world.staff.of_age(task, 1)
    assert world.rows("SELECT action FROM audit WHERE action = 'of_age'") == [("of_age",)]
    await anna.taps("Questions about me")
    assert anna.awaits() == ("intake", "keep") and "May we keep what you tell us" in anna.last.text
    await world.stop()
