"""A person's story in words: what they asked in each area, how the check-ins went, and what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from bot import letters
from bot.console import labels, moments
from bot.console.people.answers import question_of
from bot.console.people.curve import Event, Point, Side, drawn
from bot.console.people.words import CaseWords
from bot.console.tongue import spoken
from conversations import CONVERSATIONS
from conversations.marking import mark_for_desk as _d
from conversations.model import Ask, Choose
from conversations.pulse import SIDES, levels
from storage.case import CaseView, RunView
from storage.changes import ANSWER, REFERRAL, STEP, ChangeView
from storage.staff import AREAS, WALLED
from storage.steps import DECLINED
from storage.walls import NOT_SHOWN

CHECK_IN, INTAKE = "check_in", "intake"
STEP_FIELDS: Mapping[str, str] = labels.Named({
    "state": _d("Changed"), "what": _d("What"), "by": _d("Until"), "who": _d("Who does it"), "papers": _d("Papers"),
    "partner": _d("Where"), "reason": _d("Why"),
})
MENU_ANSWERS = ("other",)


@dataclass(frozen=True, slots=True)
class Need:
    area: str
    first: bool
    """What they said they need first."""
    asked: Sequence[tuple[str, datetime]]
    """What they asked about, and when: the newest first."""
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One check-in."""

    at: datetime
    finished: bool
    answers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    what: str
    detail: str = ""
    by: str = ""


