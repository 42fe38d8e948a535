"""`counsellor add` and `counsellor link`: who is new, and who has lost password or phone."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection

from bot.__main__ import cli
from bot.clock import Clock
from bot.commands.counsellor import console_address
from bot.settings import PREFIX, Settings, load
from storage import audit, passes, staff
from storage.database import engine_for
from tests.support import database

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def url(tmp_path: Path, databases: None, monkeypatch: pytest.MonkeyPatch) -> str:
    made = database.new(tmp_path)
    monkeypatch.setenv(PREFIX + "DATABASE_URL", made)
    monkeypatch.setenv(PREFIX + "DATA_DIR", str(tmp_path))
    monkeypatch.setenv(PREFIX + "PUBLIC_URL", "https://bot.example.org")
    return made


def says(*words: str, typed: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["counsellor", *words], input=typed)
    return done.exit_code, done.output


def look(url: str, work: Any) -> Any:
    with (engine_for(url, load().keys) as engine, engine.connect().execution_options(writes=True) as connection,
          connection.begin()):
        return work(connection)


def token_in(said: str) -> str:
    return re.findall(r"https://bot\.example\.org/console/new-password#([\w-]{43})\n", said)[0]


def now() -> datetime:
    return Clock().now()


def test_somebody_new_gets_a_link(url: str) -> None:
    status, said = says("add", "Arta", "--name", "Arta Gashi", "--coordinator")
    assert status == 0 and "Arta Gashi can sign in as arta" in said and "works once, within 3 days" in said
    found = look(url, lambda connection: passes.look(connection, token_in(said), "link", now()))
    assert (found.who.login, found.who.role) == ("arta", "coordinator")
    assert look(url, lambda connection: staff.check_password(connection, "arta", "")) is None


def test_with_a_password_there_is_no_link(url: str) -> None:
    status, said = says("add", "arta", "--name", "Arta", "--password", "kept in a blue folder")
    assert (status, said) == (0, "Arta can sign in as arta.\n")
    assert look(url, lambda connection: staff.check_password(connection, "arta", "kept in a blue folder"))


def test_where_a_link_would_lead_nowhere_a_password_is_asked_for(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "PUBLIC_URL", "")
    monkeypatch.setenv(PREFIX + "HTTP_PORT", "0")
    status, said = says("add", "arta", "--name", "Arta", typed="kept in a blue folder\nkept in a blue folder\n")
    assert status == 0 and said.endswith("Arta can sign in as arta.\n") and "blue" not in said
    assert says("link", "arta")[0] == 1


@pytest.mark.parametrize("words", [("add", "a b", "--name", "A"), ("add", "arta", "--name", " "),
                                   ("add", "arta", "--name", "A", "--password", "short"), ("link", "nobody")])
def test_what_is_refused_is_one_sentence(url: str, words: tuple[str, ...]) -> None:
    status, said = says(*words)
    assert status == 1 and said.count("\n") == 1 and said.endswith(".\n")


def test_a_lost_password_and_a_lost_phone(url: str) -> None:
    says("add", "arta", "--name", "Arta", "--password", "kept in a blue folder")
    who = look(url, lambda connection: staff.find_counsellor(connection, "arta"))
    look(url, lambda connection: staff.set_code_secret(connection, who.id, SECRET, None))
    first = token_in(says("link", "ARTA")[1])
    assert look(url, lambda connection: staff.code_secret(connection, who.id)) == SECRET
    second = token_in(says("link", "arta", "--new-phone")[1])
    assert look(url, lambda connection: staff.code_secret(connection, who.id)) is None

    def good(connection: Connection) -> list[bool]:
        return [passes.look(connection, one, "link", now()) is not None for one in (first, second)]

    assert look(url, good) == [False, True]
    noted = [one.action for one in look(url, audit.entries)]
    assert noted == ["make_link", "take_code_away", "make_link", "add_counsellor"]


@pytest.mark.parametrize(("given", "address"), [
    ({}, "http://127.0.0.1:8080"), ({"http_port": 0}, ""), ({"http_host": "0.0.0.0"}, "http://127.0.0.1:8080"),
    ({"public_url": "https://a.example"}, "https://a.example"),
    ({"public_url": "https://a.example", "console_listen": "127.0.0.1:8090"}, "http://127.0.0.1:8090"),
    ({"public_url": "https://a.example", "console_url": "https://desk.example"}, "https://desk.example"),
    ({"console_listen": "0.0.0.0:8090", "console_url": "https://desk.example"}, "https://desk.example"),
])
def test_where_the_console_is(given: dict[str, Any], address: str) -> None:
    assert console_address(Settings(**given)) == address


def test_where_somebody_works(url: str) -> None:
    """Without a word on it, everywhere but where the walls are."""
    assert says("add", "arta", "--name", "Arta", "--area", "psychosocial", "--area", "employment")[0] == 0
    assert says("add", "besa", "--name", "Besa")[0] == 0
    arta, besa = (look(url, lambda connection, one=one: staff.find_counsellor(connection, one)).areas
                  for one in ("arta", "besa"))
    assert arta == ("employment", "psychosocial") and besa == staff.OPEN_AREAS
    status, said = says("add", "dren", "--name", "Dren", "--area", "astrology")
    assert status != 0 and "There is no area astrology. There are: employment" in said
