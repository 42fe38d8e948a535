"""What tells of a person is locked: it opens with their key, in the place where it was put, and nowhere else."""

from __future__ import annotations

import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from sqlalchemy import Connection, Engine, insert, select, text, update
from sqlalchemy.exc import StatementError

from storage import contacts, messages, schema, staff
from storage.database import connect, engine_for
from storage.sealed import keys, masters
from storage.sealed.box import Box, Damaged, SealError, new_key, place
from storage.sealed.key_file import KeyFile, KeyFileError
from storage.sealed.types import Sealed
from storage.sealed.vault import NoKeys, vault_of
from storage.tables import Address, Contact, Message, Note, Run, Table, Task
from tests.support import database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = Box(bytes(range(32)))
HERE = place("notes.text", 7)
PLACES = some.builds(place, some.sampled_from(["notes.text", "tasks.about", "runs.answers"]), some.integers(1, 99),
                     some.one_of(some.just(""), some.integers(1, 99)))


# ------------------------------------------------------------------ one value


@given(some.binary(), PLACES)
def test_there_and_back(plain: bytes, where: str) -> None:
    assert KEY.unlock(KEY.lock(plain, where), where) == plain


@given(some.text(min_size=3).filter(str.isalnum))
def test_nothing_of_it_shows_and_no_two_are_alike(plain: str) -> None:
    first, second = KEY.lock(plain.encode(), HERE), KEY.lock(plain.encode(), HERE)
    assert first != second
    assert plain.encode() not in b64decode(first)


@given(some.binary(max_size=80), some.data())
def test_any_bit_that_has_changed_is_seen(plain: bytes, data: some.DataObject) -> None:
    raw = bytearray(b64decode(KEY.lock(plain, HERE)))
    bit = data.draw(some.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damaged):
        KEY.unlock(b64encode(raw).decode(), HERE)


@given(some.binary(max_size=40), some.data())
def test_any_letter_of_the_stored_text_that_has_changed_is_seen(plain: bytes, data: some.DataObject) -> None:
    locked = KEY.lock(plain, HERE)
    at = data.draw(some.integers(0, len(locked) - 1))
    other = data.draw(some.characters(codec="ascii"))
    assume(other != locked[at])
    with pytest.raises(Damaged):
        KEY.unlock(locked[:at] + other + locked[at + 1 :], HERE)


@given(some.binary(max_size=40), some.data())
def test_what_is_cut_off_or_longer_is_seen(plain: bytes, data: some.DataObject) -> None:
    raw = b64decode(KEY.lock(plain, HERE))
    length = data.draw(some.integers(0, len(raw) - 1))
    for changed in (raw[:length], raw + b"\0", raw[length:] + raw[:length] if length else b""):
        with pytest.raises(Damaged):
            KEY.unlock(b64encode(changed).decode(), HERE)


@given(some.binary(), PLACES, PLACES)
def test_it_opens_nowhere_else(plain: bytes, here: str, there: str) -> None:
    assume(here != there)
    with pytest.raises(Damaged) as wrong:
        KEY.unlock(KEY.lock(plain, here), there)
    assert str(wrong.value).startswith(there.partition("|")[0])


@given(some.binary(), some.binary(min_size=32, max_size=32))
def test_another_key_does_not_open_it(plain: bytes, key: bytes) -> None:
    assume(key != bytes(range(32)))
    with pytest.raises(Damaged):
        Box(key).unlock(KEY.lock(plain, HERE), HERE)


# ------------------------------------------------------------------ master keys and their file


def test_the_newest_wraps_and_each_opens_what_is_its_own() -> None:
    old = masters.first()
    both = masters.parse(old.with_new().text())
    key = new_key()
    name, wrapped = old.wrap(key, "x")
    assert both.newest != name and both.unwrap(name, wrapped, "x") == key
    newer, again = both.wrap(key, "x")
    assert newer == both.newest
    with pytest.raises(SealError, match=newer):
        old.unwrap(newer, again, "x")
    with pytest.raises(Damaged):
        both.unwrap(name, wrapped, "y")


@pytest.mark.parametrize("text", ["", "# nothing\n", "abc\n", "c2hvcnQ=\n", f"{b64encode(bytes(33)).decode()}\n"])
def test_a_text_that_holds_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        masters.parse(text)


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "master.key", is_ours=True)


