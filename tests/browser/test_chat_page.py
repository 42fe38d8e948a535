"""The web chat's page in a real browser, talking to a small scripted bot over real HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Response, Route, expect

from bot.channels.base import Button
from bot.channels.web_chat import WebChat
from bot.live import Live
from bot.web.chat import chat_routes
from bot.web.thread import Thread, ThreadMessage
from conversations.events import FromPerson, Media, Message, Started, Tap
from tests.support.axe import faults

LANGUAGES = {"en": "English", "de": "Deutsch"}
GERMAN = {"Talk to a counsellor": "Mit einem Menschen sprechen", "I need help now": "Ich brauche jetzt Hilfe",
          "Write here": "Hier schreiben", "Leave this page": "Seite verlassen",
          "Close the chat": "Chat schließen"}
MOVES = (Button("Back", "1:q:back", "move"), Button("Skip", "1:q:skip", "move"))
LABELS = {"!human": "Talk to a counsellor", "!danger": "I need help now", "!menu": "Menu",
          "!language": "Language", "1:q:returned": "I have come back to Kosovo"}
FACT = (
    "NARIC checks university diplomas from abroad.\nThe fee for a bachelor is 30 euros. Call 038 213 267.\n"
    "Source: https://masht.rks-gov.net. Last checked: 22 November 2026."
)


class ScriptedBot:
    """Answers by a few rules; stores as the real one does: each key once, reply and message together."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.ids = count(1)
        self.now = datetime.now(UTC)
        self.threads: dict[str, list[ThreadMessage]] = {}
        self.keys: list[str] = []
        self.language = "en"
        self.waiting = False
        self.broken = False
        self.media: list[Media] = []
        self.started: list[Started] = []

    async def handle(self, events: Sequence[FromPerson]) -> None:
        if self.broken:
            raise OSError
        for event in events:
            if event.key not in self.keys:
                self.keys.append(event.key)
                self._take(event)
                self._answer(event)
                self.live.publish(f"web:{event.address}")

    async def thread(self, address: str, after: int, limit: int) -> Thread:
        if address not in self.threads:
            return Thread()
        later = [one for one in self.threads[address] if one.id > after]
        return Thread(later[:limit], self.language, self.waiting, "Arta" if self.waiting else None)

    def write(
        self, address: str, text: str, *buttons: Button, style: str = "plain", columns: int = 1,
        author: Literal["bot", "counsellor"] = "bot",
    ) -> None:
        self._store(address, ThreadMessage(0, author, "text", text, "", buttons, columns, style))

    def _store(self, address: str, message: ThreadMessage) -> None:
        stored = replace(message, id=next(self.ids), at=self.now.isoformat())
        self.threads.setdefault(address, []).append(stored)

    def _take(self, event: FromPerson) -> None:
        kind = "tap" if isinstance(event, Tap) else "started" if isinstance(event, Started) else "text"
        if isinstance(event, Media):
            self._store(event.address, ThreadMessage(0, "person", event.kind, "", "", key=event.key))
            self.media.append(event)
            return
        text = event.text if isinstance(event, Message) else LABELS.get(getattr(event, "data", ""), "Yes")
        own = ThreadMessage(0, "person", kind, "" if kind == "started" else text, "", key=event.key)
        self._store(event.address, own)

    def _answer(self, event: FromPerson) -> None:
        if isinstance(event, Started):
            self.started.append(event)
            self._greet(event.address)
        elif isinstance(event, Message):
            self.write(event.address, f"You wrote: {event.text}")
        elif isinstance(event, Media):
            self.write(event.address, f"Thank you for the {event.kind}.")
        elif isinstance(event, Tap):
            self._tapped(event.address, event.data)

    def _greet(self, address: str) -> None:
        self.write(address, "Hello. I am a computer program, not a person.\nEverything here is free.")
        self.write(
            address, "Which of these is you?", Button("I have come back to Kosovo", "1:q:returned"),
            Button("I am still abroad and plan to come back", "1:q:returning"),
            Button("I live here", "1:q:resident"), *MOVES,
        )

    def _tapped(self, address: str, data: str) -> None:
        if data == "!human":
            self.waiting = True
            self.write(address, "Your message is with our team. Someone usually answers within 2 hours.")
        elif data == "!danger":
            self.write(address, "Thank you for writing this.\nIf you are in danger now, call 112. "
                       "The call is free.", style="card")
        elif data == "!language":
            self.language = "de"
            self.write(address, "Wir schreiben jetzt Deutsch.")
        else:
            self._ask_month(address)

    def _ask_month(self, address: str) -> None:
        self.write(address, "Your papers", style="heading")
        self.write(address, FACT, style="fact")
        self.write(address, "This is your file.", Button("Fetch my file", "/chat/my-data/page", "link"))
        months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        self.write(address, "In which month did you come back?",
                   *(Button(one, f"1:m:{one}") for one in months), *MOVES, columns=3)


