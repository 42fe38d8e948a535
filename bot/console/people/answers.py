"""Every question about a person, with what they said, what they skipped, and what it was before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from bot.console.people.words import CaseWords
from bot.console.tongue import spoken
from conversations import CONVERSATIONS, short_lived
from conversations.intake import INTAKE
from conversations.marking import mark_for_desk as _d
from conversations.model import Ask, Choose, Conversation, Group, Section
from conversations.profile import ROUTING
from conversations.readers import NotUnderstood, Several
from storage.changes import ANSWER, ChangeView

State: TypeAlias = Literal["answered", "skipped", "open"]
SITUATION = ("name", "situation", *(step.id for step in ROUTING if isinstance(step, Ask | Choose)), "first_need")
"""Who they are, and what decides which help there is for them."""
NOT_KEPT = _d("No answer.")


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    label: str
    value: str
    state: State
    before: Sequence[tuple[str, ChangeView]]
    """What was there, in words, and who changed it: the newest first."""
    can_change: bool


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Field:
    """The form that changes one answer."""

    path: str
    label: str
    kind: Literal["text", "one", "many"]
    options: Sequence[tuple[str, str]]
    picked: frozenset[str]
    text: str
    last: int
    """The newest change of it: somebody else's newer one is not written over."""


class Answers:
    """The answers of one person: those remembered, over those of the latest intake."""

    def __init__(
        self, words: CaseWords, known: Mapping[str, Any], intake: Mapping[str, Any] | None,
        changes: Sequence[ChangeView],
    ) -> None:
        self.words = words
        self.values = {**(intake or {}), **known}
        self.changes: dict[str, list[ChangeView]] = {}
        for one in changes:
            if one.what.startswith(ANSWER):
                self.changes.setdefault(one.what.removeprefix(ANSWER), []).append(one)

    def situation(self) -> list[Line]:
        return [line for line in self._lines(INTAKE) if line.path in SITUATION]

    def parts(self) -> list[Part]:
        """The rest of the intake by its sections, then what other talks have found out."""
        parts: dict[str, list[Line]] = {}
        for title, line in self._titled(INTAKE):
            if line.path not in SITUATION:
                parts.setdefault(title, []).append(line)
        seen = {line.path for line in self._lines(INTAKE)}
        for other in CONVERSATIONS.values():
            if other is INTAKE or other.name in short_lived.TALKS:
                continue
            for line in self._lines(other):
                if line.path not in seen and line.state != "open" and _belongs(other, line.path):
                    seen.add(line.path)
                    parts.setdefault(self.words.say(other.title or other.name), []).append(line)
        return [Part(title, lines) for title, lines in parts.items()]

    def _lines(self, conversation: Conversation) -> Iterator[Line]:
        return (line for _, line in self._titled(conversation))

    def _titled(self, conversation: Conversation) -> Iterator[tuple[str, Line]]:
        title = ""
        for step in conversation.steps:
            if isinstance(step, Section):
                title = self.words.say(step.title)
            elif isinstance(step, Group) and step.over is None:
                yield from ((title, line) for line in self._of_group(step))
            elif isinstance(step, Ask | Choose) and step.label is not None:
                yield title, self._line(step.id, step, step.label)

    def _line(self, path: str, step: Ask | Choose, label: str) -> Line:
        value = self.values.get(path)
        state: State = "answered" if value is not None else "skipped" if path in self.values else "open"
        before = [(self._before(step, one), one) for one in self.changes.get(path, ())]
        shown = self.words.value(step, value) if value is not None else ""
        return Line(path, self.words.say(label), shown, state, before, may_change(path))

    def _before(self, step: Ask | Choose, change: ChangeView) -> str:
        return self.words.value(step, change.before) if change.before is not None else spoken("no answer")

    def _of_group(self, group: Group) -> Iterator[Line]:
        """One line for each item: "Work before: painter, 5"."""
        for number in range(group.most):
            asked = [(step, f"{group.id}/{number}/{step.id}") for step in group.steps if isinstance(step, Ask | Choose)]
            given = [(step, self.values[path]) for step, path in asked if self.values.get(path) is not None]
            if given:
                shown = ", ".join(self.words.value(step, value) for step, value in given)
                yield Line(f"{group.id}/{number}", self.words.question(given[0][0]), shown, "answered", (), False)

    def field(self, path: str) -> Field | None:
        step = question_of(path)
        if step is None:
            return None
        value, label = self.values.get(path), self.words.question(step)
        last = self.changes[path][0].id if path in self.changes else 0
        if isinstance(step, Ask):
            text = self.words.value(step, value) if value is not None else ""
            return Field(path, label, "text", (), frozenset(), text, last)
        picked = value.get("picked", ()) if isinstance(value, dict) else (value,) if value is not None else ()
        options = [(one.id, self.words.say(one.label)) for one in step.choices]
        return Field(path, label, "many" if step.many else "one", options, frozenset(picked), "", last)


def _belongs(conversation: Conversation, path: str) -> bool:
    """Whether what this question found out is kept for later talks."""
    return bool(getattr(conversation.find(path.partition("/")[0]), "remember", False))


def may_change(path: str) -> bool:
    return question_of(path) is not None


def question_of(path: str) -> Ask | Choose | None:
    """The question whose answer a counsellor may change: one of those that are remembered. Words about health and
    feelings are only the person's to change."""
    if path in short_lived.QUESTIONS:
        return None
    for conversation in CONVERSATIONS.values():
        step = conversation.find(path) if "/" not in path and conversation.name not in short_lived.TALKS else None
        if isinstance(step, Ask | Choose) and step.remember and step.label is not None:
            return step
    return None


# ------------------------------------------------------------- reading a form


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why what was typed is no answer, and what could be meant."""

    sentence: str
    options: Sequence[tuple[str, str]] = ()


def read(step: Ask | Choose, text: str, picked: Sequence[str], today: date, words: CaseWords) -> Any:
    """The value to store, None to take the answer out, or NotTaken."""
    if isinstance(step, Choose):
        return _chosen(step, picked)
    if picked:
        return picked[0] if step.reads.accepts(picked[0]) else NotTaken(_d("Choose one of these."))
    if not text:
        return None
    found = step.reads.read(text, today)
    if isinstance(found, NotUnderstood):
        return NotTaken(_filled(words, found))
    if isinstance(found, Several):
        options = [(one, words.value(step, one)) for one in found.values]
        return NotTaken(_d("Several could be meant. Choose one."), options)
    return found


def _chosen(step: Choose, picked: Sequence[str]) -> Any:
    ids = [one.id for one in step.choices if one.id in picked]
    if len(ids) != len(set(picked)):
        return NotTaken(_d("Choose one of the answers on the form."))
    if not ids:
        return None
    if not step.many:
        return ids[0]
    alone = next((one.id for one in step.choices if one.alone and one.id in ids), None)
    if alone is not None and len(ids) > 1:
        return NotTaken(_d("One of these answers stands only by itself. Take the others out."))
    return {"picked": ids, "done": True}


def _filled(words: CaseWords, refusal: NotUnderstood) -> str:
    text = words.say(refusal.help)
    for name, value in refusal.args.items():
        text = text.replace("{" + name + "}", str(value))
    return text or spoken("Not understood.")
