"""An open page in Chromium: news arrive without a reload, and what is typed stays."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Route, expect

from .conftest import NOW, PASSWORD, World, handed_off, say, someone


@pytest.fixture
def address(world: World) -> Iterator[str]:
    config = uvicorn.Config(world.app, port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    serving = threading.Thread(target=asyncio.run, args=(serve(),))
    serving.start()
    while not server.started:
        time.sleep(0.01)
    world.wake = lambda: loops[0].call_soon_threadsafe(world.live.wake_all)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    serving.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Mira has just signed in."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    sign_in(page, "/console")
    yield page
    context.close()
    assert not wrong


def sign_in(page: Page, path: str) -> None:
    page.goto(path)
    page.fill("#login", "mira")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    expect(page.locator("#queue")).to_be_visible()


def open_chat(page: Page, world: World, name: str) -> None:
    with page.expect_response(lambda answer: "/messages?" in answer.url):
        page.goto(f"/console/tickets/{world.tickets[name]}")


def test_reply_is_sent_with_the_keyboard_and_shown_without_a_reload(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.evaluate("window.same = true")
    page.fill("#reply-text", "Good morning")
    page.press("#reply-text", "Enter")
    page.type("#reply-text", "How are you?")
    page.press("#reply-text", "Control+Enter")
    expect(page.locator(".message.counsellor .said")).to_have_text("Good morning\nHow are you?")
    expect(page.locator("#reply-text")).to_have_value("")
    page.fill("#reply-text", "Second")
    page.press("#reply-text", "Control+Enter")
    expect(page.locator(".message.counsellor")).to_have_count(2)
    assert page.evaluate("window.same")


def test_what_is_typed_survives_news_and_a_reload(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "Half a sent")
    world.change(lambda c: say(c, world.people["vesna"], "person", "Are you there?", world.clock.now()))
    world.wake()
    expect(page.locator(".message.person .said").last).to_have_text("Are you there?")
    expect(page.locator("#reply-text")).to_have_value("Half a sent")
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("Half a sent")


def test_a_refused_reply_says_why_and_stays(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    world.desk.fails = "The person has blocked the bot."
    page.fill("#reply-text", "Good morning")
    page.click("button[form=reply]")
    expect(page.locator("#reply .error")).to_have_text("The person has blocked the bot.")
    expect(page.locator("#reply-text")).to_have_value("Good morning")


def test_a_lost_answer_is_sent_once(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/reply", lose)
    page.fill("#reply-text", "Good morning")
    page.click("button[form=reply]")
    expect(page.locator("#reply .error")).to_contain_text("There is no connection")
    page.unroute("**/reply")
    page.click("button[form=reply]")
    expect(page.locator("#reply-text")).to_have_value("")
    expect(page.locator(".message.counsellor")).to_have_count(1)


def test_a_chat_taken_by_a_colleague_is_shown_at_once(page: Page, world: World) -> None:
    open_chat(page, world, "agon")
    world.sign_in("arben")
    world.client.post(f"/console/tickets/{world.tickets['agon']}/claim")
    world.wake()
    expect(page.locator("#chat-foot")).to_contain_text("Arben Gashi has this chat.")


def test_counts_and_title_follow(page: Page, world: World) -> None:
    expect(page).to_have_title("URGENT – (4) Queue")
    page.evaluate("window.same = true")
    world.change(lambda c: c.exec_driver_sql("UPDATE tickets SET state = 'closed', closed_at = 0 WHERE urgent"))
    world.wake()
    expect(page).to_have_title("(3) Queue")
    assert page.evaluate("window.same")


def test_signed_out_while_typing_keeps_the_text(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "Good morning")
    world.change(lambda c: c.exec_driver_sql("DELETE FROM sessions"))
    page.click("button[form=reply]")
    expect(page.locator("#reply .error")).to_contain_text("You are signed out.")
    sign_in(page, f"/console/tickets/{world.tickets['vesna']}")
    expect(page.locator("#reply-text")).to_have_value("Good morning")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_hangs_over(
    browser: Browser, address: str, world: World, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, "/console")
    for path in ("/console", f"/console/tickets/{world.tickets['vesna']}", "/console/people/4", "/console/tasks"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"/console/tickets/{world.tickets['vesna']}")
    page.click("text=← Queue")
    page.click("text=Luan")
    page.click("text=Person →")
    expect(page.locator("h1")).to_have_text("Luan")
    context.close()


def test_without_script_forms_still_work(browser: Browser, address: str, world: World) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, f"/console/tickets/{world.tickets['agon']}")
    page.click("text=Take this chat")
    page.fill("#reply-text", "Good morning")
    page.click("button[form=reply]")
    expect(page.locator(".message.counsellor .said")).to_have_text("Good morning")
    page.click("summary:has-text('Close chat')")
    page.select_option("#outcome", "advised")
    page.click("text=Close, the bot goes on")
    expect(page.locator("#chat-foot")).to_contain_text("Outcome: Advised.")
    context.close()


def test_somebody_needs_a_person_now(page: Page, world: World) -> None:
    """On a page without a queue too, without a reload; taken by a colleague, it goes."""
    world.sign_in("arben")
    world.client.post(f"/console/tickets/{world.tickets['luan']}/claim")
    page.goto("/console/tasks")
    expect(page).to_have_title("Tasks")
    urgent = world.change(lambda c: handed_off(c, world.people["ilir"], "psychosocial", world.clock.now(), urgent=True))
    world.wake()
    expect(page.get_by_role("alert")).to_contain_text("Urgent: somebody needs you now.")
    expect(page).to_have_title("URGENT – Tasks")
    expect(page.get_by_role("link", name="Open the chat")).to_have_attribute("href", f"/console/tickets/{urgent}")
    world.client.post(f"/console/tickets/{urgent}/claim")
    world.wake()
    expect(page).to_have_title("Tasks")
    expect(page.locator(".alert")).to_have_count(0)


def test_what_becomes_of_a_message_is_seen_without_a_reload(page: Page, world: World) -> None:
    vesna = world.people["vesna"]
    key = world.change(lambda c: say(c, vesna, "counsellor", "Good morning", world.clock.now(), channel="viber"))
    open_chat(page, world, "vesna")
    fate = page.locator(f"#message-{key} .fate")
    expect(fate).to_have_text("✓ Sent")
    for state, shown in (("delivered", "✓✓ Delivered"), ("seen", "✓✓ Read")):
        world.change(lambda c, now=state: c.exec_driver_sql(f"UPDATE messages SET state = '{now}' WHERE id = {key}"))
        world.wake()
        expect(fate).to_have_text(shown)


def test_what_a_person_changes_changes_where_it_stands(page: Page, world: World) -> None:
    vesna = world.people["vesna"]
    key = world.change(lambda c: say(c, vesna, "person", "Monday", world.clock.now()))
    open_chat(page, world, "vesna")
    expect(page.locator(f"#message-{key} .said")).to_have_text("Monday")
    world.change(lambda c: say(c, vesna, "person", "Tuesday", world.clock.now(), edits=key))
    world.wake()
    expect(page.locator(f"#message-{key} > .said")).to_have_text("Tuesday")
    expect(page.locator(f"#message-{key} .before .said")).to_be_hidden()
    page.locator(f"#message-{key} .before summary").click()
    expect(page.locator(f"#message-{key} .before .said")).to_contain_text("Monday")
    expect(page.locator(".event").last).to_contain_text("has changed a message")


def test_a_line_of_the_queue_is_not_replaced_under_the_finger(page: Page, world: World) -> None:
    """The click would be lost. What came meanwhile is shown after it."""
    line = page.locator("#queue a.item").filter(has_text="Agon")
    line.hover()
    page.mouse.down()
    with page.expect_response("**/console/queue?*"):
        world.change(lambda connection: handed_off(connection, someone(connection, "Teuta"), "migration", NOW))
        world.wake()
    page.mouse.up()
    expect(page.locator("#chat-head h1")).to_have_text("Agon")
    expect(page.locator("#queue a.item").filter(has_text="Teuta")).to_be_visible()
