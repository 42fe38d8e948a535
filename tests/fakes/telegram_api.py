"""A Telegram of our own, over real HTTP: the Bot API on one side, people on their phones on the other.

    fake = FakeTelegram()
    await fake.start()                      # -> fake.url, fake.token
    anna = fake.person(7, language="de")
    anna.starts()
    [welcome] = await anna.hears()
    anna.taps("Deutsch")

It is as strict as Telegram where Telegram is strict, so that a bot that works here works there.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeAlias

from aiohttp import web

from tests.fakes.telegram_forum import FILES, Forum
from tests.fakes.telegram_posts import Posting, Target
from tests.fakes.telegram_refusal import Refusal
from tests.support.patience import PATIENCE

Json: TypeAlias = dict[str, Any]

TOKEN = "4242:AAFakeTokenFakeTokenFakeTokenFakeTok"
BOT = {"id": 4242, "is_bot": True, "first_name": "Fake", "username": "fake_bot"}

LARGEST_FILE = 20 * 2**20
"""What the Bot API gives out at most (https://core.telegram.org/bots/api#getfile)."""
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c636870500000022400e1ab5962"
    "270000000049454e44ae426082"
)
"""One pixel."""

_JSON_FIELDS = frozenset({"entities", "reply_markup", "allowed_updates", "commands", "link_preview_options", "scope",
                          "caption_entities", "reply_parameters", "media"})
_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
_OTHER_POLL = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
_WEBHOOK_WAS_SET = "Conflict: terminated by setWebhook request"
_WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
_OLD_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Call:
    """One call of the bot, as it arrived."""

    method: str
    parameters: Json
    content_type: str


@dataclass
class Shown:
    """A message of the bot, as it stands on the person's phone now."""

    id: int
    text: str
    rows: list[list[Json]] = field(default_factory=list)
    quiet: bool = False
    edits: int = 0
    file: tuple[str, str | bytes] | None = None
    """The picture or file above the text: its number, or what was uploaded."""
    answers: int | None = None

    @property
    def buttons(self) -> list[str]:
        return [button["text"] for row in self.rows for button in row]


@dataclass
class _Trouble:
    how: Literal["answer", "hang", "drop", "slow"]
    refusal: Refusal
    arrives: bool
    seconds: float


