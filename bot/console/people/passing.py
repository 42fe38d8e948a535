"""Referrals on the page of a person: proposed, noted how they stand, and the letter for the partner."""

from __future__ import annotations

from asyncio import to_thread
from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from bot import letters
from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.pages import Trouble
from bot.console.people.forms import LONGEST_LINE, Shown, Text, form_key, read_text, why_too_long, why_unfit
from bot.console.tongue import reason_of
from bot.letter import Letter, as_pdf
from bot.receive.passing_on import Proposal
from conversations.marking import mark_for_desk as _d
from conversations.register import in_language, seed
from storage import audit, contacts, partners, referrals, walls
from storage.desk import DeskError
from storage.staff import WALLED

if TYPE_CHECKING:
    from bot.console.people.pages import People

OFFICIAL = ("sq", "sr")
NO_PARTNER = _d("This partner is not in the register any more.")
LONGEST_WORDS = 600
"""A few sentences: an office reads no more, and it stands whole in one message."""


class Passing:
    def __init__(self, people: People) -> None:
        self.people, self.desk = people, people.parts.desk

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people/{contact_id}/referrals", self.propose, methods=["POST"])
        router.add_api_route("/people/{contact_id}/referrals/{referral_id}", self.move, methods=["POST"])
        router.add_api_route("/people/{contact_id}/referrals/{referral_id}/letter", self.letter, methods=["GET"])

    async def propose(
        self, me: Me, contact_id: Number, partner: Text = "", words: Text = "", official: Text = "",
        area: Text = "general", wanted: Text = "", key: Text = "",
    ) -> Response:
        words, official = read_text(words), read_text(official)
        why = why_unfit(words, LONGEST_WORDS) or why_too_long(official, LONGEST_WORDS)
        what = Proposal(partner, words, official, area == WALLED, bool(wanted))
        done = self.desk.propose_referral(contact_id, me.id, what, form_key(key))
        return await self.people.done(me, contact_id, "referrals", Trouble("propose", why, words), done)

    async def move(
        self, me: Me, contact_id: Number, referral_id: Number, was: Text = "", state: Text = "", outcome: Text = ""
    ) -> Response:
        outcome = read_text(outcome)
        why = "" if state in (was, *next_of(was)) and was in referrals.NEXT else _d("Choose how it stands.")
        why = why or why_too_long(outcome, LONGEST_LINE)
        done = self.desk.move_referral(contact_id, referral_id, was, state, outcome, me.id)
        return await self.people.done(me, contact_id, "referrals", Trouble("referral", why, outcome), done)

    async def letter(self, me: Me, contact_id: Number, referral_id: Number, official: str = "") -> Response:
        """As PDF, for a partner; the page with a sentence where the person has not agreed to it."""
        now, parts = self.people.parts.clock.now(), self.people.parts

        def work(connection: Connection) -> Letter:
            walls.may_see_referral(connection, contact_id, referral_id, walls.sight(connection, me, now))
            found = referrals.to_print(connection, contact_id, referral_id)
            partner = partners.load(connection, seed().partners).get(found.partner)
            [known] = contacts.load(connection, [contact_id]).values()
            if partner is None:
                raise DeskError(NO_PARTNER)
            audit.note(connection, me.id, "see_letter", contact_id, now, referral=referral_id)
            return Letter(found, partner, known.language, referrals.agreed_at(connection, found), me.name)

        try:
            made = await parts.store.write(work)
        except DeskError as error:
            trouble = Trouble("referral", reason_of(error))
            return await self.people.show(me, contact_id, Shown(trouble=trouble, status=409))
        language = official if official in OFFICIAL else letters.official_language(made.partner)
        content = await to_thread(as_pdf, made, language, parts.translator, parts.settings, now)
        return Response(content, media_type="application/pdf", headers={
            "Content-Disposition": f'attachment; filename="referral-{referral_id}-{language}.pdf"',
            "Cache-Control": "private, no-store"})



def next_of(state: str) -> list[str]:
    """What a counsellor can say of a referral that stands so."""
    return [one for one in referrals.NEXT.get(state, ()) if one in referrals.BY_STAFF]


def partners_of(connection: Connection, language: str) -> list[tuple[str, str]]:
    """With whom we work, by name."""
    found = partners.load(connection, seed().partners).values()
    named = ((one.slug, in_language(one.name, language)) for one in found if one.removed is None)
    return sorted(named, key=lambda one: one[1].casefold())
