"""Taking back at any moment: random sendings, failures, retries, restarts and clocks; after every step what is said of
each message is held against what the person's phone really got."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.app import first_account
from bot.channels.base import Outgoing, Permanent, Retry, Unknown
from bot.clock import StoppedClock
from storage import taking_back
from storage.desk import DeskError
from storage.messages import NOT_SENT
from storage.staff import CounsellorView
from storage.tables import Message, Table
from tests.model.test_chats import PHASES, quiet
from tests.pipeline.world import NOW, Recorder, World, build_app
from tests.support import database

__all__ = ["quiet"]
MIMOZA = CounsellorView(1, "mimoza", "Mimoza", "counsellor", False)
ENDS = {"busy": Retry("busy"), "lost": Unknown("no answer"), "unanswered": Unknown("no answer"),
        "refused": Permanent("refused")}
"""How a try ends that does not end well: "lost" did not arrive, "unanswered" did."""
TRIES = st.sampled_from(["early", "late", *ENDS])
SPANS = st.sampled_from([timedelta(minutes=1), timedelta(minutes=20), timedelta(days=3, hours=1)])


class Phone(Recorder):
    """The person's phone behind a channel that may hold what it sends, and may take what it never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.to_come: deque[str] = deque()
        self.in_hand: set[int] = set()
        self.there: defaultdict[int, list[str]] = defaultdict(list)
        """Message -> the platform's number of each time that it arrived."""
        self.ends: defaultdict[int, set[str]] = defaultdict(set)

    async def send(self, outgoing: Outgoing) -> str | None:
        how = self.to_come.popleft() if self.to_come else "late"
        self.in_hand.add(outgoing.id)
        self.ends[outgoing.id].add(how)
        try:
            if how == "early":
                self._arrives(outgoing)
            if self.gate is not None:
                await self.gate.wait()
            if how in ("late", "unanswered"):
                self._arrives(outgoing)
            if how in ENDS:
                raise ENDS[how]
            return None if outgoing.message.takes_back else self.there[outgoing.id][-1]
        finally:
            self.in_hand.discard(outgoing.id)

    def _arrives(self, outgoing: Outgoing) -> None:
        if outgoing.message.takes_back is not None:
            self.taken += outgoing.hides
            return
        self.sent.append(outgoing)
        self.there[outgoing.id].append(f"m{len(self.sent)}")


@dataclass
class Said:
    words: str
    is_old: bool = False
    """A process that may have tried it has ended."""
    cut_off: bool = False
    """It was being sent when a process ended. Where another then hears a refusal, that is all that is known."""
    most: int | None = None
    """Taken back while nobody was sending it: so often it had arrived, and it may not once more."""


