"""What a person said about their health goes when they take that back: alone, and wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.receive.visit import Visit
from bot.translate import Translator
from conversations import ANSWER_NAME, CONVERSATIONS, OTHER_LANGUAGE_NAME, WELLBEING_AGAIN_NAME
from conversations.answer import ASKED
from conversations.engine import shown
from conversations.marking import mark as _
from conversations.model import Ask, Choose
from storage import merging, messages, reminders, runs, tickets, unanswered

PERSONAL: Mapping[str, Mapping[str, Ask | Choose]] = {
    name: found for name, one in CONVERSATIONS.items()
    if (found := {step.id: step for step in one.steps if isinstance(step, Ask | Choose) and step.personal})
}
"""By conversation: the questions whose answers are kept only with the separate consent."""
PLACES: Mapping[str, frozenset[str]] = {
    **{name: frozenset(found) for name, found in PERSONAL.items()},
    **dict.fromkeys((ANSWER_NAME, OTHER_LANGUAGE_NAME), frozenset({ASKED})),
}
"""By conversation: the same, and where a run keeps the words that it was opened for."""
REMEMBERED = frozenset(name for found in PERSONAL.values() for name, step in found.items() if step.remember)
TAKEN_BACK = _("Took back what they said about their health: please ask how they are")


def forget(visit: Visit, translator: Translator) -> None:
    """The answers, the words that they came in, our messages that repeat them, what was planned because of them."""
    said = [*_said(visit)]
    messages.blank(visit.connection, visit.id, {word for one in said for word in _words(*one, translator)},
                   {line for one in said for line in _lines(*one, translator)})
    visit.person.known = {path: value for path, value in visit.person.known.items() if path not in REMEMBERED}
    runs.forget_answers(visit.connection, visit.id, PLACES)
    merging.cut(visit.connection, [visit.id])
    unanswered.forget(visit.connection, visit.id)
    for run in visit.runs:
        gone = PLACES.get(run.conversation, frozenset())
        run.answers, run.changed = {path: value for path, value in run.answers.items() if path not in gone}, True
    reminders.cancel(visit.connection, visit.id, [WELLBEING_AGAIN_NAME])
    tickets.forget_why(visit.connection, visit.id, "wellbeing", TAKEN_BACK)


def _said(visit: Visit) -> Iterator[tuple[Ask | Choose, Any]]:
    """Each question with each answer that was given to it."""
    of_runs = [*runs.all_answers(visit.connection, visit.id), *((run.conversation, run.answers) for run in visit.runs)]
    for conversation, answers in [*of_runs, *((name, visit.person.known) for name in PERSONAL)]:
        for path, step in PERSONAL.get(conversation, {}).items():
            if answers.get(path) is not None:
                yield step, answers[path]


def _words(step: Ask | Choose, value: Any, translator: Translator) -> Iterator[str]:
    """What the person wrote, or the button that they tapped, in whatever language they did."""
    if isinstance(step, Ask):
        yield str(value)
        return
    labels = (one.label for one in step.choices if one.id == value)
    yield from (text for label in labels for text in translator.wordings(translator.default, label))


def _lines(step: Ask | Choose, value: Any, translator: Translator) -> Iterator[str]:
    """The answer as the summary and "my data" show it."""
    if step.label is not None:
        for code in translator.languages:
            yield f"{translator.text(code, step.label)}: {translator.show(code, shown(step, value))}"
