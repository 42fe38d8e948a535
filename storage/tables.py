"""The schema. Moments are whole microseconds since 1970 in UTC; JSON columns hold what only Python looks into.

What tells of a person is `Sealed`: reading opens it, writing goes through `storage.sealed.keys.seal`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy import Table as Described
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from storage.declared import DeclaredTable, Mapped, mapped_column
from storage.sealed.types import Findable, Sealed, SealedBytes, TeamSealed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Id = BigInteger().with_variant(Integer, "sqlite")


NO_ID_AGAIN = {"sqlite_autoincrement": True}
"""The id of a deleted row is never given to another: an open page or an old button would speak of somebody else."""
WHERE = "where"
"""Of an index: it holds only the rows of which this is true."""


RECEIPTS = "channel = 'viber' AND external_id IS NOT NULL"
"""Messages of which the platform tells what became of them. Asked for in these very words: so the index is used."""


class Moment(TypeDecorator[datetime]):
    """A point in time. Quicker than a text to write, compare and index, the same on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


class Json(TypeDecorator[Any]):
    """A value as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Table(DeclaredTable):
    metadata = MetaData()
    types: ClassVar = {int: Integer, bool: Boolean, date: Date, datetime: Moment, str: Text, dict[str, Any]: Json,
                       list[str]: Json, Any: Json}


@event.listens_for(Table.metadata, "before_create")
def _say_where(metadata: MetaData, connection: Connection, **_: Any) -> None:
    """SQLAlchemy loads each database's part when an index names it; so only the one that is in use is named."""
    for index in (index for table in metadata.tables.values() for index in table.indexes if WHERE in index.info):
        index.dialect_options[connection.dialect.name][WHERE] = text(index.info[WHERE])


class Contact(Table):
    """A person."""

    __tablename__ = "contacts"
    __table_args__ = (Index("contacts_seen", "last_seen_at"),
                      Index("contacts_forgotten", "forgotten_at", info={WHERE: "forgotten_at IS NOT NULL"}),
                      NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(16))
    chose_language: Mapped[bool] = mapped_column(default=False)
    time_zone: Mapped[str] = mapped_column(String(64))
    known: Mapped[dict[str, Any]] = mapped_column(Sealed("contacts.known", json=True, owner="id"))
    """What the person told us that later conversations need: answer name -> value."""
    feels: Mapped[bool] = mapped_column(default=False)
    """Answers that are kept for a shorter time are among `known`."""
    consents: Mapped[dict[str, Any]]
    """What holds now: purpose -> True or False. The history is in `consents`."""
    rhythm_days: Mapped[int | None]
    """Days between check-ins, where agreed."""
    stopped_at: Mapped[datetime | None]
    """The person said stop: nothing is sent by ourselves until they write again."""
    paused_until: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    discreet: Mapped[dict[str, Any] | None] = mapped_column(Sealed("contacts.discreet", json=True, owner="id"))
    """How we write by ourselves to somebody who shares a phone or a home; None: as to everybody."""
    is_minor: Mapped[bool | None]
    """None: they were not asked."""
    forgotten_at: Mapped[datetime | None]
    """Everything about them was deleted. The rest goes once the last word to them has been sent."""
    demo: Mapped[bool] = mapped_column(default=False)


class Address(Table):
    """A person on one channel."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "address"), Index("addresses_of", "contact_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Findable(128))
    sealed: Mapped[str] = mapped_column(Sealed("addresses.sealed"))
    blocked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
    hidden_to: Mapped[int | None] = mapped_column(Id)
    """Up to this message the person has taken the chat out of sight."""


class ContactKey(Table):
    """The data key of a person, wrapped by a master key. Without it nothing that is locked of them can be read."""

    __tablename__ = "contact_keys"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    master: Mapped[str] = mapped_column(String(16))
    """Which master key has wrapped it."""
    wrapped: Mapped[str]


class SystemKey(Table):
    """A key of the house, wrapped in the same way: for the team's secrets, and for finding addresses."""

    __tablename__ = "system_keys"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    """team, find"""
    master: Mapped[str] = mapped_column(String(16))
    wrapped: Mapped[str]


class Drawer(Table):
    """Where a person is found although their words are locked: a keyed hash of what a search may ask for."""

    __tablename__ = "drawers"
    __table_args__ = (Index("drawers_of", "contact_id"),)

    word: Mapped[str] = mapped_column(String(24), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)


