"""The outbox: in order for each address, what people wait for first, and nothing lost when the platform fails."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.channels.base import Blocked, Limits, Outgoing, Permanent, Retry, SendError, Unknown
from bot.clock import StoppedClock
from bot.deliver import Deliver
from storage import contacts, messages
from storage.database import connect
from storage.messages import REMINDER, REPLY, Queued
from storage.store import Store, StoreError
from storage.tables import Address, Contact, Message
from tests.pipeline.world import CHANNEL, NOW, Person, Recorder, World, moment, stops
from tests.support import database
from tests.support.patience import PATIENCE
from tests.support.rows import put


async def queue(world: World, person: Person, *texts: str, lane: int = REPLY) -> list[Queued]:
    """Put texts into the outbox as a turn does."""
    rows = [row_for(world, person.id, person.address, text, lane) for text in texts]
    queued = await world.app.store.write(lambda connection: messages.queue(connection, rows))
    world.app.deliver.outbox.offer(queued)
    return queued


def row_for(world: World, contact: int, address: str, text: str, lane: int) -> dict[str, Any]:
    now = world.clock.now()
    return {"contact_id": contact, "channel": CHANNEL, "address": address, "author": "bot", "counsellor_id": None,
            "kind": "text", "text": text, "content": None, "lane": lane, "state": "queued", "attempts": 0,
            "due_at": now, "at": now}


async def known(world: World, address: str = "anna") -> Person:
    """Somebody at the menu, with nothing waiting."""
    return await world.person(address).agrees()


def heard_since(person: Person, before: int) -> list[str]:
    return person.texts[before:]


def state_of(world: World, text: str) -> tuple[str, int]:
    [row] = world.rows("SELECT state, attempts FROM messages WHERE text = ? AND author != 'person'", text)
    return row


async def a_little() -> None:
    """Let whatever can happen happen."""
    for _ in range(10):
        await asyncio.sleep(0.001)


# ------------------------------------------------------------------ each kind of failure


async def test_retry_is_sent_again_before_the_next(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Retry("busy"))
    await queue(world, anna, "one", "two", "three")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    await a_little()
    assert heard_since(anna, before) == []
    await world.turn(seconds=1)
    assert heard_since(anna, before) == ["one", "two", "three"]
    assert state_of(world, "one")[0] == state_of(world, "three")[0] == "sent"


@pytest.mark.parametrize("error", [Retry("busy"), Unknown("no answer"), Permanent("refused")])
async def test_what_is_withdrawn_while_it_is_being_sent_is_not_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: SendError
) -> None:
    """Somebody says stop, or deletes everything, while the platform refuses."""
    anna = await known(world)
    before, tasks = len(anna.heard), world.one("SELECT count(*) FROM tasks")

    async def refused_after_a_stop(_: Outgoing) -> str | None:
        monkeypatch.undo()
        await world.app.store.write(lambda c: messages.fail_all(c, anna.id, CHANNEL, anna.address, "stopped"))
        raise error

    monkeypatch.setattr(world.channel, "send", refused_after_a_stop)
    await queue(world, anna, "one")
    await world.settle()
    await world.turn(minutes=15)
    assert heard_since(anna, before) == []
    assert world.one("SELECT count(*) FROM tasks") == tasks
    await queue(world, anna, "two")
    await world.settle()
    assert heard_since(anna, before) == ["two"]


@pytest.mark.parametrize("wrong", [StoreError("full"), KeyError("a mistake of ours")])
async def test_a_failure_that_cannot_be_stored_silences_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    anna = await known(world)
    before = len(anna.heard)
    tried = asyncio.Event()

    def refuses(*_: object) -> None:
        tried.set()
        raise wrong

    monkeypatch.setattr("bot.deliver.settling.later", refuses)
    world.channel.fails("anna", Retry("busy"))
    await queue(world, anna, "one", "two")
    async with asyncio.timeout(PATIENCE):
        await tried.wait()
    await a_little()
    assert heard_since(anna, before) == []
    await world.turn(seconds=1)
    assert heard_since(anna, before) == ["one", "two"]
    assert state_of(world, "one")[0] == state_of(world, "two")[0] == "sent"


async def test_who_reads_the_outbox_again_waits_for_a_reading_under_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be older than what is to be found; and nobody may think that all was read while it was not."""
    anna = await known(world)
    deliver, before = world.app.deliver, len(anna.heard)
    old, read = asyncio.Event(), deliver.store.read

    async def slowly(work: Any) -> Any:
        found = await read(work)
        await old.wait()
        return found

    monkeypatch.setattr(deliver.store, "read", slowly)
    deliver.outbox.look_again()
    await a_little()
    monkeypatch.setattr(deliver.store, "read", read)
    row = row_for(world, anna.id, anna.address, "one", REPLY)
    await world.app.store.write(lambda connection: put(connection, Message, **row))
    again = asyncio.create_task(deliver.reload())
    await a_little()
    assert not again.done()
    old.set()
    await again
    await deliver.drain()
    assert heard_since(anna, before) == ["one"]


