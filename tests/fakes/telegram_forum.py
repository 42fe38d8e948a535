"""A forum group of the fake Telegram: topics, and members who write in them.

    team = fake.forum(-1001)
    arta = team.member(31, "Arta")
    arta.says("Hello", team.topic("Chat 1"))
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.fakes.telegram_refusal import Refusal

if TYPE_CHECKING:
    from tests.fakes.telegram_api import FakeTelegram

Json: TypeAlias = dict[str, Any]
FILES = {"sendphoto": "photo", "sendvoice": "voice", "sendaudio": "audio", "sendvideo": "video",
         "senddocument": "document"}
NO_THREAD = "Bad Request: message thread not found"


@dataclass
class Posted:
    """One message in the group, as it stands there now."""

    id: int
    sender: int
    """0: the bot."""
    text: str
    quiet: bool = False
    entities: list[Json] = field(default_factory=list)
    file: tuple[str, str] | None = None
    answers: int | None = None

    @property
    def open_text(self) -> str:
        """What a notification shows: everything that is not covered."""
        units = self.text.encode("utf-16-le")
        for one in reversed(self.entities):
            units = units[: one["offset"] * 2] + units[(one["offset"] + one["length"]) * 2 :]
        return units.decode("utf-16-le")


@dataclass
class Topic:
    id: int
    name: str
    messages: list[Posted] = field(default_factory=list)
    is_closed: bool = False

    def view(self) -> str:
        return " | ".join(repr(one.text) for one in self.messages[-8:])


@dataclass
class Member:
    """Somebody in the group."""

    forum: Forum
    id: int
    name: str

    def says(self, text: str, topic: Topic | None = None, answers: Posted | None = None, **more: Any) -> Posted:
        posted = Posted(self.forum.fake.next_message_id(), self.id, text, answers=answers.id if answers else None)
        if topic is not None:
            topic.messages.append(posted)
        self.forum.push("message", self, topic, posted, {"text": text, **self._answered(topic, answers), **more})
        return posted

    def edits(self, posted: Posted, text: str, topic: Topic) -> None:
        posted.text = text
        self.forum.push("edited_message", self, topic, posted, {"text": text, "edit_date": int(time.time())})

    def sends_photo(self, topic: Topic, caption: str = "") -> Posted:
        posted = Posted(self.forum.fake.next_message_id(), self.id, caption, file=("photo", "photo-1280"))
        topic.messages.append(posted)
        size = {"file_id": "photo-1280", "file_unique_id": "u1280", "width": 1280, "height": 1280}
        self.forum.push("message", self, topic, posted, {"photo": [size], "caption": caption})
        return posted

    def asks(self, text: str, number: str = "q1") -> str:
        """Types the bot's name and a word."""
        self.forum.fake.push({"inline_query": {"id": number, "from": self.as_user(), "query": text, "offset": ""}})
        return number

    def writes_alone(self, text: str) -> None:
        """To the bot, in a chat of their own."""
        self.forum.fake.person(self.id, first_name=self.name).says(text)

    def as_user(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name}

    def _answered(self, topic: Topic | None, answers: Posted | None) -> Json:
        """A message in a topic that answers nothing answers, as Telegram has it, the one that opened it."""
        if answers is not None:
            who: Json = {"id": answers.sender, "is_bot": answers.sender == 0, "first_name": "?"}
            return {"reply_to_message": {"message_id": answers.id, "from": who, "text": answers.text}}
        if topic is None:
            return {}
        return {"reply_to_message": {"message_id": topic.id, "forum_topic_created": {"name": topic.name}}}


