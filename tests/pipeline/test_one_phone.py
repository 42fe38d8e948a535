"""Several people, one phone: each behind a sign and four digits, and nothing of one while another has it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.channels.base import Outgoing, Retry
from bot.clock import StoppedClock
from bot.receive import texts
from conversations.one_phone import SIGNS
from storage import merging, one_phone, reminders
from storage.desk import DeskError
from tests.pipeline.world import NOW, Person, Recorder, World, build_app
from tests.support import database

COUNSELLOR = 1
"""The first account of a new installation."""
ASKS = "Hello. Who is writing? Tap your sign."
MINE, OTHERS = "2468", "1357"


async def shares(person: Person, sign: str = "tree", digits: str = MINE) -> Person:
    await person.says("several people use this phone")
    await person.taps("Yes, set it up")
    await person.taps(SIGNS[sign])
    heard = await person.says(digits)
    assert any("Done." in one.text for one in heard), heard
    return person


async def joins(phone: Person, sign: str = "star", digits: str = OTHERS) -> int:
    """Somebody new, at a phone that nobody has now; who they are."""
    await phone.taps("I am new here")
    await phone.taps(SIGNS[sign])
    await phone.says(digits)
    return phone.id


async def comes_back(phone: Person, sign: str, digits: str) -> list[Any]:
    await phone.taps(SIGNS[sign])
    return await phone.says(digits)


def held(world: World) -> int:
    return int(world.one("SELECT count(*) FROM messages WHERE state = 'held'"))


@pytest_asyncio.fixture
async def phone(world: World) -> Person:
    """Anna's, who shares it and has it now."""
    return await shares(await world.person("phone").agrees())


async def test_each_has_a_chat_of_their_own(world: World, phone: Person) -> None:
    anna = phone.id
    [asked] = await phone.taps("Close my chat")
    assert asked.text == ASKS and asked.hides
    assert [one.label for one in asked.buttons] == [SIGNS["tree"], "I am new here", "Contact", "Assistance"]
    ben = await joins(phone)
    assert ben != anna and phone.awaits() == ("welcome", "language")
    assert world.one("SELECT consents FROM contacts WHERE id = ?", ben) == "{}", "nothing is known of somebody new"
    await phone.says("next person")
    assert phone.id not in (anna, ben)
    heard = await comes_back(phone, "tree", MINE)
    assert phone.id == anna and "What would you like to do?" in heard[-1].text
    assert heard[-1].hides, "the digits are taken away from the phone"


async def test_digits_stay_nowhere(world: World, phone: Person) -> None:
    await phone.taps("Close my chat")
    await joins(phone)
    await phone.taps("Close my chat")
    await comes_back(phone, "tree", "9999")
    await phone.does(replace(phone.message("9998"), edited=True))
    await comes_back(phone, "tree", MINE)
    await phone.does(replace(phone.message("9997"), edited=True))
    kept = [str(row) for table in ("SELECT text, content FROM messages", "SELECT answers FROM runs")
            for row in world.rows(table)]
    assert not [one for one in kept if MINE in one or OTHERS in one or "999" in one]


async def test_other_digits_open_nothing_and_soon_nothing_is_compared(world: World, phone: Person) -> None:
    await phone.taps("Close my chat")
    for number in range(one_phone.FREE_TRIES):
        heard = await comes_back(phone, "tree", f"000{number}")
        assert heard[0].text.startswith(
            texts.OTHER_DIGITS if number < one_phone.FREE_TRIES - 1 else texts.SIGN_RESTS)
        assert ASKS in heard[-1].text
    assert (await comes_back(phone, "tree", MINE))[0].text.startswith(texts.SIGN_RESTS)
    world.clock.turn(one_phone.FIRST_REST)
    await comes_back(phone, "tree", "0009")
    for number in range(one_phone.FREE_TRIES - 1):
        await comes_back(phone, "tree", f"001{number}")
    world.clock.turn(one_phone.FIRST_REST)
    assert (await comes_back(phone, "tree", MINE))[0].text.startswith(texts.SIGN_RESTS), "the second rest is longer"
    world.clock.turn(one_phone.FIRST_REST)
    assert ASKS not in (await comes_back(phone, "tree", MINE))[-1].text


async def test_after_half_an_hour_nobody_has_it(world: World, phone: Person) -> None:
    anna = phone.id
    world.clock.turn(one_phone.IDLE - timedelta(seconds=1))
    await world.app.timers.rounds.run()
    assert phone.id == anna
    world.clock.turn(timedelta(seconds=1))
    await world.app.timers.rounds.run()
    await world.settle()
    assert phone.id != anna
    assert phone.last.text == ASKS and phone.last.hides and phone.last.quiet


