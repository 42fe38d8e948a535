"""The process before the upgrade: the statements that revision 3b2e041 ran, word for word the columns it named.

It knows the schema 0001 and nothing of what came after. The conversations are today's: they are not what is tried.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from bot.channels.base import OutgoingMessage
from conversations import CONVERSATIONS
from conversations.engine import Opened, Progress, Prompt, Said, Turn, advance
from storage.database import connect
from storage.tables import EPOCH

# storage/contacts.py
FIND = text("SELECT channel, address, contact_id, blocked_at FROM addresses"
            " WHERE channel = :channel AND address = :address")
LOAD = text("SELECT id, language, chose_language, time_zone, known, consents, rhythm_days, stopped_at, paused_until"
            " FROM contacts WHERE id = :id")
ADD_CONTACT = text(
    "INSERT INTO contacts (created_at, language, chose_language, time_zone, known, consents, last_seen_at, demo)"
    " VALUES (:now, 'en', :yes, 'Europe/Belgrade', :known, :consents, :now, :no) RETURNING id")
ADD_ADDRESS = text("INSERT INTO addresses (contact_id, channel, address, last_used_at)"
                   " VALUES (:contact, :channel, :address, :now)")
SAVE_CONTACT = text(
    "UPDATE contacts SET language = :language, chose_language = :chose_language, time_zone = :time_zone,"
    " known = :known, consents = :consents, rhythm_days = :rhythm_days, stopped_at = :stopped_at,"
    " paused_until = :paused_until, last_seen_at = :now WHERE id = :id")
USED = text("UPDATE addresses SET last_used_at = :now WHERE channel = :channel AND address = :address")
# storage/messages.py
INBOUND = text(
    "INSERT INTO messages (contact_id, channel, address, author, kind, text, content, inbound_key, lane, state,"
    " attempts, at) VALUES (:contact, :channel, :address, 'person', 'text', :text, NULL, :key, 0, 'received', 0, :now)"
    " ON CONFLICT (channel, inbound_key) DO NOTHING RETURNING channel, inbound_key, id")
QUEUE = text(
    "INSERT INTO messages (contact_id, channel, address, author, counsellor_id, kind, text, content, inbound_key,"
    " lane, state, attempts, due_at, at) VALUES (:contact, :channel, :address, 'bot', NULL, 'text', :text, :content,"
    " NULL, 0, 'queued', 0, :now, :now) RETURNING id")
UNSENT = text(
    "SELECT id, contact_id, channel, address, text, content, lane, attempts, due_at, at FROM messages"
    " WHERE state = 'queued' AND id > :after ORDER BY id LIMIT 5000")
SENT = text("UPDATE messages SET state = 'sent', external_id = :external, sent_at = :now, error = NULL WHERE id = :id")
LATER = text("UPDATE messages SET attempts = 1, due_at = :now, error = 'Retry' WHERE id = :id AND state = 'queued'")
# storage/runs.py
OPEN_RUNS = text("SELECT id, contact_id, conversation, answers, awaiting, misses, touched FROM runs"
                 " WHERE contact_id = :contact AND ended_at IS NULL")
ADD_RUN = text(
    "INSERT INTO runs (contact_id, conversation, answers, awaiting, misses, touched, started_at, updated_at)"
    " VALUES (:contact, :conversation, '{}', NULL, 0, :touched, :now, :now) RETURNING id")
SAVE_RUN = text("UPDATE runs SET answers = :answers, awaiting = :awaiting, misses = :misses, touched = :touched,"
                " updated_at = :now, ended_at = NULL WHERE id = :id")
# storage/reminders.py
REMIND = text(
    "INSERT INTO reminders (contact_id, key, opens, due_at, state, attempt) VALUES (:contact, :key, :key, :due,"
    " 'waiting', 0) ON CONFLICT (contact_id, key) DO UPDATE SET due_at = excluded.due_at, opens = excluded.opens,"
    " state = 'waiting', attempt = 0, run_id = NULL")
DUE = text("SELECT id FROM reminders WHERE state = 'waiting' AND due_at <= :now ORDER BY due_at LIMIT 500")
MOVE = text("UPDATE reminders SET due_at = :due, attempt = :tries, run_id = :run, state = :state WHERE id = :id")
# storage/tickets.py
OPEN_TICKET = text("SELECT id, contact_id, area, urgent, state, counsellor_id, unread FROM tickets"
                   " WHERE contact_id = :contact AND state != 'closed'")
ADD_TICKET = text(
    "INSERT INTO tickets (contact_id, area, reason, urgent, state, opened_at, unread)"
    " VALUES (:contact, 'general', 'Asked for a person', :no, 'waiting', :now, 0) RETURNING id")
CLAIM = text("UPDATE tickets SET state = 'assigned', counsellor_id = :counsellor, assigned_at = :now"
             " WHERE id = :id AND state = 'waiting'")
UNREAD = text("UPDATE tickets SET unread = :count, urgent = :urgent WHERE id = :id")
CLOSE = text("UPDATE tickets SET state = 'closed', closed_at = :now, closed_by = 'counsellor', outcome = 'advised',"
             " unread = 0 WHERE id = :id AND state != 'closed'")


@dataclass
class OldProcess:
    """One process of the version before, on a database that a newer one has already changed."""

    url: str
    now: datetime
    channel: str = "paper"
    engine: Engine = field(init=False)
    _keys: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.engine = connect(self.url)

    @property
    def _moment(self) -> int:
        return (self.now - EPOCH) // timedelta(microseconds=1)

    def run(self, statement: Any, **values: Any) -> list[dict[str, Any]]:
        """One transaction with one statement."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            return self._do(connection, statement, **values)

    def _do(self, connection: Connection, statement: Any, **values: Any) -> list[dict[str, Any]]:
        usual = {"now": self._moment, "channel": self.channel, "yes": True, "no": False}
        named = {name: value for name, value in {**usual, **values}.items() if name in statement._bindparams}
        done = connection.execute(statement, named)
        return [dict(row) for row in done.mappings()] if done.returns_rows else [{"count": done.rowcount}]

    # ------------------------------------------------------------------ a turn

    def hears(self, address: str, said: str, key: str = "") -> str | None:
        """One message of a person, the whole way: the question that they are shown then, or None for a second copy."""
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            contact = self._contact(connection, address)
            given = {"contact": contact, "address": address}
            key = key or f"old-{next(self._keys)}"
            if not self._do(connection, INBOUND, text=said, key=key, **given):
                return None
            for ticket in self._do(connection, OPEN_TICKET, contact=contact):
                self._do(connection, UNREAD, count=ticket["unread"] + 1, urgent=ticket["urgent"], id=ticket["id"])
                return None
            prompt = self._turn(connection, contact, said)
            content = json.dumps(OutgoingMessage(prompt.text.text).as_json())
            self._do(connection, QUEUE, text=prompt.text.text, content=content, **given)
            return prompt.path

    def _contact(self, connection: Connection, address: str) -> int:
        if found := self._do(connection, FIND, address=address):
            self._do(connection, USED, address=address)
            [person] = self._do(connection, LOAD, id=found[0]["contact_id"])
            self._do(connection, SAVE_CONTACT, **person)
            return int(person["id"])
        [row] = self._do(connection, ADD_CONTACT, known="{}", consents='{"keep": true}')
        self._do(connection, ADD_ADDRESS, contact=row["id"], address=address)
        return int(row["id"])

    def _turn(self, connection: Connection, contact: int, said: str) -> Prompt:
        runs = sorted(self._do(connection, OPEN_RUNS, contact=contact), key=lambda one: one["touched"])
        run = runs[-1] if runs else self._begin(connection, contact)
        before = Progress(json.loads(run["answers"]), run["awaiting"], run["misses"])
        action = Said(said) if run["awaiting"] else Opened()
        turn: Turn = advance(CONVERSATIONS[run["conversation"]], before, action, self._given())
        after = turn.progress
        self._do(connection, SAVE_RUN, id=run["id"], answers=json.dumps(after.answers), awaiting=after.awaiting,
                 misses=after.misses, touched=run["touched"])
        return next(one for one in turn.output if isinstance(one, Prompt))

    def _begin(self, connection: Connection, contact: int) -> dict[str, Any]:
        [row] = self._do(connection, ADD_RUN, contact=contact, conversation="intake", touched=1)
        return {"id": row["id"], "conversation": "intake", "answers": "{}", "awaiting": None, "misses": 0, "touched": 1}

    def _given(self) -> dict[str, Any]:
        return {"today": self.now.date(), "keep": True, "sensitive": None, "known": {}, "again": False, "plan": [],
                "centre": "", "open_run": None, "retention_days": 700, "channel": "", "by_company": True,
                "check_in": None, "is_minor": None, "minor_age": 0}

    # -------------------------------------------------------------- the outbox

    def sends(self, *, only: int | None = None) -> list[str]:
        """Everything that waits, or one; what it said."""
        waiting = [one for one in self.run(UNSENT, after=0) if only in (None, one["id"])]
        for one in waiting:
            self.run(LATER, id=one["id"])
            self.run(SENT, id=one["id"], external=f"old-{one['id']}")
        return [one["text"] for one in waiting]

    def close(self) -> None:
        self.engine.dispose()
