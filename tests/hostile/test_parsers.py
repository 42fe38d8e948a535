"""Everything that reads what strangers send: for any input a value or a refusal, never another error."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from bot import logs
from bot.console import code, policy
from bot.console.auth import browser_of
from bot.console.guard import HOME, local_page
from bot.console.record import whole as typed_number
from bot.origin import from_this_site, network_of
from bot.routing import asked_by, decide
from bot.safely import clean
from bot.settings import place_of
from bot.web import answers, chat
from bot.web.health import is_from_here, shows
from conversations.events import Media, Message, Tap
from storage import staff

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TEXT = st.text() | st.text(alphabet="0123456789/:;=!-_.# \0\ud800\u202e", max_size=80)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12)
HEADER = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=120)


def request_with(client: str | None = "198.51.100.7", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw,
                    "client": (client, 1) if client is not None else None})


# ------------------------------------------------------------------- the web chat


@given(st.binary(max_size=300))
def test_a_body(raw: bytes) -> None:
    with suppress(chat.Refused):
        assert isinstance(answers.parse_object(raw), dict)


@given(JSON)
@example("\ud800")
def test_the_fields_of_a_body(value: Any) -> None:
    for read in (lambda one: chat.read_key({"key": one}), chat.read_text, chat.read_tap):
        with suppress(chat.Refused):
            found = read(value)
            assert found and isinstance(found, str) and "\0" not in found


@given(TEXT | st.none())
def test_where_to_go_on(value: str | None) -> None:
    assert 0 <= chat.whole(value) < 2**63


@given(HEADER)
def test_a_cookie(value: str) -> None:
    token = chat.token_of(request_with(cookie=f"chat={value}"))
    assert token is None or re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


@given(TEXT, st.booleans())
@example("!", False)
@example("0:", True)
@example("zzzzzzzzzzzzzzzzzzzzzzzz:a:b", False)
def test_a_tap(data: str, has_ticket: bool) -> None:
    common = {"channel": "web", "address": "a", "key": "k", "at": NOW}
    assert decide(Tap(**common, data=data), has_ticket) is not None
    assert decide(Message(**common, text=data), has_ticket) is not None
    assert decide(Media(**common, kind="photo", text=data), has_ticket) is not None
    assert isinstance(asked_by(data), str)


# ------------------------------------------------------------------- where it comes from


@given(HEADER, HEADER)
@example("http://[", "testserver")
@example("//testserver", "testserver")
def test_an_origin(origin: str, host: str) -> None:
    """Taken only where it is this host, whatever else stands in it."""
    if from_this_site(request_with(origin=origin, host=host)):
        assert origin.strip().lower().split("://", 1)[1].split("/")[0].split("?")[0].split("#")[0] == host.lower() or \
            host in origin


@given(HEADER)
def test_only_one_word_is_the_same_site(said: str) -> None:
    assert from_this_site(request_with(sec_fetch_site=said, origin="http://a", host="a")) is (said == "same-origin")


@given(TEXT | st.ip_addresses().map(str) | st.none())
def test_an_address(address: str | None) -> None:
    assert isinstance(network_of(request_with(address)), str)
    assert isinstance(is_from_here(request_with(address)), bool)


@given(st.ip_addresses(v=6))
def test_a_households_addresses_are_one(address: Any) -> None:
    other = type(address)(int(address) ^ 0xFFFF)
    if address.ipv4_mapped is None and other.ipv4_mapped is None:
        assert network_of(request_with(str(address))) == network_of(request_with(str(other)))


@given(HEADER)
def test_a_token_for_the_figures(said: str) -> None:
    assert shows(request_with(authorization=said), "x" * 16) is (said.lower().startswith("bearer ")
                                                                 and said.partition(" ")[2].strip() == "x" * 16)


# ------------------------------------------------------------------- the console


@given(TEXT)
@example("/console/tickets/1")
@example("/console/tickets/1\n")
@example("//console")
def test_where_a_form_leads(path: str) -> None:
    found = local_page(path)
    assert found == HOME or (found == path and found.startswith(f"{HOME}/") and "//" not in found and ":" not in found)


@given(TEXT)
def test_a_code(text: str) -> None:
    said = code.typed(clean(text))
    assert len(said) <= 400 and not re.search(r"\s", said)
    step = code.step_of("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", said, NOW)
    assert step is None or re.fullmatch(r"[0-9]{6}", said)


@given(TEXT)
def test_a_number_in_a_field(text: str) -> None:
    assert 0 <= typed_number(text) < 2**63


@given(HEADER)
def test_a_browsers_name(said: str) -> None:
    assert re.fullmatch(r"[A-Za-z ,]{1,40}", browser_of(request_with(user_agent=said)))


@given(TEXT, TEXT, TEXT)
def test_a_new_password(password: str, login: str, name: str) -> None:
    with suppress(ValueError):
        staff.check_new_password(password, login, name)
        assert staff.SHORTEST_PASSWORD <= len(password) <= staff.LONGEST_PASSWORD


@given(TEXT, TEXT, TEXT)
def test_what_is_not_listed_is_refused(role: str, method: str, path: str) -> None:
    assert not policy.may_go(role, method, path)
    for known in staff.ROLES:
        assert policy.may_go(known, method, path) is ((method, path) in policy.ROUTES)


# ------------------------------------------------------------------- settings and logs


@given(TEXT)
def test_an_address_to_listen_at(text: str) -> None:
    with suppress(ValueError):
        host, port = place_of(text)
        assert host is not None and 0 <= port <= 65535


@given(st.dictionaries(st.text(max_size=8), TEXT, max_size=4), st.integers(1, 10**11),
       st.text("abcXYZ09_-", min_size=30))
def test_a_log_line_has_no_token_and_nothing_long(line: dict[str, Any], number: int, secret: str) -> None:
    said = logs.without_words(None, "info", {**line, "event": f"x {number}:{secret} y"})
    assert f"{number}:{secret}" not in str(said)
    assert all(len(value) <= logs.LONGEST for value in said.values() if isinstance(value, str))


@pytest.mark.parametrize("listen", ["127.0.0.1:8090", "[::1]:8090", "0.0.0.0:0", "localhost:65535"])
def test_addresses_to_listen_at(listen: str) -> None:
    assert place_of(listen)[0] in ("127.0.0.1", "::1", "0.0.0.0", "localhost")
