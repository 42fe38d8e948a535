"""The web chat's routes: who is let in, what is refused, what reaches the bot and what comes back."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from bot.channels.base import Button, Outgoing, OutgoingMessage
from bot.channels.web_chat import WebChat
from bot.live import Live
from bot.web.browser import address_of
from bot.web.chat import chat_routes
from bot.web.chat_texts import TEXTS
from bot.web.reading import digest
from bot.web.thread import Thread, ThreadMessage
from conversations.events import FromPerson, Message, Started, Tap
from storage.media import Fate
from tests.support.patience import PATIENCE

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SITE = "http://testserver"
OURS = {"Origin": SITE}
TOKEN = "a" * 43
KEY = "0123456789abcdef"
LANGUAGES = {"sq": "Shqip", "de": "Deutsch", "en": "English"}


class Backend:
    """A store in memory: answers every event with one message, and takes each key once."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.threads: dict[str, list[ThreadMessage]] = {}
        self.events: list[FromPerson] = []
        self.broken = False
        self.language = "de"

    async def handle(self, events: Sequence[FromPerson]) -> None:
        if self.broken:
            raise OSError("the disk is full")
        for event in events:
            if event.key not in {one.key for one in self.events}:
                self.events.append(event)
                self.write(event.address, f"about {event.key}")

    def write(self, address: str, text: str) -> None:
        messages = self.threads.setdefault(address, [])
        button = Button("Yes", "1:a:yes")
        messages.append(ThreadMessage(len(messages) + 1, "bot", "text", text, NOW.isoformat(), (button,)))

    async def thread(self, address: str, after: int, limit: int) -> Thread:
        if address not in self.threads:
            return Thread()
        later = [one for one in self.threads[address] if one.id > after]
        return Thread(later[:limit], self.language, waiting=False)


def choose_language(header: str) -> str:
    return next((code for code in LANGUAGES if header.startswith(code)), "sq")


class Site:
    """The routes with everything behind them."""

    def __init__(self) -> None:
        self.live = Live()
        self.backend = Backend(self.live)
        self.channel = WebChat(self.live)
        self.files: dict[str, bytes] = {}
        self.app = FastAPI()
        self.app.include_router(
            chat_routes(
                self.channel, self.backend, self.live, lambda: NOW,
                lambda language, text: f"{language}:{text}",
                LANGUAGES, choose_language, title="<The centre>", keep_file=self.keep_file,
            )
        )

    async def keep_file(self, channel: str, key: str, content: bytes) -> Fate:
        self.files[key] = content
        return "stored"

    async def begin(self) -> None:
        await self.channel.start(self.backend.handle)

    def client(self, token: str | None = None, base: str = SITE) -> TestClient:
        return TestClient(self.app, base_url=base, cookies={"chat": token} if token else None)


@pytest.fixture
def site() -> Site:
    built = Site()
    asyncio.run(built.begin())
    return built


def post(
    client: TestClient, content: object, path: str = "/chat/messages", headers: dict[str, str] | None = None
) -> httpx.Response:
    answer: httpx.Response = client.post(path, json=content, headers=OURS if headers is None else headers)
    return answer


def test_the_page_is_in_the_browsers_language_and_names_nothing(site: Site) -> None:
    answer = site.client().get("/", headers={"Accept-Language": "de-AT,de;q=0.9"})
    assert '<html lang="de">' in answer.text
    assert "<title>Chat</title>" in answer.text
    assert "de:I need help now" in answer.text
    assert "&lt;The centre&gt;" in answer.text
    assert answer.text.startswith("<!doctype html>")


def test_the_page_follows_the_person_not_the_browser(site: Site) -> None:
    site.backend.write(address_of(TOKEN), "Hello")
    answer = site.client(TOKEN).get("/", headers={"Accept-Language": "en"})
    assert '<html lang="de">' in answer.text
    assert "Max-Age=31536000" in answer.headers["set-cookie"]


def test_the_page_may_load_nothing_from_elsewhere(site: Site) -> None:
    answer = site.client().get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "*" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", answer.text)


def test_the_first_load_is_small(site: Site) -> None:
    client = site.client()
    page = client.get("/")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    answers = [client.get(one) for one in files]
    assert len(files) == 5, "with what a phone needs to put it among its apps"
    assert all(one.status_code == 200 for one in answers)
    assert len(page.content) + sum(len(one.content) for one in answers) < 60_000


def test_the_page_has_few_words_of_its_own(site: Site) -> None:
    assert len(TEXTS) < 20 + 13, "its own, and those of the files that one can send"
    answer = site.client().get("/chat/texts/en")
    assert answer.json()["name"] == "English"
    assert answer.json()["texts"]["send"] == "en:Send"
    assert site.client().get("/chat/texts/xx").status_code == 404


