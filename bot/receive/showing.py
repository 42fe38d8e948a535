"""What a turn shows, as messages; and what is noted of the facts among it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.channels.base import OutgoingMessage
from bot.receive import kept, plan_view
from bot.receive.visit import Visit
from bot.render import render
from conversations.engine import FactCard, Output, Suggestions
from conversations.register import Certainty
from storage import tickets, told
from storage.runs import RunState

if TYPE_CHECKING:
    from bot.receive.turns import Turns


def shown(turns: Turns, visit: Visit, run: RunState, output: tuple[Output, ...]) -> list[OutgoingMessage]:
    reader = turns.reader(visit, run)
    _unknown_facts(turns, visit, output, reader.today)
    _told_facts(turns, visit, output, reader.today)
    return render(_really_planned(output, visit), reader, turns.translator, turns.knowledge,
                  lambda form: kept.file_link(visit, form, turns.settings.public_url),
                  lambda printed: plan_view.shown(turns, visit, printed))


def _unknown_facts(turns: Turns, visit: Visit, output: tuple[Output, ...], today: date) -> None:
    """What we cannot state becomes a counsellor's task."""
    for item in output:
        fact = turns.knowledge.register.facts.get(item.fact) if isinstance(item, FactCard) else None
        if fact is None or fact.certainty(today, turns.knowledge.show_unverified) != Certainty.UNKNOWN:
            continue
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": f"fact:{fact.id}", "kind": "fact", "area": fact.area,
            "about": fact.question["en"], "opened_at": visit.now, "due_at": None,
        })
        visit.news.add("queue")


def _told_facts(turns: Turns, visit: Visit, output: tuple[Output, ...], today: date) -> None:
    """Which facts were stated, and in which version: when one changes, it can be told to who was told it."""
    cards = (turns.knowledge.register.facts.get(item.fact) for item in output if isinstance(item, FactCard))
    stated = [(fact.id, fact.version) for fact in cards if fact is not None
              and fact.certainty(today, turns.knowledge.show_unverified) != Certainty.UNKNOWN]
    told.note(visit.connection, visit.id, stated, visit.now)


def _really_planned(output: tuple[Output, ...], visit: Visit) -> Iterator[Output]:
    """A date is only said to be in the plan while it is: not after the person has done it."""
    for one in output:
        if isinstance(one, Suggestions):
            keys = {step["key"] for step in visit.plan}
            one = replace(one, dates=tuple(date for date in one.dates if date.key in keys))
        yield one
