"""Transcripts: talks that anyone can read, and that run. See tests/transcripts/README.md."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.channels.base import OutgoingMessage
from bot.channels.telegram import Telegram
from bot.channels.web_chat import WebChat
from conversations import CONVERSATIONS
from conversations.events import MediaKind
from conversations.model import Choose, Group, Review
from tests.support.effects import State, changes, state_of
from tests.support.world import Step, World, new_world

FOLDER = Path(__file__).parent.parent / "transcripts"
PERSON, OTHER_APP = "ana", "ana in another app"
CODE = re.compile(r"^\d{4} \d{4}$", re.M)
LONG = "Ich habe in Deutschland gearbeitet. "
MEDIA: dict[str, MediaKind] = {
    "photo": "photo", "voice": "voice", "sticker": "sticker", "location": "location", "document": "document",
    "contact": "contact", "video": "video",
}
STAGE = ("! settings", "! on ", "! app", "! other app", "! clock", "! counsellor", "! before:", "! at ")
"""Lines that the author writes; every other line with an exclamation mark is an effect that the bot had."""
USUAL = {
    "keep": "yes", "situation": "returned", "enough": "more", "sensitive_ok": "no", "summary": "yes", "begin": "yes",
    "may_ask": "yes",
}
ON: dict[str, dict[str, Any]] = {
    "our own page": {"own_page": True, "takes_away": WebChat.limits.takes_away},
    "Telegram": {"takes_away": Telegram.limits.takes_away, "covers": Telegram.limits.covers},
}
"""What a channel lets us do where the paper one lets us do less: nothing is taken away from it, as in Viber."""
UNITS = {"hour": "hours", "hours": "hours", "day": "days", "days": "days", "minutes": "minutes"}


@dataclass(slots=True)
class Talk:
    """One transcript, run."""

    path: Path
    text: str = ""
    steps: list[Step] = field(default_factory=list)


def all_paths() -> list[Path]:
    return sorted(FOLDER.glob("*.txt"))


async def run(path: Path) -> Talk:
    """Hold the talk of a file again; its text is the file as it should be."""
    language = path.name.split(".")[-2]
    source = _lines(path)
    head = [line for line in source if line.startswith("#")]
    lines = [line for line in source if line.startswith("> ") or line.startswith(STAGE)]
    settings = [line for line in lines if line.startswith("! settings")]
    talk = Talk(path)
    async with new_world(**_settings(settings)) as world:
        world.languages[PERSON] = language.replace("_", "-")
        scene = Scene(world, language)
        parts = ["\n".join(head + settings)]
        for line in lines:
            if line not in settings:
                try:
                    parts.append("\n".join([line, *await scene.line(line)]))
                except Exception as wrong:
                    wrong.add_note(f"{path.name}, at the line {line!r}, after:\n{parts[-1]}")
                    raise
        talk.steps = list(world.steps)
    talk.text = "\n\n".join(parts) + "\n"
    return talk


def _lines(path: Path) -> list[str]:
    return [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]


def _settings(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        for name, value in re.findall(r"(\w+)=(.*?)(?=\s+\w+=|$)", line.removeprefix("! settings")):
            found[name] = (value,) if name == "draft_languages" else {"yes": True, "no": False}.get(value, value)
    return found


@dataclass(slots=True)
class Scene:
    """One person's talk, line by line."""

    world: World
    language: str
    before: State = field(default_factory=dict)
    person: str = PERSON
    """In which of their apps they write."""
    code: str = ""
    """What joins two chats: another one in each run."""

    async def line(self, line: str) -> list[str]:
        """What a line of the author leads to: what the bot says, and what changes."""
        messages = await (self._stage(line) if line.startswith("!") else self._person(line.removeprefix("> ")))
        after = await state_of(self.world, self.person)
        told = [] if line.startswith(("! before:", "! at ")) else changes(self.before, after)
        self.before = after
        language = (await self.world.contact(self.person) or {}).get("language", "en")
        return [shown for message in messages for shown in self._shown(message, language)] + told

    # --------------------------------------------------------------- the person

    async def _person(self, line: str) -> list[OutgoingMessage]:
        taps = re.findall(r"\[(.+?)\]", line) if line.startswith("[") else []
        if len(taps) > 1:
            return await self.world.taps_at_once(self.person, *taps)
        if taps:
            return await self.world.taps(self.person, taps[0], oldest=line.endswith("(the oldest)"))
        if line.startswith("(") and line.endswith(")"):
            return await self._does(line[1:-1])
        return await self.world.says(self.person, line.replace("\\n", "\n"))

    async def _does(self, what: str) -> list[OutgoingMessage]:
        kind, _, words = what.partition(": ")
        if kind in MEDIA:
            return await self.world.sends_media(self.person, MEDIA[kind], words)
        doings: dict[str, Callable[[], Awaitable[list[OutgoingMessage]]]] = {
            "start": lambda: self.world.starts(self.person),
            "blocks the bot": lambda: self.world.blocks(self.person),
            "the same update again": lambda: self.world.again(self.person),
            "code": lambda: self.world.says(self.person, self.code),
            "nothing": lambda: self.world.says(self.person, ""),
            "spaces": lambda: self.world.says(self.person, "  \n "),
        }
        if found := re.fullmatch(r"(\d+) characters", what):
            return await self.world.says(self.person, (LONG * 200)[: int(found[1])])
        assert what in doings, f"nobody knows how to do ({what})"
        return await doings[what]()

    # ---------------------------------------------------------- stage directions

    async def _stage(self, line: str) -> list[OutgoingMessage]:
        match line.split(maxsplit=2):
            case ["!", "app", language]:
                self.world.languages[self.person] = language.removeprefix("language ").strip()
                return []
            case ["!", "on", where]:
                limits = self.world.app.receive.turns.limits
                limits["paper"] = replace(limits["paper"], **ON[where])
                return []
            case ["!", "other", "app"]:
                self.person = OTHER_APP if self.person == PERSON else PERSON
                self.world.languages[self.person] = self.language.replace("_", "-")
                self.before = await state_of(self.world, self.person)
                return await self.world.gets(self.person)
            case ["!", "clock", by]:
                amount, unit = by.removeprefix("+").split()
                await self.world.turn_clock(timedelta(**{UNITS[unit]: int(amount)}))
                return await self.world.gets(self.person)
            case ["!", "counsellor", "claims"]:
                await self.world.claims(self.person)
                return []
            case ["!", "counsellor", "closes"]:
                return await self.world.closes(self.person)
            case ["!", "counsellor", what] if what.startswith(("ends the case: ", "announces the end ")):
                return await self.world.ends_case(self.person, what)
            case ["!", "counsellor", what] if what.startswith(("offers ", "appointment ")):
                return await self._arranges(*what.split(maxsplit=1))
            case ["!", "counsellor", what] if what.startswith(("proposes ", "notes ")):
                return await self._refers(*what.split(maxsplit=1))
            case ["!", "counsellor", what] if what.startswith(("tells again ", "confirms ")):
                verb, _, of = what.rpartition(" ") if what.startswith("tells") else what.partition(" ")
                return await (self.world.tells_again if verb == "tells again" else self.world.confirms)(self.person, of)
            case ["!", "counsellor:", text]:
                return await self.world.replies(self.person, text)
            case ["!", "counsellor", words] if (found := re.fullmatch(r"plans ([\d-]+): (.+)", words)):
                return await self.world.plans(self.person, found[2], found[1])
            case ["!", "counsellor", words] if (found := re.fullmatch(r"would change (.+) to ([\d-]+)", words)):
                return await self.world.would_change(self.person, found[1], found[2])
            case ["!", "counsellor", words] if (found := re.fullmatch(r"marks (\w+): (.+)", words)):
                return await self.world.marks(self.person, found[2], found[1])
            case ["!", "before:", what]:
                return await self._before(what)
            case ["!", "at", where]:
                return await self._at(where)
        raise AssertionError(f"nobody knows the stage direction {line!r}")

    async def _arranges(self, what: str, rest: str) -> list[OutgoingMessage]:
        """`offers 2026-11-25T10:00 2026-11-26T14:30: where; what to bring`, `appointment missed`."""
        times, _, about = rest.partition(": ")
        if what == "offers" and about == "to somebody else":
            await self.world.gives_away(times)
            return []
        if what == "offers":
            place, _, bring = about.partition("; ")
            return await self.world.offers(self.person, times.split(), place, bring)
        return await self.world.notes_appointment(self.person, rest)

    async def _refers(self, what: str, rest: str) -> list[OutgoingMessage]:
        """`proposes krct: words`, `notes sent`, `notes done: what they said`."""
        name, _, words = rest.partition(": ")
        if what == "proposes":
            return await self.world.proposes(self.person, name, words)
        return await self.world.notes_referral(self.person, name, words)

    async def _before(self, what: str) -> list[OutgoingMessage]:
        """The usual first contact, unseen; the newest message is shown."""
        answers = {"agreed": "yes", "refused": "no"}
        assert what in answers, f"before: {', '.join(answers)}"
        await self.world.starts(self.person)
        await self.world.picks(self.person, self.language)
        said = await self.world.picks(self.person, answers[what])
        return (await self.world.picks(self.person, "later") if what == "agreed" else said)[-1:]

    async def _at(self, where: str) -> list[OutgoingMessage]:
        """`intake housing situation=returned …`: go on unseen, skip what can be skipped, until this question."""
        name, target, *given = where.split()
        wanted = USUAL | dict(one.split("=", 1) for one in given)
        said = await self._open(name)
        for _ in range(60):
            path = await self._awaiting()
            if path == target:
                return said[-1:]
            assert path is not None, f"{name} ended before {target}"
            said = await self._answer(name, path, wanted)
        raise AssertionError(f"{target} was not reached; the question is {await self._awaiting()}")

    async def _open(self, name: str) -> list[OutgoingMessage]:
        if await self.world.contact(self.person) is None:
            await self._before("agreed")
        await self.world.says(self.person, "/menu")
        if name == "eligibility":  # it has no door of its own in the menu
            await self.world.picks(self.person, "reintegration")
        return await self.world.picks(self.person, name)

    async def _awaiting(self) -> str | None:
        runs = [one for one in await self.world.runs(self.person) if one["ended_at"] is None]
        return max(runs, key=lambda one: one["touched"])["awaiting"] if runs else None

    async def _answer(self, name: str, path: str, wanted: dict[str, str]) -> list[OutgoingMessage]:
        step = CONVERSATIONS[name].find(path)
        value = wanted.get(path)
        if value is None and getattr(step, "skippable", False):
            return await self.world.says(self.person, "/skip")
        if isinstance(step, Group):
            return await self.world.picks(self.person, value or "done")
        if isinstance(step, Choose) and step.many and value is not None:
            for one in value.split("+"):
                await self.world.picks(self.person, one)
            return await self.world.picks(self.person, "done")
        if isinstance(step, Choose | Review):
            assert value is not None, f"{path} has no usual answer: write {path}=…"
            return await self.world.picks(self.person, value)
        assert value is not None, f"{path} has no usual answer: write {path}=…"
        return await self.world.says(self.person, value.replace("_", " "))

    # --------------------------------------------------------------------- shown

    def _shown(self, message: OutgoingMessage, language: str) -> list[str]:
        """A message as it stands in a transcript."""
        if found := CODE.search(message.text):
            self.code = found[0]
            message = replace(message, text=CODE.sub("(code)", message.text))
        marks = [(message.style == "counsellor", "(counsellor) "), (message.hides, "(hides the chat) "),
                 (message.veiled, "(covered below the first line) "), (message.quiet, "(without a sound) "),
                 (message.medium is not None and message.medium.kind == "photo", "(with a picture) "),
                 (message.medium is not None and message.medium.kind != "photo", "(with a file) ")]
        first, *rest = message.text.split("\n")
        first = "".join([*(mark for holds, mark in marks if holds), first])
        lines = [f"< {first}", *(f"  {line}".rstrip() for line in rest)]
        buttons = self._buttons(message, language)
        return [*lines, f"  {buttons}"] if buttons else lines

    def _buttons(self, message: OutgoingMessage, language: str) -> str:
        text = self.world.app.translator.text
        usual = [(text(language, label), data) for label, data in
                 (("Talk to a counsellor", "!human"), ("I need help now", "!danger"))]
        buttons = [(one.label, one.data) for one in message.buttons]
        ending = ""
        if buttons[-2:] == usual:
            buttons, ending = buttons[:-2], "+"
        return " ".join([*(f"[{label}]" for label, _data in buttons), ending]).strip()