class _Changes:
    """Wakes those who wait for something to be true, each time that anything has changed."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def happened(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, true: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self._event.wait()
        except TimeoutError:
            raise AssertionError(f"waited {seconds} s in vain; {otherwise()}") from None


class Person:
    """Someone on their phone, in a private chat with the bot. `fake.person(...)` makes them."""

    def __init__(self, fake: FakeTelegram, number: int, language: str | None, first_name: str) -> None:
        self._fake = fake
        self.id = number
        self.language = language
        self.first_name = first_name
        self.messages: list[Shown] = []
        """What the bot has said, as it looks now."""
        self.deleted: list[object] = []
        """The ids that the bot wanted to be gone, theirs and the person's, in order."""
        self.opened = False
        """Whether they have ever written: before that, a bot may not."""
        self.blocked = False
        self.deactivated = False
        self._heard = 0

    # What they do

    def starts(self, payload: str = "") -> None:
        self.says(f"/start {payload}".strip())

    def says(self, text: str, reply_to: Shown | None = None) -> None:
        content: Json = {"text": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            content["entities"] = [{"offset": 0, "length": length, "type": "bot_command"}]
        if reply_to is not None:
            content["reply_to_message"] = self._fake.message_json(self, reply_to)
        self.sends(**content)

    def taps(self, label: str, on: Shown | None = None) -> str:
        """Taps the newest button of that name, and gives back the id of the query."""
        shown, button = self._button(label, self.messages if on is None else [on])
        return self._fake.tapped(self, shown, button["callback_data"])

    def _button(self, label: str, among: Sequence[Shown]) -> tuple[Shown, Json]:
        for shown in reversed(among):
            for button in itertools.chain.from_iterable(shown.rows):
                if button["text"] == label:
                    return shown, button
        raise AssertionError(f"no button {label!r}; {self.view()}")

    def sends(self, **content: object) -> None:
        """Any message, by the fields of Telegram's Message."""
        self.opened = True
        self._fake.push(
            {
                "message": {
                    "message_id": self._fake.next_message_id(),
                    "from": self.as_user(),
                    "chat": self.as_chat(),
                    "date": int(time.time()),
                    **content,
                }
            }
        )

    def sends_photo(self, caption: str = "") -> None:
        sizes = [
            {"file_id": f"photo-{size}", "file_unique_id": f"u{size}", "width": size, "height": size}
            for size in (90, 320, 1280)
        ]
        self._fake.files.setdefault("photo-1280", PHOTO)
        self.sends(photo=sizes, **({"caption": caption} if caption else {}))

    def sends_sticker(self, emoji: str = "👍") -> None:
        self.sends(
            sticker={**_file("sticker"), "type": "regular", "width": 512, "height": 512, "emoji": emoji}
        )

    def sends_voice(self, seconds: int = 4) -> None:
        self.sends(voice={**_file("voice"), "duration": seconds, "mime_type": "audio/ogg"})

    def sends_document(self, name: str = "certificate.pdf", caption: str = "") -> None:
        file = {**_file("document"), "file_name": name, "mime_type": "application/pdf"}
        self.sends(document=file, **({"caption": caption} if caption else {}))

    def sends_location(self, latitude: float = 42.66, longitude: float = 21.16) -> None:
        self.sends(location={"latitude": latitude, "longitude": longitude})

    def sends_contact(self, phone: str = "+38344000001", first_name: str = "Invented") -> None:
        self.sends(contact={"phone_number": phone, "first_name": first_name, "user_id": self.id})

    def blocks(self) -> None:
        self.blocked = True
        self._fake.push({"my_chat_member": self._membership("member", "kicked")})

    def unblocks(self) -> None:
        self.blocked = False
        self._fake.push({"my_chat_member": self._membership("kicked", "member")})

    def deletes_account(self) -> None:
        self.deactivated = True

    # What they see

    async def hears(self, count: int = 1, seconds: float = PATIENCE) -> list[Shown]:
        """The next messages, as many as asked for, that were not given out before."""
        end = self._heard + count
        await self.waits_for(lambda messages: len(messages) >= end, seconds)
        heard, self._heard = self.messages[self._heard : end], end
        return heard

    async def waits_for(self, true: Callable[[list[Shown]], bool], seconds: float = PATIENCE) -> list[Shown]:
        await self._fake.changes.until(lambda: true(self.messages), seconds, self.view)
        return self.messages

    def view(self) -> str:
        """The chat, for the message of a failed test."""
        seen = [f"{shown.text!r} {shown.buttons}" for shown in self.messages[-5:]]
        return f"person {self.id} has {len(self.messages)} messages, at last: " + (" | ".join(seen) or "none")

    # As JSON

    def as_user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return {**user, "language_code": self.language} if self.language else user

    def as_chat(self) -> Json:
        return {"id": self.id, "first_name": self.first_name, "type": "private"}

    def _membership(self, old: str, new: str) -> Json:
        return {
            "from": self.as_user(),
            "chat": self.as_chat(),
            "date": int(time.time()),
            "old_chat_member": {"user": BOT, "status": old},
            "new_chat_member": {"user": BOT, "status": new},
        }


class FakeTelegram:
    def __init__(self, token: str = TOKEN, second: float = 0.01) -> None:
        """`second`: how long a second lasts between two posts of the same update."""
        self.token = token
        self.url = ""
        self.calls: list[Call] = []
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Forum] = {}
        self.offered: dict[str, list[Json]] = {}
        """Inline query -> what the bot has offered."""
        self.commands: dict[str, list[Json]] = {}
        self.descriptions: dict[str, str] = {}
        self.answered: list[str] = []
        """The callback queries that the bot has answered, by id, in order."""
        self.webhook = ""
        self.files: dict[str, bytes] = {}
        """What people have sent, by its file_id. What is not in it cannot be had."""
        self.downloads: list[str] = []
        """The file_ids that were downloaded, in order."""
        self.changes = _Changes()
        self.posting = Posting(lambda: self._pending, self._was_answered, self.changes.happened, second)
        self._queries: set[str] = set()
        self._pending: list[Json] = []
        self._sent_last: list[Json] = []
        self._again: list[Json] = []
        self._poll: asyncio.Future[None] | None = None
        self._allowed: Sequence[str] = ()
        self._troubles: defaultdict[str, deque[_Trouble]] = defaultdict(deque)
        self._update_ids = itertools.count(870_000_001)
        self._message_ids = itertools.count(101)
        self._query_ids = itertools.count(4_380_000_000_000_001)
        self._runner: web.AppRunner | None = None
        self.albums: list[list[int]] = []
        """The messages of each album that was shown."""
        self._methods: dict[str, Callable[[Json], Any]] = {
            "getme": self._get_me,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "answercallbackquery": self._answer_query,
            "setmycommands": self._set_commands,
            "setmydescription": self._set_description,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "sendchataction": self._chat_action,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
            "sendmediagroup": self._send_album,
            "getfile": self._get_file,
            "answerinlinequery": self._answer_inline,
            **{method: partial(self._send_file, kind) for method, kind in FILES.items()},
        }

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/bot{token:[^/]+}/{method}", self._serve)
        app.router.add_get("/file/bot{token:[^/]+}/files/{file_id}", self._download)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        await self.posting.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> FakeTelegram:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # The test's side

    def person(
        self, number: int, language: str | None = "en", first_name: str = "Anna", *, opened: bool = True
    ) -> Person:
        """The person with this number; `opened`: they have written to the bot before."""
        if number not in self.people:
            self.people[number] = Person(self, number, language, first_name)
            self.people[number].opened = opened
        return self.people[number]

    def forum(self, number: int) -> Forum:
        """The group with this number, in which the bot is an administrator."""
        return self.groups.setdefault(number, Forum(self, number))

    def fail_next(
        self,
        method: str,
        status: int = 500,
        description: str = "Internal Server Error",
        *,
        retry_after: int | None = None,
        how: Literal["answer", "hang", "drop", "slow"] = "answer",
        arrives: bool | None = None,
        seconds: float = 0.0,
        times: int = 1,
    ) -> None:
        """The next calls of a method go wrong.

        answer: it is refused; hang: nobody ever answers; drop: the connection breaks; slow: well, but late.
        `arrives`: whether the call does its work all the same; so it is unless it is refused.
        """
        if retry_after is not None:
            status, description = 429, f"Too Many Requests: retry after {retry_after}"
        refusal = Refusal(status, description, {"retry_after": retry_after} if retry_after else None)
        does_its_work = how != "answer" if arrives is None else arrives
        trouble = _Trouble(how, refusal, does_its_work, seconds)
        self._troubles[method.lower()].extend([trouble] * times)

    def redeliver(self) -> None:
        """The updates that were given out or taken last come once more, whatever was confirmed."""
        if self.posting.is_on:
            self._pending.extend(self._sent_last)
            self.posting.wake()
            return
        self._again = list(self._sent_last)
        self._wake_poll()

    def push(self, update: Json) -> int:
        """Any update; its id comes back."""
        number = next(self._update_ids)
        kind = next(iter(update))
        if not self._allowed or kind in self._allowed:
            self._pending.append({"update_id": number, **update})
            self._wake_poll()
            self.posting.wake()
        return number

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method.lower() == method.lower()]

    async def waits_for(self, true: Callable[[FakeTelegram], bool], seconds: float = PATIENCE) -> None:
        await self.changes.until(lambda: true(self), seconds, self._view)

    def expire_queries(self) -> None:
        """All taps so far are too old to be answered."""
        self._queries.clear()

    @property
    def unconfirmed(self) -> list[int]:
        """The ids of the updates that the bot has not confirmed."""
        return [update["update_id"] for update in self._pending]

    def _view(self) -> str:
        return f"the last calls were {[call.method for call in self.calls[-8:]]}"

    # For Person

    def next_message_id(self) -> int:
        return next(self._message_ids)

    def tapped(self, person: Person, shown: Shown, data: str) -> str:
        query = str(next(self._query_ids))
        self._queries.add(query)
        self.push(
            {
                "callback_query": {
                    "id": query,
                    "from": person.as_user(),
                    "message": self.message_json(person, shown),
                    "chat_instance": "-700000000000000001",
                    "data": data,
                }
            }
        )
        return query

    def message_json(self, person: Person, shown: Shown) -> Json:
        message: Json = {
            "message_id": shown.id,
            "from": BOT,
            "chat": person.as_chat(),
            "date": int(time.time()),
            "text": shown.text,
        }
        return {**message, "reply_markup": {"inline_keyboard": shown.rows}} if shown.rows else message

    # The bot's side

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            method = request.match_info["method"]
            parameters = await _parameters(request)
            self.calls.append(Call(method, parameters, request.content_type))
            self.changes.happened()
            troubles = self._troubles[method.lower()]
            if troubles:
                return await self._go_wrong(troubles.popleft(), method, parameters, request)
            return _answer(await self._result(method, parameters))
        except Refusal as refusal:
            return _refused(refusal)

    async def _go_wrong(
        self, trouble: _Trouble, method: str, parameters: Json, request: web.Request
    ) -> web.StreamResponse:
        result = await self._result(method, parameters) if trouble.arrives else None
        if trouble.how == "answer":
            raise trouble.refusal
        if trouble.how == "hang":
            await asyncio.Event().wait()
        if trouble.how == "slow":
            await asyncio.sleep(trouble.seconds)
        elif request.transport is not None:
            request.transport.abort()
        return _answer(result)

    async def _result(self, method: str, parameters: Json) -> object:
        if method.lower() == "getupdates":
            return await self._get_updates(parameters)
        group = self.groups.get(_whole(parameters, "chat_id", 0))
        if group is not None:
            done = group.called(method.lower(), parameters)
            self.changes.happened()
            return done
        do = self._methods.get(method.lower())
        if do is None:
            raise Refusal(404, "Not Found")
        result = do(parameters)
        self.changes.happened()
        return result

    # Updates

    async def _get_updates(self, parameters: Json) -> list[Json]:
        if self.webhook:
            raise Refusal(409, _WEBHOOK_IS_SET)
        self._end_other_poll()
        self._allowed = parameters.get("allowed_updates", self._allowed)
        self._confirm(_whole(parameters, "offset", 0))
        self.changes.happened()
        await self._wait_for_updates(_whole(parameters, "timeout", 0))
        limit = min(100, max(1, _whole(parameters, "limit", 100)))
        given = (self._again + self._pending)[:limit]
        self._again = self._again[limit:]
        self._sent_last = given or self._sent_last
        return given

    def _confirm(self, offset: int) -> None:
        """All before the offset is forgotten; a negative one counts from the end."""
        if offset < 0:
            self._pending = self._pending[offset:]
        else:
            self._pending = [update for update in self._pending if update["update_id"] >= offset]

    async def _wait_for_updates(self, seconds: int) -> None:
        if self._pending or self._again or seconds <= 0:
            return
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _wake_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _end_other_poll(self, why: str = _OTHER_POLL) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(409, why))

    def _was_answered(self, update: Json, taken: bool) -> None:
        """It was posted; once it is taken, it is forgotten."""
        if taken:
            self._pending = [one for one in self._pending if one is not update]
            self._sent_last = [update]
        self.changes.happened()

    # Messages

    def _get_me(self, _: Json) -> Json:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}

    def _send_message(self, parameters: Json) -> Json:
        return self._show(parameters, _checked_text(parameters))

    def _send_file(self, kind: str, parameters: Json) -> Json:
        """One that Telegram has already, by its number, or an upload."""
        file = parameters.get(kind)
        if not (isinstance(file, bytes) and file) and file not in self.files:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        caption = str(parameters.get("caption", ""))
        if len(caption.encode("utf-16-le")) > 2 * 1024:
            raise Refusal(400, "Bad Request: message caption is too long")
        return self._show(parameters, caption, (kind, file))

    def _send_album(self, parameters: Json) -> list[Json]:
        """Pictures that stand together, without buttons (https://core.telegram.org/bots/api#sendmediagroup)."""
        media = parameters.get("media")
        if not isinstance(media, list) or not 2 <= len(media) <= 10 or "reply_markup" in parameters:
            raise Refusal(400, "Bad Request: wrong number of items in a media group")
        files = [parameters.get(str(one.get("media")).removeprefix("attach://")) for one in media]
        if not all(isinstance(one, bytes) and one for one in files) or {one.get("type") for one in media} != {"photo"}:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        shown = [self._show(parameters, str(one.get("caption", "")), ("photo", file))
                 for one, file in zip(media, files, strict=True)]
        self.albums.append([one["message_id"] for one in shown])
        return shown

    def _show(self, parameters: Json, text: str, file: tuple[str, Any] | None = None) -> Json:
        person = self._reached(parameters)
        answers = (parameters.get("reply_parameters") or {}).get("message_id")
        shown = Shown(
            self.next_message_id(), text, _checked_rows(parameters),
            _is_true(parameters.get("disable_notification")), file=file, answers=answers,
        )
        person.messages.append(shown)
        return self.message_json(person, shown)

    def _reached(self, parameters: Json) -> Person:
        person = self.people.get(_whole(parameters, "chat_id", 0))
        if person is None:
            raise Refusal(400, "Bad Request: chat not found")
        if person.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if person.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if not person.opened:
            raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
        return person

    def _delete_message(self, parameters: Json) -> bool:
        if not self._gone(self._reached(parameters), parameters.get("message_id")):
            raise Refusal(400, "Bad Request: message to delete not found")
        return True

    def _delete_messages(self, parameters: Json) -> bool:
        """Those that are not there are passed over (https://core.telegram.org/bots/api#deletemessages)."""
        numbers = parameters.get("message_ids")
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
            raise Refusal(400, "Bad Request: message identifiers are not specified")
        person = self._reached(parameters)
        for number in numbers:
            self._gone(person, number)
        return True

    def _gone(self, person: Person, number: object) -> bool:
        there = [shown for shown in person.messages if shown.id == number]
        person.messages[:] = [shown for shown in person.messages if shown.id != number]
        person.deleted.append(number)
        self.changes.happened()
        return bool(there)

    def _edit_text(self, parameters: Json) -> Json:
        person, shown = self._to_edit(parameters)
        return self._edit(person, shown, _checked_text(parameters), _checked_rows(parameters))

    def _edit_markup(self, parameters: Json) -> Json:
        person, shown = self._to_edit(parameters)
        return self._edit(person, shown, shown.text, _checked_rows(parameters))

    def _to_edit(self, parameters: Json) -> tuple[Person, Shown]:
        person = self._reached(parameters)
        number = _whole(parameters, "message_id", 0)
        for shown in person.messages:
            if shown.id == number:
                return person, shown
        raise Refusal(400, "Bad Request: message to edit not found")

    def _edit(self, person: Person, shown: Shown, text: str, rows: list[list[Json]]) -> Json:
        if (shown.text, shown.rows) == (text, rows):
            raise Refusal(400, _NOT_MODIFIED)
        shown.text, shown.rows, shown.edits = text, rows, shown.edits + 1
        return self.message_json(person, shown)

    def _answer_query(self, parameters: Json) -> bool:
        query = str(parameters.get("callback_query_id", ""))
        if query not in self._queries:
            raise Refusal(400, _OLD_QUERY)
        self._queries.discard(query)
        self.answered.append(query)
        return True

    def _answer_inline(self, parameters: Json) -> bool:
        results = parameters.get("results")
        if not isinstance(results, list) or len(results) > 50:
            raise Refusal(400, "Bad Request: RESULTS_TOO_MUCH")
        self.offered[str(parameters.get("inline_query_id"))] = results
        return True

    def _chat_action(self, parameters: Json) -> bool:
        self._reached(parameters)
        return True

    # Files

    def _get_file(self, parameters: Json) -> Json:
        file_id = str(parameters.get("file_id", ""))
        content = self.files.get(file_id)
        if content is None:
            raise Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > LARGEST_FILE:
            raise Refusal(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": len(content),
                "file_path": f"files/{file_id}"}

    async def _download(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["file_id"])
        if request.match_info["token"] != self.token or content is None:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        troubles = self._troubles["download"]
        if troubles and troubles.popleft().how == "drop":
            request.transport.abort()
        self.downloads.append(request.match_info["file_id"])
        self.changes.happened()
        return web.Response(body=content, content_type="application/octet-stream")

    # Set-up

    def _set_commands(self, parameters: Json) -> bool:
        commands, language = parameters.get("commands"), str(parameters.get("language_code", ""))
        if not isinstance(commands, list) or not all(map(_is_command, commands)):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise Refusal(400, "Bad Request: invalid language code specified")
        scope = parameters.get("scope") or {}
        self.commands[f"chat {scope['chat_id']}" if scope.get("type") == "chat" else language] = commands
        return True

    def _set_description(self, parameters: Json) -> bool:
        text, language = str(parameters.get("description", "")), str(parameters.get("language_code", ""))
        if len(text) > 512:
            raise Refusal(400, "Bad Request: description is too long")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise Refusal(400, "Bad Request: invalid language code specified")
        self.descriptions[language] = text
        return True

    def _set_webhook(self, parameters: Json) -> bool:
        if not parameters.get("url"):
            return self._delete_webhook(parameters)
        try:
            target = Target.read(parameters)
        except ValueError as wrong:
            raise Refusal(400, f"Bad Request: {wrong}") from None
        if _is_true(parameters.get("drop_pending_updates")):
            self._pending.clear()
        self._allowed = parameters.get("allowed_updates", self._allowed)
        self.webhook = target.url
        self._end_other_poll(_WEBHOOK_WAS_SET)
        self.posting.begin(target)
        return True

    def _delete_webhook(self, parameters: Json) -> bool:
        self.webhook = ""
        self.posting.end()
        if _is_true(parameters.get("drop_pending_updates")):
            self._pending.clear()
        return True

    def _webhook_info(self, _: Json) -> Json:
        return {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._pending),
        }