def test_a_start_sets_the_cookie_once(site: Site) -> None:
    client = site.client()
    answer = post(client, {"key": KEY}, "/chat/start", OURS | {"Accept-Language": "de"})
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 202
    for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=31536000"):
        assert part in cookie
    assert "Secure" not in cookie
    token = client.cookies["chat"]
    assert len(token) == 43
    assert site.backend.events == [
        Started(channel="web", address=address_of(token), key=f"{address_of(token)[:16]}:start-{digest(KEY)}", at=NOW,
                language="de")
    ]
    assert "set-cookie" not in post(client, {"key": "another-key"}, "/chat/start").headers


def test_a_page_that_did_not_hear_of_its_chat_gets_it_again(site: Site) -> None:
    """By its key: long enough that nobody guesses it, and kept nowhere."""
    key, tokens = "0123456789abcdef" * 2, []
    for given in (key, key, "f" + key[1:], KEY, KEY):
        client = site.client()
        assert post(client, {"key": given}, "/chat/start").status_code == 202
        tokens.append(client.cookies["chat"])
    assert tokens[0] == tokens[1] and len(set(tokens)) == 4
    assert key not in str(site.backend.events)


@pytest.mark.parametrize(("given", "taken"), [
    ("ab12cd34", "ab12cd34"), ("", ""), ("a b", ""), ("x" * 17, ""), (["ab"], ""), (7, ""), ("абв", ""),
])
def test_a_start_says_by_which_link_somebody_came(site: Site, given: object, taken: str) -> None:
    assert post(site.client(), {"key": KEY, "from": given}, "/chat/start").status_code == 202
    [started] = site.backend.events
    assert isinstance(started, Started) and started.payload == taken


def test_over_https_the_cookie_is_secure(site: Site) -> None:
    client = site.client(base="https://testserver")
    answer = post(client, {"key": KEY}, "/chat/start", {"Origin": "https://testserver"})
    assert "Secure" in answer.headers["set-cookie"]


def test_a_forged_cookie_is_none(site: Site) -> None:
    assert site.client("../etc").get("/chat/messages").status_code == 401
    assert "set-cookie" in post(site.client("short"), {"key": KEY}, "/chat/start").headers


@pytest.mark.parametrize("path", ["/chat/start", "/chat/messages"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"} | OURS,
     {"Sec-Fetch-Site": "same-site"}],
)
def test_other_pages_cannot_send(site: Site, path: str, headers: dict[str, str]) -> None:
    answer = post(site.client(TOKEN), {"key": KEY, "text": "Hello"}, path, headers)
    assert (answer.status_code, answer.json()) == (403, {"error": "other_site"})
    assert site.backend.events == []


def test_the_browsers_word_is_enough(site: Site) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert post(site.client(TOKEN), {"key": KEY, "text": "Hello"}, headers=headers).status_code == 202


def own(key: str) -> str:
    """The page's key, told apart from those of other browsers."""
    return f"{address_of(TOKEN)[:16]}:{key}"


def test_a_message_and_a_tap_reach_the_bot_with_the_pages_key(site: Site) -> None:
    client = site.client(TOKEN)
    post(client, {"key": KEY, "text": "  two\nlines\0 "})
    post(client, {"key": "another-key", "tap": "1:a:yes"})
    common: dict[str, Any] = {"channel": "web", "address": address_of(TOKEN), "at": NOW, "language": "sq"}
    assert site.backend.events == [
        Message(key=own(KEY), text="  two\nlines ", **common), Tap(key=own("another-key"), data="1:a:yes", **common)
    ]


