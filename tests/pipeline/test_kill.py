"""The bot as a real process, killed with -9 in the middle of its work, against a Telegram that goes on."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app import build, running
from bot.channels.base import Limits
from bot.channels.telegram import Telegram
from bot.clock import Clock
from bot.settings import Settings
from tests.fakes.telegram_api import FakeTelegram, Person, Shown
from tests.several.service import STOPS_WITHIN
from tests.support import database
from tests.support.patience import TO_START

RUNNER = Path(__file__).with_name("runner.py")
ROOT = RUNNER.parents[2]

SCRIPT: list[tuple[str, str, str]] = [
    ("Which language", "tap", "English"),
    ("May we keep", "tap", "Yes, keep it"),
    ("Shall we begin", "tap", "Yes, begin"),
    ("What may we call you?", "say", "Person {n}"),
    ("Which of these is you?", "tap", "I live here"),
    ("In which municipality", "say", "Peja"),
    ("What do you need first?", "say", "Someone to talk to"),
    ("enough to help you", "tap", "More questions now"),
    ("Who lives with you?", "tap", "I live alone"),
    ("Where do you live now?", "say", "We pay rent"),
    ("Which of these papers", "tap", "None of these"),
    ("about your health? Only", "tap", "No, leave it out"),
    ("highest education", "tap", "University"),
    ("Have you worked before", "tap", "Add a job"),
    ("Which work was it?", "say", "Cook {n}"),
    ("For how many years?", "say", "{n}"),
    ("Was there other work?", "tap", "No, go on"),
    ("Which German", "tap", "B1"),
    ("Which English", "", ""),
]
"""What each person is asked, and what they do then."""


def expected(number: int) -> dict[str, Any]:
    """The answers of the intake that must be stored at the end."""
    return {
        "name": f"Person {number}", "situation": "resident", "municipality": "peje", "first_need": "psychosocial",
        "enough": "more", "household": {"picked": ["alone"], "done": True}, "housing": "rent",
        "papers": {"picked": ["none"], "done": True}, "sensitive_ok": "no", "education": "university",
        "jobs/0?": "add", "jobs/0/trade": f"Cook {number}", "jobs/0/years": number, "jobs/1?": "done",
        "german_level": "B1",
    }


class Bot:
    """The process, on a database that outlives it."""

    def __init__(self, folder: Path, url: str, fake: FakeTelegram) -> None:
        self.folder, self.url, self.fake = folder, url, fake
        self.log = folder / "log.txt"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = os.environ | {
            "RETURNEE_BOT_DATA_DIR": str(self.folder), "RETURNEE_BOT_DATABASE_URL": self.url,
            "RETURNEE_BOT_TELEGRAM_TOKEN": self.fake.token, "RETURNEE_BOT_TELEGRAM_API_URL": self.fake.url,
            "PYTHONPATH": str(ROOT),
        }
        polls = len(self.fake.called("getUpdates"))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, str(RUNNER), env=environment, cwd=ROOT, stdout=log, stderr=log)
        await self.fake.waits_for(lambda fake: len(fake.called("getUpdates")) > polls, TO_START)

    async def kill(self) -> None:
        assert self.process is not None and self.process.returncode is None, self.tail()
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end, and say how it did."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
            try:
                async with asyncio.timeout(STOPS_WITHIN):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        return self.process.returncode or 0

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def rows(self, statement: str) -> list[Any]:
        return database.rows(self.url, statement)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest_asyncio.fixture
async def bot(tmp_path: Path, prepared: str, fake: FakeTelegram) -> AsyncIterator[Bot]:
    bot = Bot(tmp_path, database.new(tmp_path, prepared), fake)
    yield bot
    if bot.process is not None and bot.process.returncode is None:
        await bot.kill()


async def goes_through(person: Person) -> None:
    """Answer each question of the script when it comes."""
    person.starts()
    seen = 0
    for words, how, answer in SCRIPT:
        def asked(messages: list[Shown], seen: int = seen, words: str = words) -> bool:
            return any(words in one.text for one in messages[seen:])

        messages = await person.waits_for(asked)
        seen = next(at for at in range(seen, len(messages)) if words in messages[at].text) + 1
        if how == "say":
            person.says(answer.format(n=person.id))
        elif how == "tap":
            person.taps(answer, messages[seen - 1])


def order_of_questions(person: Person) -> list[int]:
    """Which question of the script each message was; others are left out."""
    found = []
    for shown in person.messages:
        found += [at for at, (words, _, _) in enumerate(SCRIPT) if words in shown.text][:1]
    return found


@pytest.mark.slow
async def test_killed_three_times_among_twenty_people(bot: Bot, fake: FakeTelegram) -> None:
    chance = random.Random(20261123)
    people = [fake.person(number) for number in range(1, 21)]
    await bot.start()
    talks = [asyncio.create_task(goes_through(person)) for person in people]
    for sent in (70, 180, 300):
        target = sent + chance.randrange(40)
        await fake.waits_for(lambda fake, target=target: len(fake.called("sendMessage")) >= target)
        await asyncio.sleep(chance.random() * 0.03)
        await bot.kill()
        await bot.start()
    await asyncio.gather(*talks)
    await fake.waits_for(lambda fake: not fake.unconfirmed)
    assert await bot.stop() == 0, bot.tail()

    for person in people:
        order = order_of_questions(person)
        assert sorted(set(order)) == list(range(len(SCRIPT))), f"not asked everything: {order}"
        assert order == sorted(order), f"asked out of order: {order}"
        assert len(order) - len(SCRIPT) <= 3, f"more repeats than kills: {order}"
        wrong = [one.text for one in person.messages if "earlier question" in one.text or "went wrong" in one.text
                 or "did not understand" in one.text]
        assert wrong == [], f"person {person.id} was told {wrong}"
    stored = {json.loads(answers)["name"]: json.loads(answers)
              for [answers] in bot.rows("SELECT answers FROM runs WHERE conversation = 'intake'")}
    assert len(stored) == 20
    for person in people:
        answers = stored[f"Person {person.id}"]
        assert answers == expected(person.id)
    assert bot.rows("SELECT count(*) FROM messages WHERE state = 'queued'") == [(0,)]
    assert bot.rows("SELECT count(*) FROM tasks") == [(0,)]


@pytest.mark.slow
async def test_killed_while_a_message_is_on_its_way(bot: Bot, fake: FakeTelegram) -> None:
    """Stored, given to Telegram, no answer yet: it is sent again, and what came meanwhile is answered once."""
    anna = fake.person(7)
    await bot.start()
    fake.fail_next("sendMessage", how="hang", arrives=False)
    anna.starts()
    await fake.waits_for(lambda fake: len(fake.called("sendMessage")) == 1)
    await bot.kill()
    assert anna.messages == []
    await bot.start()
    [welcome] = await anna.hears()
    assert "Which language" in welcome.text
    anna.taps("English")
    await anna.waits_for(lambda messages: any("May we keep" in one.text for one in messages))
    assert sum("Which language" in one.text for one in anna.messages) == 1
    await bot.stop()


@pytest.mark.slow
async def test_killed_before_the_offset_moves(bot: Bot, fake: FakeTelegram) -> None:
    """Telegram gives the same updates to the next process: they have no second effect."""
    anna = fake.person(7)
    await bot.start()
    anna.starts()
    await anna.hears()
    anna.taps("English")
    await anna.waits_for(lambda messages: any("May we keep" in one.text for one in messages))
    await bot.kill()
    before = [one.text for one in anna.messages]
    fake.redeliver()
    await bot.start()
    anna.taps("Yes, keep it")
    await anna.waits_for(lambda messages: any("Shall we begin" in one.text for one in messages))
    later = [one.text for one in anna.messages[len(before):] if "Shall we begin" not in one.text]
    assert all(text in before for text in later), f"not only what was on its way: {later}"
    assert len(set(later)) == len(later), "more than once again"
    assert await bot.stop() == 0, bot.tail()
    assert bot.rows("SELECT count(*) FROM messages WHERE author = 'person'") == [(3,)]


@pytest.mark.slow
async def test_it_ends_when_asked_also_with_messages_that_wait(bot: Bot, fake: FakeTelegram) -> None:
    """A deploy ends the process; what waits for Telegram's flood limit is sent by the next one."""
    anna = fake.person(7)
    await bot.start()
    fake.fail_next("sendMessage", retry_after=2)
    anna.starts()
    await fake.waits_for(lambda fake: len(fake.called("sendMessage")) == 1)
    assert await bot.stop() == 0, bot.tail()
    await bot.start()
    await anna.hears()
    await bot.stop()


async def test_four_answers_within_one_second(tmp_path: Path, prepared: str, fake: FakeTelegram) -> None:
    """Over the same wire: four right replies, in order."""

    class Quick(Telegram):
        limits = Limits(text=4096, label=60, a_second=2000, a_second_each=2000)

    url = database.new(tmp_path, prepared)
    clock = Clock()
    app = build(Settings(data_dir=tmp_path, database_url=url), clock, [Quick(fake.token, fake.url, clock.now)])
    anna = fake.person(7)
    async with running(app):
        anna.starts()
        for words, _, answer in SCRIPT[:3]:
            await anna.waits_for(lambda messages, words=words: any(words in one.text for one in messages))
            anna.taps(answer)
        await anna.waits_for(lambda messages: any("What may we call you?" in one.text for one in messages))
        before = len(anna.messages)
        for answer in ("Agon", "I live here", "Peja", "Someone to talk to"):
            anna.says(answer)
        await anna.waits_for(lambda messages: len(messages) >= before + 4)
        await asyncio.sleep(0.05)
        replies = [one.text for one in anna.messages[before:]]
    assert len(replies) == 4
    for reply, (words, _, _) in zip(replies, SCRIPT[4:8], strict=True):
        assert words in reply
