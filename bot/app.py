"""The composition root: the one file that builds the parts and joins them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot import fact_sheet, office, plan_picture, plan_sheet, platforms
from bot.channels.base import Channel, TellsFates, Watched
from bot.channels.web_chat import WebChat
from bot.clock import Clock, local_date
from bot.collector import lasting
from bot.deliver import Deliver
from bot.deliver.fates import Fates
from bot.hours import OfficeHours
from bot.live import ALARM, Live
from bot.media import Fetch, OurMedia
from bot.metrics import Metrics
from bot.office import Office
from bot.receive import Receive
from bot.receive.rounds import Rounds
from bot.receive.tell_again import answer_asked, tell_again
from bot.receive.turns import Turns
from bot.receive.when import next_allowed
from bot.render import Knowledge, forms, sheet
from bot.retention import Retention, ages
from bot.settings import Settings
from bot.speech import Speech
from bot.timers import Timers
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.register import Register, seed
from conversations.understanding import reader_for
from storage import audit, facts, presence, schema, small, staff
from storage.database import connect
from storage.facts import REGISTER
from storage.health import Figures, figures
from storage.media import TOPIC as TO_FETCH
from storage.news import News, unpacked
from storage.office import CHANGED
from storage.processes import Processes, together_or_alone
from storage.sealed import keys
from storage.store import Store, StoreError

if TYPE_CHECKING:

    from bot.group import Group
    from bot.push import Push

log = structlog.get_logger()
AHEAD = "clock_ahead_seconds"


@dataclass(slots=True)
class App:
    """The running parts."""

    settings: Settings
    clock: Clock
    live: Live
    store: Store
    translator: Translator
    channels: dict[str, Channel]
    deliver: Deliver
    receive: Receive
    timers: Timers
    fetch: Fetch
    our_media: OurMedia
    fates: Fates
    metrics: Metrics
    processes: Processes
    office: Office
    group: Group | None = None
    """The staff group, where there is one."""
    push: Push | None = None
    """What wakes browsers, where they may be woken."""
    _looking: asyncio.Task[None] | None = None
    _reading: asyncio.Task[None] | None = None
    _readings: int = 0
    _read: int = 0
    """The newest of them that has the facts."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hear(self, news: News) -> None:
        """What a transaction led to: send it, and wake the pages that follow."""
        self.deliver.hear(news)
        if TO_FETCH in news.topics:
            self.fetch.wake()
        for topic in news.topics:
            self.live.wake(topic)
        if self.push is not None and ALARM in news.topics:
            self.push.wake()
        if self.group is not None:
            self.group.hear(news.topics)
        if CHANGED in news.topics:
            self._looking = asyncio.create_task(self.office.look_again())
        if REGISTER in news.topics:
            self._reading = asyncio.create_task(self.read_register())

    async def read_register(self) -> None:
        """Somebody has edited the facts: from now on this process tells what they say now. Of two edits at once the
        later one holds, also where it was the first to be read. Until the words of the new ones are read as well,
        messages are answered with the old ones: none waits for it."""
        self._readings = mine = self._readings + 1
        found = await self.store.read(lambda connection: facts.load(connection, seed()))
        self._read = max(mine, self._read)
        async with self._one_at_a_time:
            if mine == self._read:  # else a later edit was read meanwhile, with this one in it
                await asyncio.to_thread(words_read, found, self.receive.turns.settings.draft_languages)
                self.receive.turns.knowledge.register = found

    async def tell_fact(self, fact_id: str, counsellor_id: int) -> int:
        """Tell those who were told an older version of this fact how it is now; says how many."""
        now = self.clock.now()

        def work(connection: Connection) -> int:
            fact = facts.load(connection, seed()).facts.get(fact_id)
            count = tell_again(self.receive, connection, fact, now) if fact else 0
            audit.note(connection, counsellor_id, "tell_fact", None, now, people=count)
            return count

        return await self.store.write(work)

    async def answer_facts(self, fact_ids: Collection[str], counsellor_id: int) -> int:
        """Tell those who asked about these facts while nobody could say them; says how many."""
        now = self.clock.now()

        def work(connection: Connection) -> int:
            register = facts.load(connection, seed())
            found = [register.facts[one] for one in fact_ids if one in register.facts]
            return answer_asked(self.receive, connection, found, counsellor_id, now)

        return await self.store.write(work)

    def hear_others(self, payload: str) -> None:
        """The same, said by whichever process it was, this one included."""
        self.hear(unpacked(payload))

    def look_again(self) -> None:
        """Something may have been missed."""
        self.live.wake_all()
        if self.group is not None:
            self.group.look_again()
        self._looking = asyncio.create_task(self._look_at_all())

    async def _look_at_all(self) -> None:
        await self.office.look_again()
        await self.read_register()
        await self.deliver.reload()

    async def begin(self) -> None:
        """This process fetches what comes in now."""
        for channel in self.channels.values():
            await channel.begin()

    async def cease(self) -> None:
        for channel in self.channels.values():
            await channel.cease()

    async def turn_clock(self, days: int) -> None:
        """Turn the demo's clock to a time of day when we may write, and let what is due then happen."""
        later = self.clock.now() + timedelta(days=days)
        ahead = next_allowed(later, self.settings.time_zone) - self.clock.now()
        self.clock.turn(ahead)
        await self.store.write(lambda connection: presence.move(connection, ahead))
        seconds = int(self.clock.ahead.total_seconds())
        await self.store.write(lambda connection: small.put(connection, AHEAD, seconds))
        await self.timers.remind()
        await self.timers.rounds.run()
        await self.timers.rounds.end_silence()
        self.live.publish("queue")

    async def ready(self) -> str | None:
        """What keeps the bot from working, or None."""
        seconds = int(self.clock.now().timestamp())
        try:
            await self.store.write(lambda connection: small.put(connection, "ready_at", seconds))
        except (StoreError, DBAPIError):
            return "the database does not take writes"
        return None

    def channel_troubles(self) -> str | None:
        """Which platforms do not answer, or None."""
        known = {name: one.trouble() for name, one in self.channels.items() if isinstance(one, Watched)}
        if self.group is not None:
            known["staff group:"] = self.group.trouble()
        return "; ".join(f"{name} {trouble}" for name, trouble in known.items() if trouble) or None

    async def figures(self) -> Figures:
        """How full the queues are."""
        now = self.clock.now()
        today = local_date(now, self.settings.time_zone)
        return await self.store.read(partial(figures, now=now, today=today))


