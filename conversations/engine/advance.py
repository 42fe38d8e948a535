"""advance(): one action of a person, and the turn it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from conversations.engine.effects import effects_of, records_of, withdrawn_by
from conversations.engine.read import Drop, First, Reading, Value, is_left_out, read_answer, read_offered, read_tap
from conversations.engine.show import is_skippable, lines_of, options_of, outputs_of, prompt_for_more, prompt_of
from conversations.engine.turn import (
    Action,
    Answers,
    Back,
    Effect,
    Given,
    Heading,
    Labels,
    Opened,
    Option,
    Output,
    Picked,
    Progress,
    Prompt,
    Resumed,
    Said,
    Sent,
    Shown,
    Skip,
    Turn,
    Words,
    only_itself,
)
from conversations.engine.walk import (
    CONFIRM,
    MORE,
    SKIPPED,
    At,
    Walk,
    migrate,
    new_name,
    question_shown,
    walk,
)
from conversations.marking import mark as _
from conversations.model import (
    Ask,
    Choose,
    Conversation,
    End,
    Go,
    Group,
    HandOff,
    Review,
)
from conversations.readers import NotUnderstood, Several

MOST_MISSES = 2


NO_TEXT = _(
    "Thank you for sending this. I can read only text. A person from our team can look at the rest. "
    "Write in a few words what it is about, or answer the question."
)


OLD_BUTTON = _("That button belongs to an earlier question. This is the question now.")


OFFER_PERSON = _("If you like, a person from our team can help you with this. Tap “Talk to a counsellor”.")


IS_IT_THIS = _("Do you mean this?")


WHICH = _("Which of these do you mean?")


CANNOT_SKIP = _("We need an answer to this question to go on. You can also talk to a counsellor.")


NOTHING_BEFORE = _("This is the first question.")


def advance(
    conversation: Conversation,
    progress: Progress,
    action: Action,
    given: Given,
    labels: Labels = only_itself,
) -> Turn:
    """What one action leads to. The progress that comes in is left as it is."""
    answers = migrate(conversation, progress.answers)
    awaiting = new_name(conversation, progress.awaiting)
    before = walk(conversation, answers, given)
    asked = question_shown(conversation, before, awaiting)
    match action:
        case Opened():
            return _open(conversation, before, answers, given)
        case Resumed():
            return _resume(before, answers)
        case Back() if progress.offered:
            return _resume(before, answers)
        case Back():
            return _back(conversation, before, answers, given)
        case Skip():
            return _skip(conversation, before, asked, answers, given, progress)
        case Sent():
            return _again(before, answers, progress, Words(NO_TEXT))
        case Picked(path, choice):
            return _picked(conversation, before, asked, path, choice, answers, given, progress, labels)
        case Said(text):
            return _said(conversation, before, asked, text, answers, given, progress, labels)


def _said(
    conversation: Conversation, before: Walk, asked: At | None, text: str, answers: Answers, given: Given,
    progress: Progress, labels: Labels,
) -> Turn:
    if asked is None:
        return _resume(before, answers)
    if is_left_out(asked.step, text):
        return _skip(conversation, before, asked, answers, given, progress)
    offered = read_offered(asked.step, progress.offered, text)
    result = offered or read_answer(asked, text, before, answers, labels, given["today"])
    return _take(conversation, before, asked, result, answers, given, progress)


def _picked(
    conversation: Conversation, before: Walk, asked: At | None, path: str, choice: str, answers: Answers,
    given: Given, progress: Progress, labels: Labels,
) -> Turn:
    path = new_name(conversation, path) or path
    if asked is None or asked.path != path:
        if answers.get(path) == choice and path in answers:
            return Turn(Progress(answers, progress.awaiting, progress.misses))  # the same button twice
        return _again(before, answers, progress, Words(OLD_BUTTON))
    result = read_tap(conversation, asked, choice, before, answers)
    if result is None:
        return _again(before, answers, progress, Words(OLD_BUTTON))
    return _take(conversation, before, asked, result, answers, given, progress)


def _take(
    conversation: Conversation, before: Walk, asked: At, result: Reading, answers: Answers, given: Given,
    progress: Progress,
) -> Turn:
    """Store what was read, or say what we need."""
    if isinstance(result, NotUnderstood):
        args = {name: Shown(name, value) for name, value in result.args.items()}
        return _again(before, answers, progress, Words(result.help, args), missed=True)
    if isinstance(result, Several):
        return _which(before, asked, result, answers)
    if isinstance(result, Value) and progress.offered and isinstance(asked.step, Review):
        result = Drop(result.value) if result.value != CONFIRM else result
    if isinstance(result, Drop):
        return _show(conversation, before, _without(answers, result.path), given)
    if isinstance(result, First):
        item = asked.path.removesuffix("?")
        return _show(conversation, before, {**answers, asked.path: MORE, f"{item}/{result.step}": result.value}, given)
    answers = {**answers, asked.path: result.value}
    if isinstance(result.value, dict) and not result.value.get("done"):
        return _more(before, asked, answers)
    answers = _forget_reviews(conversation, asked, answers)
    recorded = records_of(asked, result.value, before.scope)
    return _show(conversation, before, answers, given, effects=recorded)


def _without(answers: Answers, path: str) -> Answers:
    """The answers without one line of the summary: a question, an item of a group, or all that was skipped."""
    if path == SKIPPED:
        return {one: value for one, value in answers.items() if value is not None}
    return {one: value for one, value in answers.items() if one != path and not one.startswith(f"{path}/")}


def _forget_reviews(conversation: Conversation, asked: At, answers: Answers) -> Answers:
    """A summary that was confirmed before an answer changed is shown again."""
    at = conversation.index[asked.path.partition("/")[0].removesuffix("?")]
    reviews = [name for name, place in _reviews(conversation) if place > at and name in answers]
    return {path: value for path, value in answers.items() if path not in reviews} if reviews else answers


@cache
def _reviews(conversation: Conversation) -> tuple[tuple[str, int], ...]:
    return tuple([(step.id, at) for at, step in enumerate(conversation.steps) if isinstance(step, Review)])


def _back(conversation: Conversation, before: Walk, answers: Answers, given: Given) -> Turn:
    """Drop the answer that was given last; answers are kept in the order in which they were given."""
    on_path = {at.path for at in before.passed if isinstance(at.step, Ask | Choose | Group | Review)}
    earlier = [path for path in answers if path in on_path]
    half = before.awaiting.path if before.awaiting is not None else ""
    if isinstance(answers.get(half), dict):  # several choices, begun: begin them again
        return _show(conversation, before, {k: v for k, v in answers.items() if k != half}, given)
    if not earlier:
        return _again(before, answers, Progress(), Words(NOTHING_BEFORE))
    left = {path: value for path, value in answers.items() if path != earlier[-1]}
    return _show(conversation, before, left, given)


def _skip(
    conversation: Conversation, before: Walk, asked: At | None, answers: Answers, given: Given, progress: Progress
) -> Turn:
    if asked is None:
        return _resume(before, answers)
    if isinstance(asked.step, Ask | Choose) and asked.step.skippable:
        return _show(conversation, before, {**answers, asked.path: None}, given)
    return _again(before, answers, progress, Words(CANNOT_SKIP))


def _show(
    conversation: Conversation,
    before: Walk,
    answers: Answers,
    given: Given,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Everything that is newly on the path, then the question. A hand-off ends it: a person takes over."""
    after = walk(conversation, answers, given, before)
    known = {at.path for at in before.passed}
    new = [at for at in after.passed if at.path not in known]
    output: list[Output] = []
    handed_off = False
    for at in new:
        output += outputs_of(conversation, at, after)
        if isinstance(at.step, HandOff):
            handed_off = True
            break
    prompt = prompt_of(after, answers) if not handed_off else None
    if prompt is not None:
        output.append(prompt)
    output = _without_idle_headings(output, after)
    done = effects + tuple(effects_of(new, after)) + tuple(withdrawn_by(before, after))
    last = after.last
    return Turn(
        Progress(answers, prompt.path if prompt else None),
        tuple(output),
        done,
        ended=isinstance(last, Go | End),
        goes_to=last.to if isinstance(last, Go) else None,
        goes_with=_goes_with(last, answers) if isinstance(last, Go) else {},
    )


