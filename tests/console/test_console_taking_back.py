"""Taking back on the pages: who is offered it, what it says before and after, and where the words are then: nowhere."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from storage.tables import Message
from storage.taking_back import KEEPS
from tests.support.rows import change

from .conftest import World, ago, say
from .test_console_browser import address, sign_in

__all__ = ["address"]

WORDS = "Come on Monday, <b>Besa</b>."


def wrote(world: World, name: str, who: int, **more: object) -> int:
    return int(world.change(lambda connection: say(
        connection, world.people[name], "counsellor", WORDS, ago(minutes=5), counsellor_id=who, **more)))


def path(world: World, name: str, message: int | None = None) -> str:
    chat = f"/console/tickets/{world.tickets[name]}"
    return chat if message is None else f"{chat}/messages/{message}/back"


def test_taken_back_its_words_are_on_no_page_and_in_no_row(desk_of_mira: World) -> None:
    world = desk_of_mira
    message = wrote(world, "vesna", world.mira)
    html = world.page(path(world, "vesna"))
    assert f'action="{path(world, "vesna", message)}"' in html and "deleted on the person" in html
    answer = world.client.post(path(world, "vesna", message), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, path(world, "vesna"))
    html = world.page(path(world, "vesna"))
    assert "Besa" not in html and "Taken back by Mira Krasniqi" in html and "data-goes-on" in html
    assert "It is being taken away" in html and path(world, "vesna", message) not in html
    row = world.change(lambda connection: connection.execute(
        select(Message.text, Message.content).where(Message.id == message)).one())
    assert tuple(row) == ("", None)
    new = world.page(f"{path(world, 'vesna')}/messages?after={message}")
    assert f'href="#message-{message}"' in new and f'id="message-{message}"' in new, "an open page learns it"


def test_the_words_come_back_into_the_field_once_and_into_no_address(desk_of_mira: World) -> None:
    world = desk_of_mira
    first, last = (wrote(world, "vesna", world.mira) for _ in range(2))
    html = world.page(path(world, "vesna"))
    assert html.count('name="again"') == 1 and html.index('name="again"') > html.index(f'id="message-{last}"')
    answer = world.client.post(path(world, "vesna", last), data={"again": "yes"}, follow_redirects=False)
    assert answer.status_code == 200 and 'class="error"' not in answer.text
    assert re.search(r'<textarea id="reply-text"[^>]*>Come on Monday, &lt;b&gt;Besa&lt;/b&gt;\.<', answer.text)
    assert world.page(path(world, "vesna")).count("Besa") == 1, "the other one"
    assert first != last


@pytest.mark.parametrize(("login", "name", "offered"), [
    ("mira", "besa", False), ("arben", "besa", True), ("arben", "vesna", True), ("mira", "vesna", True)])
def test_who_is_offered_it(world: World, login: str, name: str, offered: bool) -> None:
    """Who wrote it, who has the chat, a coordinator: here Arben wrote both, is one, and Mira has Vesna's chat."""
    message = wrote(world, name, world.arben)
    world.sign_in(login)
    assert (path(world, name, message) in world.page(path(world, name))) is offered


@pytest.mark.parametrize(("more", "said"), [
    ({"channel": "viber"}, "Viber keeps it: it stays on the person’s phone. Write to the person."),
    ({"state": "queued"}, "It has not left yet: it is not sent."),
    ({"state": "failed", "error": "blocked"}, "It has not reached the person."),
    ({"state": "queued", "error": "perhaps it arrived: no answer"}, "It was tried, and perhaps it has arrived"),
    ({"channel": "web"}, "It disappears from the person’s chat.")])
def test_what_it_will_do_is_said_before(desk_of_mira: World, more: dict[str, str], said: str) -> None:
    wrote(desk_of_mira, "vesna", desk_of_mira.mira, **more)
    html = desk_of_mira.page(path(desk_of_mira, "vesna"))
    assert said in html.replace("&#39;", "’").replace("'", "’")


@pytest.mark.parametrize(("state", "error", "said"), [
    ("sent", None, "It is gone from the person’s chat."), ("failed", KEEPS, "Telegram keeps it"),
    ("failed", "Forbidden: bot was blocked by the user", "could not be deleted. Write to them, or call. The person has "
                                                         "blocked the bot.")])
def test_what_became_of_it_is_said(desk_of_mira: World, state: str, error: str | None, said: str) -> None:
    world = desk_of_mira
    message = wrote(world, "vesna", world.mira)
    world.client.post(path(world, "vesna", message))
    undone = world.change(lambda connection: connection.scalar(select(Message.id).where(Message.edits == message)))
    world.change(lambda connection: change(connection, Message, undone, state=state, error=error))
    html = world.page(path(world, "vesna")).replace("&#39;", "’").replace("'", "’")
    assert said in html and "data-goes-on" not in html


def test_a_refusal_is_one_sentence(desk_of_mira: World) -> None:
    world = desk_of_mira
    message = wrote(world, "vesna", world.mira)
    world.desk.fails = "Arben has taken this message back already."
    answer = world.client.post(path(world, "vesna", message))
    assert answer.status_code == 409
    assert re.search(r'role="alert">Arben has taken this message back already\.<', answer.text)


def test_news_does_not_take_the_button_from_under_the_finger(browser: Browser, world: World, address: str) -> None:
    """The message goes on (it is not sent yet), so an open page asks for it again and again."""
    message = wrote(world, "vesna", world.mira, state="queued")
    person = world.people["vesna"]
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, "/console")
    page.goto(path(world, "vesna"))
    page.locator(f"#message-{message} .back summary").click()
    new = world.change(lambda connection: say(connection, person, "person", "One more thing", ago(minutes=1)))
    world.live.publish(f"contact:{person}")
    world.wake()
    expect(page.locator(f"#message-{new}")).to_be_visible()
    page.locator(f"#message-{message} button[name=again]").click()
    expect(page.locator("#reply-text")).to_have_value(WORDS)
    expect(page.locator(f"#message-{message}")).to_contain_text("Taken back by Mira Krasniqi")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_words_that_come_back_leave_what_was_being_typed(browser: Browser, world: World, address: str) -> None:
    """Both are in the field, stay there when the page is opened anew, and go as one."""
    message = wrote(world, "vesna", world.mira)
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, "/console")
    page.goto(path(world, "vesna"))
    field, draft = page.locator("#reply-text"), "Good morning, Vesna.\nDo you"
    field.fill(draft)
    page.locator(f"#message-{message} .back summary").click()
    page.locator(f"#message-{message} button[name=again]").click()
    both = f"{WORDS}\n\n{draft}"
    expect(page.locator(f"#message-{message}")).to_contain_text("Taken back by Mira Krasniqi")
    expect(field).to_have_value(both)
    page.goto(path(world, "vesna"))
    expect(field).to_have_value(both)
    page.locator("#chat-foot button.main[form=reply]").click()
    expect(field).to_have_value("")
    expect(page.locator(".message.counsellor .said").last).to_have_text(both)
    context.close()
