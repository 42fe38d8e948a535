"""A day of the centre on the real service: two counsellors, a coordinator, and three people on their phones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from bot.receive.texts import WRITE_NOW
from tests.browser.sides import PASSWORD, RETENTION_DAYS, Desk, Pictures, Returnee, Service, running, translator

STEP = "Pyesni shkollën për një vend"


@dataclass
class Day:
    mimoza: Desk
    driton: Desk
    coordinator: Desk
    arta: Returnee
    jonas: Returnee
    vesna: Returnee
    pictures: Pictures

    @property
    def desks(self) -> tuple[Desk, ...]:
        return self.mimoza, self.driton, self.coordinator


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, databases: None) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("day")) as started:
        yield started


@pytest.fixture
def day(browser: Browser, service: Service) -> Iterator[Day]:
    for name in ("Mimoza", "Driton"):
        service.command("counsellor", "add", name.lower(), "--name", name, "--password", PASSWORD)
    desks = [Desk(browser, service, name, PASSWORD) for name in ("mimoza", "driton")]
    desks.append(Desk(browser, service, service.login, service.password))
    people = [Returnee(browser, service, language) for language in ("sq", "de", "sr")]
    yield Day(*desks, *people, Pictures(browser))
    for side in (*desks, *people):
        side.close()


def test_a_day(day: Day) -> None:
    they_come(day)
    each_takes_one(day)
    one_is_in_danger(day)
    a_colleague_is_asked(day)
    one_is_handed_on(day)
    a_step_is_agreed(day)
    one_sleeps_and_wakes(day)
    they_end(day)
    the_evening(day)


def they_come(day: Day) -> None:
    """Nobody reloads a page."""
    for one, name in ((day.arta, "Arta"), (day.jonas, "Jonas"), (day.vesna, "Vesna")):
        one.tap(translator.names()[one.language])
        one.asked("welcome", "keep", retention_days=RETENTION_DAYS)
        one.tap(one.choice("welcome", "keep", "yes"))
        one.choose("welcome", "begin", "yes")
        one.answer("intake", "name", name)
        one.asked("intake", "situation")
    for one, name in ((day.arta, "Arta"), (day.jonas, "Jonas")):
        one.bar("Talk to a counsellor")
        one.sees(WRITE_NOW)
        for desk in day.desks:
            expect(desk.item(name)).to_be_visible()


def each_takes_one(day: Day) -> None:
    """Who looks at a chat that a colleague has taken sees who; it leaves the others' queue by itself."""
    day.mimoza.open("Arta")
    day.mimoza.claim()
    expect(day.driton.item("Arta")).to_have_count(0)
    day.driton.open("Jonas")
    day.driton.claim()
    day.mimoza.reply("Mirëdita, Arta. Si mund t’ju ndihmoj?")
    day.driton.reply("Guten Tag, Jonas. Worum geht es?")
    for one in (day.arta, day.jonas):
        expect(one.page.locator(".message.counsellor .bubble")).to_have_count(1)
    expect(day.coordinator.queue.locator("a.item").filter(has_text="Arta")).to_have_count(0)


def one_is_in_danger(day: Day) -> None:
    """Every page says so, until somebody has the chat."""
    alert = ".alert strong"
    before = [desk.page.locator("#alert").get_attribute("data-urgent") for desk in day.desks]
    day.vesna.bar("I need help now")
    for desk, known in zip(day.desks, before, strict=True):
        expect(desk.page.locator("#alert")).to_have_attribute("data-urgent", str(int(known or 0) + 1))
        expect(desk.page.locator(alert)).to_be_visible()
    day.driton.home()
    day.driton.open("Vesna")
    day.driton.claim()
    for desk, known in zip(day.desks, before, strict=True):
        expect(desk.page.locator("#alert")).to_have_attribute("data-urgent", known or "0")
    day.driton.reply("Dobar dan, Vesna. Tu sam.")
    expect(day.vesna.newest).to_have_text("Dobar dan, Vesna. Tu sam.")


def a_colleague_is_asked(day: Day) -> None:
    """The answer stays among the colleagues, and the chat with whom it was."""
    day.arta.write("A ka vend në shkollë për vajzën time?")
    fold(day.mimoza, "Ask")
    day.mimoza.page.get_by_label("Ask a colleague; the chat stays with you").select_option(label="Coordinator")
    day.mimoza.page.get_by_label("Your question; the person does not see it").fill("Is there a place this month?")
    day.mimoza.foot.get_by_role("button", name="Ask", exact=True).click()
    address = day.mimoza.page.url.partition("?")[0]
    day.coordinator.page.goto(address)
    expect(day.coordinator.foot).to_contain_text("Is there a place this month?")
    day.coordinator.note("Yes, at the school in her quarter.")
    note = day.mimoza.thread.locator(".message.note .said")
    expect(note).to_have_text("Yes, at the school in her quarter.")
    expect(day.arta.page.locator("body")).not_to_contain_text("quarter")
    expect(day.mimoza.page.locator("#chat-head .status")).to_have_text("With you")


