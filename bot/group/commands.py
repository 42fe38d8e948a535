"""What a colleague does in a chat's topic: the same as in the console, by the same functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.console import warnings
from bot.console.actions import MOST_REASON, typed, why_not
from bot.console.labels import AREAS, OUTCOMES
from bot.console.policy import Action, may
from bot.console.tongue import spoken
from bot.group import texts, words
from bot.group.offers import Offers
from bot.group.updates import Written
from bot.receive.moves import Moves
from bot.receive.staff import Along, StaffDesk
from bot.settings import Settings
from conversations.marking import mark_for_desk as _d
from conversations.register import Register
from storage import desk, messages, staff, staff_group, taking_back, tickets
from storage.desk import DeskError
from storage.staff import CounsellorView
from storage.store import Store

MAY: dict[str, Action] = {"note": "note", "close": "close", "take": "take", "transfer": "move", "card": "see",
                          "send": "answer", "back": "answer", "help": "see"}
KEY = staff_group.OURS.removeprefix("staff-")
"""What the desk puts "staff-" before."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What is said to a colleague and tells of a person: no notification shows it."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class Commands:
    store: Store
    desk: StaffDesk
    moves: Moves
    offers: Offers
    settings: Settings
    register: Callable[[], Register]
    link: Callable[[int], str]

    async def do(self, said: Written, me: CounsellorView, ticket_id: int, hides: bool) -> str | Covered | None:
        """What is to be said about it; None: it is done, and that is seen. Raises DeskError."""
        command = said.command
        if command is None:
            return await self._reply(said, me, ticket_id, hides)
        name, rest = command
        if name not in MAY:
            return spoken(texts.NO_COMMAND)
        if said.edited is not None:
            return spoken(texts.NOT_CHANGED)
        if not may(me.role, "chats", MAY[name]):
            return spoken(texts.ROLE)
        match name:
            case "note":
                return await self._note(said, me, ticket_id, hides, rest)
            case "close":
                return await self._close(me, ticket_id, rest)
            case "take":
                return await self._take(me, ticket_id)
            case "transfer":
                return await self._transfer(me, ticket_id, rest)
            case "card":
                return await self._card(ticket_id, hides)
            case "send":
                return await self._send(said, me, ticket_id, hides)
            case "back":
                return await self._back(said, me, ticket_id)
        return texts.what_can_be_done()

    # ------------------------------------------------------------------ words to the person

    async def _reply(
        self, said: Written, me: CounsellorView, ticket_id: int, hides: bool
    ) -> str | Covered | None:
        if said.file is not None and not said.can_be_sent:
            return spoken(texts.NO_SUCH_FILE)
        key, text = self._key(said), typed(said.text)
        if said.by_bot:
            text = await self.offers.filled(text, ticket_id)
        along = Along(said.file, said.answers)
        if said.edited is not None and await self._is_stored(ticket_id, key):
            key, text, along = f"{key}-{said.edited}", texts.CHANGED + text, Along(answers=said.answers)
        return await self._words(me, ticket_id, hides, text, key, along=along)

    async def _send(
        self, said: Written, me: CounsellorView, ticket_id: int, hides: bool
    ) -> str | Covered | None:
        if said.answers is None or said.answered_sender != said.sender or not said.answered_text:
            return spoken(texts.ONLY_YOURS)
        key = f"{KEY}{said.thread}-{said.answers}"
        return await self._words(me, ticket_id, hides, typed(said.answered_text), key, sure=True)

    async def _back(self, said: Written, me: CounsellorView, ticket_id: int) -> str | None:
        """What went to the person from the message that is answered, also its words of later."""
        number = said.answers
        if number is None:
            return spoken(texts.ANSWER_IT)
        key = f"{staff_group.OURS}{said.thread}-{number}"

        def look(connection: Connection) -> tuple[list[int], bool]:
            there, is_open = staff_group.went_from(connection, ticket_id, number, key)
            done = taking_back.taken(connection, there)
            return [one for one in there if one not in done], is_open

        found, is_open = await self.store.read(look)
        if not found:
            return spoken(texts.NOTHING_TO_TAKE_BACK)
        if is_open:
            return spoken(texts.SEVERAL, link=self.link(ticket_id))
        for one in found:
            await self.desk.take_back(ticket_id, one, me, may(me.role, "chats", "distribute"))
        return None

    async def _words(
        self, me: CounsellorView, ticket_id: int, hides: bool, text: str, key: str, sure: bool = False,
        along: Along = Along(),
    ) -> str | Covered | None:
        """As the console does it: looked at, then the chat is theirs if it is nobody's, then sent."""
        if hides:
            return spoken(texts.HIDDEN, link=self.link(ticket_id))
        if not may(me.role, "chats", "answer"):
            return spoken(texts.ROLE)
        if why := why_not(text, least=0 if along.file else 1):
            return spoken(texts.NOT_SENT, why=spoken(why))
        if not sure and not await self._is_stored(ticket_id, key):
            limits = self.desk.receive.turns.limits
            warned = await warnings.before(self.store, self.settings, self.register(), limits, ticket_id, me.id, text)
            if warned:
                return Covered(spoken(texts.NOT_YET), spoken(texts.WARNED, why=" ".join(map(spoken, warned))))
        try:
            await self.desk.reply(ticket_id, me.id, text, key, replace(along, claims=True))
        except DeskError:
            owner = await self.store.read(lambda connection: tickets.owner(connection, ticket_id))
            if owner is None or owner[0] == me.id:
                raise
            return spoken(texts.HAS_IT, name=owner[1])
        return None

    def _key(self, said: Written) -> str:
        """By which a second copy of the update is known, and the place where these words stand already."""
        return f"{KEY}{said.thread}-{said.number}"

    async def _is_stored(self, ticket_id: int, key: str) -> bool:
        def look(connection: Connection) -> bool:
            ticket = tickets.get(connection, ticket_id)
            return ticket is not None and messages.by_key(
                connection, ticket.contact_id, f"staff-{key}") is not None

        return await self.store.read(look)

    # ------------------------------------------------------------------ beside it

    async def _note(self, said: Written, me: CounsellorView, ticket_id: int, hides: bool, text: str) -> str | None:
        if hides:
            return spoken(texts.HIDDEN, link=self.link(ticket_id))
        text = typed(text)
        if why := why_not(text):
            return spoken(texts.NOT_SENT, why=spoken(why))
        await self.desk.note(ticket_id, me.id, text, in_group=said.number)
        return None

    async def _close(self, me: CounsellorView, ticket_id: int, rest: str) -> str | None:
        outcome, reason = _first(rest, sorted(OUTCOMES, key=len, reverse=True))
        if outcome is None:
            ways = "\n".join(f"/close_{one} {label}" for one, label in OUTCOMES.items())
            return spoken(texts.HOW_DID_IT_END, ways=ways)
        if why := why_not(typed(reason), least=0, most=MOST_REASON):
            return spoken(texts.NOT_SENT, why=spoken(why))
        await self.desk.close(ticket_id, me.id, outcome, typed(reason))
        return None

    async def _take(self, me: CounsellorView, ticket_id: int) -> str | None:
        holder = await self._holder(ticket_id)
        if holder == 0:
            other = await self.desk.claim(ticket_id, me.id)
            return spoken(texts.HAS_IT, name=other) if other is not None else None
        await self.moves.take_over(ticket_id, me, holder)
        return None

    async def _transfer(self, me: CounsellorView, ticket_id: int, rest: str) -> str | None:
        team = await self.store.read(staff.list_counsellors)
        names = {str(one.id): one for one in team} | {one.login: one for one in team}
        to, reason = _first(rest.lower(), [*names, *AREAS])
        reason = typed(rest[len(rest) - len(reason):]) if reason else ""
        if to is None:
            ways = [f"/transfer_{one.id} {one.name}" for one in team if one.id != me.id]
            ways += [f"/transfer_{area} {label}" for area, label in AREAS.items()]
            return spoken(texts.TO_WHOM, ways="\n".join(ways))
        if why := why_not(reason, most=MOST_REASON):
            return spoken(texts.WHY_TO, command=f"transfer_{to}") if not reason else spoken(why)
        holder, distributes = await self._holder(ticket_id), may(me.role, "chats", "distribute")
        if to in AREAS:
            await self.moves.hand_to_area(ticket_id, me, holder, to, reason, distributes)
        else:
            await self.moves.hand_to(ticket_id, me, holder, names[to].id, reason, distributes)
        return None

    async def _holder(self, ticket_id: int) -> int:
        """Who has the chat now; 0: nobody."""
        ticket = await self.store.read(lambda connection: tickets.get(connection, ticket_id))
        return (ticket.counsellor_id or 0) if ticket is not None else 0

    async def _card(self, ticket_id: int, hides: bool) -> str | Covered:
        found = await self.store.read(lambda connection: desk.ticket(connection, ticket_id))
        if found is None:
            raise DeskError(_d("This chat does not exist any more."))
        return self.link(ticket_id) if hides else Covered(self.link(ticket_id), words.summary(found))


def _first(text: str, known: list[str]) -> tuple[str | None, str]:
    """The known word that a text begins with, and the rest of it."""
    for one in known:
        if text == one or text.startswith((f"{one} ", f"{one}\n")):
            return one, text[len(one) :].strip()
    return None, text