class SavedView(Table):
    """A search that a counsellor keeps; without a name, the one that they made last."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("counsellor_id", "name"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    wanted: Mapped[dict[str, Any]] = mapped_column(TeamSealed("saved_views.wanted", json=True, owner="counsellor_id"))
    """It may hold the name of a person."""


class Consent(Table):
    """One decision of a person about one purpose."""

    __tablename__ = "consents"
    __table_args__ = (Index("consents_of", "contact_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(32))
    about: Mapped[str | None] = mapped_column(String(64))
    """Of the consent to be passed on: to which partner."""
    version: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(16))
    given: Mapped[bool]
    at: Mapped[datetime]


class Run(Table):
    """One person's passage through a conversation. Open runs of a person form a stack: the newest is current."""

    __tablename__ = "runs"
    __table_args__ = (Index("runs_open", "contact_id", info={WHERE: "ended_at IS NULL"}),
                      Index("runs_of", "contact_id", "conversation"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    conversation: Mapped[str] = mapped_column(String(32))
    answers: Mapped[dict[str, Any]] = mapped_column(Sealed("runs.answers", json=True, row="id"))
    feels: Mapped[bool] = mapped_column(default=False)
    """Answers that are kept for a shorter time are among them."""
    awaiting: Mapped[str | None] = mapped_column(String(128))
    misses: Mapped[int] = mapped_column(default=0)
    touched: Mapped[int] = mapped_column(BigInteger)
    """Grows each time the run becomes the current one; the highest open one is current."""
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Message(Table):
    """Everything said, by the person, the bot and the counsellors; those with state `queued` are the outbox."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "inbound_key"),
        Index("messages_of", "contact_id", "id"),
        Index("messages_unsent", "lane", "id", info={WHERE: "state = 'queued'"}),
        Index("messages_receipts", "external_id", info={WHERE: RECEIPTS}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Findable(128))
    author: Mapped[str] = mapped_column(String(16))
    """person, bot, counsellor"""
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    """text, tap, started, stopped, or a kind of media"""
    text: Mapped[str] = mapped_column(Sealed("messages.text"))
    content: Mapped[dict[str, Any] | None] = mapped_column(Sealed("messages.content", json=True))
    """Of an outgoing one: its buttons; of an incoming one: what the channel needs to fetch the media."""
    inbound_key: Mapped[str | None] = mapped_column(String(96))
    cause_id: Mapped[int | None] = mapped_column(Id)
    """Of an outgoing one: the person's message that led to it."""
    external_id: Mapped[str | None] = mapped_column(String(96))
    lane: Mapped[int] = mapped_column(default=0)
    """0 replies, 1 reminders and broadcasts"""
    state: Mapped[str] = mapped_column(String(12), default="received")
    """received; or queued, sent, failed; where the platform tells it, delivered, seen"""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    error: Mapped[str | None]
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Medium(Table):
    """A file that came with a message: fetched in the background, and gone with its message."""

    __tablename__ = "media"
    __table_args__ = (Index("media_of", "contact_id"),
                      Index("media_waiting", "due_at", info={WHERE: "state = 'waiting'"}))

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True,
                                            autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting; then stored, too_large, full, gone"""
    type: Mapped[str | None] = mapped_column(String(96))
    """What the content itself says that it is."""
    size: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]


class MediumPart(Table):
    """A piece of a file. Small, so that storing one holds up nobody's answer."""

    __tablename__ = "media_parts"
    __table_args__ = (Index("media_parts_in", "message_id", "number"), Index("media_parts_of", "contact_id"))

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Message and number: a piece opens in no other place."""
    message_id: Mapped[int] = mapped_column(ForeignKey("media.message_id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(SealedBytes("media_parts.content", row="key"))


class Reminder(Table):
    """Something due at a time: it opens a conversation."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("contact_id", "key"),
        Index("reminders_due", "due_at", info={WHERE: "state = 'waiting'"}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    """What it belongs to: run and step, so that a changed plan moves it and a second copy is none."""
    opens: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)
    """How often the person was already asked without an answer."""
    run_id: Mapped[int | None] = mapped_column(Id)
    """The run that it opened, once it did."""
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, answered, cancelled, unanswered, unreachable"""


class Ticket(Table):
    """A hand-off to a person."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("tickets_open_one", "contact_id", unique=True, info={WHERE: "state != 'closed'"}),
        Index("tickets_of", "contact_id"),
        Index("tickets_area", "area", "contact_id"),
        Index("tickets_state", "state", "opened_at"),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    area: Mapped[str] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Sealed("tickets.reason"))
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, assigned, closed"""
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]
    reopened_at: Mapped[datetime | None]
    """When the person wrote again after it had been closed."""
    assigned_at: Mapped[datetime | None]
    asleep_at: Mapped[datetime | None]
    """Since when it asks for nobody's attention; until the person writes, or until `wakes_at`."""
    wakes_at: Mapped[datetime | None]
    offered_to: Mapped[int | None] = mapped_column(Id)
    """To which counsellor it is suggested while it waits."""
    offered_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    """When the person was told that it will be closed unless they write."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(16))
    """counsellor, person, silence"""
    outcome: Mapped[str | None] = mapped_column(Sealed("tickets.outcome"))
    rating: Mapped[str | None] = mapped_column(String(16))
    unread: Mapped[int] = mapped_column(default=0)
    """Messages of the person since the counsellor last wrote or looked."""
    alarm: Mapped[dict[str, Any] | None] = mapped_column(Sealed("tickets.alarm", json=True))
    """Where the safety gate has found something: the gravest tier, when the card was shown, what was said since."""


class TicketMove(Table):
    """What was done with a chat, and by whom, in order."""

    __tablename__ = "ticket_moves"
    __table_args__ = (Index("ticket_moves_of", "contact_id", "id"), Index("ticket_moves_at", "ticket_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    """claim, take_over, transfer, area, back, offer, consult, sleep, wake, close, silence, reopen"""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """None: the person, or the clock."""
    to_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who has it now; of a consult, who was asked."""
    area: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str] = mapped_column(Sealed("ticket_moves.reason"))
    until: Mapped[datetime | None]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Of a consult: since when nobody waits for the colleague's word any more."""


