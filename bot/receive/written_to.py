"""A person to whom a counsellor writes from their page, in a chat or without one: whether they can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from bot.channels.base import OutgoingMessage
from bot.receive import discreet, outside
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import contacts
from storage.desk import DeskError

HELLO = _("Hello. Here is something new for you.")
"""Before what somebody else may see on a locked screen."""
GONE = _d("This person does not exist, or was deleted.")
DIED = _d("This person has died. Nothing is sent.")
BLOCKED = _d("This person cannot be reached: they blocked the bot or left. Nothing was sent.")
STOPPED = _d("This person has asked us to write no more by ourselves. Nothing was sent. Ask them when they "
             "write again.")


def visit_of(receive: Receive, connection: Connection, contact_id: int) -> Visit:
    """At the address that they used last; nobody else can change them until this transaction ends."""
    found = contacts.reachable(connection, [contact_id]).get(contact_id)
    if found is None:
        raise DeskError(GONE)
    [visit] = receive.load(connection, [found], receive.clock.now()).values()
    return visit


def why_not(visit: Visit) -> str:
    """Why nothing of ours reaches this person now; empty: it does."""
    if visit.person.died_at is not None:
        return DIED
    if (visit.channel, visit.address) in visit.blocked:
        return BLOCKED
    if visit.person.stopped_at is not None:
        return STOPPED
    return "" if discreet.may_write(visit) else discreet.not_safe_now(visit)


def ask(
    receive: Receive, visit: Visit, conversation: str = "", begun: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Say what is to be said and open a conversation, as a counsellor wants. The caller stores the visit."""
    before = len(visit.rows)
    if visit.ticket is None and discreet.mode_of(visit) is None:
        visit.said.insert(0, OutgoingMessage(receive.turns.translator.text(visit.person.language, HELLO)))
    if conversation:
        receive.turns.open(visit, conversation, begun=begun)
    receive.turns.speak(visit, unasked=True)
    outside.paid(receive.turns, visit, len(visit.rows) - before, visit.now)
    visit.news.add(f"contact:{visit.id}")