def _goes_with(step: Go, answers: Answers) -> Mapping[str, Any]:
    if not step.carries:
        return step.answers
    own = {path: value for path, value in answers.items() if path[0] != "@"}
    return {**step.answers, "@carried": {**(answers.get("@carried") or {}), **own}}


def _without_idle_headings(output: list[Output], after: Walk) -> list[Output]:
    """A heading stands only over a question of its part that is really asked."""
    headings = [at for at, one in enumerate(output) if isinstance(one, Heading)]
    if not headings:
        return output
    asks = after.awaiting is not None and not isinstance(after.awaiting.step, Review)
    kept = headings[-1:] if asks else []
    return [one for at, one in enumerate(output) if at not in headings or at in kept]


def _open(conversation: Conversation, found: Walk, answers: Answers, given: Given) -> Turn:
    """Begin; where earlier conversations answered the first questions, begin behind them.

    A list that questions are asked over is kept as it is now: it may change while the run goes on."""
    answers = {**answers, **{f"@{name}": given.get(name, []) for name in _lists(conversation)}}
    last = max((at for at, one in enumerate(found.passed) if one.path in answers), default=-1)
    return _show(conversation, Walk(passed=found.passed[: last + 1]), answers, given)


def _lists(conversation: Conversation) -> set[str]:
    return {step.over for step in conversation.steps if isinstance(step, Group | Choose) and step.over is not None}


