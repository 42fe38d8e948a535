"""When a person is asked how it is going, as a counsellor sets it: how often, the next day, a pause, their clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from bot.clock import local_date
from bot.console.auth import Me
from bot.console.guard import Number
from bot.console.pages import Trouble
from bot.console.people.forms import Shown, Text, read_day
from bot.console.tongue import spoken, spoken_many
from bot.receive import asking
from conversations.marking import mark_for_desk as _d
from conversations.zones import choices
from storage import contacts
from storage.case import GONE, CaseView
from storage.contacts import Person
from storage.desk import DeskError

if TYPE_CHECKING:
    from bot.console.people.pages import People

USUAL = 0
PACES: Mapping[int, str] = {
    USUAL: _d("A week, then one, three, six and twelve months after the first talk"), 7: _d("Every week"),
    14: _d("Every two weeks"), 30: _d("Every month"), 91: _d("Every three months"), 182: _d("Every half year"),
}
WANTS_NONE = _d("They do not want to be asked.")
SAID_STOP = _d("They said stop.")
NOT_A_DAY = _d("Write the day as 2027-01-31.")
IS_OVER = _d("This day is over. Choose a later one.")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a person is asked, for the page."""

    words: str
    days: int
    choices: Sequence[tuple[int, str]]
    paused: date | None
    zone: str
    zones: Sequence[str]
    may_ask: bool


def pace_of(case: CaseView, home: str) -> Pace:
    who = case.person.contact
    days, may_ask = who.rhythm_days or USUAL, who.consents.get("check_in") is not False
    paused = local_date(who.paused_until, who.time_zone) if who.paused_until is not None else None
    shown = [(one, spoken(word)) for one, word in PACES.items()]
    if days not in PACES:
        shown.append((days, spoken_many("Every {number} day", "Every {number} days", days)))
    words = WANTS_NONE if not may_ask else SAID_STOP if who.stopped_at is not None else f"{dict(shown)[days]}."
    return Pace(words, days, shown, paused, who.time_zone, choices(who.time_zone, home), may_ask)


def plan_of(connection: Connection, contact_id: int, now: datetime) -> None:
    """A colleague has changed the plan: when we ask follows it."""
    asking.plan(connection, _held(connection, contact_id), now)


def _held(connection: Connection, contact_id: int) -> Person:
    """The person, as a turn holds them. Raises DeskError where there is none any more."""
    found = contacts.reachable(connection, [contact_id]).get(contact_id)
    if found is None:
        raise DeskError(GONE)
    return found.person


@dataclass(frozen=True, slots=True)
class Asking:
    people: People

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/people/{contact_id}/asking", self.change, methods=["POST"])

    async def change(
        self, me: Me, contact_id: Number, rhythm: Text = "", on: Text = "", paused: Text = "", zone: Text = ""
    ) -> Response:
        shown = Shown(trouble=Trouble("asking", self._unfit(rhythm, on, paused, zone)))

        def change(connection: Connection, now: datetime) -> None:
            person = _held(connection, contact_id)
            asking.set_zone(connection, person, zone or person.time_zone)
            if rhythm:
                self._ask(connection, person, int(rhythm), read_day(on), read_day(paused), now)
            contacts.save(connection, [person])

        return await self.people.changed(me, contact_id, "change_asking", change, shown)

    def _ask(
        self, connection: Connection, person: Person, days: int, on: date | None, until: date | None, now: datetime
    ) -> None:
        """What a person does not want is not set over their head."""
        if person.consents.get("check_in") is False:
            raise DeskError(WANTS_NONE)
        zone = ZoneInfo(person.time_zone)
        person.rhythm_days, person.changed = days or None, True
        person.paused_until = datetime.combine(until, time(0), zone) if until is not None else None
        asking.begin(connection, person, now)
        asking.plan(connection, person, now)
        if on is not None:
            asking.put_off_to(connection, person, on, now)

    def _unfit(self, rhythm: str, on: str, paused: str, zone: str) -> str:
        home = self.people.parts.settings.time_zone
        if (rhythm and not rhythm.isdigit()) or (rhythm and not 0 <= int(rhythm) <= 366):
            return _d("Choose how often.")
        if zone and zone not in choices(home, home):
            return _d("Choose a clock from the list.")
        for typed in filter(None, (on, paused)):
            day = read_day(typed)
            if day is None:
                return NOT_A_DAY
            if day < self.people.today():
                return IS_OVER
        return ""
