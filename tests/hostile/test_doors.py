"""Console, chat and webhooks at addresses of their own: each answers at its own and nowhere else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.channels.telegram.webhook import SECRET_HEADER
from bot.settings import PREFIX
from bot.site import DOORS, site
from tests.channels.telegram.posted import address_of, bound
from tests.fakes.telegram_api import FakeTelegram
from tests.hostile.ground import Ground
from tests.hostile.test_wrong_settings import ROOT, assert_refused, run_bot
from tests.support import database

PATHS = {"chat": "/", "console": "/console/sign-in", "health": "/healthz"}


async def test_a_site_has_what_it_is_asked_for(ground: Ground) -> None:
    for door in DOORS:
        transport = httpx.ASGITransport(site(ground.app, doors=[door]))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
            answers = {name: (await browser.get(path)).status_code for name, path in PATHS.items()}
        assert answers == {name: 200 if name == door else 404 for name in PATHS}, door


@asynccontextmanager
async def service(folder: Path, fake: FakeTelegram) -> AsyncIterator[dict[str, str]]:
    """The real one, with three addresses; what it says of them."""
    listening = [bound(), bound()]
    console, posts = (address_of(one).removeprefix("http://") for one in listening)
    for one in listening:
        one.close()
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {"DATA_DIR": folder, "HTTP_PORT": 0, "DATABASE_URL": database.new(folder), "CONSOLE_LISTEN": console,
             "WEBHOOK_LISTEN": posts, "TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url,
             "TELEGRAM_MODE": "webhook", "PUBLIC_URL": f"http://{posts}"}
    env |= {PREFIX + name: str(value) for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        said = ""
        async with asyncio.timeout(90):
            while "Stop with" not in said:
                assert process.stdout is not None
                line = (await process.stdout.readline()).decode()
                assert line, (await process.communicate())[1].decode()[-2000:]
                said += line
        yield {"said": said, "console": f"http://{console}", "webhooks": f"http://{posts}"}
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 15)
    assert process.returncode == 0


@pytest.mark.usefixtures("databases")
async def test_three_addresses(tmp_path: Path) -> None:
    async with FakeTelegram() as fake, service(tmp_path, fake) as at, httpx.AsyncClient() as browser:
        assert f"Console:   {at['console']}/console" in at["said"]
        assert "First sign-in:  coordinator" in at["said"] and "codes at hand" in at["said"]
        async with asyncio.timeout(20):
            while not fake.webhook:
                await asyncio.sleep(0.02)
        path = str(fake.webhook).removeprefix(at["webhooks"])
        assert path.startswith("/telegram/")
        for door, address in (("console", at["console"]), ("webhooks", at["webhooks"])):
            found = {name: (await browser.get(address + one)).status_code for name, one in PATHS.items()}
            assert found == {name: 200 if name == door else 404 for name in PATHS}
            assert (await browser.post(address + path)).status_code == (403 if door == "webhooks" else 404)
            assert "server" not in (await browser.get(address)).headers
        secret = fake.called("setWebhook")[0].parameters["secret_token"]
        body = {"update_id": 1, "message": {"message_id": 1, "text": "hello", "from": {"id": 7, "is_bot": False},
                                            "chat": {"id": 7, "type": "private"}, "date": 1}}
        answer = await browser.post(at["webhooks"] + path, json=body, headers={SECRET_HEADER: str(secret)})
        assert answer.status_code == 200


async def test_an_address_that_is_taken(tmp_path: Path) -> None:
    with bound() as taken:
        taken.listen()
        for name in ("CONSOLE_LISTEN", "WEBHOOK_LISTEN"):
            assert_refused(await run_bot(tmp_path, **{name: address_of(taken).removeprefix("http://")}), name)


# ------------------------------------------------------------------- path tricks


TRICKS = (
    "../auth.py", "..%2fauth.py", "..%2f..%2fsettings.py", "%2e%2e/auth.py", "..\\auth.py", "..%5cauth.py",
    "....//auth.py", "console.css/../../auth.py", "console.css%00.py", "/etc/passwd", "%2fetc%2fpasswd", "CONSOLE.CSS",
    "console.css ", ".", "", "\u2025/auth.py", "console.css;x", "~root",
)


async def test_only_what_is_meant_to_be_seen_is_served(ground: Ground) -> None:
    async with ground.browser() as browser:
        for trick in TRICKS:
            for folder in ("/console/static/", "/static/"):
                answer = await browser.get(folder + trick)
                assert answer.status_code in (404, 422), trick
                assert "import" not in answer.text and "root:" not in answer.text


async def test_every_answer_says_what_it_may_do(ground: Ground) -> None:
    """Pages, errors, figures, files: none is taken for something else, none can be framed."""
    signed_in = await ground.coordinator()
    for path in ("/", "/nothing", "/healthz", "/readyz", "/metrics", "/chat/messages", "/static/chat.css", "/static/x",
                 "/console", "/console/sign-in", "/console/x", "/console/tickets/x", "/console/static/console.css",
                 "/console/team", "/console/record", "/console/account", "/console/tickets/999"):
        for answer in (await signed_in.get(path), await signed_in.put(path)):
            assert answer.headers["x-content-type-options"] == "nosniff", path
            said = answer.headers["content-security-policy"]
            assert "default-src 'none'" in said and "frame-ancestors 'none'" in said, path
            assert "unsafe" not in said and "*" not in said and "data:" not in said