class Site:
    def __init__(self, may_embed: tuple[str, ...] = (), pushes: bool = False) -> None:
        self.live = Live()
        self.bot = ScriptedBot(self.live)
        self.channel = WebChat(self.live)
        self.files: list[bytes] = []
        self.app = FastAPI()
        self.app.include_router(
            chat_routes(self.channel, self.bot, self.live, lambda: datetime.now(UTC), self.texts, LANGUAGES,
                        lambda header: "en", title="Counselling centre Pristina", keep_file=self.keep_file,
                        may_embed=may_embed, pushes=pushes)
        )
        self.address = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    async def keep_file(self, channel: str, key: str, content: bytes) -> Literal["stored"]:
        self.files.append(content)
        return "stored"

    @staticmethod
    def texts(language: str, text: str) -> str:
        return GERMAN.get(text, text) if language == "de" else text

    def inside(self, act: Callable[[], None]) -> None:
        """Do something where the server runs."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(act)

    def tell(self, text: str, author: Literal["bot", "counsellor"] = "bot") -> None:
        """Say something to everyone, unasked."""

        def act() -> None:
            for address in self.bot.threads:
                self.bot.write(address, text, author=author)
                self.live.publish(f"web:{address}")

        self.inside(act)

    def serve(self, listener: socket.socket) -> tuple[uvicorn.Server, threading.Thread]:
        server = uvicorn.Server(uvicorn.Config(self.app, log_level="error", lifespan="off", ws="none"))

        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            await self.channel.start(self.bot.handle)
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=asyncio.run, args=[run()], daemon=True)
        thread.start()
        return server, thread


@contextmanager
def served(may_embed: tuple[str, ...] = (), pushes: bool = False) -> Iterator[Site]:
    listener = socket.create_server(("127.0.0.1", 0))
    built = Site(may_embed, pushes)
    built.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server, thread = built.serve(listener)
    try:
        yield built
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as built:
        yield built


@pytest.fixture(params=[390, 1280], ids=["phone", "desk"])
def page(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Page]:
    width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, has_touch=width < 600, is_mobile=width < 600, locale="en-GB"
    )
    context.route(re.compile("wikipedia"), lambda route: route.fulfill(body="elsewhere"))
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if "Security" in line.text else None)
    opened.goto(site.address)
    yield opened
    context.close()
    assert problems == []


def write(page: Page, text: str) -> None:
    page.get_by_label("Write here").fill(text)
    page.get_by_role("button", name="Send").click()


def texts_of(page: Page) -> list[str]:
    return page.locator(".message .bubble").all_inner_texts()


def test_a_tapped_answer_becomes_the_persons_bubble(page: Page) -> None:
    page.get_by_role("button", name="I have come back to Kosovo").click()
    expect(page.locator(".person .bubble")).to_have_text("I have come back to Kosovo")
    expect(page.get_by_role("button", name="Nov")).to_be_visible()
    expect(page.get_by_role("button", name="I live here")).to_have_count(0)
    expect(page.locator("h2")).to_have_text("Your papers")
    expect(page.locator(".source")).to_contain_text("Source:")
    expect(page.get_by_role("link", name="038 213 267")).to_have_attribute("href", "tel:038213267")
    expect(page.locator(".source a")).to_have_attribute("href", "https://masht.rks-gov.net")


def test_a_message_is_confirmed_and_still_there_after_a_reload(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    write(page, "<b>one</b>\ntwo")
    expect(page.locator(".person:not(.pending) .bubble")).to_have_text("<b>one</b>\ntwo")
    expect(page.locator(".bot .bubble").last).to_contain_text("You wrote: <b>one</b>")
    before = texts_of(page)
    page.reload()
    expect(page.locator(".bubble")).to_have_count(len(before))
    assert texts_of(page) == before
    assert len(site.bot.threads) == 1


def test_without_a_line_a_message_is_kept_and_sent_once(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    page.context.set_offline(True)
    write(page, "from the bus")
    expect(page.locator(".pending")).to_contain_text("Sending")
    expect(page.locator("#offline")).to_contain_text("Your message is kept")
    page.context.set_offline(False)
    expect(page.locator(".person:not(.pending)")).to_contain_text("from the bus")
    expect(page.locator("#offline")).to_be_hidden()
    expect(page.locator(".bubble", has_text="You wrote: from the bus")).to_have_count(1)
    assert page.evaluate("localStorage.length") == 0


def test_what_was_kept_survives_a_reload_and_a_broken_server(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    site.bot.broken = True
    write(page, "keep me")
    expect(page.locator("#offline")).to_be_visible()
    page.reload()
    expect(page.locator(".pending")).to_contain_text("keep me")
    site.bot.broken = False
    expect(page.locator(".bubble", has_text="You wrote: keep me")).to_have_count(1)
    expect(page.locator(".person")).to_have_count(1)


def test_a_counsellor_is_told_from_the_program(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Talk to a counsellor").click()
    expect(page.locator("#waiting")).to_contain_text("A counsellor: Arta")
    site.tell("Good morning. What happened?", "counsellor")
    expect(page.locator(".counsellor")).to_contain_text("A counsellor")
    expect(page.locator(".counsellor .bubble")).to_have_text("Good morning. What happened?")


def test_what_a_counsellor_takes_back_vanishes_from_an_open_page(page: Page, site: Site) -> None:
    page.get_by_role("button", name="Talk to a counsellor").click()
    expect(page.locator("#waiting")).to_contain_text("A counsellor: Arta")
    site.tell("Good morning.", "counsellor")
    site.tell("Besa, your papers are here.", "counsellor")
    site.tell("What happened?", "counsellor")
    expect(page.locator(".counsellor")).to_have_count(3)
    wrong = int(page.locator(".counsellor", has_text="Besa").get_attribute("data-id") or 0)

    def take_back() -> None:
        for address in site.bot.threads:
            site.bot.threads[address] = [replace(one, text="") if one.id == wrong else one
                                         for one in site.bot.threads[address]]
            site.bot._store(address, ThreadMessage(0, "bot", "take_back", "", "", takes_back=wrong))
            site.live.publish(f"web:{address}")

    site.inside(take_back)
    expect(page.locator(".counsellor")).to_have_count(2)
    expect(page.locator("body")).not_to_contain_text("Besa")
    page.reload()
    expect(page.locator(".counsellor .bubble")).to_have_text(["Good morning.", "What happened?"])


def test_in_a_talk_the_page_says_what_has_arrived_and_what_was_looked_at(page: Page, site: Site) -> None:
    """To the program alone it says nothing of it."""
    told: list[dict[str, int]] = []

    def take(route: Route) -> None:
        told.append(route.request.post_data_json)
        route.fulfill(json={"ok": True})

    def is_seen(answer: Response) -> bool:
        return answer.url.endswith("/chat/seen")

    page.route("**/chat/seen", take)
    write(page, "hello")
    expect(page.locator(".message.bot").last).to_contain_text("You wrote: hello")
    assert told == []
    with page.expect_response("**/chat/seen"):
        page.get_by_role("button", name="Talk to a counsellor").click()
    before = max(one["up_to"] for one in told)
    with page.expect_response(lambda answer: is_seen(answer) and answer.request.post_data_json["up_to"] > before):
        site.tell("Good morning. What happened?", "counsellor")
    expect(page.locator(".counsellor")).to_be_visible()
    assert told[-1]["seen"] is True


def test_help_now_leads_to_a_number_that_can_be_called(page: Page) -> None:
    page.get_by_role("button", name="I need help now").click()
    expect(page.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")


def test_the_page_changes_its_language_with_the_chat(page: Page) -> None:
    page.get_by_role("button", name="Language").click()
    expect(page.get_by_role("button", name="Ich brauche jetzt Hilfe")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_placeholder("Hier schreiben")).to_be_visible()


def test_leaving_takes_one_tap(page: Page) -> None:
    page.get_by_role("button", name="Leave this page").click()
    page.wait_for_url(re.compile("wikipedia"))


def test_leaving_takes_two_escapes(page: Page) -> None:
    page.get_by_label("Write here").press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("wikipedia"))


def test_the_page_polls_when_the_stream_fails(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    page.route("**/chat/events*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    page.wait_for_timeout(100)
    site.tell("Still here")
    expect(page.locator(".bubble", has_text="Still here")).to_be_visible()


def test_a_lost_cookie_starts_anew(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    page.context.clear_cookies()
    write(page, "who am I")
    expect(page.locator(".bubble", has_text="You wrote: who am I")).to_be_visible()
    assert len(site.bot.threads) == 2


def test_everything_can_be_reached_with_the_keyboard(page: Page) -> None:
    answer = page.get_by_role("button", name="I live here")
    answer.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Jan")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Fetch my file")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Jan")).to_be_focused()


def test_nothing_is_wider_than_the_narrowest_phone(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 320, "height": 560})
    page.get_by_role("button", name="I have come back to Kosovo").click()
    expect(page.get_by_role("button", name="Dec")).to_be_visible()
    write(page, "x" * 300)
    expect(page.locator(".bubble", has_text="You wrote: xxx")).to_be_visible()
    for selector in ("html", "#log"):
        wide = page.locator(selector).evaluate("one => one.scrollWidth - one.clientWidth")
        assert wide == 0, selector
    for one in page.get_by_role("button").all():
        box = one.bounding_box()
        assert box is None or box["height"] >= 44


def test_what_is_new_is_read_from_its_beginning(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    for _ in range(4):
        write(page, "line\n" * 6)
    expect(page.locator(".person:not(.pending)")).to_have_count(4)
    site.tell("first of many\n" + "word\n" * 60)
    expect(page.get_by_role("button", name="New messages")).to_be_visible()
    expect(page.get_by_text("first of many")).to_be_in_viewport()
    page.get_by_role("button", name="New messages").click()
    expect(page.get_by_role("button", name="New messages")).to_be_hidden()


def test_days_stand_between_the_messages(page: Page, site: Site) -> None:
    expect(page.locator(".day")).to_have_count(1)
    site.bot.now += timedelta(days=1)
    site.tell("Good morning")
    expect(page.locator(".day")).to_have_count(2)


def test_days_are_written_in_words_of_the_language_or_in_numbers(page: Page, site: Site) -> None:
    """Never in what a browser has for a language that it does not know: "M11 30, Mon"."""
    expect(page.locator(".day")).to_have_count(1)
    for at, code in enumerate(("sq", "sr", "bs", "tr"), start=2):
        page.evaluate("code => { document.documentElement.lang = code; }", code)
        site.bot.now += timedelta(days=1)
        site.tell(code)
        expect(page.locator(".day")).to_have_count(at)
        said = page.locator(".day").last.inner_text()
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4}|[^\d]*\d{1,2}\.? [^\d]{3,}", said), (code, said)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(page: Page, site: Site, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.get_by_role("button", name="I have come back to Kosovo").click()
    page.get_by_role("button", name="Talk to a counsellor").click()
    site.tell("Good morning", "counsellor")
    expect(page.locator(".counsellor")).to_be_visible()
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    weak = page.evaluate(CONTRASTS)
    assert weak == []
    found = faults(page)
    assert not found, "\n".join(found)


CONTRASTS = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((one) => one / 255)
      .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (one) => {
    for (let node = one; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const one of document.querySelectorAll("body *")) {
    if (!Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.data.trim())) continue;
    if (one.closest("noscript, .unseen, [hidden]")) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))].sort((p, q) => q - p);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) weak.push(one.textContent.slice(0, 40) + " " + ratio.toFixed(2));
  }
  return weak;
}"""