class Note(Table):
    """What counsellors write for each other; never shown to the person."""

    __tablename__ = "notes"
    __table_args__ = (Index("notes_of", "contact_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Sealed("notes.text"))
    at: Mapped[datetime]
    area: Mapped[str | None] = mapped_column(String(24))
    """What it is about; None: what its ticket is about. Psychosocial ones stand behind the wall."""


class Change(Table):
    """What was known of a person until somebody changed it: the history of a page that can be edited."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_of", "contact_id", "id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    by_person: Mapped[bool]
    """The person answered anew themselves."""
    what: Mapped[str] = mapped_column(String(160))
    """answer:path, step:key, referral:key"""
    before: Mapped[dict[str, Any]] = mapped_column(Sealed("changes.before", json=True))
    """{"value": …}; empty where there was nothing."""
    after: Mapped[dict[str, Any]] = mapped_column(Sealed("changes.after", json=True))
    at: Mapped[datetime]


class Override(Table):
    """Somebody looked behind the wall in an emergency: why, for how long, and whether a coordinator has seen it."""

    __tablename__ = "overrides"
    __table_args__ = (
        Index("overrides_of", "contact_id", "counsellor_id"),
        Index("overrides_unseen", "at", info={WHERE: "seen_at IS NULL"}),
        NO_ID_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(Sealed("overrides.reason"))
    at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(Id)


class Task(Table):
    """Something that a counsellor must do outside of a chat: an open question, somebody who does not answer."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("contact_id", "key"), Index("tasks_open", "done_at", "due_at"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(24))
    """question, fact, silent, costs, referral, media, failed, care, wellbeing, minor, call_back"""
    area: Mapped[str] = mapped_column(String(24))
    about: Mapped[str] = mapped_column(Sealed("tasks.about", row="key"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))


class Unanswered(Table):
    """What somebody asked in their own words and the bot had no answer to; names are taken out before."""

    __tablename__ = "unanswered"
    __table_args__ = (Index("unanswered_of", "contact_id"), Index("unanswered_open", "settled_at", "id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    language: Mapped[str] = mapped_column(String(12))
    area: Mapped[str | None] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Sealed("unanswered.text"))
    settled_at: Mapped[datetime | None]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))


class PlanStep(Table):
    """One agreed next step of a person's plan."""

    __tablename__ = "plan_steps"
    __table_args__ = (UniqueConstraint("contact_id", "key"),
                      Index("plan_steps_open", "contact_id", "by", info={
                          WHERE: "state IN ('agreed', 'under_way', 'stuck') AND by IS NOT NULL"}))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    what: Mapped[str] = mapped_column(Sealed("plan_steps.what", row="key"))
    """A message id, or the person's or counsellor's own words."""
    who: Mapped[str] = mapped_column(String(16), default="person")
    """person, counsellor"""
    by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12), default="agreed")
    """agreed, under_way, stuck, done, dropped"""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Referral(Table):
    """A person to be sent on to a partner. Nothing goes out without the person's consent."""

    __tablename__ = "referrals"
    __table_args__ = (UniqueConstraint("contact_id", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(128))
    partner: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default="consented")
    """consented, sent, done, withdrawn"""
    outcome: Mapped[str | None] = mapped_column(Sealed("referrals.outcome", row="key"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Fact(Table):
    """One vetted statement; `content` has its text in each language."""

    __tablename__ = "facts"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    area: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    """verified, verify, ask-counsellor"""
    expires: Mapped[date | None]
    content: Mapped[dict[str, Any]]
    seed: Mapped[str] = mapped_column(String(64))
    """The digest of the seed entry that this came from; a changed seed replaces what nobody has edited."""
    edited: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class FactVersion(Table):
    """What a fact said from a moment on. Nothing is overwritten."""

    __tablename__ = "fact_versions"
    __table_args__ = (UniqueConstraint("fact_id", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    fact_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who wrote it; none: it came with the program or from a file."""
    at: Mapped[datetime]


class Partner(Table):
    """An institution that people can be passed on to; `content` has its texts in each language."""

    __tablename__ = "partners"

    slug: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)


class PartnerVersion(Table):
    """What was known of a partner from a moment on. Nothing is overwritten."""

    __tablename__ = "partner_versions"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    """Who wrote it; none: it came with the program."""
    at: Mapped[datetime]


class ToldFact(Table):
    """Who was told which version of a fact, so that a change can be told to them."""

    __tablename__ = "told_facts"
    __table_args__ = (Index("told_facts_of", "contact_id"), Index("told_facts_at", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    fact: Mapped[str] = mapped_column(Sealed("told_facts.fact"))
    """Which fact somebody asked for tells of them: it is locked like their words."""
    version: Mapped[int]
    at: Mapped[datetime]


class Counsellor(Table):
    """A console user."""

    __tablename__ = "counsellors"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16), default="counsellor")
    """counsellor, coordinator"""
    password_hash: Mapped[str]
    """Empty: no password yet; a one-time link sets it."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    code_secret: Mapped[str | None] = mapped_column(TeamSealed("counsellors.code_secret", owner="id"))
    """What the phone's app makes its codes from; None: a password alone opens."""
    code_step: Mapped[int | None] = mapped_column(BigInteger)
    """The half minute of the last code that was taken: no code opens twice."""
    areas: Mapped[list[str] | None]
    """The areas that they work in; None: nobody has said yet, so none."""
    languages: Mapped[list[str] | None]
    """The languages that they talk with people in."""


class Presence(Table):
    """Whether a counsellor is here, and how many chats they can have."""

    __tablename__ = "presences"

    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"), primary_key=True)
    pinged_at: Mapped[datetime | None]
    """When a page of theirs was open last."""
    away: Mapped[str | None] = mapped_column(String(16))
    """Why they are away, in a word of ours; None: they are here, as long as a page of theirs is open."""
    away_since: Mapped[datetime | None]
    most: Mapped[int | None]
    """How many chats they can have at a time; None: as usual."""


class Session(Table):
    """A signed-in browser. The cookie's token itself is not stored."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """Roughly when it was used last; None: not since it began."""
    browser: Mapped[str | None] = mapped_column(String(40))
    """Which browser on which system, in our own words."""


class Pass(Table):
    """Something that lets a counsellor through one door. Only its digest is stored."""

    __tablename__ = "passes"
    __table_args__ = (Index("passes_of", "counsellor_id", "purpose"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    counsellor_id: Mapped[int] = mapped_column(ForeignKey("counsellors.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(16))
    """link: to a new password; code: the password was right, the code is missing; setup: to a phone that makes codes;
    recovery: instead of such a code; device: a browser that was signed in before"""
    secret: Mapped[str | None] = mapped_column(TeamSealed("passes.secret", owner="counsellor_id"))
    """Of a set-up: what the phone is given."""
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Audit(Table):
    """Who did what to whose record, and who read it. Rows are added, and never changed: the database refuses it.

    It holds no name and no words: people and what is theirs are numbers, which say nothing once they are deleted."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_at", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    counsellor_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(48))
    contact_id: Mapped[int | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any] | None]


class FileLink(Table):
    """A link to the file with everything that we keep about a person: for one download, for an hour."""

    __tablename__ = "file_links"
    __table_args__ = (Index("file_links_of", "contact_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    form: Mapped[str] = mapped_column(String(8))
    """page, data"""
    expires_at: Mapped[datetime]


class RetentionRun(Table):
    """What one clearing away did: counts, no people."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index("retention_runs_at", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    counts: Mapped[dict[str, Any]]


class Statistic(Table):
    """How many there were, of people and things that are gone."""

    __tablename__ = "statistics"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    """person, talk, plan_step, referral"""
    area: Mapped[str] = mapped_column(String(24), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int]


class CannedReply(Table):
    """An answer that is given often: nothing of a person stands in it."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    texts: Mapped[dict[str, Any]]
    """Language -> text."""
    changed_at: Mapped[datetime]


class Setting(Table):
    """Small things that must survive a restart: the demo's clock."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[Any]


def of_people() -> list[Described]:
    """Every table with rows of people beside their contact, whatever a table refers to before it; a table that is
    added later is among them by itself."""
    return [one for one in Table.metadata.sorted_tables if "contact_id" in one.c]
