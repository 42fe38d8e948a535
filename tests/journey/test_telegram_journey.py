"""The whole journey of one person over Telegram, on the real App; and what may go wrong on the way."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from datetime import timedelta
from typing import Literal

import pytest

from bot.receive.staff import UNREACHABLE
from bot.render import HUMAN, LEAVE
from storage.desk import DeskError
from tests.fakes.telegram_api import Shown
from tests.journey.reader import (
    GJAKOVA,
    answers_the_check_in,
    asks_about_work,
    changes_a_line,
    first_contact,
    long_intake,
    short_intake,
)
from tests.journey.town import Phone, Town

LENA = 7001


def texts_of(shown: list[Shown]) -> str:
    return "\n".join(one.text for one in shown)


# -------------------------------------------------------------------- the journey


async def comes(lena: Phone) -> None:
    await lena.starts()
    assert lena.question("welcome", "language") in lena.last.text
    await first_contact(lena)


async def is_checked_on(lena: Phone) -> None:
    """The day before the step it is brought to mind; the day after it is asked about, and not an hour before."""
    town = lena.town
    await town.turn(days=6, hours=1)
    assert len(lena.new()) == 1
    await lena.picks("step_soon", "ready", "now")
    await lena.picks("step_soon", "well", "yes")
    await town.turn(days=1, hours=21)
    assert lena.new() == []
    await town.turn(hours=2)
    assert len(lena.new()) == 1
    await answers_the_check_in(lena)


async def talks_to_mimoza(lena: Phone) -> None:
    town = lena.town
    ticket = await town.ticket(lena)
    assert ticket["state"] == "waiting"
    assert await lena.says("Mir fehlt die Geburtsurkunde.") == [], "the bot is silent"
    await town.claims(lena)
    await town.replies(lena, "Guten Tag, ich bin Mimoza. Welche Urkunde?")
    await town.settle()
    [reply] = lena.new()
    assert reply.text.endswith("Guten Tag, ich bin Mimoza. Welche Urkunde?")
    assert lena.text(LEAVE) in reply.buttons
    assert await lena.says("Die von meinem Sohn.") == []
    assert (await town.ticket(lena))["unread"] == 1
    await town.closes(lena)
    lena.is_asked("rating", "rating")
    await lena.picks("rating", "rating", "yes")
    assert (await town.ticket(lena))["rating"] == "yes"
    lena.is_asked("check_in", "next")
    await lena.picks("check_in", "next", "two_weeks")
    lena.is_asked("employment", "subject")


async def test_the_whole_journey(either_town: Town) -> None:
    town = either_town
    lena = Phone(town, town.fake.person(LENA, "de", "Lena"))
    await comes(lena)
    await short_intake(lena)
    await long_intake(lena)
    await changes_a_line(lena)
    answers = await town.answers(lena, "intake")
    assert answers["municipality"] == GJAKOVA
    assert answers["children/0/age"] == 7
    assert answers["household"]["picked"] == ["partner", "child_0_16"]
    await asks_about_work(lena)
    await is_checked_on(lena)
    await talks_to_mimoza(lena)
    town.assert_strict()
    assert town.fake.descriptions["de"].startswith("Guten Tag"), "what stands in a chat that is still empty"
    for shown in lena.person.messages:
        assert shown.edits <= 1, "a keyboard is taken away once"
        assert not (shown.edits and shown.rows), "and then wholly"

    # A counsellor has the chat; the person has blocked the bot, and Telegram has not said so yet.
    await lena.taps(lena.text(HUMAN))
    await town.claims(lena)
    lena.person.blocked = True
    await town.replies(lena, "Sind Sie noch da?")
    await town.settle()
    assert await town.is_blocked(lena)
    assert (await town.outgoing(lena))[-1]["state"] == "failed"
    assert town.fake.refused == [("sendMessage", "Forbidden: bot was blocked by the user")]
    with pytest.raises(DeskError, match=UNREACHABLE.split(":")[0]):
        await town.replies(lena, "Hallo?")
    await town.turn(days=40)
    assert len(town.fake.refused) == 1, "nobody writes to somebody who has blocked the bot"

    lena.person.unblocks()
    await town.settle()
    assert not await town.is_blocked(lena)
    lena.new()
    assert await lena.says("Ich bin wieder da.") == [], "the counsellor still has the chat"
    await town.replies(lena, "Schön!")
    await town.settle()
    assert [one.text for one in lena.new()][-1].endswith("Schön!")
    await town.closes(lena)
    await lena.picks("rating", "rating", "partly")
    assert len(town.fake.refused) == 1
    assert Counter(town.fake.answered) == Counter(town.tapped)


async def test_a_block_that_telegram_tells_of(town: Town) -> None:
    """The update comes first: nothing is sent, the check-in becomes a task, and the way back is open."""
    lena = Phone(town, town.fake.person(LENA, "de"))
    await comes(lena)
    await lena.writes("intake", "name", "Lena")
    lena.person.blocks()
    await town.settle()
    assert await town.is_blocked(lena)
    sent = len(town.fake.called("sendMessage"))
    await town.turn(days=30)
    assert len(town.fake.called("sendMessage")) == sent
    lena.person.unblocks()
    await town.settle()
    assert not await town.is_blocked(lena)
    lena.is_asked("intake", "situation")
    town.assert_strict()


# ------------------------------------------------------------ when Telegram is in trouble


async def in_a_talk(town: Town, number: int = LENA) -> Phone:
    lena = Phone(town, town.fake.person(number, "de"))
    await comes(lena)
    await lena.taps(lena.text(HUMAN))
    await town.claims(lena)
    lena.new()
    return lena


async def test_telegram_says_wait_while_a_counsellor_writes(town: Town) -> None:
    lena = await in_a_talk(town)
    before = len(town.fake.called("sendMessage"))
    town.fake.fail_next("sendMessage", retry_after=30)
    await town.replies(lena, "eins", "zwei", "drei")
    await town.settle()
    assert lena.new() == []
    await town.turn(seconds=29)
    assert lena.new() == []
    assert len(town.fake.called("sendMessage")) == before + 1, "the wait holds for the whole line"
    await town.turn(seconds=2)
    assert [one.text.splitlines()[-1] for one in lena.new()] == ["eins", "zwei", "drei"]
    assert {one["state"] for one in await town.outgoing(lena)} == {"sent"}
    town.assert_strict()


async def test_the_wait_of_one_person_holds_up_nobody_else(town: Town) -> None:
    lena, besa = await in_a_talk(town, 1), await in_a_talk(town, 2)
    town.fake.fail_next("sendMessage", retry_after=3600)
    await town.replies(lena, "für Lena")
    await town.settle()
    await town.replies(besa, "für Besa")
    await town.settle()
    assert lena.new() == []
    assert [one.text.splitlines()[-1] for one in besa.new()] == ["für Besa"]
    await town.turn(seconds=3601)
    assert [one.text.splitlines()[-1] for one in lena.new()] == ["für Lena"]


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_telegram_fails_several_times(town: Town, status: int) -> None:
    lena = await in_a_talk(town)
    town.fake.fail_next("sendMessage", status, times=4)
    await town.replies(lena, "eins", "zwei")
    await town.settle()
    for _ in range(6):
        await town.turn(seconds=20)
    assert [one.text.splitlines()[-1] for one in lena.new()] == ["eins", "zwei"]
    town.assert_strict()


async def test_telegram_is_down_for_a_day(town: Town) -> None:
    lena = await in_a_talk(town)
    town.fake.fail_next("sendMessage", 503, times=50)
    await town.replies(lena, "eins", "zwei")
    await town.settle()
    for _ in range(50):
        await town.turn(minutes=30)
    assert [one.text.splitlines()[-1] for one in lena.new()] == ["eins", "zwei"]


@pytest.mark.parametrize("arrives", [True, False])
async def test_nobody_knows_whether_it_arrived(town: Town, arrives: bool) -> None:
    await a_word_of_unknown_fate(town, "drop", arrives)


@pytest.mark.parametrize("arrives", [True, False])
async def test_nobody_ever_answers(impatient_town: Town, arrives: bool) -> None:
    await a_word_of_unknown_fate(impatient_town, "hang", arrives)


async def a_word_of_unknown_fate(town: Town, how: Literal["hang", "drop"], arrives: bool) -> None:
    """A counsellor's word comes twice rather than never, and before the next one."""
    lena = await in_a_talk(town)
    town.fake.fail_next("sendMessage", how=how, arrives=arrives)
    await town.replies(lena, "eins", "zwei")
    await town.settle()
    await town.turn(seconds=10)
    wanted = ["eins", "eins", "zwei"] if arrives else ["eins", "zwei"]
    assert [one.text.splitlines()[-1] for one in lena.new()] == wanted


