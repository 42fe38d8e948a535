"""A question before the person has said what we may keep: it is answered, or goes to the team, and nothing of it is
put among their answers. Then comes the question about keeping again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive import texts
from bot.receive.visit import Visit
from bot.render import Reader, fact_card
from conversations import FIRST
from conversations.consents import KEEP
from conversations.register import Certainty, Fact
from conversations.understanding import Understood
from conversations.understanding.weighing import CLEAR, CLEARLY_MORE
from storage import tickets
from storage.runs import RunState

if TYPE_CHECKING:
    from bot.receive.turns import Turns

MOST_KEPT = 600


def question(turns: Turns, visit: Visit, run: RunState | None, text: str, found: Understood) -> bool:
    """True where this was a question, and was dealt with."""
    if run is None or run.conversation != FIRST or run.awaiting != KEEP.id:
        return False
    fact = _answer(turns, visit, found)
    if fact is not None:
        reader = Reader(visit.person.language, visit.limits, today=visit.today)
        visit.said.append(fact_card(fact, reader, turns.translator, turns.knowledge))
    elif "?" in text or found.facts or found.area is not None:
        _pass_on(visit, text, found.area or "general")
        turns.say(visit, texts.PASSED_ON)
    else:
        return False
    turns.resume(visit, greet=False)
    return True


def _answer(turns: Turns, visit: Visit, found: Understood) -> Fact | None:
    """Where nothing can be asked back, only what is clear is an answer."""
    first, second = [*found.facts[:2], None, None][:2]
    if first is None or first.score < CLEAR or (second is not None and first.score - second.score < CLEARLY_MORE):
        return None
    fact = turns.knowledge.register.facts[first.name]
    return None if fact.certainty(visit.today, turns.knowledge.show_unverified) == Certainty.UNKNOWN else fact


def _pass_on(visit: Visit, text: str, area: str) -> None:
    """One task a day, with all that was asked."""
    key = f"asked-early:{visit.today}"
    before = tickets.about(visit.connection, visit.id, key)
    about = (f"{before} / {text.strip()}" if before else text.strip())[:MOST_KEPT]
    if not tickets.tell_more(visit.connection, visit.id, key, about):
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": key, "kind": "question", "area": area, "about": about,
            "opened_at": visit.now, "due_at": None})
    visit.news.add("queue")
