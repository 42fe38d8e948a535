"""Figures -> tables in words. A number that could lead to somebody is not told, nor one that gives it away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median
from typing import Literal, TypeAlias

from bot.console import labels, tongue
from bot.console.people.words import CaseWords, readable
from bot.console.tongue import spoken
from conversations.intake import INTAKE
from conversations.marking import mark_for_desk as _d
from conversations.model import Ask, Choose, Group
from storage.reports import Counts, Figures, Took
from storage.statistics import LEAST

Unit: TypeAlias = Literal["count", "hours", "percent"]
RATINGS: Mapping[str, str] = labels.Named({
    "yes": _d("It helped"), "partly": _d("It helped a little"), "no": _d("It did not help"),
})


@dataclass(frozen=True, slots=True)
class Cell:
    number: float | None
    """None where it is not told."""
    shown: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    now: Cell
    before: Cell


@dataclass(frozen=True, slots=True)
class Table:
    id: str
    title: str
    note: str
    unit: Unit
    rows: Sequence[Row]


def tables(now: Figures, before: Figures, words: CaseWords, small: bool) -> list[Table]:
    """`small`: also numbers below the least, for those who may see people anyway."""
    make = _Maker(small)
    return [
        make.counts("volume", _d("How much there was"), "", (
            (_d("People who wrote for the first time"), now.people, before.people),
            (_d("Talks with counsellors"), sum(now.by_area.values()), sum(before.by_area.values())),
            (_d("Talks without a human word"), now.unanswered, before.unanswered),
            (_d("Check-ins that we asked"), now.asked, before.asked),
        )),
        make.hours("reply", _d("First human reply"), _d("Hours from asking for a person to the first word of one."),
                   now.first_reply, before.first_reply),
        make.hours("resolution", _d("Until a talk was closed"),
                   _d("Hours from asking for a person to the end of the talk."),
                   now.resolution, before.resolution),
        make.breakdown("areas", _d("Talks by area"), now.by_area, before.by_area, labels.AREAS),
        make.breakdown("languages", _d("Talks by language"), now.by_language, before.by_language, labels.LANGUAGES),
        make.breakdown("channels", _d("Talks by channel"), now.by_channel, before.by_channel, labels.CHANNELS),
        make.breakdown("ways", _d("Links by which new people came"), now.by_way, before.by_way,
                       {**{name: name for name in (*now.by_way, *before.by_way)}, "": spoken("By none of them")}),
        make.counts("intake", _d("Intake"), "", (
            (_d("Began"), now.intake_begun, before.intake_begun), (_d("Finished"), now.intake_done, before.intake_done),
        )),
        make.breakdown("left", _d("Where the intake is left"), now.intake_left, before.intake_left,
                       _questions(words), keep_order=True),
        make.rate("check-ins", _d("Check-ins answered"), (now.answered, now.asked), (before.answered, before.asked)),
        make.breakdown("steps", _d("Steps agreed, and how they stand"), now.steps, before.steps, labels.STEP_STATES,
                       keep_order=True),
        make.breakdown("referrals", _d("Referrals, and how they stand"), now.referrals, before.referrals,
                       labels.REFERRAL_STATES, keep_order=True),
        make.breakdown("closed", _d("Cases closed, and why"), now.closed, before.closed, labels.CLOSED_WHY,
                       keep_order=True),
        make.breakdown("leaving", _d("Why people want to leave again"), now.left_why, before.left_why,
                       labels.WHY_LEAVES, keep_order=True),
        make.breakdown("ratings", _d("What people say of a talk"), now.ratings, before.ratings, RATINGS,
                       keep_order=True),
        make.breakdown("outcomes", _d("How talks ended"), now.outcomes, before.outcomes, labels.OUTCOMES),
    ]


def _questions(words: CaseWords) -> Mapping[str, str]:
    """Every question of the intake, in the order of the form."""
    named: dict[str, str] = {}
    for step in INTAKE.steps:
        if isinstance(step, Ask | Choose):
            named[step.id] = words.question(step)
        elif isinstance(step, Group):
            named[step.id] = words.say(step.first) if step.first else readable(step.id)
        elif step.id == "summary":
            named[step.id] = spoken("The summary")
    return named


def _too_few() -> str:
    return spoken("fewer than {number}", number=LEAST)


class _Maker:
    def __init__(self, small: bool) -> None:
        self.least = 1 if small else LEAST

    def cell(self, number: int) -> Cell:
        return Cell(number, tongue.whole(number)) if number == 0 or number >= self.least else Cell(None, _too_few())

    def counts(self, key: str, title: str, note: str, rows: Iterable[tuple[str, int, int]]) -> Table:
        made = [Row(spoken(name), self.cell(now), self.cell(old)) for name, now, old in rows]
        return Table(key, spoken(title), spoken(note), "count", made)

    def breakdown(
        self, key: str, title: str, now: Counts, before: Counts, names: Mapping[str, str], keep_order: bool = False
    ) -> Table:
        """The parts of a whole. Where one is not told, the next smallest is not either: the sum would give it away."""
        known = [one for one in names if one in now or one in before]
        others = [one for one in {**now, **before} if one not in names]
        order = [*known, *others] if keep_order else sorted([*known, *others], key=lambda one: -now.get(one, 0))
        rows = [Row(names.get(one) or (readable(one) if one else spoken("Not known")), self._part(now, one),
                    self._part(before, one)) for one in order]
        return Table(key, spoken(title), "", "count", rows)

    def _part(self, counts: Counts, key: str) -> Cell:
        number = counts.get(key, 0)
        is_told = number < self.least or key not in self._hidden(counts)
        return self.cell(number) if is_told else Cell(None, spoken("not told"))

    def _hidden(self, counts: Counts) -> set[str]:
        told = sorted((number, one) for one, number in counts.items() if number >= self.least)
        few = [one for one, number in counts.items() if 0 < number < self.least]
        return {*few, told[0][1]} if len(few) == 1 and told else set(few)

    def rate(self, key: str, title: str, now: tuple[int, int], before: tuple[int, int]) -> Table:
        row = Row(spoken("Answered"), self._percent(*now), self._percent(*before))
        return Table(key, spoken(title), spoken("Of those asked in the period."), "percent", [row])

    def _percent(self, part: int, whole: int) -> Cell:
        """Nothing is told where those who did, or those who did not, are so few that one can tell who."""
        if not whole or min(whole, part or whole, whole - part or whole) < self.least:
            return Cell(None, spoken("none") if not whole else _too_few())
        return Cell(100 * part / whole, f"{round(100 * part / whole)} %")

    def hours(self, key: str, title: str, note: str, now: Took, before: Took) -> Table:
        rows = [
            Row(spoken(name), self._hours(read(now), share), self._hours(read(before), share))
            for name, read, share in (
                (_d("Half of them, in office hours"), _office, 0.5), (_d("Nine of ten, in office hours"), _office, 0.9),
                (_d("Half of them, by the clock"), _wall, 0.5), (_d("Nine of ten, by the clock"), _wall, 0.9),
            )
        ]
        return Table(key, spoken(title), spoken(note), "hours", rows)

    def _hours(self, took: Sequence[timedelta], share: float) -> Cell:
        if len(took) < self.least:
            return Cell(None, _too_few() if took else spoken("none"))
        hours = sorted(one / timedelta(hours=1) for one in took)
        value = median(hours) if share == 0.5 else hours[ceil(share * len(hours)) - 1]
        return Cell(value, spoken("{number} h", number=tongue.decimal(value)))


def _office(took: Took) -> Sequence[timedelta]:
    return took.office


def _wall(took: Took) -> Sequence[timedelta]:
    return took.wall
