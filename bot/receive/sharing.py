"""Who gets the next chat, and what becomes of chats whose counsellor is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.hours import OfficeHours
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import contacts, moves, offers, presence, tickets
from storage.news import tell
from storage.offers import Waiting
from storage.presence import Colleague

LASTS, LASTS_URGENT = timedelta(minutes=5), timedelta(minutes=1)
"""So long a chat is suggested to one before it goes on to the next; of office hours, an urgent one by the clock."""
KEEPS, KEEPS_URGENT = timedelta(hours=1), timedelta(minutes=10)
"""So long somebody who is away keeps a chat in which a person waits; who is off keeps none."""
WHY = {"break": _d("{name} has a break"), "meeting": _d("{name} is in a meeting"),
       "appointment": _d("{name} has an appointment"), "off": _d("{name} is off")}
LOST = _d("{name} is not reached")


def suggest(connection: Connection, hours: OfficeHours, now: datetime) -> int:
    """Each waiting chat to the one who comes next; how many went to somebody new. Outside of office hours only what is
    urgent: it never waits for them."""
    open_now, made = hours.is_open(now) or not hours.known, 0
    found = [one for one in offers.waiting(connection) if open_now or one.ticket.urgent]
    team = _with_offers(presence.colleagues(connection), found)
    for one in found:
        if not _goes_on(one, team, hours, now):
            continue
        to = offers.next_for(one, list(team.values()), now)
        if to is not None and to.id != one.offered_to and offers.offer(connection, one, to, now):
            team[to.id] = replace(to, chats=to.chats + 1)
            made += 1
    if made:
        tell(connection, ["queue"])
    return made


def _with_offers(team: Sequence[Colleague], found: Sequence[Waiting]) -> dict[int, Colleague]:
    """What is suggested to somebody counts as if they had it."""
    open_offers = Counter(one.offered_to for one in found)
    return {one.id: replace(one, chats=one.chats + open_offers[one.id]) for one in team}


def _goes_on(one: Waiting, team: dict[int, Colleague], hours: OfficeHours, now: datetime) -> bool:
    """Nobody was asked yet, or whoever was has not taken it, or is not here any more."""
    if one.offered_to is None or one.offered_at is None or one.offered_to not in team:
        return True
    if team[one.offered_to].state(now) != "here":
        return True
    if one.ticket.urgent:
        return now - one.offered_at >= LASTS_URGENT
    return hours.open_between(one.offered_at, now) >= LASTS


def give_back(connection: Connection, hours: OfficeHours, now: datetime) -> int:
    """Chats in which somebody waits for a counsellor who is not there wait for another; how many."""
    given = 0
    for colleague in presence.colleagues(connection):
        since = colleague.gone_since(now)
        for ticket_id in presence.unheard(connection, colleague.id) if since is not None else ():
            given += _give_back(connection, ticket_id, colleague, hours, now)
    return given


def _give_back(
    connection: Connection, ticket_id: int, colleague: Colleague, hours: OfficeHours, now: datetime
) -> bool:
    known = tickets.get(connection, ticket_id)
    if known is None or not contacts.reachable(connection, [known.contact_id], skip_busy=True):
        return False
    ticket = tickets.get(connection, ticket_id)
    if ticket is None or ticket.counsellor_id != colleague.id or not ticket.unread:
        return False
    if not _too_long(colleague, ticket.urgent, hours, now) or not moves.hand(connection, ticket, None, now):
        return False
    moves.end_consults(connection, ticket.id, now)
    moves.note(connection, ticket, "back", now, reason=Phrase(
        WHY.get(colleague.away or "", LOST), name=colleague.name))
    tell(connection, ["queue", f"contact:{ticket.contact_id}"])
    return True


def _too_long(colleague: Colleague, urgent: bool, hours: OfficeHours, now: datetime) -> bool:
    since = colleague.gone_since(now)
    if since is None:
        return False
    if urgent:
        return colleague.away == "off" or now - since >= KEEPS_URGENT
    if hours.known and not hours.is_open(now):
        return False
    return colleague.away == "off" or hours.open_between(since, now) >= KEEPS