def build(settings: Settings, clock: Clock | None = None, channels: Sequence[Channel] | None = None,
          demo: bool = False, processes: Processes | None = None) -> App:
    """Everything built and joined, nothing started. Creates the data folder and brings the schema up to date."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine, clock = connect(settings.database, settings.keys), clock or Clock()
    try:
        schema.upgrade(engine)
        register, hours = _prepare(engine, clock, demo, settings)
    except BaseException:
        engine.dispose()
        raise
    live, store = Live(), Store(engine)
    translator = Translator(default=settings.default_language, waiting=settings.draft_languages)
    known = {one.name: one for one in (channels if channels is not None else platforms.chosen(settings, clock, live))}
    metrics = Metrics(known)
    store.watcher = metrics
    fates = Fates(store, clock)
    for channel in known.values():
        if isinstance(channel, Watched):
            channel.note_skipped = metrics.skipped
        if isinstance(channel, TellsFates):
            channel.note_fates = fates.note
    spoken = Speech(settings.data_dir / "spoken", translator, settings.speech)
    makers = {"plan": plan_picture.draw, sheet.KIND: plan_sheet.as_pdf, forms.KIND: fact_sheet.as_pdf,
              forms.SPOKEN: spoken.spoken}
    our_media = OurMedia(store, makers, clock, settings.public_url)
    deliver = Deliver(store, known, clock, metrics, our_media)
    turns = Turns(
        translator=translator,
        knowledge=Knowledge(register, settings.show_unverified_facts),
        settings=settings,
        hours=hours,
        limits={name: channel.limits for name, channel in known.items()},
        titles={name: channel.title for name, channel in known.items()},
        conversations=CONVERSATIONS,
        door=partial(platforms.door, known, settings),
        speaks=spoken.speaks,
    )
    receive = Receive(store, turns, clock, metrics)
    timers = Timers(store, receive, deliver, clock, Retention(store, clock, ages(settings)),
                    Rounds(receive))
    app = App(settings, clock, live, store, translator, known, deliver, receive, timers,
              Fetch(store, known, clock), our_media, fates, metrics,
              processes or together_or_alone(settings.database), Office(store, settings, hours, receive.keep_hours))
    app.group = _group(app)
    app.push = _push(app)
    store.hear = app.hear
    if store.several:
        live.spread = store.spread
    return app


def _group(app: App) -> Group | None:
    telegram = app.channels.get("telegram")
    if not app.settings.telegram_staff_group or telegram is None:
        return None
    from bot.channels.telegram import Telegram
    from bot.group import Group

    assert isinstance(telegram, Telegram)
    return Group(telegram, app.receive, app.settings, app.turn_clock)


def _push(app: App) -> Push | None:
    if not app.settings.pushes:
        return None
    from bot.push import Push, Vapid

    push = Push(app.store, app.clock, Vapid(keys.push_secret(app.store.engine), app.settings.public_url))
    for channel in app.channels.values():
        if isinstance(channel, WebChat):
            channel.note_sent = push.wake
    return push


def words_read(register: Register, waiting: tuple[str, ...]) -> None:
    """From now on texts are read with the words of these facts without anybody's waiting for it."""
    with lasting():
        reader_for(register, waiting)


