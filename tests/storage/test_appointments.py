"""No time is given away twice, whoever asks, in whatever order and at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Connection, Engine, func, select

from storage import appointments, contacts
from storage.appointments import IN_THE_PAST, NOT_A_QUARTER, Taken
from storage.desk import DeskError
from storage.tables import Appointment, BookedTime, Contact, Counsellor
from tests.support import database
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MIRA, ARBEN = 1, 2


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path, databases: None) -> Iterator[Engine]:
    with database.opened(database.new(tmp_path, database.with_tables())) as made:
        with made.connect().execution_options(writes=True) as connection, connection.begin():
            for key, name in ((MIRA, "mira"), (ARBEN, "arben")):
                put(connection, Counsellor, id=key, login=name, name=name, password_hash="", created_at=NOW)
        yield made


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as made, made.begin():
        yield made


def somebody(connection: Connection) -> int:
    [found] = contacts.add(connection, [("web", f"a{connection.scalar(select(func.count(Contact.id)))}", "sq")],
                           "Europe/Belgrade", NOW)
    return found.person.id


def offered(
    connection: Connection, person: int, *times: datetime, by: int = MIRA, minutes: int = 60, key: str = ""
) -> appointments.AppointmentState:
    key = key or f"k{connection.scalar(select(func.count(Appointment.id)))}"
    assert appointments.offer(connection, person, key, by, times, minutes, "Here", "", NOW)
    found = appointments.asking(connection, person)
    assert found is not None
    return found


def overlapping(connection: Connection) -> list[Any]:
    """Pairs of agreed appointments of one counsellor, or of one person, that are at the same time."""
    found = [one for person in connection.execute(select(Contact.id)).scalars()
             for one in appointments.of_person(connection, person) if one.state == "agreed" and one.starts_at]
    return [(one, other) for place, one in enumerate(found) for other in found[place + 1:]
            if (one.counsellor_id == other.counsellor_id or one.contact_id == other.contact_id)
            and one.starts_at < other.ends_at and other.starts_at < one.ends_at]


def test_a_time_that_somebody_else_has_taken_is_not_free_any_more(connection: Connection) -> None:
    ana, ben = somebody(connection), somebody(connection)
    first, second = offered(connection, ana, at(10), at(14)), offered(connection, ben, at(10, 30), at(14))
    appointments.book(connection, first, at(10), NOW)
    assert appointments.free(connection, second, NOW) == [at(14)]
    with pytest.raises(Taken), connection.begin_nested():
        appointments.book(connection, second, at(10, 30), NOW)
    assert connection.scalar(select(func.count()).select_from(BookedTime)) == 4
    appointments.book(connection, second, at(14), NOW)
    assert overlapping(connection) == []


def test_of_two_counsellors_one_person_has_one_time(connection: Connection) -> None:
    ana = somebody(connection)
    appointments.book(connection, offered(connection, ana, at(10)), at(10), NOW)
    other = offered(connection, ana, at(10, 30), at(12), by=ARBEN)
    assert appointments.free(connection, other, NOW) == [at(12)]


def test_a_moved_appointment_gives_its_time_back(connection: Connection) -> None:
    ana, ben = somebody(connection), somebody(connection)
    first = offered(connection, ana, at(10), at(10, 30))
    appointments.book(connection, first, at(10), NOW)
    moved = appointments.get(connection, ana, first.id)
    appointments.book(connection, moved, at(10, 30), NOW)
    assert appointments.free(connection, offered(connection, ben, at(9), at(9, 30), minutes=30), NOW) == [
        at(9), at(9, 30)]
    with pytest.raises(Taken):
        offered(connection, ben, at(11))


def test_a_cancelled_one_gives_its_time_back_and_others_may_have_it(connection: Connection) -> None:
    ana, ben = somebody(connection), somebody(connection)
    first = offered(connection, ana, at(10))
    appointments.book(connection, first, at(10), NOW)
    assert appointments.move(connection, appointments.get(connection, ana, first.id), "cancelled", NOW)
    assert appointments.free(connection, offered(connection, ben, at(10)), NOW) == [at(10)]


@pytest.mark.parametrize(("times", "why"), [
    ([], IN_THE_PAST), ([NOW - timedelta(hours=1)], IN_THE_PAST), ([NOW], IN_THE_PAST),
    ([at(10, 7)], NOT_A_QUARTER),
])
def test_a_time_that_cannot_be(connection: Connection, times: list[datetime], why: str) -> None:
    with pytest.raises(DeskError) as said:
        appointments.offer(connection, somebody(connection), "k", MIRA, times, 60, "Here", "", NOW)
    assert str(said.value) == why


def test_a_time_that_was_not_offered_or_is_over_is_not_given(connection: Connection) -> None:
    found = offered(connection, somebody(connection), at(10))
    for when, now in ((at(12), NOW), (at(10), at(10))):
        with pytest.raises(Taken):
            appointments.book(connection, found, when, now)


def test_the_same_form_twice_offers_once(connection: Connection) -> None:
    ana = somebody(connection)
    offered(connection, ana, at(10), key="k")
    assert not appointments.offer(connection, ana, "k", MIRA, [at(10)], 60, "Here", "", NOW)


def test_of_two_who_note_how_it_went_one_wins(connection: Connection) -> None:
    ana = somebody(connection)
    appointments.book(connection, offered(connection, ana, at(10)), at(10), NOW)
    [seen] = appointments.of_person(connection, ana)
    assert appointments.move(connection, seen, "held", at(11))
    assert not appointments.move(connection, seen, "missed", at(11))


PEOPLE, TIMES = 3, (at(9), at(9, 30), at(10), at(10, 30), at(11))
DEEDS = some.tuples(some.sampled_from(("offer", "book", "cancel", "again")), some.integers(0, PEOPLE - 1),
                    some.sampled_from((MIRA, ARBEN)), some.sampled_from(TIMES), some.sampled_from((30, 60, 90)))


def test_whatever_is_done_nobody_is_in_two_places(connection: Connection) -> None:
    """Each example in a transaction of its own, which is undone."""

    @settings(max_examples=60, deadline=None)
    @given(deeds=some.lists(DEEDS, max_size=25))
    def whatever(deeds: list[tuple[str, int, int, datetime, int]]) -> None:
        outer = connection.begin_nested()
        people = [somebody(connection) for _ in range(PEOPLE)]
        for number, deed in enumerate(deeds):
            step = connection.begin_nested()
            try:
                _do(connection, people, number, *deed)
                step.commit()
            except DeskError:
                step.rollback()
        assert overlapping(connection) == []
        rows = connection.execute(select(BookedTime.appointment_id)).scalars().all()
        agreed = set(connection.execute(select(Appointment.id).where(Appointment.state == "agreed")).scalars())
        assert set(rows) == agreed, "a time is given away for what is not agreed, or the other way round"
        outer.rollback()

    whatever()


def _do(
    connection: Connection, people: list[int], number: int, what: str, who: int, by: int, when: datetime, minutes: int
) -> None:
    asked, mine = appointments.asking(connection, people[who]), appointments.coming(connection, people[who], NOW)
    if what == "offer":
        appointments.offer(connection, people[who], f"{number}", by, [when, TIMES[number % 5]], minutes, "x", "", NOW)
    elif what == "book" and asked is not None:
        appointments.book(connection, asked, when, NOW)
    elif what == "cancel" and mine:
        appointments.move(connection, mine[0], "cancelled", NOW)
    elif what == "again" and mine:
        appointments.offer_again(connection, mine[0], [when], NOW)


def test_two_who_pick_at_the_same_moment(engine: Engine) -> None:
    """Two processes, each with a person of the same counsellor: the database lets one have it."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        people = [somebody(connection) for _ in range(6)]
        found = [offered(connection, one, at(10), at(10, 30)) for one in people]
    start, came = threading.Barrier(len(found)), list[str]()

    def pick(one: appointments.AppointmentState, when: datetime) -> None:
        start.wait()
        try:
            with engine.connect().execution_options(writes=True) as own, own.begin():
                appointments.book(own, one, when, NOW)
            came.append("had")
        except Taken:
            came.append("taken")

    threads = [threading.Thread(target=pick, args=(one, at(10, 30 * (place % 2)))) for place, one in enumerate(found)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(came) == ["had"] + ["taken"] * 5
    with engine.connect() as connection:
        assert overlapping(connection) == []
