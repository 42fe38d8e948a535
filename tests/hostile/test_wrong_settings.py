"""A wrong setting is one sentence that names the variable, and exit status 2."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import serve
from bot.commands.database import usable_database
from bot.settings import PREFIX, Settings, SettingsError, load
from storage import schema
from storage.database import engine_for
from tests.fakes.telegram_api import FakeTelegram
from tests.support import database, postgres
from tests.support.patience import TO_START

ROOT = Path(__file__).parents[2]
UNKNOWN_TOKEN = "4711:AAnotherTokenAnotherTokenAnotherTok"

WRONG = (
    ("DATABASE_URL", "mysql://x"), ("DATABASE_URL", "sqlite:/x"), ("DATABASE_URL", "/srv/bot.db"),
    ("DATABASE_URL", "postgresql://bot@localhost/bot"), ("DATABASE_URL", "postgresql+psycopg://bot@localhost"),
    ("DATABASE_URL", "postgresql+psycopg://bot@localhost/"),
    ("DATABASE_URL", "postgresql+psycopg://bot:pass@localhost:port/bot"),
    ("DATABASE_URL", "postgresql+psycopg://bot:pass@localhost:70000/bot"),
    ("DATABASE_URL", "postgresql+psycopg://bot:pass/word@localhost/bot"),
    ("HTTP_PORT", "eighty"), ("HTTP_PORT", "70000"), ("HTTP_PORT", "-1"), ("HTTP_PORT", "8080.5"),
    ("DRAFT_LANGUAGES", "tr xx"),
    ("EMBED_ORIGINS", "https://a.example/path"), ("EMBED_ORIGINS", "http://a.example"), ("EMBED_ORIGINS", "*"),
    ("EMBED_ORIGINS", "https://a.example; script-src *"), ("EMBED_ORIGINS", "https://a.example https://*.b.example"),
    ("CONSOLE_LISTEN", "8090"), ("CONSOLE_LISTEN", ":8090"), ("CONSOLE_LISTEN", "127.0.0.1:"),
    ("WEBHOOK_LISTEN", "127.0.0.1:70000"), ("WEBHOOK_LISTEN", "127.0.0.1:\u0661"), ("CONSOLE_URL", "desk.example"),
    ("PUBLIC_URL", "bot.example"), ("PUBLIC_URL", "ftp://bot.example"), ("PUBLIC_URL", "https://"),
    ("TELEGRAM_TOKEN", "secret"), ("TELEGRAM_TOKEN", "4711:short"), ("TELEGRAM_TOKEN", UNKNOWN_TOKEN + " "),
    ("TELEGRAM_API_URL", "api.telegram.org"), ("TELEGRAM_API_URL", "http://"), ("TELEGRAM_API_URL", "http://["),
    ("TELEGRAM_MODE", "pigeon"),
    ("TELEGRAM_STAFF_GROUP", "team"), ("TELEGRAM_STAFF_GROUP", "1001234567890"),
    ("TELEGRAM_STAFF_GROUP", "-1001234567890"),  # without a token
    ("TELEGRAM_STAFF_GROUP_SHOWS", "some"), ("TELEGRAM_TOPICS_A_MINUTE", "0"), ("TELEGRAM_TOPICS_A_MINUTE", "21"),
    ("VIBER_TOKEN", "secret"), ("VIBER_TOKEN", "445da6az1s345z78-dazcczb2542zv51a"), ("VIBER_API_URL", "viber.com"),
    ("TIME_ZONE", "Mars/Olympus"), ("TIME_ZONE", "../../etc/passwd"), ("TIME_ZONE", "europe/belgrade "),
    ("OFFICE_HOURS", "always"), ("OFFICE_HOURS", "Mon-Fri 9-16"), ("OFFICE_HOURS", "Mon-Fri 25:00-26:00"),
    ("OFFICE_HOURS", "Mon-Fri 16:00-09:00"), ("OFFICE_HOURS", "Fri-Mon 09:00-16:00"), ("OFFICE_HOURS",
    "Abc 09:00-16:00"),
    ("DEFAULT_LANGUAGE", "klingon"), ("DEFAULT_LANGUAGE", "../en"),
    ("RETENTION_CASE_DAYS", "0"), ("RETENTION_CASE_DAYS", "-3"), ("RETENTION_CASE_DAYS", "long"),
    ("RETENTION_CASE_DAYS", "99999999999999999999"), ("SHOW_UNVERIFIED_FACTS", "perhaps"),
    ("LOG_LEVEL", "loud"), ("LOG_LEVEL", "DEBUG"),
    ("METRICS_TOKEN", "short"), ("METRICS_TOKEN", "with a space in it, and long"),
)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as found:
        load()
    assert_a_sentence(str(found.value), PREFIX + name)
    assert "pass" not in str(found.value).replace("password", "")


def test_a_wrong_token_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the right one with a slip in it."""
    monkeypatch.setenv(PREFIX + "TELEGRAM_TOKEN", "4711;AAnotherTokenAnotherTokenAnotherTok")
    with pytest.raises(SettingsError) as found:
        load()
    assert "AAnother" not in str(found.value)


def test_two_wrong_values_are_two_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "HTTP_PORT", "eighty")
    monkeypatch.setenv(PREFIX + "TIME_ZONE", "Mars/Olympus")
    with pytest.raises(SettingsError) as found:
        load()
    lines = str(found.value).splitlines()
    assert len(lines) == 2
    for line, name in zip(sorted(lines), ("HTTP_PORT", "TIME_ZONE"), strict=True):
        assert_a_sentence(line, PREFIX + name)


