"""What a counsellor has proposed is put before the person, where we may write to them now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.receive import discreet, outside
from bot.receive.inbox import Receive
from bot.receive.proposals import card
from storage import contacts
from storage.steps import StepView


def ask(receive: Receive, connection: Connection, contact_id: int, step: StepView, now: datetime) -> None:
    """Where we may not write, they find it under "My plan"."""
    turns, found = receive.turns, contacts.reachable(connection, [contact_id]).get(contact_id)
    if found is None or found.is_blocked or found.person.stopped_at is not None or found.channel not in turns.limits:
        return
    [visit] = receive.load(connection, [found], now).values()
    if not discreet.may_write(visit) or not outside.may_ask(turns, visit, now):
        return
    visit.said.append(card(turns, visit, step))
    turns.speak(visit, unasked=True)
    outside.paid(turns, visit, len(visit.rows), now)
    visit.news.add(f"contact:{visit.id}")
    receive.save(connection, [visit], now)
