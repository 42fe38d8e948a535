"""What is said of a step in a picture, in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.checks.graph import Edge, Graph, name_of
from conversations.model import (
    Ask,
    Branch,
    Choose,
    End,
    Enquire,
    Go,
    Group,
    HandOff,
    Plan,
    Recall,
    Refer,
    Remind,
    Review,
    Say,
    Section,
    Step,
    Suggest,
    Tell,
)

NOWHERE = "(nowhere)"


def kind_of(step: Step) -> str:
    return type(step).__name__


def says(step: Step) -> str:
    """What a step is about, in a few words."""
    match step:
        case Say(text=text) | Ask(text=text) | Choose(text=text) | Review(text=text) | End(text=text):
            return text
        case Section(title=title):
            return title
        case Group(over=over, first=first):
            return f"for each of {over}" if over else first
        case Tell(facts=facts, by=by):
            return _by(facts, by, f"{len(facts)} answers") if isinstance(facts, Mapping) else ", ".join(facts)
        case Suggest(areas=areas, most=most):
            return f"{most} at most, of {', '.join(areas)}"
        case Plan(what=what, by=by, answer=answer):
            return f"the words of {answer}" if answer else _by(what, by, f"{len(what)} steps")
        case Remind(opens=opens, after=after, by=by):
            return f"{opens} after {_by(after, by, 'a time')}"
        case Refer(partner=partner, by=by):
            return _by(partner, by, "a partner")
        case Enquire(area=area, about=about, reason=reason):
            return f"{area}: {about or reason}"
        case HandOff(area=area, reason=reason, urgent=urgent):
            return f"{area}{', urgent' if urgent else ''}: {reason}"
        case Go(to=to):
            return f"opens {to}"
        case Recall(lists=name):
            return f"the lines of {name}"
    return ""


def _by(value: object, by: tuple[str, ...], many: str) -> str:
    if not isinstance(value, Mapping):
        return f"{value.days} days" if hasattr(value, "days") else str(value)
    return f"{many} by {by[0]}" + (f" and {len(by) - 1} more" if len(by) > 1 else "")


def shorten(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' .,;:')}…"


def notes(step: Step) -> list[str]:
    """What is special about a step: "skippable", "when has_children"."""
    found = ["skippable"] if getattr(step, "skippable", False) else []
    found += ["many"] if getattr(step, "many", False) else []
    for name in ("over", "records"):
        if value := getattr(step, name, None):
            found.append(f"{name} {value}")
    if step.when is not None and not isinstance(step, Branch):
        found.append(f"when {name_of(step.when)}")
    return found


def target_name(graph: Graph, edge: Edge) -> str:
    if edge.target < 0:
        return NOWHERE
    return graph.step(edge.target).id if edge.target < graph.off_the_end else "(off the end)"
