"""In Chromium: the console is installed as an app, and the system's notification of what is urgent says nothing."""

from __future__ import annotations

import json
from urllib.parse import quote

from playwright.sync_api import Page, Route, expect
from sqlalchemy import Connection

from tests.support.pushes import ENDPOINT, KEY, SUBSCRIBES, deliver

from .conftest import NOW, World, handed_off, someone
from .test_console_browser import address, page

__all__ = ["address", "page"]
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  return (await worker.getNotifications()).map((one) => [one.title, one.body]);
}"""
FIRST_SHOWN = f"""async () => {{
  for (;;) {{
    const shown = await ({SHOWN})();
    if (shown.length) return shown;
    await new Promise((again) => setTimeout(again, 20));
  }}
}}"""

FIRST_SHOWN_OF_CONSOLE = FIRST_SHOWN.replace("navigator.serviceWorker.ready",
                                             "navigator.serviceWorker.getRegistration('/console')")


def test_it_can_be_installed(page: Page) -> None:
    listed = json.loads(page.request.get(page.get_attribute('link[rel="manifest"]', "href") or "").text())
    assert (listed["start_url"], listed["scope"], listed["display"]) == ("/console", "/console", "standalone")
    for icon in listed["icons"]:
        answer = page.request.get(icon["src"])
        side = int.from_bytes(answer.body()[16:20], "big")
        assert answer.headers["content-type"] == "image/png" and icon["sizes"] == f"{side}x{side}"
    session = page.context.new_cdp_session(page)
    wrong = {one["errorId"] for one in session.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert wrong <= {"in-incognito"}, "a test's browser keeps nothing"


def test_who_wants_it_is_notified_of_what_is_urgent_and_of_nothing_else(page: Page, world: World) -> None:
    page.context.grant_permissions(["notifications"])
    page.reload()
    expect(page.locator("#notify")).to_have_text("Notifications off")
    page.click("#notify")
    expect(page.locator("#notify")).to_have_text("Notifications on")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    before = int(page.get_attribute("#alert", "data-urgent") or "")

    def another(urgent: bool) -> None:
        def write(connection: Connection) -> None:
            handed_off(connection, someone(connection, "Teuta"), "psychosocial", NOW, urgent=urgent)

        world.change(write)
        with page.expect_response("**/console/alert"):
            world.wake()

    another(urgent=False)
    assert page.evaluate(SHOWN) == []
    another(urgent=True)
    expect(page.locator("#alert")).to_have_attribute("data-urgent", str(before + 1))
    assert page.evaluate(FIRST_SHOWN) == [["Somebody needs a person now.", ""]]


def test_who_does_not_want_it_is_not(page: Page, world: World) -> None:
    page.context.grant_permissions(["notifications"])
    page.reload()
    page.click("#notify")
    page.click("#notify")
    expect(page.locator("#notify")).to_have_text("Notifications off")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    world.change(lambda c: handed_off(c, someone(c, "Teuta"), "psychosocial", NOW, urgent=True))
    with page.expect_response("**/console/alert"):
        world.wake()
    expect(page.locator("#alert strong")).to_be_visible()
    assert page.evaluate(SHOWN) == []


def test_a_push_shows_the_same_where_no_page_is_seen(page: Page, address: str) -> None:
    """What the push service of a browser would bring, and what the server is told of it."""
    told: list[str | None] = []
    page.context.grant_permissions(["notifications"])
    page.context.add_init_script(SUBSCRIBES)

    def tell(route: Route) -> None:
        told.append(route.request.post_data)
        route.fulfill(status=204)

    page.context.route("**/console/push", tell)
    page.reload()
    page.evaluate(f"document.body.dataset.push = {KEY!r}")
    with page.expect_response("**/console/push"):
        page.click("#notify")
    page.wait_for_function("() => sessionStorage.getItem('pushed') === 'yes'")
    deliver(page, address, "/console")
    assert page.evaluate(SHOWN) == [], "the page says it"
    page.goto("/openapi.json")
    deliver(page, address, "/console")
    assert page.evaluate(FIRST_SHOWN_OF_CONSOLE) == [["Somebody needs a person now.", ""]]
    page.goto("/console")
    page.evaluate(f"document.body.dataset.push = {KEY!r}")
    with page.expect_response("**/console/push"):
        page.click("#notify")
    assert told == [f"endpoint={quote(ENDPOINT, safe='')}", "endpoint="]
