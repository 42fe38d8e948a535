"""What counsellors do with a chat beside writing in it: take over, hand on, ask a colleague, let it sleep.

What is to happen was decided on a page that may be old: each is done only where the chat is still where the page
showed it. Who comes second is told who has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from bot.clock import Clock
from bot.receive.staff import at_their_place
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, contacts, moves, staff, tickets
from storage.contacts import Found
from storage.desk import DeskError
from storage.news import tell
from storage.staff import CounsellorView
from storage.store import Store
from storage.tickets import TicketState

GONE = _d("This colleague is not in the team any more. Choose another one.")
NOT_YOURS = _d("Claim this chat first.")
ASK_WHO_HAS_IT = _d("Only who has a chat hands it on, or a coordinator. You can take it over.")
ALREADY_THERE = _d("The chat is there already.")
ALREADY_ASKED = _d("You have asked {name} already. The question stands above.")
NOBODY = _d("Nobody has this chat now.")
Work: TypeAlias = Callable[[Connection, TicketState, datetime], None]


@dataclass(frozen=True, slots=True)
class Moves:
    store: Store
    clock: Clock

    async def take_over(self, ticket_id: int, me: CounsellorView, seen: int, reason: str = "") -> None:
        """From the colleague with whom the page showed it."""

        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            if ticket.counsellor_id == me.id:
                return
            _check_seen(connection, ticket, seen)
            _hand(connection, ticket, me.id, now)
            moves.note(connection, ticket, "take_over", now, me.id, me.id, reason=reason)
            _audit(connection, me, "take_over", ticket, now)

        await self._do(ticket_id, work)

    async def hand_to(
        self, ticket_id: int, me: CounsellorView, seen: int, to: int, reason: str, may_distribute: bool = False
    ) -> None:
        """To a colleague: one's own, or as who distributes the work also another's and one that waits."""

        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            _check_mine(connection, ticket, me, may_distribute)
            _check_seen(connection, ticket, seen)
            if staff.get_counsellor(connection, to) is None:
                raise DeskError(GONE)
            if ticket.counsellor_id == to:
                raise DeskError(ALREADY_THERE)
            _hand(connection, ticket, to, now)
            moves.note(connection, ticket, "transfer", now, me.id, to, reason=reason)
            _audit(connection, me, "transfer", ticket, now, to=to)

        await self._do(ticket_id, work)

    async def hand_to_area(
        self, ticket_id: int, me: CounsellorView, seen: int, area: str, reason: str, may_distribute: bool = False
    ) -> None:
        """To whoever takes it there: it waits again."""

        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            _check_mine(connection, ticket, me, may_distribute)
            _check_seen(connection, ticket, seen)
            if ticket.state == "waiting" and ticket.area == area:
                raise DeskError(ALREADY_THERE)
            _hand(connection, ticket, None, now, area)
            moves.note(connection, ticket, "area", now, me.id, area=area, reason=reason)
            _audit(connection, me, "transfer", ticket, now)

        await self._do(ticket_id, work)

    async def consult(self, ticket_id: int, me: CounsellorView, colleague: int, question: str) -> None:
        """Ask a colleague inside the chat. It stays where it is; their note is the answer."""

        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            _check_mine(connection, ticket, me)
            asked = staff.get_counsellor(connection, colleague)
            if asked is None or colleague == me.id:
                raise DeskError(GONE)
            if any(one.counsellor_id == colleague for one in moves.consults(connection, ticket.id)):
                raise DeskError(Phrase(ALREADY_ASKED, name=asked.name))
            moves.note(connection, ticket, "consult", now, me.id, colleague, reason=question)
            _audit(connection, me, "consult", ticket, now, to=colleague)

        await self._do(ticket_id, work)

    async def sleep(self, ticket_id: int, me: CounsellorView, until: datetime | None) -> None:
        """Until then at the latest: it wakes when the person writes."""

        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            _check_mine(connection, ticket, me)
            if not moves.sleep(connection, ticket, until, now):
                raise DeskError(_who_has_it(connection, ticket))
            moves.note(connection, ticket, "sleep", now, me.id, until=until)
            _audit(connection, me, "sleep", ticket, now)

        await self._do(ticket_id, work)

    async def wake(self, ticket_id: int, me: CounsellorView) -> None:
        def work(connection: Connection, ticket: TicketState, now: datetime) -> None:
            _check_mine(connection, ticket, me)
            if moves.wake(connection, ticket):
                moves.note(connection, ticket, "wake", now, me.id)

        await self._do(ticket_id, work)

    async def wake_who_is_due(self) -> int:
        """What the clock does; how many it was."""

        def work(connection: Connection) -> int:
            now, woken = self.clock.now(), 0
            for due in moves.due_to_wake(connection, now):
                contacts.reachable(connection, [due.contact_id])
                ticket = tickets.get(connection, due.id)
                if ticket is not None and moves.wake(connection, ticket):
                    moves.note(connection, ticket, "wake", now)
                    tell(connection, ["queue", f"contact:{ticket.contact_id}"])
                    woken += 1
            return woken

        return await self.store.write(work)

    async def _do(self, ticket_id: int, work: Work) -> None:
        def whole(connection: Connection) -> None:
            ticket, where = at_their_place(connection, ticket_id)
            work(connection, ticket, self.clock.now())
            tell(connection, ["queue", f"contact:{ticket.contact_id}", _page_of(where)])

        await self.store.write(whole)


def _page_of(where: Found) -> str:
    """The topic of the person's own page: it says whether somebody has their chat."""
    return f"{where.channel}:{where.address}"


def _hand(
    connection: Connection, ticket: TicketState, to: int | None, now: datetime, area: str | None = None
) -> None:
    if not moves.hand(connection, ticket, to, now, area):
        raise DeskError(_who_has_it(connection, ticket))
    moves.end_consults(connection, ticket.id, now)


def _check_seen(connection: Connection, ticket: TicketState, seen: int) -> None:
    """`seen`: with whom the page showed it, 0 for nobody."""
    if (ticket.counsellor_id or 0) != seen:
        raise DeskError(_who_has_it(connection, ticket))


def _check_mine(
    connection: Connection, ticket: TicketState, me: CounsellorView, may_distribute: bool = False
) -> None:
    if ticket.counsellor_id == me.id or may_distribute:
        return
    if ticket.counsellor_id is None:
        raise DeskError(NOT_YOURS)
    raise DeskError(Phrase("{why} {instead}", why=_who_has_it(connection, ticket), instead=Phrase(ASK_WHO_HAS_IT)))


def _who_has_it(connection: Connection, ticket: TicketState) -> str:
    owner = tickets.owner(connection, ticket.id)
    return Phrase("{name} has this chat now.", name=owner[1]) if owner else Phrase(NOBODY)


def _audit(
    connection: Connection, me: CounsellorView, action: audit.Action, ticket: TicketState, now: datetime,
    **numbers: int,
) -> None:
    audit.note(connection, me.id, action, ticket.contact_id, now, ticket=ticket.id, **numbers)
