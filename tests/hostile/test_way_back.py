"""A private link opens a chat in another browser: for its person, once, for a month, and until they end it."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Connection, text

from bot.web.way_back import TRIED_AT_ONCE
from storage import ways_back
from storage.tables import Table
from tests.hostile.ground import OURS, Ground
from tests.hostile.test_observed import written

__all__ = ["written"]
CANARY = "Canary words of Ana"
HERS = "/chat/way-back"


async def ana(ground: Ground) -> httpx.AsyncClient:
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    for number, line in enumerate(("English", "1", CANARY)):
        await browser.post("/chat/messages", json={"key": f"her-own-words-{number}", "text": line})
    return browser


async def asks(browser: httpx.AsyncClient, wish: str, key: str = "of-her-page-" * 3) -> httpx.Response:
    answer = await browser.post(HERS, json={"do": wish, "key": key})
    assert answer.status_code == 200, answer.text
    return answer


async def link_of(browser: httpx.AsyncClient) -> str:
    """The key of a new link."""
    page, _, key = (await asks(browser, "make")).json()["link"].partition("#")
    assert page == "/back" and len(key) == 43
    return key


async def reads(browser: httpx.AsyncClient) -> bool:
    return CANARY in (await browser.get("/chat/messages")).text


async def test_with_the_link_another_browser_has_the_chat_once(ground: Ground) -> None:
    hers = await ana(ground)
    key = await link_of(hers)
    assert "until 23 December 2026" in (await hers.get(HERS)).json()["holds"]
    phone, thief = ground.browser("198.51.100.8", **OURS), ground.browser("198.51.100.9", **OURS)
    for _ in range(3):
        assert "Open the chat here" in (await phone.get("/back", headers={"Accept-Language": "en"})).text
    assert (await phone.post("/back", json={"key": key})).status_code == 200
    assert await reads(phone) and await reads(hers), "both have it"
    assert "HttpOnly" in str(phone.cookies.jar) or phone.cookies["chat"] == hers.cookies["chat"]
    assert (await thief.post("/back", json={"key": key})).status_code == 410, "a second time"
    assert (await thief.get("/chat/messages")).status_code == 401
    assert (await hers.get(HERS)).json()["holds"] == ""


async def test_a_page_that_did_not_hear_that_the_link_had_opened_opens_it_again(ground: Ground) -> None:
    """For a while, and nobody else does."""
    hers = await ana(ground)
    body = {"key": await link_of(hers), "page": "of-her-new-phone" * 2}
    for _ in range(2):
        phone = ground.browser("198.51.100.8", **OURS)
        assert (await phone.post("/back", json=body)).status_code == 200
        assert await reads(phone)
    assert (await hers.get(HERS)).json()["holds"] == "", "it is used up"
    thief = ground.browser("198.51.100.9", **OURS)
    for page in ({}, {"page": ""}, {"page": 7}, {"page": "of-another-phone" * 2}):
        assert (await thief.post("/back", json=body | {"page": None} | page)).status_code == 410
    ground.clock.at += ways_back.OPENS_AGAIN
    assert (await thief.post("/back", json=body)).status_code == 410


async def test_a_link_that_was_ended_replaced_or_grew_old_opens_nothing(ground: Ground) -> None:
    hers, thief = await ana(ground), ground.browser("198.51.100.9", **OURS)
    ended = await link_of(hers)
    await asks(hers, "end")
    replaced = await link_of(hers)
    old = await link_of(hers)
    ground.clock.at += ways_back.LASTS + timedelta(seconds=1)
    for key in (ended, replaced, old):
        assert (await thief.post("/back", json={"key": key})).status_code == 410
    assert (await thief.get("/chat/messages")).status_code == 401
    await ground.app.timers.retention.run()
    assert await ground.app.store.read(lambda c: c.scalar(text("SELECT count(*) FROM ways_back"))) == 0


async def test_closing_the_chat_elsewhere_takes_it_from_whoever_had_it(ground: Ground) -> None:
    hers, lost = await ana(ground), ground.browser("198.51.100.8", **OURS)
    await lost.post("/back", json={"key": await link_of(hers)})
    unused, before = await link_of(hers), hers.cookies["chat"]
    await asks(hers, "only_here")
    assert hers.cookies["chat"] != before and await reads(hers)
    assert not await reads(lost)
    await lost.post("/chat/messages", json={"key": "not-her-words", "text": "I am Ana"})
    assert "I am Ana" not in (await hers.get("/chat/messages")).text
    assert (await ground.browser(**OURS).post("/back", json={"key": unused})).status_code == 410
    heard = await hers.post("/chat/messages", json={"key": "her-own-words-9", "text": "menu"})
    assert heard.status_code == 202
    assert "What would you like to do?" in (await hers.get("/chat/messages")).text, "we answer where she is now"


async def test_who_did_not_hear_that_it_was_closed_elsewhere_asks_again_and_nobody_else_can(ground: Ground) -> None:
    """The answer with the new cookie was lost: without it the chat would be nobody's."""
    hers, lost = await ana(ground), ground.browser("198.51.100.8", **OURS)
    await lost.post("/back", json={"key": await link_of(hers)})
    again = ground.browser(**OURS)
    again.cookies.set("chat", hers.cookies["chat"])
    await asks(hers, "only_here")
    await lost.post("/chat/messages", json={"key": "not-her-words", "text": "I am Ana"})
    assert not await reads(again)
    assert (await asks(again, "only_here")).cookies["chat"] == hers.cookies["chat"] and await reads(hers)
    answer = await lost.post(HERS, json={"do": "only_here", "key": "of-another-page-" * 2})
    assert answer.cookies["chat"] != hers.cookies["chat"] and not await reads(lost)


