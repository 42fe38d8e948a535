"""When we ask somebody next, worked out anew whenever the plan, the rhythm or the person's zone has changed.

There is one row for the next check-in and one for the next step that is announced, whatever the plan holds: so nothing
is left behind when it changes. That two of them never write on one day is looked after where they are carried out
(`daily.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.clock import local_date
from bot.receive.visit import Visit
from bot.receive.when import allowed, on_day
from conversations import APPOINTMENT_SOON_NAME as APPOINTMENT_SOON
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations import STEP_SOON_NAME as STEP_SOON
from conversations.engine import Shown, Words
from conversations.marking import mark as _
from conversations.rhythm import DAY, Rhythm, StepDay, day_before, next_day
from conversations.zones import ANSWERS, zone_of
from storage import appointments, asking, reminders, runs
from storage.contacts import Person
from storage.runs import RunState

AS_PLANNED = _("As planned, that is on {date}.")
NOT_ANY_MORE = _("As planned, we do not ask any more. You can always write to us.")


def plan(connection: Connection, person: Person, now: datetime) -> None:
    """Call it after every change of the plan, the rhythm or an agreed day. What has begun to ask goes on asking."""
    if person.consents.get("check_in") is False:
        return
    zone = person.time_zone
    waiting = asking.waiting(connection, person.id)
    asked_at = runs.last_begun(connection, person.id, CHECK_IN)
    steps = _step_days(connection, person)
    today = local_date(now, zone)
    known = waiting.get(CHECK_IN)
    next_ask = _after_a_pause(person, next_day(_rhythm(connection, person, known, asked_at), steps))
    if known is None or known.attempt == 0:
        next_ask = _not_while_they_are_here(next_ask, known, zone, today)
        _set(connection, person, CHECK_IN, next_ask, known, asked_at or now)
    soon = waiting.get(STEP_SOON)
    _set(connection, person, STEP_SOON, day_before(steps, today, next_ask), soon, asked_at or now)


def as_planned(visit: Visit) -> Words:
    """When we ask next if the person leaves it as planned: what `settle` would lead to."""
    person, connection = visit.person, visit.connection
    begins = asking.kept(connection, person.id).begins or visit.today
    asked_at = runs.last_begun(connection, person.id, CHECK_IN) or visit.now
    rhythm = Rhythm(begins, person.rhythm_days, None, local_date(asked_at, person.time_zone))
    day = _after_a_pause(person, next_day(rhythm, _step_days(connection, person)))
    day = _not_while_they_are_here(day, None, person.time_zone, visit.today)
    if day is None:
        return Words(NOT_ANY_MORE)
    on = local_date(allowed(person, on_day(person, day, asked_at)), person.time_zone)
    return Words(AS_PLANNED, {"date": Shown("date", on.isoformat())})


def _step_days(connection: Connection, person: Person) -> list[StepDay]:
    return [StepDay(by, local_date(since, person.time_zone))
            for _what, by, since in asking.step_days(connection, person.id)]


def is_settled(visit: Visit) -> bool:
    """Whether it is agreed already when we ask, by the person or a counsellor."""
    kept = asking.kept(visit.connection, visit.id)
    is_agreed = visit.person.rhythm_days is not None or kept.begins is not None or kept.on is not None
    return is_agreed or CHECK_IN in asking.waiting(visit.connection, visit.id)


def _after_a_pause(person: Person, day: date | None) -> date | None:
    if day is None or person.paused_until is None:
        return day
    return max(day, local_date(person.paused_until, person.time_zone))


def _rhythm(
    connection: Connection, person: Person, known: asking.Waiting | None, asked_at: datetime | None
) -> Rhythm:
    """What an older version has planned stays agreed."""
    kept = asking.kept(connection, person.id)
    agreed = [kept.on] if kept.on is not None else []
    if known is not None and known.wall is None and known.attempt == 0:
        agreed.append(local_date(known.due_at, person.time_zone))
    asked = local_date(asked_at, person.time_zone) if asked_at is not None else None
    return Rhythm(kept.begins, person.rhythm_days, min(agreed, default=None), asked)


def _not_while_they_are_here(
    day: date | None, known: asking.Waiting | None, zone: str, today: date
) -> date | None:
    """What was missed, or falls on today, comes tomorrow, except where today was planned already."""
    if day is None or day > today:
        return day
    is_today = known is not None and local_date(known.due_at, zone) <= today
    return today if is_today else today + DAY


def _set(
    connection: Connection, person: Person, name: str, day: date | None, known: asking.Waiting | None, like: datetime
) -> None:
    """The time of day stays what it was: of the one that waits, or `like` the last one."""
    if day is None:
        if known is not None:
            reminders.cancel(connection, person.id, [name])
        return
    if known is not None and local_date(known.due_at, person.time_zone) == day:
        return
    due_at = allowed(person, on_day(person, day, known.due_at if known is not None else like))
    reminders.put(connection, [{"contact_id": person.id, "key": name, "opens": name, "due_at": due_at}])


def begin(connection: Connection, person: Person, now: datetime) -> None:
    """The rhythm of who has agreed to be asked counts from today, where none does yet."""
    if person.consents.get("check_in") is True and asking.kept(connection, person.id).begins is None:
        asking.begin(connection, person.id, local_date(now, person.time_zone))


def put_off_to(connection: Connection, person: Person, day: date, now: datetime) -> None:
    """Ask on this day, and not before it: what the rhythm would have brought earlier waits for it."""
    asking.agree(connection, person.id, day)
    begins = datetime.combine(day, time(0), ZoneInfo(person.time_zone))
    known = asking.waiting(connection, person.id).get(CHECK_IN)
    if known is not None and local_date(known.due_at, person.time_zone) < day:
        person.paused_until, person.changed = begins, True
    reminders.cancel(connection, person.id, [CHECK_IN])
    plan(connection, person, now)


def settle(connection: Connection, person: Person, now: datetime, after: timedelta | None = None) -> None:
    """What was asked, or was to be, is settled, and the next check-in is planned: after so long, where that is said."""
    begin(connection, person, now)
    asking.agree(connection, person.id, local_date(now + after, person.time_zone) if after is not None else None)
    reminders.cancel(connection, person.id, [CHECK_IN])
    plan(connection, person, now)


def answered(connection: Connection, person: Person, now: datetime) -> None:
    """What was asked has its answer; what was agreed about the next time holds."""
    reminders.cancel(connection, person.id, [CHECK_IN])
    plan(connection, person, now)


def disagree(connection: Connection, person: Person, now: datetime) -> None:
    """The agreed day does not hold any more."""
    asking.agree(connection, person.id, None)
    plan(connection, person, now)


def agree_by(connection: Connection, person: Person, after: timedelta, now: datetime) -> None:
    """Ask so long from now at the latest."""
    day, known = local_date(now + after, person.time_zone), asking.kept(connection, person.id).on
    if known is None or known <= local_date(now, person.time_zone) or day < known:
        asking.agree(connection, person.id, day)
    plan(connection, person, now)


def moved(visit: Visit, before: Mapping[str, Any], home: str) -> None:
    """Where the person is has changed: what is planned keeps its time on their own clock, and from the return on the
    rhythm counts anew."""
    person = visit.person
    if all(before.get(one) == person.known.get(one) for one in ANSWERS):
        return
    set_zone(visit.connection, person, zone_of(person.known, home))
    has_returned = before.get("situation") == "returning" and person.known.get("situation") == "returned"
    if has_returned and person.consents.get("check_in") is True:
        asking.begin(visit.connection, person.id, visit.today)
        plan(visit.connection, person, visit.now)


def set_zone(connection: Connection, person: Person, zone: str) -> None:
    if zone != person.time_zone:
        person.time_zone, person.changed = zone, True
        reminders.moved_to(connection, person.id, zone)


def soon(connection: Connection, person: Person, now: datetime) -> list[tuple[str, date]]:
    """The open steps of today and tomorrow, in the order of their days."""
    today = local_date(now, person.time_zone)
    return [(what, by) for what, by, _since in asking.step_days(connection, person.id) if today <= by <= today + DAY]


def is_past(visit: Visit, run: RunState) -> bool:
    """An announcement that nobody has looked at, and whose day is over: nobody is brought back to that."""
    if run.conversation == APPOINTMENT_SOON:
        return not appointments.coming(visit.connection, visit.id, visit.now)
    return run.conversation == STEP_SOON and not soon(visit.connection, visit.person, visit.now)
