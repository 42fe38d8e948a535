"""Office hours, public holidays and the centre's own closures, for coordinators."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from bot import office
from bot.console.auth import Auth, Me
from bot.console.guard import HOME
from bot.console.pages import Trouble
from bot.console.tongue import reason_of, spoken
from bot.hours import Closure, OfficeHours, public_holidays
from bot.safely import clean
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import audit
from storage.staff import CounsellorView

HOURS = f"{HOME}/hours"
MOST_CLOSURES, LONGEST_CLOSURE, LONGEST_WHY = 60, timedelta(days=366), 120
AHEAD = timedelta(days=365)
"""The holidays of so many days are shown."""
Text = Annotated[str, Form()]
Days = Annotated[list[str], Form(default_factory=list)]


class Hours:
    def __init__(self, auth: Auth) -> None:
        self.auth, self.parts = auth, auth.parts

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/hours", self.page, methods=["GET"])
        router.add_api_route("/hours", self.set_week, methods=["POST"])
        router.add_api_route("/hours/closures", self.add_closure, methods=["POST"])
        router.add_api_route("/hours/closures/remove", self.remove_closure, methods=["POST"])

    async def page(self, me: Me) -> Response:
        return await self._page(me)

    async def _page(
        self, me: CounsellorView, trouble: Trouble | None = None, days: list[str] | None = None,
        closure: tuple[str, str] = ("", ""), status: int = 200,
    ) -> Response:
        hours, now = await self._stored(), self.parts.clock.now()
        today = now.astimezone(hours.zone).date()
        return self.auth.look.page(
            "hours_page.html", status=status, me=me, hours=hours, days=days or _texts(hours), trouble=trouble,
            closes=hours.closes(now), opens=hours.next_opening(now), holidays=_holidays(today),
            closures=[one for one in hours.closures if one.last >= today], closure=closure,
        )

    async def _stored(self) -> OfficeHours:
        """What is stored this moment, perhaps by another process a moment ago."""
        return await self.parts.store.read(lambda connection: office.load(connection, self.parts.settings))

    async def set_week(self, me: Me, days: Days, holidays: Text = "") -> Response:
        texts = [clean(one).strip() for one in days]
        hours = await self._stored()
        try:
            if len(texts) != len(hours.spans):
                raise ValueError(_d("a week has seven days"))
            new = OfficeHours.with_days(texts, hours.zone, holidays == "yes", hours.closures)
            return await self._save(me, new)
        except ValueError as why:
            return await self._page(me, _trouble("week", why), texts if len(texts) == len(hours.spans) else None,
                                    status=422)

    async def add_closure(self, me: Me, first: Text = "", last: Text = "", why: Text = "") -> Response:
        hours, why = await self._stored(), clean(why).strip()
        try:
            return await self._save(me, replace(hours, closures=_with(hours, first, last, why)))
        except ValueError as wrong:
            return await self._page(me, replace(_trouble("closure", wrong), text=why), closure=(first, last),
                                    status=422)

    async def remove_closure(self, me: Me, first: Text = "", last: Text = "") -> Response:
        """The one with these days; where a colleague was quicker, nothing is left to do."""
        hours = await self._stored()
        left = tuple(one for one in hours.closures if (one.first.isoformat(), one.last.isoformat()) != (first, last))
        return await self._save(me, replace(hours, closures=left))

    async def _save(self, me: CounsellorView, hours: OfficeHours) -> Response:
        now = self.parts.clock.now()
        office.check(hours, now)

        def work(connection: Connection) -> None:
            office.save(connection, hours)
            audit.note(connection, me.id, "set_hours", None, now)

        await self.parts.store.write(work)
        return RedirectResponse(HOURS, 303)


def _texts(hours: OfficeHours) -> list[str]:
    return [hours.day_as_text(day) for day in range(len(hours.spans))]


def _trouble(form: str, why: ValueError) -> Trouble:
    sentence = reason_of(why)
    return Trouble(form, f"{sentence[0].upper()}{sentence[1:]}.")


def _with(hours: OfficeHours, first: str, last: str, why: str) -> tuple[Closure, ...]:
    """The closures and one more; ValueError where it does not fit."""
    try:
        new = Closure(date.fromisoformat(first), date.fromisoformat(last or first), why)
    except ValueError:
        raise ValueError(_d("choose the first day of the closure, and the last where it is longer")) from None
    if not new.first <= new.last <= new.first + LONGEST_CLOSURE:
        raise ValueError(_d("a closure ends on the day it begins or later, and lasts a year at most"))
    if len(why) > LONGEST_WHY:
        raise ValueError(Phrase("the reason has at most {most} characters", most=LONGEST_WHY))
    if len(hours.closures) >= MOST_CLOSURES:
        raise ValueError(Phrase("there are {most} closures already; remove old ones first", most=MOST_CLOSURES))
    return tuple(sorted({*hours.closures, new}, key=lambda one: (one.first, one.last, one.why)))


HOLIDAYS = (
    _d("New Year's Day"), _d("Catholic Christmas Day"), _d("Orthodox Christmas Day"), _d("Catholic Easter"),
    _d("Orthodox Easter"), _d("Constitution Day"), _d("Independence Day"), _d("International Labor Day"),
    _d("Europe Day"), _d("Eid al-Fitr"), _d("Eid al-Adha"), _d("observed"), _d("estimated"), _d("observed, estimated"),
)
"""As the calendar calls them, and what it says of some."""


def _holiday(name: str) -> str:
    """ "Catholic Easter (observed); Orthodox Easter"."""
    found = (re.fullmatch(r"(.+?)(?: \((.+)\))?", one) for one in name.split("; "))
    return "; ".join(spoken(one[1]) + (f" ({spoken(one[2])})" if one[2] else "") for one in found if one)


def _holidays(today: date) -> list[tuple[date, str]]:
    found = {**public_holidays(today.year), **public_holidays(today.year + 1)}
    return [(day, _holiday(name)) for day, name in sorted(found.items()) if today <= day <= today + AHEAD]