async def test_who_deletes_everything_leaves_no_link(ground: Ground) -> None:
    hers = await ana(ground)
    key = await link_of(hers)
    lines = ("my data", "Delete everything", "Yes, delete it")
    for number, line in enumerate(lines):
        await hers.post("/chat/messages", json={"key": f"her-last-words-{number}", "text": line})
    assert (await ground.browser(**OURS).post("/back", json={"key": key})).status_code == 410


@pytest.mark.parametrize("key", [None, 7, "", "a" * 42, "a" * 44, "' OR '1'='1" + "a" * 32, {"a": 1}])
async def test_what_is_no_key_opens_nothing(ground: Ground, key: object) -> None:
    await link_of(await ana(ground))
    assert (await ground.browser(**OURS).post("/back", json={"key": key})).status_code == 410


async def test_guessing_is_slowed_down_and_others_are_not(ground: Ground) -> None:
    hers = await ana(ground)
    key, thief = await link_of(hers), ground.browser("198.51.100.9", **OURS)
    codes = [(await thief.post("/back", json={"key": secrets.token_urlsafe(32)})).status_code
             for _ in range(TRIED_AT_ONCE + 5)]
    assert codes == [410] * TRIED_AT_ONCE + [429] * 5
    assert (await ground.browser("198.51.100.8", **OURS).post("/back", json={"key": key})).status_code == 200


async def test_another_site_and_a_stranger_get_no_link(ground: Ground) -> None:
    hers, stranger = await ana(ground), ground.browser(**OURS)
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    for path, body in ((HERS, {"do": "make"}), ("/back", {"key": "a" * 43})):
        assert (await hers.post(path, json=body, headers=foreign)).status_code == 403
    assert (await stranger.post(HERS, json={"do": "make"})).status_code == 401
    stranger.cookies.set("chat", "a" * 43)
    assert (await stranger.post(HERS, json={"do": "make"})).status_code == 404
    assert (await hers.post(HERS, json={"do": "everything"})).status_code == 422


async def test_the_key_stands_nowhere(ground: Ground, written: io.StringIO) -> None:
    hers = await ana(ground)
    for number, line in enumerate(("my data", "My apps", "A link back to this chat")):
        await hers.post("/chat/messages", json={"key": f"her-other-words-{number}", "text": line})
    key, token = await link_of(hers), hers.cookies["chat"]
    await ground.browser("198.51.100.8", **OURS).post("/back", json={"key": "b" * 43})

    def everything(connection: Connection) -> str:
        tables = Table.metadata.tables
        return str([[tuple(row) for row in connection.execute(text(f"SELECT * FROM {one}"))] for one in tables])

    stored = await ground.app.store.read(everything)
    shown = (await hers.get("/chat/messages")).text
    assert "Show the link" in shown
    for where in (stored, shown, written.getvalue()):
        assert key not in where and token not in where
    page = await hers.get("/back")
    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert "<title>Chat</title>" in page.text and CANARY not in page.text
