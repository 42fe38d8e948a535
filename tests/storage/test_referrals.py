"""Nothing goes to a partner without a yes that holds: the model refuses it, whoever asks and in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Connection, func, select

from storage import consents, contacts, referrals
from storage.consents import Decision
from storage.desk import DeskError
from storage.referrals import BY_STAFF, GONE_OUT, NEXT
from storage.tables import Contact, Counsellor, Referral
from tests.support import database
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PARTNERS = ("krct", "labyrinth")
BY = 7


@pytest.fixture
def connection(tmp_path: Path, databases: None) -> Iterator[Connection]:
    with (database.opened(database.new(tmp_path, database.with_tables())) as engine,
          engine.connect().execution_options(writes=True) as made, made.begin()):
        put(made, Counsellor, id=BY, login="mira", name="Mira", password_hash="", created_at=NOW)
        yield made


def somebody(connection: Connection) -> int:
    [found] = contacts.add(connection, [("web", f"a{connection.scalar(select(func.count(Contact.id)))}", "sq")],
                           "Europe/Belgrade", NOW)
    return found.person.id


def decide(connection: Connection, person: int, partner: str, given: bool) -> None:
    consents.record(connection, person, Decision("referral", partner, "1", "sq", given, NOW))


def sent_on(connection: Connection, person: int, partner: str = "krct", key: str = "r1") -> referrals.ReferralState:
    """Proposed, agreed to, and sent."""
    referrals.propose(connection, person, key, partner, {"name": "Ana"}, NOW, BY)
    decide(connection, person, partner, True)
    for state in ("consented", "sent"):
        found = referrals.find(connection, person, key)
        assert found is not None and referrals.move(connection, found, state, NOW)
    found = referrals.find(connection, person, key)
    assert found is not None
    return found


DEEDS = some.one_of(
    some.tuples(some.just("propose"), some.sampled_from(PARTNERS), some.sampled_from(("Ana", "Besa"))),
    some.tuples(some.just("decide"), some.sampled_from(PARTNERS), some.booleans()),
    some.tuples(some.just("end"), some.sampled_from(PARTNERS), some.just("")),
    some.tuples(some.sampled_from(("set", "move", "print", "undo")), some.integers(0, 3), some.integers(0, 5)),
)


def test_nothing_is_sent_or_printed_without_a_yes_to_this_partner(connection: Connection) -> None:
    """Each example has a person of its own."""

    @settings(max_examples=150, deadline=None)
    @given(deeds=some.lists(DEEDS, max_size=25))
    def whatever_is_done(deeds: list[tuple[str, Any, Any]]) -> None:
        _do(connection, somebody(connection), [("propose", "krct", "Ana"), *deeds])

    whatever_is_done()


def _do(connection: Connection, person: int, deeds: list[tuple[str, Any, Any]]) -> None:
    said, shown = dict[str, bool](), dict[str, dict[str, str]]()
    for number, (what, which, how) in enumerate(deeds):
        rows = connection.execute(select(Referral.id, Referral.key, Referral.partner, Referral.state).where(
            Referral.contact_id == person).order_by(Referral.id)).all()
        row = rows[which % len(rows)] if isinstance(which, int) and rows else None
        before = {one.key: one.state for one in rows}
        try:
            if what == "propose":
                if referrals.propose(connection, person, f"{number}", which, {"name": how}, NOW):
                    shown[f"{number}"] = {"name": how}
            elif what == "decide":
                said[which] = how
                decide(connection, person, which, how)
            elif what == "end":
                referrals.end_with(connection, person, which, NOW)
            elif row is not None:
                _deed(connection, person, row, what, how, said, shown)
        except DeskError:
            pass
        for one in connection.execute(select(Referral.key, Referral.partner, Referral.state).where(
                Referral.contact_id == person)):
            if one.state != before.get(one.key) and one.state in GONE_OUT:
                assert said.get(one.partner) is True, f"{one.partner} is {one.state} after {said}"
                assert before[one.key] != "proposed", "nobody was asked"


def _deed(
    connection: Connection, person: int, row: Any, what: str, how: int, said: dict[str, bool],
    shown: dict[str, dict[str, str]],
) -> None:
    found, leads = referrals.get(connection, person, row.id), [*NEXT[row.state], "sent"]
    to = leads[how % len(leads)]
    match what:
        case "set":
            referrals.set_state(connection, person, row.id, row.state, to, "", BY, NOW)
        case "move":
            referrals.move(connection, found, to, NOW)
        case "undo":
            referrals.undo(connection, person, row.key, NOW)
        case "print":
            letter = referrals.to_print(connection, person, row.id)
            assert said.get(row.partner) is True and row.state not in ("proposed", "declined", "withdrawn")
            assert letter.sends == shown[row.key], "not what they were shown"


def test_yes_and_no_are_not_the_counsellors_to_say() -> None:
    assert BY_STAFF.isdisjoint({"proposed", "consented", "declined"})


def test_of_two_who_note_how_it_stands_one_wins(connection: Connection) -> None:
    person = somebody(connection)
    found = sent_on(connection, person)
    assert referrals.set_state(connection, person, found.id, "sent", "accepted", "", BY, NOW) is not None
    with pytest.raises(DeskError, match="changed meanwhile"):
        referrals.set_state(connection, person, found.id, "sent", "rejected", "", BY, NOW)
    assert referrals.move(connection, found, "rejected", NOW) is False


def test_what_was_taken_back_stays_so(connection: Connection) -> None:
    person = somebody(connection)
    found = sent_on(connection, person)
    assert referrals.end_with(connection, person, "krct", NOW) == [("r1", "sent")]
    decide(connection, person, "krct", False)
    with pytest.raises(DeskError, match="taken this back"):
        referrals.set_state(connection, person, found.id, "sent", "done", "", BY, NOW)
    with pytest.raises(DeskError, match="taken this back"):
        referrals.to_print(connection, person, found.id)


def test_a_yes_is_for_one_partner_alone(connection: Connection) -> None:
    person = somebody(connection)
    sent_on(connection, person, "krct")
    referrals.propose(connection, person, "r2", "labyrinth", {"name": "Ana"}, NOW, BY)
    other = referrals.find(connection, person, "r2")
    assert other is not None
    with pytest.raises(DeskError, match="not agreed"):
        referrals.move(connection, other, "consented", NOW)


def test_a_no_is_respected_until_the_person_wants_it(connection: Connection) -> None:
    person = somebody(connection)
    referrals.propose(connection, person, "r1", "krct", {"name": "Ana"}, NOW, BY)
    found = referrals.find(connection, person, "r1")
    assert found is not None
    decide(connection, person, "krct", False)
    assert referrals.move(connection, found, "declined", NOW)
    with pytest.raises(DeskError, match="said no"):
        referrals.may_propose(connection, person, "krct", wanted=False)
    referrals.may_propose(connection, person, "krct", wanted=True)
    referrals.may_propose(connection, person, "labyrinth", wanted=False)


def test_no_second_one_while_one_is_open(connection: Connection) -> None:
    person = somebody(connection)
    sent_on(connection, person)
    with pytest.raises(DeskError, match="open referral"):
        referrals.may_propose(connection, person, "krct", wanted=True)


def test_the_same_form_twice_asks_once(connection: Connection) -> None:
    person = somebody(connection)
    assert referrals.propose(connection, person, "r1", "krct", {"name": "Ana"}, NOW, BY)
    assert not referrals.propose(connection, person, "r1", "krct", {"name": "Ana"}, NOW, BY)


def test_what_nobody_kept_cannot_be_printed(connection: Connection) -> None:
    """Referrals of before what goes out was kept."""
    person = somebody(connection)
    found = sent_on(connection, person)
    connection.execute(Referral.__table__.update().values(sends=None))
    with pytest.raises(DeskError, match="not agreed"):
        referrals.to_print(connection, person, found.id)
