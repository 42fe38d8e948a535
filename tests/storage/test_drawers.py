"""People are found by what they said although it is locked; and by nothing that they took back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text, update

from conversations.readers import fold
from storage import contacts, drawers, people
from storage.people import Wanted
from storage.sealed import keys
from storage.tables import Contact, Drawer, PlanStep, Ticket
from tests.support import database
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def connection(tmp_path: Path, databases: None) -> Iterator[Connection]:
    with (database.opened(database.new(tmp_path, database.with_tables())) as engine,
          engine.connect().execution_options(writes=True) as made, made.begin()):
        yield made


def somebody(connection: Connection, **known: Any) -> int:
    [found] = contacts.add(connection, [("web", f"a{connection.scalar(select(func.count(Contact.id)))}", "sq")],
                           "Europe/Belgrade", NOW)
    answer(connection, found.person.id, **known)
    return found.person.id


def answer(connection: Connection, contact_id: int, **known: Any) -> None:
    """What a turn does: load, change, save."""
    person = contacts.reachable(connection, [contact_id])[contact_id].person
    person.known, person.changed = known, True
    contacts.save(connection, [person])


def found(connection: Connection, words: str = "", **more: Any) -> list[int]:
    page = people.search(connection, Wanted(words, **more), TODAY, NOW)
    return [one.id for one in page.people]


def test_by_the_first_letters_of_any_word_of_a_name_in_any_spelling(connection: Connection) -> None:
    shpresa = somebody(connection, name="Shpresa Gjokaj-Ëngjëlli")
    other = somebody(connection, name="Agron Shala")
    for typed in ("shpresa", "Shp", "SHPRESA gjo", "gjokaj", "engj", "Ëngjëlli shpresa", "  shpr  "):
        assert found(connection, typed) == [shpresa], typed
    assert found(connection, "sha") == [other]
    for typed in ("sh", "presa", "shpresa shala", "x", "%", "' OR 1=1"):
        assert found(connection, typed) == [], typed
    assert found(connection) == [other, shpresa], "without words everybody, the newest first"


def test_a_short_name_is_found_whole(connection: Connection) -> None:
    la, _ = somebody(connection, name="La"), somebody(connection, name="Lavdim")
    assert found(connection, "la") == [la]


def test_somebody_who_calls_themselves_a_number(connection: Connection) -> None:
    one = somebody(connection, name="007700")
    assert found(connection, "007700") == found(connection, "00770") == [one]


def test_in_cyrillic_and_latin(connection: Connection) -> None:
    vesna = somebody(connection, name="Весна Ђорђевић")
    assert found(connection, "vesna") == found(connection, "đorđ") == found(connection, "Весна") == [vesna]


@pytest.mark.parametrize("typed", [
    "+383 44 123 456", "044 123 456", "00383 44123456", "044 12", "4412", "3456", "+383(0)44123456",
])
def test_by_phone_however_it_is_written(connection: Connection, typed: str) -> None:
    one, _ = somebody(connection, phone="+38344123456"), somebody(connection, phone="+4915112345678")
    assert found(connection, typed) == [one]


def test_by_the_number_that_the_record_has(connection: Connection) -> None:
    one = somebody(connection, name="Agron")
    assert found(connection, str(one)) == [one]


def test_by_place_need_area_language_silence_and_overdue_steps(connection: Connection) -> None:
    one = somebody(connection, name="Agron", municipality="peje", first_need="employment")
    two = somebody(connection, name="Agron", municipality="prizren", first_need="psychosocial")
    put(connection, Ticket, contact_id=two, area="migration", reason="", opened_at=NOW)
    put(connection, PlanStep, contact_id=one, key="k", what="x", by=TODAY - timedelta(days=1), created_at=NOW,
        changed_at=NOW)
    put(connection, PlanStep, contact_id=two, key="k", what="x", by=TODAY, created_at=NOW, changed_at=NOW)
    put(connection, PlanStep, contact_id=two, key="l", what="x", by=date(2026, 1, 1), state="done", created_at=NOW,
        changed_at=NOW)
    connection.execute(update(Contact).where(Contact.id == two).values(last_seen_at=NOW - timedelta(days=61),
                                                                       language="de"))
    assert found(connection, municipality="peje") == found(connection, overdue=True) == [one]
    assert found(connection, need="employment") == found(connection, language="sq") == [one]
    assert found(connection, area="migration") == found(connection, quiet_days=60) == [two]
    assert found(connection, "agron", municipality="prizren", quiet_days=30, area="migration") == [two]
    assert found(connection, "agron", municipality="prizren", overdue=True) == []


def test_changed_answers_move_and_taken_back_ones_are_gone(connection: Connection) -> None:
    one = somebody(connection, name="Agron", phone="+38344123456")
    answer(connection, one, name="Besnik")
    assert found(connection, "agron") == found(connection, "044 123 456") == []
    assert found(connection, "besnik") == [one]
    answer(connection, one)
    assert found(connection, "besnik") == []
    assert connection.scalar(select(func.count()).select_from(Drawer)) == 0


def test_deleting_somebody_empties_their_drawers_and_nobody_elses(connection: Connection) -> None:
    one, two = somebody(connection, name="Agron"), somebody(connection, name="Agron")
    contacts.forget(connection, one, NOW)
    assert found(connection, "agron") == [two]
    left = connection.scalars(select(Drawer.contact_id).distinct()).all()
    assert left == [two]
    connection.execute(Contact.__table__.delete().where(Contact.id == two))
    assert connection.scalar(select(func.count()).select_from(Drawer)) == 0, "as a restore does without the key"


def test_what_is_stored_says_nothing_without_the_key(connection: Connection) -> None:
    somebody(connection, name="Agron", municipality="peje")
    words = connection.scalars(select(Drawer.word)).all()
    assert len(words) == 5 and all(len(one) == 24 for one in words), "agr, agro, agron, the name, the place"
    assert not any("agr" in one.lower() and "agron" in one.lower() for one in words)
    assert keys.hashed(connection, ["name=agron"])[0] not in words, "no address is found by a drawer's hash"


def test_one_damaged_row_does_not_fail_the_list(connection: Connection) -> None:
    one, two = somebody(connection, name="Agron"), somebody(connection, name="Agrim")
    connection.execute(text("UPDATE contacts SET known = 'AAAA' || known WHERE id = :one"), {"one": one})
    page = people.search(connection, Wanted("agr"), TODAY, NOW)
    assert [(row.id, row.is_readable, dict(row.known)) for row in page.people] == [
        (two, True, {"name": "Agrim"}), (one, False, {})]


def test_pages(connection: Connection) -> None:
    made = [somebody(connection, name=f"Agron {number}") for number in range(people.PAGE + 3)]
    first = people.search(connection, Wanted("agron"), TODAY, NOW)
    second = people.search(connection, Wanted("agron"), TODAY, NOW, first.after)
    assert [one.id for one in [*first.people, *second.people]] == made[::-1]
    assert second.after is None and len(first.people) == people.PAGE


NAMES = st.text(min_size=1, max_size=40)


@given(name=NAMES, cut=st.integers(3, 12))
def test_whoever_has_a_name_is_found_by_its_beginning(name: str, cut: int) -> None:
    """Of every word that is filed, and by nothing that no word begins with."""
    filed = set(drawers.labels_of({"name": name}))
    for word in fold(name).split()[: drawers.LONGEST_NAME]:
        for typed in (word, word[:cut]):
            if drawers.wanted(typed) and (len(typed) >= drawers.FEWEST or typed == word):
                assert all(filed & set(labels) for labels in drawers.wanted(typed)), (typed, filed)


@given(typed=st.text(max_size=60))
def test_anything_may_be_typed_into_the_search(typed: str) -> None:
    for labels in drawers.wanted(typed):
        assert labels and all(isinstance(one, str) for one in labels)
    drawers.is_number(typed)