async def test_getting_updates_fails(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The poll is refused or cut off; what was written meanwhile is answered once."""
    telegram = town.app.channels["telegram"]

    async def nap(_seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(telegram, "_sleep", nap)
    lena = Phone(town, town.fake.person(LENA, "de"))
    await comes(lena)
    town.fake.fail_next("getUpdates", 502, times=2)
    town.fake.fail_next("getUpdates", how="drop", arrives=False)
    await lena.writes("intake", "name", "Lena")
    lena.is_asked("intake", "situation")
    assert len([one for one in lena.person.messages if lena.question("intake", "situation") in one.text]) == 1


async def test_updates_that_come_once_more(town: Town) -> None:
    """Telegram gives the same updates again: nothing is said twice, no tap is answered twice."""
    lena = Phone(town, town.fake.person(LENA, "de"))
    await comes(lena)
    await lena.writes("intake", "name", "Lena")
    await lena.picks("intake", "situation", "returned")
    count, answers = len(lena.person.messages), await town.answers(lena, "intake")
    for _ in range(3):
        polls = len(town.fake.called("getUpdates"))
        town.fake.redeliver()
        await town.fake.waits_for(lambda fake, seen=polls: len(fake.called("getUpdates")) > seen)
        await town.settle()
    assert len(lena.person.messages) == count
    assert await town.answers(lena, "intake") == answers
    town.assert_strict()


async def test_the_answer_to_a_tap_comes_too_late(town: Town) -> None:
    lena = Phone(town, town.fake.person(LENA, "de"))
    await lena.starts()
    lena.person.taps(town.app.translator.names()["de"])
    town.fake.expire_queries()
    await town.settle()
    await lena.person.waits_for(lambda seen: lena.question("welcome", "keep") in seen[-1].text)


async def test_a_double_tap(town: Town) -> None:
    """The same button twice at once: one answer to the question, both taps stop waiting."""
    lena = Phone(town, town.fake.person(LENA, "de"))
    await comes(lena)
    await lena.writes("intake", "name", "Lena")
    on, label = lena.last, lena.label("intake", "situation", "returned")
    town.tapped += [lena.person.taps(label, on), lena.person.taps(label, on)]
    await town.settle()
    assert len([one for one in lena.new() if lena.question("intake", "return_date") in one.text]) == 1
    assert (await town.answers(lena, "intake"))["situation"] == "returned"
    assert Counter(town.fake.answered) == Counter(town.tapped)


# --------------------------------------------------------------------- many at once


ANSWERS = ("September 2026", "Deutschland", "Bayern", "8 Jahre")
ASKED = ("country", "land", "months_abroad", "return_kind")
STORED = {"return_date": "2026-09", "country": "DE", "months_abroad": 96}


async def test_four_answers_at_once_from_twenty_people(town: Town) -> None:
    phones = [Phone(town, town.fake.person(number, "de", f"P{number}")) for number in range(1, 21)]
    for phone in phones:
        phone.person.starts()
    await town.settle()
    for step in (lambda p: p.label("welcome", "language", "de"), lambda p: p.label("welcome", "keep", "yes"),
                 lambda p: p.label("welcome", "begin", "yes")):
        for phone in phones:
            town.tapped.append(phone.person.taps(step(phone), phone.last))
        await town.settle()
    for phone in phones:
        phone.person.says(f"Person {phone.person.id}")
    await town.settle()
    for phone in phones:
        town.tapped.append(phone.person.taps(phone.label("intake", "situation", "returned"), phone.last))
    await town.settle()
    for phone in phones:
        phone.is_asked("intake", "return_date")
        phone.new()

    began = asyncio.get_running_loop().time()
    for text, phone in itertools.product(ANSWERS, phones):
        phone.person.says(text)
    await town.settle()
    took = asyncio.get_running_loop().time() - began
    for phone in phones:
        come = phone.new()
        assert len(come) == len(ASKED), phone.person.view()
        for shown, step in zip(come, ASKED, strict=True):
            assert phone.question("intake", step) in shown.text
        answers = await town.answers(phone, "intake")
        assert {name: answers[name] for name in STORED} == STORED
        assert answers["name"] == f"Person {phone.person.id}"
    assert took < timedelta(seconds=5).total_seconds()
    town.assert_strict()


async def test_answers_and_a_counsellors_words_keep_their_order(town: Town) -> None:
    """Twenty counsellor's replies while the person writes: all arrive, in the order in which they were written."""
    lena = await in_a_talk(town)
    for number in range(20):
        lena.person.says(f"Frage {number}")
        await town.replies(lena, f"Antwort {number}")
    await town.settle()
    assert [one.text.splitlines()[-1] for one in lena.new()] == [f"Antwort {number}" for number in range(20)]
    assert (await town.ticket(lena))["unread"] <= 20
