"""The menu of the console: what stands in it for whom. On a narrow page only the beginning does, and “More” opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.console.policy import Area, may
from conversations.marking import mark_for_desk as _d

ALWAYS = 4
"""So many stand on a narrow page too: what everybody works with all day."""


@dataclass(frozen=True, slots=True)
class Entry:
    section: str
    path: str
    label: str
    area: Area


ENTRIES = (
    Entry("queue", "/console", _d("Chats"), "chats"),
    Entry("day", "/console/day", _d("My day"), "tasks"),
    Entry("people", "/console/people", _d("People"), "people"),
    Entry("tasks", "/console/tasks", _d("Tasks"), "tasks"),
    Entry("facts", "/console/facts", _d("Facts"), "facts"),
    Entry("team", "/console/team", _d("Team"), "team"),
    Entry("replies", "/console/replies", _d("Replies"), "replies"),
    Entry("links", "/console/links", _d("Links"), "links"),
    Entry("hours", "/console/hours", _d("Hours"), "hours"),
    Entry("questions", "/console/questions", _d("Questions"), "questions"),
    Entry("record", "/console/record", _d("Record"), "record"),
    Entry("reports", "/console/reports", _d("Reports"), "report"),
    Entry("report", "/console/report", _d("Kept"), "report"),
)


def menu(role: str) -> Sequence[Entry]:
    return [one for one in ENTRIES if may(role, one.area, "see")]