# ---------------------------------------------------------------- beside words

RECORDER = """
window.MediaRecorder = class extends EventTarget {
  constructor() { super(); this.mimeType = "audio/webm"; }
  start() {}
  stop() {
    const said = new Event("dataavailable");
    said.data = new Blob([new Uint8Array([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d])]);
    this.dispatchEvent(said);
    this.dispatchEvent(new Event("stop"));
  }
};
Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: async () => {
  if (window.forbidden) throw new Error("no");
  return { getTracks: () => [{ stop() {} }] };
} } });
"""


def more(page: Page) -> None:
    page.get_by_role("button", name="Photo, voice, place").click()
    expect(page.get_by_role("button", name="Photo or file")).to_be_visible()


def large_photo(page: Page) -> bytes:
    """As a camera makes it, 3,000 pixels wide."""
    made = page.evaluate("""async () => {
      const canvas = new OffscreenCanvas(3000, 1500);
      canvas.getContext("2d").fillRect(0, 0, 3000, 1500);
      return Array.from(new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer()));
    }""")
    return bytes(made)


def test_a_photo_is_made_smaller_and_sent(page: Page, site: Site) -> None:
    photo = large_photo(page)
    more(page)
    page.set_input_files("#file", [{"name": "IMG_1.png", "mimeType": "image/png", "buffer": photo}])
    expect(page.locator(".person:not(.pending) .bubble")).to_have_text("Photo")
    expect(page.locator(".bot .bubble").last).to_have_text("Thank you for the photo.")
    [sent] = site.files
    assert sent.startswith(b"\xff\xd8\xff")
    assert site.bot.media[0].data == {"name": None, "size": len(sent)}, "the phone's name for it stays on the phone"
    expect(page.locator("#more")).to_be_hidden()
    page.reload()
    expect(page.locator(".person .bubble")).to_have_text("Photo")