def _prepare(engine: Engine, clock: Clock, demo: bool, settings: Settings) -> tuple[Register, OfficeHours]:
    """Facts, the office hours, and the demo's clock."""
    register = seed()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        schema.one_at_a_time(connection)
        keys.prepare(connection)
        facts.seed(connection, register)
        loaded = facts.load(connection, register)
        if demo and (ahead := small.get(connection, AHEAD)):
            clock.ahead = timedelta(seconds=ahead)
        hours = office.load(connection, settings)
    return loaded, hours


def first_account(app: App) -> str | None:
    """The account that a new installation begins with: its password, which only this process knows, or None.

    Hashing it is slow on purpose, so it is done when people can write already."""
    with app.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        schema.one_at_a_time(connection)
        if staff.count_counsellors(connection):
            return None
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        staff.add_counsellor(connection, "coordinator", "Coordinator", "coordinator", password, app.clock.now(),
                             staff.AREAS)
        return password


Change: TypeAlias = Callable[[], Awaitable[None]]


def _lead(app: App, role: str, gained: Change, lost: Change) -> None:
    """Take this role where it is free, and let it be seen which process has it."""

    async def begin() -> None:
        await gained()
        app.metrics.leads(role, True)

    async def cease() -> None:
        app.metrics.leads(role, False)
        await lost()

    app.metrics.leads(role, False)
    app.processes.lead(role, begin, cease)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    """Channels, outbox and timers at work; stopped in the order in which nothing is lost.

    Of several processes, one fetches what comes in and one sends; all of them store, remind and answer pages."""
    _lead(app, "sender", app.deliver.start, app.deliver.stop)
    _lead(app, "receiver", app.begin, app.cease)
    if app.group is not None:
        _lead(app, "group", app.group.start, app.group.stop)
    try:
        if app.group is not None:
            await app.group.open()
        for channel in app.channels.values():
            await channel.start(app.receive.handle)
        app.store.hears_others = app.store.several
        await app.processes.start(app.hear_others, app.look_again)
        app.timers.start()
        app.fetch.start()
        if app.push is not None:
            app.push.start()
        yield app
    finally:
        app.timers.stop()
        await app.fetch.stop()
        if app.push is not None:
            await app.push.stop()
        app.fates.stop()
        await app.cease()
        await app.processes.stop()
        if app.group is not None:
            await app.group.finish()
        for channel in app.channels.values():
            with contextlib.suppress(Exception):
                await channel.stop()
        await asyncio.to_thread(app.store.close)
