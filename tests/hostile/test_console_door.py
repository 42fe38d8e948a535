"""Nobody gets into the console who has not signed in, and no other site acts in the name of somebody who has."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx
from sqlalchemy import func, select, update

from bot.console import policy
from storage import sessions
from storage.tables import Audit, Counsellor, Message, Note, Session, Task, Ticket
from tests.hostile.ground import NOW, ORIGIN, OURS, PASSWORD, Ground, new_session_row, open_ground

OPEN_TO_ALL = {f"/console{path}" for _, path in policy.OPEN}
SECRET = "KANARIENVOGEL-wrote-this"


def console_routes(ground: Ground) -> list[tuple[str, str]]:
    """Method and path of every console route, with the ids of the first ticket, person and task."""
    found = []
    for pattern, operations in ground.site.openapi()["paths"].items():
        if pattern.startswith("/console") and pattern not in OPEN_TO_ALL:
            path = re.sub(r"\{\w+_id\}", "1", pattern)
            found += [(method.upper(), path) for method in operations]
    return found


async def everything(ground: Ground) -> tuple[int, ...]:
    """What the console could have changed, counted."""

    def count(connection: object) -> tuple[int, ...]:
        scalar = connection.scalar
        tables = (Message, Note, Ticket, Task, Audit, Counsellor)
        closed = select(func.count()).where(Ticket.state != "waiting")
        return (*(scalar(select(func.count()).select_from(one)) for one in tables), scalar(closed))

    return await ground.app.store.read(count)


async def knock(browser: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    form = {"text": "x", "key": "key-of-a-form", "outcome": "advised", "days": "7"} if method == "POST" else None
    return await browser.request(method, path, data=form)


async def assert_shut(ground: Ground, browser: httpx.AsyncClient) -> None:
    before = await everything(ground)
    routes = console_routes(ground)
    assert len(routes) >= 23, "the routes were found"
    for method, path in routes:
        answer = await knock(browser, method, path)
        assert answer.status_code == 303, (method, path, answer.status_code)
        assert answer.headers["location"].startswith("/console/sign-in"), (method, path)
        assert SECRET not in answer.text and "Mimoza" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert await everything(ground) == before


async def test_every_route_without_a_session(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    await assert_shut(ground, ground.browser(**OURS))


COOKIES = (
    "", "x", "a" * 43, "a" * 4000, "' OR 1=1 --", "%00", "../../etc/passwd", "0", "null", '"quoted; value"',
    "\u00e9" * 9, "\u00ff\u00fe",
)


async def test_every_route_with_a_cookie_of_ones_own(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    browser = ground.browser(**OURS)
    for cookie in COOKIES:
        headers = [(b"cookie", f"console={cookie}".encode("latin-1"))]
        for path in ("/console", "/console/tickets/1", "/console/events"):
            answer = await browser.get(path, headers=headers)
            assert answer.status_code == 303 and SECRET not in answer.text, cookie


async def test_every_route_after_signing_out(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    browser = await ground.signed_in()
    token = browser.cookies["console"]
    assert (await browser.get("/console/tickets/1")).status_code == 200
    await browser.post("/console/sign-out")
    browser.cookies.clear()
    browser.headers["Cookie"] = f"console={token}"
    await assert_shut(ground, browser)


async def test_every_route_with_a_session_that_has_run_out(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    browser = await ground.signed_in()
    token = browser.cookies["console"]
    ground.clock.at += sessions.SESSION_LASTS + timedelta(seconds=1)
    browser.cookies.clear()
    browser.headers["Cookie"] = f"console={token}"
    await assert_shut(ground, browser)


async def test_every_route_after_the_counsellor_has_left_the_team(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    browser = await ground.signed_in()
    gone = update(Counsellor).where(Counsellor.login == "mimoza").values(removed_at=NOW)
    await ground.app.store.write(lambda connection: connection.execute(gone).rowcount)
    await assert_shut(ground, browser)
    again = await ground.browser(**OURS).post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    assert again.status_code == 401


async def test_the_digest_of_a_token_is_no_token(ground: Ground) -> None:
    """Whoever reads the table cannot sign in with what stands there."""
    browser = await ground.signed_in()
    digest = sha256(browser.cookies["console"].encode()).hexdigest()
    stranger = ground.browser(**OURS)
    stranger.headers["Cookie"] = f"console={digest}"
    assert (await stranger.get("/console")).status_code == 303


# ------------------------------------------------------------------- other sites


FOREIGN = [
    {}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver@evil.example"}, {"Origin": "http://evil.example/http://testserver"},
    {"Origin": "http://testserver:81"}, {"Origin": "http://["}, {"Origin": "http://\u00e9"},
    {"Origin": "testserver"}, {"Origin": "//"}, {"Referer": ORIGIN},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "none"}, {"Origin": ORIGIN, "Sec-Fetch-Site": ""},
]


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def test_forms_of_other_sites(ground: Ground) -> None:
    """With the right cookie, from the wrong page: refused with 403, and nothing happens."""
    await ground.with_ticket("ana", SECRET)
    browser = await ground.signed_in()
    del browser.headers["Origin"]
    before = await everything(ground)
    posts = [path for method, path in console_routes(ground) if method == "POST"]
    assert len(posts) >= 5
    form = {"text": "x", "key": "key-of-a-form", "outcome": "advised", "login": "mimoza", "password": PASSWORD}
    wrong = []
    for headers in FOREIGN:
        for path in [*posts, "/console/sign-in", "/console/sign-out"]:
            answer = await browser.post(path, data=form, headers=_raw(headers))
            if answer.status_code != 403 or "set-cookie" in answer.headers:
                wrong.append((headers, path, answer.status_code))
    assert wrong == []
    assert await everything(ground) == before
    assert (await browser.get("/console")).status_code == 200, "still signed in"


async def test_chat_messages_of_other_sites(ground: Ground) -> None:
    browser, wrong = ground.browser(), []
    for headers in FOREIGN:
        for path in ("/chat/start", "/chat/messages"):
            answer = await browser.post(path, json={"key": "key-of-a-form", "text": "x"}, headers=_raw(headers))
            if answer.status_code != 403 or "set-cookie" in answer.headers:
                wrong.append((headers, path, answer.status_code))
    assert wrong == []


async def test_a_get_changes_nothing(ground: Ground) -> None:
    await ground.with_ticket("ana", SECRET)
    browser = await ground.signed_in()
    for path in ("/console/tickets/1/claim", "/console/tickets/1/reply", "/console/tickets/1/close",
                 "/console/tickets/1/note", "/console/tasks/1/done", "/console/sign-out"):
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = await browser.request(method, path, headers={"X-HTTP-Method-Override": "POST"})
            assert answer.status_code in (403, 404, 405), (method, path)
    assert (await ground.rows(Ticket, "ana"))[-1]["state"] == "waiting"


# -------------------------------------------------------------------- signing in


async def test_a_planted_session_is_not_taken_over(ground: Ground) -> None:
    """Fixation: signing in makes a new token, whatever the browser came with, and the old one opens nothing."""
    planted = "p" * 43
    browser = ground.browser(**OURS)
    browser.headers["Cookie"] = f"console={planted}"
    answer = await browser.post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    fresh = answer.cookies["console"]
    assert fresh != planted
    attacker = ground.browser()
    attacker.headers["Cookie"] = f"console={planted}"
    assert (await attacker.get("/console")).status_code == 303
    other = await ground.signed_in()
    assert other.cookies["console"] != fresh, "each sign-in is its own"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(ground: Ground) -> None:
    answer = await ground.browser(**OURS).post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/console" in cookie


async def test_behind_https_the_cookies_are_secure(tmp_path: Path, prepared_ground: str) -> None:
    async with open_ground(tmp_path, prepared_ground, public_url="https://bot.example") as ground:
        browser = ground.browser(**OURS)
        answer = await browser.post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
        assert "secure" in answer.headers["set-cookie"].lower()
        answer = await browser.post("/chat/start", json={"key": "key-of-a-form"})
        assert "secure" in answer.headers["set-cookie"].lower()


def spellings(login: str) -> list[str]:
    return [login, login.upper(), f" {login}", f"{login}\t", login.title(), f"\u00a0{login}", f"{login}\n", f"{login} "]


async def test_guessing_passwords(ground: Ground) -> None:
    """From one address, ten tries a minute for one account, however its name is spelled."""
    browser, codes = ground.browser(**OURS), []
    for number, login in zip(range(40), itertools.cycle(spellings("mimoza")), strict=False):
        answer = await browser.post("/console/sign-in", data={"login": login, "password": f"guess {number} guess"})
        codes.append(answer.status_code)
    assert codes.count(401) <= 10, codes
    assert codes[-1] == 429
    right = await browser.post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    assert right.status_code == 429, "the right password is not told apart"
    ground.clock.at += timedelta(minutes=1, seconds=1)
    right = await browser.post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    assert right.status_code == 303


async def test_forging_the_address_does_not_help(ground: Ground) -> None:
    browser, codes = ground.browser(**OURS), []
    for number in range(20):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}",
                   "X-Real-IP": f"203.0.113.{number}"}
        form = {"login": "mimoza", "password": f"guess {number} guess"}
        codes.append((await browser.post("/console/sign-in", data=form, headers=headers)).status_code)
    assert codes.count(401) <= 10, codes


async def test_spraying_one_password_over_many_names(ground: Ground) -> None:
    """One address may not try one password on hundreds of names."""
    browser, codes = ground.browser(**OURS), []
    for number in range(120):
        form = {"login": f"name{number}", "password": "correct horse battery"}
        codes.append((await browser.post("/console/sign-in", data=form)).status_code)
    assert 429 in codes, "120 names from one address in no time, and nobody minds"


async def test_unknown_names_and_wrong_passwords_look_alike(ground: Ground) -> None:
    browser = ground.browser(**OURS)
    known = await browser.post("/console/sign-in", data={"login": "mimoza", "password": "wrong wrong wrong"})
    unknown = await browser.post("/console/sign-in", data={"login": "nobody", "password": "wrong wrong wrong"})
    assert known.status_code == unknown.status_code == 401
    assert known.text.replace("mimoza", "") == unknown.text.replace("nobody", "")


ODD = (
    {}, {"login": "mimoza"}, {"password": PASSWORD}, {"login": "mimoza", "password": ""},
    {"login": "mimoza\0", "password": PASSWORD}, {"login": "mimoza", "password": PASSWORD + "\0"},
    {"login": "mimoza' --", "password": PASSWORD}, {"login": "%", "password": PASSWORD},
    {"login": "\u202emimoza", "password": PASSWORD}, {"login": "x" * 100_000, "password": "y" * 100_000},
)


async def test_odd_sign_ins(ground: Ground) -> None:
    for number, form in enumerate(ODD):
        answer = await ground.browser(f"198.51.100.{number}", **OURS).post("/console/sign-in", data=form)
        assert answer.status_code in (401, 413, 422), (str(form)[:60], answer.status_code)


async def test_half_characters_in_a_form(ground: Ground) -> None:
    """A form may name any encoding, also one that makes half characters."""
    body = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800\r\n' \
           b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n\\ud800\r\n--x--\r\n'
    kind = 'multipart/form-data; boundary=x; charset="unicode_escape"'
    answer = await ground.browser(**OURS).post("/console/sign-in", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 401, 422), answer.status_code


ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "/console/../..//evil.example", "javascript:alert(1)",
    "/console\r\nSet-Cookie: console=x", "/console/tickets/1/../../../x", "/console?x=//evil", "/consoleevil", "",
    "/console/tickets/\u0661", "/console\n",
)


async def test_signing_in_leads_nowhere_else(ground: Ground) -> None:
    for number, target in enumerate(ELSEWHERE):
        form = {"login": "mimoza", "password": PASSWORD, "next": target}
        answer = await ground.browser(f"198.51.100.{number}", **OURS).post("/console/sign-in", data=form)
        assert answer.status_code == 303
        assert answer.headers["location"] in ("/console", "/console/tickets/1", "/console/tickets/%D9%A1")


# ---------------------------------------------------------------- rights and odd values


async def test_the_clock_is_not_to_be_turned_where_people_are_real(ground: Ground) -> None:
    browser = await ground.signed_in()
    for method in ("POST", "GET", "PUT"):
        answer = await browser.request(method, "/console/clock", data={"days": "7"})
        assert answer.status_code in (404, 405)
    assert ground.clock.ahead == timedelta(0)
    assert "/console/clock" not in (await browser.get("/console")).text


async def test_the_demo_clock_takes_a_day_or_a_week(tmp_path: Path, prepared_ground: str) -> None:
    async with open_ground(tmp_path, prepared_ground, demo=True) as ground:
        browser = await ground.signed_in()
        for days in ("0", "-7", "365000", "1e9", "7.5", "", "seven", "99999999999999999999"):
            answer = await browser.post("/console/clock", data={"days": days})
            assert answer.status_code in (303, 422), days
            assert ground.clock.ahead == timedelta(0)


HUGE = ("99999999999999999999", "-1", "0", "9223372036854775808", "abc", "1e3", "1%00", "%2e%2e", "1;drop", "\u0661")


async def test_ids_that_do_not_exist(ground: Ground) -> None:
    """Refused as something that is not there, never a failure inside."""
    await ground.with_ticket("ana", SECRET)
    browser, wrong = await ground.signed_in(), []
    for number in HUGE:
        for path in (f"/console/tickets/{number}", f"/console/people/{number}", f"/console/tickets/{number}/messages",
                     f"/console/tickets/1?before={number}", f"/console/queue?ticket={number}",
                     f"/console/tickets/1/messages?after={number}&note={number}", f"/console?tab={number}"):
            if (await browser.get(path)).status_code >= 500:
                wrong.append(path)
        for name in ("claim", "reply", "note", "close"):
            form = {"text": "x", "key": "key-of-a-form", "outcome": "advised"}
            if (await browser.post(f"/console/tickets/{number}/{name}", data=form)).status_code >= 500:
                wrong.append(f"{number}/{name}")
        if (await browser.post(f"/console/tasks/{number}/done")).status_code >= 500:
            wrong.append(f"tasks/{number}")
    assert wrong == []


async def test_a_colleagues_chat_takes_no_reply_and_no_close(ground: Ground) -> None:
    ticket = await ground.with_ticket("ana", SECRET)
    mimoza, arben = await ground.signed_in(), await ground.signed_in("arben")
    assert (await mimoza.post(f"/console/tickets/{ticket}/claim")).status_code == 303
    before = len(ground.paper.sent)
    forms = (("claim", {}), ("reply", {"text": "hello", "key": "another-key"}), ("close", {"outcome": "advised"}))
    for path, form in forms:
        answer = await arben.post(f"/console/tickets/{ticket}/{path}", data=form)
        assert answer.status_code == 409, path
        assert "Mimoza" in answer.text
    await ground.app.deliver.drain()
    assert len(ground.paper.sent) == before


# ---------------------------------------------------------------------- large bodies


async def test_a_stranger_sends_megabytes(ground: Ground) -> None:
    """Turned away before it is read; never sent back."""
    one = b"login=" + b"x" * 10_000_000 + b"&password=y&text=z&key=k"
    many = b"&".join(b"f%d=" % number + b"x" * 900_000 for number in range(12))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/console/sign-in", "/console/tickets/1/reply", "/console/tickets/1/note"):
        for body in (one, many):
            answer = await ground.browser(**OURS).post(path, content=body, headers=kind)
            assert len(answer.content) < 100_000
            if path.endswith("/reply"):  # pictures may be large: nothing is read until it is known who sends them
                assert answer.headers["location"].startswith("/console/sign-in")
            else:
                assert answer.status_code in (400, 413), (path, answer.status_code)


async def test_a_form_with_a_hundred_thousand_fields(ground: Ground) -> None:
    body = b"&".join(b"f%d=1" % number for number in range(100_000))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await ground.browser(**OURS).post("/console/sign-in", content=body, headers=kind)
    assert answer.status_code in (400, 413), answer.status_code


async def test_an_expired_session_in_the_table_does_not_open(ground: Ground) -> None:
    token = "t" * 43
    row = new_session_row(sha256(token.encode()).hexdigest(), await ground.counsellor("mimoza"), NOW)
    await ground.app.store.write(lambda connection: connection.execute(row).rowcount)
    browser = ground.browser(**OURS)
    browser.headers["Cookie"] = f"console={token}"
    assert (await browser.get("/console")).status_code == 303
    await ground.app.timers.tidy()
    left = await ground.app.store.read(lambda c: c.scalar(select(func.count()).select_from(Session)))
    assert left == 0