async def test_who_comes_before_the_sweep_is_asked_all_the_same(world: World, phone: Person) -> None:
    anna = phone.id
    world.clock.turn(one_phone.IDLE)
    [asked] = await phone.says("hello, this is somebody else")
    assert asked.text == ASKS and asked.hides and phone.id != anna
    assert world.one("SELECT contact_id FROM messages WHERE author = 'person' ORDER BY id DESC LIMIT 1") == phone.id


async def test_danger_comes_before_the_question_who_it_is(world: World, phone: Person) -> None:
    await phone.taps("Close my chat")
    nobody = phone.id
    heard = await phone.says("I want to kill myself")
    assert heard[0].style == "card" and "112" in heard[0].text
    assert world.one("SELECT urgent FROM tickets WHERE contact_id = ?", nobody) in (1, True)
    ticket = int(world.one("SELECT id FROM tickets WHERE contact_id = ?", nobody))
    await world.staff.claim(ticket, COUNSELLOR)
    await world.staff.reply(ticket, COUNSELLOR, "I am here.", "k1")
    await world.settle()
    assert "I am here." in phone.last.text
    assert "I am here." not in str(await comes_back(phone, "tree", MINE)), "who has a chat comes to it also then"
    await world.staff.reply(ticket, COUNSELLOR, "Are you safe?", "k2")
    await world.settle()
    assert held(world) == 1
    await phone.taps("Close my chat")
    assert any("Are you safe?" in one.text for one in phone.heard)


async def test_what_is_for_one_waits_and_is_told_once(world: World, phone: Person) -> None:
    await phone.says("/human")
    ticket = int(world.one("SELECT id FROM tickets"))
    await world.staff.claim(ticket, COUNSELLOR)
    await phone.taps("Close my chat")
    before = len(phone.heard)
    for number in range(3):
        await world.staff.reply(ticket, COUNSELLOR, f"Words {number}", f"k{number}")
        await world.settle()
    new = phone.heard[before:]
    assert [one.text for one in new] == [f"{texts.FOR_ONE_OF_YOU}\n\n{ASKS}"] and held(world) == 3
    await joins(phone)
    assert "Words" not in str(phone.heard)
    await phone.says("next person")
    assert phone.last.text == ASKS, "it was told already"
    heard = await comes_back(phone, "tree", MINE)
    assert [one.text for one in heard[:3]] == ["Words 0", "Words 1", "Words 2"] and held(world) == 0


# ------------------------------------------------------------- one leaves, and what else changes whose a phone is


async def test_who_deletes_everything_leaves_the_others_theirs(world: World, phone: Person) -> None:
    anna = phone.id
    await phone.taps("Close my chat")
    ben = await joins(phone)
    for label in ("English", "Yes, keep it", "Not now"):
        await phone.taps(label)
    await phone.begins("my_data")
    await phone.taps("Delete everything")
    heard = await phone.taps("Yes, delete it")
    assert any("Your data is deleted" in one.text for one in heard)
    [asked] = await phone.says("hello")
    assert ASKS in asked.text and phone.id not in (anna, ben)
    assert [one.label for one in asked.buttons][:2] == [SIGNS["tree"], "I am new here"]
    heard = await comes_back(phone, "tree", MINE)
    assert heard[0].text.startswith(texts.ONLY_YOURS) and phone.id == anna
    world.clock.turn(one_phone.IDLE)
    assert ASKS not in str(await phone.says("menu")), "it is hers alone again"
    assert world.one("SELECT count(*) FROM sharers") == 0


async def test_the_last_one_who_deletes_everything_leaves_an_ordinary_phone(world: World, phone: Person) -> None:
    await phone.begins("my_data")
    await phone.taps("Delete everything")
    await phone.taps("Yes, delete it")
    await phone.says("hello")
    assert phone.awaits() == ("welcome", "language") and world.one("SELECT nobody_id FROM addresses") is None


async def test_who_shared_with_nobody_takes_it_back(world: World, phone: Person) -> None:
    anna = phone.id
    await phone.says("/share")
    heard = await phone.taps("Only I use this phone now")
    assert "only yours" in heard[0].text and phone.id == anna
    assert "Close my chat" not in [one.label for one in heard[-1].buttons]
    assert await phone.says("next person") and phone.id == anna


