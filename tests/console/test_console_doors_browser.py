"""The doors in a real browser, on a phone and at a desk: nothing sticks out, nothing inline runs, nothing is left."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from storage import passes, sessions, staff

from .conftest import PASSWORD, World
from .test_console_browser import address

__all__ = ["address"]
NEW = "seven lamps under water"


def opened(browser: Browser, at: str, width: int, problems: list[str]) -> Page:
    page = browser.new_context(base_url=at, viewport={"width": width, "height": 800}).new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Security" in line.text else None)
    return page


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    small = page.evaluate("""[...document.querySelectorAll('main button, main a.button, main summary')]
        .filter(one => one.offsetParent && one.offsetHeight < 28).length""")
    assert small == 0, page.url


def signs_in(page: Page, login: str, password: str) -> None:
    page.goto("/console/sign-in")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("button.main")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_coordinators_first_day(browser: Browser, world: World, address: str, width: int) -> None:
    world.change(lambda connection: staff.set_code_secret(connection, world.arben, None, None))
    world.clock.at = datetime.fromtimestamp(time.time(), UTC)
    problems: list[str] = []
    page = opened(browser, address, width, problems)
    signs_in(page, "arben", PASSWORD)
    fits(page)
    box = page.locator(".picture svg").bounding_box()
    assert box and box["width"] >= 200 and box["height"] >= 200
    secret = re.sub(r"\s", "", page.inner_text(".steps .key"))
    page.fill("#code", str(pyotp.TOTP(secret).at(world.clock.at)))
    page.click("button.main")
    expect(page.locator(".codes li")).to_have_count(passes.RECOVERY_CODES)
    fits(page)
    page.click("a.button")
    expect(page.locator("#queue")).to_be_visible()
    for name in ("Team", "Record", "Reports", "Kept"):
        opens_more(page, width)
        page.get_by_role("link", name=name, exact=True).click()
        fits(page)
    opens_more(page, width)
    page.get_by_role("link", name="Your account").click()
    expect(page.locator("h1")).to_have_text("Arben Gashi")
    fits(page)
    assert problems == []
    page.context.close()


def opens_more(page: Page, width: int) -> None:
    """On a phone most of the menu is folded away."""
    if width == 390:
        page.get_by_text("More", exact=False).first.click()


@pytest.mark.parametrize("with_script", [True, False])
def test_the_menu_of_a_phone_is_one_line_and_opens_by_keyboard(
    browser: Browser, world: World, address: str, with_script: bool
) -> None:
    session = world.change(lambda connection: sessions.start_session(
        connection, world.arben, world.clock.now(), "a phone"))
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 800},
                                  java_script_enabled=with_script)
    context.add_cookies([{"name": "console", "value": session, "url": f"{address}/console"}])
    page = context.new_page()
    page.goto("/console/team")
    box = page.locator(".top").bounding_box()
    assert box and box["height"] <= 64
    expect(page.get_by_role("link", name="Team", exact=True)).to_be_hidden()
    page.locator(".fold-out summary").focus()
    page.keyboard.press("Enter")
    shown = page.locator(".fold-out a")
    expect(shown.first).to_be_visible()
    assert box == page.locator(".top").bounding_box(), "what opens lies over the page"
    assert shown.count() == 10, "all the rest of a coordinator's menu, and their account"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Facts")
    if with_script:
        page.locator(".fold-out summary").click()
        page.keyboard.press("Escape")
        expect(page.locator(".fold-out a").first).to_be_hidden()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_link_from_the_coordinator(browser: Browser, world: World, address: str, width: int) -> None:
    token = world.change(lambda connection: passes.give(connection, world.mira, "link", world.clock.now()))
    problems: list[str] = []
    page = opened(browser, address, width, problems)
    page.goto(f"/console/new-password#{token}")
    expect(page.locator("#token-line")).to_be_hidden()
    assert token not in page.url, "neither in the address nor in the history"
    page.go_back()
    page.go_forward()
    assert token not in page.url
    page.goto(f"/console/new-password?again#{token}")
    fits(page)
    page.fill("#password", "too short")
    page.locator("form").evaluate("form => form.noValidate = true")
    page.click("button.main")
    expect(page.locator(".error")).to_contain_text("at least 12")
    page.fill("#password", NEW)
    page.click("button.main")
    expect(page.locator(".good")).to_be_visible()
    page.fill("#password", NEW)
    page.click("button.main")
    expect(page.locator("#queue")).to_be_visible()
    assert problems == []
    page.context.close()


def test_signing_out_leaves_no_draft(browser: Browser, world: World, address: str) -> None:
    page = opened(browser, address, 1280, [])
    signs_in(page, "mira", PASSWORD)
    page.goto(f"/console/tickets/{world.tickets['vesna']}")
    page.fill("#reply-text", "half a sentence about Vesna")
    assert page.evaluate("Object.keys(localStorage).length") == 1
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#login")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.context.close()


def test_nothing_inline_runs(browser: Browser, world: World, address: str) -> None:
    """What got into a page would still not run."""
    problems: list[str] = []
    page = opened(browser, address, 1280, problems)
    page.goto("/console/sign-in")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        const image = document.createElement("img");
        image.setAttribute("onerror", "window.ran = true");
        image.src = "https://elsewhere.example/x.png";
        document.body.append(image);
    }""")
    assert page.evaluate("window.ran") is None
    assert len(problems) >= 2, "the browser says that it refused"
    page.context.close()
