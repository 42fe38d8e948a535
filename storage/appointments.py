"""Appointments: a counsellor offers times, the person picks one. No quarter of an hour is given away twice.

Whoever writes holds the person (as every turn does), so one person is not in two places; and what a counsellor gives
away is a row in `booked_times`, whose key the database keeps single, whichever process asks at the same moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from storage import tickets
from storage.desk import DeskError, name_of
from storage.prepared import Prepared
from storage.sealed import keys
from storage.sealed.lenient import lenient
from storage.tables import EPOCH, Appointment, BookedTime, Contact, Counsellor, Moment, Task
from storage.upsert import insert_or

QUARTER = timedelta(minutes=15)
LENGTHS = (30, 45, 60, 90)
MOST_OFFERS = 5
OPEN = ("offered", "agreed")
LEADS = {"offered": ("cancelled",), "agreed": ("cancelled", "held", "missed"), "missed": ("held",), "held": ("missed",)}
"""What can be said of one that stands so, beside the picking of a time."""
TAKEN = _d("One of these times is given away already. Choose another.")
IN_THE_PAST = "A time to offer must still be to come."
NOT_A_QUARTER = "A time begins at a full quarter of an hour."
CHANGED = _d("This appointment has changed meanwhile. Look at how it stands now.")
GONE = _d("This appointment does not exist any more.")
NOT_YET = _d("It has not begun yet.")
SHOWN_FOR = timedelta(days=14)
"""So long an appointment waits on the page of the day for somebody to say whether it was held."""


class Taken(DeskError):
    """Somebody was quicker."""


@dataclass(frozen=True, slots=True)
class AppointmentState:
    id: int
    contact_id: int
    key: str
    counsellor_id: int | None
    state: str
    asks: bool
    offers: Sequence[datetime]
    starts_at: datetime | None
    minutes: int
    place: str
    bring: str
    changes: int

    @property
    def ends_at(self) -> datetime:
        assert self.starts_at is not None
        return self.starts_at + timedelta(minutes=self.minutes)


_COLUMNS = (Appointment.id, Appointment.contact_id, Appointment.key, Appointment.counsellor_id, Appointment.state,
            Appointment.asks, Appointment.offers, Appointment.starts_at, Appointment.minutes, Appointment.place,
            Appointment.bring, Appointment.changes)


_EXPECTED = Prepared(select(Appointment.id).where(
    Appointment.contact_id == bindparam("person"), Appointment.state == "agreed",
    Appointment.starts_at > bindparam("now", type_=Moment())).limit(1))


def _all(connection: Connection, *where: Any, order: Any = Appointment.id) -> list[AppointmentState]:
    return [_state(row) for row in connection.execute(select(*_COLUMNS).where(*where).order_by(order))]


def _state(row: Any) -> AppointmentState:
    offers = [datetime.fromisoformat(one) for one in row.offers]
    return AppointmentState(row.id, row.contact_id, row.key, row.counsellor_id, row.state, row.asks, offers,
                            row.starts_at, row.minutes, row.place, row.bring, row.changes)


def get(connection: Connection, contact_id: int, appointment_id: int) -> AppointmentState:
    found = _all(connection, Appointment.id == appointment_id, Appointment.contact_id == contact_id)
    if not found:
        raise DeskError(GONE)
    return found[0]


def asking(connection: Connection, contact_id: int) -> AppointmentState | None:
    """The newest of which the person is to pick a time."""
    found = _all(connection, Appointment.contact_id == contact_id, Appointment.asks.is_(True),
                 Appointment.state.in_(OPEN))
    return found[-1] if found else None


def coming(connection: Connection, contact_id: int, now: datetime) -> list[AppointmentState]:
    """What was agreed and is still to come, the next first."""
    return _all(connection, Appointment.contact_id == contact_id, Appointment.state == "agreed",
                Appointment.starts_at > now, order=Appointment.starts_at)


def is_expected(connection: Connection, contact_id: int, now: datetime) -> bool:
    """Whether one is still to come: the menu asks at each turn."""
    return bool(_EXPECTED.rows(connection, person=contact_id, now=now))


def free(connection: Connection, appointment: AppointmentState, now: datetime) -> list[datetime]:
    """The offered times that can still be picked, the first first."""
    return [at for at in sorted(set(appointment.offers)) if at > now and at != appointment.starts_at
            and not _is_taken(connection, appointment, at)]


# ------------------------------------------------------------------- offered


def offer(
    connection: Connection, contact_id: int, key: str, counsellor_id: int, times: Sequence[datetime], minutes: int,
    place: str, bring: str, now: datetime,
) -> bool:
    """Times to pick from; False for the same form sent twice. An offer before, which nobody has answered, is over.
    Raises DeskError for a time that cannot be offered."""
    there = select(Appointment.id).where(Appointment.contact_id == contact_id, Appointment.key == key)
    if connection.scalar(there) is not None:
        return False
    _check(times, now)
    if any(_overlaps(connection, counsellor_id, at, minutes, None) for at in times):
        raise Taken(TAKEN)
    connection.execute(update(Appointment).where(
        Appointment.contact_id == contact_id, Appointment.asks.is_(True)).values(asks=False))
    connection.execute(update(Appointment).where(
        Appointment.contact_id == contact_id, Appointment.state == "offered").values(state="cancelled", changed_at=now))
    connection.execute(insert(Appointment).values(keys.sealed(connection, Appointment, {
        "contact_id": contact_id, "key": key, "counsellor_id": counsellor_id, "minutes": minutes, "place": place,
        "bring": bring, "offers": [at.isoformat() for at in sorted(set(times))], "created_at": now,
        "changed_at": now})))
    return True


def is_wished(connection: Connection, appointment: AppointmentState) -> bool:
    """Whether the person has asked for another time since this one was agreed; done or not, their wish is a task."""
    agreed = select(Appointment.changed_at).where(Appointment.id == appointment.id).scalar_subquery()
    wish = select(Task.id).where(Task.contact_id == appointment.contact_id, Task.kind == "appointment",
                                 Task.key.contains(".ask_for_"), Task.opened_at >= agreed)
    return connection.scalar(wish.limit(1)) is not None


def offer_again(
    connection: Connection, appointment: AppointmentState, times: Sequence[datetime], now: datetime
) -> None:
    """Other times for one that is agreed: it stays until the person picks another."""
    _check(times, now)
    if any(_is_taken(connection, appointment, at) for at in times):
        raise Taken(TAKEN)
    connection.execute(update(Appointment).where(Appointment.id == appointment.id).values(
        asks=True, offers=[at.isoformat() for at in sorted(set(times))], changed_at=now))


def _check(times: Sequence[datetime], now: datetime) -> None:
    if not times or any(at <= now for at in times):
        raise DeskError(IN_THE_PAST)
    if any((at - EPOCH) % QUARTER for at in times):
        raise DeskError(NOT_A_QUARTER)


def ask_again(connection: Connection, appointment: AppointmentState) -> None:
    """The person wants another of the times."""
    connection.execute(update(Appointment).where(Appointment.id == appointment.id).values(asks=True))


def ask_no_more(connection: Connection, appointment: AppointmentState) -> None:
    """None of the times fits; what was agreed stays."""
    values: dict[str, Any] = {"asks": False}
    if appointment.state == "offered":
        values["state"] = "cancelled"
    connection.execute(update(Appointment).where(Appointment.id == appointment.id).values(values))


# ------------------------------------------------------------------- picked, moved, over


def book(connection: Connection, appointment: AppointmentState, at: datetime, now: datetime) -> None:
    """This time is theirs; one that was theirs before is free again. Raises Taken where somebody was quicker."""
    if appointment.counsellor_id is None or at not in appointment.offers or at <= now:
        raise Taken(TAKEN)
    release(connection, appointment.id)
    wanted = _quarters(at, appointment.minutes)
    given = [connection.scalar(insert_or(connection, BookedTime).values(
        counsellor_id=appointment.counsellor_id, quarter=one, appointment_id=appointment.id
    ).on_conflict_do_nothing(index_elements=["counsellor_id", "quarter"]).returning(BookedTime.quarter))
        for one in wanted]
    if given != wanted or _is_elsewhere(connection, appointment, at):
        raise Taken(TAKEN)
    connection.execute(update(Appointment).where(Appointment.id == appointment.id).values(
        state="agreed", asks=False, starts_at=at, changes=Appointment.changes + 1, changed_at=now))


def move(connection: Connection, appointment: AppointmentState, to: str, now: datetime) -> bool:
    """From where it was seen to where it is said to be; False where it does not stand there any more."""
    if to not in LEADS.get(appointment.state, ()):
        return False
    where = (Appointment.id == appointment.id, Appointment.state == appointment.state,
             Appointment.changes == appointment.changes)
    moved = connection.execute(update(Appointment).where(*where).values(
        state=to, asks=False, changes=Appointment.changes + 1, changed_at=now))
    if moved.rowcount and to == "cancelled":
        release(connection, appointment.id)
    return bool(moved.rowcount)


def release(connection: Connection, appointment_id: int) -> None:
    connection.execute(delete(BookedTime).where(BookedTime.appointment_id == appointment_id))


def _quarters(at: datetime, minutes: int) -> list[int]:
    first = (at - EPOCH) // QUARTER
    return list(range(first, first - (-minutes // 15)))


def _is_taken(connection: Connection, appointment: AppointmentState, at: datetime) -> bool:
    if appointment.counsellor_id is None:
        return True
    return (_overlaps(connection, appointment.counsellor_id, at, appointment.minutes, appointment.id)
            or _is_elsewhere(connection, appointment, at))


def _overlaps(
    connection: Connection, counsellor_id: int, at: datetime, minutes: int, own: int | None
) -> bool:
    """The counsellor has given some of it to somebody else."""
    taken = select(BookedTime.quarter).where(
        BookedTime.counsellor_id == counsellor_id, BookedTime.quarter.in_(_quarters(at, minutes)))
    if own is not None:
        taken = taken.where(BookedTime.appointment_id != own)
    return connection.scalar(taken.limit(1)) is not None


def _is_elsewhere(connection: Connection, appointment: AppointmentState, at: datetime) -> bool:
    """The person has another appointment then."""
    ends = at + timedelta(minutes=appointment.minutes)
    others = _all(connection, Appointment.contact_id == appointment.contact_id, Appointment.state == "agreed",
                  Appointment.id != appointment.id, Appointment.starts_at.is_not(None))
    return any(one.starts_at is not None and one.starts_at < ends and at < one.ends_at for one in others)


# ------------------------------------------------------------------- a colleague leaves


HAS_LEFT = _d("{name} has left the team, and has an appointment with this person. Offer another, or cancel it")


def left_by(connection: Connection, counsellor_id: int, name: str, now: datetime) -> list[int]:
    """The appointments to come of a colleague who leaves the team become tasks, and what they have offered is over; the
    people whose they are."""
    own = (Appointment.counsellor_id == counsellor_id,)
    connection.execute(update(Appointment).where(*own, Appointment.state == "offered").values(
        state="cancelled", asks=False, changed_at=now))
    found = _all(connection, *own, Appointment.state == "agreed", Appointment.starts_at > now)
    for one in found:
        tickets.add_task(connection, {
            "contact_id": one.contact_id, "key": f"appointment-left:{one.id}", "kind": "appointment",
            "area": "general", "about": Phrase(HAS_LEFT, name=name), "opened_at": now, "due_at": now})
    return [one.contact_id for one in found]


# ------------------------------------------------------------------- for pages


@dataclass(frozen=True, slots=True)
class DayItem:
    """An appointment on the page of the day."""

    appointment: AppointmentState
    name: str
    counsellor: str | None


def of_day(
    connection: Connection, counsellor_id: int | None, tonight: datetime, now: datetime
) -> list[DayItem]:
    """What is agreed until tonight, and what is past and nobody has said whether it was held. None: everybody's."""
    rows = connection.execute(
        select(Appointment.contact_id, Appointment.id, lenient(Contact.known), Counsellor.name)
        .join(Contact, Contact.id == Appointment.contact_id)
        .outerjoin(Counsellor, Counsellor.id == Appointment.counsellor_id)
        .where(Appointment.state == "agreed", Appointment.starts_at < tonight, Appointment.starts_at > now - SHOWN_FOR,
               *([Appointment.counsellor_id == counsellor_id] if counsellor_id is not None else []))
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    found = {one.id: one for one in _all(connection, Appointment.id.in_([row.id for row in rows]))}
    return [DayItem(found[row.id], name_of(row.contact_id, row.known), row.name) for row in rows]


def of_person(connection: Connection, contact_id: int) -> list[AppointmentState]:
    """The newest first."""
    return _all(connection, Appointment.contact_id == contact_id, order=Appointment.id.desc())


def names(connection: Connection, found: Iterable[AppointmentState]) -> dict[int, str]:
    """Of the counsellors with whom they are."""
    ids = {one.counsellor_id for one in found if one.counsellor_id is not None}
    return {row.id: row.name for row in connection.execute(
        select(Counsellor.id, Counsellor.name).where(Counsellor.id.in_(ids)))}
