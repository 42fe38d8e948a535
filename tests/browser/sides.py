"""The real service as a process, and the two sides of a talk: a returnee's phone and a counsellor's desk."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import insert

from bot.app import AHEAD
from bot.translate import Translator
from conversations import CONVERSATIONS
from storage import schema
from storage.database import engine_for
from storage.tables import Setting
from tests.support.database import new as new_database
from tests.support.patience import PATIENCE, TO_START

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "screenshots"
PREFIX = "RETURNEE_BOT_"
RETENTION_DAYS = "90"
PASSWORD = "a-second-counsellor-4711"
ZONE = "Europe/Belgrade"
MORNING = 10
translator = Translator(default="sq")


def wait_until_morning(database: str) -> None:
    """Turn the demo's clock to ten o'clock: check-ins keep to the day, and the tests run at any hour."""
    now = datetime.now(ZoneInfo(ZONE))
    seconds = (MORNING - now.hour) % 24 * 3600 - now.minute * 60
    with engine_for(database) as engine:
        schema.upgrade(engine)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(insert(Setting).values(name=AHEAD, value=seconds))


def step_of(conversation: str, path: str) -> Any:
    """The tests take their words from the steps, so that a text is changed in one place."""
    return CONVERSATIONS[conversation].find(path)


# ---------------------------------------------------------------------- the service


@dataclass(frozen=True)
class Service:
    address: str
    login: str
    password: str
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """What another command of the bot prints, beside the running one."""
        made = subprocess.run([sys.executable, "-m", "bot", *words], env=self.environment, cwd=ROOT, check=True,
                              capture_output=True, text=True, timeout=TO_START)
        return made.stdout


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """`returnee-bot run --demo` on a free port, with a new database."""
    url = new_database(folder)
    wait_until_morning(url)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | {
        PREFIX + "DATA_DIR": str(folder), PREFIX + "DATABASE_URL": url, PREFIX + "HTTP_PORT": "0",
        PREFIX + "TIME_ZONE": ZONE, PREFIX + "OFFICE_HOURS": "Mon-Sun 00:00-23:59",
        PREFIX + "RETENTION_CASE_DAYS": RETENTION_DAYS,
    }
    errors = folder / "stderr.txt"
    with errors.open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "bot", "run", "--demo"], env=environment, cwd=ROOT,
                                   stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            said = _greeting(process)
            assert "Console" in said, f"{said}\n{errors.read_text()}"
            login, password = said["First sign-in"].split()[:2]
            yield Service(said["Web chat"].rstrip("/"), login, password, environment)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)
    complaints = [line for line in errors.read_text().splitlines() if json.loads(line)["level"] != "info"]
    assert complaints == [], f"the service complained: {complaints}"


def _greeting(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    too_late = threading.Timer(TO_START, process.kill)
    too_late.start()
    said = {}
    for line in process.stdout:
        name, _, value = line.partition(":")
        said[name.strip()] = value.strip()
        if line.startswith("Stop"):
            break
    too_late.cancel()
    return said


# ---------------------------------------------------------------------- pictures


class Pictures:
    """Screenshots for docs/, when SCREENSHOTS=1 asks for them."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.wanted = os.environ.get("SCREENSHOTS") == "1"
        if self.wanted:
            PICTURES.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        if self.wanted:
            page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    def side_by_side(self, phone: Page, desk: Page, name: str) -> None:
        """Both pages in one wide picture."""
        if not self.wanted:
            return
        images = [base64.b64encode(page.screenshot(animations="disabled")).decode() for page in (phone, desk)]
        page = self.browser.new_page(viewport={"width": 1802, "height": 924})
        page.set_content(SIDE_BY_SIDE.format(*images))
        page.screenshot(path=PICTURES / f"{name}.png")
        page.close()


SIDE_BY_SIDE = """<!doctype html><style>
body {{ margin: 0; padding: 32px 36px; display: flex; gap: 36px; align-items: center; background: #d5dcdf; }}
img {{ display: block; border: 4px solid #37474f; border-radius: 8px; }}
img.phone {{ border-width: 8px; border-radius: 28px; }}
</style><img class="phone" src="data:image/png;base64,{0}"><img class="desk" src="data:image/png;base64,{1}">"""


# ---------------------------------------------------------------------- both sides


