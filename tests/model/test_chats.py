"""The states of chats: random counsellors, people and clocks; after every step the promises about chats are looked at.

Never two who have a chat, never the bot and a human speaking, never neither, no message without a recorded fate; and
the history of each chat tells who has it. Unlike `test_promises.py` this runs on each kind of database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.receive.moves import Moves
from storage import moves, presence, staff
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.tables import Message, Ticket, TicketMove
from tests.support.world import MONDAY, PASSWORD, World, new_world

TEAM = ("mira", "arben", "jeta")
PEOPLE = ("ana", "besa")
AREAS = ("employment", "migration", "general")
who, person = st.integers(0, 2), st.integers(0, 1)
SPANS = (timedelta(minutes=5), timedelta(hours=3), timedelta(hours=23), timedelta(days=2))
PHASES = (Phase.generate,) if os.environ.get("MODEL_SHRINK") == "0" else (Phase.generate, Phase.shrink)
Row = dict[str, Any]


class Chats(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.world = self._do(self.stack.enter_async_context(new_world()))
        self.team: list[CounsellorView] = []
        self.words: dict[str, int] = {}
        """What a counsellor was told has been taken -> for whom."""

    @initialize()
    def arrive(self) -> None:
        self.team = self._do(self.world.app.store.write(_hired))
        for one in PEOPLE:
            self._do(_agrees(self.world, one))

    # ------------------------------------------------------------------------- people

    @rule(who=person)
    def asks(self, who: int) -> None:
        self._says(who, lambda one: self.world.says(one, "human"))

    @rule(who=person, times=st.integers(1, 2))
    def writes(self, who: int, times: int) -> None:
        for _ in range(times):
            self._says(who, lambda one: self.world.says(one, "It is about my papers"))

    @rule(who=person)
    def leaves(self, who: int) -> None:
        self._says(who, lambda one: self.world.says(one, "leave"))

    def _says(self, who: int, act: Callable[[str], Awaitable[Any]]) -> None:
        """Never both and never neither: with an open chat the team hears it, otherwise the bot answers."""
        name = PEOPLE[who]
        before = self._ticket(name)
        heard = self._do(act(name))
        after = self._ticket(name)
        note(f"{name}: {before and before['state']} -> {after and after['state']}, heard {len(heard)}")
        if before is not None and after is not None:
            assert after["asleep_at"] is None or not after["unread"], "the person wrote, and it sleeps on"
        if before is None:
            assert heard, "nobody answers: no human has the chat, and the bot is silent"
        if before is not None and after is None:
            assert heard, "the talk is left, and nothing is said"
        self._look()

    # --------------------------------------------------------------------- counsellors

    @rule(who=person, one=who, other=who)
    def claim(self, who: int, one: int, other: int) -> None:
        """Two at once: one wins, and the other is told who has it."""
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        first, second = self.team[one], self.team[other]
        answers = self._do(_together(
            self._pressed(lambda: self.world.desk.claim(ticket["id"], first.id)),
            self._pressed(lambda: self.world.desk.claim(ticket["id"], second.id))))
        now = self._ticket(PEOPLE[who])
        assert now is not None
        winner = next(each for each in self.team if each.id == now["counsellor_id"])
        for each, answer in zip((first, second), answers, strict=True):
            assert answer is None if each == winner else answer == winner.name
        if ticket["state"] == "assigned":
            assert winner.id == ticket["counsellor_id"], "a claim took it from somebody"
        self._look()

    @rule(who=person, one=who, other=who, reason=st.sampled_from(("", "I know her")))
    def take_over(self, who: int, one: int, other: int, reason: str) -> None:
        """Two colleagues take it over from the same page: one of them wins."""
        ticket = self._ticket(PEOPLE[who])
        if ticket is None or ticket["state"] != "assigned":
            return
        takers = [self.team[each] for each in dict.fromkeys((one, other)) if self.team[each].id != self._has(ticket)]
        answers = self._do(_together(*(
            self._pressed(lambda each=each: self.moves.take_over(ticket["id"], each, self._has(ticket), reason))
            for each in takers)))
        if takers:
            assert [each for each in answers if each is None] == [None], f"one wins: {answers}"
        self._look()

    @rule(who=person, one=who, to=who, stale=st.booleans())
    def hand_to(self, who: int, one: int, to: int, stale: bool) -> None:
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        me, colleague = self.team[one], self.team[to]
        seen = colleague.id if stale else self._has(ticket)
        answer = self._press(lambda: self.moves.hand_to(ticket["id"], me, seen, colleague.id, "for you"))
        may = self._has(ticket) == me.id and seen == me.id and colleague != me
        self._moved(who, ticket, answer, may, colleague.id)

    @rule(who=person, one=who, area=st.sampled_from(AREAS))
    def hand_to_area(self, who: int, one: int, area: str) -> None:
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        me = self.team[one]
        answer = self._press(
            lambda: self.moves.hand_to_area(ticket["id"], me, self._has(ticket), area, "not mine"))
        self._moved(who, ticket, answer, self._has(ticket) == me.id, None)

    def _moved(self, who: int, before: Row, answer: str | None, may: bool, to: int | None) -> None:
        after = self._ticket(PEOPLE[who])
        assert after is not None and (answer is None) is may, answer
        assert after["counsellor_id"] == (to if may else before["counsellor_id"])
        self._look()

    @rule(who=person, one=who, colleague=who, answers=st.booleans())
    def consult(self, who: int, one: int, colleague: int, answers: bool) -> None:
        """It stays where it is; the colleague's note is the answer."""
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        me, asked = self.team[one], self.team[colleague]
        refused = self._press(lambda: self.moves.consult(ticket["id"], me, asked.id, "What do you think?"))
        if self._has(ticket) != me.id or me == asked:
            assert refused is not None
        elif answers:
            self._press(lambda: self.world.desk.note(ticket["id"], asked.id, "I would wait"))
            waiting = self._do(self.world.read(lambda connection: moves.consults(connection, ticket["id"])))
            assert asked.id not in [each.counsellor_id for each in waiting]
        after = self._ticket(PEOPLE[who])
        assert after is not None and after["counsellor_id"] == ticket["counsellor_id"]
        self._look()

    @rule(who=person, one=who, days=st.sampled_from((None, 1, 3)))
    def sleep(self, who: int, one: int, days: int | None) -> None:
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        until = self.world.clock.now() + timedelta(days=days) if days else None
        answer = self._press(lambda: self.moves.sleep(ticket["id"], self.team[one], until))
        after = self._ticket(PEOPLE[who])
        assert after is not None and (answer is None) is (self._has(ticket) == self.team[one].id)
        if answer is None:
            assert after["asleep_at"] is not None and after["unread"] == 0
        self._look()

    @rule(who=person, one=who, times=st.integers(1, 2))
    def reply(self, who: int, one: int, times: int) -> None:
        """Two counsellors write in the same second: only the words of who has it go out, once."""
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        for counsellor in (self.team[one], self.team[(one + 1) % 3]):
            key = f"k{len(self.words)}-{counsellor.id}"
            words = f"Dear, {key}"
            for _ in range(times):
                answer = self._press(  # as often as one is impatient
                    lambda who=counsellor.id, words=words, key=key: self.world.desk.reply(
                        ticket["id"], who, words, key))
            assert (answer is None) is (self._has(ticket) == counsellor.id), answer
            if answer is None:
                self.words[words] = ticket["contact_id"]
        self._look()

    @rule(who=person, one=who)
    def close(self, who: int, one: int) -> None:
        ticket = self._ticket(PEOPLE[who])
        if ticket is None:
            return
        answer = self._press(lambda: self.world.desk.close(ticket["id"], self.team[one].id, "advised", "all is said"))
        heard = self._do(self.world.gets(PEOPLE[who]))
        closed = self._ticket(PEOPLE[who]) is None
        assert closed is (answer is None) is (self._has(ticket) == self.team[one].id), answer
        assert bool(heard) is closed, "the bot goes on, and only then"
        self._look()

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.world.clock.turn(span)
        self._do(self.world.app.timers.rounds.run())
        self._do(self.world.app.timers.rounds.end_silence())
        for ticket in self._rows(Ticket):
            due = ticket["wakes_at"] is not None and ticket["wakes_at"] <= self.world.clock.now()
            assert not due, "it sleeps longer than it was to"
        self._look()

    @rule(one=who, away=st.sampled_from((None, "meeting", "off")), most=st.integers(1, 2))
    def says_where_they_are(self, one: int, away: presence.Reason | None, most: int) -> None:
        """Who waits is suggested to somebody who can take it; what somebody who is off has is looked after."""
        now, me = self.world.clock.now(), self.team[one]
        self._do(self.world.app.store.write(lambda connection: presence.say(connection, me.id, away, most, now)))
        self._do(self.world.app.timers.rounds.run())
        team = {each.id: each for each in self._do(self.world.read(presence.colleagues))}
        for ticket in self._rows(Ticket):
            kept = ticket["state"] == "assigned" and ticket["counsellor_id"] == me.id
            assert not (kept and away == "off" and ticket["unread"]), "somebody waits for who is off"
            offered = ticket["offered_to"] and ticket["offered_at"] == now
            assert not offered or team[ticket["offered_to"]].state(now) == "here"
        self._look()

    # ------------------------------------------------------------------------ promises

    def _look(self) -> None:
        self._do(self._all_is_noted())
        tickets, said = self._rows(Ticket), self._rows(Message)
        history = self._rows(TicketMove)
        open_ones = [one for one in tickets if one["state"] != "closed"]
        assert len({one["contact_id"] for one in open_ones}) == len(open_ones), "two open chats of one person"
        for one in tickets:
            assert (one["state"] == "assigned") is (one["counsellor_id"] is not None) or one["state"] == "closed"
            assert one["offered_to"] is None or one["state"] == "waiting", "suggested, and somebody has it"
            assert one["asleep_at"] is None or one["state"] == "assigned", "nobody has it, and it sleeps"
            assert _told([move for move in history if move["ticket_id"] == one["id"]]) == _is(one)
        for message in said:
            assert message["state"] in ("received", "sent") or message["error"], f"no fate: {message}"
        stored = [one for one in said if one["author"] == "counsellor"]
        assert {one["text"]: one["contact_id"] for one in stored} == self.words
        assert len(stored) == len(self.words), "a word is there twice"

    async def _all_is_noted(self) -> None:
        """What was sent is noted with the next transaction, whatever it is."""
        await self.world.app.deliver.drain()
        await self.world.app.store.write(lambda _: None)

    # -------------------------------------------------------------------------- helpers

    @property
    def moves(self) -> Moves:
        return Moves(self.world.app.store, self.world.clock)

    def _has(self, ticket: Row) -> int:
        return ticket["counsellor_id"] or 0

    def _ticket(self, name: str) -> Row | None:
        found = self._do(self.world.tickets(name))
        return next((one for one in found if one["state"] != "closed"), None)

    def _rows(self, table: Any) -> list[Row]:
        rows = select(*table.__table__.columns).order_by(table.id)
        return self._do(self.world.read(lambda connection: [dict(one) for one in connection.execute(rows).mappings()]))

    async def _pressed(self, action: Callable[[], Awaitable[Any]]) -> Any:
        """What an action gives; the sentence that the page shows where it is refused."""
        try:
            return await action()
        except DeskError as refused:
            return str(refused)

    def _press(self, action: Callable[[], Awaitable[Any]]) -> str | None:
        """None where it was done."""
        answer = self._do(self._pressed(action))
        return answer if isinstance(answer, str) else None

    def _do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self._do(self.stack.aclose())
        self.loop.close()