async def test_retry_with_seconds_waits_so_long(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Retry("slow down", seconds=30))
    await queue(world, anna, "one", "two")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    await world.turn(seconds=29)
    assert heard_since(anna, before) == []
    await world.turn(seconds=1)
    assert heard_since(anna, before) == ["one", "two"]


async def test_unknown_is_sent_again(world: World) -> None:
    """Twice is better than never."""
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Unknown("timed out"))
    await queue(world, anna, "one", "two")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    await world.turn(seconds=5)
    assert heard_since(anna, before) == ["one", "two"]


async def test_permanent_leaves_out_one_message(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Permanent("too long"))
    await queue(world, anna, "one", "two")
    await world.settle()
    assert heard_since(anna, before) == ["two"]
    assert state_of(world, "one") == ("failed", 1)
    assert world.one("SELECT blocked_at IS NULL FROM addresses") == 1


async def test_a_channel_that_breaks_is_like_a_retry(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", RuntimeError("a mistake in the channel"))
    await queue(world, anna, "one", "two")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    await world.turn(seconds=1)
    assert heard_since(anna, before) == ["one", "two"]


async def test_blocked_then_back(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Blocked("bot was blocked by the user"))
    await queue(world, anna, "one", "two", "three")
    await world.until(lambda: state_of(world, "three")[0] == "failed", "the messages of the blocked were not given up")
    assert [state_of(world, text)[0] for text in ("one", "two")] == ["failed", "failed"]
    assert world.one("SELECT blocked_at IS NOT NULL FROM addresses") == 1
    assert len(world.channel.tried) == before + 1, "more was tried at a blocked address"
    heard = await anna.starts()
    assert world.one("SELECT blocked_at IS NULL FROM addresses") == 1
    assert "What would you like to do?" in heard[-1].text


async def test_one_in_trouble_holds_up_nobody_else(world: World) -> None:
    anna, ben = await known(world), await known(world, "ben")
    world.channel.fails("anna", Retry("slow down", seconds=3600))
    await queue(world, anna, "for anna")
    before = len(ben.heard)
    await queue(world, ben, "for ben")
    await world.until(lambda: heard_since(ben, before) == ["for ben"], "ben waits for anna's trouble")


async def test_hours_of_waiting_survive_a_restart(world: World) -> None:
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Retry("flood", seconds=4 * 3600))
    await queue(world, anna, "one", "two")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    due = moment(world.one("SELECT due_at FROM messages WHERE text = 'one'"))
    assert due == NOW + timedelta(hours=4)
    await world.restart()
    await a_little()
    assert heard_since(anna, before) == []
    await queue(world, anna, "three")
    await world.turn(hours=3, minutes=59)
    assert heard_since(anna, before) == []
    await world.turn(minutes=1)
    assert heard_since(anna, before) == ["one", "two", "three"]


async def test_a_message_on_its_way_when_the_process_ends_is_sent_again(world: World) -> None:
    anna = await known(world)
    world.channel.gate = asyncio.Event()
    await queue(world, anna, "one", "two")
    await a_little()
    assert state_of(world, "one")[0] == "queued"
    channel = Recorder()
    next_process = Deliver(world.app.store, {CHANNEL: channel}, world.clock)
    await next_process.start()
    await world.until(lambda: [one.text for one in channel.to("anna")] == ["one", "two"], "not sent again")
    await next_process.stop()
    world.channel.gate.set()


@pytest.mark.parametrize("error", [Retry("no network"), Unknown("timed out")])
async def test_an_outage_of_a_day_loses_nothing(world: World, error: SendError) -> None:
    """The platform, or our line to it, is gone for a day: what was to be said is said when it is back."""
    anna = await known(world)
    before = len(anna.heard)
    world.channel.outage = lambda: error
    await queue(world, anna, "the counsellor's words", "more of them")
    for _ in range(24 * 2):
        await a_little()
        await world.turn(minutes=30)
    world.channel.outage = None
    await a_little()
    await world.turn(hours=2)
    assert heard_since(anna, before) == ["the counsellor's words", "more of them"]