def test_a_new_file_is_for_its_owner_alone(file: KeyFile) -> None:
    made = file.make()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.read().names == made.names == file.make().names
    more = file.add()
    assert more.names == (more.newest, *made.names) == file.read().names
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [one.name for one in file.path.parent.iterdir()] == [file.path.name]


@pytest.mark.parametrize(("mode", "is_fine"), [(0o600, True), (0o400, True), (0o440, True), (0o640, True),
                                               (0o644, False), (0o660, False), (0o602, False)])
def test_a_file_that_others_may_read_is_not_taken(file: KeyFile, mode: int, is_fine: bool) -> None:
    file.make()
    file.path.chmod(mode)
    if is_fine:
        file.read()
    else:
        with pytest.raises(KeyFileError, match="chmod 600"):
            file.read()


def test_files_that_are_none(file: KeyFile, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="no key file at"):
        file.read()
    file.path.write_bytes(b"\xff\xfe")
    file.path.chmod(0o600)
    with pytest.raises(KeyFileError, match="it is no text"):
        file.read()
    with pytest.raises(KeyFileError, match="cannot write"):
        KeyFile(file.path / "below-a-file", is_ours=True).make()


# ------------------------------------------------------------------ in a database


@pytest.fixture
def url(tmp_path: Path, databases: None) -> str:
    return database.new(tmp_path, database.with_tables())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    with database.opened(url) as made:
        yield made


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@dataclass
class Two:
    """Two people with something in every locked column."""

    anna: int
    ben: int


@pytest.fixture
def two(connection: Connection) -> Two:
    anna, ben = contacts.add(connection, [("t", "anna's", "en"), ("t", "ben's", "en")], "Europe/Belgrade", NOW)
    for one in (anna.person, ben.person):
        one.known, one.discreet, one.changed = {"name": f"Name {one.id}"}, {"sender": "Ana"}, True
        note = {"contact_id": one.id, "text": f"Note {one.id}", "at": NOW}
        connection.execute(insert(Note).values(keys.sealed(connection, Note, note)))
        task = {"contact_id": one.id, "key": "k", "kind": "question", "area": "general", "about": f"About {one.id}",
                "opened_at": NOW}
        connection.execute(insert(Task).values(keys.sealed(connection, Task, task)))
    contacts.save(connection, [anna.person, ben.person])
    return Two(anna.person.id, ben.person.id)


def test_reading_opens(connection: Connection, two: Two) -> None:
    assert list(connection.execute(select(Note.text).order_by(Note.id)).scalars()) == [
        f"Note {two.anna}", f"Note {two.ben}"]
    row = connection.execute(select(Contact.__table__).where(Contact.id == two.anna)).one()
    assert row.known == {"name": f"Name {two.anna}"} and row.discreet == {"sender": "Ana"}
    found = contacts.find(connection, "t", ["anna's", "ben's", "nobody's"])
    assert {address: one.person.known["name"] for address, one in found.items()} == {
        "anna's": f"Name {two.anna}", "ben's": f"Name {two.ben}"}
    assert contacts.who(connection, "t", "ben's") == two.ben and contacts.who(connection, "x", "ben's") is None
    assert contacts.reachable(connection, [two.ben])[two.ben].address == "ben's"


def test_a_plain_value_is_refused(connection: Connection, two: Two) -> None:
    with pytest.raises((TypeError, StatementError), match=r"notes\.text takes locked values only"):
        connection.execute(insert(Note).values(contact_id=two.anna, text="plain", at=NOW))
    with pytest.raises((TypeError, StatementError), match=r"notes\.text takes locked values only"):
        connection.execute(select(Note.id).where(Note.text == "plain"))


SWAPS = [
    ("another row's of another person", "UPDATE notes SET text = (SELECT text FROM notes WHERE contact_id = {ben})"
                                        " WHERE contact_id = {anna}", Note.text),
    ("the row given to another", "UPDATE notes SET contact_id = {ben}", Note.text),
    ("another column's", "UPDATE notes SET text = (SELECT known FROM contacts WHERE id = {anna})", Note.text),
    ("another row's of one person", "UPDATE tasks SET key = 'other'", Task.about),
    ("keys that were swapped", "UPDATE contact_keys SET wrapped = (SELECT k.wrapped FROM contact_keys k"
                               " WHERE k.contact_id = {ben})", Note.text),
    ("another address", "UPDATE addresses SET sealed = (SELECT a.sealed FROM addresses a WHERE a.contact_id = {ben})",
     Address.address),
    ("a plain value", "UPDATE notes SET text = 'plain'", Note.text),
]