def _resume(found: Walk, answers: Answers) -> Turn:
    prompt = prompt_of(found, answers)
    last = found.last
    return Turn(
        Progress(answers, prompt.path if prompt else None),
        (prompt,) if prompt else (),
        ended=isinstance(last, Go | End),
        goes_to=last.to if isinstance(last, Go) else None,
        goes_with=_goes_with(last, answers) if isinstance(last, Go) else {},
    )


def _again(before: Walk, answers: Answers, progress: Progress, words: Words, missed: bool = False) -> Turn:
    """A word of explanation, and the same question."""
    prompt = prompt_of(before, answers)
    misses = progress.misses + 1 if missed else progress.misses
    output: list[Output] = [words]
    if missed and misses >= MOST_MISSES:
        output.append(Words(OFFER_PERSON))
    if prompt is not None:
        output.append(prompt)
    return Turn(Progress(answers, prompt.path if prompt else None, misses), tuple(output))


def _which(before: Walk, asked: At, several: Several, answers: Answers) -> Turn:
    """Offer what could be meant."""
    known = {option.id: option for option in options_of(asked, before, answers)}
    known |= {line.path: Option(line.path, Words(line.label)) for line in lines_of(before)}
    kind = asked.step.reads.kind if isinstance(asked.step, Ask) else "plain"
    options = tuple(
        known.get(value) or Option(value, Words("{value}", {"value": Shown(kind, value)})) for value in several.values
    )
    text = Words(WHICH if len(several.values) > 1 else IS_IT_THIS)
    prompt = Prompt(asked.path, text, options, back=True, skippable=is_skippable(asked.step))
    return Turn(Progress(answers, asked.path, offered=several.values), (prompt,))


def _more(before: Walk, asked: At, answers: Answers) -> Turn:
    """Several may be chosen: show what is chosen, and what is left."""
    return Turn(Progress(answers, asked.path), (prompt_for_more(before, asked, answers),))
