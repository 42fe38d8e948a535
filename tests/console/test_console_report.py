"""The coordinators' report: what is kept how long, what has gone, and numbers that lead to nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from storage import contacts, outside, retention
from storage.tables import Audit, Contact, Message, Statistic

from .conftest import NOW, World

NOTHING = {"messages": 0, "wellbeing": 0, "cases": 0, "people": 0}


@pytest.fixture
def coordinator(world: World) -> World:
    world.sign_in("arben")
    return world


def ran(world: World, counts: Mapping[str, int], **past: float) -> None:
    world.change(lambda connection: retention.report(connection, {**NOTHING, **counts}, NOW - timedelta(**past)))


def rows_of(page: str, heading: str) -> list[str]:
    """The lines of the table under a heading, as they are read."""
    part = page.split(f"<h2>{heading}</h2>")[1].split("</section>")[0]
    bodies = re.findall(r"<tbody>(.*?)</tbody>", part, re.DOTALL)
    lines = [line for body in bodies for line in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)]
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]


def test_before_anything_has_gone(coordinator: World) -> None:
    page = coordinator.page("/console/report")
    assert "The service has not looked yet." in page and "Nothing yet: nobody has been deleted." in page
    assert [line.rsplit(" ", 1)[-1] for line in rows_of(page, "How long it is kept")] == ["nothing"] * 4
    last = select(Audit.action).order_by(Audit.id.desc()).limit(1)
    assert coordinator.change(lambda connection: connection.scalar(last)) == "see_report"


def test_what_each_run_did_the_newest_first(coordinator: World) -> None:
    ran(coordinator, {}, days=3)
    ran(coordinator, {"messages": 40, "cases": 2}, hours=1)
    page = coordinator.page("/console/report")
    assert rows_of(page, "What was deleted") == [
        "23 November 2026, 10:00 40 0 2 0", "20 November 2026, 11:00 0 0 0 0",
    ]


def test_what_would_go_now_is_counted_and_not_named(coordinator: World) -> None:
    world = coordinator
    agon = world.people["agon"]
    world.change(lambda c: c.execute(
        update(Message).where(Message.contact_id == agon).values(at=NOW - timedelta(days=120))))
    count = world.change(lambda c: retention.due(c, "messages", KEPT, NOW).count)
    assert count > 0
    page = world.page("/console/report")
    assert rows_of(page, "How long it is kept")[0] == (
        f"Messages 90 days after the talk that they belong to {count}, the oldest of 26 July 2026")
    assert "Agon" not in page


def test_numbers_stay_when_people_go_and_small_ones_are_not_told(coordinator: World) -> None:
    world = coordinator
    world.change(lambda c: c.execute(update(Contact).values(demo=False)))
    world.change(lambda c: contacts.forget(c, world.people["agon"], NOW))
    world.change(_many)
    page = world.page("/console/report")
    lines = rows_of(page, "Numbers that stay")
    assert "People all Albanian 17" in lines
    assert "Talks with counsellors Employment Albanian &lt;5" in lines
    assert "Agon" not in page


def _many(connection: Connection) -> Any:
    return connection.execute(insert(Statistic).values(
        month="2026-09", what="person", area="", language="sq", count=17))


KEPT = retention.Ages(timedelta(days=90), timedelta(days=180), timedelta(days=90))


# ------------------------------------------------------------------ messages that cost


def budget(world: World) -> outside.Spending:
    spending: outside.Spending = world.change(lambda connection: outside.spending(connection, NOW))
    return spending


def test_the_coordinator_sets_the_budget_and_sees_what_was_spent(coordinator: World) -> None:
    coordinator.change(lambda connection: outside.spend(connection, 3, NOW))
    answer = coordinator.client.post("/console/report/budget", data={"messages": " 20 "}, follow_redirects=False)
    assert answer.status_code == 303 and budget(coordinator) == outside.Spending(3, 20)
    noted = coordinator.change(lambda c: c.execute(
        select(Audit.detail).where(Audit.action == "set_budget")).scalar_one())
    assert noted == {"messages": 20}


@pytest.mark.parametrize("typed", ["", "-1", "many", "1.5", "9999999"])
def test_what_is_no_budget(coordinator: World, typed: str) -> None:
    answer = coordinator.client.post("/console/report/budget", data={"messages": typed}, follow_redirects=False)
    assert answer.status_code == 422 and budget(coordinator) == outside.Spending(0, 0)


def test_the_page_speaks_of_it_only_where_a_channel_costs(coordinator: World) -> None:
    assert "Messages that cost" not in coordinator.page("/console/report")
