"""What counsellors do to a chat. A reply enters where a turn's answer does: one transaction, then the outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.channels.base import OutgoingMedium, OutgoingMessage
from bot.receive import (
    alarm,
    arranging,
    aside,
    discreet,
    ending,
    form,
    outside,
    passing_on,
    taking_back,
    tell_again,
    texts,
    written_to,
)
from bot.receive.arranging import Offer
from bot.receive.inbox import Receive
from bot.receive.passing_on import Proposal
from bot.receive.turns import Turns
from bot.receive.visit import Visit
from bot.render import Reader, finish
from bot.safely import described
from conversations.events import MediaKind
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit, contacts, desk, media, messages, moves, staff_group, tickets
from storage.contacts import Found
from storage.desk import DeskError
from storage.news import tell
from storage.staff import CounsellorView
from storage.store import StoreError
from storage.tickets import TicketState

log = structlog.get_logger()
RATING = "rating"
UNREACHABLE = _d("This person cannot be reached: they blocked the bot or left. Your text is not sent.")
NOT_TOLD = _d("This person cannot be told by the bot: nothing reaches them, or they want no message of ours.")
NO_CHAT = _d("This chat does not exist any more.")
CLOSED = _d("This chat is closed. Nothing was sent.")
NO_FILES = _d("Files do not go to people on {channel}: nothing was sent. Write where they find it.")


@dataclass(frozen=True, slots=True)
class Along:
    """What goes with words that were written in the staff group."""

    file: tuple[MediaKind, Mapping[str, Any]] | None = None
    """Its kind, and what is needed to fetch it."""
    answers: int | None = None
    """The message of the group that they answer."""
    claims: bool = False
    """The chat is theirs with these words, where nobody has it: both happen, or nothing."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One that goes with a counsellor's words."""

    type: str
    content: bytes


