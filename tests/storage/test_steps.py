"""A step of the plan that two change: each change is made to what was seen, and everything that was there is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from storage import changes, schema, staff, steps
from storage.sealed.keys import prepare
from storage.steps import StepView
from storage.tables import Contact
from tests.support import database
from tests.support.rows import put

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CONTENT: dict[str, Any] = {"what": "Write the CV", "who": "person", "by": date(2026, 12, 1), "papers": None,
                           "partner": None}
DAYS = st.dates(date(2026, 12, 1), date(2027, 12, 31))


@pytest.fixture
def connection(tmp_path: Any, databases: None) -> Iterator[Connection]:
    with database.opened(database.new(tmp_path)) as engine:
        schema.upgrade(engine)
        with _writing(engine) as made:
            yield made


def _writing(engine: Engine) -> Any:
    return engine.connect().execution_options(writes=True)


@pytest.fixture
def people(connection: Connection) -> tuple[int, int]:
    """A person and a counsellor."""
    prepare(connection)
    one = put(connection, Contact, language="sq", time_zone="Europe/Belgrade", known={}, consents={}, created_at=NOW)
    staff.add_counsellor(connection, "mira", "Mira", "counsellor", "a blue folder", NOW)
    return one, staff.find_counsellor(connection, "mira").id


def proposed(connection: Connection, people: tuple[int, int], key: str = "k") -> StepView:
    step = steps.propose(connection, people[0], key, CONTENT, people[1], NOW)
    assert step is not None
    return step


@pytest.mark.database
def test_a_change_holds_once_the_person_agrees(connection: Connection, people: tuple[int, int]) -> None:
    person, counsellor = people
    step = steps.agree(connection, person, proposed(connection, people), NOW)
    assert step is not None
    assert step.state == "agreed"
    later = {**CONTENT, "by": date(2026, 12, 20), "papers": "Passport"}
    offered = steps.offer(connection, person, step, later, counsellor, NOW)
    assert offered is not None
    assert (offered.by, offered.papers) == (date(2026, 12, 1), None)
    assert (offered.offered.by, offered.offered.papers) == (date(2026, 12, 20), "Passport")
    kept = steps.decline(connection, person, offered, NOW)
    assert kept is not None
    assert (kept.by, kept.state, kept.offer) == (date(2026, 12, 1), "agreed", None)


@pytest.mark.database
def test_of_two_changes_to_the_same_step_one_is_made(connection: Connection, people: tuple[int, int]) -> None:
    person, counsellor = people
    seen = proposed(connection, people)
    assert steps.agree(connection, person, seen, NOW, date(2026, 12, 9)) is not None
    assert steps.offer(connection, person, seen, {**CONTENT, "what": "Something else"}, counsellor, NOW) is None
    assert steps.decline(connection, person, seen, NOW) is None
    now = steps.get(connection, person, seen.id)
    assert now is not None
    assert (now.what, now.by, now.state, now.version) == ("Write the CV", date(2026, 12, 9), "agreed", 2)


CHANGES = st.lists(st.tuples(st.sampled_from(("person", "counsellor")), st.integers(0, 2),
                             st.sampled_from(("state", "by", "offer", "agree", "decline")), DAYS,
                             st.sampled_from(("agreed", "under_way", "stuck", "done"))), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=CHANGES)
def test_whatever_both_do_nothing_is_lost(
    connection: Connection, people: tuple[int, int], told: list[tuple[str, int, str, date, str]]
) -> None:
    """Each looks at the step as it was some changes ago. What was made can be read back from the history, in order."""
    person, counsellor = people
    here = connection.begin_nested()
    seen = [proposed(connection, people, "h")]
    for who, ago, what, day, state in told:
        old, by = seen[max(0, len(seen) - 1 - ago)], counsellor if who == "counsellor" else None
        made = _do(connection, person, old, what, day, state, by, counsellor)
        assert (made is not None) == (old.version == seen[-1].version), "only who has seen the newest changes it"
        seen += [made] if made is not None and made.version != old.version else []
    told_of = [one for one in reversed(changes.history(connection, person)) if one.what == "step:h"]
    assert len(told_of) == len(seen), "each change is kept"
    now, replayed = seen[-1], dict(CONTENT, by="2026-12-01", state="proposed")
    for one in told_of[1:]:
        replayed |= {name: value for name, value in one.after.items() if name != "offer"}
    assert now.by is not None
    assert (replayed["by"], replayed["state"]) == (now.by.isoformat(), now.state)
    here.rollback()


def _do(
    connection: Connection, person: int, old: StepView, what: str, day: date, state: str, by: int | None,
    counsellor: int,
) -> StepView | None:
    match what:
        case "state":
            return steps.change(connection, person, old, {"state": state}, NOW, by)
        case "by":
            return steps.change(connection, person, old, {"by": day}, NOW, by)
        case "offer":
            return steps.offer(connection, person, old, {**CONTENT, "by": day}, counsellor, NOW)
        case "agree":
            return steps.agree(connection, person, old, NOW, day)
    return steps.decline(connection, person, old, NOW)
