"""What a person says about a step of their plan: how it goes, why it was let go, another day. What somebody else has
changed meanwhile stays, and the person is told what it says now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bot.channels.base import OutgoingMessage
from bot.receive import asking
from bot.receive.visit import Visit
from bot.render.steps import StepWords
from conversations.marking import mark as _
from storage import plans, steps
from storage.runs import RunState
from storage.steps import StepView

MEANWHILE = _("This step was changed meanwhile. It says now: {what} ({state}).")


def record(visit: Visit, run: RunState, purpose: str, key: str, value: Any, words: StepWords) -> None:
    """Carry out one answer about the step with this key."""
    step = steps.with_key(visit.connection, visit.id, key)
    seen: dict[str, Any] = next((one for one in run.answers.get("@plan", ()) if one["key"] == key), {})
    if step is None:
        return
    match purpose:
        case "reason" if step.state == "dropped":
            _change(visit, run, step, {"reason": value})
        case "day" if (day := last_day(value)) is not None:
            if step.version != seen.get("version", step.version):
                _too_late(visit, step, words)
            else:
                _change(visit, run, step, {"by": day})
        case "" if value in plans.STATES and value != step.state:
            if step.state != seen.get("state", step.state):
                _too_late(visit, step, words)
            else:
                _change(visit, run, step, {"state": value})


def says_now(step: StepView, words: StepWords) -> str:
    """For whoever was too late."""
    return words.translator.text(words.language, MEANWHILE, what=words.what(step), state=words.state(step))


def last_day(value: str | None) -> date | None:
    """The last day that a date of reduced precision means: by March is by the 31st."""
    if value is None:
        return None
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    first_after = date(year + month // 12, month % 12 + 1, 1)
    return first_after - timedelta(days=1)


def _too_late(visit: Visit, step: StepView, words: StepWords) -> None:
    visit.said.append(OutgoingMessage(says_now(step, words)))


def _change(visit: Visit, run: RunState, step: StepView, values: dict[str, Any]) -> None:
    """Done; and the run knows that it was the person themselves."""
    changed = steps.change(visit.connection, visit.id, step, values, visit.now)
    if changed is None:
        return
    visit.look_again_at_plan()
    asking.plan(visit.connection, visit.person, visit.now)
    visit.news.add(f"contact:{visit.id}")
    if "@plan" in run.answers:
        now = {"state": changed.state, "version": changed.version}
        known = [{**one, **now} if one["key"] == step.key else one for one in run.answers["@plan"]]
        run.answers, run.changed = {**run.answers, "@plan": known}, True