class StaffDesk:
    def __init__(self, receive: Receive, turn_clock: Callable[[int], Awaitable[None]]) -> None:
        self.receive, self._turn_clock = receive, turn_clock

    async def turn_clock(self, days: int) -> None:
        await self._turn_clock(days)

    async def claim(self, ticket_id: int, counsellor_id: int) -> str | None:
        """None: it is theirs. Otherwise the name of who has it."""

        def work(connection: Connection) -> str | None:
            ticket, where = at_their_place(connection, ticket_id)
            tell(connection, ["queue", f"contact:{ticket.contact_id}", f"{where.channel}:{where.address}"])
            now = self.receive.clock.now()
            if tickets.claim(connection, ticket_id, counsellor_id, now):
                moves.note(connection, ticket, "claim", now, counsellor_id, counsellor_id)
                self._audit(connection, counsellor_id, "claim", ticket)
                return None
            owner = tickets.owner(connection, ticket_id)
            return None if owner is None or owner[0] == counsellor_id else owner[1]

        return await self.receive.store.write(work)

    async def reply(
        self, ticket_id: int, counsellor_id: int, text: str, key: str, along: Along | None = None,
        pictures: Sequence[Picture] = (),
    ) -> int | None:
        """Queue a counsellor's words and pictures; the id of the message, or None when this key is stored already."""

        def work(connection: Connection) -> int | None:
            claims = along is not None and along.claims
            visit = self._mine(connection, ticket_id, counsellor_id, claims=claims)
            if messages.by_key(connection, visit.id, f"staff-{key}") is not None:
                return None
            if not discreet.may_write(visit):
                raise DeskError(discreet.not_safe_now(visit))
            before = len(visit.rows)
            if pictures:
                self._show(visit, text, counsellor_id, key, pictures)
            else:
                self._write(visit, text, counsellor_id, f"staff-{key}", along or Along(), ticket_id)
            outside.paid(self.receive.turns, visit, len(visit.rows) - before, visit.now)
            tickets.seen(connection, ticket_id)
            self.receive.save(connection, [visit], visit.now)
            ids = [one for row in visit.rows[before:] if row["inbound_key"] is not None
                   and (one := messages.by_key(connection, visit.id, row["inbound_key"])) is not None]
            for one, picture in zip(ids, pictures, strict=False):
                media.keep_ours(connection, one, visit.id, picture.type, picture.content)
            new = ids[-1]
            if along is not None and along.file is not None:
                media.expect(connection, [(new, visit.id, visit.now)])
            audit.note(connection, counsellor_id, "reply", visit.id, visit.now, ticket=ticket_id, message=new)
            return new

        return await self.receive.store.write(work)

    async def take_back(self, ticket_id: int, message_id: int, me: CounsellorView, distributes: bool) -> str:
        """A message is not sent, or taken away from the person's chat where that can be; its words are gone here. They
        are given back once."""
        return await self.receive.store.write(
            lambda connection: taking_back.take_back(self.receive, connection, ticket_id, message_id, me, distributes))

    async def ask_form(self, ticket_id: int, counsellor_id: int) -> None:
        """The bot asks in the chat what the intake does not know yet, then the chat goes on."""
        await self._with_form(ticket_id, counsellor_id, form.ask, "ask_form")

    async def end_form(self, ticket_id: int, counsellor_id: int) -> None:
        await self._with_form(ticket_id, counsellor_id, form.take_back, "end_form")

    async def _with_form(
        self, ticket_id: int, counsellor_id: int, do: Callable[[Turns, Visit], None], action: audit.Action
    ) -> None:
        def work(connection: Connection) -> None:
            visit = self._mine(connection, ticket_id, counsellor_id)
            if not discreet.may_write(visit):
                raise DeskError(discreet.not_safe_now(visit))
            do(self.receive.turns, visit)
            outside.paid(self.receive.turns, visit, len(visit.rows), visit.now)
            self.receive.save(connection, [visit], visit.now)
            self._audit(connection, counsellor_id, action, visit.ticket)

        await self.receive.store.write(work)

    async def close(self, ticket_id: int, counsellor_id: int, outcome: str, reason: str = "") -> None:
        """Close the chat: the person may rate it, and the bot goes on at the same question. `reason` is what
        colleagues read about it."""

        def work(connection: Connection) -> None:
            visit = self._mine(connection, ticket_id, counsellor_id, must_be_reachable=False)
            cares = alarm.is_care(visit)
            tickets.close(connection, ticket_id, "counsellor", outcome, visit.now)
            assert visit.ticket is not None
            moves.closed(connection, visit.ticket, visit.now, counsellor_id, reason)
            tickets.cared_for(connection, visit.id, counsellor_id, visit.now)
            self._audit(connection, counsellor_id, "close", visit.ticket)
            visit.ticket = None
            visit.news |= {"queue", f"contact:{visit.id}"}
            if visit.channel and discreet.may_write(visit):
                self._say_goodbye(visit, cares)
            self.receive.save(connection, [visit], visit.now)

        await self.receive.store.write(work)

    async def note(self, ticket_id: int, counsellor_id: int, text: str, in_group: int | None = None) -> None:
        """`in_group`: the message of the staff group in which it stands already; a second copy of that changes
        nothing."""

        def work(connection: Connection) -> None:
            ticket = tickets.get(connection, ticket_id)
            if ticket is None:
                raise DeskError(NO_CHAT)
            if in_group is not None and staff_group.stands_there(connection, ticket_id, "note", in_group):
                return
            now = self.receive.clock.now()
            new = desk.add_note(connection, ticket.contact_id, ticket_id, counsellor_id, text, now)
            if in_group is not None:
                staff_group.mark(connection, ticket_id, [("note", new)], in_group)
            moves.answered(connection, ticket_id, counsellor_id, now)
            audit.note(connection, counsellor_id, "note", ticket.contact_id, now, ticket=ticket_id)
            tell(connection, ["queue", f"contact:{ticket.contact_id}"])

        await self.receive.store.write(work)

    async def finish_task(self, task_id: int, counsellor_id: int) -> None:
        now = self.receive.clock.now()

        def work(connection: Connection) -> None:
            contact_id = desk.finish_task(connection, task_id, counsellor_id, now)
            if contact_id is not None:
                audit.note(connection, counsellor_id, "finish_task", contact_id, now, task=task_id)
            tell(connection, ["queue"])

        await self.receive.store.write(work)

    async def of_age(self, task_id: int, counsellor_id: int) -> None:
        now = self.receive.clock.now()

        def work(connection: Connection) -> None:
            contact_id = desk.of_age(connection, task_id, counsellor_id, now)
            if contact_id is not None:
                audit.note(connection, counsellor_id, "of_age", contact_id, now, task=task_id)
            tell(connection, ["queue"])

        await self.receive.store.write(work)

    async def confirm_help(self, task_id: int, counsellor_id: int) -> None:
        """The person may ask for what this task names, and is told so. Raises DeskError where they cannot be told."""
        now = self.receive.clock.now()

        def work(connection: Connection) -> None:
            task = tickets.open_task(connection, task_id)
            if task is None or not task.key.startswith(tickets.CONFIRM):
                raise DeskError(aside.DONE)
            if not tell_again.confirm(self.receive, connection, task, counsellor_id, now):
                raise DeskError(NOT_TOLD)
            tell(connection, ["queue", f"contact:{task.contact_id}"])

        await self.receive.store.write(work)

    async def propose_referral(self, contact_id: int, counsellor_id: int, what: Proposal, key: str) -> None:
        """Ask a person whether this may go to a partner."""
        await self.receive.store.write(
            lambda connection: passing_on.propose(self.receive, connection, contact_id, what, counsellor_id, key))

    async def move_referral(
        self, contact_id: int, referral_id: int, was: str, state: str, outcome: str, counsellor_id: int
    ) -> None:
        """Note how a referral stands; the person is told."""
        await self.receive.store.write(lambda connection: passing_on.move(
            self.receive, connection, contact_id, referral_id, was, state, outcome, counsellor_id))

    async def offer_times(self, contact_id: int, counsellor_id: int, what: Offer, key: str) -> None:
        """Offer a person times for an appointment."""
        await self.receive.store.write(
            lambda connection: arranging.offer(self.receive, connection, contact_id, what, counsellor_id, key))

    async def offer_other_times(
        self, contact_id: int, appointment_id: int, times: Sequence[datetime], counsellor_id: int
    ) -> None:
        """Other times for an appointment that stays until the person has picked one."""
        await self.receive.store.write(lambda connection: arranging.offer_again(
            self.receive, connection, contact_id, appointment_id, times, counsellor_id))

    async def set_appointment(
        self, contact_id: int, appointment_id: int, changes: int, state: str, counsellor_id: int
    ) -> None:
        """Note that an appointment was held or missed, or cancel it."""
        await self.receive.store.write(lambda connection: arranging.set_state(
            self.receive, connection, contact_id, appointment_id, changes, state, counsellor_id))

    async def close_case(self, contact_id: int, counsellor_id: int, why: str, note: str, tell: bool) -> None:
        """End our regular contact with a person, with a last word on wish."""
        await self.receive.store.write(
            lambda connection: ending.close(self.receive, connection, contact_id, why, note, tell, counsellor_id))

    async def announce_end(self, contact_id: int, counsellor_id: int, day: date) -> None:
        """Tell a person on which day our regular contact ends."""
        await self.receive.store.write(
            lambda connection: ending.announce(self.receive, connection, contact_id, day, counsellor_id))

    async def reopen_case(self, contact_id: int, counsellor_id: int) -> None:
        await self.receive.store.write(
            lambda connection: ending.undo(self.receive, connection, contact_id, counsellor_id))

    async def retry(self, task_id: int, counsellor_id: int) -> None:
        """Handle again what was set aside. If it fails again, the task stays and nothing else has changed."""
        store, now = self.receive.store, self.receive.clock.now()
        try:
            await store.write(lambda connection: aside.retry(self.receive, connection, task_id, counsellor_id))
        except (StoreError, DeskError):
            raise
        except Exception as error:
            log.error("what was set aside failed again", **described(error))
            await store.write(lambda connection: aside.failed_again(connection, task_id, counsellor_id, now))
            raise DeskError(aside.FAILED_AGAIN) from None

    # ------------------------------------------------------------------- helpers

    def _say_goodbye(self, visit: Visit, cares: bool) -> None:
        """After a sign of danger the bot asks nothing and opens nothing by itself."""
        turns = self.receive.turns
        if cares:
            turns.say(visit, texts.CLOSED_CARE)
        else:
            turns.open(visit, RATING)
        turns.speak(visit, unasked=True)

    def _audit(
        self, connection: Connection, counsellor_id: int, action: audit.Action, ticket: TicketState | None
    ) -> None:
        if ticket is not None:
            now = self.receive.clock.now()
            audit.note(connection, counsellor_id, action, ticket.contact_id, now, ticket=ticket.id)

    def _mine(
        self, connection: Connection, ticket_id: int, counsellor_id: int, must_be_reachable: bool = True,
        claims: bool = False,
    ) -> Visit:
        """The person of a chat that this counsellor has, or (`claims`) takes with this, where nobody has it. Raises
        DeskError with the sentence to show."""
        ticket, found = at_their_place(connection, ticket_id)
        now = self.receive.clock.now()
        if claims and ticket.state == "waiting" and tickets.claim(connection, ticket_id, counsellor_id, now):
            moves.note(connection, ticket, "claim", now, counsellor_id, counsellor_id)
            self._audit(connection, counsellor_id, "claim", ticket)
            tell(connection, [f"{found.channel}:{found.address}"])
            ticket.state, ticket.counsellor_id = "assigned", counsellor_id
            found.ticket = ticket
        if ticket.counsellor_id != counsellor_id:
            owner = tickets.owner(connection, ticket_id)
            raise DeskError(Phrase("{name} has this chat.", name=owner[1]) if owner else _d("Claim this chat first."))
        if found.person.died_at is not None:
            raise DeskError(written_to.DIED)
        if found.is_blocked and must_be_reachable:
            raise DeskError(UNREACHABLE)
        [visit] = self.receive.load(connection, [found], now).values()
        if found.is_blocked:
            visit.channel = ""
        return visit

    def _write(self, visit: Visit, text: str, counsellor_id: int, key: str, along: Along, ticket_id: int) -> None:
        file = along.file
        if file is not None and not visit.limits.sends_files:
            raise DeskError(Phrase(NO_FILES, channel=self.receive.turns.titles[visit.channel]))
        answers = None if along.answers is None else staff_group.answered_by(
            visit.connection, ticket_id, along.answers, visit.channel, visit.address)
        translator, language = self.receive.turns.translator, visit.person.language
        mode = discreet.mode_of(visit)
        reader = Reader(language, visit.limits, neutral=mode is not None)
        words = OutgoingMessage(text, style="counsellor", file=(file[0], file[1]["file_id"]) if file else None,
                                answers=answers)
        said = finish([words], reader, translator, in_talk=True, done=visit.is_shared and not visit.is_nobody)
        visit.queue(discreet.veiled(said, mode, language, translator), author="counsellor", counsellor_id=counsellor_id)
        visit.rows[-1]["inbound_key"] = key
        if file is not None:
            visit.rows[-1] |= {"kind": file[0], "content": {**file[1], **visit.rows[-1]["content"]}}
        visit.news |= {"queue", f"contact:{visit.id}"}


    def _show(self, visit: Visit, text: str, counsellor_id: int, key: str, pictures: Sequence[Picture]) -> None:
        """One picture has the words under it. Several go before them, each a message of its own, so that each has its
        own fate; where the channel can, they are shown as one."""
        translator, language = self.receive.turns.translator, visit.person.language
        mode = discreet.mode_of(visit)
        count = len(pictures)
        text = text or translator.text(language, texts.PICTURE if count == 1 else texts.PICTURES)
        words = OutgoingMessage(text, style="counsellor")
        reader = Reader(language, visit.limits, neutral=mode is not None)
        done = visit.is_shared and not visit.is_nobody
        said = finish([words], reader, translator, in_talk=True, done=done)
        shown = [OutgoingMedium("photo", one.type, f"picture-{number}.{one.type.partition('/')[2]}")
                 for number, one in enumerate(pictures, 1)]
        if count == 1:
            said = [replace(said[0], medium=shown[0])]
        else:
            numbered = (translator.text(language, texts.PICTURE_OF, number=str(number), of=str(count))
                        for number in range(1, count + 1))
            said = [*(OutgoingMessage(name, style="counsellor", medium=one, album=key)
                      for name, one in zip(numbered, shown, strict=True)), *said]
        visit.queue(discreet.veiled(said, mode, language, translator), author="counsellor", counsellor_id=counsellor_id)
        for number, row in enumerate(visit.rows[-len(said):]):
            row["inbound_key"] = f"staff-{key}" if number == 0 else f"staff-{key}-{number}"
            if number < count:
                row["kind"] = "photo"
        visit.news |= {"queue", f"contact:{visit.id}"}


def at_their_place(connection: Connection, ticket_id: int) -> tuple[TicketState, Found]:
    """An open ticket, and where its person is: looked at again once nobody else can change it."""
    ticket = tickets.get(connection, ticket_id)
    if ticket is None:
        raise DeskError(NO_CHAT)
    found = contacts.reachable(connection, [ticket.contact_id])[ticket.contact_id]
    ticket = tickets.get(connection, ticket_id)
    if ticket is None or ticket.state == "closed":
        raise DeskError(CLOSED)
    return ticket, found