async def test_a_shared_phone_is_taken_away_from_another_app(world: World, phone: Person) -> None:
    anna, other = phone.id, world.person("annas own")
    await phone.begins("my_data")
    await phone.taps("My apps")
    heard = await phone.taps("Add an app")
    code = next(line for one in heard for line in one.text.splitlines() if line[:4].isdigit())
    await other.says(code)
    assert other.id == phone.id == anna
    await phone.says("next person")
    await joins(phone)
    await phone.says("next person")
    await other.begins("my_data")
    await other.taps("My apps")
    await other.taps("Take the other apps away")
    await other.taps("Yes, only here")
    assert [row[0] for row in world.rows("SELECT contact_id FROM sharers")] != [anna]
    assert anna not in [row[0] for row in world.rows("SELECT contact_id FROM sharers")]
    await phone.says("hello")
    assert other.id == anna and phone.last.text.startswith(ASKS)


async def test_two_records_at_one_phone_become_one_person(world: World, phone: Person) -> None:
    """Who has forgotten the digits begins anew, and a counsellor who knows them makes both one."""
    anna = phone.id
    await phone.says("/human")
    ticket = phone.ticket()
    await world.staff.claim(ticket, COUNSELLOR)
    await phone.says("next person")
    nobody = phone.id
    await world.staff.reply(ticket, COUNSELLOR, "Your papers are here.", "k")
    await world.settle()
    again = await joins(phone)
    store, now = world.app.store, world.clock.now()
    with pytest.raises(DeskError):
        await store.write(lambda c: merging.merge(c, anna, nobody, COUNSELLOR, now))
    await store.write(lambda c: merging.merge(c, anna, again, COUNSELLOR, now))
    await world.settle()
    assert phone.id == anna and phone.last.text == "Your papers are here."
    await phone.says("next person")
    await comes_back(phone, "star", OTHERS)
    assert phone.id == anna


async def test_a_join_code_and_an_old_button_do_nothing_where_nobody_is(world: World, phone: Person) -> None:
    await phone.begins("my_data")
    old = phone.button("See what is kept").data
    await phone.taps("My apps")
    heard = await phone.taps("Add an app")
    code = next(line for one in heard for line in one.text.splitlines() if line[:4].isdigit())
    await phone.says("next person")
    nobody = phone.id
    for event in (phone.message(code), phone.tap_data(old), phone.tap_data("!my_data"), phone.tap_data("!plan")):
        assert ASKS in (await phone.does(event))[-1].text and phone.id == nobody


async def test_a_check_in_waits_and_is_asked_once(world: World, phone: Person) -> None:
    await phone.says("next person")
    contact = int(world.one("SELECT contact_id FROM sharers"))
    await world.app.store.write(lambda c: reminders.put(c, [{
        "contact_id": contact, "key": "check_in", "opens": "check_in", "due_at": world.clock.now()}]))
    for _ in range(3):
        await world.sweep()
        world.clock.turn(timedelta(days=2))
    assert held(world) == 1 and texts.FOR_ONE_OF_YOU in phone.last.text
    heard = await comes_back(phone, "tree", MINE)
    assert "We have a short question for you" in heard[0].text


# ------------------------------------------------------------- whatever they do


MOVES = st.lists(st.one_of(
    st.tuples(st.just("write"), st.sampled_from(["hello", "menu", "1234", "/start"])),
    st.tuples(st.just("choose"), st.sampled_from(["tree", "star"])),
    st.tuples(st.just("wrong"), st.sampled_from(["tree", "star"])),
    st.tuples(st.sampled_from(["close", "idle", "swept", "reply", "ask", "outage", "back"]), st.just("")),
), min_size=8, max_size=30)


@settings(max_examples=10, derandomize=True, deadline=None, database=None, phases=(Phase.explicit, Phase.generate),
          suppress_health_check=list(HealthCheck))
@given(moves=MOVES, at_once=st.integers(1, 3))
def test_nothing_of_one_goes_to_another_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, prepared: str, moves: list[tuple[str, str]], at_once: int
) -> None:
    asyncio.run(_two(tmp_path_factory.mktemp("phone"), prepared, moves, at_once))


async def _two(folder: Path, prepared: str, moves: list[tuple[str, str]], at_once: int) -> None:
    clock, channel = StoppedClock(NOW), Recorder()
    url = database.new(folder, prepared)
    world = World(folder, clock, channel, build_app(folder, clock, channel, database_url=url))
    await world.app.deliver.start()
    try:
        await Two(world, at_once).live(moves)
    finally:
        await world.stop()


