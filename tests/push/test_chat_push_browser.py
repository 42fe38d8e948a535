"""In Chromium: the page asks before the browser does, the worker shows one neutral sign, and one tap ends it.

No push service can be reached here: what a browser makes with one is put in its place, and what the service would bring
is delivered by the browser's own tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from bot.web.chat_texts import NOTICE, PUSH_TEXTS
from bot.web.push import ChatPushes, chat_push_routes
from tests.browser.conftest import browser
from tests.browser.test_chat_page import Site, served
from tests.support.pushes import ENDPOINT, KEY, SUBSCRIBES, deliver

__all__ = ["browser"]
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.getRegistration("/chat/");
  return worker ? (await worker.getNotifications()).map((one) => [one.title, one.body, one.silent]) : [];
}"""
FIRST_SHOWN = f"""async () => {{
  for (;;) {{
    const shown = await ({SHOWN})();
    if (shown.length) return shown;
    await new Promise((again) => setTimeout(again, 20));
  }}
}}"""


class Told:
    """What the server is told, and what it says."""

    def __init__(self) -> None:
        self.wishes: list[dict[str, Any]] = []
        self.silent = False

    def answer(self, route: Route) -> None:
        body = route.request.post_data_json if route.request.method == "POST" else {}
        if body:
            self.wishes.append(body)
        route.fulfill(json={
            "may": True, "key": KEY, "on": body.get("do") != "off",
            "notice": {"text": NOTICE, "lang": "en", "silent": self.silent}, "texts": PUSH_TEXTS,
        })


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    nobody: Any = None
    with served(pushes=True) as built:
        built.app.include_router(chat_push_routes(ChatPushes(nobody, nobody, nobody, nobody)))
        yield built


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def page(browser: Browser, site: Site, told: Told) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="en-GB")
    context.grant_permissions(["notifications"])
    context.add_init_script(SUBSCRIBES)
    context.route(re.compile("/chat/push$"), told.answer)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if "Security" in line.text else None)
    opened.goto(site.address)
    yield opened
    context.close()
    assert problems == []


def turn_on(page: Page) -> None:
    page.get_by_label("Photo, voice, place").click()
    page.get_by_role("button", name=PUSH_TEXTS["on"]).click()
    expect(page.locator(".notify-offer")).to_contain_text("Others may see it there, also when the screen is locked.")
    page.get_by_role("button", name=PUSH_TEXTS["yes"]).click()
    expect(page.locator(".notify-offer")).to_have_text(PUSH_TEXTS["is_on"])
    expect(page.locator("#notify")).to_have_text(PUSH_TEXTS["off"])


def test_it_is_wanted_shown_when_no_page_is_seen_and_ended_with_one_tap(page: Page, site: Site, told: Told) -> None:
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    turn_on(page)
    assert [one["do"] for one in told.wishes][:1] == ["on"] and told.wishes[0]["endpoint"] == ENDPOINT
    deliver(page, site.address, "/chat/")
    assert page.evaluate(SHOWN) == [], "who sees the chat needs no sign"
    page.goto(f"{site.address}/static/chat-icon.svg")
    deliver(page, site.address, "/chat/")
    assert page.evaluate(FIRST_SHOWN) == [[NOTICE, "", False]]
    told.silent = True
    with page.expect_response("**/chat/push"):
        page.goto(site.address)
    page.wait_for_function(f"async () => (await ({SHOWN})()).length === 0")  # the sign goes when the chat is open
    assert told.wishes[-1]["do"] == "here" and told.wishes[-1]["up_to"] > 0
    page.get_by_label("Photo, voice, place").click()
    page.get_by_role("button", name=PUSH_TEXTS["off"]).click()
    expect(page.locator(".told")).to_have_text(PUSH_TEXTS["is_off"])
    assert told.wishes[-1] == {"do": "off", "endpoint": ENDPOINT}
    left = "async () => [(await navigator.serviceWorker.getRegistrations()).length, (await caches.keys()).length]"
    assert page.evaluate(left) == [0, 0]


def test_who_says_no_is_left_alone(page: Page, told: Told) -> None:
    page.get_by_label("Photo, voice, place").click()
    page.get_by_role("button", name=PUSH_TEXTS["on"]).click()
    page.get_by_role("button", name=PUSH_TEXTS["no"], exact=True).click()
    expect(page.locator(".notify-offer")).to_have_count(0)
    assert told.wishes == []


def test_it_can_be_put_among_the_apps_of_a_phone(page: Page, site: Site) -> None:
    listed = page.request.get(page.evaluate("document.querySelector('link[rel=manifest]').href"))
    assert listed.headers["content-type"] == "application/manifest+json"
    assert (listed.json()["name"], listed.json()["start_url"], listed.json()["display"]) == ("Chat", "/", "standalone")
    for icon in listed.json()["icons"][1:]:
        side = int.from_bytes(page.request.get(site.address + icon["src"]).body()[16:20], "big")
        assert icon["sizes"] == f"{side}x{side}"
    tools = page.context.new_cdp_session(page)
    wrong = {one["errorId"] for one in tools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert wrong <= {"in-incognito"}, "a test's browser keeps nothing"
