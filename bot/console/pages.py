"""What the counsellors look at: the GET routes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, TypeAlias

import structlog
from annotated_types import Ge, Le
from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console import tongue
from bot.console.auth import Me
from bot.console.guard import HOME, Number
from bot.console.labels import AREAS, LANGUAGES
from bot.console.look import STATIC, WORKER, Look, static_file
from bot.console.parts import ConsoleParts
from conversations.marking import mark_for_desk as _d
from storage import audit, desk, moves, staff, walls
from storage.desk import EVERYTHING, Alert, NoteView, Only, PersonView, Queue, Tab, ThreadMessage, TicketView
from storage.moves import Consult, MoveView
from storage.news import tell
from storage.staff import CounsellorView
from storage.store import StoreError

log = structlog.get_logger()
NOT_FOUND = _d("Not found")
Beside: TypeAlias = list[NoteView | MoveView]
"""What stands in the thread beside what was said."""
Entry: TypeAlias = ThreadMessage | NoteView | MoveView
Days: TypeAlias = list[tuple[datetime, list[Entry]]]


def _only(area: str = "", language: str = "", urgent: bool = False) -> Only:
    """What the address asks for; what we do not know asks for nothing."""
    return Only(area if area in AREAS else "", language if language in LANGUAGES else "", urgent)


Filter = Annotated[Only, Depends(_only)]
Skip = Annotated[int, Ge(0), Le(100_000)]
"""How many chats of a tab stand on the pages before."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form was not taken: shown at its top, with the text that was in it."""

    form: str
    sentence: str
    text: str = ""
    key: str = ""
    asks: bool = False
    """It can be sent all the same."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Everything that the page of one chat shows."""

    ticket: TicketView
    queue: Queue
    person: PersonView
    days: Days
    earlier: int | None
    """Where the messages before these begin."""
    alert: Alert | None
    consults: list[Consult]
    team: list[CounsellorView]
    """To whom it can be handed, and who can be asked."""


