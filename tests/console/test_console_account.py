"""Passwords by link and by oneself; the browsers that are signed in; the team."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.console.auth import browser_of
from storage import passes, sessions, staff
from storage.tables import Audit, Counsellor, Pass, Session, Ticket

from .conftest import NOW, ORIGIN, PASSWORD, World
from .test_console_codes import another_browser, is_in, noted, with_password

NEW = "seven lamps under water"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def link_for(world: World, login: str) -> str:
    who = world.change(lambda connection: staff.find_counsellor(connection, login))
    return str(world.change(lambda connection: passes.give(connection, who.id, "link", world.clock.now())))


def new_password(world: World, token: str, password: str = NEW) -> Any:
    return world.client.post("/console/new-password", data={"token": token, "password": password})


def can_sign_in(world: World, login: str, password: str) -> bool:
    form = {"login": login, "password": password}
    answer = another_browser(world).post("/console/sign-in", data=form, follow_redirects=False)
    return answer.status_code == 303


# ------------------------------------------------------------- by a link


def test_a_link_sets_a_password_once(world: World) -> None:
    token = link_for(world, "mira")
    answer = new_password(world, token)
    assert answer.status_code == 200 and "Your new password is set." in answer.text and 'value="mira"' in answer.text
    assert can_sign_in(world, "mira", NEW) and not can_sign_in(world, "mira", PASSWORD)
    again = new_password(world, token, "another one altogether")
    assert again.status_code == 403 and "used already" in again.text
    assert can_sign_in(world, "mira", NEW)
    assert noted(world).count("new_password") == 1


def test_a_link_signs_other_browsers_out_and_knows_them_no_more(desk_of_mira: World) -> None:
    new_password(desk_of_mira, link_for(desk_of_mira, "mira"))
    assert not is_in(desk_of_mira.client)
    left = desk_of_mira.change(lambda connection: connection.scalars(
        select(Pass.purpose).where(Pass.counsellor_id == desk_of_mira.mira)).all())
    assert left == []


def test_a_link_does_not_open_the_second_step(world: World) -> None:
    new_password(world, link_for(world, "arben"))
    answer = world.client.post("/console/sign-in", data={"login": "arben", "password": NEW}, follow_redirects=False)
    assert answer.headers["location"].startswith("/console/code")


def test_a_link_runs_out_and_a_newer_one_takes_its_place(world: World) -> None:
    old, new = link_for(world, "mira"), link_for(world, "mira")
    assert new_password(world, old).status_code == 403
    world.clock.at += passes.LASTS["link"]
    assert new_password(world, new).status_code == 403
    assert can_sign_in(world, "mira", PASSWORD)


def test_a_link_of_somebody_who_left(world: World) -> None:
    token = link_for(world, "mira")
    world.change(lambda connection: staff.remove_counsellor(connection, world.mira, NOW))
    assert new_password(world, token).status_code == 403


def test_other_tokens_are_no_links(world: World) -> None:
    world.sign_in()
    with_password(world, "arben", other := another_browser(world))
    for token in ("", "x", "\0", "a" * 100_000, world.client.cookies["console"], world.client.cookies["console-known"],
                  other.cookies["console-step"]):
        assert new_password(world, token).status_code in (403, 413), token


@pytest.mark.parametrize(("password", "says"), [
    ("too short", "at least 12"), ("x" * 1025, "at most 1024"), ("aaaaaaaaaaaaaaaaa", "first that somebody"),
    ("123456789012345", "first that somebody"), ("Qwertyuiop12345", "first that somebody"),
    ("mira-Krasniqi-12", "first that somebody"), ("Password123456", "first that somebody"),
    ("two\0words and more", "typed"),
])
def test_a_password_that_is_easy_to_guess(world: World, password: str, says: str) -> None:
    token = link_for(world, "mira")
    answer = new_password(world, token, password)
    assert answer.status_code == 422 and says in answer.text and password not in answer.text
    assert new_password(world, token).status_code == 200, "the link is still good"


@pytest.mark.parametrize("password", ["seven lamps under water", "Zyl fi je ka na ri na", "a-second-counsellor-4711",
                                      "9f3a-77c1-0b2e-d4d8", "\u010daj sa limunom \U0001f34b"])
def test_a_password_that_is_not(password: str) -> None:
    staff.check_new_password(password, "mira", "Mira Krasniqi")


def test_who_has_no_password_yet_cannot_sign_in(world: World) -> None:
    world.change(lambda connection: staff.add_counsellor(connection, "new", "New One", "counsellor", None, NOW))
    for password in ("", "x", PASSWORD):
        assert not can_sign_in(world, "new", password)


# ------------------------------------------------------------- by oneself


def test_changing_it(desk_of_mira: World) -> None:
    world, other = desk_of_mira, another_browser(desk_of_mira)
    world.sign_in("mira", other)
    form = {"current": "not mine at all", "password": NEW}
    assert world.client.post("/console/account/password", data=form).status_code == 403
    short = {"current": PASSWORD, "password": "short"}
    assert world.client.post("/console/account/password", data=short).status_code == 422
    answer = world.client.post("/console/account/password", data={"current": PASSWORD, "password": NEW})
    assert "Your new password is set." in answer.text
    assert is_in(world.client) and not is_in(other)
    assert can_sign_in(world, "mira", NEW)


def test_linking_telegram_needs_the_password_and_shows_a_code_once(desk_of_mira: World) -> None:
    world = desk_of_mira
    assert "Not linked." in world.client.get("/console/account").text
    answer = world.client.post("/console/account/telegram", data={"password": "not mine at all"})
    assert answer.status_code == 403 and 'class="codes"' not in answer.text
    [code] = re.findall("/link ([a-z2-7]+)<", world.client.post(
        "/console/account/telegram", data={"password": PASSWORD}).text)
    found = world.change(lambda connection: passes.look(connection, code, "telegram", world.clock.now()))
    assert found.who.id == world.mira
    assert code not in world.client.get("/console/account").text


def test_unlinking_telegram(desk_of_mira: World) -> None:
    world = desk_of_mira
    world.client.post("/console/account/telegram", data={"password": PASSWORD})
    world.change(lambda connection: staff.link_telegram(connection, world.mira, 31))
    assert "Linked." in world.client.get("/console/account").text
    world.client.post("/console/account/telegram", data={"what": "unlink"})
    assert "Not linked." in world.client.get("/console/account").text
    left = world.change(lambda connection: connection.scalars(select(Pass.purpose).where(
        Pass.counsellor_id == world.mira, Pass.purpose == "telegram")).all())
    assert left == [] and "unlink_telegram" in noted(world)


def test_guessing_it_from_an_open_browser(desk_of_mira: World) -> None:
    form = {"current": "not mine at all", "password": NEW}
    statuses = [desk_of_mira.client.post("/console/account/password", data=form).status_code for _ in range(12)]
    assert statuses[:10] == [403] * 10 and statuses[10:] == [429] * 2


# ------------------------------------------------------------- signed-in browsers


def test_sessions_are_listed_and_ended(desk_of_mira: World) -> None:
    world = desk_of_mira
    laptop = TestClient(world.app, base_url=ORIGIN, headers={"origin": ORIGIN, "user-agent": FIREFOX})
    third = another_browser(world)
    for one in (laptop, third):
        world.sign_in("mira", one)
    page = world.page("/console/account")
    assert "Firefox, Linux" in page and page.count("(this one)") == 1
    keys = re.findall(r'name="key" value="([0-9a-f]{16})"', page)
    assert len(keys) == 2
    laptop_key = re.search(r'Firefox, Linux.*?value="([0-9a-f]{16})"', page, re.S)
    assert laptop_key
    world.client.post("/console/account/sessions", data={"key": laptop_key[1]})
    assert is_in(world.client) and is_in(third) and not is_in(laptop)
    world.client.post("/console/account/sessions")
    assert is_in(world.client) and not is_in(third)
    assert noted(world)[-3:] != [] and {"end_session", "end_sessions"} <= set(noted(world))


def test_nobody_ends_or_sees_the_sessions_of_others(desk_of_mira: World) -> None:
    world, arben = desk_of_mira, another_browser(desk_of_mira)
    world.sign_in("arben", arben)
    [theirs] = world.change(lambda connection: sessions.sessions_of(connection, world.arben, world.clock.now()))
    assert theirs.key not in world.page("/console/account")
    world.client.post("/console/account/sessions", data={"key": theirs.key})
    assert is_in(arben)


def test_a_key_from_a_page_opens_nothing(desk_of_mira: World) -> None:
    [mine] = desk_of_mira.change(
        lambda connection: sessions.sessions_of(connection, desk_of_mira.mira, desk_of_mira.clock.now()))
    stranger = another_browser(desk_of_mira)
    stranger.cookies.set("console", mine.key, path="/console")
    assert not is_in(stranger)


def test_a_browser_that_was_left_is_signed_out(desk_of_mira: World) -> None:
    world = desk_of_mira
    for _ in range(5):
        world.clock.at += timedelta(hours=1, minutes=30)
        assert is_in(world.client), "in use"
    world.clock.at += sessions.UNUSED
    assert not is_in(world.client)


def test_signing_in_again_ends_the_session_before(desk_of_mira: World) -> None:
    before = desk_of_mira.client.cookies["console"]
    desk_of_mira.sign_in()
    tokens = desk_of_mira.change(lambda connection: connection.scalars(select(Session.token_hash)).all())
    assert tokens == [passes.digest(desk_of_mira.client.cookies["console"])] and passes.digest(before) not in tokens


@pytest.mark.parametrize("said", ["", "<script>alert(1)</script>", "x" * 10_000, FIREFOX])
def test_of_a_browser_only_our_own_words_are_kept(said: str) -> None:
    class Request:
        headers = {"user-agent": said}  # noqa: RUF012

    assert browser_of(Request()) in ("Another browser", "Firefox, Linux")


# ------------------------------------------------------------- the team


@pytest.fixture
def coordinator(world: World) -> World:
    world.sign_in("arben")
    return world


def link_on(page: str) -> str:
    return re.findall(r'id="link" value="http://testserver/console/new-password#([\w-]{43})"', page)[0]


def test_a_coordinator_adds_somebody(coordinator: World) -> None:
    world = coordinator
    form = {"login": " Drita ", "name": "Drita <b>", "role": "counsellor"}
    answer = world.client.post("/console/team", data=form)
    assert answer.status_code == 200 and "Drita &lt;b&gt;" in answer.text
    assert new_password(world, link_on(answer.text)).status_code == 200
    assert can_sign_in(world, "drita", NEW)
    assert "new-password#" not in world.page("/console/team"), "shown once"
    for wrong in ({**form, "login": "mira"}, {**form, "login": "a b"}, {**form, "login": "x", "name": " "},
                  {**form, "login": "x", "role": "king"}):
        assert world.client.post("/console/team", data=wrong).status_code == 422, wrong


def test_areas_and_languages_of_a_colleague(coordinator: World) -> None:
    """Chosen when somebody is added and changed later; what there is not, is not taken."""
    world = coordinator
    form = {"login": "drita", "name": "Drita", "areas": ["psychosocial", "astrology"], "languages": ["de", "sq", "xx"]}
    assert "Psychosocial" in world.client.post("/console/team", data=form).text
    drita = world.change(lambda connection: staff.find_counsellor(connection, "drita"))
    assert drita.areas == ("psychosocial",) and drita.languages == ("sq", "de")
    answer = world.client.post(f"/console/team/{drita.id}/work", data={"areas": ["employment"]}, follow_redirects=False)
    assert answer.status_code == 303
    drita = world.change(lambda connection: staff.find_counsellor(connection, "drita"))
    assert drita.areas == ("employment",) and drita.languages == () and not drita.works_in("psychosocial")
    assert noted(world)[-1] == "set_work"
    assert "Changed areas and languages of Drita" in world.page("/console/record")


def test_the_role_of_a_colleague(coordinator: World) -> None:
    """It holds from the next page on; a coordinator without a phone that makes codes sets one up first."""
    world, mira = coordinator, another_browser(coordinator)
    world.sign_in("mira", mira)
    assert mira.get("/console/team").status_code == 403
    assert world.client.post(f"/console/team/{world.mira}/role", data={"role": "king"}).status_code == 422
    world.client.post(f"/console/team/{world.mira}/role", data={"role": "coordinator"})
    assert not is_in(mira), "not without a code"
    world.client.post(f"/console/team/{world.mira}/role", data={"role": "counsellor"})
    assert is_in(mira) and mira.get("/console/team").status_code == 403
    assert noted(world).count("set_role") == 2


def test_a_coordinator_chooses_their_own_areas(coordinator: World) -> None:
    coordinator.client.post(f"/console/team/{coordinator.arben}/work", data={"areas": "psychosocial"})
    arben = coordinator.change(lambda connection: staff.get_counsellor(connection, coordinator.arben))
    assert arben.areas == ("psychosocial",)


def test_a_lost_password(coordinator: World) -> None:
    answer = coordinator.client.post(f"/console/team/{coordinator.mira}/link")
    assert can_sign_in(coordinator, "mira", PASSWORD), "until the link is used"
    assert new_password(coordinator, link_on(answer.text)).status_code == 200
    assert can_sign_in(coordinator, "mira", NEW)


def test_a_lost_phone_and_signing_out_everywhere(coordinator: World) -> None:
    world, mira = coordinator, another_browser(coordinator)
    world.sign_in("mira", mira)
    world.client.post(f"/console/team/{world.mira}/sessions")
    assert not is_in(mira)
    world.change(lambda connection: staff.set_code_secret(connection, world.mira, "JBSWY3DPEHPK3PXP", None))
    assert with_password(world, "mira", mira).headers["location"].startswith("/console/code")
    world.change(lambda connection: staff.link_telegram(connection, world.mira, 31))
    world.client.post(f"/console/team/{world.mira}/code")
    assert world.change(lambda connection: staff.by_telegram(connection, 31)) is None, "it was on the same phone"
    assert with_password(world, "mira", mira).headers["location"] == "/console"


def test_somebody_leaves(coordinator: World) -> None:
    world, mira = coordinator, another_browser(coordinator)
    world.sign_in("mira", mira)
    world.client.post(f"/console/team/{world.mira}/remove")
    assert not is_in(mira) and not can_sign_in(world, "mira", PASSWORD)
    assert "Mira Krasniqi" not in world.page("/console/team")
    ticket = world.change(lambda connection: connection.execute(
        select(Ticket.state, Ticket.counsellor_id).where(Ticket.id == world.tickets["vesna"])).one())
    assert tuple(ticket) == ("waiting", None), "their chats wait for somebody else"
    stored = world.change(lambda connection: connection.execute(
        select(Counsellor.password_hash, Counsellor.code_secret).where(Counsellor.id == world.mira)).one())
    assert tuple(stored) == ("", None)
    for what in ("link", "code", "sessions", "work", "role", "remove"):
        assert world.client.post(f"/console/team/{world.mira}/{what}").status_code == 404


@pytest.mark.parametrize("what", ["code", "sessions", "role", "remove"])
def test_not_to_oneself(coordinator: World, what: str) -> None:
    answer = coordinator.client.post(f"/console/team/{coordinator.arben}/{what}")
    assert answer.status_code == 409 and is_in(coordinator.client)


def test_the_record_shows_who_did_what(coordinator: World) -> None:
    world = coordinator
    world.client.get(f"/console/tickets/{world.tickets['agon']}")
    world.client.post(f"/console/team/{world.mira}/link")
    page = world.page("/console/record")
    assert "Read the chat" in page and "Made a link for Mira Krasniqi" in page and "Arben Gashi" in page
    assert "Agon" not in page and "Message of" not in page
    only = world.page(f"/console/record?person={world.people['agon']}")
    assert "Read the chat" in only and "Made a link" not in only
    assert "Nothing." in world.page(f"/console/record?counsellor={world.mira}&person=0")
    assert noted(world)[-1] == "see_record"


def test_the_record_page_by_page(coordinator: World) -> None:
    world = coordinator
    world.change(lambda connection: [connection.execute(Audit.__table__.insert().values(
        at=NOW, counsellor_id=world.mira, action="see_queue")) for _ in range(150)])
    first = world.page("/console/record")
    earlier = re.findall(r'href="(/console/record\?[^"]*before=\d+)"', first)[0].replace("&amp;", "&")
    second = world.page(earlier)
    assert first.count("<tr>") - 1 == 100 and 50 <= second.count("<tr>") - 1 < 100
