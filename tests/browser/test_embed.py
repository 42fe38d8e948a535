"""The chat within a centre's own web site: another site, in a browser that takes no cookies from others."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.test_chat_page import Site, served
from tests.support.chromium import ARGUMENTS, CHROMIUM

STRICT = "--test-third-party-cookie-phaseout"
PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A centre</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {chat}; frame-src {chat}">
<h1>Our centre</h1><script src="{chat}/embed.js" data-from="site1" async></script></html>"""


@contextmanager
def centre() -> Iterator[tuple[str, dict[str, str]]]:
    """A web site of its own, and what it shows."""
    shown = {"page": ""}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(shown["page"].encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield f"http://localhost:{server.server_port}", shown
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture(scope="module")
def strict(browser: Browser) -> Iterator[Browser]:
    """One that keeps nothing for others within a page, but what belongs to that page alone."""
    running = browser.browser_type.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, STRICT])
    yield running
    running.close()


@pytest.fixture(params=[320, 1280], ids=["phone", "desk"])
def page(strict: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = strict.new_context(viewport={"width": request.param, "height": 720}, locale="en-GB")
    context.route(re.compile("wikipedia"), lambda route: route.fulfill(body="elsewhere"))
    yield context.new_page()
    context.close()


@contextmanager
def embedded(page: Page, lang: str = "en") -> Iterator[tuple[Site, FrameLocator]]:
    with centre() as (address, shown), served((address,)) as site:
        shown["page"] = PAGE.format(lang=lang, chat=site.address)
        page.goto(address)
        page.get_by_role("button", name="Chat").click()
        try:
            yield site, page.frame_locator("iframe")
        finally:
            page.goto("about:blank")  # a server waits for the streams that are open


def test_a_chat_within_another_site_goes_on_after_a_reload(page: Page) -> None:
    with embedded(page) as (site, chat):
        chat.get_by_role("button", name="I live here").click()
        expect(chat.locator(".person:not(.pending)")).to_contain_text("Yes")
        [start] = site.bot.started
        assert start.payload == "site1", "it is counted where people come from"
        page.reload()
        page.get_by_role("button", name="Chat").click()
        expect(chat.locator(".person:not(.pending)")).to_contain_text("Yes")
        assert len(site.bot.threads) == 1
        site.tell("A word from a person.", "counsellor")
        expect(chat.locator(".counsellor .bubble")).to_have_text("A word from a person.")
        [cookie] = page.context.cookies(site.address)
        assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("chat-embedded", True, True)
        assert cookie["partitionKey"], "it belongs to this site within that page, and to no other"


def test_leaving_takes_the_page_around_along(page: Page) -> None:
    with embedded(page) as (_, chat):
        chat.get_by_role("button", name="Leave this page").click()
        page.wait_for_url(re.compile("wikipedia"))


def test_two_escapes_leave_too(page: Page) -> None:
    with embedded(page) as (_, chat):
        expect(chat.get_by_role("button", name="I live here")).to_be_visible()
        chat.locator("#text").press("Escape")
        chat.locator("#text").press("Escape")
        page.wait_for_url(re.compile("wikipedia"))


def test_a_site_that_is_not_named_shows_nothing(page: Page) -> None:
    with centre() as (allowed, _), centre() as (other, shown), served((allowed,)) as site:
        shown["page"] = PAGE.format(lang="en", chat=site.address)
        page.goto(other)
        with page.expect_response(f"{site.address}/embed?from=site1") as answer:
            page.get_by_role("button", name="Chat").click()
        assert answer.value.status == 403
        shown["page"] = shown["page"].replace("<h1>", '<meta name="referrer" content="no-referrer"><h1>').replace(
            f'<script src="{site.address}/embed.js" data-from="site1" async></script>',
            f'<iframe src="{site.address}/embed" referrerpolicy="no-referrer"></iframe>')
        problems: list[str] = []
        page.on("console", lambda line: problems.append(line.text))
        page.goto(other)
        page.wait_for_function("() => document.querySelector('iframe')")
        expect(page.frame_locator("iframe").locator("#text")).to_have_count(0)
        assert any("frame-ancestors" in one for one in problems), problems
        assert site.bot.threads == {}


def test_a_browser_that_keeps_nothing_is_shown_the_way_out(page: Page) -> None:
    with centre() as (address, shown), served((address,)) as site:
        shown["page"] = PAGE.format(lang="en", chat=site.address)
        page.context.route("**/chat/start", lambda route: route.fulfill(status=202, body='{"ok": true}'))
        page.goto(address)
        page.get_by_role("button", name="Chat").click()
        opener = page.frame_locator("iframe").get_by_role("link", name="Open the chat")
        expect(opener).to_have_attribute("target", "_blank")
        assert site.bot.threads == {}, "it does not begin one chat after the other"


def test_the_snippet_speaks_the_language_of_its_page_and_is_wholly_seen(page: Page) -> None:
    with embedded(page, "de") as (_, chat):
        expect(chat.get_by_role("button", name="I live here")).to_be_visible()
        box = page.locator("iframe").bounding_box()
        size = page.viewport_size
        assert box is not None and size is not None
        assert box["x"] >= 0 and box["y"] >= 0
        assert box["x"] + box["width"] <= size["width"] and box["y"] + box["height"] <= size["height"] - 48
        button = page.get_by_role("button", name="Chat schließen")
        button.click()
        expect(page.locator("iframe")).to_be_hidden()
