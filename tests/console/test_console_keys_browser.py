"""In Chromium: "/" puts something in, "?" shows the keys, a warning is answered with one click, who writes is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from storage import canned

from .conftest import NOW, World
from .test_console_actions import said_by_counsellors
from .test_console_browser import address, open_chat, page

__all__ = ["address", "page"]


@pytest.fixture(autouse=True)
def known(world: World) -> None:
    for name, text in (("hello", "Dobar dan, {name}."), ("hours", "Radimo od 9 do 16.")):
        world.change(lambda connection, name=name, text=text: canned.add(connection, name, {"sr": text}, NOW))


def test_a_reply_in_a_few_keys(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.keyboard.press("r")
    page.keyboard.type("/h")
    expect(page.locator("#picker [role=option]").first).to_be_visible()
    page.keyboard.type("ello")
    expect(page.locator("#picker [role=option] strong").first).to_have_text("hello")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value("Dobar dan, Vesna.")
    expect(page.locator("#picker")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message.counsellor .said")).to_have_text("Dobar dan, Vesna.")


def test_the_list_is_walked_and_left_with_the_keyboard(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.focus("#reply-text")
    page.keyboard.type("/h")
    expect(page.locator("#picker [aria-selected=true]")).to_have_count(1)
    first = page.locator("#picker [aria-selected=true] strong").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.locator("#picker [aria-selected=true] strong").inner_text() != first
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#reply-text")).to_have_value("/h")


def test_a_warning_is_answered_with_one_click(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    words = "You can come to us and bring the papers with you."
    page.fill("#reply-text", words)
    page.click("button[form=reply]")
    expect(page.locator("#reply .error")).to_contain_text("looks like English")
    assert said_by_counsellors(world) == []
    page.click("text=Send it anyway")
    expect(page.locator(".message.counsellor .said")).to_have_text(words)
    expect(page.locator("#reply .sure")).to_have_count(0)
    assert said_by_counsellors(world) == [words]


def test_other_words_are_looked_at_anew(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.fill("#reply-text", "You can come to us and bring the papers with you.")
    page.click("button[form=reply]")
    expect(page.locator("#reply .sure")).to_have_count(1)
    page.fill("#reply-text", "Dobar dan")
    expect(page.locator("#reply .sure")).to_have_count(0)


def test_the_sheet_of_keys(page: Page, world: World) -> None:
    page.goto("/console")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    open_chat(page, world, "vesna")
    page.focus("#reply-text")
    page.keyboard.type("?1")
    expect(page.locator("#reply-text")).to_have_value("?1")
    expect(page.locator("#keys")).to_be_hidden()


def test_from_chat_to_chat_and_taken_with_two_keys(page: Page, world: World) -> None:
    page.goto("/console?tab=waiting")
    page.keyboard.press("j")
    expect(page).to_have_url(f"{page.url.split('/console')[0]}/console/tickets/{world.tickets['luan']}?tab=waiting")
    page.keyboard.press("t")
    expect(page.locator("#reply-text")).to_be_visible()


def test_who_writes_in_this_chat_is_seen(page: Page, world: World) -> None:
    open_chat(page, world, "vesna")
    page.evaluate("showTyping('Arben Gashi')")
    expect(page.locator("#typing")).to_have_text("Arben Gashi is writing in this chat.")
