"""What people write is shown as they wrote it, and never becomes part of a page."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.web.browser import token_of
from tests.hostile.ground import OURS, Ground

SCRIPTS = (
    "<script>alert('canary1')</script>", "<img src=x onerror=alert('canary2')>", "\"><svg onload=alert('canary3')>",
    "'><script>alert(\"canary4\")</script>", "</textarea><script>canary5()</script>",
    "</title><script>canary6()</script>",
    "javascript:alert('canary7')", "<!-- canary8 -->", "{{ 7*'canary9' }}", "{% include 'canary10' %}",
    "<a href='//canary11'>x</a>",
    "&lt;script&gt;canary12&lt;/script&gt;", "<style>@import 'canary13'</style>", "\u2028<b>canary14</b>",
    "]]><b>canary15</b>",
)
RAW = re.compile(
    r"<(script|img|svg|a href='//canary|style|b|!--)[^>]*?(canary|onerror|onload|alert)|<!-- canary|<b>canary", re.I
)


def assert_escaped(page: str) -> None:
    assert not RAW.search(page), RAW.search(page)


async def test_scripts_on_every_page_of_the_console(ground: Ground) -> None:
    """As a name, as messages, as notes and as a task, on every page that shows them."""
    await ground.agreed("eve")
    await ground.says("eve", SCRIPTS[0])
    await ground.says("eve", "/plan")
    await ground.taps("eve", next(button.data for _who, message in reversed(ground.paper.sent)
                                  for button in message.buttons if button.data.endswith(":add")))
    await ground.says("eve", SCRIPTS[1])
    await ground.says("eve", "/skip")
    await ground.says("eve", "/human")
    for text in SCRIPTS:
        await ground.says("eve", text)
    browser = await ground.signed_in()
    await browser.post("/console/tickets/1/claim")
    for number, text in enumerate(SCRIPTS):
        assert (await browser.post("/console/tickets/1/note", data={"text": text})).status_code == 303
        form = {"text": text, "key": f"key-{number}-of-a-form"}
        assert (await browser.post("/console/tickets/1/reply", data=form)).status_code == 303
    pages = ["/console", "/console?tab=mine", "/console/tickets/1", "/console/people/1", "/console/tasks",
             "/console/queue?tab=mine", "/console/tickets/1/messages"]
    seen = ""
    for path in pages:
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"].startswith("text/html")
        assert "script-src" in answer.headers["content-security-policy"] or \
            "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert_escaped(answer.text)
        seen += answer.text
    shown = unescape(seen)
    for text in SCRIPTS:
        assert text in shown, "shown as it was written"


@pytest.mark.sqlite_only  # what comes back was never stored
async def test_scripts_that_come_back_in_a_refused_form(ground: Ground) -> None:
    await ground.with_ticket("eve", "hello")
    browser = await ground.signed_in()
    for text in SCRIPTS:
        long = text * 600
        for path in ("reply", "note"):
            answer = await browser.post(f"/console/tickets/1/{path}", data={"text": long, "key": text})
            assert answer.status_code in (409, 422)
            assert_escaped(answer.text)
        answer = await browser.post("/console/tickets/1/close", data={"outcome": text})
        assert_escaped(answer.text)
        answer = await browser.get("/console", params={"tab": text})
        assert answer.headers["content-type"] == "application/json" or RAW.search(answer.text) is None
    stranger = ground.browser(**OURS)
    for text in SCRIPTS[:6]:
        answer = await stranger.post("/console/sign-in", data={"login": text, "password": text, "next": text})
        assert_escaped(answer.text)
        assert_escaped((await stranger.get("/console/sign-in", params={"next": text})).text)


async def test_titles_and_addresses_name_nobody(ground: Ground) -> None:
    """What stands in the browser's history says nothing about anybody."""
    await ground.agreed("eve")
    await ground.says("eve", "Canaryname")
    await ground.says("eve", "/human")
    await ground.says("eve", "Canarywords about my illness")
    browser = await ground.signed_in()
    await browser.post("/console/tickets/1/claim")
    for path in ("/console", "/console?tab=mine", "/console/tickets/1", "/console/people/1", "/console/tasks"):
        page = (await browser.get(path)).text
        assert "Canary" in page or path in ("/console", "/console/tasks")
        assert "Canary" not in re.findall(r"<title>(.*?)</title>", page)[0]
        assert not any("anary" in address for address in re.findall(r'(?:href|action|src|data-\w+)="([^"]*)"', page))
    form = {"text": "Canaryreply", "key": "key-of-a-form"}
    answer = await browser.post("/console/tickets/1/reply", data=form)
    assert "anary" not in answer.headers["location"]


async def test_the_web_chats_page_holds_nothing_of_the_chat(ground: Ground) -> None:
    """The words come as JSON to the script, never inside the page; JSON is no page."""
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    for number, text in enumerate(SCRIPTS):
        await browser.post("/chat/messages", json={"key": f"key-{number}-of-text", "text": text})
    page = await browser.get("/")
    assert "canary" not in page.text
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    answer = await browser.get("/chat/messages")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    said = [one["text"] for one in answer.json()["messages"] if one["author"] == "person"]
    assert said == list(SCRIPTS)
    assert token_of is not None


async def test_a_script_as_the_centres_name(ground: Ground) -> None:
    """Names from settings are text too."""
    for path in ("/", "/console/sign-in"):
        assert_escaped((await ground.browser().get(path)).text)
