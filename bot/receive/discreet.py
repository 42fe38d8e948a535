"""For who shares a phone or a home: a chat that can be hidden, and messages of ours that tell nothing by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.channels.base import Limits, OutgoingMessage
from bot.receive.visit import Visit
from bot.receive.when import hours_of, next_allowed
from bot.translate import Translator
from conversations.marking import Phrase
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import contacts, messages

DONE = _("Done.")
FIRST_LINE = _("Hello. There is something new for you here.")
"""It stands alone on a locked screen: no topic, no office, no problem."""
OFF: Mapping[str, Any] = {"silent": False, "hours": None}
HOURS: Mapping[str, tuple[int, int] | None] = {
    "any": None, "morning": (9, 12), "afternoon": (12, 16), "evening": (16, 19), "late": (19, 22),
}
NOT_SAFE_NOW = _d("This person has asked us to write only from {first}:00 to {last}:00, because somebody else may see "
                  "the phone. Nothing was sent.")
STILL_HERE = timedelta(hours=1)
"""So long after their last word a person is taken to be at their phone, alone."""


def taken_away(limits: Limits) -> str:
    """How much of a chat goes when it is hidden or closed, for texts that say it beforehand."""
    if not limits.takes_away:
        return "nothing"
    return "all" if limits.takes_away == timedelta.max else "two_days"


def hide(visit: Visit) -> None:
    """Take what was said so far out of sight; the question that was open is asked again with the next word."""
    contacts.hide(visit.connection, visit.channel, visit.address, visit.cause)
    if visit.current is not None:
        visit.current.awaiting, visit.current.changed = None, True
    visit.hidden = True


def hidden(visit: Visit, translator: Translator) -> list[OutgoingMessage]:
    """The one neutral line that is left of it."""
    return [OutgoingMessage(translator.text(visit.person.language, DONE), hides=True)]


def set_mode(visit: Visit, what: str, value: str) -> None:
    """One answer about how we write by ourselves."""
    now = {**OFF, **(visit.person.discreet or {})}
    changed: Mapping[str, dict[str, Any] | None] = {
        "discreet:mode": now if value == "on" else None,
        "discreet:silent": {**now, "silent": value == "yes"},
        "discreet:hours": {**now, "hours": HOURS.get(value)},
    }
    visit.person.discreet, visit.person.changed = changed[what], True


def veiled(
    said: Sequence[OutgoingMessage], mode: Mapping[str, Any] | None, language: str, translator: Translator
) -> list[OutgoingMessage]:
    """What we write by ourselves, as this person wants it to arrive."""
    if mode is None:
        return list(said)
    first = translator.text(language, FIRST_LINE)
    return [replace(one, text=f"{first}\n\n{one.text}", veiled=True, quiet=bool(mode["silent"])) for one in said]


def mode_of(visit: Visit) -> Mapping[str, Any] | None:
    """How what we begin is to arrive: as the person wishes. Where they have hidden the chat and said nothing since,
    covered and without a sound: somebody else may be looking."""
    if visit.person.discreet is not None:
        return visit.person.discreet
    if (visit.channel, visit.address) in visit.waits:
        return None  # what was hidden there is another's
    is_hidden = lies_hidden(visit.connection, visit.id, visit.channel, visit.address)
    return {**OFF, "silent": True} if is_hidden else None


def lies_hidden(connection: Connection, contact_id: int, channel: str, address: str) -> bool:
    """They have hidden the chat and said nothing since."""
    hidden = contacts.hidden_to(connection, channel, address)
    return bool(hidden) and messages.last_said(connection, contact_id) <= hidden


def may_write(visit: Visit) -> bool:
    """Whether something of ours may arrive now: in the hours that are safe, or while the person is writing."""
    mode = visit.person.discreet
    if mode is None or mode["hours"] is None:
        return True
    if next_allowed(visit.now, visit.person.time_zone, hours_of({}, mode)) <= visit.now:
        return True
    heard = messages.last_heard(visit.connection, visit.id)
    return heard is not None and visit.now - heard < STILL_HERE


def not_safe_now(visit: Visit) -> str:
    """Why a counsellor's words or deeds do not reach this person now."""
    opens, closes = (visit.person.discreet or OFF)["hours"]
    return Phrase(NOT_SAFE_NOW, first=opens, last=closes)