class Story:
    def __init__(self, case: CaseView, words: CaseWords) -> None:
        self.case, self.words, self.person = case, words, case.person
        self.steps = {one.key: self.words.say(one.what) for one in self.person.plan}

    # ------------------------------------------------------------- needs

    def needs(self) -> list[Need]:
        """Each area that they, or we for them, have had to do with."""
        first = self.person.known.get("first_need") or (self.person.intake or {}).get("first_need")
        found = [self._need(area, area == first) for area in AREAS]
        return [one for one in found if one.first or one.asked or one.is_hidden]

    def _need(self, area: str, first: bool) -> Need:
        runs = [run for run in self.case.runs if run.conversation == area]
        asked: dict[str, datetime] = {}
        for run in runs:
            for what in self._asked_in(run):
                asked.setdefault(what, run.updated_at)
        for ticket in self.person.tickets:
            if ticket.area == area:
                asked.setdefault(spoken("Wanted to talk with a counsellor"), ticket.opened_at)
        return Need(area, first, list(asked.items()), any(run.is_hidden for run in runs))

    def _asked_in(self, run: RunView) -> Iterator[str]:
        conversation = CONVERSATIONS[run.conversation]
        for path, value in run.answers.items():
            step = conversation.find(path)
            is_topic = isinstance(step, Choose) and path.startswith("about_") and value not in MENU_ANSWERS
            if value is not None and (is_topic or path == "own_question") and isinstance(step, Ask | Choose):
                yield self.words.value(step, value)

    # ------------------------------------------------------------- check-ins

    def curve(self) -> Markup:
        """How it has gone on each side, with what happened meanwhile."""
        check_ins = [run for run in reversed(self.case.runs) if run.conversation == CHECK_IN]
        runs = [(run.started_at, levels(run.answers)) for run in check_ins]
        sides = [Side(self.words.say(label), [Point(at, one[side]) for at, one in runs if side in one])
                 for side, label in SIDES.items()]
        events = [Event(one.at, f"{one.what}: {one.detail}" if one.detail else one.what)
                  for one in sorted((*self._talks(), *self._referrals()), key=lambda one: one.at)]
        done = [Event(one.changed_at, f"{spoken('Done')}: {self.words.say(one.what)}") for one in self.person.plan
                if one.state == "done"]
        return drawn([one for one in sides if one.points], sorted([*events, *done], key=lambda one: one.at))

    def check_ins(self) -> list[Asked]:
        return [Asked(run.started_at, run.ended_at is not None, self._answers(run))
                for run in self.case.runs if run.conversation == CHECK_IN]

    def _answers(self, run: RunView) -> list[tuple[str, str]]:
        return [self.words.answer(run.conversation, path, value, self.steps)
                for path, value in run.answers.items() if path != "ready"]

    def next_check_in(self) -> datetime | None:
        waiting = [one.due_at for one in self.case.reminders if one.opens == CHECK_IN and one.state == "waiting"]
        return min(waiting, default=None)

    def unanswered(self) -> list[datetime]:
        return [one.due_at for one in self.case.reminders if one.state == "unanswered"]

    # ------------------------------------------------------------- what happened when

    def timeline(self) -> list[Happened]:
        """The newest first."""
        found = [*self._beginning(), *self._talks(), *self._decisions(), *self._runs(), *self._plan(),
                 *self._referrals(), *self._appointments(), *self._closings(), *self._notes(), *self._changes(),
                 *self._looks()]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def _beginning(self) -> Iterator[Happened]:
        yield Happened(self.person.contact.created_at, spoken("Wrote for the first time"))
        for at in self.unanswered():
            yield Happened(at, spoken("A check-in was not answered"))

    def _talks(self) -> Iterator[Happened]:
        for one in self.person.tickets:
            area = labels.word(labels.AREAS, one.area)
            what = spoken("Urgent: needed a person") if one.urgent else spoken("Wanted a person")
            yield Happened(one.opened_at, what, area)
            if one.assigned_at:
                yield Happened(one.assigned_at, spoken("A counsellor took the chat"), area, one.assignee or "")
            if one.closed_at:
                ended = labels.word(labels.OUTCOMES, one.outcome) if one.outcome else ""
                by = one.assignee or "" if one.closed_by != "person" else spoken(labels.BY_THE_PERSON)
                yield Happened(one.closed_at, spoken("The chat was closed"), ended, by)

    def _decisions(self) -> Iterator[Happened]:
        for one in self.person.consents:
            answer = spoken("Agreed") if one.given else spoken("Did not agree")
            yield Happened(one.at, answer, self.consent(one))

    def consent(self, one: Any) -> str:
        """What was decided about, in words."""
        label = labels.word(labels.CONSENTS, one.purpose)
        if one.about is None:
            return label
        return f"{label} {self.words.partner(one.about) if one.about else 'a psychosocial partner'}"

    def _runs(self) -> Iterator[Happened]:
        for run in self.case.runs:
            if run.conversation == INTAKE:
                yield Happened(run.started_at, spoken("Began the intake"))
                if run.ended_at:
                    yield Happened(run.ended_at, spoken("Finished the intake"))
            elif run.conversation == CHECK_IN:
                yield Happened(run.started_at, spoken("Was asked how it is going"))
                if run.ended_at:
                    yield Happened(run.ended_at, spoken("Answered the check-in"))
            elif run.conversation in AREAS:
                yield Happened(run.started_at, spoken("Asked about"), labels.word(labels.AREAS, run.conversation))

    def _plan(self) -> Iterator[Happened]:
        for one in self.person.plan:
            what, told = self.words.say(one.what), self.changes_of("step", one.key)
            yield Happened(one.created_at, spoken("A step of the plan"), what)
            if not told and one.state != "agreed":
                yield Happened(one.changed_at, spoken("Step: {change}", change=labels.inside(
                    labels.word(labels.STEP_STATES, one.state))), what)
            for each in told if one.what != NOT_SHOWN else ():
                if each.at != one.created_at:
                    changed = spoken("Step: {change}", change=self.step_changed(each))
                    yield Happened(each.at, changed, what, self.changed_by(each))

    def step_changed(self, one: ChangeView) -> str:
        """What was changed of a step: "Until: from 1 December 2026 to 15 December 2026"."""
        if not isinstance(one.after, dict):
            return spoken("Changed from “{before}”", before=state_of(one.before, labels.STEP_STATES))
        if one.after.get("offer") == DECLINED:
            return spoken("They would rather leave it as it is")
        if "offer" in one.after:
            return spoken("Proposed to change it: {change}", change=self.step_change(one.after["offer"]))
        if one.before is None:
            return spoken("Proposed")
        return "; ".join(
            spoken("{field}: from {before} to {after}", field=STEP_FIELDS[name],
                   before=self._of_step(name, one.before.get(name)), after=self._of_step(name, value))
            for name, value in one.after.items() if name in STEP_FIELDS)

    def step_change(self, values: Mapping[str, Any]) -> str:
        return "; ".join(f"{STEP_FIELDS[name]}: {self._of_step(name, value)}" for name, value in values.items())

    def _of_step(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return spoken("nothing")
        match name:
            case "state":
                return f"“{labels.word(labels.STEP_STATES, value)}”"
            case "by":
                return moments.plain_day(date.fromisoformat(value))
            case "who":
                return labels.word(labels.WHO_DOES_IT, value)
            case "partner":
                return self.partner(value)
            case "reason":
                return labels.REASONS.get(value, value)
        return self.words.say(str(value))

    def _referrals(self) -> Iterator[Happened]:
        for one in self.person.referrals:
            yield Happened(one.created_at, spoken("Was asked to be passed on"), self.partner(one.partner))
            if one.state != "proposed":
                yield Happened(one.changed_at, spoken("Referral: {change}", change=labels.inside(
                    labels.word(labels.REFERRAL_STATES, one.state))),
                               self.partner(one.partner))

    def _appointments(self) -> Iterator[Happened]:
        for one in self.case.appointments:
            if one.starts_at is not None and one.state in ("held", "missed"):
                yield Happened(one.starts_at, spoken("Appointment: {change}", change=labels.inside(
                    labels.APPOINTMENT_STATES[one.state])), one.place)

    def _closings(self) -> Iterator[Happened]:
        for one in self.case.closings:
            yield Happened(one.at, spoken("The case was closed"), labels.CLOSED_WHY[one.why], one.counsellor or "")
            if one.reopened_at is not None:
                yield Happened(one.reopened_at, spoken("The case is open again"))

    def goes_out(self, referral: Any) -> list[tuple[str, str]]:
        """What goes to the partner, line by line."""
        if not referral.sends:
            return []
        said = [(self.words.say(one.label), self.words.show(one.value)) for one in letters.lines(referral.sends)]
        official = referral.sends.get("official")
        return [*said, (spoken("The same in their language"), official)] if official else said

    def partner(self, slug: str) -> str:
        return self.words.partner(slug) if slug else spoken(NOT_SHOWN)

    def _notes(self) -> Iterator[Happened]:
        for one in self.case.notes:
            about = spoken(NOT_SHOWN) if one.text == NOT_SHOWN else labels.word(labels.AREAS, one.area)
            yield Happened(one.at, spoken("A note"), about, one.counsellor or "")

    def _changes(self) -> Iterator[Happened]:
        for one in self.case.changes:
            if one.what.startswith(ANSWER):
                yield Happened(one.at, spoken("Changed an answer"), self.changed(one), self.changed_by(one))

    def changed(self, one: ChangeView) -> str:
        """ "Municipality: from Prizren to Peja"."""
        path = one.what.removeprefix(ANSWER)
        step = question_of(path)
        if step is None:
            return ""
        before, after = (self.words.value(step, value) if value is not None else spoken("no answer")
                         for value in (one.before, one.after))
        return spoken("{field}: from {before} to {after}", field=self.words.question(step), before=before, after=after)

    def changed_by(self, one: ChangeView) -> str:
        return spoken(labels.BY_THE_PERSON) if one.by_person else one.counsellor or spoken(labels.A_FORMER)

    def _looks(self) -> Iterator[Happened]:
        for one in self.case.looks:
            yield Happened(one.at, spoken("Looked over the wall in an emergency"), one.reason, one.counsellor or "")

    # ------------------------------------------------------------- history of steps and referrals

    def changes_of(self, kind: str, key: str) -> list[ChangeView]:
        prefix = {"step": STEP, "referral": REFERRAL}[kind]
        return [one for one in self.case.changes if one.what == f"{prefix}{key}"]


def state_of(value: Any, words: Mapping[str, str]) -> str:
    """The state of a step or a referral, in words."""
    state = value.get("state") if isinstance(value, dict) else value
    return labels.word(words, state) if state else spoken("nothing")


def area_titles(works_in: Sequence[str]) -> list[tuple[str, str]]:
    """What a note can be about; those of one's own areas first."""
    known = [*works_in, *(one for one in (*AREAS, "general") if one not in works_in)]
    behind = spoken("{area}, behind the wall", area=labels.AREAS[WALLED])
    return [(one, behind if one == WALLED else labels.AREAS[one]) for one in known]