def one_is_handed_on(day: Day) -> None:
    """With what the colleague should know; the other hears of it on the page that is open."""
    day.driton.home()
    open_of(day.driton, "Mine", "Jonas")
    fold(day.driton, "Hand on")
    day.driton.page.get_by_label("To whom?").select_option(label="Mimoza")
    day.driton.page.get_by_label("Why, and what they should know").fill("He wants to know about schools.")
    day.driton.foot.get_by_role("button", name="Hand on").click()
    expect(day.driton.page.locator("#chat-head .status")).to_have_text("With Mimoza")
    expect(day.mimoza.queue).to_contain_text("Mine 2")
    open_of(day.mimoza, "Mine", "Jonas")
    expect(day.mimoza.thread).to_contain_text("He wants to know about schools.")
    day.mimoza.reply("Guten Tag, ich bin Mimoza und helfe Ihnen weiter.")
    expect(day.jonas.newest).to_have_text("Guten Tag, ich bin Mimoza und helfe Ihnen weiter.")
    expect(day.jonas.page.locator("body")).not_to_contain_text("about schools")


def a_step_is_agreed(day: Day) -> None:
    open_of(day.mimoza, "Mine", "Arta")
    fold(day.mimoza, "Step")
    day.mimoza.page.get_by_label("Propose a step for their plan").fill(STEP)
    day.mimoza.page.get_by_label("Until", exact=True).fill("2031-01-15")
    day.mimoza.foot.get_by_role("button", name="Propose").click()
    expect(day.arta.newest).to_contain_text(STEP)
    day.pictures.side_by_side(day.arta.page, day.mimoza.page, "day-1-a-step")
    day.arta.page.locator(".answers button").first.click()
    day.mimoza.page.get_by_role("link", name="Whole page").click()
    expect(day.mimoza.page.locator(".sheet")).to_contain_text(f"to “Agreed”: {STEP} (the person)")
    day.mimoza.page.get_by_role("link", name="← Chat").click()


def one_sleeps_and_wakes(day: Day) -> None:
    open_of(day.mimoza, "Mine", "Jonas")
    fold(day.mimoza, "Sleep")
    day.mimoza.foot.get_by_role("button", name="Let it sleep").click()
    expect(day.mimoza.foot.get_by_role("button", name="Wake up")).to_be_visible()
    day.jonas.write("Ich habe noch eine Frage.")
    expect(day.mimoza.thread.locator(".message.person .said").last).to_have_text("Ich habe noch eine Frage.")
    day.mimoza.page.reload()
    expect(day.mimoza.foot.get_by_role("button", name="Wake up")).to_have_count(0)


def they_end(day: Day) -> None:
    for desk, name, one in ((day.mimoza, "Jonas", day.jonas), (day.mimoza, "Arta", day.arta)):
        open_of(desk, "Mine", name)
        desk.close_chat("advised")
        one.choose("rating", "rating", "yes")
        one.asked("intake", "situation")
    open_of(day.driton, "Mine", "Vesna")
    day.driton.close_chat("advised")
    expect(day.vesna.page.locator("#waiting")).to_be_hidden()


def the_evening(day: Day) -> None:
    """The coordinator sees what the day was, and nobody holds a chat."""
    page = day.coordinator.page
    page.goto("/console/day")
    team = page.locator("tr")
    for name, closed in (("Mimoza", "2"), ("Driton", "1")):
        row = team.filter(has_text=name)
        expect(row.locator("td").nth(1)).to_have_text("0")
        expect(row.locator("td").nth(4)).to_have_text(closed)
    day.pictures.take(page, "day-2-evening")


def fold(desk: Desk, name: str) -> None:
    summary(desk, name).click()


def summary(desk: Desk, name: str) -> Locator:
    return desk.foot.locator("summary").get_by_text(name, exact=True)


def open_of(desk: Desk, tab: str, name: str) -> None:
    """A chat in another part of the queue."""
    desk.page.goto(f"/console?tab={tab.lower()}")
    desk.open(name)
