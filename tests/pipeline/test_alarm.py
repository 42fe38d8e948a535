"""After a sign of danger: what the person reads, who must look by when, and what is never said. The clock is turned."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import routing
from bot.channels.base import OutgoingMessage
from bot.hours import OfficeHours
from bot.receive import texts
from conversations.safety import Danger
from tests.pipeline.world import Person, World, moment

COUNSELLOR = 1
HERE = ZoneInfo("Europe/Belgrade")
OFFICE = "Mon-Fri 09:00-16:00"
FOUND = {
    "wish": Danger("T1", "suicide.wish", ""), "hits": Danger("T1", "violence.now", ""),
    "child": Danger("T1", "child.danger", ""), "bleeds": Danger("T1", "emergency.body", ""),
    "thoughts": Danger("T2", "suicide.thoughts", ""), "threat": Danger("T2", "threats", ""),
    "papers": Danger("T2", "trafficking", ""), "heavy": Danger("T3", "distress.mood", ""),
}
"""A gate of our own: what is found is not tried here, but what follows."""


@pytest.fixture(autouse=True)
def gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "check", lambda text: next((FOUND[one] for one in FOUND if one in text), None))


def open_at(world: World, hours: str = OFFICE, **facts: bool) -> None:
    """The centre has told its hours."""
    turns = world.app.receive.turns
    knowledge = replace(turns.knowledge, **facts)
    world.app.receive.turns = replace(turns, hours=OfficeHours.parse(hours, HERE), knowledge=knowledge)


def at(world: World, when: str) -> None:
    """The clock in Kosovo says this."""
    world.clock.at = datetime.fromisoformat(when).replace(tzinfo=HERE).astimezone(UTC)
    world.clock.ahead = timedelta(0)


async def in_intake(world: World, when: str = "2026-11-23 10:00", hours: str = OFFICE) -> Person:
    at(world, when)
    open_at(world, hours)
    return await world.person().begins_intake()


def text_of(heard: list[OutgoingMessage]) -> str:
    return "\n".join(one.text for one in heard)


def leads_to_the_menu(message: OutgoingMessage) -> bool:
    return any(one.data in ("!menu",) or one.data.endswith(":menu") for one in message.buttons) or (
        "What would you like to do?" in message.text)


def care_due(world: World, person: Person) -> list[str]:
    rows = world.rows("SELECT due_at FROM tasks WHERE contact_id = ? AND kind = 'care' AND done_at IS NULL", person.id)
    return [f"{moment(due).astimezone(HERE):%Y-%m-%d %H:%M}" for (due,) in rows]


def ticket(world: World, person: Person) -> tuple[bool, str, str]:
    [[urgent, state, reason]] = world.rows(
        "SELECT urgent, state, reason FROM tickets WHERE contact_id = ? ORDER BY id DESC LIMIT 1", person.id)
    return bool(urgent), state, reason


# ------------------------------------------------------------------ T1


@pytest.mark.parametrize(("words", "card"), [
    ("wish", texts.CARD), ("hits", texts.CARD_WATCHED), ("child", texts.CARD_CHILD), ("bleeds", texts.CARD_EMERGENCY),
])
async def test_at_once_a_card_an_urgent_ticket_and_no_menu(world: World, words: str, card: str) -> None:
    anna = await in_intake(world)
    heard = await anna.says(words)
    assert heard[0].text == card and "112" in card
    assert not any(leads_to_the_menu(one) for one in heard)
    assert ticket(world, anna) == (True, "waiting", f"Sign of danger ({FOUND[words].rule})")
    assert care_due(world, anna) == []
    assert anna.answers("intake") == {}


@pytest.mark.parametrize(("when", "there"), [
    ("2026-11-23 17:59", False), ("2026-11-23 18:00", True), ("2026-11-22 21:59", True), ("2026-11-22 22:00", False),
    ("2027-02-17 19:00", True),  # a holiday
])
async def test_a_line_is_named_only_while_it_is_open(world: World, when: str, there: bool) -> None:
    anna = await in_intake(world, when)
    heard = text_of(await anna.says("wish"))
    assert ("0800 12345. It is open now, until 22:00." in heard) == there
    assert "0800 12345" not in heard or there
    assert "call 112" in heard


async def test_a_line_whose_hours_nobody_knows_is_named_as_that(world: World) -> None:
    anna = await in_intake(world)
    heard = text_of(await anna.says("hits"))
    assert "0800 11112. We do not know its hours. If nobody answers, call 112." in heard
    assert "Our team has not confirmed it yet." in heard


async def test_an_expired_number_is_never_shown_and_112_always_is(world: World) -> None:
    anna = await in_intake(world, "2027-02-21 19:00")
    assert "0800 12345" in text_of(await anna.says("wish"))
    ben = world.person("ben")
    at(world, "2027-02-22 19:00")
    await ben.begins_intake()
    heard = text_of(await ben.says("wish"))
    assert "0800" not in heard and "112" in heard


async def test_where_only_verified_facts_are_told_no_unverified_number_is(world: World) -> None:
    anna = await in_intake(world)
    open_at(world, show_unverified=False)
    heard = text_of(await anna.says("hits"))
    assert "0800" not in heard and "112" in heard


async def test_it_says_plainly_that_nobody_reads(world: World) -> None:
    anna = await in_intake(world, "2026-11-27 20:00")
    heard = text_of(await anna.says("wish"))
    assert "Nobody is reading here now. A person reads it on Monday, 30 November 2026, from 09:00." in heard


async def test_everybody_is_alerted_and_the_alert_holds_no_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await in_intake(world)
    woken: list[str] = []
    monkeypatch.setattr(world.app.live, "wake", woken.append)
    await anna.says("thoughts Zylfijekanarina")
    assert "alarm" not in woken and "queue" in woken
    await anna.says("wish Zylfijekanarina")
    assert "alarm" in woken and "queue" in woken
    assert not [one for one in woken if "Zylfije" in one or "suicide" in one or "wish" in one]


@pytest.mark.parametrize("words", ["wish", "thoughts", "heavy", "fails"])
async def test_no_log_holds_what_was_written(
    world: World, words: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if words == "fails":
        monkeypatch.setattr(routing, "check", broken)
    anna = await in_intake(world)
    await anna.says(f"{words} Zylfijekanarina")
    told = capfd.readouterr()
    assert "Zylfijekanarina" not in told.out + told.err
    assert ("the safety gate failed" in told.out + told.err) == (words == "fails")


def broken(text: str) -> Danger | None:
    raise RuntimeError(text)


# ------------------------------------------------------------------ where it comes


async def test_after_stop_the_gate_still_answers(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("stop")
    heard = await anna.says("wish")
    assert heard[0].text == texts.CARD
    assert ticket(world, anna)[0]


async def test_words_under_a_photo(world: World) -> None:
    anna = await in_intake(world)
    heard = await anna.does(anna.photo("hits"))
    assert heard[0].text == texts.CARD_WATCHED
    assert anna.tasks() == [], "nobody is asked to look at a photo; the chat is urgent"


@pytest.mark.parametrize("how", ["words", "under a photo"])
async def test_edited_words_are_looked_at_and_answer_nothing(world: World, how: str) -> None:
    anna = await in_intake(world)
    edited = replace(anna.message("Agon"), edited=True) if how == "words" else replace(anna.photo("Agon"), edited=True)
    assert await anna.does(edited) == []
    assert anna.answers("intake") == {} and anna.awaits() == ("intake", "name")
    danger = replace(anna.message("wish"), edited=True) if how == "words" else replace(anna.photo("wish"), edited=True)
    assert (await anna.does(danger))[0].text == texts.CARD


async def test_in_a_talk_it_becomes_urgent(world: World) -> None:
    anna = await in_intake(world)
    await anna.taps("Talk to a counsellor")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    heard = await anna.says("wish")
    assert heard[0].text == texts.CARD
    assert ticket(world, anna) == (True, "assigned", "Sign of danger (suicide.wish); Asked for a person")


async def test_where_the_gate_fails_a_person_looks_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "check", broken)
    anna = await in_intake(world)
    heard = await anna.says("Where is the employment office?")
    assert heard[0].text == texts.CARD_UNREAD
    assert ticket(world, anna) == (True, "waiting", "The safety gate failed: please read what was written")
    assert world.one("SELECT count(*) FROM messages WHERE text = ?", "Where is the employment office?") == 1


async def test_the_button_always_answers(world: World) -> None:
    anna = await in_intake(world)
    assert (await anna.taps("I need help now"))[0].text == texts.CARD_FOR_A_TAP
    for _ in range(4):
        assert (await anna.taps("I need help now"))[0].text == texts.CARD_AGAIN


async def test_words_after_the_button_get_the_card_with_the_line(world: World) -> None:
    anna = await in_intake(world, "2026-11-23 19:00")
    await anna.taps("I need help now")
    assert "0800 12345" in text_of(await anna.says("wish"))


# ------------------------------------------------------------------ T2


@pytest.mark.parametrize(("when", "due", "told"), [
    ("2026-11-23 10:00", "2026-11-23 16:00", "A person from our team reads this today, until 16:00"),
    ("2026-11-23 15:00", "2026-11-23 16:00", "A person from our team reads this today, until 16:00"),
    ("2026-11-23 15:30", "2026-11-24 09:00",
     "Somebody reads here today until 16:00. At the latest, a person writes to you on Tuesday, 24 November 2026"),
    ("2026-11-23 07:00", "2026-11-23 09:00", "Nobody is reading here now. A person reads this and writes to you on "
     "Monday, 23 November 2026, from 09:00."),
    ("2026-11-28 12:00", "2026-11-30 09:00", "on Monday, 30 November 2026, from 09:00."),
    ("2027-02-16 18:00", "2027-02-18 09:00", "on Thursday, 18 February 2027, from 09:00."),  # the 17th is a holiday
])
async def test_a_person_the_same_day(world: World, when: str, due: str, told: str) -> None:
    anna = await in_intake(world, when)
    heard = await anna.says("threat")
    assert heard[0].text == texts.TODAY_WATCHED
    assert told in text_of(heard)
    assert care_due(world, anna) == [due]
    assert ticket(world, anna) == (False, "waiting", "Needs somebody today (threats)")
    assert not any(leads_to_the_menu(one) for one in heard)


async def test_without_known_hours_nothing_is_promised_and_the_team_is_asked_all_the_same(world: World) -> None:
    anna = await in_intake(world, hours="")
    heard = text_of(await anna.says("thoughts"))
    assert texts.TODAY_UNKNOWN in heard and "16:00" not in heard
    assert care_due(world, anna) == ["2026-11-23 16:00"]


async def test_the_line_comes_with_its_hours(world: World) -> None:
    anna = await in_intake(world)
    assert "0800 12345. Open every day 18:00–22:00." in text_of(await anna.says("thoughts"))


async def test_while_a_counsellor_is_here_the_bot_only_tells_them(world: World) -> None:
    anna = await in_intake(world)
    await anna.taps("Talk to a counsellor")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    assert await anna.says("thoughts") == []
    assert ticket(world, anna) == (False, "assigned", "Needs somebody today (suicide.thoughts); Asked for a person")
    assert care_due(world, anna) == ["2026-11-23 16:00"]
    at(world, "2026-11-23 20:00")
    heard = await anna.says("thoughts")
    assert heard[0].text == texts.TODAY, "the office is closed: nobody is here"


async def test_closing_the_talk_ends_the_task(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("thoughts")
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    assert care_due(world, anna) == []


async def test_leaving_does_not_end_the_task(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("thoughts")
    heard = await anna.says("leave")
    assert [one.text for one in heard] == [texts.LEFT_URGENT]
    assert care_due(world, anna) == ["2026-11-23 16:00"]


# ------------------------------------------------------------------ again and again


async def test_a_repeat_is_not_the_card_again(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("wish")
    assert [one.text for one in await anna.says("wish")] == [texts.LISTENING[0]]
    assert [one.text for one in await anna.says("wish")] == [texts.LISTENING[1]]
    assert await anna.says("wish") == []
    assert world.one("SELECT unread FROM tickets") == 4, "every one reaches the team"
    await world.turn(hours=1)
    assert [one.text for one in await anna.says("wish")] == [texts.LISTENING[1]]
    assert await anna.says("wish") == []
    assert ticket(world, anna)[2] == "Sign of danger (suicide.wish)"


async def test_after_twelve_hours_the_card_comes_again(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("wish")
    await world.turn(hours=11, minutes=59)
    assert (await anna.says("wish"))[0].text == texts.LISTENING[0]
    await world.turn(minutes=1)
    assert (await anna.says("wish"))[0].text == texts.CARD
    assert (await anna.says("wish"))[0].text == texts.LISTENING[0]


async def test_when_it_gets_graver_the_card_comes(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("thoughts")
    heard = await anna.says("wish")
    assert heard[0].text == texts.CARD
    reason = "Sign of danger (suicide.wish); Needs somebody today (suicide.thoughts)"
    assert ticket(world, anna) == (True, "waiting", reason)
    assert [one.text for one in await anna.says("thoughts")] == [texts.LISTENING[0]]


async def test_another_danger_gets_its_own_card_and_its_own_line(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("wish")
    heard = await anna.says("hits")
    assert heard[0].text == texts.CARD_WATCHED and "0800 11112" in text_of(heard)
    assert (await anna.says("hits"))[0].text == texts.LISTENING[0]
    assert (await anna.says("wish"))[0].text == texts.LISTENING[1]
    assert ticket(world, anna)[2] == "Sign of danger (violence.now); Sign of danger (suicide.wish)"


async def test_of_two_signs_that_are_not_now_only_the_new_line_is_named(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("thoughts")
    heard = await anna.says("papers")
    assert heard[0].text == texts.LISTENING[0]
    assert "0800 11112" in text_of(heard)


# ------------------------------------------------------------------ T3


@pytest.mark.parametrize(("when", "due"), [
    ("2026-11-23 10:00", "2026-11-24 10:00"), ("2026-11-27 15:30", "2026-11-30 15:30"),
    ("2026-11-27 17:00", "2026-11-30 16:00"), ("2026-11-28 12:00", "2026-11-30 16:00"),
    ("2027-02-16 10:00", "2027-02-18 10:00"),  # the 17th is a holiday
])
async def test_distress_is_answered_with_an_offer_and_a_task(world: World, when: str, due: str) -> None:
    anna = await in_intake(world, when)
    heard = await anna.says("heavy")
    assert [one.label for one in heard[-1].buttons] == [
        "Yes, I want to talk", "Not now", "Menu", "Talk to a counsellor", "I need help now"]
    assert care_due(world, anna) == [due]
    assert world.one("SELECT count(*) FROM tickets") == 0


async def test_the_answer_counts_and_the_next_question_comes_after_the_offer(world: World) -> None:
    anna = await in_intake(world)
    heard = await anna.says("heavy")
    assert len(heard) == 1
    assert anna.answers("intake")["name"] == "heavy"
    heard = await anna.taps("Not now")
    assert "within one working day" in heard[0].text
    assert "Let us go on where we were." in text_of(heard) and anna.awaits() != ("intake", "name")


async def test_what_answers_nothing_is_not_called_misunderstood(world: World) -> None:
    anna = await world.person().agrees()
    heard = await anna.says("heavy")
    assert len(heard) == 1 and "Would you like to talk" in heard[0].text
    heard = await anna.taps("Not now")
    assert leads_to_the_menu(heard[-1])


@pytest.mark.parametrize("how", ["Yes, I want to talk", "words"])
async def test_yes_and_any_words_get_a_person(world: World, how: str) -> None:
    anna = await in_intake(world)
    await anna.says("heavy")
    await (anna.says("it is my son") if how == "words" else anna.taps(how))
    assert ticket(world, anna) == (False, "waiting", "Wants to talk after a sign of distress")


async def test_it_is_offered_once_a_day(world: World) -> None:
    anna = await in_intake(world)
    await anna.says("heavy")
    await anna.taps("Not now")
    await anna.says("/menu")
    heard = await anna.says("heavy")
    assert heard[0].text.startswith(texts.HEARD) and leads_to_the_menu(heard[-1])
    assert len(care_due(world, anna)) == 1
    await world.turn(hours=24)
    assert "Would you like to talk" in (await anna.says("heavy"))[-1].text
    assert len(care_due(world, anna)) == 1, "it is still to do"
    await anna.taps("Not now")
    assert (await anna.says("heavy"))[0].text.startswith(texts.HEARD)


async def test_in_a_talk_nothing_is_said_and_the_team_is_told(world: World) -> None:
    anna = await in_intake(world)
    await anna.taps("Talk to a counsellor")
    for _ in range(2):
        assert await anna.says("heavy") == []
    assert ticket(world, anna) == (False, "waiting", "Sign of distress (distress.mood); Asked for a person")
    assert world.one("SELECT unread FROM tickets") == 2


# ------------------------------------------------------------------ afterwards


@pytest.mark.parametrize("words", ["wish", "thoughts"])
async def test_after_the_talk_the_bot_asks_nothing_and_takes_nothing_for_an_answer(world: World, words: str) -> None:
    anna = await in_intake(world)
    await anna.says(words)
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    before = len(anna.heard)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await world.settle()
    assert [one.text for one in anna.heard[before:]] == [texts.CLOSED_CARE]
    assert not leads_to_the_menu(anna.last)
    heard = await anna.says("Thank you for everything")
    assert "What may we call you?" in heard[-1].text
    assert anna.answers("intake") == {}
    await anna.says("Agon")
    assert anna.answers("intake")["name"] == "Agon"


@pytest.mark.parametrize("seed", range(4))
async def test_no_menu_comes_while_it_is_about_danger(world: World, seed: int) -> None:
    """Whatever a person does after T1 or T2 until the talk is over, and when it is closed."""
    chance = random.Random(seed)
    anna = await in_intake(world, chance.choice(["2026-11-23 10:00", "2026-11-23 22:00"]))
    await anna.says(chance.choice(["wish", "hits", "thoughts", "threat"]))
    doings = ["wish", "thoughts", "heavy", "Agon", "stop", "help", "menu", "/start", "my data", "I need help now",
              "person", "photo", "tap", "start"]
    before = len(anna.heard)
    for _ in range(25):
        doing = chance.choice(doings)
        events = {"photo": anna.photo("hits"), "tap": anna.tap("Skip"), "start": anna.start()}
        await anna.does(events.get(doing) or anna.message(doing))
        await world.turn(minutes=chance.choice([0, 1, 90, 800]))
    await world.staff.claim(anna.ticket(), COUNSELLOR)
    await world.staff.close(anna.ticket(), COUNSELLOR, "advised")
    await world.settle()
    assert [one.text for one in anna.heard[before:] if leads_to_the_menu(one)] == []
    assert len(anna.heard) > before
