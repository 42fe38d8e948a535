"""Who may come in, and from where."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.console import policy
from bot.console.tries import OF_NAME_FROM_ADDRESS
from storage import staff
from storage.tables import Audit, Counsellor, Session

from .conftest import NOW, ORIGIN, PASSWORD, World

OPEN_PATHS = {f"/console{path}" for _, path in policy.OPEN}


def try_in(world: World, login: str, password: str) -> tuple[int, str]:
    form = {"login": login, "password": password}
    answer = world.client.post("/console/sign-in", data=form, follow_redirects=False)
    return answer.status_code, answer.text


def test_right_password_opens_the_queue(world: World) -> None:
    answer = world.client.post("/console/sign-in", data={"login": " MIRA", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Mira Krasniqi" in answer.text
    actions = world.change(lambda connection: connection.scalars(select(Audit.action)).all())
    assert "sign_in" in actions


def test_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    form = {"login": "mira", "password": PASSWORD}
    answer = world.client.post("/console/sign-in", data=form, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/console" in cookie
    assert "Secure" not in cookie
    safe = TestClient(world.app, base_url="https://testserver", headers={"origin": "https://testserver"})
    assert "Secure" in safe.post("/console/sign-in", data=form, follow_redirects=False).headers["set-cookie"]


@pytest.mark.parametrize("login", ["mira", "nobody", ""])
def test_wrong_password_and_unknown_name_say_the_same(world: World, login: str) -> None:
    status, text = try_in(world, login, "not the password")
    assert status == 401
    assert "The sign-in name or the password is not right." in text


def test_eleventh_try_in_a_minute_waits(world: World) -> None:
    for _ in range(OF_NAME_FROM_ADDRESS.most):
        assert try_in(world, "mira", "wrong")[0] == 401
    status, text = try_in(world, "Mira", PASSWORD)
    assert status == 429
    assert "Wait a few minutes" in text
    assert try_in(world, "arben", PASSWORD)[0] == 303
    world.clock.at += timedelta(seconds=61)
    assert try_in(world, "mira", PASSWORD)[0] == 303


def test_every_route_needs_a_session(world: World) -> None:
    seen = 0
    for path, methods in world.app.openapi()["paths"].items():
        if not path.startswith("/console") or path in OPEN_PATHS:
            continue
        for method in methods:
            answer = world.client.request(method, re.sub(r"{\w+}", "1", path), follow_redirects=False)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/console/sign-in"), (method, path)
            seen += 1
    assert seen >= 22


def test_session_ends_after_twelve_hours_and_with_sign_out(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.clock.at += timedelta(hours=12, seconds=1)
    assert world.client.get("/console", follow_redirects=False).status_code == 303
    world.sign_in()
    world.client.post("/console/sign-out", follow_redirects=False)
    assert world.client.get("/console", follow_redirects=False).status_code == 303
    assert world.change(lambda connection: connection.scalars(select(Session.token_hash)).all()) == []


def test_turning_the_demos_clock_signs_nobody_out(desk_of_mira: World) -> None:
    desk_of_mira.clock.turn(timedelta(days=30))
    assert desk_of_mira.client.get("/console", follow_redirects=False).status_code == 200


def test_after_signing_in_the_wanted_page_opens_but_no_foreign_one(world: World) -> None:
    path = f"/console/tickets/{world.tickets['agon']}"
    answer = world.client.get(path, follow_redirects=False)
    assert answer.headers["location"] == f"/console/sign-in?next={path}"
    for wanted, opens in ((path, path), ("https://elsewhere.example/", "/console"), ("//elsewhere", "/console")):
        form = {"login": "mira", "password": PASSWORD, "next": wanted}
        answer = world.client.post("/console/sign-in", data=form, follow_redirects=False)
        assert answer.headers["location"] == opens


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": ORIGIN}, 303),
    ],
)
def test_forms_of_other_sites_are_refused(desk_of_mira: World, headers: dict[str, str], status: int) -> None:
    path = f"/console/tickets/{desk_of_mira.tickets['agon']}/claim"
    answer = desk_of_mira.client.post(path, headers=headers, follow_redirects=False)
    assert answer.status_code == status


def test_pages_may_load_nothing_foreign_and_are_not_kept(world: World) -> None:
    answer = world.client.get("/console/sign-in")
    policy_sent = answer.headers["content-security-policy"]
    assert policy_sent.startswith("default-src 'none'") and "unsafe" not in policy_sent and "*" not in policy_sent
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script>|<style| style=| on\w+=", answer.text)
    for name in re.findall(r"/console/static/[\w.-]+", answer.text):
        assert world.client.get(name).status_code == 200
    assert world.client.get("/console/static/../auth.py").status_code == 404


# ------------------------------------------------------------- storage.staff


@pytest.mark.parametrize(
    ("login", "role", "password", "says"),
    [
        ("MIRA ", "counsellor", PASSWORD, "already in use"),
        ("new", "counsellor", "too short", "at least 12"),
        ("new", "king", PASSWORD, "role"),
        ("two words", "counsellor", PASSWORD, "no spaces"),
    ],
)
def test_a_new_counsellor_is_checked(world: World, login: str, role: str, password: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        world.change(lambda connection: staff.add_counsellor(connection, login, "New", role, password, NOW))


def test_counsellors_are_listed_without_passwords(world: World) -> None:
    listed = world.change(staff.list_counsellors)
    assert [one.name for one in listed] == ["Arben Gashi", "Mira Krasniqi"]
    assert world.change(staff.count_counsellors) == 2
    assert "argon2" not in repr(listed)


def test_an_old_hash_is_renewed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stored() -> str:
        return str(world.change(lambda connection: connection.scalar(
            select(Counsellor.password_hash).where(Counsellor.id == world.mira))))

    before = stored()
    world.sign_in()
    assert stored() == before
    monkeypatch.setattr(staff, "hasher", lambda: PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    world.sign_in()
    assert stored() != before
    world.sign_in()
