"""The web chat over HTTP: the page, what it asks for, and what it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from types import MappingProxyType
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import RedirectResponse, Response

from bot.channels.web_chat import WebChat, topic
from bot.live import Live
from bot.origin import from_this_site, network_of, origin_of, own_origin
from bot.web.answers import PRIVATE, Refused, answer, read_body, refusal
from bot.web.browser import address_of, is_embedded, keep, signed_in, token_for, token_of
from bot.web.chat_texts import OUTSIDE, TEXTS
from bot.web.pace import Pace
from bot.web.page import LEAVE_TO, PAGE_HEADERS, add_files, html_lang, page_headers, snippet, template, version
from bot.web.reading import AFTER, FILE, digest, read_key, read_tap, read_text, read_way, takes, whole
from bot.web.thread import ReadMessages, Thread, own_key
from bot.web.uploads import LONGEST_FILE, KeepFile, Uploads, described, kind_of, read_file, read_place
from conversations.events import FromPerson, Media, Message, Started, Tap
from storage.store import StoreError

__all__ = ["chat_routes"]

EMBED = "/embed"
PAGE_OF_MESSAGES = 200
PING_SECONDS = 15
AT_ONCE, A_SECOND = 40, 4.0
"""Of one chat; the page sends again what is refused."""
NEW_AT_ONCE, NEW_A_SECOND = 60, 1.0
"""Chats that begin at one network address: a whole office or shelter may share one."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Chat:
    channel: WebChat
    read: ReadMessages
    live: Live
    now: Callable[[], datetime]
    texts: Callable[[str, str], str]
    languages: Mapping[str, str]
    choose_language: Callable[[str], str]
    title: str
    secure: bool
    pace: Pace
    new_chats: Pace
    uploads: Uploads
    may_embed: tuple[str, ...]
    pushes: bool
    secret: bytes

    async def page(self, request: Request) -> Response:
        return await self._page(request, PAGE_HEADERS, is_embedded(request))

    async def embedded(self, request: Request) -> Response:
        """The same within a page of another site: of those that may."""
        if request.headers.get("sec-fetch-dest") == "document":
            return RedirectResponse("/", 303, headers=PRIVATE)
        came_from = origin_of(request.headers.get("referer", ""))
        if not self.may_embed or came_from not in ("", own_origin(request), *self.may_embed):
            return refusal(Refused(403, "other_site"))
        return await self._page(request, page_headers(" ".join(self.may_embed)), embedded=True)

    async def _page(self, request: Request, headers: Mapping[str, str], embedded: bool) -> Response:
        language = await self._language(request)
        page = template("chat.html").render(
            title=self.title,
            lang=html_lang(language),
            language=language,
            own_name=self.languages.get(language, ""),
            t=self._texts(language, OUTSIDE if embedded else {}),
            leave_to=LEAVE_TO,
            version=version(),
            embedded=embedded,
            pushes=self.pushes,
        )
        response = Response(page, media_type="text/html", headers=headers)
        if token := token_of(request):
            keep(response, self.secure or request.url.scheme == "https", token, is_embedded(request))
        return response

    async def texts_of(self, language: str) -> Response:
        """The page's words, for when the person changes the language in the chat."""
        if language not in self.languages:
            return refusal(Refused(404, "no_language"))
        name = self.languages[language]
        return answer({"lang": html_lang(language), "name": name, "texts": self._texts(language)})

    async def start(self, request: Request) -> Response:
        """A new chat, or one that holds nothing yet. The page's key opens it again, so it is not kept as it is."""
        try:
            body = await read_body(request)
            key, way = read_key(body), read_way(body.get("from"))
            self._slow_down(self.new_chats, network_of(request))
            token = token_of(request) or token_for(self.secret, key)
            address = address_of(token)
            event = Started(
                channel=self.channel.name, address=address, key=own_key(address, f"start-{digest(key)}"), at=self.now(),
                language=self._preferred(request), payload=way,
            )
            await self._receive(event)
        except Refused as why:
            return refusal(why)
        response = answer({"ok": True}, 202)
        if token != token_of(request):
            embedded = body.get("embedded") is True or is_embedded(request)
            keep(response, self.secure or request.url.scheme == "https", token, embedded)
        return response

    async def send(self, request: Request) -> Response:
        """One message or tap. Answered once it is stored."""
        try:
            body = await read_body(request)
            event = self._event(request, signed_in(request), body)
            self._slow_down(self.pace, event.address)
            await self._receive(event)
        except Refused as why:
            return refusal(why)
        return answer({"ok": True}, 202)

    async def send_file(self, request: Request) -> Response:
        """A photo, a voice message or a paper, with what belongs to it in the query. Answered once it is kept."""
        try:
            if not from_this_site(request):
                raise Refused(403, "other_site")
            given, address = request.query_params, signed_in(request)
            key = own_key(address, read_key(dict(given)))
            self._slow_down(self.pace, address)
            if self.uploads.room.locked():
                raise Refused(503, "try_later", 5)
            async with self.uploads.room:
                await self._take_file(request, address, key)
        except Refused as why:
            return refusal(why)
        return answer({"ok": True}, 202)

    async def _take_file(self, request: Request, address: str, key: str) -> None:
        given = request.query_params
        content = await read_file(request)
        if content is None:
            raise Refused(413, "too_large")
        if not content:
            raise Refused(422, "empty")
        await self._receive(Media(
            channel=self.channel.name, address=address, key=key, at=self.now(), language=self._preferred(request),
            kind=kind_of(content, given.get("as", "")),
            data=described(given.get("name", ""), content, given.get("album", "")),
        ))
        try:
            fate = await self.uploads.keep(self.channel.name, key, content)
        except StoreError as error:
            raise Refused(503, "try_later") from error
        if fate in ("too_large", "full"):
            raise Refused(413, fate)

    async def messages(self, request: Request) -> Response:
        try:
            address = signed_in(request)
            after = whole(request.query_params.get("after"))
            thread = await self.read.thread(address, after, PAGE_OF_MESSAGES)
        except Refused as why:
            return refusal(why)
        return answer(self._as_json(thread))

    async def events(self, request: Request) -> Response:
        try:
            address = signed_in(request)
            after = whole(request.headers.get("last-event-id") or request.query_params.get("after"))
        except Refused as why:
            return refusal(why)
        return EventSourceResponse(
            self._news(address, after), ping=PING_SECONDS, ping_message_factory=_ping, headers=PRIVATE
        )

    async def _news(self, address: str, after: int) -> AsyncIterator[ServerSentEvent]:
        """How the chat stands, at once; then whatever changes, until the page or the service closes."""
        shown = None
        async with aclosing(self.live.follow(topic(address))) as wake_ups:
            async for _ in wake_ups:
                if not self.channel.open:
                    return
                async for thread in self._later(address, after):
                    state = (thread.language, thread.waiting, thread.counsellor, thread.hidden, thread.whose)
                    if thread.messages or state != shown:
                        after = max([after, *(one.id for one in thread.messages)])
                        shown = state
                        yield ServerSentEvent(
                            orjson.dumps(self._as_json(thread)).decode(), event="thread", id=str(after)
                        )

    async def _later(self, address: str, after: int) -> AsyncIterator[Thread]:
        """The thread after a message, in as many pieces as it takes; at least one."""
        full = True
        while full:
            thread = await self.read.thread(address, after, PAGE_OF_MESSAGES)
            yield thread
            full = len(thread.messages) >= PAGE_OF_MESSAGES
            after = thread.messages[-1].id if thread.messages else after

    def _slow_down(self, pace: Pace, sender: str) -> None:
        if seconds := pace.wait(sender):
            raise Refused(429, "too_fast", seconds)

    async def _receive(self, event: FromPerson) -> None:
        try:
            await self.channel.receive([event])
        except Exception as error:
            log.warning("web_chat_not_stored", error=type(error).__name__)
            raise Refused(503, "try_later") from error

    def _event(self, request: Request, address: str, body: dict[str, Any]) -> FromPerson:
        common: dict[str, Any] = {
            "channel": self.channel.name, "address": address, "at": self.now(),
            "key": own_key(address, read_key(body)), "language": self._preferred(request),
        }
        if "tap" in body:
            return Tap(data=read_tap(body["tap"]), **common)
        if "place" in body:
            place = read_place(body["place"])
            if place is None:
                raise Refused(422, "no_place")
            return Media(kind="location", data=place, **common)
        return Message(text=read_text(body.get("text")), **common)

    def _as_json(self, thread: Thread) -> dict[str, Any]:
        return thread.as_json() | {"more": len(thread.messages) >= PAGE_OF_MESSAGES}

    def _texts(self, language: str, also: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        return {name: self.texts(language, msgid) for name, msgid in (TEXTS | dict(also)).items()}

    def _preferred(self, request: Request) -> str:
        return self.choose_language(request.headers.get("accept-language", ""))

    async def _language(self, request: Request) -> str:
        """The person's, if the browser says who they are; else the browser's."""
        if token := token_of(request):
            thread = await self.read.thread(address_of(token), 0, 1)
            if thread.language in self.languages:
                return thread.language
        return self._preferred(request)


def chat_routes(
    channel: WebChat,
    read: ReadMessages,
    live: Live,
    now: Callable[[], datetime],
    texts: Callable[[str, str], str],
    languages: Mapping[str, str],
    choose_language: Callable[[str], str],
    title: str = "Chat",
    secure: bool = False,
    pace: Pace | None = None,
    new_chats: Pace | None = None,
    *,
    keep_file: KeepFile,
    may_embed: tuple[str, ...] = (),
    pushes: bool = False,
    secret: bytes = b"",
) -> APIRouter:
    """Everything that the web chat's page needs, its static files included.

    `texts(language, msgid)` translates, `languages` holds code -> own name, `choose_language` reads an
    Accept-Language header, `title` is the centre's name, `may_embed` holds the sites that may show the chat in theirs,
    `pushes` says whether browsers may show a sign when there is something new. `secret`: of all processes together;
    without one, a page that asks another process again begins another chat.
    """
    chat = _Chat(channel, read, live, now, texts, languages, choose_language, title, secure,
                 pace or Pace(AT_ONCE, A_SECOND), new_chats or Pace(NEW_AT_ONCE, NEW_A_SECOND), Uploads(keep_file),
                 may_embed, pushes, secret or token_bytes(32))
    router = APIRouter()
    router.add_api_route("/", chat.page, methods=["GET"])
    router.add_api_route(EMBED, chat.embedded, methods=["GET"])
    router.add_api_route(f"{EMBED}.js", snippet(texts, languages), methods=["GET"])
    router.add_api_route("/chat/texts/{language}", chat.texts_of, methods=["GET"])
    router.add_api_route("/chat/start", chat.start, methods=["POST"], openapi_extra=takes("key"))
    router.add_api_route("/chat/messages", chat.messages, methods=["GET"], openapi_extra=AFTER)
    router.add_api_route("/chat/messages", chat.send, methods=["POST"], openapi_extra=takes("key", "text", "tap"))
    router.add_api_route("/chat/files", chat.send_file, methods=["POST"], openapi_extra=FILE,
                         max_body_size=LONGEST_FILE)
    router.add_api_route("/chat/events", chat.events, methods=["GET"], openapi_extra=AFTER)
    add_files(router)
    return router


def _ping() -> ServerSentEvent:
    """An event, not a comment: the page notices when they stop coming."""
    return ServerSentEvent("", event="ping")
