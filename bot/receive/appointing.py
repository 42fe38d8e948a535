"""What a person does about appointments: picks a time, moves or cancels it; and what a talk about them shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.receive.visit import Visit
from bot.receive.when import allowed_from
from bot.settings import Settings
from bot.translate import Translator
from conversations.appointments import ANOTHER, BOOKED, MINE, NONE, PICK, SOON
from conversations.engine import Line, Shown, Words
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import appointments, reminders, tickets
from storage.appointments import AppointmentState

TALKS = frozenset({PICK.name, BOOKED.name, MINE.name, SOON.name, ANOTHER.name})
NAMES = frozenset({"times", "free_times", "meeting_place", "bring", "appointments", "appointment_lines",
                   "next_time"})
REMINDED_AT = time(10)
"""The day before."""
MOVED = _d("The appointment was moved by the person to {time}")
CANCELLED = _d("The person has cancelled the appointment of {time}. Offer another, if they want one")


def given(
    visit: Visit, name: str, used: frozenset[str], translator: Translator, settings: Settings
) -> dict[str, Any]:
    """What a talk about appointments shows."""
    if name not in TALKS or not used & NAMES:
        return {}
    zone, language = ZoneInfo(settings.time_zone), visit.person.language
    if name == PICK.name:
        return _of_offer(visit, zone, translator)
    coming = appointments.coming(visit.connection, visit.id, visit.now)
    times = [(one, translator.date_and_time(language, local(one, zone))) for one in coming]
    return {
        "appointments": [{"key": str(one.id), "what": text} for one, text in times],
        "appointment_lines": tuple(Line(str(one.id), text, Shown("plain", one.place)) for one, text in times),
        "next_time": _words(times[0][1]) if times else None,
        **_where(coming[0] if coming else None),
    }


def _of_offer(visit: Visit, zone: ZoneInfo, translator: Translator) -> dict[str, Any]:
    asked = appointments.asking(visit.connection, visit.id)
    free = appointments.free(visit.connection, asked, visit.now) if asked else []
    times = [{"key": key_of(at, zone), "what": translator.date_and_time(visit.person.language, at.astimezone(zone))}
             for at in free]
    return {"times": times, "free_times": tuple(one["key"] for one in times),
            **_where(asked)}


def _where(one: AppointmentState | None) -> dict[str, Any]:
    return {"meeting_place": one.place if one else "", "bring": _words(one.bring) if one and one.bring else None}


def _words(text: str) -> Words:
    return Words("{value}", {"value": Shown("plain", text)})


def key_of(at: datetime, zone: ZoneInfo) -> str:
    """A time as it stands in a button, in the time of the centre."""
    return f"{at.astimezone(zone):%Y%m%dT%H%M}"


def local(one: AppointmentState, zone: ZoneInfo) -> datetime:
    assert one.starts_at is not None
    return one.starts_at.astimezone(zone)


# ------------------------------------------------------------------- what an answer does


def record(visit: Visit, what: str, value: Any, item: str | None, zone: ZoneInfo) -> None:
    deeds: Mapping[tuple[str, str], Any] = {
        ("do", "move"): _ask_again, ("soon", "move"): _ask_again, ("soon", "cancel"): _cancel,
        ("cancel", "yes"): _cancel,
    }
    if what == "pick":
        _pick(visit, value, zone)
    elif (what, value) in deeds and (one := _meant(visit, item)) is not None:
        deeds[what, value](visit, one, zone)
    end_talks(visit, {BOOKED.name})
    visit.news |= {"queue", f"contact:{visit.id}"}


def end_talks(visit: Visit, names: Collection[str]) -> None:
    """What they ask about is over, or stands otherwise."""
    for run in [one for one in visit.runs if one.conversation in names]:
        visit.end(run)


def _meant(visit: Visit, item: str | None) -> AppointmentState | None:
    """The one that was chosen, or the next; None where it is over."""
    coming = appointments.coming(visit.connection, visit.id, visit.now)
    return next((one for one in coming if item is None or str(one.id) == item), None)


def _pick(visit: Visit, value: str, zone: ZoneInfo) -> None:
    asked = appointments.asking(visit.connection, visit.id)
    if asked is None:
        return
    if value == NONE:
        appointments.ask_no_more(visit.connection, asked)
        return
    free = {key_of(at, zone): at for at in appointments.free(visit.connection, asked, visit.now)}
    if value not in free:
        return  # somebody was quicker, and the person reads so
    at = free[value]
    appointments.book(visit.connection, asked, at, visit.now)
    if asked.state == "agreed":
        _tell(visit, asked, "moved", Phrase(MOVED, time=f"{at.astimezone(zone):%d %B %Y, %H:%M}"))
    remind(visit, asked.id, at, zone)


def remind(visit: Visit, appointment_id: int, at: datetime, zone: ZoneInfo) -> None:
    """The day before, to who lets us write by ourselves."""
    reminders.cancel(visit.connection, visit.id, [reminder_of(appointment_id)])
    day_before = at.astimezone(zone).date() - timedelta(days=1)
    due = allowed_from(visit, datetime.combine(day_before, REMINDED_AT, zone))
    if due <= visit.now or due >= at or visit.person.consents.get("check_in") is False:
        return
    reminders.put(visit.connection, [{
        "contact_id": visit.id, "key": reminder_of(appointment_id), "opens": SOON.name, "due_at": due}])


def reminder_of(appointment_id: int) -> str:
    return f"appointment:{appointment_id}"


def is_over(visit: Visit, reminder: str) -> bool:
    """Whether this reminder is of an appointment that is not to come any more."""
    return all(reminder_of(one.id) != reminder
               for one in appointments.coming(visit.connection, visit.id, visit.now))


def _ask_again(visit: Visit, one: AppointmentState, zone: ZoneInfo) -> None:
    appointments.ask_again(visit.connection, one)


def _cancel(visit: Visit, one: AppointmentState, zone: ZoneInfo) -> None:
    if appointments.move(visit.connection, one, "cancelled", visit.now):
        reminders.cancel(visit.connection, visit.id, [reminder_of(one.id)])
        at = local(one, zone)
        _tell(visit, one, "cancelled", Phrase(CANCELLED, time=f"{at:%d %B %Y, %H:%M}"))


def _tell(visit: Visit, one: AppointmentState, what: str, about: str) -> None:
    """The counsellor hears of it."""
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": f"appointment-{what}:{one.id}", "kind": "appointment", "area": "general",
        "about": about, "opened_at": visit.now, "due_at": visit.now})