def test_a_repeat_has_the_same_key(site: Site) -> None:
    client = site.client(TOKEN)
    answers = [post(client, {"key": KEY, "text": "Hello"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert len(client.get("/chat/messages").json()["messages"]) == 1


@pytest.mark.parametrize(
    ("content", "status", "error"),
    [
        ({"key": KEY, "text": "x" * 10_001}, 413, "too_long"),
        ({"key": KEY, "text": "x" * 200_000}, 413, "too_long"),
        ({"key": KEY, "text": " \n "}, 422, "empty"),
        ({"key": KEY}, 422, "empty"),
        ({"key": KEY, "text": 5}, 422, "empty"),
        ({"key": KEY, "tap": ""}, 422, "bad_tap"),
        ({"key": KEY, "tap": "ë" * 33}, 422, "bad_tap"),
        ({"key": "short", "text": "Hello"}, 422, "bad_key"),
        ({"key": "under_score", "text": "Hello"}, 422, "bad_key"),
        ({"key": "x" * 65, "text": "Hello"}, 422, "bad_key"),
        ({"text": "Hello"}, 422, "bad_key"),
        (["Hello"], 400, "bad_json"),
    ],
)
def test_what_cannot_be_taken_is_refused(site: Site, content: object, status: int, error: str) -> None:
    answer = post(site.client(TOKEN), content)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert site.backend.events == []


def test_ten_thousand_characters_fit_however_they_are_spelt(site: Site) -> None:
    assert post(site.client(TOKEN), {"key": KEY, "text": "😀" * 10_000}).status_code == 202


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"key": "0123456789", "text": "\\ud800"}'])
def test_bad_json(site: Site, raw: bytes) -> None:
    answer = site.client(TOKEN).post("/chat/messages", content=raw, headers=OURS)
    assert (answer.status_code, answer.json()) == (400, {"error": "bad_json"})


def test_without_a_cookie_there_is_no_chat(site: Site) -> None:
    client = site.client()
    assert post(client, {"key": KEY, "text": "Hello"}).json() == {"error": "no_chat"}
    for path in ("/chat/messages", "/chat/events"):
        assert (client.get(path).status_code, client.get(path).json()) == (401, {"error": "no_chat"})


def test_what_was_not_stored_is_not_acknowledged(site: Site) -> None:
    site.backend.broken = True
    answer = post(site.client(TOKEN), {"key": KEY, "text": "Hello"})
    assert (answer.status_code, answer.json()) == (503, {"error": "try_later"})
    site.backend.broken = False
    assert post(site.client(TOKEN), {"key": KEY, "text": "Hello"}).status_code == 202


def test_a_start_that_was_not_stored_leaves_no_cookie(site: Site) -> None:
    site.backend.broken = True
    answer = post(site.client(), {"key": KEY}, "/chat/start")
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


def test_an_unknown_address_has_an_empty_thread(site: Site) -> None:
    answer = site.client(TOKEN).get("/chat/messages")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["messages"] == []
    assert (answer.json()["waiting"], answer.json()["more"]) == (False, False)


def test_messages_come_after_an_id_and_in_pieces(site: Site) -> None:
    for number in range(203):
        site.backend.write(address_of(TOKEN), str(number))
    client = site.client(TOKEN)
    first = client.get("/chat/messages?after=no-number").json()
    rest = client.get("/chat/messages?after=200").json()
    assert (len(first["messages"]), first["more"]) == (200, True)
    assert ([one["id"] for one in rest["messages"]], rest["more"]) == ([201, 202, 203], False)
    assert rest["messages"][0]["buttons"] == [{"label": "Yes", "data": "1:a:yes", "kind": "answer"}]


# ---- The stream of events, over a real connection ----


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    await site.begin()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(site.app, log_level="error", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=base, cookies={"chat": TOKEN}, timeout=PATIENCE) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def next_event(lines: AsyncIterator[str]) -> tuple[str, dict[str, Any]]:
    """The id and content of the next thread event."""
    fields: dict[str, str] = {}
    async for line in lines:
        if not line and fields.get("event") == "thread":
            return fields["id"], json.loads(fields["data"])
        name, _, value = line.partition(": ")
        fields[name] = value
    raise AssertionError("the stream ended")


def texts_in(thread: dict[str, Any]) -> list[str]:
    return [one["text"] for one in thread["messages"]]


def test_the_stream_tells_what_is_new() -> None:
    async def scenario() -> None:
        site = Site()
        address = address_of(TOKEN)
        site.backend.write(address, "first")
        async with serving(site) as client, client.stream("GET", "/chat/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            number, thread = await next_event(lines)
            assert (number, texts_in(thread), thread["language"]) == ("1", ["first"], "de")
            site.backend.write(address, "second")
            await site.channel.send(Outgoing(2, address, OutgoingMessage("second")))
            number, thread = await next_event(lines)
            assert (number, texts_in(thread)) == ("2", ["second"])
            site.backend.language = "en"
            site.live.publish(f"web:{address}")
            assert (await next_event(lines))[1]["language"] == "en"

    asyncio.run(scenario())


def test_the_stream_goes_on_where_it_broke_off() -> None:
    async def scenario() -> None:
        site = Site()
        for number in range(450):
            site.backend.write(address_of(TOKEN), str(number))
        path, headers = "/chat/events?after=3", {"Last-Event-ID": "10"}
        async with serving(site) as client, client.stream("GET", path, headers=headers) as answer:
            lines = answer.aiter_lines()
            assert [(await next_event(lines))[0] for _ in range(3)] == ["210", "410", "450"]

    asyncio.run(scenario())


def test_the_stream_ends_with_the_service() -> None:
    async def scenario() -> None:
        site = Site()
        async with serving(site) as client, client.stream("GET", "/chat/events") as answer:
            lines = answer.aiter_lines()
            await next_event(lines)
            await site.channel.stop()
            async with asyncio.timeout(PATIENCE):
                assert [line async for line in lines if line.startswith("data")] == []
        assert site.live._listeners == {}

    asyncio.run(scenario())