def test_an_empty_value_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PORT", "TELEGRAM_TOKEN", "TIME_ZONE", "RETENTION_CASE_DAYS"):
        monkeypatch.setenv(PREFIX + name, "")
    assert load().http_port == 8080


def assert_a_sentence(text: str, name: str) -> None:
    assert len(text.strip().splitlines()) == 1, text
    assert text.startswith(name), text
    assert re.search(r"\w.*\.$", text.strip()), text
    assert "Traceback" not in text


# ---------------------------------------------------------------- the real command


async def run_bot(folder: Path, *command: str, **settings: str) -> tuple[int | None, str, str]:
    """Exit status (None: it was still running), standard output and standard error."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    env |= {PREFIX + "DATA_DIR": str(folder), PREFIX + "HTTP_PORT": "0"}
    env |= {PREFIX + name: value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *(command or ("run",)), cwd=ROOT, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    talking = asyncio.create_task(process.communicate())
    done, _ = await asyncio.wait([talking], timeout=TO_START)
    status = process.returncode if done else None
    if not done:
        process.kill()
    out, err = await talking
    return status, out.decode(), err.decode()


def assert_refused(found: tuple[int | None, str, str], name: str) -> None:
    status, _out, err = found
    assert status == 2, (status, err[-600:])
    assert_a_sentence(err, PREFIX + name)


async def test_a_wrong_value_ends_the_command(tmp_path: Path) -> None:
    found = await asyncio.gather(
        run_bot(tmp_path, TIME_ZONE="Mars/Olympus"), run_bot(tmp_path, "check", TIME_ZONE="Mars/Olympus"),
    )
    for one in found:
        assert_refused(one, "TIME_ZONE")


async def test_a_data_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert_refused(await run_bot(tmp_path, DATA_DIR=str(tmp_path / "file" / "data")), "DATA_DIR")


async def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    found = await run_bot(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/bot.db")
    assert_refused(found, "DATABASE_URL")


async def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("This is a letter and no database. " * 100)
    assert_refused(await run_bot(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}/bot.db"), "DATABASE_URL")


async def test_a_database_server_that_does_not_answer(tmp_path: Path) -> None:
    found = await run_bot(tmp_path, DATABASE_URL="postgresql+psycopg://somebody:verysecret@127.0.0.1:1/bot")
    assert "verysecret" not in found[1] + found[2]
    assert_refused(found, "DATABASE_URL")


def upgraded(url: str) -> str:
    """What the commands say when they first touch this database; the command's end is shown above."""
    with pytest.raises(SettingsError) as found, usable_database(), engine_for(url) as engine:
        schema.upgrade(engine)
    return str(found.value)


@pytest.mark.parametrize(("url", "word"), [
    ("postgresql+psycopg://somebody:verysecret@no.such.host.invalid/bot", "no.such.host.invalid"),
    ("postgresql+psycopg://somebody:verysecret@127.0.0.1:1/bot?sslmode=perhaps", "sslmode"),
    ("postgresql+psycopg://somebody:verysecret@127.0.0.1:1/bot?nothing=1", "nothing"),
])
def test_an_address_of_postgresql_that_is_wrong(url: str, word: str) -> None:
    said = upgraded(url)
    assert_a_sentence(said, PREFIX + "DATABASE_URL")
    assert word in said and "verysecret" not in said


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("databases")
def test_a_database_server_that_lets_us_not_in() -> None:
    server = postgres.server()
    for url, word in (
        (server.network_url("postgres", password="verysecret"), "password"),
        (server.network_url("nowhere"), "nowhere"),
        (server.network_url("postgres").replace("postgres:", "verystranger:", 1), "verystranger"),
    ):
        said = upgraded(url)
        assert_a_sentence(said, PREFIX + "DATABASE_URL")
        assert word in said and "verysecret" not in said and postgres.PASSWORD not in said


@pytest.mark.postgresql_only
@pytest.mark.usefixtures("databases")
def test_a_database_in_which_we_may_not_make_tables(tmp_path: Path) -> None:
    url = database.new(tmp_path)
    database.change(url, "CREATE ROLE guest LOGIN")
    try:
        assert_a_sentence(upgraded(url.replace("postgres@", "guest@")), PREFIX + "DATABASE_URL")
    finally:
        database.change(url, "DROP ROLE guest")


async def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    assert_refused(await run_bot(tmp_path, HTTP_HOST="no.such.host.invalid"), "HTTP_HOST")


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert_refused(await run_bot(tmp_path, HTTP_PORT=str(taken.getsockname()[1])), "HTTP_PORT")


def test_a_port_that_another_process_takes_while_this_one_starts(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, http_port=0)
    with socket.socket() as quicker, socket.socket() as own:
        serve.bind(quicker, ("127.0.0.1", 0), settings)
        settings = replace(settings, http_port=quicker.getsockname()[1])
        serve.bind(own, ("127.0.0.1", settings.http_port), settings)
        serve.listen(quicker, settings)
        with pytest.raises(SettingsError) as found:
            serve.listen(own, settings)
    assert_a_sentence(str(found.value), PREFIX + "HTTP_PORT")


async def test_a_token_that_telegram_does_not_know(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        found = await run_bot(tmp_path, TELEGRAM_TOKEN=UNKNOWN_TOKEN, TELEGRAM_API_URL=fake.url)
    assert UNKNOWN_TOKEN not in found[1] + found[2]
    assert_refused(found, "TELEGRAM_TOKEN")
