"""What a conversation names outside of itself, and how conversations lead to each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

from conversations.checks.fault import Fault
from conversations.checks.graph import Edge, Graph
from conversations.model import (
    Area,
    Choose,
    Conversation,
    Enquire,
    Go,
    Group,
    HandOff,
    Refer,
    Remind,
    Step,
    Suggest,
    Tell,
    all_steps,
)

AREAS = get_args(Area)


def check_links(
    conversation: Conversation, conversations: Collection[str], facts: Collection[str], partners: Collection[str]
) -> Iterator[Fault]:
    known = {"conversation": conversations, "fact": facts, "partner": partners, "area": AREAS}
    for step in all_steps(conversation):
        for kind, name in _named(step):
            if name not in known[kind]:
                yield Fault(conversation.name, step.id, "target",
                            f"There is no {kind} “{name}”. Correct the name, or add the {kind}.")
        yield from _offers(conversation, step)


def _named(step: Step) -> Iterator[tuple[str, str]]:
    match step:
        case Go(to=name) | Remind(opens=name):
            yield "conversation", name
        case Tell(facts=facts):
            groups = facts.values() if isinstance(facts, Mapping) else (facts,)
            yield from (("fact", name) for group in groups for name in group)
        case Refer(partner=partner):
            yield from (("partner", name) for name in _values(partner))
        case Enquire(area=area) | HandOff(area=area):
            yield "area", area
        case Suggest(areas=areas):
            yield from (("area", area) for area in areas)


def _values(value: Any) -> list[str]:
    return list(value.values()) if isinstance(value, Mapping) else [value]


def _offers(conversation: Conversation, step: Step) -> Iterator[Fault]:
    """A question offers something to choose."""
    if isinstance(step, Choose) and not step.choices and step.over is None:
        yield Fault(conversation.name, step.id, "choices", "It has nothing to choose. Add choices, or name a list "
                    "in `over`.")
    if isinstance(step, Group) and step.over is None:
        missing = [name for name in ("first", "again", "add", "done") if not getattr(step, name)]
        if missing:
            yield Fault(conversation.name, step.id, "choices",
                        f"It asks “one more?” and has no text for {', '.join(missing)}. Write it.")


# ---------------------------------------------------------------- all of them


def check_together(conversations: Mapping[str, Conversation], starts: Collection[str]) -> Iterator[Fault]:
    """`starts`: where a person can begin: the first conversation, the menu, what a word or the bot itself opens."""
    for name in sorted(set(starts) - conversations.keys()):
        yield Fault(name, "", "target", "Something opens this conversation, and it does not exist. Add it.")
    for key, one in conversations.items():
        if key != one.name:
            yield Fault(key, "", "target", f"It is listed under “{key}” and is named “{one.name}”. Make them the same.")
    opened = _closure({name: _opens(one) for name, one in conversations.items()}, starts)
    for name in conversations:
        if name not in opened:
            yield Fault(name, "", "unreachable", "Nothing opens this conversation. Let a Go, a Remind or a command "
                        "open it, or remove it.")
    straight = {name: _opens_unasked(one) for name, one in conversations.items()}
    for name in conversations:
        if name in _closure(straight, straight[name]):
            yield Fault(name, "", "circle", "It leads back to itself through Go without asking anything, for ever. "
                        "Put a question on the way.")


def _closure(graph: Mapping[str, Collection[str]], starts: Collection[str]) -> set[str]:
    seen, waiting = set(starts), list(starts)
    while waiting:
        new = set(graph.get(waiting.pop(), ())) - seen
        seen |= new
        waiting += new
    return seen


def _opens(conversation: Conversation) -> set[str]:
    return {name for step in conversation.steps for kind, name in _named(step) if kind == "conversation"}


def _opens_unasked(conversation: Conversation) -> set[str]:
    """The conversations that this one can open before it has asked anything."""
    graph = Graph(conversation)

    def asks(edge: Edge) -> bool:
        return edge.taken and _stops(graph.step(edge.source))

    reached = graph.reached(avoid=asks)
    return {step.to for at, step in enumerate(conversation.steps) if isinstance(step, Go) and at in reached}


def _stops(step: Step) -> bool:
    """A question waits for the person, unless the answer may be known already or its list may be empty."""
    waits = hasattr(step, "skippable") and not getattr(step, "remember", False)
    return waits and not (isinstance(step, Group) and step.over is not None)
