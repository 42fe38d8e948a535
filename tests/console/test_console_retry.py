"""What could not be handled, on the pages: whose it is, their words, when; and a button to try it again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.console import ConsoleParts, console_routes
from bot.settings import Settings
from conversations.register import seed
from storage import aside, desk
from storage.store import StoreError
from storage.tables import Contact, Message, Task
from tests.support.rows import change
from tests.support.world import shared_translator

from .conftest import ORIGIN, FakeDesk, World, ago, intake_lines, say
from .test_console_browser import address, sign_in

__all__ = ["address"]
RAW = "raw-canary"
WORDS = "I was a <b>welder</b> in Essen.\nNow I look for work."


@dataclass
class TryingDesk(FakeDesk):
    """Notes what is to be tried again; what is tried is done."""

    tried: list[tuple[int, int]] = field(default_factory=list)
    broken: bool = False

    async def retry(self, task_id: int, counsellor_id: int) -> None:
        self._may_fail()
        if self.broken:
            raise StoreError("locked")
        self.tried.append((task_id, counsellor_id))
        await self.store.write(
            lambda connection: desk.finish_task(connection, task_id, counsellor_id, self.clock.now()))


@pytest.fixture
def trying(world: World) -> TryingDesk:
    """The same console, with this desk."""
    made = TryingDesk(world.store, world.clock, world.live)
    world.app = FastAPI()
    parts = ConsoleParts(world.store, world.clock, world.live, made, Settings(centre_name="The Centre"), intake_lines,
                         lambda: world.book.hours, shared_translator(), seed())
    world.app.router.routes += console_routes(parts).routes
    world.client = TestClient(world.app, base_url=ORIGIN, headers={"origin": ORIGIN})
    return made


def put_aside(world: World, name: str, text: str, **more: Any) -> int:
    """The task about something that this person sent 50 minutes ago."""

    def work(connection: Any) -> int:
        person = world.people[name]
        message = say(connection, person, "person", text, ago(minutes=50), **more)
        kept = {"type": "Message", "event": {"key": RAW, "data": RAW}, "open": [None, 1, RAW], "tries": 3}
        aside.keep(connection, message, kept)
        aside.add_task(connection, person, message, "It could not be handled.", ago(minutes=50))
        return int(connection.scalar(select(Task.id).order_by(Task.id.desc()).limit(1)))

    return int(world.change(work))


def test_the_tasks_show_what_and_when_and_nothing_raw(world: World, trying: TryingDesk) -> None:
    put_aside(world, "dita", WORDS)
    put_aside(world, "agon", "Yes, begin", kind="tap")
    put_aside(world, "luan", "my papers", kind="photo", content={"file_id": RAW})
    put_aside(world, "besa", "", kind="started")
    world.sign_in()
    html = world.page("/console/tasks")
    assert html.count("Not handled") == html.count("Try again") == html.count("tried 3 times") == 4
    assert "I was a &lt;b&gt;welder&lt;/b&gt; in Essen." in html and "today, 10:10" in html
    assert "Tapped: " in html and "Photo" in html and "my papers" in html and "Opened the chat" in html
    assert RAW not in html and aside.PART not in html
    assert "Is the school place sure?" in html, "other tasks are as they were"


def test_the_persons_page_has_it_too(world: World, trying: TryingDesk) -> None:
    task = put_aside(world, "vesna", WORDS)
    world.sign_in()
    for path in (f"/console/people/{world.people['vesna']}", f"/console/tickets/{world.tickets['vesna']}"):
        html = world.page(path)
        assert f"/console/tasks/{task}/retry" in html and "welder" in html and RAW not in html
        assert f'name="back" value="{path}"' in html
    world.client.post(f"/console/tasks/{task}/retry")
    assert "Try again" not in world.page(f"/console/people/{world.people['vesna']}")


@pytest.mark.parametrize("login", ["mira", "arben"])
def test_everybody_of_the_team_may_try(world: World, trying: TryingDesk, login: str) -> None:
    task = put_aside(world, "dita", WORDS)
    world.sign_in(login)
    answer = world.client.post(f"/console/tasks/{task}/retry", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/tasks")
    assert trying.tried == [(task, getattr(world, login))]
    assert "welder" not in world.page("/console/tasks")


@pytest.mark.parametrize(("back", "to"), [
    ("/console/people/2", "/console/people/2"), ("https://elsewhere.example/", "/console/tasks"),
])
def test_back_to_where_the_task_was(world: World, trying: TryingDesk, back: str, to: str) -> None:
    task = put_aside(world, "dita", WORDS)
    world.sign_in()
    answer = world.client.post(f"/console/tasks/{task}/retry", data={"back": back}, follow_redirects=False)
    assert answer.headers["location"] == to


def test_a_refusal_is_one_sentence_above_the_tasks(world: World, trying: TryingDesk) -> None:
    task = put_aside(world, "dita", WORDS)
    world.sign_in()
    trying.fails = "It failed again. Nothing is lost."
    answer = world.client.post(f"/console/tasks/{task}/retry")
    assert answer.status_code == 409
    assert re.search(r'role="alert">It failed again\. Nothing is lost\.<', answer.text) and "welder" in answer.text
    trying.fails, trying.broken = "", True
    answer = world.client.post(f"/console/tasks/{task}/retry")
    assert answer.status_code == 409 and "could not be stored just now" in answer.text


def test_no_other_site_and_nobody_without_a_session(world: World, trying: TryingDesk) -> None:
    task = put_aside(world, "dita", WORDS)
    stranger = world.client.post(f"/console/tasks/{task}/retry", follow_redirects=False)
    assert stranger.status_code == 303 and stranger.headers["location"].startswith("/console/sign-in")
    world.sign_in()
    foreign = world.client.post(f"/console/tasks/{task}/retry", headers={"origin": "https://elsewhere.example"})
    assert foreign.status_code == 403 and trying.tried == []


@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser(browser: Browser, world: World, trying: TryingDesk, address: str, width: int) -> None:
    """The button is where the finger is: in view, large enough, not over the text; pressing it is all."""
    task = put_aside(world, "dita", WORDS)
    put_aside(world, "agon", "Donaudampfschifffahrtsgesellschaft" * 6)
    on_pane = put_aside(world, "vesna", WORDS)
    world.change(lambda connection: change(
        connection, Contact, world.people["agon"], known={"name": "A long name " * 6}))
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800})
    page = context.new_page()
    sign_in(page, "/console")
    for path in ("/console/tasks", f"/console/people/{world.people['vesna']}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert page.locator(f"form[action$='/{on_pane}/retry'] button").is_visible()
    page.goto("/console/tasks")
    button = page.locator(f"form[action$='/{task}/retry'] button")
    done = page.locator(f"form[action$='/{task}/done'] button").bounding_box()
    words, box = page.locator("li", has_text="welder").first.locator(".aside").bounding_box(), button.bounding_box()
    assert words and box and done and box["height"] >= (44 if width == 390 else 32)
    apart = box["x"] >= words["x"] + words["width"] or box["y"] >= words["y"] + words["height"]
    assert apart and box["x"] + box["width"] <= done["x"]
    button.click()
    expect(page.locator("form[action$='/retry']")).to_have_count(2)
    assert trying.tried == [(task, world.mira)]
    assert WORDS in world.change(lambda connection: connection.scalars(select(Message.text)).all())
    context.close()