class Taking:
    def __init__(self, template: str) -> None:
        self.loop = asyncio.new_event_loop()
        home, clock, self.phone = database.folder(), StoppedClock(NOW + timedelta(minutes=5)), Phone()
        url = database.new(home, template)
        self.world = World(home, clock, self.phone, build_app(home, clock, self.phone, database_url=url))
        self._do(self.world.app.deliver.start())
        self.ticket = int(self.world.one("SELECT id FROM tickets WHERE state = 'assigned'"))
        self.said: dict[int, Said] = {}
        self.taken: set[int] = set()

    # ------------------------------------------------------------------------- what happens

    def writes(self, *how: str) -> None:
        """`how`: what becomes of the next tries."""
        self.phone.to_come.extend(how)
        words = f"Canary{len(self.said)}, come on Monday."
        new = self._do(self.world.staff.reply(self.ticket, MIMOZA.id, words, f"k{len(self.said)}"))
        self.said[new] = Said(words)
        self._look()

    def the_line_hangs(self) -> None:
        self.phone.gate = self.phone.gate or asyncio.Event()

    def the_line_goes_on(self) -> None:
        self._go_on()
        self._look()

    def takes_back(self, which: int, both: bool) -> None:
        """One of the newest. Also twice at once: one is told that it is done."""
        if not self.said:
            return
        key = list(self.said)[-min(which, len(self.said))]
        in_hand = key in self.phone.in_hand
        answers = self._do(self._take_back(key, 2 if both else 1))
        given = [one for one in answers if not isinstance(one, DeskError)]
        assert given == ([] if key in self.taken else [self.said[key].words]), answers
        if given and not in_hand:
            self.said[key].most = len(self.phone.there[key])
        self.taken.add(key)
        self._look()

    def time_passes(self, span: timedelta) -> None:
        self.world.clock.turn(span)
        self._do(self.world.app.deliver.reload())
        self._look()

    def starts_anew(self) -> None:
        cut_off = set(self.phone.in_hand)
        self.world.clock.turn(timedelta(seconds=1))
        self._do(self.world.restart())
        for key, one in self.said.items():
            one.is_old = True
            one.cut_off |= key in cut_off
        self._look()

    # ------------------------------------------------------------------------- what is promised

    def _look(self) -> None:
        self._do(self.world.until(lambda: bool(self.phone.in_hand) or not self.world.may_go(), "it stands still"))
        self._do(self.world.app.store.write(lambda _: None))  # what was sent is noted with it
        rows, fates, everything = self._do(self.world.app.store.read(self._stored))
        assert [row.id for row in rows] == list(self.said), "one row each"
        assert set(fates) == self.taken
        for row in rows:
            there, one, ends = self.phone.there[row.id], self.said[row.id], self.phone.ends[row.id]
            assert row.state in ("queued", "sent", "failed") and (row.state != "failed" or row.error), row
            assert one.most is None or len(there) <= one.most, "it came after it was taken back"
            if row.id not in self.taken:
                assert row.state != "sent" or there
                assert row.state != "failed" or ends & set(ENDS)
                continue
            assert one.words.partition(",")[0] not in everything, "its words are still there"
            match fates[row.id].fate:
                case "unsent":
                    refused_later = one.cut_off and row.error != NOT_SENT
                    assert not there or refused_later, "it is said that it never arrived"
                case "deleted":
                    assert one.cut_off or set(there) <= set(self.phone.taken), "it is said to be gone"
                case "perhaps":
                    assert one.is_old or ends & {"lost", "unanswered"}, "a doubt without a reason"
                case "twice":
                    assert ends & {"lost", "unanswered"} and there[-1] in self.phone.taken
                case "too_late":
                    assert there
                case other:
                    assert other in ("going", "refused")

    def _stored(self, connection: Connection) -> tuple[Any, Any, str]:
        """What is known of them; and all that stands in the database, opened."""
        rows = connection.execute(select(Message.id, Message.state, Message.error)
                                  .where(Message.author == "counsellor").order_by(Message.id)).all()
        tables = Table.metadata.sorted_tables if self.taken else ()
        everything = [connection.execute(select(*table.columns)).all() for table in tables]
        return rows, taking_back.taken(connection, list(self.said)), str(everything)

    def ends(self) -> None:
        """In the end everything has its fate."""
        self.phone.to_come.clear()
        self._go_on()
        for _ in range(3):
            self.world.clock.turn(timedelta(minutes=20))
            self._do(self.world.app.deliver.reload())
            self._look()
        assert self.world.rows("SELECT id, state FROM messages WHERE state = 'queued'") == []

    def close(self) -> None:
        self._do(self.world.stop())
        self.loop.close()

    # ------------------------------------------------------------------------- helpers

    def _go_on(self) -> None:
        if self.phone.gate is not None:
            self.phone.gate.set()
            self.phone.gate = None
            self._do(self.world.settle())

    async def _take_back(self, key: int, times: int) -> list[object]:
        work = (self.world.staff.take_back(self.ticket, key, MIMOZA, False) for _ in range(times))
        return list(await asyncio.gather(*work, return_exceptions=True))

    def _do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)


@pytest.fixture
def template(databases: None) -> str:
    """Somebody whose chat a counsellor has."""

    def fill(url: str) -> None:
        asyncio.run(_in_talk(url))

    with database.passing():
        return database.prepared(fill)


async def _in_talk(url: str) -> None:
    home, clock, channel = database.folder(), StoppedClock(NOW), Recorder()
    world = World(home, clock, channel, build_app(home, clock, channel, database_url=url))
    first_account(world.app)
    await world.app.deliver.start()
    anna = await world.person().agrees()
    await anna.says("/human")
    await world.staff.claim(anna.ticket(), MIMOZA.id)
    await world.settle()
    await world.stop()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends waits for nothing that hangs."""
    monkeypatch.setattr("bot.deliver.deliver.SENDING_MAY_TAKE", 0.01)


STEPS = st.lists(st.one_of(
    st.tuples(st.just(Taking.writes), TRIES), st.tuples(st.just(Taking.writes), TRIES, TRIES),
    st.tuples(st.just(Taking.takes_back), st.integers(1, 2), st.booleans()), st.tuples(st.just(Taking.the_line_hangs)),
    st.tuples(st.just(Taking.the_line_goes_on)), st.tuples(st.just(Taking.starts_anew)),
    st.tuples(st.just(Taking.time_passes), SPANS),
), min_size=6, max_size=14)


A_WHILE = timedelta(minutes=20)


@example(steps=[(Taking.writes, "unanswered", "late"), (Taking.time_passes, A_WHILE), (Taking.takes_back, 1, False)])
@example(steps=[(Taking.the_line_hangs,), (Taking.writes, "unanswered"), (Taking.takes_back, 1, True)])
@example(steps=[(Taking.the_line_hangs,), (Taking.writes, "early"), (Taking.takes_back, 1, False),
                (Taking.starts_anew,)])
@example(steps=[(Taking.the_line_hangs,), (Taking.writes, "early", "busy"), (Taking.starts_anew,),
                (Taking.the_line_goes_on,), (Taking.takes_back, 1, False)])
@settings(max_examples=25, derandomize=True, deadline=None, database=None, phases=(Phase.explicit, *PHASES),
          suppress_health_check=list(HealthCheck), report_multiple_bugs=False)
@given(steps=STEPS)
def test_what_is_said_of_a_message_is_so(template: str, steps: list[tuple[Any, ...]]) -> None:
    taking = Taking(template)
    try:
        for act, *how in steps:
            act(taking, *how)
        taking.ends()
    finally:
        taking.close()
