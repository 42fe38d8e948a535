"""What every channel offers. A channel knows its platform and nothing about conversations or storage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from conversations.events import FromPerson

Handle: TypeAlias = Callable[[Sequence[FromPerson]], Awaitable[None]]
"""Stores a batch of events and what they lead to. It returns after the commit, or raises and nothing was stored."""


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    data: str
    """At most 64 bytes: `run:path:choice`, or `!command`."""
    kind: Literal["answer", "line", "move", "always", "link"] = "answer"
    """answer: one of the question's; line: a line of a summary to change, shown two in a row; move: skip, back;
    always: a person, help now; link: opens the address that is its data."""


@dataclass(frozen=True, slots=True)
class OutgoingMedium:
    """A picture or a file that goes with a message. Its content is kept in the media store, under the message's id."""

    kind: Literal["photo", "document", "voice"]
    type: str
    """ "image/png" """
    name: str
    """What the file is called on the person's phone."""
    made_of: Mapping[str, Any] | None = None
    """What it is made of when it is first needed, where it is not in the store yet."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Text and buttons, already in the person's language and within the channel's limits."""

    text: str
    buttons: tuple[Button, ...] = ()
    columns: int = 1
    style: Literal["plain", "fact", "card", "heading", "counsellor"] = "plain"
    quiet: bool = False
    """Without a sound on the person's phone."""
    veiled: bool = False
    """All but the first line is covered until the person wants to read it, where the channel can do that."""
    hides: bool = False
    """What was said before it is taken away from the person's chat, as far as the channel can."""
    file: tuple[str, str] | None = None
    """Kind and the platform's own number of a file that it has already; the text stands under it."""
    answers: str | None = None
    """The platform's number of the person's message that this answers."""
    medium: OutgoingMedium | None = None
    """A picture or a file of ours. The text says the same, for whom no picture reaches."""
    album: str | None = None
    """What it belongs together with: pictures that were sent at once."""
    takes_back: int | None = None
    """Our id of a message that a counsellor took back. Then this is no message: it only takes that one away."""

    def as_json(self) -> dict[str, Any]:
        """What is stored beside the text."""
        more: dict[str, Any] = {}
        if self.file is not None:
            more |= {"file_kind": self.file[0], "file_id": self.file[1]}
        if self.answers is not None:
            more["answers"] = self.answers
        if self.medium is not None:
            more["medium"] = asdict(self.medium)
        if self.album is not None:
            more["album"] = self.album
        if self.takes_back is not None:
            more["takes_back"] = self.takes_back
        return {
            **more,
            "buttons": [[one.label, one.data, one.kind] for one in self.buttons],
            "columns": self.columns,
            "style": self.style,
            "quiet": self.quiet,
            "veiled": self.veiled,
            "hides": self.hides,
        }

    @classmethod
    def from_json(cls, text: str, stored: dict[str, Any] | None) -> OutgoingMessage:
        if not stored:
            return cls(text)
        buttons = tuple([Button(label, data, kind) for label, data, kind in stored["buttons"]])
        file = (stored["file_kind"], stored["file_id"]) if "file_kind" in stored else None
        medium = OutgoingMedium(**stored["medium"]) if "medium" in stored else None
        return cls(text, buttons, stored["columns"], stored["style"], stored["quiet"], stored.get("veiled", False),
                   stored.get("hides", False), file, stored.get("answers"), medium, stored.get("album"),
                   stored.get("takes_back"))


@dataclass(frozen=True, slots=True)
class Limits:
    text: int
    label: int
    by_company: bool = True
    """A messaging company carries the messages, and keeps them."""
    always_visible: bool = False
    """The channel itself keeps the way to a person in view, so that messages need not carry it."""
    own_page: bool = False
    """The person is on our own site, and the browser shows who they are."""
    files: bool = False
    """What people send can be fetched: the channel `HasFiles`."""
    sends_files: bool = False
    """A file that the platform has already can be sent on by its number."""
    media: Literal["", "upload", "link", "page"] = ""
    """How pictures and files of ours reach people here: sent with the message, fetched by the platform at an address of
    ours, or shown by a page of ours. Empty: only the text that goes with them does."""
    album: int = 0
    """So many pictures of ours go at once, where the channel `SendsAlbums`; 0: one after the other."""
    brings_files: bool = False
    """A file comes right behind its message and need not be fetched."""
    session: timedelta | None = None
    """So long after a person's first word messages are free; later each that we begin costs. None: none costs."""
    takes_away: timedelta = timedelta()
    """So long after it was sent, what we said can be taken away from the person's chat again. None at all: never."""
    covers: bool = False
    """What we begin can be sent covered: it is read only after a tap."""
    a_second: float = 1000.0
    """How many messages the platform takes in all."""
    a_second_each: float = 1000.0
    """How many it takes to one person."""