async def test_giving_up_on_a_message_is_somebodys_task(world: World) -> None:
    """What never arrives must not end in silence."""
    anna = await known(world)
    world.channel.outage = lambda: Retry("no network")
    await queue(world, anna, "lost words")
    for _ in range(24 * 14):
        await a_little()
        await world.turn(hours=1)
        if state_of(world, "lost words")[0] == "failed":
            break
    assert state_of(world, "lost words")[0] == "queued" or anna.tasks(), "given up, and nobody was told"


# ------------------------------------------------------------------ the database fails while sending


async def test_sent_but_not_marked_is_not_sent_again_by_the_same_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await known(world)
    before = len(anna.heard)
    locked = True
    mark = messages.mark_sent

    def marks(connection: Connection, rows: Any) -> None:
        if locked:
            raise StoreError("locked")
        mark(connection, rows)

    monkeypatch.setattr(messages, "mark_sent", marks)
    await queue(world, anna, "one")
    await world.until(lambda: heard_since(anna, before) == ["one"], "not sent")
    await a_little()
    await world.app.deliver.reload()
    await a_little()
    assert heard_since(anna, before) == ["one"], "sent twice, since the sweep came before the mark"
    locked = False
    await world.app.deliver.reload()
    await a_little()
    assert heard_since(anna, before) == ["one"]
    assert state_of(world, "one")[0] == "sent", "the sweep does not mark what could not be marked before"


async def test_a_sweep_in_the_middle_of_many_sends_repeats_nothing(world: World) -> None:
    people = [await known(world, f"p{number}") for number in range(5)]
    before = {person.address: len(person.heard) for person in people}
    for person in people:
        await queue(world, person, *(f"text {number}" for number in range(30)))
    for _ in range(40):
        await world.app.deliver.reload()
        await asyncio.sleep(0)
    await world.settle()
    for person in people:
        assert heard_since(person, before[person.address]) == [f"text {number}" for number in range(30)]


async def test_after_a_death_a_reply_does_not_overtake_the_reminder_before_it(world: World) -> None:
    """A check-in was on its way, and the person had answered already: both go, in their order."""
    anna = await known(world)
    await world.stop()
    before, world.app = len(anna.heard), world.build()
    rows = [row_for(world, anna.id, "anna", "How is it going?", REMINDER),
            row_for(world, anna.id, "anna", "Good to hear.", REPLY)]
    await world.app.store.write(lambda connection: messages.queue(connection, rows))
    await world.app.deliver.start()
    await world.settle()
    assert heard_since(anna, before) == ["How is it going?", "Good to hear."]