class Pages:
    def __init__(self, parts: ConsoleParts, look: Look) -> None:
        self.parts = parts
        self.look = look

    def add_to(self, router: APIRouter) -> None:
        for path, page in (
            ("", self.home),
            ("/queue", self.queue),
            ("/alert", self.alert),
            ("/tickets/{ticket_id}", self.ticket),
            ("/tickets/{ticket_id}/messages", self.messages),
            ("/tasks", self.tasks),
        ):
            router.add_api_route(path, page, methods=["GET"])

    # ------------------------------------------------------------- the queue

    async def home(self, me: Me, only: Filter, tab: Tab = "waiting", skip: Skip = 0) -> Response:
        await self._reads(me, "see_queue")
        now = self.parts.clock.now()
        seen, alert = await self.parts.store.read(
            lambda connection: (desk.queue(connection, me.id, tab, only, skip), desk.alert(connection, now))
        )
        return self.look.page("queue_page.html", me=me, queue=seen, ticket=None, attention=seen.attention,
                              alert=alert)

    async def alert(self, me: Me, ticket: Number = 0) -> Response:
        """Whether somebody needs a person now: for every open page, without a word of who it is. `ticket`: the chat
        that is open there; nobody is sent from it to itself."""
        now = self.parts.clock.now()
        found = await self.parts.store.read(lambda connection: desk.alert(connection, now))
        return self.look.page("parts/alert.html", alert=found, open_id=ticket)

    async def queue(
        self, me: Me, only: Filter, tab: Tab = "waiting", ticket: Number = 0, skip: Skip = 0
    ) -> Response:
        """The queue alone, for a page that is open."""
        await self._reads(me, "see_queue", once_in_a_while=True)
        seen = await self.parts.store.read(lambda connection: desk.queue(connection, me.id, tab, only, skip))
        return self.look.page("parts/queue.html", me=me, queue=seen, open_id=ticket)

    # ------------------------------------------------------------- one chat

    async def ticket(
        self, me: Me, ticket_id: Number, only: Filter, tab: Tab | None = None, before: Number | None = None,
        skip: Skip = 0,
    ) -> Response:
        return await self.ticket_page(me, ticket_id, tab=tab, only=only, before=before, skip=skip)

    async def ticket_page(
        self, me: CounsellorView, ticket_id: int, *, tab: Tab | None = None, only: Only = EVERYTHING,
        before: int | None = None, trouble: Trouble | None = None, status: int = 200, skip: int = 0,
    ) -> Response:
        """The page of one chat as it is now; after a form that was not taken, with what was wrong."""
        await self._looked(me, ticket_id)
        chat = await self.parts.store.read(
            lambda connection: self._chat(connection, me, ticket_id, tab, only, before, skip))
        if chat is None:
            return self.missing(me, _d("This chat does not exist."))
        return self.look.page(
            "ticket_page.html", status=status, me=me, ticket=chat.ticket, queue=chat.queue, person=chat.person,
            days=chat.days, earlier=chat.earlier, before=before, trouble=trouble, key=secrets.token_urlsafe(16),
            intake=self._intake(chat.person), attention=chat.queue.attention, alert=chat.alert,
            consults=chat.consults, team=chat.team, old=(),
        )

    def _chat(
        self, connection: Connection, me: CounsellorView, ticket_id: int, tab: Tab | None, only: Only,
        before: int | None, skip: int,
    ) -> Chat | None:
        ticket, seen = desk.ticket(connection, ticket_id), walls.sight(connection, me, self.parts.clock.now())
        person = walls.person(connection, ticket.contact_id, seen) if ticket else None
        if ticket is None or person is None:
            return None
        said = desk.thread(connection, ticket.contact_id, before_id=before)
        earlier = said[0].id if len(said) == desk.MOST else None
        beside: Beside = [*walls.notes(connection, ticket.contact_id, seen),
                          *moves.history(connection, ticket.contact_id)]
        queue = desk.queue(connection, me.id, tab or ticket.tab(me.id), only, skip)
        alert = desk.alert(connection, self.parts.clock.now())
        days = self._by_day(said, _between(beside, said, earlier is None, before is None))
        return Chat(ticket, queue, person, days, earlier, alert, moves.consults(connection, ticket_id),
                    staff.list_counsellors(connection))

    def _by_day(self, said: list[ThreadMessage], beside: Beside) -> Days:
        entries: list[Entry] = sorted([*said, *beside], key=lambda entry: entry.at)
        days = groupby(entries, key=lambda entry: entry.at.astimezone(self.look.zone).date())
        return [(of_day[0].at, of_day) for of_day in (list(group) for _day, group in days)]

    async def messages(
        self, me: Me, ticket_id: Number, after: Number = 0, note: Number = 0, move: Number = 0, seen: bool = False
    ) -> Response:
        """The messages, notes and moves that an open page does not show yet, and those that they have changed."""
        await self._looked(me, ticket_id, seen=seen, once_in_a_while=True)
        found = await self.parts.store.read(
            lambda connection: self._newer(connection, me, ticket_id, after, note, move))
        if found is None:
            return Response(status_code=404)
        ticket, said, beside, changed = found
        days = self._by_day(said, beside)
        if changed:
            days = [(days[0][0], [*changed, *days[0][1]]), *days[1:]]
        return self.look.page("parts/messages.html", me=me, days=days, ticket=ticket,
                              old={one.id for one in changed})

    def _newer(
        self, connection: Connection, me: CounsellorView, ticket_id: int, after: int, note: int, move: int
    ) -> tuple[TicketView, list[ThreadMessage], Beside, list[ThreadMessage]] | None:
        ticket = desk.ticket(connection, ticket_id)
        if ticket is None:
            return None
        seen = walls.sight(connection, me, self.parts.clock.now())
        said = desk.thread(connection, ticket.contact_id, after_id=after)
        beside: Beside = [*walls.notes(connection, ticket.contact_id, seen, after_id=note),
                          *moves.history(connection, ticket.contact_id, after_id=move)]
        return ticket, said, beside, desk.changed_by(connection, ticket.contact_id, said)

    async def _looked(
        self, me: CounsellorView, ticket_id: int, seen: bool = True, once_in_a_while: bool = False
    ) -> None:
        """What the assignee sees is no longer unread; who read whose chat is noted."""
        now, note = self.parts.clock.now(), audit.note_reading if once_in_a_while else audit.note

        def looked(connection: Connection) -> None:
            ticket = desk.ticket(connection, ticket_id)
            if ticket is not None:
                note(connection, me.id, "see_ticket", ticket.contact_id, now, ticket=ticket_id)
            if seen and desk.mark_seen(connection, ticket_id, me.id):
                tell(connection, ["queue"])

        await self.parts.store.write(looked)

    async def _reads(
        self, me: CounsellorView, what: audit.Action, contact_id: int | None = None, once_in_a_while: bool = False
    ) -> None:
        """Who read what is noted. A list is shown even where nothing can be written: somebody may wait in it."""
        now, note = self.parts.clock.now(), audit.note_reading if once_in_a_while else audit.note
        try:
            await self.parts.store.write(lambda connection: note(connection, me.id, what, contact_id, now))
        except StoreError:
            if contact_id is not None:
                raise
            log.error("a reading could not be noted", what=what)

    # ------------------------------------------------------------- tasks

    def _intake(self, person: PersonView) -> list[tuple[str, list[tuple[str, str]]]]:
        """Section -> lines of (label, value), in the order of the form."""
        raw = person.known if person.intake is None else person.intake
        sections: dict[str, list[tuple[str, str]]] = {}
        for section, label, value in self.parts.intake_lines(raw, tongue.now().code):
            sections.setdefault(section, []).append((label, value))
        return list(sections.items())

    async def tasks(self, me: Me) -> Response:
        return await self.tasks_page(me)

    async def tasks_page(self, me: CounsellorView, trouble: str = "", status: int = 200) -> Response:
        await self._reads(me, "see_tasks")
        now = self.parts.clock.now()
        open_ones = await self.parts.store.read(
            lambda connection: walls.tasks(desk.tasks(connection, now), walls.sight(connection, me, now)))
        return self.look.page("tasks_page.html", status=status, me=me, tasks=open_ones, trouble=trouble)

    def missing(self, me: CounsellorView, sentence: str) -> Response:
        return self.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=sentence)


def _between(
    beside: Beside, said: list[ThreadMessage], from_start: bool, to_end: bool
) -> Beside:
    """The notes and moves that belong on a page with these messages."""
    first, last = (said[0].at, said[-1].at) if said else (None, None)
    return [
        one
        for one in beside
        if (from_start or first is None or one.at >= first) and (to_end or last is None or one.at <= last)
    ]


def add_static(router: APIRouter) -> None:
    """The stylesheet and the script; open to all, the sign-in page needs them."""

    @router.get("/static/{name}")
    async def static(name: str) -> Response:
        if name not in STATIC:
            return Response(status_code=404)
        headers: dict[str, Any] = {"Cache-Control": "public, max-age=31536000, immutable"}
        if name == WORKER:
            headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": HOME}
        return FileResponse(static_file(name), media_type=STATIC[name], headers=headers)
