"""Somebody who reads in one language and does what the questions ask, on any channel; and their way through them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot.app import App
from bot.render import BACK, SKIP, SOURCE, UNCONFIRMED
from conversations import CONVERSATIONS
from conversations.check_in import CHECK_IN
from conversations.engine import THAT_IS_ALL
from conversations.model import Ask, Choose, Group, HandOff, Review
from storage.tables import PlanStep

GJAKOVA = "gjakove"
REGISTER = "employment.register-as-jobseeker"


class Reader(ABC):
    """Knows the texts of a question by conversation and step."""

    person: Any
    """The fake's: `messages` with text and buttons, and `view` for who looks for what went wrong."""
    language: str
    _seen: int

    @property
    @abstractmethod
    def app(self) -> App: ...

    # ------------------------------------------------------------------ what they do

    @abstractmethod
    async def says(self, text: str) -> list[Any]:
        """What comes on it."""

    @abstractmethod
    async def taps(self, label: str) -> list[Any]:
        """A button of the newest message."""

    async def picks(self, conversation: str, step: str, choice: str) -> list[Any]:
        self.is_asked(conversation, step)
        return await self.taps(self.label(conversation, step, choice))

    async def writes(self, conversation: str, step: str, text: str) -> list[Any]:
        self.is_asked(conversation, step)
        return await self.says(text)

    async def skips(self, conversation: str, step: str) -> list[Any]:
        self.is_asked(conversation, step)
        return await self.taps(self.text(SKIP))

    async def answers(self, conversation: str, given: Mapping[str, str | tuple[str, ...] | None]) -> None:
        """One question after the other: written where it is read, else tapped; None: skipped."""
        for step, answer in given.items():
            if answer is None:
                await self.skips(conversation, step)
            elif isinstance(CONVERSATIONS[conversation].find(step), Ask):
                assert isinstance(answer, str)
                await self.writes(conversation, step, answer)
            else:
                first, *others = (answer,) if isinstance(answer, str) else answer
                await self.picks(conversation, step, first)
                for other in others:
                    await self.taps(self.label(conversation, step, other))

    async def goes_back(self) -> list[Any]:
        return await self.taps(self.text(BACK))

    # ------------------------------------------------------------------ what they see

    def new(self) -> list[Any]:
        """What has come since the last look."""
        come, self._seen = self.person.messages[self._seen :], len(self.person.messages)
        return come

    @property
    def last(self) -> Any:
        assert self.person.messages, "nothing has come yet"
        return self.person.messages[-1]

    def is_asked(self, conversation: str, step: str) -> None:
        wanted = self.question(conversation, step)
        assert wanted, f"{conversation} has no question {step}"
        assert wanted in self.last.text, f"{conversation}:{step} is not asked; {self.person.view()}"

    def text(self, message: str, **args: str) -> str:
        return self.app.translator.text(self.language, message, **args)

    def question(self, conversation: str, step: str) -> str:
        """The beginning of the question, up to the first thing that is filled in."""
        found = CONVERSATIONS[conversation].find(step)
        if isinstance(found, Group):
            shown = found.first if step == f"{found.id}/0?" else found.again
        else:
            shown = getattr(found, "text", "")
        parts = self.text(shown).replace("}", "{").split("{")[::2]
        return max(parts, key=len)

    def label(self, conversation: str, step: str, choice: str) -> str:
        found = CONVERSATIONS[conversation].find(step)
        if isinstance(found, Group):
            return self.text(found.add if choice == "add" else found.done)
        if isinstance(found, Review):
            return self.text(found.confirm) if choice == "yes" else self._line(conversation, choice)
        assert isinstance(found, Choose)
        if choice == "done":
            return self.text(THAT_IS_ALL)
        names = self.app.translator.names()
        labels = {one.id: one.label for one in found.choices}
        return names[choice] if found.over == "languages" else self.text(labels[choice])

    def _line(self, conversation: str, path: str) -> str:
        """The button of a summary's line: it begins with the line's number."""
        label = self.text(CONVERSATIONS[conversation].find(path).label)
        return next(one for one in self.last.buttons if one.partition(". ")[2] == label)


# -------------------------------------------------------------------- the way


async def first_contact(one: Reader) -> None:
    await one.answers("welcome", {"language": "de", "keep": "yes", "begin": "yes"})


async def short_intake(one: Reader) -> None:
    await one.answers("intake", {
        "name": "Lena", "situation": "returned", "return_date": "September 2026", "country": "Deutschland",
        "land": "bayern", "months_abroad": "8 Jahre", "return_kind": "voluntary", "left_year": "2016",
        "municipality": "Peja", "first_need": "employment",
    })


async def long_intake(one: Reader) -> None:
    await one.answers("intake", {
        "enough": "more", "household": ("partner", "child_0_16", "done"),
        "children/0?": "add", "children/0/age": "7", "children/1?": "done",
        "housing": "family", "papers": None, "sensitive_ok": "no", "education": "vocational",
        "jobs/0?": "add", "jobs/0/trade": "Pflegerin", "jobs/0/years": "5", "jobs/1?": "done",
        "german_level": "B1", "english_level": None, "languages_spoken": None, "work_wish": "job",
        "work_wanted": "Pflegerin in Prishtina", "goals": None, "contact_way": "chat", "contact_time": "any",
    })


async def changes_a_line(one: Reader) -> None:
    one.is_asked("intake", "summary")
    summary = one.last.text
    assert "Pflegerin" in summary and "Lena" in summary
    assert one.app.translator.municipality("de", GJAKOVA) not in summary
    await one.picks("intake", "summary", "municipality")
    await one.writes("intake", "municipality", "Gjakova")
    one.is_asked("intake", "summary")
    assert one.app.translator.municipality("de", GJAKOVA) in one.last.text
    assert "Pflegerin" in one.last.text, "the other answers are kept"
    await one.picks("intake", "summary", "yes")
    await one.picks("intake", "may_ask", "yes")


async def asks_about_work(one: Reader) -> None:
    await one.picks("first_area", "area", "employment")
    await one.picks("employment", "subject", "find_work")
    come = await one.picks("employment", "about_find_work", "register")
    fact = one.app.receive.turns.knowledge.register.facts[REGISTER]
    card = next(shown.text for shown in come if fact.answer["de"] in shown.text)
    assert any(one.text(note).split("{")[0] in card for note in (SOURCE, UNCONFIRMED)), "with its source"
    await one.picks("employment", "after", "plan")
    await one.picks("employment", "more", "again")
    one.is_asked("employment", "subject")


async def answers_the_check_in(one: Reader) -> None:
    """A step is stuck, and a counsellor is told."""
    await one.picks("check_in", "ready", "now")
    [step] = await one.app.store.read(lambda connection: list(connection.scalars(select(PlanStep.what))))
    assert one.text(step) in one.last.text, "the step of the plan is named in German"
    await one.taps(one.label("plan", "state", "stuck"))
    await one.answers("check_in", {
        "steps/1/obstacle": "paper", "money": "so_so", "people": "so_so", "mood": "so_so", "news": "nothing"})
    come = await one.picks("check_in", "someone", "no")
    [stuck] = [step.text for step in CHECK_IN.steps if isinstance(step, HandOff) and step.text]
    assert any(one.text(stuck) in shown.text for shown in come)
