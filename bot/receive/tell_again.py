"""A fact has changed: those who were told what is not true any more are told what holds now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.channels.base import OutgoingMessage
from bot.receive import discreet
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from bot.render import Reader, fact_card
from conversations.marking import mark as _
from conversations.register import Certainty, Fact
from storage import contacts, told
from storage.messages import REMINDER
from storage.told import Told

CHANGED = _("We told you something that has changed since. This is how it is now:")


def of_older(connection: Connection, fact: Fact, now: datetime) -> list[Told]:
    """Whom the change concerns: their newest version is an older one."""
    return [one for one in told.who(connection, fact.id, now) if one.version < fact.version]


def tell_again(receive: Receive, connection: Connection, fact: Fact, now: datetime) -> int:
    """Put the changed fact into the outbox of everybody who was told an older version and can be written to; says
    how many. Who is told now is noted, so that a second click tells nobody twice."""
    ids = [one.contact_id for one in of_older(connection, fact, now)]
    found = [one for one in contacts.reachable(connection, ids).values() if not one.is_blocked] if ids else []
    visits = list(receive.load(connection, found, now).values())
    written = [visit for visit in visits if _may_write(visit)]
    for visit in written:
        _write(receive, visit, fact, now)
    receive.save(connection, written, now)
    return len(written)


def _may_write(visit: Visit) -> bool:
    """Not to who wants no message of ours, not into a talk with a counsellor, not at an hour that is not safe."""
    wants = visit.person.stopped_at is None and visit.person.consents.get("check_in") is not False
    return wants and visit.ticket is None and discreet.may_write(visit)


def _write(receive: Receive, visit: Visit, fact: Fact, now: datetime) -> None:
    turns = receive.turns
    reader = Reader(visit.person.language, visit.limits, today=visit.today)
    visit.said = [OutgoingMessage(turns.translator.text(visit.person.language, CHANGED)),
                  fact_card(fact, reader, turns.translator, turns.knowledge)]
    turns.speak(visit, REMINDER, unasked=True)
    if fact.certainty(visit.today, turns.knowledge.show_unverified) != Certainty.UNKNOWN:
        told.note(visit.connection, visit.id, [(fact.id, fact.version)], now)
