"""Two records of one person become one and two again: nothing is lost, nothing is changed, and nothing stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    Engine,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    insert,
    select,
    update,
)
from sqlalchemy import Table as Described

from storage import contacts, merging, messages, people
from storage.desk import DeskError
from storage.merging import joined, rows
from storage.people import Wanted
from storage.sealed import keys
from storage.sealed.types import Sealed, SealedBytes
from storage.tables import (
    Address,
    Consent,
    Contact,
    ContactKey,
    Counsellor,
    Drawer,
    Medium,
    Merge,
    Message,
    Moment,
    PlanStep,
    Reminder,
    Run,
    Table,
    Task,
    Ticket,
)
from tests.support import database
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
COUNSELLOR = 7


@pytest.fixture
def engine(tmp_path: Path, databases: None) -> Iterator[Engine]:
    with database.opened(database.new(tmp_path, database.with_tables())) as made:
        yield made


@contextmanager
def trying(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as made, made.begin() as transaction:
        yield made
        transaction.rollback()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with trying(engine) as made:
        yield made


def somebody(connection: Connection, channel: str, address: str, **known: Any) -> int:
    [found] = contacts.add(connection, [(channel, address, "sq")], "Europe/Belgrade", NOW)
    found.person.known, found.person.changed = known, True
    contacts.save(connection, [found.person])
    return found.person.id


def two(connection: Connection) -> tuple[int, int]:
    connection.execute(insert(Counsellor).values(
        id=COUNSELLOR, login="mira", name="Mira", role="counsellor", password_hash="", created_at=NOW))
    return (somebody(connection, "telegram", "100", name="Agon Berisha", phone="+38344123456"),
            somebody(connection, "web", "abc", name="Agon B", municipality="peje"))


# ------------------------------------------------------------- everything, whatever it is


def everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """What the tables of people say, opened."""
    found = {}
    for table in (Contact.__table__, Drawer.__table__, *rows.tables()):
        if table.name != Merge.__tablename__:
            order = list(table.primary_key.columns)
            found[table.name] = [tuple(row) for row in connection.execute(select(table).order_by(*order))]
    return found


class Maker:
    """Rows for a person in any table, with something in each of their columns."""

    def __init__(self, connection: Connection, data: st.DataObject, contact_id: int) -> None:
        self.connection, self.data, self.contact_id = connection, data, contact_id
        self.kept: dict[str, list[Any]] = {"messages": [], "tickets": [], "media": []}
        self.named: set[tuple[str, str]] = set()

    def fill(self) -> None:
        for table in sorted(rows.tables(), key=lambda one: ORDER.get(one.name, 2)):
            if table.name not in (Merge.__tablename__, Address.__tablename__):
                for _ in range(self.data.draw(st.integers(0, 2), label=table.name)):
                    self.add(table)

    def add(self, table: Described) -> None:
        values = {one.name: self.value(table, one) for one in table.c
                  if not (one.primary_key and isinstance(one.type, Integer | BigInteger) and not one.foreign_keys)}
        values |= self.special(table)
        name = (table.name, values.get("key"))
        lacks = any(values.get(one.name, 0) is None for one in table.c if not one.nullable)
        if lacks or (rows.is_named(table) and name in self.named):
            return
        self.named.add(name)
        locked = {name: value for name, value in values.items() if isinstance(table.c[name].type, Sealed)}
        blank = dict.fromkeys(locked, "")
        key = self.connection.execute(
            insert(table).values({**values, **blank}).returning(rows.key_of(table))).scalar_one()
        opened = {**values, rows.key_of(table).name: key}
        box = keys.held(self.connection, [self.contact_id])[self.contact_id]
        made = {name: table.c[name].type.lock(box, self.contact_id, value, opened.get(table.c[name].type.row, ""))
                for name, value in locked.items()}
        if made:
            self.connection.execute(update(table).where(rows.key_of(table) == key).values(made))
        self.kept.setdefault(table.name, []).append(key)

    def value(self, table: Described, column: Any) -> Any:
        kind, number = column.type, next(NUMBERS)
        if column.name == "contact_id":
            return self.contact_id
        if column.name in ("message_id", "ticket_id"):
            among = self.kept["messages" if column.name == "message_id" else "tickets"]
            return among[-1] if among else None
        if column.foreign_keys:
            return None
        if isinstance(kind, SealedBytes):
            return b"%d" % number
        if isinstance(kind, Sealed):
            return {"said": number} if kind.json else f"said {number}"
        return {Moment: NOW + timedelta(minutes=number), Date: date(2027, 1, 1), Boolean: bool(number % 2),
                Integer: number, BigInteger: number}.get(type(kind), {} if "Json" in repr(kind) else str(number))

    def special(self, table: Described) -> dict[str, Any]:
        draw, number = self.data.draw, next(NUMBERS)
        if table.name == "messages":
            return {"channel": "web", "state": draw(st.sampled_from(("queued", "sent", "received"))), "lane": 0}
        if table.name == "tickets":
            is_open = not self.kept["tickets"] and draw(st.booleans(), label="open")
            return {"state": draw(st.sampled_from(("waiting", "assigned"))) if is_open else "closed",
                    "alarm": draw(st.sampled_from((None, {"tier": "T1", "kinds": []}, {"tier": "T2", "kinds": []})))}
        if table.name == "runs":
            return {"conversation": draw(st.sampled_from(("intake", "plan", "check_in"))),
                    "ended_at": draw(st.sampled_from((None, NOW)))}
        if table.name == "media":
            free = [one for one in self.kept["messages"] if one not in self.kept["media"]]
            return {"message_id": free[0] if free else None}
        if table.name == "media_parts":
            return {"message_id": self.kept["media"][0] if self.kept["media"] else None, "key": f"part {number}"}
        if rows.is_named(table):
            return {"key": draw(st.sampled_from(("check_in", "minor", f"own {number}")), label="key"),
                    "state": draw(st.sampled_from(("waiting", "done"))) } if "state" in table.c else {
                        "key": draw(st.sampled_from(("minor", f"own {number}")), label="key")}
        return {}


ORDER = {"messages": 0, "tickets": 0, "media": 1, "runs": 1}
NUMBERS = count(1000)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_together_and_apart_again_everything_is_as_it_was(engine: Engine, data: st.DataObject) -> None:
    with trying(engine) as connection:
        kept, other = two(connection)
        for one in (kept, other):
            Maker(connection, data, one).fill()
        before = everything(connection)
        new = merging.merge(connection, kept, other, COUNSELLOR, NOW)
        together = everything(connection)
        for table in rows.tables():
            if table.name != Merge.__tablename__:
                assert len(together[table.name]) == len(before[table.name]), table.name
                assert connection.scalars(select(table.c.contact_id)).all() == [kept] * len(before[table.name])
        assert [row[0] for row in together["contacts"]] == [kept]
        assert connection.scalars(select(ContactKey.contact_id)).all() == [kept]
        assert sum(row.state != "closed" for row in connection.execute(select(Ticket.state))) <= 1
        open_runs = connection.scalars(select(Run.conversation).where(Run.ended_at.is_(None))).all()
        assert len(open_runs) == len(set(open_runs)), "nobody is in the middle of the same questions twice"
        assert merging.undo(connection, kept, new, COUNSELLOR, NOW) == other
        assert everything(connection) == before


def test_what_names_a_row_beside_its_person_is_known_to_the_move() -> None:
    """A table that is added later and says "one of each a person" in another way must be thought of here."""
    told = {"drawers": "made anew", "contact_keys": "never moves", "tickets": "one of two open ones ends"}
    for table in Table.metadata.sorted_tables:
        kinds = (UniqueConstraint, PrimaryKeyConstraint)
        unique = [[column.name for column in one.columns] for one in (*table.constraints, *table.indexes)
                  if isinstance(one, kinds) or getattr(one, "unique", False)]
        for names in unique:
            if "contact_id" in names and table.name not in told:
                assert set(names) == {"contact_id", "key"}, (table.name, names)


def test_what_is_known_of_both(connection: Connection) -> None:
    kept, other = two(connection)
    for one, consents in ((kept, {"keep": True, "check_in": True}), (other, {"keep": True, "check_in": False})):
        connection.execute(update(Contact).where(Contact.id == one).values(consents=consents))
    merging.merge(connection, kept, other, COUNSELLOR, NOW)
    known, consents = connection.execute(select(Contact.known, Contact.consents).where(Contact.id == kept)).one()
    assert known == {"name": "Agon Berisha", "phone": "+38344123456", "municipality": "peje"}
    assert consents == {"keep": True, "check_in": False}, "who has said no once has said no"
    found = people.search(connection, Wanted("berisha", municipality="peje"), NOW.date(), NOW)
    assert [one.id for one in found.people] == [kept]
    assert contacts.find(connection, "web", ["abc"])["abc"].person.id == kept
    assert contacts.find(connection, "telegram", ["100"])["100"].person.id == kept


def test_each_column_of_a_person_is_joined_or_stays(connection: Connection) -> None:
    """One that is added later is thought of here too: who has died is dead in both records."""
    kept, other = two(connection)
    connection.execute(update(Contact).where(Contact.id == other).values(died_at=NOW, wrote_on=NOW.date()))
    both = [connection.execute(select(Contact.__table__).where(Contact.id == one)).one() for one in (kept, other)]
    assert set(joined._together(*both)) | joined.STAY == set(Contact.__table__.c.keys())
    merging.merge(connection, kept, other, COUNSELLOR, NOW)
    row = connection.execute(select(Contact.__table__).where(Contact.id == kept)).one()
    assert (row.died_at, row.wrote_on) == (NOW, NOW.date())


@pytest.mark.parametrize("refuses", [0, 1])
def test_answers_do_not_come_to_somebody_who_wants_none_kept(connection: Connection, refuses: int) -> None:
    both = two(connection)
    connection.execute(update(Contact).where(Contact.id == both[refuses]).values(consents={"keep": False}))
    with pytest.raises(DeskError, match="does not want their answers kept"):
        merging.merge(connection, *both, COUNSELLOR, NOW)
    assert merging.of(connection, both[0]) == []


@pytest.mark.parametrize(("states", "stays"), [
    (("waiting", "assigned"), 1), (("assigned", "waiting"), 0), (("waiting", "waiting"), 0),
])
def test_of_two_open_talks_one_goes_on(connection: Connection, states: tuple[str, str], stays: int) -> None:
    both = two(connection)
    talks = [put(connection, Ticket, contact_id=one, area="general", reason=why, urgent=why == "b", state=state,
                 opened_at=NOW + timedelta(minutes=at), unread=1)
             for at, (one, why, state) in enumerate(zip(both, "ab", states, strict=True))]
    if states == ("waiting", "waiting"):
        stays = 1  # the urgent one
    new = merging.merge(connection, *both, COUNSELLOR, NOW)
    state = dict(connection.execute(select(Ticket.id, Ticket.state)).all())
    assert state[talks[stays]] == states[stays] and state[talks[1 - stays]] == "closed"
    row = connection.execute(select(Ticket.urgent, Ticket.unread, Ticket.reason).where(Ticket.id == talks[stays])).one()
    assert row.urgent and row.unread == 2 and set(row.reason.split("; ")) == {"a", "b"}, "nothing of it is lost"
    merging.undo(connection, both[0], new, COUNSELLOR, NOW)
    assert dict(connection.execute(select(Ticket.id, Ticket.state)).all()) == dict(zip(talks, states, strict=True))


def test_a_talk_is_not_opened_a_second_time(connection: Connection) -> None:
    """Meanwhile the one that went on was closed, and another one was opened."""
    kept, other = two(connection)
    first = put(connection, Ticket, contact_id=kept, area="general", reason="a", opened_at=NOW, state="waiting")
    theirs = put(connection, Ticket, contact_id=other, area="general", reason="b", opened_at=NOW, state="assigned")
    new = merging.merge(connection, kept, other, COUNSELLOR, NOW)
    connection.execute(update(Ticket).where(Ticket.id == theirs).values(state="closed"))
    third = put(connection, Ticket, contact_id=kept, area="general", reason="c", opened_at=NOW, state="waiting")
    merging.undo(connection, kept, new, COUNSELLOR, NOW)
    found = {row.id: (row.contact_id, row.state) for row in connection.execute(
        select(Ticket.id, Ticket.contact_id, Ticket.state))}
    assert found == {first: (kept, "closed"), theirs: (other, "closed"), third: (kept, "waiting")}


def test_who_was_here_last_goes_on_where_they_are(connection: Connection) -> None:
    kept, other = two(connection)
    connection.execute(update(Contact).where(Contact.id == other).values(last_seen_at=NOW + timedelta(hours=1)))
    runs = [put(connection, Run, contact_id=one, conversation=name, answers={}, touched=touched, started_at=NOW,
                updated_at=NOW)
            for one, name, touched in ((kept, "intake", 1), (kept, "plan", 9), (other, "intake", 2))]
    merging.merge(connection, kept, other, COUNSELLOR, NOW)
    rows = connection.execute(select(Run.id).where(Run.ended_at.is_(None)).order_by(Run.touched)).scalars().all()
    assert rows == [runs[1], runs[2]], "one intake, that of the channel where they are now, and it is the current one"


def test_of_two_check_ins_one_comes(connection: Connection) -> None:
    kept, other = two(connection)
    for at, one in enumerate((kept, other)):
        put(connection, Reminder, contact_id=one, key="check_in", opens="check_in", due_at=NOW + timedelta(days=at))
    new = merging.merge(connection, kept, other, COUNSELLOR, NOW)
    due = select(Reminder.contact_id, Reminder.due_at).where(Reminder.state == "waiting").order_by(Reminder.due_at)
    assert connection.execute(due).all() == [(kept, NOW)]
    merging.undo(connection, kept, new, COUNSELLOR, NOW)
    assert connection.execute(due).all() == [(kept, NOW), (other, NOW + timedelta(days=1))]


def test_what_came_and_changed_meanwhile(connection: Connection) -> None:
    """What was said at their address is theirs, and what grew out of their talk; what somebody changed stays so."""
    kept, other = two(connection)
    run = put(connection, Run, contact_id=other, conversation="intake", answers={}, touched=1, started_at=NOW,
              updated_at=NOW)
    new = merging.merge(connection, kept, other, COUNSELLOR, NOW)
    said = {channel: messages.queue(connection, [_row(kept, channel, address)])[0].id
            for channel, address in (("web", "abc"), ("telegram", "100"))}
    file = put_file(connection, said["web"], kept)
    grown = put(connection, PlanStep, contact_id=kept, key=f"{run}.step", what="Their step", created_at=NOW,
                changed_at=NOW)
    ours = put(connection, PlanStep, contact_id=kept, key="by-hand.1", what="Our step", created_at=NOW, changed_at=NOW)
    person = contacts.reachable(connection, [kept])[kept].person
    person.known, person.changed = {**person.known, "municipality": "gjakove"}, True
    contacts.save(connection, [person])
    merging.undo(connection, kept, new, COUNSELLOR, NOW)
    whose = dict(connection.execute(select(Message.id, Message.contact_id)).all())
    assert whose == {said["web"]: other, said["telegram"]: kept}
    assert connection.execute(select(Medium.contact_id).where(Medium.message_id == file)).scalar_one() == other
    assert dict(connection.execute(select(PlanStep.id, PlanStep.contact_id)).all()) == {grown: other, ours: kept}
    known = dict(connection.execute(select(Contact.id, Contact.known)).all())
    assert known[kept]["municipality"] == "gjakove", "somebody has said this of the one record since then"
    assert known[other] == {"name": "Agon B", "municipality": "peje"}


def _row(contact_id: int, channel: str, address: str) -> dict[str, Any]:
    return {"contact_id": contact_id, "channel": channel, "address": address, "author": "bot", "text": "Hello",
            "content": None, "lane": 0, "due_at": NOW, "at": NOW, "state": "queued", "kind": "text", "attempts": 0}


def put_file(connection: Connection, message_id: int, contact_id: int) -> int:
    connection.execute(insert(Medium).values(message_id=message_id, contact_id=contact_id, state="waiting",
                                             attempts=0, due_at=NOW))
    return message_id


def test_a_request_to_delete_after_it_deletes_all(connection: Connection) -> None:
    kept, other = two(connection)
    for one in (kept, other):
        put(connection, Task, contact_id=one, key="a", kind="question", area="general", about="x", opened_at=NOW)
        put(connection, Consent, contact_id=one, purpose="keep", version="1", language="sq", given=True, at=NOW)
    merging.merge(connection, kept, other, COUNSELLOR, NOW)
    contacts.forget(connection, kept, NOW)
    left = {table.name for table in rows.tables() if connection.execute(select(table)).first() is not None}
    assert left == {"addresses"}, "what the last word is sent to"
    assert connection.scalars(select(Contact.id)).all() == [kept]
    assert connection.execute(select(Contact.known)).scalar_one() == {}
    assert connection.scalars(select(Drawer.contact_id)).all() == []
    assert len(connection.scalars(select(Address.address)).all()) == 2


def test_one_after_the_other_and_back_in_that_order(connection: Connection) -> None:
    kept, other = two(connection)
    third = somebody(connection, "viber", "v", name="Agon Berisha")
    before = everything(connection)
    first = merging.merge(connection, other, third, COUNSELLOR, NOW)
    second = merging.merge(connection, kept, other, COUNSELLOR, NOW)
    assert [one.other_id for one in merging.of(connection, kept)] == [other, third]
    assert merging.joined_into(connection, third) == merging.joined_into(connection, other) == kept
    with pytest.raises(DeskError):
        merging.undo(connection, kept, first, COUNSELLOR, NOW)
    merging.undo(connection, kept, second, COUNSELLOR, NOW)
    merging.undo(connection, other, first, COUNSELLOR, NOW)
    assert everything(connection) == before
    with pytest.raises(DeskError):
        merging.undo(connection, other, first, COUNSELLOR, NOW)


def test_what_is_kept_for_going_back_is_not_kept_for_ever(connection: Connection) -> None:
    kept, other = two(connection)
    new = merging.merge(connection, kept, other, COUNSELLOR, NOW)
    merging.tidy(connection, NOW + merging.UNDONE_FOR - timedelta(hours=1))
    assert merging.of(connection, kept)[0].can_go_back
    merging.tidy(connection, NOW + merging.UNDONE_FOR)
    assert not merging.of(connection, kept)[0].can_go_back
    assert connection.execute(select(Merge.before, Merge.moved)).one() == (None, {})
    with pytest.raises(DeskError):
        merging.undo(connection, kept, new, COUNSELLOR, NOW)


def test_who_may_be_the_same(connection: Connection) -> None:
    kept, other = two(connection)
    same_phone = somebody(connection, "web", "p", name="A.", phone="+38344123456")
    same_name = somebody(connection, "web", "n", name="BERISHA Agon")
    somebody(connection, "web", "first", name="Agon")
    known = {"name": "Agon Berisha", "phone": "+38344123456"}
    assert {one for one, _ in merging.alike(connection, kept, known)} == {same_phone, same_name}
    assert merging.alike(connection, other, {}) == []


@pytest.mark.postgresql_only
def test_who_writes_while_two_records_become_one_is_held_as_who_they_are_now(engine: Engine) -> None:
    """Another process waits with a message of theirs: then it must have the record that is left, and hold it."""
    with engine.connect().execution_options(writes=True) as first, first.begin():
        kept, other = two(first)
    found: list[int] = []

    def writes() -> None:
        with engine.connect().execution_options(writes=True) as second, second.begin():
            found.append(contacts.find(second, "web", ["abc"])["abc"].person.id)
            found.append(second.execute(select(Contact.id).where(Contact.id == kept)
                                        .with_for_update(skip_locked=True)).scalar_one())

    with engine.connect().execution_options(writes=True) as first, first.begin():
        merging.merge(first, kept, other, COUNSELLOR, NOW)
        waits = Thread(target=writes)
        waits.start()
        while database.rows(str(engine.url.render_as_string(hide_password=False)), WAITING) == [(0,)]:
            assert waits.is_alive()
    waits.join(10)
    assert found == [kept, kept]


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