class Two:
    """Anna (a tree) has a counsellor, Ben (a star) has not; and whose every event must be."""

    def __init__(self, world: World, at_once: int) -> None:
        self.world, self.at_once = world, at_once
        self.phone = world.person("phone")
        self.who: dict[str, int] = {}
        self.holder = 0
        self.wrong = {"tree": 0, "star": 0}
        self.events: list[Any] = []
        self.whose: dict[str, int] = {}
        self.words: list[str] = []
        self.leaks: list[Any] = []
        send = world.channel.send

        async def watched(outgoing: Outgoing) -> str | None:
            [[to]] = world.rows("SELECT contact_id FROM messages WHERE id = ?", outgoing.id)
            if to != self.phone.id:
                self.leaks.append(outgoing)
            return await send(outgoing)

        world.channel.send = watched

    async def live(self, moves: list[tuple[str, str]]) -> None:
        phone = self.phone
        await shares(await phone.agrees())
        self.who["tree"] = phone.id
        await phone.says("/human")
        self.ticket = phone.ticket()
        await self.world.staff.claim(self.ticket, COUNSELLOR)
        await phone.says("next person")
        self.nobody = phone.id
        self.who["star"] = await joins(phone)
        for label in ("English", "Yes, keep it", "Not now"):
            await phone.taps(label)
        self.holder = self.who["star"]
        for move, what in moves:
            await self._do(move, what)
        await self._do("back", "")
        for sign in ("tree", "star"):
            await self._do("close", "")
            await self._do("choose", sign, sure=True)
        await self._hand_in()
        await self.world.turn(minutes=1)
        self._look()

    async def _do(self, move: str, what: str, sure: bool = False) -> None:
        match move:
            case "write":
                self._says(what)
            case "choose" if self.holder == self.nobody:
                await self._hand_in()
                self._says(SIGNS[what])
                self._says(MINE if what == "tree" else OTHERS)
                self.holder, self.wrong[what] = self.who[what], 0
            case "wrong" if self.holder == self.nobody and self.wrong[what] < one_phone.FREE_TRIES - 1:
                self._says(SIGNS[what])
                self._says("0000")
                self.wrong[what] += 1
            case "close" if self.holder != self.nobody:
                self._says("next person")
                self.holder = self.nobody
            case "idle" | "swept":
                await self._hand_in()
                await self.world.turn(minutes=31)
                if move == "swept":
                    await self.world.app.timers.rounds.run()
                    await self.world.settle()
                elif self.holder != self.nobody:
                    self._says("hello", self.nobody)  # the first word after that is never an answer
                self.holder = self.nobody
            case "reply":
                await self._hand_in()
                self.words.append(f"Words {len(self.words)}")
                await self.world.staff.reply(self.ticket, COUNSELLOR, self.words[-1], self.words[-1])
            case "ask":
                await self._hand_in()
                due = {"contact_id": self.who["star"], "key": "check_in", "opens": "check_in",
                       "due_at": self.world.clock.now()}
                await self.world.app.store.write(lambda c: reminders.put(c, [due]))
                await self.world.app.timers.remind()
            case "outage":
                self.world.channel.outage = lambda: Retry("later", seconds=20)
            case "back":
                self.world.channel.outage = None
                await self.world.turn(minutes=1)
        if len(self.events) >= self.at_once or sure:
            await self._hand_in()

    def _says(self, text: str, whose: int | None = None) -> None:
        event = self.phone.message(text)
        self.events.append(event)
        self.whose[event.key] = whose or self.holder

    async def _hand_in(self) -> None:
        if self.events:
            await self.world.handle(*self.events)
            self.events.clear()
            await self.world.settle()

    def _look(self) -> None:
        rows = self.world.rows("SELECT inbound_key, contact_id FROM messages WHERE author = 'person'")
        landed = {key: contact for key, contact in rows if key in self.whose}
        assert landed == self.whose
        assert not self.leaks, "somebody got what was for another"
        sent = [row[0] for row in self.world.rows(
            "SELECT text FROM messages WHERE author = 'counsellor' AND state = 'sent' ORDER BY id")]
        assert sent == self.words, "a counsellor's word was lost"
        fates = self.world.rows("SELECT state, error, contact_id FROM messages WHERE author != 'person'")
        assert {(state, error) for state, error, _ in fates} <= {
            ("sent", None), ("held", None), ("held", "later"), ("failed", "superseded")}
        assert self.phone.id not in {contact for state, _, contact in fates if state == "held"}
