"""Appointments on the page of a person: times offered, and how they went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.pages import Trouble
from bot.console.people.forms import LONGEST_LINE, form_key, read_text, why_too_long, why_unfit
from bot.receive.arranging import Offer
from conversations.marking import mark_for_desk as _d
from storage.appointments import LEADS, LENGTHS, MOST_OFFERS

if TYPE_CHECKING:
    from bot.console.people.pages import People

Text = Annotated[str, Form()]
Times = Annotated[list[str], Form(default_factory=list)]
NO_TIME = _d("Choose a day and an hour for at least one time.")


class Appointments:
    def __init__(self, people: People) -> None:
        self.people, self.desk = people, people.parts.desk

    def add_to(self, router: APIRouter) -> None:
        for path, action in (("appointments", self.offer), ("appointments/{appointment_id}", self.note),
                             ("appointments/{appointment_id}/times", self.other_times)):
            router.add_api_route(f"/people/{{contact_id}}/{path}", action, methods=["POST"])

    async def offer(
        self, me: Me, contact_id: Number, at: Times, minutes: Number = 60, place: Text = "", bring: Text = "",
        key: Text = "",
    ) -> Response:
        times, unread = self._times(at)
        place, bring = read_text(place), read_text(bring)
        why = unread or why_unfit(place, LONGEST_LINE) or why_too_long(bring, LONGEST_LINE)
        what = Offer(times, minutes if minutes in LENGTHS else LENGTHS[-1], place, bring)
        done = self.desk.offer_times(contact_id, me.id, what, form_key(key))
        return await self.people.done(me, contact_id, "appointments", Trouble("offer", why, place), done)

    async def other_times(self, me: Me, contact_id: Number, appointment_id: Number, at: Times) -> Response:
        times, unread = self._times(at)
        done = self.desk.offer_other_times(contact_id, appointment_id, times, me.id)
        return await self.people.done(me, contact_id, "appointments", Trouble("appointment", unread), done)

    async def note(
        self, me: Me, contact_id: Number, appointment_id: Number, changes: Number = 0, state: Text = "",
        back: Text = "",
    ) -> Response:
        known = any(state in leads for leads in LEADS.values())
        done = self.desk.set_appointment(contact_id, appointment_id, changes, state, me.id)
        trouble = Trouble("appointment", "" if known else _d("Choose how it went."))
        return await self.people.done(me, contact_id, "appointments", trouble, done, back)

    def _times(self, typed: list[str]) -> tuple[list[datetime], str]:
        """What was filled in, in the time of the centre; and what is wrong with it."""
        wanted = [one for one in typed if one.strip()][:MOST_OFFERS]
        read = [self.people.moment(one) for one in wanted]
        found = [one for one in read if one is not None]
        return found, "" if found and len(found) == len(wanted) else NO_TIME