class Side:
    """One open page. What went wrong in it is kept; `stays` notices a reload."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if "Security" in line.text else None)

    @contextmanager
    def stays(self) -> Iterator[None]:
        """What happens inside is shown without a reload."""
        self.page.evaluate("window.notReloaded = true")
        yield
        assert self.page.evaluate("window.notReloaded === true"), "the page was loaded again"

    def close(self) -> None:
        self.page.context.close()
        assert self.problems == []


class Returnee(Side):
    """A phone with the web chat, in one language."""

    def __init__(self, browser: Browser, service: Service, language: str) -> None:
        context = browser.new_context(
            base_url=service.address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
            locale=language, timezone_id=ZONE,
        )
        super().__init__(context.new_page())
        self.language = language
        self.page.goto("/")

    # words

    def word(self, text: str, **args: str) -> str:
        return translator.text(self.language, text, **args)

    def question(self, conversation: str, path: str, **args: str) -> str:
        return self.word(step_of(conversation, path).text, **args)

    def choice(self, conversation: str, path: str, choice: str) -> str:
        return self.word(next(one.label for one in step_of(conversation, path).choices if one.id == choice))

    # what is seen

    @property
    def said(self) -> Locator:
        """What the bot and the counsellors said."""
        return self.page.locator(".message:not(.person) .bubble")

    @property
    def newest(self) -> Locator:
        return self.said.last

    @property
    def own(self) -> Locator:
        return self.page.locator(".message.person:not(.pending) .bubble")

    def sees(self, text: str, **args: str) -> None:
        """The newest bubble holds this."""
        expect(self.newest).to_contain_text(self.word(text, **args))

    def asked(self, conversation: str, path: str, **args: str) -> None:
        expect(self.newest).to_contain_text(self.question(conversation, path, **args))

    def button(self, label: str) -> Locator:
        return self.page.locator(".answers").get_by_role("button", name=label, exact=True)

    # what is done

    def to_end(self) -> None:
        """Read on, where the newest message is longer than the screen."""
        log = self.page.locator("#log")
        log.evaluate("log => { log.scrollTop = log.scrollHeight; }")

    def tap(self, label: str) -> None:
        self.button(label).click()
        expect(self.own.last).to_have_text(label)

    def choose(self, conversation: str, path: str, choice: str) -> None:
        """Answer the question that is asked with one of its buttons."""
        self.asked(conversation, path)
        self.tap(self.choice(conversation, path, choice))

    def write(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator(".send").click()
        expect(self.own.last).to_have_text(text)

    def answer(self, conversation: str, path: str, text: str) -> None:
        self.asked(conversation, path)
        self.write(text)

    def bar(self, text: str) -> None:
        """A button that is always there."""
        self.page.locator("header, footer").get_by_role("button", name=self.word(text)).click()


class Desk(Side):
    """A counsellor's browser."""

    def __init__(self, browser: Browser, service: Service, login: str, password: str) -> None:
        context = browser.new_context(base_url=service.address, viewport={"width": 1280, "height": 800},
                                      locale="en-GB", timezone_id=ZONE)
        super().__init__(context.new_page())
        self.page.goto("/console")
        self.page.get_by_label("Sign-in name").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.queue).to_be_visible()

    @property
    def queue(self) -> Locator:
        return self.page.locator("#queue")

    def item(self, name: str) -> Locator:
        """A chat in the queue."""
        return self.queue.locator("a.item").filter(has=self.page.locator(".name", has_text=name))

    @property
    def thread(self) -> Locator:
        return self.page.locator("#thread")

    @property
    def foot(self) -> Locator:
        return self.page.locator("#chat-foot")

    def home(self) -> None:
        self.page.get_by_role("link", name="Chats").click()
        expect(self.page.locator("#thread")).to_have_count(0)

    def turn_clock(self, by: str) -> None:
        before = self.page.locator(".demo time").inner_text()
        self.page.get_by_role("button", name=by).click()
        expect(self.page.locator(".demo time")).not_to_have_text(before)

    def open(self, name: str) -> None:
        self.item(name).click()
        expect(self.page.locator("#chat-head h1")).to_have_text(name)

    def claim(self) -> None:
        self.page.get_by_role("button", name="Take this chat").click()
        expect(self.page.locator("#chat-head .status")).to_have_text("With you")

    def reply(self, text: str) -> None:
        self.page.get_by_label("Reply to the person").fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()
        expect(self.thread.locator(".message.counsellor .said").last).to_have_text(text)

    def note(self, text: str) -> None:
        self.foot.locator("summary", has_text="Note").click()
        self.page.get_by_label("Note for colleagues").fill(text)
        self.page.get_by_role("button", name="Save note").click()
        expect(self.thread.locator(".message.note .said")).to_have_text(text)

    def close_chat(self, outcome: str) -> None:
        self.foot.locator("summary", has_text="Close chat").click()
        self.page.get_by_label("How did it end?").select_option(outcome)
        self.page.get_by_role("button", name="Close, the bot goes on").click()
        expect(self.page.locator("#chat-head .status")).to_have_text("Closed")