class Forum:
    def __init__(self, fake: FakeTelegram, number: int) -> None:
        self.fake, self.id = fake, number
        self.topics: dict[int, Topic] = {}
        self.deleted: list[int] = []
        self.moved_to: int | None = None
        self.is_in = True
        """Whether the bot is a member."""

    # The test's side

    def member(self, number: int, name: str) -> Member:
        return Member(self, number, name)

    def topic(self, name: str) -> Topic:
        """The newest whose name begins so."""
        found = [one for one in self.topics.values() if one.name.startswith(name)]
        assert found, f"no topic {name!r}; there are {[one.name for one in self.topics.values()]}"
        return found[-1]

    def deletes(self, topic: Topic) -> None:
        """Somebody in the group does it; nobody is told."""
        del self.topics[topic.id]

    def removes_the_bot(self) -> None:
        self.is_in = False
        self._membership("administrator", "kicked")

    def lets_the_bot_in(self) -> None:
        self.is_in = True
        self._membership("left", "administrator")

    def moves(self, to: int, is_told: bool = True) -> Forum:
        """It becomes another group, as Telegram does when a group grows."""
        other = self.fake.groups[to] = Forum(self.fake, to)
        other.topics, self.moved_to = self.topics, to
        if is_told:
            self.fake.push({"message": {"message_id": self.fake.next_message_id(), "chat": self.as_chat(),
                                        "date": int(time.time()), "migrate_to_chat_id": to}})
        return other

    def push(self, kind: str, who: Member, topic: Topic | None, posted: Posted, content: Json) -> None:
        where: Json = {"message_thread_id": topic.id, "is_topic_message": True} if topic is not None else {}
        self.fake.push({kind: {"message_id": posted.id, "from": who.as_user(), "chat": self.as_chat(),
                               "date": int(time.time()), **where, **content}})

    def _membership(self, old: str, new: str) -> None:
        bot = {"id": 4242, "is_bot": True, "first_name": "Fake"}
        self.fake.push({"my_chat_member": {
            "from": {"id": 1, "is_bot": False, "first_name": "Owner"}, "chat": self.as_chat(), "date": int(time.time()),
            "old_chat_member": {"user": bot, "status": old}, "new_chat_member": {"user": bot, "status": new}}})

    def as_chat(self) -> Json:
        return {"id": self.id, "type": "supergroup", "title": "Team", "is_forum": True}

    # The bot's side

    def called(self, method: str, parameters: Json) -> Any:
        if self.moved_to is not None:
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          {"migrate_to_chat_id": self.moved_to})
        if not self.is_in:
            raise Refusal(403, "Forbidden: bot was kicked from the supergroup chat")
        if method == "createforumtopic":
            return self._create(parameters)
        if method == "editforumtopic":
            return self._rename(self._topic(parameters), str(parameters["name"]))
        if method in ("closeforumtopic", "reopenforumtopic"):
            return self._close(self._topic(parameters), method == "closeforumtopic")
        if method == "deleteforumtopic":
            self.deleted.append(self.topics.pop(self._topic(parameters).id).id)
            return True
        if method == "deletemessage":
            return self._delete(int(parameters.get("message_id", 0)))
        if method == "sendmessage" or method in FILES:
            return self._send(method, parameters)
        raise Refusal(404, "Not Found")

    def _create(self, parameters: Json) -> Json:
        name = str(parameters.get("name", ""))
        if not 1 <= len(name) <= 128:
            raise Refusal(400, "Bad Request: TOPIC_TITLE_EMPTY")
        topic = Topic(self.fake.next_message_id(), name)
        self.topics[topic.id] = topic
        return {"message_thread_id": topic.id, "name": name, "icon_color": 7322096}

    def _rename(self, topic: Topic, name: str) -> bool:
        """Telegram also writes into the topic that it is called otherwise; nobody answers that."""
        if topic.name == name:
            raise Refusal(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.name = name
        return True

    def _close(self, topic: Topic, closes: bool) -> bool:
        if topic.is_closed == closes:
            raise Refusal(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.is_closed = closes
        return True

    def _delete(self, number: int) -> bool:
        for topic in self.topics.values():
            if any(one.id == number for one in topic.messages):
                topic.messages[:] = [one for one in topic.messages if one.id != number]
                return True
        raise Refusal(400, "Bad Request: message to delete not found")

    def _topic(self, parameters: Json) -> Topic:
        topic = self.topics.get(int(parameters.get("message_thread_id", 0)))
        if topic is None:
            raise Refusal(400, NO_THREAD)
        return topic

    def _send(self, method: str, parameters: Json) -> Json:
        topic = self._topic(parameters) if "message_thread_id" in parameters else None
        kind = FILES.get(method)
        text = str(parameters.get("caption" if kind else "text", "")).strip()
        entities = parameters.get("caption_entities" if kind else "entities") or []
        length = len(text.encode("utf-16-le")) // 2
        if not text and kind is None:
            raise Refusal(400, "Bad Request: message text is empty")
        if length > (1024 if kind else 4096):
            raise Refusal(400, "Bad Request: message is too long")
        if any(one["offset"] + one["length"] > length or one["length"] < 1 for one in entities):
            raise Refusal(400, "Bad Request: ENTITY_BOUNDS_INVALID")
        if any(a["offset"] + a["length"] > b["offset"] for a, b in itertools.pairwise(entities)):
            raise Refusal(400, "Bad Request: entities overlap")
        given = parameters.get(kind) if kind else None
        if isinstance(given, bytes):
            self.fake.files[given := f"upload-{self.fake.next_message_id()}"] = parameters[kind]
        file = (kind, str(given)) if kind else None
        if file is not None and file[1] not in self.fake.files:
            raise Refusal(400, "Bad Request: wrong file identifier/HTTP URL specified")
        answers = (parameters.get("reply_parameters") or {}).get("message_id")
        quiet = str(parameters.get("disable_notification")).lower() == "true"
        posted = Posted(self.fake.next_message_id(), 0, text, quiet, list(entities), file, answers)
        (topic.messages if topic is not None else []).append(posted)
        return {"message_id": posted.id, "chat": self.as_chat(), "date": int(time.time())}