def test_without_a_line_a_file_is_sent_when_it_is_back(page: Page, site: Site) -> None:
    expect(page.get_by_role("button", name="I live here")).to_be_visible()
    more(page)
    page.context.set_offline(True)
    page.set_input_files("#file", [{"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}])
    expect(page.locator(".person.pending .bubble")).to_have_text("letter.pdf")
    expect(page.locator("#offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".person:not(.pending) .bubble")).to_have_text("letter.pdf")
    assert site.files == [b"%PDF-1.7"]


def test_without_a_line_files_wait_also_while_the_page_is_closed(page: Page, site: Site) -> None:
    more(page)
    page.context.set_offline(True)
    names = ("letter.pdf", "other.pdf")
    chosen = [{"name": one, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + one.encode()} for one in names]
    page.set_input_files("#file", chosen)
    expect(page.locator(".person.pending .bubble")).to_have_text(list(names))
    page.wait_for_function("() => localStorage.getItem('chat-files') === '1'")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(site.address)
    expect(again.locator(".person:not(.pending) .bubble")).to_have_text(list(names))
    assert site.files == [one["buffer"] for one in chosen]
    albums = {one.data["album"] for one in site.bot.media}
    assert len(albums) == 1, "they were sent at once"
    again.wait_for_function("() => localStorage.length === 0")
    again.reload()
    expect(again.locator(".bot .bubble").last).to_contain_text("Thank you for the document.")
    assert len(site.files) == 2, "once"


def test_a_voice_message_is_recorded_and_sent_or_not(page: Page, site: Site) -> None:
    page.add_init_script(RECORDER)
    page.reload()
    more(page)
    page.get_by_role("button", name="Voice message").click()
    page.get_by_role("button", name="Do not send").click()
    page.get_by_role("button", name="Voice message").click()
    page.get_by_role("button", name="Stop and send").click()
    expect(page.locator(".person:not(.pending) .bubble")).to_have_text("Voice message")
    assert [one.kind for one in site.bot.media] == ["voice"]


def test_without_a_microphone_the_page_says_what_to_do(page: Page) -> None:
    page.add_init_script(RECORDER + "window.forbidden = true;")
    page.reload()
    more(page)
    page.get_by_role("button", name="Voice message").click()
    expect(page.get_by_text("Your browser does not let us record. You can write instead.")).to_be_visible()


def test_a_place_is_sent_where_the_browser_tells_it(page: Page, site: Site) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 42.66, "longitude": 21.16})
    more(page)
    page.get_by_role("button", name="Where I am").click()
    expect(page.locator(".person:not(.pending) .bubble")).to_have_text("My place")
    assert [one.data for one in site.bot.media] == [{"latitude": 42.66, "longitude": 21.16}]


def test_a_place_that_the_browser_keeps_is_written_instead(page: Page) -> None:
    more(page)
    page.get_by_role("button", name="Where I am").click()
    expect(page.get_by_text("You can write it instead.")).to_be_visible()
