"""Referrals on the page of a person: proposed, noted how they stand, and the letter for the partner."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import HOME, Number
from bot.console.pages import Trouble
from bot.console.people.forms import LONGEST_LINE, Shown, form_key, read_text, why_too_long, why_unfit
from bot.receive.passing_on import Proposal
from conversations.register import seed
from storage import partners, referrals
from storage.desk import DeskError
from storage.staff import WALLED, CounsellorView

if TYPE_CHECKING:
    from bot.console.people.pages import People

Text = Annotated[str, Form()]
LONGEST_WORDS = 600
"""A few sentences: an office reads no more, and it stands whole in one message."""


class Passing:
    def __init__(self, people: People) -> None:
        self.people, self.desk = people, people.parts.desk

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people/{contact_id}/referrals", self.propose, methods=["POST"])
        router.add_api_route("/people/{contact_id}/referrals/{referral_id}", self.move, methods=["POST"])

    async def propose(
        self, me: Me, contact_id: Number, partner: Text = "", words: Text = "", official: Text = "",
        area: Text = "general", wanted: Text = "", key: Text = "",
    ) -> Response:
        words, official = read_text(words), read_text(official)
        why = why_unfit(words, LONGEST_WORDS) or why_too_long(official, LONGEST_WORDS)
        what = Proposal(partner, words, official, area == WALLED, bool(wanted))
        done = self.desk.propose_referral(contact_id, me.id, what, form_key(key))
        return await self._done(me, contact_id, Trouble("propose", why, words), done)

    async def move(
        self, me: Me, contact_id: Number, referral_id: Number, was: Text = "", state: Text = "", outcome: Text = ""
    ) -> Response:
        outcome = read_text(outcome)
        why = "" if state in (was, *next_of(was)) and was in referrals.NEXT else "Choose how it stands."
        why = why or why_too_long(outcome, LONGEST_LINE)
        done = self.desk.move_referral(contact_id, referral_id, was, state, outcome, me.id)
        return await self._done(me, contact_id, Trouble("referral", why, outcome), done)

    async def _done(
        self, me: CounsellorView, contact_id: int, trouble: Trouble, done: Coroutine[Any, Any, None]
    ) -> Response:
        """Carried out, then the page anew; or the page with what was typed and why it was not taken."""
        if trouble.sentence:
            done.close()
            return await self.people.show(me, contact_id, Shown(trouble=trouble, status=422))
        try:
            await done
        except DeskError as error:
            said = Trouble(trouble.form, str(error), trouble.text)
            return await self.people.show(me, contact_id, Shown(trouble=said, status=409))
        return RedirectResponse(f"{HOME}/people/{contact_id}#referrals", 303)


def next_of(state: str) -> list[str]:
    """What a counsellor can say of a referral that stands so."""
    return [one for one in referrals.NEXT.get(state, ()) if one in referrals.BY_STAFF]


def partners_of(connection: Connection) -> list[tuple[str, str]]:
    """With whom we work, by name."""
    found = partners.load(connection, seed().partners).values()
    named = ((one.slug, one.name["en"]) for one in found if one.removed is None)
    return sorted(named, key=lambda one: one[1].casefold())