@pytest.mark.parametrize(("statement", "column"), [one[1:] for one in SWAPS], ids=[one[0] for one in SWAPS])
def test_what_was_moved_fails_loudly(connection: Connection, two: Two, statement: str, column: Any) -> None:
    connection.execute(text(statement.format(anna=two.anna, ben=two.ben)))
    with pytest.raises(Damaged):
        connection.execute(select(column)).all()


def test_somebody_without_a_key_cannot_be_read(connection: Connection, two: Two) -> None:
    connection.execute(text(f"DELETE FROM contact_keys WHERE contact_id = {two.anna}"))
    with pytest.raises(NoKeys):
        connection.execute(select(Note.text)).all()
    keys.held(connection, [two.ben])
    with pytest.raises(NoKeys):
        keys.held(connection, [two.anna, two.ben, 999])


def test_a_key_goes_with_its_person(connection: Connection, two: Two) -> None:
    connection.execute(text(f"DELETE FROM contacts WHERE id = {two.anna}"))
    assert connection.execute(text("SELECT contact_id FROM contact_keys")).scalars().all() == [two.ben]


def test_who_is_forgotten_has_another_key(connection: Connection, two: Two) -> None:
    note = connection.execute(text(f"SELECT text FROM notes WHERE contact_id = {two.anna}")).scalar_one()
    contacts.forget(connection, two.anna, NOW)
    box = keys.held(connection, [two.anna])[two.anna]
    with pytest.raises(Damaged):
        box.unlock(note, place("notes.text", two.anna))
    assert contacts.find(connection, "t", ["anna's"])["anna's"].person.known == {}
    row = {"contact_id": two.anna, "channel": "t", "address": "anna's", "author": "bot", "text": "Goodbye",
           "content": None, "lane": 0, "state": "queued", "due_at": NOW, "at": NOW, "attempts": 0}
    messages.queue(connection, [row])
    assert [(one.address, one.text) for one in messages.unsent(connection, 0, 10)] == [("anna's", "Goodbye")]


