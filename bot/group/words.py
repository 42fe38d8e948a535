"""Entries of the ledger -> messages in a topic. Pure.

Only headings are open. All that anybody said stands under a cover, which Telegram lifts when it is tapped and shows in
no notification: colleagues' phones lie on tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.channels.telegram.compose import CAPTION_LIMIT, FILES, TEXT_LIMIT, split, utf16_length
from bot.console import labels, message_labels
from bot.console.stored import ours
from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d
from storage.desk import TicketView
from storage.messages import TAKE_BACK
from storage.staff_group import TAKEN_BACK, Chat, Entry

ALERTS = frozenset({"transfer", "area", "back", "consult", "wake", "reopen"})
"""What somebody should look at soon."""
IN_STORE = ""
"""In the place of Telegram's number: the file is kept by us, under the row's id."""
URGENT = _d("This chat is urgent.")
NEW_WORDS = _d("The person has written.")
BEFORE = _d("Said before, with the bot")
BETWEEN = "\n\n"
Row = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Block:
    """One entry: its heading, and what stands under the cover."""

    heading: str
    body: str = ""
    tail: str = ""
    """Open again, after it."""
    loud: bool = False
    rows: tuple[Row, ...] = ()
    file: tuple[str, str] | None = None
    """Kind of the file and its number."""
    there: int | None = None
    answers: int | None = None
    """The message there that it answers."""
    apart: bool = False
    """A message of its own."""
    takes_away: int | None = None
    """The message there that goes."""


@dataclass(slots=True)
class Post:
    """One message to be sent, or (`there`) one that stands there already; without a text, nothing is to be shown."""

    text: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    loud: bool = False
    rows: list[Row] = field(default_factory=list)
    file: tuple[str, str] | None = None
    there: int | None = None
    answers: int | None = None
    is_full: bool = False
    """Nothing else goes into it."""
    takes_away: int | None = None

    def add(self, block: Block) -> None:
        start = self.text + BETWEEN if self.text else ""
        body = f"\n{block.body}" if block.body else ""
        self.text = f"{start}{block.heading}{body}{block.tail}"
        if body:
            offset = utf16_length(start + block.heading) + 1
            self.entities.append({"type": "spoiler", "offset": offset, "length": utf16_length(block.body)})
        self.loud |= block.loud
        self.rows += block.rows

    def has_room_for(self, block: Block) -> bool:
        return utf16_length(self.text) + _length(block) + len(BETWEEN) <= TEXT_LIMIT


def posts(chat: Chat, entries: Sequence[Entry], card: TicketView, link: str) -> list[Post]:
    """As few messages as it takes, in order."""
    blocks = hidden_blocks(chat, entries, link) if chat.hides else blocks_of(chat, entries, card, link)
    made: list[Post] = []
    for block in blocks:
        alone = block.apart or block.file is not None or block.there is not None or block.answers is not None
        if alone or not made or made[-1].is_full or not made[-1].has_room_for(block):
            is_full = block.apart or block.file is not None or block.there is not None
            made.append(Post(file=block.file, there=block.there, answers=block.answers, is_full=is_full,
                             takes_away=block.takes_away))
        if block.heading:
            made[-1].add(block)
        else:
            made[-1].rows += block.rows
    return made


def _length(block: Block) -> int:
    return utf16_length(block.heading) + utf16_length(block.body) + utf16_length(block.tail) + 1


def title(chat: Chat) -> str:
    """It stands in notifications: nobody's name, and no area that says how somebody is."""
    area = "" if chat.hides else f" · {labels.word(labels.AREAS, chat.area)}"
    urgent = " · " + labels.inside(spoken("Urgent")) if chat.urgent else ""
    return spoken("Chat {number}", number=chat.ticket_id) + area + urgent


# ------------------------------------------------------------------ what is shown


def blocks_of(chat: Chat, entries: Sequence[Entry], card: TicketView, link: str) -> Iterator[Block]:
    for entry in entries:
        yield from _cut(_block(chat, entry, card, link))


