"""Everything that is kept about one person, to take along: in plain words in their language, and as data."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from bot import letters
from bot.calendar_file import Event, calendar
from bot.receive import kept
from bot.receive.referring import partner_name
from bot.translate import Translator
from conversations import CONVERSATIONS
from conversations.consents import LABELS
from conversations.engine import shown
from conversations.marking import mark as _
from conversations.model import Ask, Choose
from conversations.plan import REASONS as WHY_NOT
from conversations.register import Register
from storage import dossier
from storage.changes import ANSWER
from storage.dossier import Rows
from storage.messages import TAKE_BACK

STATES: Mapping[str, str] = {
    "agreed": _("agreed"), "under_way": _("I am on it"), "stuck": _("I am stuck"), "done": _("Done"),
    "dropped": _("Not any more"), "consented": _("not sent yet"), "sent": _("sent"), "withdrawn": _("taken back"),
    "proposed": _("you were asked"), "declined": _("you said no"), "received": _("has arrived there"),
    "offered": _("times offered"), "cancelled": _("cancelled"), "held": _("you came"), "missed": _("we missed you"),
    "accepted": _("they can help"), "rejected": _("they cannot help"), "no_answer": _("no answer from there"),
    "waiting": _("waiting"), "assigned": _("with a counsellor"), "closed": _("closed"),
}
REASONS: Mapping[str, str] = {one.id: one.label for one in WHY_NOT} | {"declined": STATES["declined"]}
"""Why a step was let go; what a counsellor wrote stands as it is."""
WHO: Mapping[str, str] = {"person": _("You"), "bot": _("Program"), "counsellor": _("A counsellor")}
FILES: Mapping[str, str] = {
    "photo": _("Photo"), "voice": _("Voice message"), "audio": _("Sound"), "video": _("Video"),
    "document": _("Document"), "sticker": _("Sticker"),
}
KEPT, NOT_KEPT = _("kept ({size} kB)"), _("not kept")
TAKEN_BACK = _("(taken back: the words are deleted)")
BRACES = re.compile(r"\{\w+\}")
"""What a question was filled with when it was asked is not kept."""
RULE = re.compile(r" \([a-z0-9_.-]+\)$")
YES, NO = _("Yes"), _("No")
CLOSED_WHY: Mapping[str, str] = {
    "goal": _("The goal is reached"), "ended": _("Our support has ended"), "stops": _("You wanted to stop"),
    "moved": _("You have moved"), "leaves": _("You wanted to leave again"), "died": _("A death was noted"),
}
BRING = _("Please bring: {bring}")
SKIPPED = _("skipped")


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    value: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class PersonFile:
    """What is kept, and when it was looked up."""

    rows: Mapping[str, Rows]
    language: str
    time_zone: str
    at: datetime

    def as_json(self) -> bytes:
        content = {"made_at": self.at, **self.rows}
        return orjson.dumps(content, default=_file, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _file(content: object) -> str:
    """A file that the person sent, as text that any program can turn back (base64)."""
    if not isinstance(content, bytes):
        raise TypeError
    return b64encode(content).decode()


def load(connection: Connection, contact_id: int, now: datetime) -> PersonFile | None:
    rows = dossier.everything(connection, contact_id)
    person = next(iter(rows["contacts"]), None)
    return PersonFile(rows, person["language"], person["time_zone"], now) if person else None


def as_calendar(file: PersonFile, translator: Translator, centre: str) -> bytes:
    """What was agreed and is still to come, for a calendar."""
    coming = [one for one in file.rows["appointments"] if one["state"] == "agreed" and one["starts_at"] > file.at]
    return calendar((Event(
        f"appointment-{one['id']}@returnee-bot", one["changes"], one["starts_at"],
        one["starts_at"] + timedelta(minutes=one["minutes"]), centre, one["place"],
        translator.text(file.language, BRING, bring=one["bring"]) if one["bring"] else "") for one in coming), file.at)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file in plain words."""

    file: PersonFile
    translator: Translator
    register: Register

    def sections(self) -> list[Section]:
        """What there is, each kind under its heading."""
        made: list[tuple[str, Callable[[], Iterator[Row]]]] = [
            (kept.ANSWERS, self._answers), (_("What you agreed to, or not"), self._decisions),
            (_("Steps in your plan"), self._plan), (_("Passed on to offices"), self._referrals),
            (_("Talks with counsellors"), self._talks), (_("Notes of counsellors"), self._notes),
            (_("What was changed, and when"), self._changes), (_("Read in an emergency"), self._emergencies),
            (_("Tasks of counsellors"), self._tasks), (_("Questions planned by us"), self._reminders),
            (_("Questions without an answer"), self._unanswered),
            (_("Answers, conversation by conversation"), self._runs), (_("Messages"), self._messages),
            (kept.COUNTED["appointments"], self._appointments),
            (kept.COUNTED["case_closings"], self._closings),
            (kept.COUNTED["media"], self._files),
        ]
        return [Section(self.say(title), rows) for title, read in made if (rows := tuple(read()))]

    def say(self, text: str, **args: str) -> str:
        return self.translator.text(self.file.language, text, **args)

    def made(self) -> str:
        return self._moment(self.file.at)

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.file.time_zone))
        return f"{self.translator.day(self.file.language, local.date())}, {local:%H:%M}"

    def _day(self, day: date | None) -> str:
        return self.translator.day(self.file.language, day) if day is not None else ""

    def _answers(self) -> Iterator[Row]:
        for line in kept.answers(self.file.rows["contacts"][0]["known"], CONVERSATIONS):
            yield Row(self.say(line.label), self.translator.show(self.file.language, line.value))

    def _decisions(self) -> Iterator[Row]:
        for one in self.file.rows["consents"]:
            label = self.say(LABELS.get(one["purpose"], one["purpose"]))
            if one["about"]:
                label = f"{label}: {self._partner(one['about'])}"
            yield Row(label, self.say(YES if one["given"] else NO), self._moment(one["at"]))

    def _plan(self) -> Iterator[Row]:
        for one in self.file.rows["plan_steps"]:
            why = REASONS.get(one["reason"], one["reason"]) if one["reason"] else ""
            told = "; ".join(filter(None, (self._state(one["state"]), self.say(why) if why else "", one["papers"])))
            yield Row(self.say(one["what"]), told, self._day(one["by"]))

    def _referrals(self) -> Iterator[Row]:
        for one in self.file.rows["referrals"]:
            told = ": ".join(part for part in (self._state(one["state"]), one["outcome"]) if part)
            sends = letters.shown_to_person(one["sends"] or {}, self.file.language, self.translator)
            yield Row(self._partner(one["partner"]), f"{told}\n{sends}", self._moment(one["changed_at"]))

    def _appointments(self) -> Iterator[Row]:
        for one in self.file.rows["appointments"]:
            told = [self._state(one["state"]), one["place"], one["bring"]]
            yield Row(self._moment(one["starts_at"]) if one["starts_at"] else self.say(kept.COUNTED["appointments"]),
                      "; ".join(part for part in told if part), self._moment(one["changed_at"]))

    def _closings(self) -> Iterator[Row]:
        for one in self.file.rows["case_closings"]:
            yield Row(self.say(CLOSED_WHY[one["why"]]), one["note"], self._moment(one["at"]))

    def _talks(self) -> Iterator[Row]:
        for one in self.file.rows["tickets"]:
            yield Row(self._why(one["reason"]), self._state(one["state"]), self._moment(one["opened_at"]))

    def _notes(self) -> Iterator[Row]:
        for one in self.file.rows["notes"]:
            yield Row(self.say(WHO["counsellor"]), one["text"], self._moment(one["at"]))

    def _changes(self) -> Iterator[Row]:
        """What an answer was before. The state of a step or a referral stands with it."""
        for one in self.file.rows["changes"]:
            path = one["what"].removeprefix(ANSWER)
            for line in kept.answers({path: one["before"].get("value")}, CONVERSATIONS):
                value = self.translator.show(self.file.language, line.value)
                yield Row(self.say(line.label), value, self._moment(one["at"]))

    def _emergencies(self) -> Iterator[Row]:
        for one in self.file.rows["overrides"]:
            yield Row(self.say(WHO["counsellor"]), one["reason"], self._moment(one["at"]))

    def _tasks(self) -> Iterator[Row]:
        for one in self.file.rows["tasks"]:
            state = STATES["done" if one["done_at"] else "waiting"]
            yield Row(self._why(one["about"]), self.say(state), self._moment(one["opened_at"]))

    def _reminders(self) -> Iterator[Row]:
        for one in self.file.rows["reminders"]:
            if one["state"] == "waiting":
                opens = CONVERSATIONS.get(one["opens"])
                yield Row(self.say(opens.title if opens else one["opens"]), self._moment(one["due_at"]))

    def _unanswered(self) -> Iterator[Row]:
        for one in self.file.rows["unanswered"]:
            yield Row(self.say(WHO["person"]), one["text"], self._moment(one["at"]))

    def _runs(self) -> Iterator[Row]:
        for one in self.file.rows["runs"]:
            for path, value in one["answers"].items():
                if path[0] != "@":
                    yield Row(*self._answer(one["conversation"], path, value), self._moment(one["updated_at"]))

    def _answer(self, name: str, path: str, value: Any) -> tuple[str, str]:
        """The question and the answer; of a question that is gone, as they are stored."""
        conversation = CONVERSATIONS.get(name)
        step = conversation.find(path) if conversation is not None else None
        if not isinstance(step, Ask | Choose):
            return path, str(value)
        answer = self.say(SKIPPED) if value is None else self.translator.show(self.file.language, shown(step, value))
        return BRACES.sub("…", self.say(step.label or step.text)), answer

    def _messages(self) -> Iterator[Row]:
        undone = {one["edits"] for one in self.file.rows["messages"] if one["kind"] == TAKE_BACK}
        for one in self.file.rows["messages"]:
            if one["kind"] not in ("started", "stopped", TAKE_BACK):
                words = self.say(TAKEN_BACK) if one["id"] in undone else one["text"] or one["kind"]
                yield Row(self.say(WHO[one["author"]]), words, self._moment(one["at"]))

    def _files(self) -> Iterator[Row]:
        said = {one["id"]: one for one in self.file.rows["messages"]}
        for one in self.file.rows["media"]:
            message = said[one["message_id"]]
            size = str(max(1, round((one["size"] or 0) / 1000)))
            kept_or_not = self.say(KEPT, size=size) if one["state"] == "stored" else self.say(NOT_KEPT)
            yield Row(self.say(FILES.get(message["kind"], kept.COUNTED["media"])), kept_or_not,
                      self._moment(message["at"]))

    def _why(self, reasons: str) -> str:
        """Why there was a talk or a task; which rule of the safety gate it was means nothing to a person."""
        return "; ".join(self.say(RULE.sub("", one)) for one in reasons.split("; "))

    def _state(self, state: str) -> str:
        return self.say(STATES.get(state, state))

    def _partner(self, slug: str) -> str:
        return partner_name(slug, self.file.language, self.translator, self.register)
