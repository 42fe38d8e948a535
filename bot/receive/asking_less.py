"""Somebody wants fewer messages of ours: carried out at once, and taken back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.receive import asking
from bot.receive.visit import Visit
from conversations import ASKING_NAME as ASKING
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations.asking import BEFORE, UNDO, WISH
from conversations.rhythm import LESS
from storage import asking as kept
from storage import messages, reminders
from storage.messages import REMINDER
from storage.runs import RunState

PAUSE = timedelta(days=14)


def is_settled(run: RunState) -> bool:
    """The wish is carried out, and only taking it back is still offered: nobody is brought back to that."""
    return run.conversation == ASKING and run.awaiting != WISH


def carry_out(visit: Visit, wish: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What the run must keep of how it was before; nothing where that was brought back."""
    if wish == UNDO:
        _as_before(visit, answers[BEFORE])
        return {}
    before = answers.get(BEFORE) or _now(visit)
    person = visit.person
    match wish:
        case "pause":
            person.paused_until = visit.now + PAUSE
            asking.plan(visit.connection, person, visit.now)
        case "less":
            person.rhythm_days = LESS.get(person.rhythm_days, LESS[None])
            asking.settle(visit.connection, person, visit.now)
        case "stop":
            _stop(visit)
        case _:
            return {}
    person.changed = True
    return {BEFORE: before}


def _stop(visit: Visit) -> None:
    """Nothing of ours comes any more; the rhythm is over, also when they write again."""
    visit.person.stopped_at = visit.now
    kept.begin(visit.connection, visit.id, None)
    kept.agree(visit.connection, visit.id, None)
    reminders.cancel(visit.connection, visit.id)
    messages.drop_reminders(visit.connection, [visit.id])
    visit.withdrawn.add(REMINDER)


def _now(visit: Visit) -> dict[str, Any]:
    known = kept.kept(visit.connection, visit.id)
    paused = visit.person.paused_until
    return {"every": visit.person.rhythm_days, "paused": paused.isoformat() if paused is not None else None,
            "begins": known.begins.isoformat() if known.begins is not None else None,
            "on": known.on.isoformat() if known.on is not None else None}


def _as_before(visit: Visit, before: Mapping[str, Any]) -> None:
    person = visit.person
    person.rhythm_days, person.stopped_at, person.changed = before["every"], None, True
    person.paused_until = datetime.fromisoformat(before["paused"]) if before["paused"] else None
    kept.begin(visit.connection, visit.id, _day(before["begins"]))
    kept.agree(visit.connection, visit.id, _day(before["on"]))
    reminders.cancel(visit.connection, visit.id, [CHECK_IN])
    asking.plan(visit.connection, person, visit.now)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
