"""In Chromium: the program is updated under an open page, the connection goes in the middle of a reply."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import World
from .test_console_actions import said_by_counsellors
from .test_console_browser import address, open_chat, page

__all__ = ["address", "page"]


def test_an_open_page_after_an_update(page: Page, world: World) -> None:
    """It says so, loses nothing that was typed, and its forms are still taken."""
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "Dobro jutro")
    page.evaluate("document.getElementById('alert').dataset.version = 'an older one'")
    world.wake()
    expect(page.locator("#updated")).to_be_visible()
    expect(page.locator("#reply-text")).to_have_value("Dobro jutro")
    page.press("#reply-text", "Control+Enter")
    expect(page.locator(".message.counsellor .said")).to_have_text("Dobro jutro")
    page.click("text=Load the new one")
    expect(page.locator("#updated")).to_be_hidden()


def test_a_lost_connection_keeps_the_draft_and_sends_it_once(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "Dobro jutro")
    page.context.set_offline(True)
    page.press("#reply-text", "Control+Enter")
    expect(page.locator("#reply .error")).to_contain_text("There is no connection")
    assert said_by_counsellors(world) == []
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#reply-text")).to_have_value("Dobro jutro")
    page.press("#reply-text", "Control+Enter")
    expect(page.locator(".message.counsellor .said")).to_have_text("Dobro jutro")
    assert said_by_counsellors(world) == ["Dobro jutro"]


def test_a_chat_that_is_taken_over_while_somebody_writes(page: Page, world: World) -> None:
    """The words are not sent, and not lost."""
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "Dobro jutro")
    world.sign_in("arben")
    world.client.post(f"/console/tickets/{world.tickets['vesna']}/take-over", data={"seen": str(world.mira)})
    world.wake()
    expect(page.locator("#chat-foot")).to_contain_text("Arben Gashi has this chat.")
    expect(page.locator("#kept")).to_have_value("Dobro jutro")
    assert said_by_counsellors(world) == []
