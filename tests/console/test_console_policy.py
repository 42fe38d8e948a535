"""Role × area × action, in full: every route, for every role. What is not listed is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from fastapi import APIRouter
from sqlalchemy import select

from bot.console import console_routes, policy
from bot.console.parts import ConsoleParts
from bot.settings import Settings
from conversations.register import seed
from storage import staff
from storage.tables import Audit
from tests.support.world import shared_translator

from .conftest import World, intake_lines, new_world
from .test_console_codes import another_browser

EXPECTED = {
    # area, action: who may
    ("chats", "see"): "both", ("chats", "take"): "both", ("chats", "answer"): "both", ("chats", "note"): "both",
    ("chats", "close"): "both", ("chats", "move"): "both", ("chats", "distribute"): "coordinator",
    ("people", "see"): "both", ("tasks", "see"): "both", ("tasks", "finish"): "both",
    ("tasks", "retry"): "both", ("account", "see"): "both", ("account", "change"): "both", ("clock", "turn"): "both",
    ("team", "see"): "coordinator", ("team", "change"): "coordinator", ("record", "see"): "coordinator",
    ("report", "see"): "coordinator", ("hours", "see"): "coordinator", ("hours", "change"): "coordinator",
    ("record", "change"): "coordinator", ("people", "note"): "both", ("people", "change"): "both",
    ("people", "override"): "both", ("people", "merge"): "both",
    ("presence", "change"): "both", ("replies", "see"): "both", ("replies", "change"): "coordinator",
    ("facts", "see"): "both", ("facts", "change"): "coordinator",
    ("links", "see"): "both", ("links", "change"): "both",
    ("questions", "see"): "coordinator", ("questions", "finish"): "coordinator",
}
"""Written down a second time, so that a change of the table is a decision."""
LOGINS = {"counsellor": "mira", "coordinator": "arben"}


@pytest.fixture
def demo(databases: None) -> Iterator[World]:
    with new_world(demo=True) as made:
        yield made


def test_the_table_in_full() -> None:
    for area in get_args(policy.Area):
        for action in get_args(policy.Action):
            who = EXPECTED.get((area, action), "nobody")
            for role in staff.ROLES:
                assert policy.may(role, area, action) is (who in ("both", role)), (role, area, action)
            for role in ("", "king", "Coordinator", "counsellor "):
                assert not policy.may(role, area, action)


def all_routes(world: World) -> set[tuple[str, str]]:
    found = set()
    for path, operations in world.app.openapi()["paths"].items():
        if path.startswith("/console"):
            found |= {(method.upper(), path.removeprefix("/console")) for method in operations}
    return found


def test_every_route_is_listed_and_every_listed_one_exists(demo: World) -> None:
    assert all_routes(demo) == policy.OPEN | policy.ROUTES.keys()
    assert not policy.OPEN & policy.ROUTES.keys()


@pytest.mark.parametrize("role", staff.ROLES)
def test_each_role_on_every_route(demo: World, role: str) -> None:
    """Refused exactly where the table says so; a refusal changes nothing and shows nothing."""
    browser = another_browser(demo)
    demo.sign_in(LOGINS[role], browser)
    refused = 0
    for (method, path), need in sorted(policy.ROUTES.items()):
        if path == "/events":
            continue  # never ends; its refusal is the same guard, tested below
        answer = browser.request(method, f"/console{re.sub(r'{.*?}', '1', path)}", follow_redirects=False)
        expected = EXPECTED[need] in ("both", role)
        assert ("<h1>Not allowed</h1>" not in answer.text) is expected, (method, path, answer.status_code)
        if not expected:
            refused += 1
            assert answer.status_code == 403 and "Arben" not in answer.text
    written = demo.change(lambda connection: connection.scalars(
        select(Audit.action).where(Audit.action == "refused")).all())
    assert len(written) == refused == (0 if role == "coordinator" else 36)


def test_a_role_that_is_not_in_the_table_may_nothing(desk_of_mira: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "TABLE", {"coordinator": policy.TABLE["coordinator"]})
    for method, path in sorted(policy.ROUTES):
        if path == "/clock":
            continue
        answer = desk_of_mira.client.request(method, f"/console{re.sub(r'{.*?}', '1', path)}", follow_redirects=False)
        assert answer.status_code == 403, (method, path)


def test_a_route_that_nobody_listed_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody adds a page and forgets the table: it is shut for everybody."""
    from bot.console import pages

    plain = pages.Pages.add_to

    def with_one_more(self: pages.Pages, router: APIRouter) -> None:
        plain(self, router)

        @router.get("/everything")
        async def everything() -> str:
            return "all of it"

    monkeypatch.setattr(pages.Pages, "add_to", with_one_more)
    parts = ConsoleParts(world.store, world.clock, world.live, world.desk, Settings(), intake_lines,
                         lambda: world.book.hours, shared_translator(), seed())
    world.app.router.routes.clear()
    world.app.router.routes += console_routes(parts).routes
    for login in LOGINS.values():
        browser = another_browser(world)
        world.sign_in(login, browser)
        answer = browser.get("/console/everything")
        assert answer.status_code == 403 and "all of it" not in answer.text