@pytest.mark.parametrize("end", ["sent", "refused", "blocked"])
async def test_a_sweep_that_had_begun_before_brings_nothing_back(
    world: World, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """The sweep reads; then the message is sent or given up; then the sweep hands over what it had read."""
    anna = await known(world)
    before = len(world.channel.tried)
    world.channel.gate = asyncio.Event()
    if end != "sent":
        world.channel.fails("anna", Permanent("refused") if end == "refused" else Blocked("gone"))
    await queue(world, anna, "one")
    have_read, go, unsent = threading.Event(), threading.Event(), messages.unsent

    def slow(connection: Connection, lane: int, limit: int) -> list[Queued]:
        found = unsent(connection, lane, limit)
        have_read.set()
        assert go.wait(PATIENCE)
        return found

    monkeypatch.setattr(messages, "unsent", slow)
    sweep = asyncio.create_task(world.app.deliver.reload())
    await asyncio.to_thread(have_read.wait, PATIENCE)
    world.channel.gate.set()
    await world.until(lambda: state_of(world, "one")[0] != "queued", "nothing happened")
    await a_little()
    go.set()
    await sweep
    await a_little()
    assert len(world.channel.tried) == before + 1, "tried again, out of order"


async def test_the_failure_cannot_be_stored_and_the_message_still_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await known(world)
    before = len(anna.heard)

    def locked(*_: object) -> None:
        raise StoreError("locked")

    monkeypatch.setattr(messages, "mark_later", locked)
    world.channel.fails("anna", Retry("busy"))
    await queue(world, anna, "one", "two")
    await a_little()
    monkeypatch.undo()
    world.clock.turn(timedelta(seconds=5))
    await world.app.deliver.reload()
    await world.until(lambda: heard_since(anna, before) == ["one", "two"], f"got {heard_since(anna, before)}")


# ------------------------------------------------------------------ what was taken back


async def test_after_stop_no_waiting_reminder_is_sent(world: World) -> None:
    """A reminder that waits for its retry is not sent to somebody who has said stop meanwhile."""
    anna = await known(world)
    before = len(anna.heard)
    world.channel.fails("anna", Retry("slow down", seconds=600))
    await queue(world, anna, "a check-in", lane=REMINDER)
    await world.until(lambda: state_of(world, "a check-in") == ("queued", 1), "the failure was not stored")
    await world.handle(anna.message("stop"))
    await world.turn(seconds=601)
    await a_little()
    assert "a check-in" not in heard_since(anna, before)
    assert any("We will not write to you by ourselves" in text for text in heard_since(anna, before))


async def test_drain_returns_while_a_message_waits_for_its_time(world: World) -> None:
    anna = await known(world)
    world.channel.fails("anna", Retry("slow down", seconds=600))
    await queue(world, anna, "one")
    await world.until(lambda: state_of(world, "one") == ("queued", 1), "the failure was not stored")
    async with asyncio.timeout(PATIENCE):
        await world.app.deliver.drain()


async def test_it_stops_at_whatever_moment(world: World) -> None:
    """Also in the very tick in which it was woken: otherwise the process does not end."""
    anna, ben = await known(world), await known(world, "ben")
    for ticks in range(8):
        channel = Recorder()
        channel.fails("anna", Retry("later", seconds=60))
        deliver = Deliver(world.app.store, {CHANNEL: channel}, world.clock)
        await deliver.start()
        deliver.outbox.offer(await stored(world, anna))
        await world.until(lambda seen=channel: len(seen.tried) == 1, "not tried")
        await a_little()
        words = await stored(world, ben)
        deliver.outbox.offer(words)
        for _ in range(ticks):
            await asyncio.sleep(0)
        assert await stops(deliver), f"stop() hangs when it comes {ticks} ticks after news"
        world.change("DELETE FROM messages WHERE state = 'queued'")


async def stored(world: World, person: Person) -> list[Queued]:
    rows = [row_for(world, person.id, person.address, "words", REPLY)]
    return await world.app.store.write(lambda connection: messages.queue(connection, rows))


# ------------------------------------------------------------------ two lanes and the pace


async def test_a_reply_does_not_wait_for_two_thousand_others(world: World) -> None:
    """A flood is under way at a pace; a person writes; the answer is among the very next that are sent."""
    anna = await known(world)
    channel = Recorder(Limits(text=100_000, label=200, a_second=400.0, a_second_each=1e9))
    await world.restart(channel)
    rows = await crowd(world, 2000)
    world.app.deliver.outbox.offer(await world.app.store.write(lambda connection: messages.queue(connection, rows)))
    await world.until(lambda: len(channel.sent) >= 20, "the flood did not begin")
    at = len(channel.sent)
    await world.handle(anna.message("menu"))
    queued = len(channel.sent)
    await world.until(lambda: bool(channel.to("anna")), "no reply")
    position = next(number for number, one in enumerate(channel.sent) if one.address == "anna")
    assert at <= position <= queued + 70, f"the reply was number {position}; when it was queued, {queued} had gone"
    assert len(channel.sent) < 1500, "the flood was over before the reply: this shows nothing"


async def test_a_reminder_in_a_persons_line_goes_before_their_reply(world: World) -> None:
    """Order holds within a line: the reply pulls what stands before it forward."""
    anna = await known(world)
    before = len(anna.heard)
    world.channel.gate = asyncio.Event()
    rows = await crowd(world, 400)
    world.app.deliver.outbox.offer(await world.app.store.write(lambda connection: messages.queue(connection, rows)))
    await queue(world, anna, "a check-in", lane=REMINDER)
    await queue(world, anna, "a reply")
    sent = len(world.channel.sent)
    world.channel.gate.set()
    await world.settle()
    assert heard_since(anna, before) == ["a check-in", "a reply"]
    order = [one.address for one in world.channel.sent[sent:]]
    assert order.index("anna") < 200, "the line did not move to the lane of replies"


async def crowd(world: World, count: int) -> list[dict[str, Any]]:
    """Rows of a broadcast to so many people."""

    def add(connection: Connection) -> list[int]:
        people = [(CHANNEL, f"crowd-{one}", "en") for one in range(count)]
        return [one.person.id for one in contacts.add(connection, people, "Europe/Belgrade", NOW)]

    ids = await world.app.store.write(add)
    return [row_for(world, contact, f"crowd-{at}", "news", REMINDER) for at, contact in enumerate(ids)]


async def test_the_pace_for_one_person_holds(world: World) -> None:
    """After a few in a row, a person gets them at the channel's pace; others do not wait for that."""
    channel = Recorder(Limits(text=100_000, label=200, a_second=1e9, a_second_each=50.0))
    anna, ben = await known(world), await known(world, "ben")
    await world.restart(channel)
    started = asyncio.get_running_loop().time()
    await queue(world, anna, *(f"a{number}" for number in range(8)))
    await queue(world, ben, "b")
    await world.until(lambda: bool(channel.to("ben")), "ben waits")
    assert len(channel.to("anna")) < 8
    await world.settle()
    took = asyncio.get_running_loop().time() - started
    assert [one.text for one in channel.to("anna")] == [f"a{number}" for number in range(8)]
    assert took >= 0.09, f"eight messages in {took:.3f} s at 50 a second after three at once"


async def test_the_outbox_keeps_nothing_of_people_who_wait_for_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that runs for months must not grow by everybody it ever wrote to."""
    rows = await crowd(world, 300)
    world.app.deliver.outbox.offer(await world.app.store.write(lambda connection: messages.queue(connection, rows)))
    await world.settle()
    await world.app.deliver.drain()  # what the database knows is known in memory too
    assert len(world.app.deliver.outbox.held.lines) >= 300
    loop = asyncio.get_running_loop()
    later = loop.time() + 3600
    monkeypatch.setattr(loop, "time", lambda: later)
    await world.app.deliver.reload()
    monkeypatch.undo()
    assert len(world.app.deliver.outbox.held.lines) == 0


# ------------------------------------------------------------------ order, whatever happens

TROUBLE = st.sampled_from(["ok", "retry", "retry_in", "unknown", "permanent", "breaks"])


def error_for(kind: str) -> Exception | None:
    return {"ok": None, "retry": Retry("busy"), "retry_in": Retry("slow down", 7), "unknown": Unknown("timed out"),
            "permanent": Permanent("refused"), "breaks": RuntimeError("broken")}[kind]


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(troubles=st.dictionaries(st.sampled_from("abc"), st.lists(TROUBLE, max_size=9), max_size=3))
def test_later_messages_never_overtake(plain: str, troubles: dict[str, list[str]]) -> None:
    """Each address gets its messages in order; only what was refused for good is left out."""
    asyncio.run(_order(plain, troubles))


@pytest.fixture(scope="module")
def plain(databases: None) -> str:
    """Tables and nothing else; here it need not survive a power cut."""
    return database.new(database.folder(), database.with_tables(), keep=True)


def _anything_unsent(connection: Connection) -> list[Queued]:
    return messages.unsent(connection, REPLY, 9) + messages.unsent(connection, REMINDER, 9)


async def _order(url: str, troubles: dict[str, list[str]]) -> None:
    store, clock, channel = Store(connect(url, database.keys())), StoppedClock(NOW), Recorder()
    for address, kinds in troubles.items():
        channel.fails(address, *map(error_for, kinds))
    deliver = Deliver(store, {CHANNEL: channel}, clock)
    await deliver.start()
    try:
        expected = await _queue_for_three(store, deliver, clock)
        for _ in range(60):
            await asyncio.sleep(0.001)
            if not await store.read(_anything_unsent):
                break
            clock.turn(timedelta(seconds=60))
            await deliver.reload()
    finally:
        await deliver.stop()
        await asyncio.to_thread(store.close)
    for address, texts in expected.items():
        arrived = [one.text for one in channel.to(address)]
        assert arrived == [text for text in texts if text in arrived], "overtaken, or twice"
        refused = troubles.get(address, []).count("permanent")
        assert len(arrived) >= len(texts) - refused


async def _queue_for_three(store: Store, deliver: Deliver, clock: StoppedClock) -> dict[str, list[str]]:
    def add(connection: Connection) -> list[Queued]:
        contact = contacts.who(connection, CHANNEL, "a")
        if contact is None:
            contact = put(connection, Contact, created_at=NOW, language="en", time_zone="UTC", known={}, consents={})
            for address in "abc":
                put(connection, Address, contact_id=contact, channel=CHANNEL, address=address, last_used_at=NOW)
        rows = [
            {"contact_id": contact, "channel": CHANNEL, "address": address, "author": "bot", "kind": "text",
             "text": f"{address}{number}", "content": None, "lane": number % 2, "state": "queued", "attempts": 0,
             "due_at": clock.now(), "at": clock.now()}
            for number in range(5) for address in "abc"
        ]
        return messages.queue(connection, rows)

    deliver.outbox.offer(await store.write(add))
    return {address: [f"{address}{number}" for number in range(5)] for address in "abc"}
