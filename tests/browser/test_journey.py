"""The whole way of a person, on the real service: their phone and a counsellor's desk open side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.receive.texts import CARD_FOR_A_TAP, GO_ON, MARKED_URGENT, WRITE_NOW
from bot.render import LEAVE
from bot.render.suggestions import PERHAPS, SUGGESTED
from bot.web.chat_texts import TEXTS
from conversations.one_phone import SIGNS
from tests.browser.sides import (
    PASSWORD,
    RETENTION_DAYS,
    Desk,
    Pictures,
    Returnee,
    Service,
    running,
    step_of,
    translator,
)

NAME = "Dafina"
STEP = step_of("employment", "plan_step").what["register"]
MISSING = "Më mungon certifikata e lindjes. Ku ta marr?"
ANSWER = "Mirëdita, Dafina. Certifikatën e merrni në komunën tuaj. Po ju caktoj takim."
THANKS = "Faleminderit shumë!"
NOTE = "Birth certificate: appointment in Prizren on Friday."


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, databases: None) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service")) as started:
        yield started


@pytest.fixture(scope="module")
def pictures(browser: Browser) -> Pictures:
    return Pictures(browser)


@pytest.fixture
def desk(browser: Browser, service: Service) -> Iterator[Desk]:
    opened = Desk(browser, service, service.login, service.password)
    yield opened
    opened.close()


@pytest.fixture
def colleague(browser: Browser, service: Service) -> Iterator[Desk]:
    service.command("counsellor", "add", "mimoza", "--name", "Mimoza", "--password", PASSWORD)
    opened = Desk(browser, service, "mimoza", PASSWORD)
    yield opened
    opened.close()


@pytest.fixture
def returnee(browser: Browser, service: Service, request: pytest.FixtureRequest) -> Iterator[Returnee]:
    opened = Returnee(browser, service, getattr(request, "param", "sq"))
    yield opened
    opened.close()


# ---------------------------------------------------------------------- the whole way, in Albanian


def test_the_whole_way_of_a_person(
    returnee: Returnee, desk: Desk, colleague: Desk, pictures: Pictures
) -> None:
    with returnee.stays():
        first_contact(returnee, pictures)
        short_intake(returnee, pictures)
        summary(returnee, pictures)
        an_area(returnee, pictures)
        a_week_later(returnee, desk, pictures)
        hand_off(returnee, desk, pictures)
        only_one_has_the_chat(desk, colleague)
        the_talk(returnee, desk, pictures)
        the_end_of_the_talk(returnee, desk, pictures)
    history_stays(returnee)


def first_contact(returnee: Returnee, pictures: Pictures) -> None:
    returnee.asked("welcome", "language")
    pictures.take(returnee.page, "phone-1-language")
    returnee.tap(translator.names()["sq"])
    returnee.asked("welcome", "keep", retention_days=RETENTION_DAYS)
    returnee.to_end()
    pictures.take(returnee.page, "phone-2-consent")
    returnee.tap(returnee.choice("welcome", "keep", "yes"))
    returnee.choose("welcome", "begin", "yes")


def short_intake(returnee: Returnee, pictures: Pictures) -> None:
    month = datetime.now(UTC) - timedelta(days=45)
    returnee.answer("intake", "name", NAME)
    returnee.asked("intake", "situation")
    pictures.take(returnee.page, "phone-3-intake")
    returnee.choose("intake", "situation", "returned")
    returnee.answer("intake", "return_date", translator.partial_date("sq", f"{month:%Y-%m}"))
    returnee.answer("intake", "country", translator.place("sq", {"en": "Germany", "sq": "Gjermani"}))
    returnee.answer("intake", "land", "Bayern")
    returnee.answer("intake", "months_abroad", translator.months("sq", 36))
    returnee.choose("intake", "return_kind", "forced")
    returnee.answer("intake", "left_year", "2014")
    returnee.answer("intake", "municipality", "pri")
    expect(returnee.page.locator(".answers .choices button")).to_have_text(["Prishtinë", "Prizren"])
    returnee.tap("Prizren")
    returnee.choose("intake", "first_need", "reintegration")
    returnee.choose("intake", "enough", "later")


def summary(returnee: Returnee, pictures: Pictures) -> None:
    """One line is changed with a tap, the others stay."""
    returnee.asked("intake", "summary")
    for line in (NAME, "Prizren", "2014", translator.months("sq", 36)):
        expect(returnee.newest).to_contain_text(line)
    pictures.take(returnee.page, "phone-4-summary")
    label = returnee.word(step_of("intake", "first_need").label)
    line = returnee.page.locator(".answers").get_by_role("button", name=re.compile(rf"^\d+\. {label}$"))
    line.click()
    returnee.choose("intake", "first_need", "employment")
    returnee.asked("intake", "summary")
    expect(returnee.newest).to_contain_text(f"{label}: {returnee.choice('intake', 'first_need', 'employment')}")
    expect(returnee.newest).to_contain_text("Prizren")
    returnee.tap(returnee.word(step_of("intake", "summary").confirm))
    returnee.choose("intake", "may_ask", "yes")
    either = "|".join(re.escape(returnee.word(text)) for text in (SUGGESTED, PERHAPS))
    expect(returnee.said.filter(has_text=re.compile(either)).last).to_be_visible()
    returnee.asked("first_area", "area")
    pictures.take(returnee.page, "phone-5-suggestions")


def an_area(returnee: Returnee, pictures: Pictures) -> None:
    returnee.choose("first_area", "area", "employment")
    returnee.choose("employment", "subject", "find_work")
    returnee.choose("employment", "about_find_work", "register")
    returnee.asked("employment", "after")
    fact = returnee.page.locator(".message.fact").last
    expect(fact.locator(".source")).to_be_visible()
    pictures.take(returnee.page, "phone-6-fact")
    returnee.choose("employment", "after", "plan")
    returnee.asked("employment", "more")
    returnee.choose("employment", "more", "menu")
    returnee.choose("menu", "menu", "plan")
    returnee.asked("plan", "step")
    expect(returnee.button(returnee.word(STEP))).to_be_visible()


def a_week_later(returnee: Returnee, desk: Desk, pictures: Pictures) -> None:
    """The clock is turned in the console, and the check-in comes by itself."""
    desk.turn_clock("+1 week")
    returnee.choose("step_soon", "ready", "now")
    returnee.choose("step_soon", "well", "yes")
    desk.turn_clock("+1 week")
    returnee.asked("check_in", "ready")
    under_the_new_day = returnee.page.locator(".day + .message .bubble").last
    expect(under_the_new_day).to_contain_text(returnee.question("check_in", "ready"))
    pictures.take(returnee.page, "phone-7-check-in")
    returnee.choose("check_in", "ready", "now")
    returnee.asked("check_in", "steps/1/how", what=returnee.word(STEP))
    returnee.tap(returnee.choice("check_in", "steps/1/how", "stuck"))
    returnee.choose("check_in", "steps/1/obstacle", "paper")
    returnee.choose("check_in", "money", "so_so")
    returnee.choose("check_in", "people", "so_so")
    returnee.choose("check_in", "mood", "so_so")
    returnee.choose("check_in", "news", "nothing")


def hand_off(returnee: Returnee, desk: Desk, pictures: Pictures) -> None:
    """The ticket appears at the desk without a reload."""
    expect(desk.item(NAME)).to_have_count(0)
    with desk.stays():
        returnee.choose("check_in", "someone", "yes")
        returnee.sees(WRITE_NOW)
        expect(returnee.page.locator("#waiting")).to_have_text(returnee.word(TEXTS["waiting"]))
        expect(desk.item(NAME)).to_be_visible()
        pictures.take(returnee.page, "phone-8-hand-off")
        pictures.take(desk.page, "console-1-queue")


def only_one_has_the_chat(desk: Desk, colleague: Desk) -> None:
    desk.open(NAME)
    colleague.open(NAME)
    desk.claim()
    expect(colleague.page.locator("#chat-head .status")).to_have_text("With Coordinator")
    expect(colleague.page.get_by_role("button", name="Take this chat")).to_have_count(0)
    expect(colleague.page.get_by_label("Reply to the person")).to_have_count(0)
    address = colleague.page.url.partition("?")[0]
    colleague.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<form id=late method=post></form>');"
        f"document.getElementById('late').action = '{address}/claim'; document.getElementById('late').submit();"
    )
    expect(colleague.foot).to_contain_text("Coordinator already has this chat.")


def the_talk(returnee: Returnee, desk: Desk, pictures: Pictures) -> None:
    """Each sees what the other writes, at once; the bot is silent."""
    with desk.stays():
        by_the_bot = returnee.page.locator(".message.bot")
        before = by_the_bot.count()
        by_the_person = desk.thread.locator(".message.person .said")
        returnee.write(MISSING)
        expect(by_the_person.last).to_have_text(MISSING)
        desk.reply(ANSWER)
        expect(returnee.page.locator(".message.counsellor .bubble")).to_have_text(ANSWER)
        expect(returnee.page.locator("#waiting")).to_contain_text("Coordinator")
        returnee.write(THANKS)
        expect(by_the_person.last).to_have_text(THANKS)
        desk.note(NOTE)
        expect(desk.thread.locator(".message.note")).to_contain_text("not seen by the person")
        assert by_the_bot.count() == before
        expect(returnee.button(returnee.word(LEAVE))).to_be_visible()
    pictures.take(returnee.page, "phone-9-counsellor")
    pictures.take(desk.page, "console-2-chat")
    pictures.side_by_side(returnee.page, desk.page, "overview")
    desk.page.get_by_role("link", name="Whole page").click()
    expect(desk.page.locator(".sheet")).to_contain_text("Prizren")
    pictures.take(desk.page, "console-3-person")
    desk.page.get_by_role("link", name="← Chat").click()


def the_end_of_the_talk(returnee: Returnee, desk: Desk, pictures: Pictures) -> None:
    desk.close_chat("advised")
    returnee.asked("rating", "rating")
    expect(returnee.page.locator("#waiting")).to_be_hidden()
    pictures.take(returnee.page, "phone-10-rating")
    returnee.tap(returnee.choice("rating", "rating", "yes"))
    returnee.asked("check_in", "next", as_planned="")
    returnee.tap(returnee.choice("check_in", "next", "week"))
    returnee.asked("plan", "step")
    returnee.bar("Menu")
    returnee.asked("menu", "menu")


def history_stays(returnee: Returnee) -> None:
    before = returnee.page.locator(".bubble").all_inner_texts()
    returnee.page.reload()
    expect(returnee.page.locator(".bubble")).to_have_count(len(before))
    assert returnee.page.locator(".bubble").all_inner_texts() == before
    expect(returnee.page.locator("body")).not_to_contain_text(NOTE)
    returnee.asked("menu", "menu")


# ---------------------------------------------------------------------- a short way, in German


@pytest.mark.parametrize("returnee", ["de"], indirect=True)
def test_a_talk_in_the_middle_of_a_question_in_german(returnee: Returnee, desk: Desk) -> None:
    returnee.tap(translator.names()["de"])
    returnee.asked("welcome", "keep", retention_days=RETENTION_DAYS)
    returnee.tap(returnee.choice("welcome", "keep", "yes"))
    returnee.choose("welcome", "begin", "yes")
    returnee.answer("intake", "name", "Jonas")
    returnee.choose("intake", "situation", "returned")
    returnee.asked("intake", "return_date")
    returnee.bar("Talk to a counsellor")
    returnee.sees(WRITE_NOW)
    desk.open("Jonas")
    desk.claim()
    desk.reply("Guten Tag, wie kann ich helfen?")
    expect(returnee.newest).to_have_text("Guten Tag, wie kann ich helfen?")
    desk.close_chat("advised")
    returnee.choose("rating", "rating", "partly")
    returnee.sees(GO_ON)
    returnee.asked("intake", "return_date")
    returnee.write("Mai 2024")
    returnee.asked("intake", "country")


# ---------------------------------------------------------------------- help now, and away


@pytest.mark.parametrize("returnee", ["sr"], indirect=True)
def test_help_now_shows_the_numbers_and_stands_at_the_top(
    returnee: Returnee, desk: Desk, pictures: Pictures
) -> None:
    returnee.tap(translator.names()["sr"])
    returnee.asked("welcome", "keep", retention_days=RETENTION_DAYS)
    with desk.stays():
        urgent = desk.queue.locator("a.item .urgent")
        before = urgent.count()
        returnee.bar("I need help now")
        card = returnee.said.filter(has_text=returnee.word(CARD_FOR_A_TAP).split("\n")[0])
        expect(card.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
        expect(returnee.said.filter(has_text=returnee.word(MARKED_URGENT))).to_be_visible()
        expect(urgent).to_have_count(before + 1)
        for one in desk.queue.locator("a.item").all()[: before + 1]:
            expect(one.locator(".urgent")).to_be_visible()
    pictures.take(returnee.page, "phone-11-help-now")
    pictures.take(desk.page, "console-4-urgent")


def test_leaving_takes_one_tap(returnee: Returnee) -> None:
    returnee.page.context.route(re.compile("wikipedia"), lambda route: route.fulfill(body="elsewhere"))
    returnee.asked("welcome", "language")
    returnee.bar("Leave this page")
    returnee.page.wait_for_url(re.compile("wikipedia"))
    expect(returnee.page.locator("body")).to_have_text("elsewhere")


# ---------------------------------------------------------------------- back on another device


def somebody_else_waits_there(page: Page) -> None:
    """Words and a file of another chat in the same browser, which were not sent yet."""
    page.goto("/")
    expect(page.locator(".choices").get_by_role("button", name="English")).to_be_visible()
    for where in ("**/chat/messages", "**/chat/files*"):
        page.route(where, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.fill("#text", "words of somebody else")
    page.locator(".send").click()
    page.get_by_role("button", name="Photo, voice, place").click()
    expect(page.get_by_role("button", name="Photo or file")).to_be_visible()
    file = {"name": "somebody else.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    page.set_input_files("#file", [file])
    page.wait_for_function("() => localStorage.getItem('chat-files') === '1'")
    page.unroute_all()


@pytest.mark.parametrize("returnee", ["en"], indirect=True)
def test_with_a_private_link_the_chat_goes_on_in_another_browser(
    browser: Browser, service: Service, returnee: Returnee
) -> None:
    returnee.tap("English")
    returnee.tap(returnee.choice("welcome", "keep", "yes"))
    returnee.write("my data")
    returnee.choose("my_data", "what", "apps")
    returnee.choose("apps", "what", "link")
    returnee.page.get_by_role("button", name="Show the link").click()
    box = returnee.page.locator(".way-back")
    expect(box).to_contain_text("There is no link now.")
    box.get_by_role("button", name="Make a link").click()
    field = box.get_by_label("Private link")
    expect(field).to_have_value(re.compile(f"^{re.escape(service.address)}/back#[\\w-]{{43}}$"))
    link = field.input_value()
    assert link not in returnee.page.locator("#log").inner_text()

    other = browser.new_context(base_url=service.address, locale="en-GB")
    asked: list[str] = []
    page = other.new_page()
    page.on("request", lambda request: asked.append(request.url + str(request.headers)))
    somebody_else_waits_there(page)
    page.goto(link)
    expect(page.get_by_role("button", name="Open the chat here")).to_be_visible()
    assert page.title() == "Chat" and page.url == f"{service.address}/back", "nothing of the key is left to be seen"
    page.get_by_role("button", name="Open the chat here").click()
    expect(page.locator(".message.person .bubble", has_text="my data")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.locator(".message.person .bubble", has_text="my data")).to_be_visible()
    expect(page.locator("#log")).not_to_contain_text(re.compile("somebody else"))
    key = link.partition("#")[2]
    assert not any(key in one for one in asked), "it is in no address and no Referer"
    page.goto(link)
    page.get_by_role("button", name="Open the chat here").click()
    expect(page.locator("#told")).to_contain_text("does not work any more")

    box.get_by_role("button", name="Close this chat on all other devices").click()
    expect(box).to_contain_text("open only here")
    page.goto("/")
    expect(page.locator(".choices").get_by_role("button", name="English")).to_be_visible()
    assert "my data" not in page.locator("#log").inner_text()
    returnee.write("are you there?")
    expect(returnee.page.locator(".message.bot").last).to_be_visible()
    other.close()


WAITS_FROM_BEFORE = """() => {
    localStorage.setItem("chat-outbox", JSON.stringify([{key: "f".repeat(32), text: "not sent while I had it"}]));
    localStorage.setItem("chat-whose", "of somebody else");
}"""


@pytest.mark.parametrize("returnee", ["en"], indirect=True)
def test_two_people_in_one_browser_see_nothing_of_each_other(returnee: Returnee) -> None:
    page, log = returnee.page, returnee.page.locator("#log")
    returnee.tap("English")
    returnee.tap(returnee.choice("welcome", "keep", "yes"))
    returnee.write("somebody else uses this phone")
    returnee.choose("share", "sure", "yes")
    returnee.tap(SIGNS["tree"])
    digits = page.locator("#text")
    digits.fill("2468")
    page.locator(".send").click()
    expect(log).to_contain_text("Close my chat")
    returnee.to_end()
    returnee.button("Close my chat").click()
    expect(log).to_contain_text("Hello. Who is writing?")
    expect(log).not_to_contain_text("somebody else uses this phone")
    page.evaluate(WAITS_FROM_BEFORE)
    page.reload()
    expect(log).to_contain_text("Hello. Who is writing?")
    page.wait_for_function("() => localStorage.getItem('chat-outbox') === null")
    returnee.tap(SIGNS["tree"])
    digits.fill("2468")
    page.locator(".send").click()
    expect(returnee.button("Close my chat")).to_be_visible()
    expect(log).not_to_contain_text("2468")
    expect(log).not_to_contain_text("not sent while I had it")
