"""What a counsellor does about appointments: offers times, says that one was held or missed, cancels one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.receive import appointing, written_to
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from conversations.appointments import ANOTHER, PICK
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import appointments, audit, reminders, tickets
from storage.appointments import CHANGED, NOT_YET, AppointmentState
from storage.desk import DeskError

CANCELLED = _("We are sorry: we have to cancel the appointment. It was: {time}.")
MISSED = _("We missed you at our appointment. That can happen, and it changes nothing between us.")
TIMES_GONE = _("The times that we offered you do not hold any more.")
AS_WISHED = _("You asked for another time. Here are some. Your appointment stays as it is until you choose.")
OTHER_TIMES = _("A counsellor would like to move your appointment. It stays as it is until you choose.")
TELL_THEM = _d("Tell them that the appointment is cancelled: the bot could not")


@dataclass(frozen=True, slots=True)
class Offer:
    """Times for one person."""

    times: Sequence[datetime]
    minutes: int
    place: str
    bring: str = ""


def offer(receive: Receive, connection: Connection, contact_id: int, what: Offer, by: int, key: str) -> None:
    """The person picks one in the chat. Raises DeskError where they cannot be asked, or a time cannot be had."""
    visit = _reachable(receive, connection, contact_id)
    if appointments.offer(connection, contact_id, f"by-hand.{key}", by, what.times, what.minutes, what.place,
                          what.bring, visit.now):
        audit.note(connection, by, "offer_times", contact_id, visit.now)
        _ask(receive, visit, by)


def offer_again(
    receive: Receive, connection: Connection, contact_id: int, appointment_id: int, times: Sequence[datetime], by: int
) -> None:
    """Other times for one that was agreed."""
    visit = _reachable(receive, connection, contact_id)
    found = appointments.get(connection, contact_id, appointment_id)
    if found.state != "agreed":
        raise DeskError(CHANGED)
    words = AS_WISHED if appointments.is_wished(connection, found) else OTHER_TIMES
    appointments.offer_again(connection, found, times, visit.now)
    audit.note(connection, by, "offer_times", contact_id, visit.now)
    receive.turns.say(visit, words)
    _ask(receive, visit, by)


def _reachable(receive: Receive, connection: Connection, contact_id: int) -> Visit:
    visit = written_to.visit_of(receive, connection, contact_id)
    if trouble := written_to.why_not(visit):
        raise DeskError(trouble)
    return visit


def _ask(receive: Receive, visit: Visit, by: int) -> None:
    """Which of the times: a question that was asked before about others is over."""
    appointing.end_talks(visit, appointing.TALKS)
    tickets.finish_of_kind(visit.connection, visit.id, "appointment", by, visit.now)
    written_to.ask(receive, visit, PICK.name)
    visit.news.add("queue")
    receive.save(visit.connection, [visit], visit.now)


def set_state(
    receive: Receive, connection: Connection, contact_id: int, appointment_id: int, changes: int, state: str, by: int
) -> None:
    """Held, missed or cancelled, as it stood on the page. Who was missed, or loses theirs, is asked kindly whether
    they would like another time. Raises DeskError where it stands otherwise by now."""
    visit = written_to.visit_of(receive, connection, contact_id)
    found = appointments.get(connection, contact_id, appointment_id)
    if state in ("held", "missed") and found.starts_at is not None and found.starts_at > visit.now:
        raise DeskError(NOT_YET)
    if found.changes != changes or not appointments.move(connection, found, state, visit.now):
        raise DeskError(CHANGED)
    audit.note(connection, by, "set_appointment", contact_id, visit.now)
    reminders.cancel(connection, contact_id, [appointing.reminder_of(appointment_id)])
    appointing.end_talks(visit, appointing.TALKS)
    visit.news |= {"queue", f"contact:{contact_id}"}
    if not written_to.why_not(visit):
        _tell(receive, visit, found, state)
    elif state == "cancelled" and found.state == "agreed":
        tickets.add_task(connection, {
            "contact_id": contact_id, "key": f"appointment-tell:{appointment_id}", "kind": "appointment",
            "area": "general", "about": TELL_THEM,
            "opened_at": visit.now, "due_at": visit.now})
    receive.save(connection, [visit], visit.now)


def _tell(receive: Receive, visit: Visit, found: AppointmentState, state: str) -> None:
    if state == "missed":
        receive.turns.say(visit, MISSED)
        written_to.ask(receive, visit, ANOTHER.name)
    elif state == "cancelled" and found.state == "agreed":
        zone = ZoneInfo(receive.turns.settings.time_zone)
        time = receive.turns.translator.date_and_time(visit.person.language, appointing.local(found, zone))
        receive.turns.say(visit, CANCELLED, time=time)
        written_to.ask(receive, visit, ANOTHER.name)
    elif state == "cancelled":
        receive.turns.say(visit, TIMES_GONE)
        written_to.ask(receive, visit)
