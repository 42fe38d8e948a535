"""One person in one batch: what was loaded of them, and what their events lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from bot.channels.base import Limits, OutgoingMessage
from bot.clock import local_date
from conversations.model import Conversation
from storage import plans
from storage.contacts import Person
from storage.messages import HELD, REPLY
from storage.runs import Ids, RunState
from storage.tickets import TicketState


@dataclass(slots=True)
class Visit:
    connection: Connection
    now: datetime
    person: Person
    channel: str
    address: str
    limits: Limits
    runs: list[RunState]
    """Open runs, the current one last."""
    ticket: TicketState | None
    run_ids: Ids
    said: list[OutgoingMessage] = field(default_factory=list)
    """What this event leads to saying, before the ways out are put under it."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Outbox rows of this person, in order."""
    ended: list[RunState] = field(default_factory=list)
    news: set[str] = field(default_factory=set)
    forgotten: bool = False
    hidden: bool = False
    """The person has taken the chat out of sight: nothing is said but one neutral line."""
    blocked: set[tuple[str, str]] = field(default_factory=set)
    """Addresses at which nothing arrives."""
    withdrawn: set[int] = field(default_factory=set)
    """Lanes of this person's unsent messages that must not be sent any more."""
    cause: int | None = None
    """The stored message that is being answered."""
    is_hard: bool = False
    """The words show distress: a talk is offered, and no fact."""
    joins: str | None = None
    """The code by which this chat becomes one with another, once all that came in is stored."""
    nobody_at: dict[tuple[str, str], int] = field(default_factory=dict)
    """Addresses that several people use: who has each while nobody has said who they are."""
    waits: set[tuple[str, str]] = field(default_factory=set)
    """Those of them that are not in this person's hands: what is for them is held."""
    is_fresh: bool = False
    """The address has just gone out of somebody's hands."""
    hands_to: tuple[str, str, int] | None = None
    """The address that goes into other hands once all that came in is stored, and whose."""
    found: list[dict[str, str]] = field(default_factory=list)
    """The facts that the person's own words could mean, as they are offered: key and what."""
    _plan: list[dict[str, Any]] | None = None

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def is_shared(self) -> bool:
        """Several people use this address."""
        return (self.channel, self.address) in self.nobody_at

    @property
    def is_nobody(self) -> bool:
        """They have not said who they are."""
        return self.nobody_at.get((self.channel, self.address)) == self.id

    @property
    def plan(self) -> list[dict[str, Any]]:
        """The open steps of the person's plan, read when first needed: few turns do."""
        if self._plan is None:
            self._plan = plans.open_steps(self.connection, [self.id])[self.id]
        return self._plan

    @plan.setter
    def plan(self, steps: list[dict[str, Any]]) -> None:
        self._plan = steps

    def look_again_at_plan(self) -> None:
        """It has changed."""
        self._plan = None

    @property
    def today(self) -> date:
        """The date where the person is."""
        return local_date(self.now, self.person.time_zone)

    @property
    def current(self) -> RunState | None:
        return self.runs[-1] if self.runs else None

    def add_run(self, conversation: str, answers: dict[str, Any]) -> RunState:
        """A new run, the current one."""
        run = RunState(self.run_ids.take(), self.id, conversation, answers, None, 0, self.next_touch(),
                       changed=True, is_new=True)
        self.runs.append(run)
        return run

    def forget(self) -> None:
        """Nothing of what was loaded is there any more."""
        for run in (*self.runs, *self.ended):
            run.is_gone = True
        self.runs.clear()
        self.rows.clear()
        self.plan = []
        self.ticket = None
        self.forgotten = True

    def touch(self, run: RunState) -> None:
        """Make this the current run."""
        self.runs.remove(run)
        run.touched = self.next_touch()
        run.changed = True
        self.runs.append(run)

    def next_touch(self) -> int:
        return max((run.touched for run in self.runs), default=0) + 1

    def end(self, run: RunState) -> None:
        if run in self.runs:
            self.runs.remove(run)
        run.ended = run.changed = True
        if not self.person.consents.get("keep"):
            run.answers = {}
        self.ended.append(run)

    def end_passing(self, conversations: Mapping[str, Conversation]) -> None:
        """End every open run that is not taken up again later."""
        for run in list(self.runs):
            conversation = conversations.get(run.conversation)
            if conversation is None or not conversation.keeps:
                self.end(run)

    def queue(self, messages: list[OutgoingMessage], lane: int = REPLY, author: str = "bot",
              counsellor_id: int | None = None) -> None:
        state = HELD if (self.channel, self.address) in self.waits else "queued"
        for message in messages:
            self.rows.append({
                "contact_id": self.id, "channel": self.channel, "address": self.address, "author": author,
                "counsellor_id": counsellor_id, "kind": message.medium.kind if message.medium else "text",
                "text": message.text, "content": message.as_json(),
                "lane": lane, "state": state, "attempts": 0, "due_at": self.now, "at": self.now,
                "inbound_key": None, "cause_id": self.cause,
            })
