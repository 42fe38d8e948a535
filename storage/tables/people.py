"""Who the people are, what they allowed, and the keys that open what tells of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint

from storage.declared import Mapped, mapped_column
from storage.sealed.types import Findable, Sealed, TeamSealed
from storage.tables.base import NO_ID_AGAIN, WHERE, Id, Table


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
    """Days between check-ins, where another rhythm than the usual one was agreed."""
    rhythm_from: Mapped[date | None]
    """The intake or the return: the usual check-ins are counted from it."""
    ask_on: Mapped[date | None]
    """A day for a check-in that was agreed besides."""
    wrote_on: Mapped[date | None]
    """The person's own day on which we last wrote by ourselves: no second message follows on it."""
    stopped_at: Mapped[datetime | None]
    """The person said stop: nothing is sent by ourselves until they write again."""
    paused_until: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    discreet: Mapped[dict[str, Any] | None] = mapped_column(Sealed("contacts.discreet", json=True, owner="id"))
    """How we write by ourselves to somebody who shares a phone or a home; None: as to everybody."""
    is_minor: Mapped[bool | None]
    """None: they were not asked."""
    died_at: Mapped[datetime | None]
    """No message goes to them any more, whoever writes it."""
    forgotten_at: Mapped[datetime | None]
    """Everything about them was deleted. The rest goes once the last word to them has been sent."""
    demo: Mapped[bool] = mapped_column(default=False)
    came_by: Mapped[int | None] = mapped_column(Id)
    """The link (`ways_in`) by which they came first, where it was one of ours."""


class WayIn(Table):
    """A link that is handed out: on a poster, at the airport, by a partner. It says where people come from, not who."""

    __tablename__ = "ways_in"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """What stands in the address."""
    name: Mapped[str] = mapped_column(String(60))
    """Where it is handed out, in the centre's words."""
    language: Mapped[str | None] = mapped_column(String(16))
    """The language that people who come by it are greeted in; None: as their phone says."""
    created_at: Mapped[datetime]
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    ended_at: Mapped[datetime | None]
    """It is handed out no more. Who comes by it is still counted."""


class Address(Table):
    """A person on one channel."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "address"), Index("addresses_of", "contact_id"),
                      Index("addresses_shared", "nobody_id", info={WHERE: "nobody_id IS NOT NULL"}))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(Findable(128))
    sealed: Mapped[str] = mapped_column(Sealed("addresses.sealed"))
    blocked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
    hidden_to: Mapped[int | None] = mapped_column(Id)
    """Up to this message the person has taken the chat out of sight."""
    nobody_id: Mapped[int | None] = mapped_column(Id)
    """Several people use it: whose it is while nobody has said who they are. `contact_id` says who has."""
    heard_at: Mapped[datetime | None]
    """Where several use it: when whoever has it now wrote last."""


class Sharer(Table):
    """Somebody who uses an address together with others, and how they say that it is them."""

    __tablename__ = "sharers"
    __table_args__ = (Index("sharers_at", "address_id"), Index("sharers_of", "contact_id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    sign: Mapped[str] = mapped_column(Sealed("sharers.sign"))
    """A picture that says nothing about them."""
    digits_hash: Mapped[str] = mapped_column(String(64))
    """A keyed hash of their four digits."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often in a row other digits were written."""
    tried_at: Mapped[datetime | None]
    is_told: Mapped[bool] = mapped_column(default=False)
    """It was said here, once, that there is a message for one of them."""
    is_left: Mapped[bool] = mapped_column(default=False)
    """All the others have gone: once they have said who they are, the address is theirs alone."""


class JoinCode(Table):
    """A code that joins another chat with this person's: once, for a quarter of an hour. The code is not stored."""

    __tablename__ = "join_codes"
    __table_args__ = (Index("join_codes_of", "contact_id"),)

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]


class WayBack(Table):
    """A private link that opens this person's web chat in another browser, once. Its key is not stored."""

    __tablename__ = "ways_back"
    __table_args__ = (Index("ways_back_of", "contact_id"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    locked: Mapped[str]
    """The token by which a browser has the chat: only the key of the link opens it."""
    expires_at: Mapped[datetime]


class ChatPush(Table):
    """A browser that shows a sign when something new is in this person's web chat, because they wanted it."""

    __tablename__ = "chat_pushes"
    __table_args__ = (Index("chat_pushes_of", "contact_id"), Index("chat_pushes_at", "address_id"))

    endpoint_hash: Mapped[str] = mapped_column(String(24), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    endpoint: Mapped[str] = mapped_column(Sealed("chat_pushes.endpoint", row="endpoint_hash"))
    """Where the browser's push service takes what wakes it."""
    made_at: Mapped[datetime]
    seen_to: Mapped[int] = mapped_column(Id)
    """Up to this message somebody has seen the chat."""
    woken_at: Mapped[datetime | None]
    """It was woken, and nobody has opened the chat since: it is not woken again."""
    failures: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    """Not before this: another process is at it, it is no safe time, or the last try failed."""


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
    """team, find, push"""
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


class Merge(Table):
    """Two records that were one person's: all of the other one came to the one that is kept, and can go back."""

    __tablename__ = "merges"
    __table_args__ = (Index("merges_of", "contact_id", "id"), Index("merges_from", "other_id"), NO_ID_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(Id)
    """The number that the other record had; it has it again when it goes back."""
    counsellor_id: Mapped[int | None] = mapped_column(ForeignKey("counsellors.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    moved: Mapped[dict[str, Any]]
    """Table -> which of its rows came; empty once they went back."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Sealed("merges.before", json=True))
    """The other record itself, and each value that had to change, as it was and as it became; None once it went back,
    or cannot any more."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(Id)
