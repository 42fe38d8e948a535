"""The second step: a code from a phone. Set up once, asked for each time, never taken twice."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pyotp
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.console import code
from storage import passes, staff
from storage.tables import Audit, Counsellor, Pass

from .conftest import CODE_SECRET, NOW, ORIGIN, PASSWORD, World


def with_password(world: World, login: str, client: TestClient | None = None) -> httpx.Response:
    form = {"login": login, "password": PASSWORD}
    return (client or world.client).post("/console/sign-in", data=form, follow_redirects=False)


def gives(world: World, said: str, client: TestClient | None = None) -> httpx.Response:
    return (client or world.client).post("/console/code", data={"code": said}, follow_redirects=False)


def another_browser(world: World) -> TestClient:
    return TestClient(world.app, base_url=ORIGIN, headers={"origin": ORIGIN})


def is_in(client: TestClient) -> bool:
    return client.get("/console", follow_redirects=False).status_code == 200


def take_away(world: World) -> None:
    world.change(lambda connection: staff.set_code_secret(connection, world.arben, None, None))


def noted(world: World) -> list[str]:
    return list(world.change(lambda connection: connection.scalars(select(Audit.action).order_by(Audit.id)).all()))


# ------------------------------------------------------------- asked for


def test_the_password_alone_opens_nothing(world: World) -> None:
    answer = with_password(world, "arben")
    assert answer.headers["location"].startswith("/console/code?")
    assert "console=" not in answer.headers["set-cookie"]
    assert not is_in(world.client)
    world.client.cookies.set("console", world.client.cookies["console-step"], path="/console")
    assert not is_in(world.client), "half a sign-in is no session"


def test_the_code_opens(world: World) -> None:
    with_password(world, "arben")
    answer = gives(world, world.code())
    assert answer.status_code == 303 and is_in(world.client)
    assert "console-step" not in world.client.cookies
    assert noted(world)[:1] == ["sign_in"]


@pytest.mark.parametrize("shown", ["{0}{1}{2} {3}{4}{5}", " {0}{1}{2}-{3}{4}{5} "])
def test_a_code_as_people_type_it(world: World, shown: str) -> None:
    with_password(world, "arben")
    assert gives(world, shown.format(*world.code())).status_code == 303


def test_no_code_opens_twice(world: World) -> None:
    """Whoever looks over a shoulder has nothing."""
    with_password(world, "arben")
    said = world.code()
    assert gives(world, said).status_code == 303
    other = another_browser(world)
    with_password(world, "arben", other)
    assert gives(world, said, other).status_code == 401
    assert not is_in(other)
    earlier = pyotp.TOTP(CODE_SECRET).at(world.clock.at - timedelta(seconds=30))
    assert gives(world, str(earlier), other).status_code == 401, "nor one from before it"


@pytest.mark.parametrize(("seconds", "status"), [(-60, 401), (-30, 303), (30, 303), (60, 401)])
def test_a_phones_clock_may_be_off_by_half_a_minute(world: World, seconds: int, status: int) -> None:
    with_password(world, "arben")
    said = pyotp.TOTP(CODE_SECRET).at(NOW + timedelta(seconds=seconds))
    assert gives(world, str(said)).status_code == status


@pytest.mark.parametrize("said", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "0" * 5000,
                                  "\0", "'; --"])
def test_what_is_no_code(world: World, said: str) -> None:
    with_password(world, "arben")
    answer = gives(world, said)
    assert answer.status_code == 401 and not is_in(world.client)


def test_five_wrong_codes_and_the_password_is_asked_for_again(world: World) -> None:
    with_password(world, "arben")
    for _ in range(passes.MOST_TRIES):
        assert gives(world, "000000").status_code == 401
    answer = gives(world, world.code())
    assert answer.status_code == 401 and "Begin again" in answer.text and not is_in(world.client)


def test_codes_cannot_be_guessed_by_beginning_again(world: World) -> None:
    """Ten an hour from browsers that are not known, whatever comes before."""
    known = another_browser(world)
    world.sign_in("arben", known)
    world.client.cookies.clear()
    statuses = []
    for number in range(15):
        with_password(world, "arben")
        statuses.append(gives(world, f"{number:06}").status_code)
        world.clock.at += timedelta(seconds=61)
    assert statuses.count(401) == 9 and statuses[-1] == 429, "the tenth was the first one of the known browser"
    known.post("/console/sign-out")
    world.sign_in("arben", known)
    assert is_in(known), "the browser that is known is not shut out"


def test_the_second_step_ends_after_ten_minutes(world: World) -> None:
    with_password(world, "arben")
    world.clock.at += passes.LASTS["code"]
    assert gives(world, world.code()).status_code == 401
    assert world.client.get("/console/code", follow_redirects=False).headers["location"] == "/console/sign-in"


def test_the_way_of_another_person_is_not_taken(world: World) -> None:
    """Mira's own password and Arben's code: neither is in."""
    world.change(lambda connection: staff.set_code_secret(connection, world.mira, pyotp.random_base32(), None))
    with_password(world, "mira")
    assert gives(world, world.code()).status_code == 401


def test_the_phone_is_taken_away_meanwhile(world: World) -> None:
    with_password(world, "arben")
    take_away(world)
    assert gives(world, world.code()).status_code == 401


def test_codes_are_those_of_the_standard() -> None:
    """The first of RFC 6238's examples (appendix B), its last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code.step_of(secret, "287082", datetime.fromtimestamp(59, UTC)) == 1
    assert code.step_of(secret, "081804", datetime.fromtimestamp(1111111109, UTC)) == 1111111109 // 30


# ------------------------------------------------------------- set up