def test_what_was_undone_is_not_remembered(engine: Engine) -> None:
    """The id of somebody whose adding was taken back may be given to another in the same transaction."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        undone = connection.begin_nested()
        contacts.add(connection, [("t", "first", "en")], "Europe/Belgrade", NOW)
        undone.rollback()
        [second] = contacts.add(connection, [("t", "second", "en")], "Europe/Belgrade", NOW)
    with engine.connect() as connection:
        assert contacts.load(connection, [second.person.id])[second.person.id].known == {}
        assert connection.execute(select(Address.address)).scalars().all() == ["second"]


def test_the_phones_secret(connection: Connection) -> None:
    one = staff.add_counsellor(connection, "mira", "Mira", "coordinator", None, NOW)
    staff.set_code_secret(connection, one, "SECRETSECRET", None)
    assert staff.code_secret(connection, one) == "SECRETSECRET"
    stored = connection.execute(text("SELECT code_secret FROM counsellors")).scalar_one()
    assert "SECRET" not in stored
    other = staff.add_counsellor(connection, "vesna", "Vesna", "counsellor", None, NOW)
    connection.execute(text(f"UPDATE counsellors SET code_secret = '{stored}' WHERE id = {other}"))
    with pytest.raises(Damaged):
        staff.code_secret(connection, other)


def test_each_locked_column_bears_its_own_name() -> None:
    """And no two are the same: a value of one would open in the other."""
    for table in Table.metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, Sealed):
                assert column.type.name == f"{table.name}.{column.name}"


# ------------------------------------------------------------------ opening a database


def test_without_its_keys_a_database_says_so(url: str) -> None:
    with (engine_for(url) as engine, engine.connect() as connection,
          pytest.raises((NoKeys, StatementError), match="opened without its keys")):
        contacts.who(connection, "t", "anna's")


def test_with_another_key_file_it_says_which_is_missing(url: str, tmp_path: Path) -> None:
    other = KeyFile(tmp_path / "other.key", is_ours=True)
    other.make()
    with engine_for(url, other) as engine, pytest.raises(SealError, match=r"master key [0-9a-f]{16} is missing"):
        engine.connect().execute(select(Run.id))


def test_no_new_file_where_the_old_one_is_gone(url: str, tmp_path: Path) -> None:
    """A new key could open nothing of what is there, and would hide that the old one is lost."""
    gone = KeyFile(tmp_path / "gone.key", is_ours=True)
    with engine_for(url, gone) as engine, pytest.raises(KeyFileError, match="no key file at"):
        engine.connect().execute(select(Run.id))
    assert not gone.path.exists()


def test_a_file_that_was_named_is_not_made(tmp_path: Path, databases: None) -> None:
    named = KeyFile(tmp_path / "named.key", is_ours=False)
    with engine_for(database.new(tmp_path), named) as engine:
        schema.upgrade(engine)
        with engine.connect().execution_options(writes=True) as connection, pytest.raises(KeyFileError, match="no key"):
            keys.prepare(connection)
    assert not named.path.exists()


def test_a_key_that_a_later_version_has_is_added_and_the_others_stay(url: str, tmp_path: Path) -> None:
    """A database from before browsers were woken."""
    file = KeyFile(tmp_path / "master.key", is_ours=True)
    with engine_for(url, file) as engine, engine.connect().execution_options(writes=True) as connection:
        before = {row[1]: row[3] for row in keys.wrapped(connection) if row[0] == "house"}
        connection.execute(text("DELETE FROM system_keys WHERE name = 'push'"))
        connection.commit()
    for _ in range(2):
        with engine_for(url, file) as engine, engine.connect().execution_options(writes=True) as connection:
            assert vault_of(engine.dialect).is_open, "who only looks needs none"
            keys.prepare(connection)
            connection.commit()
            after = {row[1]: row[3] for row in keys.wrapped(connection) if row[0] == "house"}
            assert len(keys.push_secret(engine)) == 32
    assert after.keys() == before.keys() == {"team", "find", "push"}
    assert all(after[one] == before[one] for one in ("team", "find"))


# ------------------------------------------------------------------ rotation


def test_rotation_while_another_process_works(url: str, tmp_path: Path) -> None:
    """It reads and writes with the old master key, then with the new one, without being told."""
    file = KeyFile(tmp_path / "master.key", is_ours=True)
    working, rotating = connect(url, file), connect(url, file)
    try:
        with working.connect().execution_options(writes=True) as connection, connection.begin():
            people = contacts.add(connection, [("t", str(one), "en") for one in range(5)], "Europe/Belgrade", NOW)
        old = vault_of(working.dialect).masters.newest
        new = file.add().newest
        with rotating.connect().execution_options(writes=True) as connection, connection.begin():
            assert keys.wrap_anew(connection, 3) == 3
            assert keys.counts(connection) == {new: 3, old: 2 + 3}
        with working.connect() as connection:
            assert {one.address for one in contacts.reachable(connection, [one.person.id for one in people]).values()
                    } == {"0", "1", "2", "3", "4"}
        with rotating.connect().execution_options(writes=True) as connection, connection.begin():
            assert [keys.wrap_anew(connection), keys.wrap_anew(connection), keys.wrap_anew(connection)] == [2, 3, 0]
            assert keys.counts(connection) == {new: 8}
        with working.connect().execution_options(writes=True) as connection, connection.begin():
            contacts.add(connection, [("t", "later", "en")], "Europe/Belgrade", NOW)
            assert keys.counts(connection) == {new: 9}
        file.path.write_text(masters.Masters([b64decode(file.path.read_text().splitlines()[2])]).text())
        with engine_for(url, file) as engine, engine.connect() as connection:
            assert contacts.who(connection, "t", "later")
            assert len(connection.execute(select(Address.address)).all()) == 6
    finally:
        working.dispose()
        rotating.dispose()


def test_a_message_may_say_nothing(connection: Connection, two: Two) -> None:
    row = {"contact_id": two.anna, "channel": "t", "address": "anna's", "author": "person", "kind": "photo", "text": "",
           "content": {"file": "x"}, "inbound_key": "1", "state": "received", "at": NOW, "lane": 0, "attempts": 0}
    messages.store_inbound(connection, [row])
    assert connection.execute(select(Message.text, Message.content).where(Message.text == "")).all() == [
        ("", {"file": "x"})]
    connection.execute(update(Message).values(content=None))
    assert connection.execute(select(Message.content)).scalar() is None
