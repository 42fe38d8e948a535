"""What the consent promises: what we keep goes so many days after the last contact."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, update

from bot.channels.base import Retry
from bot.commands.retention import shown
from bot.retention import ages
from bot.settings import SettingsError, load
from conversations import CONVERSATIONS, short_lived
from conversations.events import Message, Started
from conversations.model import all_steps
from storage import retention, statistics
from storage.retention import Kind
from storage.tables import Contact, Reminder, Run
from storage.tables import Message as Stored
from tests.pipeline.test_forget import forget, found
from tests.pipeline.world import NOW, World
from tests.support import database
from tests.support.rows import change

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
    [arta] = await world.app.store.read(lambda c: c.scalars(select(Contact.id)).all())
    await world.app.store.write(lambda c: change(c, Contact, arta, known={"name": "Arta"}))
    world.app.clock.turn(timedelta(days=91))
    await world.app.timers.tidy()
    known = await world.app.store.read(lambda c: c.execute(select(Contact.known, Contact.consents)).one())
    assert tuple(known) == ({}, {})


# ---------------------------------------------------------------- kind by kind

async def _tidy(world: World, **turned: float) -> None:
    world.clock.turn(timedelta(**turned))
    await world.app.timers.tidy()


def _for_years(world: World) -> None:
    """The centre's donor wants the case kept: messages and answers about feelings go earlier all the same."""
    world.app.timers.retention.ages = replace(world.app.timers.retention.ages, case=timedelta(days=3650))


async def test_words_go_and_the_case_stays(world: World) -> None:
    _for_years(world)
    anna = await world.person().begins_intake()
    await anna.says("Annakanarina")
    await _tidy(world, days=89)
    assert "messages.text" in found(world, "Annakanarina")
    await _tidy(world, days=2)
    assert set(found(world, "Annakanarina")) == {"runs.answers", "contacts.known"}


async def test_the_words_of_a_talk_stay_until_so_long_after_its_end(world: World) -> None:
    _for_years(world)
    anna = await world.person().agrees()
    await anna.says("/human")
    await anna.says("Annakanarina")
    await _tidy(world, days=200)
    assert "messages.text" in found(world, "Annakanarina"), "the talk is open"
    await world.staff.claim(anna.ticket(), 1)
    await world.staff.close(anna.ticket(), 1, "advised")
    await world.settle()
    await _tidy(world, days=89)
    assert "messages.text" in found(world, "Annakanarina"), "it ended less than 90 days ago"
    await _tidy(world, days=2)
    assert found(world, "Annakanarina") == []


@pytest.mark.postgresql_only
@pytest.mark.parametrize("kind", ["messages", "wellbeing", "cases"])
async def test_whom_another_process_has_right_now_waits(world: World, kind: Kind) -> None:
    anna = await world.person().begins_intake()
    await anna.says("Arta")
    await world.app.store.write(lambda c: c.execute(update(Run).values(feels=True)))
    later = NOW + timedelta(days=1000)
    await world.app.store.write(lambda c: c.execute(update(Reminder).values(state="cancelled")))
    clear = partial(retention.clear, kind=kind, ages=ages(world.app.settings), now=later)
    with database.in_the_middle_of(world.url, f"UPDATE contacts SET language = 'de' WHERE id = {anna.id}"):
        assert await world.app.store.write(clear) == 0
    assert await world.app.store.write(clear) > 0


async def test_what_waits_to_be_sent_is_not_deleted(world: World) -> None:
    _for_years(world)
    await world.person().agrees()
    world.change("UPDATE messages SET state = 'queued', due_at = 0 WHERE author = 'bot'")
    waiting = world.one("SELECT count(*) FROM messages WHERE state = 'queued'")
    await world.app.timers.retention.run()
    await _tidy(world, days=100)
    assert world.one("SELECT count(*) FROM messages WHERE author = 'bot'") == waiting > 0


async def test_answers_about_feelings_and_health_go_and_the_others_stay(world: World) -> None:
    _for_years(world)
    anna = await world.person().begins_intake()
    await anna.says("Annakanarina")
    for table, column in (("runs", "answers"), ("contacts", "known")):
        [[key, row]] = world.rows(f"SELECT id, {column} FROM {table} WHERE {column} LIKE '%Annakanarina%'")
        told = {**json.loads(row), "health": "Healthkanarina", "mood": "bad"}
        kind = Run if table == "runs" else Contact
        await world.app.store.write(partial(change, table=kind, key=key, **{column: told}))
        world.change(f"UPDATE {table} SET feels = TRUE")
    await _tidy(world, days=179)
    assert set(found(world, "Healthkanarina")) == {"runs.answers", "contacts.known"}
    await _tidy(world, days=2)
    assert found(world, "Healthkanarina") == [] and found(world, '"mood":') == []
    assert set(found(world, "Annakanarina")) == {"runs.answers", "contacts.known"}