def _hired(connection: Any) -> list[CounsellorView]:
    for name in TEAM:
        staff.add_counsellor(connection, name, name.capitalize(), "counsellor", PASSWORD, MONDAY)
    return [staff.find_counsellor(connection, name) for name in TEAM]


async def _agrees(world: World, name: str) -> None:
    world.languages[name] = "en"
    await world.starts(name)
    for choice in ("en", "yes", "later"):
        await world.picks(name, choice)


async def _together(*works: Awaitable[Any]) -> Sequence[Any]:
    return await asyncio.gather(*works)


def _told(history: list[Row]) -> tuple[str, int | None]:
    """Where a chat is after all that its history tells."""
    state, has = "waiting", None
    for move in history:
        match move["kind"]:
            case "claim" | "take_over" | "transfer":
                state, has = "assigned", move["to_id"]
            case "area" | "back":
                state, has = "waiting", None
            case "close" | "silence":
                state = "closed"
            case "reopen":
                state, has = "assigned" if move["to_id"] else "waiting", move["to_id"]
    return state, has


def _is(ticket: Row) -> tuple[str, int | None]:
    return ticket["state"], ticket["counsellor_id"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The log says nothing here: refusals are meant."""
    structlog.configure(processors=[_dropped])
    yield
    structlog.reset_defaults()


def _dropped(*_: Any) -> Any:
    raise structlog.DropEvent


def test_chats_keep_their_promises(databases: None) -> None:
    run_state_machine_as_test(Chats, settings=settings(
        max_examples=15, stateful_step_count=30, derandomize=True, deadline=None, database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False))
