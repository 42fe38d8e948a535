"""A Viber of our own, over real HTTP: the REST API on one side, people on their phones on the other.

    fake = FakeViber()
    await fake.start()                     # -> fake.url, fake.token
    anna = fake.person("anna", language="de")
    welcome = await anna.opens()
    anna.taps(welcome, "Anfangen")
    [question] = await anna.hears()

It is as strict as Viber where Viber is strict, and can misbehave as Viber does: late, twice, out of order, and with
every status that it documents.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import aiohttp
from aiohttp import web

from tests.support.patience import PATIENCE

Json: TypeAlias = dict[str, Any]
How: TypeAlias = Literal["answer", "http", "drop", "late", "twice", "garbled"]
TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
WORDS = {0: "ok", 1: "invalidUrl", 2: "invalidAuthToken", 3: "badData", 5: "receiverNotRegistered",
         6: "receiverNotSubscribed", 12: "tooManyRequests", 23: "freeMessagesExceeded"}
LARGEST_MESSAGE = 30 * 1024
SESSION_SECONDS = 24 * 3600.0


class Refusal(Exception):
    def __init__(self, status: int, words: str = "") -> None:
        super().__init__(words)
        self.status, self.words = status, words or WORDS.get(status, "error")


@dataclass
class Shown:
    """A message of the bot, as it stands on the person's phone."""

    token: int
    text: str
    keys: list[Json] = field(default_factory=list)
    tracking: str = ""
    file: tuple[str, str] | None = None
    """Its kind, and where Viber has fetched it."""

    @property
    def buttons(self) -> list[str]:
        return [key["Text"] for key in self.keys]


@dataclass
class _Trouble:
    how: How
    status: int
    arrives: bool


class Person:
    """Someone on their phone. `fake.person(...)` makes them."""

    def __init__(self, fake: FakeViber, number: str, language: str | None) -> None:
        self._fake, self.id, self.language = fake, number, language
        self.messages: list[Shown] = []
        self.subscribed = False
        self.session_since: float | None = None
        self._heard = 0

    # What they do

    async def opens(self, context: str = "") -> Shown | None:
        """Open the chat. What they see then, if it is the first time: the answer to this very post."""
        body = {"event": "conversation_started", "type": "open", "context": context, "user": self.as_user(),
                "subscribed": self.subscribed}
        answer = await self._fake.post(self._fake.event(body))
        if self.subscribed or not answer:
            return None
        self._fake.check_message(answer)
        shown = self._fake.shown(answer)
        self.messages.append(shown)
        self._heard = len(self.messages)
        return shown

    def says(self, text: str, tracking: str = "") -> None:
        self.sends(type="text", text=text, **({"tracking_data": tracking} if tracking else {}))

    def taps(self, on: Shown, label: str) -> None:
        key = next((one for one in on.keys if one["Text"] == label), None)
        assert key is not None, f"no button {label!r} in {on.buttons}; {self.view()}"
        assert key["ActionType"] == "reply"
        self.says(key["ActionBody"], on.tracking)

    def taps_last(self, label: str) -> None:
        self.taps(next(one for one in reversed(self.messages) if label in one.buttons), label)

    def sends(self, **message: object) -> None:
        """Any message. The first one subscribes; a session begins with the first after the last one's end."""
        self.subscribed = True
        now = self._fake.now()
        if self.session_since is None or now - self.session_since >= SESSION_SECONDS:
            self.session_since = now
        self._fake.push({"event": "message", "sender": self.as_user(), "message": message})

    def sends_picture(self, name: str = "photo.png", text: str = "") -> None:
        self.sends(type="picture", media=f"{self._fake.url}/media/{name}", text=text)

    def leaves(self) -> None:
        self.subscribed = False
        self._fake.push({"event": "unsubscribed", "user_id": self.id})

    def comes_back(self) -> None:
        self.subscribed = True
        self._fake.push({"event": "subscribed", "user": self.as_user()})

    def reads(self) -> None:
        self._fake.push({"event": "seen", "message_token": self.messages[-1].token, "user_id": self.id})

    # What they see

    async def hears(self, count: int = 1, seconds: float = PATIENCE) -> list[Shown]:
        end = self._heard + count
        await self._fake.until(lambda: len(self.messages) >= end, self.view, seconds)
        heard, self._heard = self.messages[self._heard : end], end
        return heard

    def view(self) -> str:
        seen = [f"{one.text!r} {one.buttons}" for one in self.messages[-4:]]
        return f"{self.id} has {len(self.messages)} messages, at last: {' | '.join(seen)}"

    def as_user(self) -> Json:
        user: Json = {"id": self.id, "name": "Anna", "country": "XK", "api_version": 10}
        return {**user, "language": self.language} if self.language else user