def _block(chat: Chat, entry: Entry, card: TicketView, link: str) -> Block:
    row = ((entry.kind, entry.row_id),)
    match entry.kind:
        case "card":
            return Block(title(chat), summary(card), f"\n{link}", loud=True, rows=row)
        case "file":
            kind = "photo" if entry.what == "photo" else "document"
            return Block(_who(entry), loud=True, rows=row, file=(kind, IN_STORE), answers=entry.answers)
        case "urgent":
            return Block(spoken(URGENT), loud=True, rows=row)
        case "before":
            said = [f"{_who(one)}: {_text(one)}" for one in entry.before if _text(one)]
            return Block(spoken(BEFORE) if said else "", "\n".join(said), rows=row, apart=bool(said))
        case "note":
            return Block(spoken("Note by {name}", name=_name(entry)), entry.text, rows=row)
        case "move":
            assert entry.move is not None
            return Block(labels.move(entry.move), ours(entry.move.reason), loud=entry.move.kind in ALERTS, rows=row)
        case "failed":
            why = spoken("Not delivered. {error}", error=message_labels.failure(entry.text))
            return Block(why, loud=True, rows=row)
        case "kept":
            what = message_labels.became(entry.what, entry.channel)
            return Block(spoken("Taken back. {what}", what=what), loud=True, rows=row)
    if entry.what == TAKEN_BACK:
        return Block("", rows=row)
    if entry.what == TAKE_BACK:
        done = spoken("{name} has taken back a message to the person.", name=_name(entry))
        return Block(done, rows=row, apart=True, takes_away=entry.answers)
    if entry.there is not None:
        return Block("", rows=row, there=entry.there)
    return Block(_who(entry), _text(entry), loud=entry.author == "person", rows=row, file=_file(entry),
                 answers=entry.answers)


def summary(card: TicketView) -> str:
    state = (spoken("{name} has it", name=card.assignee) if card.assignee
             else labels.word(labels.TICKET_STATES, card.state))
    who = spoken("{name}, reads {language}", name=card.name, language=labels.language(card.language))
    return f"{who}\n{ours(card.reason)}\n{state}"


def _who(entry: Entry) -> str:
    match entry.author:
        case "person":
            return spoken("Person, in other words") if entry.is_change else spoken("Person")
        case "bot":
            return spoken("Bot")
    return entry.name or spoken("Counsellor")


def _name(entry: Entry) -> str:
    return entry.name or spoken(labels.A_FORMER)


def _text(entry: Entry) -> str:
    """What somebody said, or what came instead of words."""
    if entry.what in labels.EVENTS:
        return labels.EVENTS[entry.what]
    if entry.what in ("text", "tap"):
        return entry.text
    kind, found = labels.word(message_labels.KINDS, entry.what), entry.content or {}
    if entry.what == "location" and "latitude" in found:
        kind = message_labels.map_of((found["latitude"], found.get("longitude", 0.0)))
    elif entry.what == "contact":
        kind = ", ".join(filter(None, (found.get("name"), found.get("phone")))) or kind
    elif entry.what == "sticker":
        kind = found.get("emoji") or kind
    return f"{kind}\n{entry.text}".strip()


def _file(entry: Entry) -> tuple[str, str] | None:
    number = (entry.content or {}).get("file_id")
    if entry.what not in FILES or entry.channel != "telegram" or not number:
        return None
    return entry.what, str(number)


def _cut(block: Block) -> Iterator[Block]:
    """What is too long for one message, in several; the row counts with the last."""
    limit = (CAPTION_LIMIT if block.file else TEXT_LIMIT) - utf16_length(block.heading + block.tail) - 8
    parts = split(block.body, limit) if utf16_length(block.body) > limit else [block.body]
    first, *rest = parts
    if not rest:
        yield block
        return
    yield replace(block, body=first, tail="", rows=())
    for part in rest:
        last = part is rest[-1]
        yield Block(f"{block.heading} …", part, block.tail if last else "", rows=block.rows if last else ())


# ------------------------------------------------------------------ what is not shown


def hidden_blocks(chat: Chat, entries: Sequence[Entry], link: str) -> Iterator[Block]:
    """That the person has written, and who has the chat: no words, no name, no reason."""
    told = False
    for entry in entries:
        row = ((entry.kind, entry.row_id),)
        if entry.kind == "card":
            where = spoken("Read and answer it in the console.")
            yield Block(title(chat), tail=f"\n{where} {link}", loud=True, rows=row)
        elif entry.kind == "urgent":
            yield Block(spoken(URGENT), loud=True, rows=row)
        elif entry.kind == "message" and entry.author == "person" and not told:
            told = True
            yield Block(spoken(NEW_WORDS), loud=True, rows=row)
        elif entry.kind == "move" and entry.move is not None and entry.move.kind not in ("area", "consult"):
            yield Block(labels.move(entry.move), rows=row)
        else:
            yield Block("", rows=row)
