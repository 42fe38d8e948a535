"""The menu of the console: what stands in it for whom. On a narrow page only the beginning does, and “More” opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.console.policy import Area, may

ALWAYS = 4
"""So many stand on a narrow page too: what everybody works with all day."""


@dataclass(frozen=True, slots=True)
class Entry:
    section: str
    path: str
    label: str
    area: Area


ENTRIES = (
    Entry("queue", "/console", "Chats", "chats"),
    Entry("day", "/console/day", "My day", "tasks"),
    Entry("people", "/console/people", "People", "people"),
    Entry("tasks", "/console/tasks", "Tasks", "tasks"),
    Entry("facts", "/console/facts", "Facts", "facts"),
    Entry("team", "/console/team", "Team", "team"),
    Entry("replies", "/console/replies", "Replies", "replies"),
    Entry("links", "/console/links", "Links", "links"),
    Entry("hours", "/console/hours", "Hours", "hours"),
    Entry("questions", "/console/questions", "Questions", "questions"),
    Entry("record", "/console/record", "Record", "record"),
    Entry("reports", "/console/reports", "Reports", "report"),
    Entry("report", "/console/report", "Kept", "report"),
)


def menu(role: str) -> Sequence[Entry]:
    return [one for one in ENTRIES if may(role, one.area, "see")]
