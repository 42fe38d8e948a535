"""What a person is shown: texts with their values, the question, its buttons, the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conversations.engine.effects import picked_by
from conversations.engine.shown import shown
from conversations.engine.suggested import suggestions
from conversations.engine.turn import (
    Answers,
    FactCard,
    FileLink,
    Heading,
    Kept,
    Line,
    Option,
    Output,
    PlanShown,
    Prompt,
    Shown,
    Words,
)
from conversations.engine.walk import CONFIRM, ENOUGH, MORE, SKIPPED, At, Walk, open_choices
from conversations.marking import mark as _
from conversations.model import (
    Ask,
    Choose,
    Conversation,
    End,
    Group,
    Hand,
    Recall,
    Review,
    Say,
    Section,
    ShowPlan,
    Step,
    Suggest,
    Tell,
)

THAT_IS_ALL = _("That is all")


ANSWER_SKIPPED = _("Answer what I skipped")


MORE_OR_DONE = _("You chose:\n{chosen}\n\nAnything else?")


def outputs_of(conversation: Conversation, at: At, found: Walk) -> Iterator[Output]:
    match at.step:
        case Say(text=text):
            yield _words(text, at, found)
        case End(text=text) if text:
            yield _words(text, at, found)
        case Section(id=name, title=title):
            ids = [section.id for section in conversation.sections()]
            yield Heading(ids.index(name) + 1, len(ids), title)
        case Tell(answer=str(answer)):
            listed = found.scope[answer]
            yield from (FactCard(one) for one in ((listed,) if isinstance(listed, str) else listed))
        case Tell(facts=facts, by=by):
            for number, fact in enumerate(picked_by(facts, by, found.scope) or ()):
                yield FactCard(fact, _chosen(found, by) if number == 0 else None)
        case Recall(text=text, none=none, lists=name):
            lines = tuple(found.scope.get(name) or ())
            yield Kept(lines, text if lines else none)
        case ShowPlan(printed=printed):
            yield PlanShown(printed)
        case Hand(text=text, answer=answer):
            yield FileLink(text, found.scope[answer])
        case Suggest():
            yield suggestions(at.step, found)


def _words(text: str, at: At, found: Walk) -> Words:
    if "{" not in text:
        return Words(text)
    scope = {**found.scope, **at.scope}
    return Words(text, {name: _shown_answer(found, at, name, scope) for name in names_in(text)})


def _chosen(found: Walk, by: tuple[str, ...]) -> str | None:
    """The label of the choice that led here."""
    for at in found.passed:
        if at.path in by and isinstance(at.step, Choose):
            return next((one.label for one in at.step.choices if one.id == found.scope.get(at.path)), None)
    return None


def as_it_is(text: str) -> Words:
    """Words that are not ours to translate: a language's own name, a step in the person's words."""
    return Words("{value}", {"value": Shown("plain", text)})


def names_in(text: str) -> list[str]:
    """The names in braces."""
    return [part.split("}")[0] for part in text.split("{")[1:]]


def _shown_answer(found: Walk, at: At, name: str, scope: Mapping[str, Any]) -> Shown:
    value = scope.get(name)
    if isinstance(value, Words):
        return Shown("words", value)
    asked = next((one for one in found.passed if one.path == name), None)
    if asked is not None and isinstance(asked.step, Choose) and asked.step.over is not None:
        listed = next((one["what"] for one in scope.get(asked.step.over) or () if one["key"] == value), None)
        return Shown("plain", listed) if listed is not None else shown(asked.step, value)
    return shown(asked.step, value) if asked is not None else Shown("plain", value)


def prompt_of(found: Walk, answers: Answers) -> Prompt | None:
    at = found.awaiting
    if at is None:
        return None
    step = at.step
    if isinstance(step, Choose) and step.many and picked_already(answers.get(at.path)):
        return prompt_for_more(found, at, answers)
    can_go_back = any(isinstance(one.step, Ask | Choose | Group | Review) for one in found.passed)
    return Prompt(
        at.path,
        _question_text(at, found),
        tuple(options_of(at, found, answers)),
        lines=tuple(lines_of(found)) if isinstance(step, Review) else (),
        skipped=tuple(label for _path, label in skipped_in(found)) if isinstance(step, Review) else (),
        columns=step.columns if isinstance(step, Choose) else 1,
        why=step.why if isinstance(step, Ask | Choose) else None,
        skippable=is_skippable(step),
        back=can_go_back,
    )


def is_skippable(step: Step) -> bool:
    return isinstance(step, Ask | Choose) and step.skippable


def _question_text(at: At, found: Walk) -> Words:
    step = at.step
    if at.group is not None:
        return Words(at.group.first if at.path == f"{at.group.id}/0?" else at.group.again)
    assert isinstance(step, Ask | Choose | Review)
    return _words(step.text, at, found)


def options_of(at: At, found: Walk, answers: Answers) -> list[Option]:
    step = at.step
    if at.group is not None:
        return [Option(MORE, Words(at.group.add)), Option(ENOUGH, Words(at.group.done))]
    if isinstance(step, Review):
        skipped = [Option(SKIPPED, Words(ANSWER_SKIPPED))] if skipped_in(found) else []
        return [Option(CONFIRM, Words(step.confirm)), *skipped]
    if not isinstance(step, Choose):
        return []
    value = answers.get(at.path)
    picked = value.get("picked", ()) if isinstance(value, dict) else ()
    scope = {**found.scope, **at.scope}
    given = {one["key"] for one in scope.get(step.over) or ()} if step.over else set()
    options = [
        Option(one.id, as_it_is(one.label) if one.id in given else _words(one.label, at, found), one.id in picked)
        for one in open_choices(step, scope)
    ]
    if step.many:
        options.append(Option(ENOUGH, Words(THAT_IS_ALL)))
    return options


def lines_of(found: Walk) -> list[Line]:
    """The answers so far that have a label; the item of a group is one line."""
    lines: dict[str, Line] = {}
    for at, label in _labelled(found):
        item = at.path.rpartition("/")[0]
        value = at.scope.get(at.path.rpartition("/")[2]) if item else found.scope.get(at.path)
        if value is None:
            continue
        if item in lines:
            known = lines[item].value.value
            more = Shown("pair", (Shown("text", label), shown(at.step, value)))
            lines[item] = Line(item, lines[item].label, Shown("items", [*known, more]))
        elif item:
            lines[item] = Line(item, label, Shown("items", [shown(at.step, value)]))
        else:
            lines[at.path] = Line(at.path, label, shown(at.step, value))
    return list(lines.values())


def skipped_in(found: Walk) -> list[tuple[str, str]]:
    """Path and label of what the person left out."""
    single = ((at, label) for at, label in _labelled(found) if "/" not in at.path)
    return [(at.path, label) for at, label in single if found.scope.get(at.path) is None]


def _labelled(found: Walk) -> Iterator[tuple[At, str]]:
    for at in found.passed:
        if isinstance(at.step, Ask | Choose) and at.step.label is not None:
            yield at, at.step.label


def picked_already(value: Any) -> list[str]:
    return list(value.get("picked", ())) if isinstance(value, dict) else []


def prompt_for_more(found: Walk, asked: At, answers: Answers) -> Prompt:
    picked = picked_already(answers[asked.path])
    options = options_of(asked, found, answers)
    chosen = [Shown("text", option.label.text) for option in options if option.id in picked]
    left = tuple(option for option in options if option.id not in picked)
    text = Words(MORE_OR_DONE, {"chosen": Shown("lines", chosen)}) if chosen else _question_text(asked, found)
    return Prompt(asked.path, text, left, back=True)
