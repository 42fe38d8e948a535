"""What people write, and what opens doors, stands in no log."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from bot import logs as written
from bot.receive import turns
from bot.settings import PREFIX
from tests.fakes.telegram_api import FakeTelegram
from tests.hostile.ground import Ground
from tests.support import codes, database
from tests.support.patience import PATIENCE, TO_START

ROOT = Path(__file__).parents[2]
CANARY = "Kanarienvogel"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that the service would write to standard error, set up as the service sets it up."""
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers[:], root.level
    written.begin("debug")
    yield text
    structlog.configure(**before)
    root.handlers[:], written.detailed = handlers, False
    root.setLevel(level)


async def test_an_error_that_names_the_words(
    ground: Ground, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own errors quote what could not be read."""
    await ground.agreed("eve")

    def careless(_conversation: object, _progress: object, action: object, *rest: object) -> object:
        raise ValueError(f"invalid literal for int() with base 10: {getattr(action, 'text', '')!r}")

    monkeypatch.setattr(turns, "advance", careless)
    await ground.says("eve", f"{CANARY} is my name")
    assert "ValueError" in logs.getvalue(), "the error itself is logged"
    assert CANARY not in logs.getvalue()


async def test_a_database_that_refuses_the_words(ground: Ground, logs: io.StringIO) -> None:
    """The library's errors quote the values that were to be stored."""
    await ground.agreed("eve")
    for statement in database.refusal("messages", "NEW.author = 'person'"):
        await ground.app.store.write(lambda c, one=statement: c.exec_driver_sql(one))
    await ground.says("eve", f"{CANARY} is my name")
    assert logs.getvalue()
    assert CANARY not in logs.getvalue()


async def test_the_safety_gate_fails_on_the_words(
    ground: Ground, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(text: str) -> None:
        raise KeyError(text)

    monkeypatch.setattr("bot.routing.check", careless)
    await ground.agreed("eve")
    await ground.says("eve", f"{CANARY} is my name")
    assert "gate" in logs.getvalue()
    assert CANARY not in logs.getvalue()


async def test_a_page_that_fails_while_the_database_is_gone(ground: Ground, logs: io.StringIO) -> None:
    await ground.with_ticket("eve", f"{CANARY} is my name")
    browser = await ground.signed_in()
    token = browser.cookies["console"]
    await browser.post("/console/tickets/1/claim")
    await ground.app.store.write(lambda c: c.exec_driver_sql("DROP TABLE audit"))
    await ground.app.store.write(lambda c: c.exec_driver_sql("DROP TABLE notes"))
    await browser.post("/console/tickets/1/note", data={"text": f"{CANARY} of a counsellor"})
    await browser.get("/console/tickets/1")
    assert CANARY not in logs.getvalue()
    assert token not in logs.getvalue()


# ------------------------------------------------------------------------ the real service


@pytest.mark.usefixtures("databases")
async def test_a_whole_talk_with_the_real_service(tmp_path: Path) -> None:
    """Over the web chat, Telegram and the console; then what the process wrote is searched."""
    secret = "4242:AAFakeTokenFakeTokenFakeTokenFakeTok"
    async with FakeTelegram(secret) as fake:
        env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        env |= {PREFIX + "DATA_DIR": str(tmp_path), PREFIX + "HTTP_PORT": "0", PREFIX + "TELEGRAM_TOKEN": secret,
                PREFIX + "TELEGRAM_API_URL": fake.url, PREFIX + "DATABASE_URL": database.new(tmp_path),
                "PYTHONDEVMODE": ""}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=env,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        try:
            url, password = await asyncio.wait_for(_greeting(process), TO_START)
            await _talk(url, password, fake)
        except BaseException as failure:
            failure.add_note(await _end(process))
            raise
        said = await _end(process)
    for word in (CANARY, secret, password, "4242:"):
        assert word not in said, said[-2000:]
    assert process.returncode == 0, said[-2000:]


async def _end(process: asyncio.subprocess.Process) -> str:
    """What it wrote, and how it ended."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    return f"{out.decode()}{err.decode()}\nexit status {process.returncode}"


async def _greeting(process: asyncio.subprocess.Process) -> tuple[str, str]:
    assert process.stdout is not None
    text = ""
    while "Stop with" not in text:
        line = (await process.stdout.readline()).decode()
        assert line, "the service ended"
        text += line
    url = re.search(r"Web chat:\s+(\S+)/", text)
    password = re.search(r"coordinator\s+(\S+)", text)
    assert url and password
    return url[1], password[1]


async def _talk(url: str, password: str, fake: FakeTelegram) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=PATIENCE) as browser:
        await browser.post("/chat/start", json={"key": "start-key-1"})
        for number, text in enumerate(("English", "1", "1", f"{CANARY} Maria", "1", f"{CANARY} 2019", "/human",
                                       f"I am {CANARY}, call 044 123 456")):
            answer = await browser.post("/chat/messages", json={"key": f"key-{number}-of-text", "text": text})
            assert answer.status_code == 202
        await browser.post("/chat/messages", content=CANARY.encode())
        await browser.get(f"/{CANARY}?x={CANARY}")
        anna = fake.person(7, language="en", first_name=CANARY)
        anna.starts(CANARY)
        await anna.hears()
        for text in (f"{CANARY} is no language", "English"):
            anna.says(text)
        anna.sends(hologram={"words": CANARY})
        anna.sends_photo(f"{CANARY} in a photo")
        anna.says("/human")
        anna.blocked = True
        anna.says(f"{CANARY} again")
        await fake.waits_for(lambda one: not one.unconfirmed)
        form = {"login": f"{CANARY}", "password": f"{CANARY} wrong"}
        await browser.post("/console/sign-in", data=form)
        await codes.sign_in(browser, "coordinator", password)
        page = await browser.get("/console/tickets/1")
        assert CANARY in page.text
        await browser.post("/console/tickets/1/claim")
        for path in ("reply", "note", "close"):
            form = {"text": f"{CANARY} from us", "key": "key-of-a-form", "outcome": "advised"}
            assert (await browser.post(f"/console/tickets/1/{path}", data=form)).status_code == 303
        await browser.get("/console/tickets/99999999999999999999")