class TokenRefused(Exception):
    """The platform does not know this bot."""

    def __init__(self, channel: str) -> None:
        super().__init__(f"{channel} token was refused")
        self.channel = channel


class SendError(Exception):
    """A message could not be sent. The text says why, without its content."""


class Retry(SendError):
    """Try again, after `seconds` if the platform said so. Nothing has arrived."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Permanent(SendError):
    """This message will never arrive."""


class Blocked(Permanent):
    """Nothing will arrive at this address: the person blocked the bot or is gone."""


class Unknown(SendError):
    """Perhaps it arrived: a time-out after the message had left."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way."""

    id: int
    address: str
    message: OutgoingMessage
    hides: tuple[str, ...] = ()
    """The platform's ids of what is to be taken away first."""
    extra: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    """Of its medium; None where there is none, or it cannot be had: then the text goes alone."""
    link: str = ""
    """Where the platform can fetch it for a while, where it does that."""


class NotFetched(Exception):
    """A file could not be had. The text says why, without anything of it."""


class TooLarge(NotFetched):
    """It is larger than we keep, or than the platform gives out."""


class Gone(NotFetched):
    """It is not to be had any more."""


class Later(NotFetched):
    """Perhaps it can be had later, after `seconds` if the platform said so."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Fate:
    """What a platform tells of a message that it has taken."""

    channel: str
    external_id: str
    state: Literal["delivered", "seen", "failed"]
    reason: str = ""


NoteFates: TypeAlias = Callable[[Sequence[Fate]], Awaitable[None]]
"""Stores them. Returns after the commit."""


class Channel(Protocol):
    name: str
    title: str
    """How people call it, as it stands in a text: "Telegram"."""
    limits: Limits

    async def start(self, handle: Handle) -> None:
        """Get ready. What arrives goes to `handle`; the platform is told only after that."""
        ...

    async def begin(self) -> None:
        """Do what only one process may do: fetch what comes in, or say where it is to be posted.

        After start, in the process that leads. Once more changes nothing."""
        ...

    async def cease(self) -> None:
        """Another process leads now. What is being stored may finish."""
        ...

    async def stop(self) -> None:
        """Take nothing new, finish what runs."""
        ...

    async def send(self, outgoing: Outgoing) -> str | None:
        """Send one message and give back the platform's id for it. Raises a SendError."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A channel that knows whether its platform answers."""

    note_skipped: Callable[[str], None]
    """Told the kind of everything that means nothing to us."""

    def trouble(self) -> str | None:
        """What keeps messages from coming in, in a few words without secrets, or None."""
        ...


@runtime_checkable
class TellsFates(Protocol):
    """A channel whose platform tells whether a message was delivered, seen, or failed after all."""

    note_fates: NoteFates


@runtime_checkable
class HasLinks(Protocol):
    """A channel at which somebody can arrive by a link that says where they come from: `Started.payload`."""

    def link(self, code: str) -> str:
        """The address that opens a chat with us there; empty as long as the platform has not said how we are called.
        `code`: letters and digits."""
        ...


@runtime_checkable
class SendsAlbums(Protocol):
    """A channel that shows several pictures as one."""

    async def send_album(self, together: Sequence[Outgoing]) -> list[str | None]:
        """Send them at once, and give back the platform's id of each. Raises a SendError: then none was sent, or
        nobody knows."""
        ...


@runtime_checkable
class HasFiles(Protocol):
    """A channel that can fetch what came with a message."""

    async def fetch(self, data: Mapping[str, Any], most: int) -> bytes:
        """The file that `Media.data` tells of, of at most so many bytes. Raises NotFetched."""
        ...


@runtime_checkable
class TakesPosts(Protocol):
    """A channel to which its platform posts what comes in, at whichever process the post arrives."""

    name: str
    path: str
    """Where, on our own site; empty: it does not post."""

    def is_from_platform(self, headers: Mapping[str, str]) -> bool:
        """Before the body is read: whether the sender can be one who knows what only the platform knows."""
        ...

    def is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether just this comes from the platform, where it signs what it posts; True where it does not sign."""
        ...

    def sender_of(self, body: bytes) -> str:
        """Whose post this is, as far as it can be told; empty where it cannot."""
        ...

    async def posted(self, body: bytes) -> bytes:
        """Take one post; what is to be answered. Returns once it is stored, or raises and nothing was: then it must
        come again."""
        ...