def set_up(world: World, client: TestClient, path: str = "/console/set-up-code") -> tuple[str, list[str]]:
    """The secret that the page shows, and the recovery codes."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    secret = re.sub(r"\s", "", re.findall(r'class="key"[^>]*>([A-Z2-7 ]+)<', page.text)[0])
    world.clock.at += timedelta(seconds=30)
    said = pyotp.TOTP(secret).at(world.clock.at)
    answer = client.post("/console/set-up-code", data={"code": said})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li>([a-z2-7 ]{20,})</li>", answer.text)


def test_a_coordinator_is_led_to_it(world: World) -> None:
    take_away(world)
    answer = with_password(world, "arben")
    assert answer.headers["location"].startswith("/console/set-up-code?")
    assert not is_in(world.client)
    page = world.client.get("/console/set-up-code").text
    assert "<svg" in page and "<path" in page and not re.search(r"<script>|<style| style=| on\w+=", page)
    secret, recovery = set_up(world, world.client)
    assert is_in(world.client) and len(recovery) == passes.RECOVERY_CODES == len(set(recovery))
    assert world.change(lambda connection: staff.code_secret(connection, world.arben)) == secret
    assert noted(world)[:2] == ["code_on", "sign_in"]
    other = another_browser(world)
    assert with_password(world, "arben", other).headers["location"].startswith("/console/code")


def test_a_counsellor_need_not(world: World) -> None:
    assert with_password(world, "mira").headers["location"] == "/console"


def test_a_session_of_a_coordinator_without_codes_opens_nothing(world: World) -> None:
    world.sign_in("arben")
    take_away(world)
    assert not is_in(world.client)


def test_a_wrong_code_sets_nothing_up(world: World) -> None:
    take_away(world)
    with_password(world, "arben")
    answer = world.client.post("/console/set-up-code", data={"code": "000000"})
    assert answer.status_code == 401 and "<svg" in answer.text
    assert world.change(lambda connection: staff.code_secret(connection, world.arben)) is None


def test_who_has_codes_cannot_set_them_up_with_the_password_alone(world: World) -> None:
    with_password(world, "arben")
    assert world.client.get("/console/set-up-code", follow_redirects=False).status_code == 303
    answer = world.client.post("/console/set-up-code", data={"code": world.code()})
    assert answer.status_code == 401
    assert world.change(lambda connection: staff.code_secret(connection, world.arben)) == CODE_SECRET


def test_a_recovery_code_opens_once(world: World) -> None:
    take_away(world)
    with_password(world, "arben")
    _, recovery = set_up(world, world.client)
    for status in (303, 401):
        other = another_browser(world)
        with_password(world, "arben", other)
        assert gives(world, recovery[0].upper(), other).status_code == status
    assert gives(world, recovery[1].replace(" ", "-"), other).status_code == 303
    assert noted(world).count("recovery_code") == 2


def test_nothing_that_opens_is_stored_as_it_is(world: World) -> None:
    take_away(world)
    with_password(world, "arben")
    _, recovery = set_up(world, world.client)
    stored = repr(world.change(lambda connection: connection.execute(select(Pass)).all()))
    stored += repr(world.change(lambda connection: connection.execute(select(Counsellor.password_hash)).all()))
    for one in recovery:
        assert code.typed(one) not in stored and one not in stored


def test_the_picture_holds_what_the_page_says() -> None:
    """An app reads the same key, name and centre from it."""
    drawn = code.picture(CODE_SECRET, "arben", "The Centre")
    assert drawn.startswith("<svg") and "script" not in drawn and "style" not in drawn
    assert code.spelled(CODE_SECRET).replace(" ", "") == CODE_SECRET
    assert code.picture(CODE_SECRET, "</svg><script>", '"><script>').count("<") == drawn.count("<")


# ------------------------------------------------------------- one's own account


def test_a_counsellor_sets_it_up_and_turns_it_off(desk_of_mira: World) -> None:
    world, form = desk_of_mira, {"password": PASSWORD, "what": "set_up"}
    assert "<strong>Off.</strong>" in world.page("/console/account")
    wrong = world.client.post("/console/account/code", data={**form, "password": "not mine at all"})
    assert wrong.status_code == 403
    answer = world.client.post("/console/account/code", data=form, follow_redirects=False)
    assert answer.headers["location"] == "/console/set-up-code?next=/console/account"
    secret, recovery = set_up(world, world.client, answer.headers["location"])
    assert "<strong>On.</strong>" in world.page("/console/account")
    off = {"password": PASSWORD, "what": "off", "code": "000000"}
    assert world.client.post("/console/account/code", data=off).status_code == 403
    world.clock.at += timedelta(seconds=30)
    off["code"] = str(pyotp.TOTP(secret).at(world.clock.at))
    assert "<strong>Off.</strong>" in world.client.post("/console/account/code", data=off).text
    other = another_browser(world)
    assert with_password(world, "mira", other).headers["location"] == "/console"
    left = select(Pass.token_hash).where(Pass.purpose == "recovery")
    assert world.change(lambda connection: connection.scalars(left).all()) == []
    assert len(recovery) == passes.RECOVERY_CODES


def test_a_coordinator_changes_the_phone_but_does_not_do_without(world: World) -> None:
    world.sign_in("arben")
    off = {"password": PASSWORD, "what": "off", "code": world.code()}
    answer = world.client.post("/console/account/code", data=off)
    assert answer.status_code == 409 and "A coordinator signs in with a code." in answer.text
    new = {"password": PASSWORD, "what": "set_up", "code": world.code()}
    other = another_browser(world)
    world.sign_in("arben", other)
    world.client.post("/console/account/code", data={**new, "code": world.code()})
    secret, _ = set_up(world, world.client)
    assert world.change(lambda connection: staff.code_secret(connection, world.arben)) == secret != CODE_SECRET
    assert is_in(world.client) and not is_in(other), "other browsers sign in again"
