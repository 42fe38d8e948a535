"""Two records of one person: looked at side by side, made one, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Form, Query
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.console.guard import HOME, Number
from bot.console.pages import NOT_FOUND
from bot.console.people.answers import question_of
from bot.console.people.words import CaseWords
from bot.console.tongue import reason_of
from conversations.marking import mark_for_desk as _d
from storage import audit, contacts, merging, walls
from storage.case import GONE
from storage.desk import DeskError, PersonView
from storage.sealed.box import SealError
from storage.staff import CounsellorView

NOT_YOURS = _d("Two records are made one, and taken apart, by a counsellor who has had a chat with the person, "
             "or by a coordinator.")
NOT_READ = _d("Something in one of the two cannot be read, so they stay as they are. Tell whoever runs the service.")
TELLING = ("name", "phone", "birth_year", "situation", "country", "return_date", "municipality")
Work: TypeAlias = Callable[[Connection, datetime], int]


@dataclass(frozen=True, slots=True)
class Together:
    """The records that are this person too, or may be."""

    into: int | None
    """Where this record has gone."""
    joined: Sequence[merging.Joined] = ()
    alike: Sequence[tuple[int, Mapping[str, Any]]] = ()


def together_with(connection: Connection, contact_id: int) -> Together:
    known = contacts.load(connection, [contact_id]).get(contact_id)
    if known is None:
        return Together(merging.joined_into(connection, contact_id))
    return Together(None, merging.of(connection, contact_id), merging.alike(connection, contact_id, known.known))


class Merging:
    def __init__(self, auth: Auth, words: CaseWords) -> None:
        self.words = words
        self.auth, self.store, self.clock = auth, auth.parts.store, auth.parts.clock

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people/{contact_id}/merge", self.look, methods=["GET"])
        router.add_api_route("/people/{contact_id}/merge", self.merge, methods=["POST"])
        router.add_api_route("/people/{contact_id}/merges/{merge_id}/undo", self.undo, methods=["POST"])

    async def look(self, me: Me, contact_id: Number, other: Annotated[str, Query(max_length=20)] = "") -> Response:
        return await self._look(me, contact_id, _number(other))

    async def _look(
        self, me: CounsellorView, contact_id: int, other_id: int, trouble: str = "", status: int = 200
    ) -> Response:
        """Nobody is made one with somebody whom they have not looked at beside them."""
        now = self.clock.now()

        def read(connection: Connection) -> list[PersonView | None]:
            seen = walls.sight(connection, me, now)
            return [walls.person(connection, one, seen) for one in (contact_id, other_id)]

        kept, other = await self.store.read(read)
        if kept is None:
            return self.auth.look.page("missing.html", status=404, me=me, title=NOT_FOUND, sentence=GONE)
        if other is None or other.id == kept.id:
            trouble = trouble or (_d("This is the same number.") if other else _d("Nobody has this number."))
            status = 404
        else:
            await self.store.write(lambda connection: audit.note(connection, me.id, "see_person", other.id, now))
        both: Sequence[PersonView] = [one for one in (kept, other) if one is not None]
        may = await self._may(me, [one.id for one in both])
        return self.auth.look.page("merge_page.html", status=status, me=me, kept=kept, other=other,
                                   both=[(one, self._lines(one)) for one in both],
                                   trouble=trouble, may_join=may, not_yours=NOT_YOURS)

    def _lines(self, person: PersonView) -> list[tuple[str, str]]:
        """What tells people apart."""
        asked = [(step, person.known.get(path)) for path in TELLING if (step := question_of(path)) is not None]
        return [(self.words.question(step), self.words.value(step, value)) for step, value in asked if value]

    async def merge(self, me: Me, contact_id: Number, other: Annotated[str, Form()] = "") -> Response:
        other_id = _number(other)

        def work(connection: Connection, now: datetime) -> int:
            self._must(connection, me, [contact_id, other_id])
            new = merging.merge(connection, contact_id, other_id, me.id, now)
            audit.note(connection, me.id, "merge", contact_id, now, other=other_id)
            return new

        return await self._done(me, contact_id, other_id, work)

    async def undo(self, me: Me, contact_id: Number, merge_id: Number) -> Response:
        def work(connection: Connection, now: datetime) -> int:
            self._must(connection, me, [contact_id])
            other_id = merging.undo(connection, contact_id, merge_id, me.id, now)
            audit.note(connection, me.id, "unmerge", contact_id, now, other=other_id)
            return other_id

        return await self._done(me, contact_id, 0, work)

    async def _done(self, me: CounsellorView, contact_id: int, other_id: int, work: Work) -> Response:
        now = self.clock.now()
        try:
            await self.store.write(lambda connection: work(connection, now))
        except (DeskError, SealError) as error:
            sentence = reason_of(error) if isinstance(error, DeskError) else NOT_READ
            if other_id:
                return await self._look(me, contact_id, other_id, sentence, 409)
            return self.auth.look.page("missing.html", status=409, me=me, title=_d("Not done"), sentence=sentence)
        return RedirectResponse(f"{HOME}/people/{contact_id}#together", 303)

    # ------------------------------------------------------------- who may

    async def _may(self, me: CounsellorView, ids: Sequence[int]) -> bool:
        return await self.store.read(lambda connection: may_join(connection, me, ids))

    def _must(self, connection: Connection, me: CounsellorView, ids: Sequence[int]) -> None:
        if not may_join(connection, me, ids):
            raise DeskError(NOT_YOURS)


def may_join(connection: Connection, me: CounsellorView, ids: Sequence[int]) -> bool:
    return me.role == "coordinator" or merging.has_had_them(connection, me.id, ids)


def _number(typed: str) -> int:
    """Of a person; 0 is nobody's."""
    bare = typed.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 15 else 0