# Reading calls


async def _parameters(request: web.Request) -> Json:
    """From the address, a form or JSON; in a form, what is not text is JSON in a text."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        given.update(_json(body) if body else {})
    else:
        form = await request.post()
        given.update((name, _content(value)) for name, value in form.items())
    return {
        name: _json(value) if name in _JSON_FIELDS and isinstance(value, str) else value
        for name, value in given.items()
    }


def _content(value: object) -> object:
    """A file that came with a form, as its bytes."""
    return value.file.read() if isinstance(value, web.FileField) else value


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(400, "Bad Request: can't parse JSON object") from None


def _whole(parameters: Json, name: str, default: int) -> int:
    try:
        return int(parameters.get(name, default))
    except (TypeError, ValueError):
        return default


def _is_true(value: object) -> bool:
    return str(value).lower() in ("true", "1")


def _checked_text(parameters: Json) -> str:
    text = parameters.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.strip().encode("utf-16-le")) > 2 * 4096:
        raise Refusal(400, "Bad Request: message is too long")
    return text.strip()


def _checked_rows(parameters: Json) -> list[list[Json]]:
    markup = parameters.get("reply_markup") or {}
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal(400, "Bad Request: object expected as reply markup")
    for button in itertools.chain.from_iterable(rows):
        _check_button(button)
    return [row for row in rows if row]


def _check_button(button: object) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: button text must be non-empty")
    if "url" in button:
        return
    data = button.get("callback_data")
    if not isinstance(data, str):
        raise Refusal(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if not 1 <= len(data.encode()) <= 64:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


def _is_command(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and re.fullmatch("[a-z0-9_]{1,32}", str(entry.get("command"))) is not None
        and 1 <= len(str(entry.get("description", ""))) <= 256
    )


# Answering


def _answer(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.status)


def _file(name: str) -> Json:
    return {"file_id": f"{name}-file", "file_unique_id": f"{name}-unique", "file_size": 20480}