async def test_a_word_that_reads_like_a_question_is_no_answer_to_it(world: World) -> None:
    """What can never be cleared away must not be looked at for ever."""
    _for_years(world)
    anna = await world.person().begins_intake()
    await anna.says('mood "mood": health')
    await _tidy(world, days=400)
    assert anna.answers("intake")["name"] == 'mood "mood": health'


async def test_nothing_leads_to_a_person_who_is_gone_and_the_counts_stay(world: World) -> None:
    anna = await world.person().agrees()
    await anna.says("/human")
    await anna.says("leave")
    await forget(anna)
    contact = anna.id
    await _tidy(world, minutes=59)
    assert world.one("SELECT count(*) FROM addresses") == 1, "the goodbye may still be on its way"
    await _tidy(world, minutes=2)
    for table, column in (("contacts", "id"), ("addresses", "contact_id"), ("messages", "contact_id")):
        assert world.one(f"SELECT count(*) FROM {table} WHERE {column} = ?", contact) == 0, table
    assert found(world, "anna") == []
    cells = await world.app.store.read(statistics.cells)
    assert [(one.month, one.what, one.area, one.shown) for one in cells] == [
        ("2026-11", "person", "", "<5"), ("2026-11", "talk", "general", "<5")]


async def test_somebody_who_came_back_stays(world: World) -> None:
    anna = await world.person().agrees()
    await forget(anna)
    await anna.says("hello")
    await _tidy(world, hours=3)
    assert world.one("SELECT count(*) FROM addresses WHERE address = 'anna'") == 1
    await anna.taps("English")
    assert "May we keep" in anna.last.text


async def test_a_goodbye_that_could_not_be_sent_yet_keeps_the_address(world: World) -> None:
    anna = await world.person().agrees()
    await anna.says("my data")
    await anna.taps("Delete everything")
    world.channel.fails("anna", Retry("slow down", seconds=7300))
    await world.handle(anna.tap("Yes, delete it"))
    await world.until(lambda: bool(world.one("SELECT count(*) FROM messages WHERE attempts > 0")), "it was not tried")
    await _tidy(world, hours=2)
    assert world.one("SELECT count(*) FROM addresses") == 1
    await world.turn(minutes=3)
    await _tidy(world, minutes=1)
    assert world.one("SELECT count(*) FROM addresses") == 0
    assert anna.texts[-1].startswith("Your data is deleted.")


async def test_every_run_that_did_something_leaves_counts(world: World) -> None:
    for name in ("anna", "ben", "cem"):
        await world.person(name).agrees()
    await world.app.timers.tidy()
    await _tidy(world, days=91)
    await _tidy(world, hours=1, seconds=1)
    await _tidy(world, hours=1)
    reports = await world.app.store.read(retention.reports)
    did = [(counts["cases"], counts["people"], counts["messages"] > 0) for _, counts in reports]
    assert did == [(0, 3, False), (3, 0, True), (0, 0, False)], "the newest first"


async def test_a_look_says_what_would_go_and_changes_nothing(world: World) -> None:
    await world.person().agrees()
    world.clock.turn(timedelta(days=91))
    before = world.one("SELECT count(*) FROM messages")
    look = partial(shown, settings=world.app.settings, now=world.clock.now())
    lines = await world.app.store.read(lambda connection: list(look(connection)))
    assert lines[0].startswith(f"{before} messages: older than 90 days")
    assert lines[2].startswith("1 people: without contact for 90 days") and "23 November 2026" in lines[2]
    assert not any("anna" in line for line in lines)
    assert world.one("SELECT count(*) FROM messages") == before
    gone = await world.app.timers.retention.run()
    assert (gone["messages"], gone["cases"]) == (before, 1)


async def test_more_than_a_portion(world: World) -> None:
    _for_years(world)
    anna = await world.person().agrees()
    for _ in range(retention.PORTION // 2 + 5):
        await anna.does(anna.message("menu"), anna.message("menu"))
    await _tidy(world, days=91)
    assert world.one("SELECT count(*) FROM messages") == 0


def test_small_numbers_are_not_told() -> None:
    assert [statistics.shown(number) for number in (1, 4, 5, 120)] == ["<5", "<5", "5", "120"]


def test_the_questions_that_count_as_wellbeing_exist() -> None:
    steps = {step.id: step for one in CONVERSATIONS.values() for step in all_steps(one)}
    assert steps.keys() >= short_lived.QUESTIONS and CONVERSATIONS.keys() >= short_lived.TALKS
    assert {"health", "mood"} <= short_lived.QUESTIONS


def test_the_old_name_of_the_setting_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETURNEE_BOT_RETENTION_DAYS", "700")
    with pytest.raises(SettingsError, match="RETURNEE_BOT_RETENTION_DAYS: is called RETURNEE_BOT_RETENTION_CASE_DAYS"):
        load()