class FakeViber:
    def __init__(self, token: str = TOKEN, now: Callable[[], float] = lambda: 0.0) -> None:
        """`now`: seconds, for sessions."""
        self.token, self.now, self.url, self.webhook = token, now, "", ""
        self.people: dict[str, Person] = {}
        self.files: dict[str, bytes] = {}
        self.calls: list[tuple[str, Json]] = []
        self.refused: list[tuple[str, str]] = []
        """What the bot did that Viber does not allow."""
        self.posted: list[tuple[Json, int]] = []
        """Each post and how it was answered; 0: not at all."""
        self.outside = 0
        """Messages that were sent outside of a session."""
        self.free_outside = 10_000
        self.tells_delivered = True
        self.twice = False
        """Everything is posted twice."""
        self.backwards = False
        """What waits is posted last first."""
        self.wrong_signature = False
        self.wants_name = False
        self._troubles: defaultdict[str, deque[_Trouble]] = defaultdict(deque)
        self._waiting: deque[Json] = deque()
        self._tokens = itertools.count(5_741_311_803_571_721_087)
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/pa/{method}", self._serve)
        app.router.add_get("/media/{name}", self._media)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE))
        self._pump = asyncio.create_task(self._post_all())

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.wait({self._pump})
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> FakeViber:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # The test's side

    def person(self, number: str, language: str | None = "en", *, subscribed: bool = False) -> Person:
        if number not in self.people:
            self.people[number] = Person(self, number, language)
            self.people[number].subscribed = subscribed
        return self.people[number]

    def fail_next(
        self, method: str, status: int = 3, *, how: How = "answer", arrives: bool = False, times: int = 1,
    ) -> None:
        """answer: refused with Viber's status; http: with an HTTP status; drop: the connection breaks; late: nobody
        waits any more when it is done; twice: done, and answered twice; garbled: what is answered is no JSON.

        arrives: it is done all the same."""
        self._troubles[method].extend([_Trouble(how, status, arrives)] * times)

    def event(self, body: Json) -> Json:
        return {"timestamp": 1_790_000_000_000, "message_token": next(self._tokens), **body}

    def push(self, body: Json) -> None:
        """To be posted; again until it is answered with 200."""
        event = self.event(body)
        self._waiting.extend([event] * (2 if self.twice else 1))
        self._woken.set()

    async def settled(self) -> None:
        """Everything has been posted and taken."""
        await self.until(lambda: not self._waiting, lambda: f"{len(self._waiting)} callbacks wait")

    async def until(self, true: Callable[[], bool], otherwise: Callable[[], str], seconds: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"waited {seconds} s in vain; {otherwise()}") from None

    def _happened(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def sent(self) -> list[Json]:
        return [parameters for method, parameters in self.calls if method == "send_message"]

    # Posting

    async def _post_all(self) -> None:
        while True:
            while self._waiting and self.webhook:
                event = self._waiting[-1] if self.backwards else self._waiting[0]
                if await self.post(event) is not None:
                    self._waiting.remove(event)
                    self._happened()
                else:
                    await asyncio.sleep(0.01)
            self._woken.clear()
            await self._woken.wait()

    async def post(self, event: Json) -> Json | None:
        """Post one; what was answered, empty where nothing; None where it was not taken."""
        assert self._session is not None
        body = json.dumps(event).encode()
        key = b"somebody else's" if self.wrong_signature else self.token.encode()
        headers = {"X-Viber-Content-Signature": hmac.new(key, body, "sha256").hexdigest()}
        try:
            async with self._session.post(self.webhook, data=body, headers=headers) as response:
                status, answer = response.status, await response.read()
        except aiohttp.ClientError:
            status, answer = 0, b""
        self.posted.append((event, status))
        self._happened()
        if status != 200:
            return None
        return json.loads(answer) if answer else {}

    # The bot's side

    async def _serve(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], await request.read()
        try:
            if request.headers.get("X-Viber-Auth-Token") != self.token:
                raise Refusal(2)
            parameters = json.loads(body)
            self.calls.append((method, parameters))
            trouble = self._troubles[method].popleft() if self._troubles[method] else None
            while trouble is not None and trouble.how == "late" and request.transport is not None:
                await asyncio.sleep(0.005)
            answer: Json = {}
            if trouble is None or trouble.arrives:
                answer = await self._result(method, parameters, len(body))
            if trouble is not None:
                return self._goes_wrong(trouble, request, answer)
        except Refusal as refusal:
            answer = {"status": refusal.status, "status_message": refusal.words}
        self._happened()
        return web.json_response(answer)

    def _goes_wrong(self, trouble: _Trouble, request: web.Request, answer: Json) -> web.Response:
        self._happened()
        match trouble.how:
            case "answer":
                raise Refusal(trouble.status)
            case "http":
                return web.Response(status=trouble.status)
            case "drop" if request.transport is not None:
                request.transport.abort()
            case "twice" if request.transport is not None:
                body = json.dumps(answer)
                request.transport.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return web.Response(text="<html>") if trouble.how == "garbled" else web.json_response(answer)

    async def _result(self, method: str, parameters: Json, size: int) -> Json:
        if method == "get_account_info":
            return {"status": 0, "status_message": "ok", "id": "pa:1", "name": "Fake", "uri": "fakecentre"}
        if method == "set_webhook":
            return await self._set_webhook(parameters)
        if method != "send_message":
            raise Refusal(3)
        try:
            return self._send(parameters, size)
        except Refusal as refusal:
            if refusal.status == 3:
                self.refused.append((method, refusal.words))
            raise

    async def _set_webhook(self, parameters: Json) -> Json:
        """The address is tried before it is taken."""
        before, self.webhook = self.webhook, str(parameters.get("url", ""))
        if not self.webhook.startswith(("https://", "http://127.0.0.1")) or await self.post(
            self.event({"event": "webhook"})
        ) is None:
            self.webhook = before
            raise Refusal(1)
        self._woken.set()
        return {"status": 0, "status_message": "ok", "event_types": parameters.get("event_types", [])}

    def _send(self, parameters: Json, size: int) -> Json:
        if size > LARGEST_MESSAGE:
            raise Refusal(3, "too large")
        self.check_message(parameters)
        person = self.people.get(str(parameters.get("receiver")))
        if person is None:
            raise Refusal(5)
        if not person.subscribed:
            raise Refusal(6)
        in_session = person.session_since is not None and self.now() - person.session_since < SESSION_SECONDS
        if not in_session:
            if self.outside >= self.free_outside:
                raise Refusal(23)
            self.outside += 1
        shown = self.shown(parameters)
        person.messages.append(shown)
        if self.tells_delivered:
            self.push({"event": "delivered", "message_token": shown.token, "user_id": person.id})
        return {"status": 0, "status_message": "ok", "message_token": shown.token, "chat_hostname": "SN-CHAT-05_",
                "billing_status": 1 if in_session else 2}

    def shown(self, message: Json) -> Shown:
        keys = (message.get("keyboard") or {}).get("Buttons", [])
        file = (message["type"], message["media"]) if message["type"] != "text" else None
        return Shown(next(self._tokens), message.get("text", ""), keys, message.get("tracking_data", ""), file)

    def check_message(self, message: Json) -> None:
        """What Viber insists on, or status 3."""
        text, sender = message.get("text"), message.get("sender")
        if message.get("type") in ("picture", "file"):
            _check_file(message)
        elif message.get("type") != "text" or not isinstance(text, str) or not text.strip() or len(text) > 7000:
            raise Refusal(3, "bad text")
        if not isinstance(sender, dict) or not 1 <= len(sender.get("name", "")) <= 28:
            raise Refusal(3, "bad sender")
        if not isinstance(message.get("min_api_version"), int) or len(message.get("tracking_data", "")) > 4000:
            raise Refusal(3, "bad version or tracking data")
        if "keyboard" in message:
            _check_keyboard(message["keyboard"])

    async def _media(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)


def _check_file(message: Json) -> None:
    """https://developers.viber.com/docs/api/rest-bot-api/#picture-message and #file-message"""
    if not str(message.get("media", "")).startswith("https://"):
        raise Refusal(3, "bad media")
    if message["type"] == "picture" and (not isinstance(message.get("text"), str) or len(message["text"]) > 768):
        raise Refusal(3, "bad text")
    if message["type"] == "file" and not (0 < message.get("size", 0) <= 52_428_800 and message.get("file_name")):
        raise Refusal(3, "bad file")


def _check_keyboard(keyboard: Json) -> None:
    buttons = keyboard.get("Buttons")
    if keyboard.get("Type") != "keyboard" or not isinstance(buttons, list) or not buttons:
        raise Refusal(3, "bad keyboard")
    filled = 0
    for one in buttons:
        if one.get("ActionType") not in ("reply", "open-url") or not one.get("ActionBody") or not one.get("Text"):
            raise Refusal(3, "bad button")
        if not 1 <= one.get("Columns", 6) <= 6 or not 1 <= one.get("Rows", 1) <= 2:
            raise Refusal(3, "bad size of a button")
        if "<" in one["Text"] or len(one["Text"]) > 250:
            raise Refusal(3, "a label that is read as HTML")
        filled += one["Columns"]
        if filled > 6:
            raise Refusal(3, "a row of more than six columns")
        filled %= 6
    if filled:
        raise Refusal(3, "a row that is not filled")
