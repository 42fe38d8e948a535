"""walk() and advance(): the only logic of conversations. Pure: no database, network, clock or channel.

The position is not stored; it follows from the answers. Stored are the answers, by the path of their
question (`town`, `children/0/age`, `children/1?`), and which question the person was shown last.
A skipped question is stored as None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

from conversations.marking import mark as _
from conversations.model import (
    EFFECTS,
    Area,
    Ask,
    Branch,
    Choice,
    Choose,
    Conversation,
    End,
    Enquire,
    Go,
    Group,
    HandOff,
    Plan,
    Question,
    Recall,
    Refer,
    Remind,
    Review,
    Say,
    Section,
    Step,
    Suggest,
    Tell,
    holds,
)
from conversations.readers import NotUnderstood, Several, match_choice, match_many

Answers: TypeAlias = dict[str, Any]
Given: TypeAlias = Mapping[str, Any]
Labels: TypeAlias = Callable[[str], Sequence[str]]
"""A text's wordings, the person's language first: what somebody may type instead of tapping."""

MORE, ENOUGH, CONFIRM, SKIPPED = "add", "done", "yes", "skipped"
MOST_MISSES = 2


def only_itself(text: str) -> Sequence[str]:
    return (text,)


# ---------------------------------------------------------------- what goes in


@dataclass(slots=True)
class Progress:
    """What a run stores."""

    answers: Answers = field(default_factory=dict)
    awaiting: str | None = None
    """The path of the question that the person was shown last."""
    misses: int = 0
    """How often in a row the answer to it was not understood."""
    offered: tuple[str, ...] = ()
    """What the answer to it could have meant; the person was asked which."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The run begins."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The person comes back to a run: ask the same question again."""


@dataclass(frozen=True, slots=True)
class Said:
    text: str


@dataclass(frozen=True, slots=True)
class Picked:
    path: str
    choice: str


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    pass


@dataclass(frozen=True, slots=True)
class Sent:
    """A photo, a voice message, a sticker: something that is no answer to this question."""

    kind: str


Action: TypeAlias = Opened | Resumed | Said | Picked | Back | Skip | Sent


# --------------------------------------------------------------- what comes out


@dataclass(frozen=True, slots=True)
class Shown:
    """A value and how to show it: "plain", "text" (a message id), "list", or the kind of a reader."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    args: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    number: int
    of: int
    title: str


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    label: Words
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    label: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Prompt:
    """The question that the person is shown, with what can be tapped under it."""

    path: str
    text: Words
    options: tuple[Option, ...] = ()
    lines: tuple[Line, ...] = ()
    skipped: tuple[str, ...] = ()
    """Labels of what was left out, for a summary."""
    columns: int = 1
    why: str | None = None
    skippable: bool = False
    back: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class FactCard:
    fact: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    step: str
    areas: tuple[Area, ...]
    most: int


Output: TypeAlias = Words | Heading | Prompt | FactCard | Suggestions | Kept


@dataclass(frozen=True, slots=True)
class Record:
    """An answer that sets something: a language, a consent, a state of the plan."""

    what: str
    value: Any
    item: str | None = None


@dataclass(frozen=True, slots=True)
class AddStep:
    step: str
    what: str
    due: str | None
    """A date of any precision, as the person said it; None: a week from now."""


@dataclass(frozen=True, slots=True)
class Schedule:
    step: str
    opens: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Propose:
    step: str
    partner: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    step: str
    area: Area
    about: str


@dataclass(frozen=True, slots=True)
class OpenTicket:
    step: str
    area: Area
    reason: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The step left the path: what it had done is taken back."""

    step: str


Effect: TypeAlias = Record | AddStep | Schedule | Propose | OpenTask | OpenTicket | Withdraw


@dataclass(frozen=True, slots=True)
class Turn:
    progress: Progress
    output: tuple[Output, ...] = ()
    effects: tuple[Effect, ...] = ()
    ended: bool = False
    goes_to: str | None = None


# ------------------------------------------------------------------------- walk


@dataclass(frozen=True, slots=True)
class At:
    """A step on the path, with the item of a group that it belongs to."""

    path: str
    step: Step
    scope: Mapping[str, Any] = field(default_factory=dict)
    group: Group | None = None
    """Set where the question is the group's own: "one more?"."""


@dataclass(slots=True)
class Walk:
    passed: list[At] = field(default_factory=list)
    awaiting: At | None = None
    scope: dict[str, Any] = field(default_factory=dict)
    """The given values and the answers on the path."""

    @property
    def last(self) -> Step | None:
        return self.passed[-1].step if self.passed and self.awaiting is None else None


def walk(conversation: Conversation, answers: Mapping[str, Any], given: Given) -> Walk:
    """The steps that these answers lead through, up to the first question without a valid answer."""
    found = Walk(scope={**given, **{name[1:]: value for name, value in answers.items() if name[0] == "@"}})
    steps, at = conversation.steps, 0
    while at < len(steps):
        step = steps[at]
        at += 1
        applies = holds(step.when, found.scope)
        if isinstance(step, Branch):
            at = conversation.index[step.then] if applies and step.then else at
            continue
        if not applies:
            continue
        here = At(step.id, step)
        if isinstance(step, Group):
            found.awaiting = _walk_group(step, answers, found)
        elif isinstance(step, Ask | Choose | Review):
            if not _is_answered(step, step.id, answers, found.scope):
                found.awaiting = here
            else:
                found.scope[step.id] = answers[step.id]
        if found.awaiting is not None:
            return found
        if not isinstance(step, Group):
            found.passed.append(here)
        if isinstance(step, Go | End):
            return found
        target = _next(step, answers.get(step.id))
        at = conversation.index[target] if target else at
    return found


def _next(step: Step, answer: Any) -> str | None:
    if isinstance(step, Choose) and not step.many:
        chosen = next((choice for choice in step.choices if choice.id == answer), None)
        if chosen is not None and chosen.then:
            return chosen.then
    return step.then


def _walk_group(group: Group, answers: Mapping[str, Any], found: Walk) -> At | None:
    """Walk a group's items; the question to ask, or None when the group is complete."""
    items: list[dict[str, Any]] = []
    found.scope[group.id] = items
    for key, item in _items(group, answers, found):
        if item is None:
            return At(key, group, group=group)
        values: dict[str, Any] = dict(item)
        for step in group.steps:
            path = f"{key}/{step.id}"
            scope = {**found.scope, **values}
            if not holds(step.when, scope):
                continue
            here = At(path, step, scope=values)
            if isinstance(step, Ask | Choose):
                if not _is_answered(step, path, answers, scope):
                    return here
                values[step.id] = answers[path]
            found.passed.append(here)
        items.append(values)
    return None


def _items(
    group: Group, answers: Mapping[str, Any], found: Walk
) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Each item's path with what is given of it; None for the item when "one more?" is open."""
    if group.over is not None:
        for item in found.scope.get(group.over) or ():
            yield f"{group.id}/{item['key']}", item
        return
    for number in range(group.most):
        key = f"{group.id}/{number}"
        answer = answers.get(f"{key}?", "" if f"{key}?" not in answers else ENOUGH)
        if answer not in (MORE, ENOUGH):
            yield f"{key}?", None
            return
        found.passed.append(At(f"{key}?", group, group=group))
        if answer == ENOUGH:
            return
        yield key, {"number": number + 1}


def _is_answered(step: Ask | Choose | Review, path: str, answers: Mapping[str, Any], scope: Given) -> bool:
    if path not in answers:
        return False
    value = answers[path]
    if isinstance(step, Review):
        return bool(value == CONFIRM)
    if value is None:
        return step.skippable
    if isinstance(step, Ask):
        return step.reads.accepts(value)
    ids = {choice.id for choice in _open_choices(step, scope)}
    if step.many:
        return isinstance(value, dict) and value.get("done") is True and set(value.get("picked", ())) <= ids
    return isinstance(value, str) and value in ids


def _open_choices(step: Choose, scope: Given) -> list[Choice]:
    given = [Choice(one["key"], one["what"]) for one in scope.get(step.over) or ()] if step.over else []
    return given + [choice for choice in step.choices if holds(choice.when, scope)]


# ---------------------------------------------------------------------- advance


def advance(
    conversation: Conversation,
    progress: Progress,
    action: Action,
    given: Given,
    labels: Labels = only_itself,
) -> Turn:
    """What one action leads to. The progress that comes in is left as it is."""
    answers = migrate(conversation, progress.answers)
    awaiting = _new_name(conversation, progress.awaiting)
    before = walk(conversation, answers, given)
    asked = _asked(conversation, before, awaiting)
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


NO_TEXT = _(
    "Thank you. I can read only text here. A counsellor can look at the rest. "
    "Please answer with a button or in words."
)
OLD_BUTTON = _("That button belongs to an earlier question. This is the question now.")
NOT_UNDERSTOOD = _("I did not understand that. Please choose a button, or write it in other words.")
OFFER_PERSON = _("If you like, a person from our team can help you with this. Tap “Talk to a counsellor”.")
DONE = _("Done")
THAT_IS_ALL = _("That is all")
ANSWER_SKIPPED = _("Answer what I skipped")
IS_IT_THIS = _("Do you mean this?")
WHICH = _("Which of these do you mean?")
MORE_OR_DONE = _("You chose:\n{chosen}\n\nAnything else?")
CANNOT_SKIP = _("We need an answer to this question to go on. You can also talk to a counsellor.")
NOTHING_BEFORE = _("This is the first question.")


def migrate(conversation: Conversation, answers: Mapping[str, Any]) -> Answers:
    """The answers under the names that their questions have today."""
    if not conversation.renamed:
        return dict(answers)
    return {_new_name(conversation, path) or path: value for path, value in answers.items()}


def _new_name(conversation: Conversation, path: str | None) -> str | None:
    if path is None or not conversation.renamed:
        return path
    name, mark, rest = path.partition("/")
    return conversation.renamed.get(name, name) + mark + rest


def _asked(conversation: Conversation, found: Walk, awaiting: str | None) -> At | None:
    """The question that the person was shown, even where the walk now stops at another one; None where it is gone."""
    if awaiting is None:
        return found.awaiting
    if found.awaiting is not None and found.awaiting.path == awaiting:
        return found.awaiting
    for at in found.passed:
        if at.path == awaiting and isinstance(at.step, Ask | Choose | Group | Review):
            return at
    step = conversation.find(awaiting)
    if isinstance(step, Group) and awaiting.endswith("?"):
        return At(awaiting, step, group=step)
    return At(awaiting, step) if isinstance(step, Ask | Choose | Review) else None


def _said(
    conversation: Conversation, before: Walk, asked: At | None, text: str, answers: Answers, given: Given,
    progress: Progress, labels: Labels,
) -> Turn:
    if asked is None:
        return _resume(before, answers)
    result = _which_offered(asked.step, progress.offered, text) or _read(asked, text, before, answers, labels, given["today"])
    return _take(conversation, before, asked, result, answers, given, progress)


def _picked(
    conversation: Conversation, before: Walk, asked: At | None, path: str, choice: str, answers: Answers,
    given: Given, progress: Progress, labels: Labels,
) -> Turn:
    path = _new_name(conversation, path) or path
    if asked is None or asked.path != path:
        if answers.get(path) == choice and path in answers:
            return Turn(Progress(answers, progress.awaiting, progress.misses))  # the same button twice
        return _again(before, answers, progress, Words(OLD_BUTTON))
    result = _tapped(conversation, asked, choice, before, answers)
    if result is None:
        return _again(before, answers, progress, Words(OLD_BUTTON))
    return _take(conversation, before, asked, result, answers, given, progress)


def _which_offered(step: Step, offered: tuple[str, ...], text: str) -> _Value | None:
    """The candidate that a number means, or a yes where there is only one."""
    ids = {"yes": offered[0]} if len(offered) == 1 else {value: value for value in offered}
    found = match_choice(text, dict.fromkeys(ids, ())) if offered else None
    if not isinstance(found, str):
        return None
    return _candidate(step, ids[found]) if isinstance(step, Ask) else _Value(ids[found])


@dataclass(frozen=True, slots=True)
class _Value:
    value: Any


@dataclass(frozen=True, slots=True)
class _Drop:
    """A line of the review that the person wants to change."""

    path: str


@dataclass(frozen=True, slots=True)
class _First:
    """The first answer of a new item of a group."""

    step: str
    value: Any


_Result: TypeAlias = _Value | _First | _Drop | NotUnderstood | Several


def _tapped(conversation: Conversation, asked: At, choice: str, before: Walk, answers: Answers) -> _Result | None:
    """What a button of this question stands for; None where it has no such button."""
    step = asked.step
    if asked.group is not None:
        return _Value(choice) if choice in (MORE, ENOUGH) else None
    if isinstance(step, Review):
        if choice == CONFIRM:
            return _Value(CONFIRM)
        return _Drop(choice) if choice in {SKIPPED, *(line.path for line in _lines(before))} else None
    if isinstance(step, Ask):
        return _candidate(step, choice)
    if isinstance(step, Choose):
        ids = {one.id for one in _open_choices(step, {**before.scope, **asked.scope})}
        if step.many:
            return _toggle(step, answers.get(asked.path), choice, ids)
        return _Value(choice) if choice in ids else None
    return None


def _candidate(step: Ask, choice: str) -> _Value | None:
    """A value that the question was asked back with; numbers travel as text."""
    if step.reads.accepts(choice):
        return _Value(choice)
    return _Value(int(choice)) if choice.isdigit() and step.reads.accepts(int(choice)) else None


def _toggle(step: Choose, value: Any, choice: str, ids: set[str]) -> _Result | None:
    picked = [one for one in value.get("picked", ()) if one in ids] if isinstance(value, dict) else []
    if choice == ENOUGH:
        return _Value({"picked": picked, "done": True})
    if choice not in ids:
        return None
    if any(one.id == choice and one.alone for one in step.choices):
        return _Value({"picked": [choice], "done": True})
    picked = [one for one in picked if one != choice] if choice in picked else [*picked, choice]
    return _Value({"picked": picked, "done": False})


def _read(asked: At, text: str, before: Walk, answers: Answers, labels: Labels, today: date) -> _Result:
    step = asked.step
    if isinstance(step, Ask):
        result = step.reads.read(text, today)
        return result if isinstance(result, NotUnderstood | Several) else _Value(result)
    options = _options(asked, before, answers)
    wordings = {option.id: tuple(labels(option.label.text)) for option in options}
    if isinstance(step, Group):
        return _read_more(step, text, wordings, today)
    if isinstance(step, Choose) and step.many:
        return _read_many(step, asked, text, wordings, answers, labels)
    if isinstance(step, Review):
        wordings |= {line.path: tuple(labels(line.label)) for line in _lines(before)}
        wordings |= {path: tuple(labels(label)) for path, label in _skipped(before)}
    found = match_choice(text, wordings)
    if isinstance(found, Several):
        return found
    if found is None:
        return NotUnderstood(NOT_UNDERSTOOD)
    return _Drop(found) if isinstance(step, Review) and found != CONFIRM else _Value(found)


def _read_more(group: Group, text: str, wordings: Mapping[str, Sequence[str]], today: date) -> _Result:
    """An answer to "one more?": yes, no, one of the buttons, or at once the number that the first question asks for."""
    found = match_choice(text, {"yes": wordings[MORE], "no": wordings[ENOUGH]})
    if isinstance(found, str):
        return _Value(MORE if found == "yes" else ENOUGH)
    first = group.steps[0]
    if isinstance(first, Ask) and first.reads.kind == "number":
        value = first.reads.read(text, today)
        if not isinstance(value, NotUnderstood | Several):
            return _First(first.id, value)
    return NotUnderstood(NOT_UNDERSTOOD)


def _read_many(
    step: Choose, asked: At, text: str, wordings: Mapping[str, Sequence[str]], answers: Answers, labels: Labels
) -> _Result:
    enough = (*wordings.get(ENOUGH, ()), *labels(DONE))
    done = match_choice(text, {ENOUGH: enough})
    if done == ENOUGH and not text.strip().isdigit():
        return _toggle(step, answers.get(asked.path), ENOUGH, set(wordings)) or NotUnderstood(NOT_UNDERSTOOD)
    found = match_many(text, {key: value for key, value in wordings.items() if key != ENOUGH})
    if not found:
        return NotUnderstood(NOT_UNDERSTOOD)
    picked = dict.fromkeys([*_picked_already(answers.get(asked.path)), *found])
    return _Value({"picked": list(picked), "done": True})


def _take(
    conversation: Conversation, before: Walk, asked: At, result: _Result, answers: Answers, given: Given,
    progress: Progress,
) -> Turn:
    """Store what was read, or say what we need."""
    if isinstance(result, NotUnderstood):
        args = {name: Shown(name, value) for name, value in result.args.items()}
        return _again(before, answers, progress, Words(result.help, args), missed=True)
    if isinstance(result, Several):
        return _which(before, asked, result, answers)
    if isinstance(result, _Value) and progress.offered and isinstance(asked.step, Review):
        result = _Drop(result.value) if result.value != CONFIRM else result
    if isinstance(result, _Drop):
        return _show(conversation, before, _without(answers, result.path), given)
    if isinstance(result, _First):
        item = asked.path.removesuffix("?")
        return _show(conversation, before, {**answers, asked.path: MORE, f"{item}/{result.step}": result.value}, given)
    answers = {**answers, asked.path: result.value}
    if isinstance(result.value, dict) and not result.value.get("done"):
        return _more(before, asked, answers)
    answers = _forget_reviews(conversation, asked, answers)
    recorded = _records(asked, result.value, before.scope)
    return _show(conversation, before, answers, given, effects=recorded)


def _without(answers: Answers, path: str) -> Answers:
    """The answers without one line of the summary: a question, an item of a group, or all that was skipped."""
    if path == SKIPPED:
        return {one: value for one, value in answers.items() if value is not None}
    return {one: value for one, value in answers.items() if one != path and not one.startswith(f"{path}/")}


def _forget_reviews(conversation: Conversation, asked: At, answers: Answers) -> Answers:
    """A summary that was confirmed before an answer changed is shown again."""
    at = conversation.index[asked.path.partition("/")[0].removesuffix("?")]
    reviews = {step.id for step in conversation.steps[at + 1 :] if isinstance(step, Review)}
    return {path: value for path, value in answers.items() if path not in reviews}


def _records(asked: At, value: Any, scope: Given) -> tuple[Effect, ...]:
    step = asked.step
    if not isinstance(step, Ask | Choose) or step.records is None:
        return ()
    item = scope.get(step.of) if step.of else asked.path.split("/")[1] if "/" in asked.path else None
    return (Record(step.records, value, item),)


def _back(conversation: Conversation, before: Walk, answers: Answers, given: Given) -> Turn:
    """Drop the answer to the question before this one."""
    earlier = [at for at in before.passed if isinstance(at.step, Ask | Choose | Group | Review) and at.path in answers]
    half = before.awaiting.path if before.awaiting is not None else ""
    if isinstance(answers.get(half), dict):  # several choices, begun: begin them again
        return _show(conversation, before, {k: v for k, v in answers.items() if k != half}, given)
    if not earlier:
        return _again(before, answers, Progress(), Words(NOTHING_BEFORE))
    left = {path: value for path, value in answers.items() if path != earlier[-1].path}
    return _show(conversation, before, left, given)


def _skip(
    conversation: Conversation, before: Walk, asked: At | None, answers: Answers, given: Given, progress: Progress
) -> Turn:
    if asked is None:
        return _resume(before, answers)
    if isinstance(asked.step, Ask | Choose) and asked.step.skippable:
        return _show(conversation, before, {**answers, asked.path: None}, given)
    return _again(before, answers, progress, Words(CANNOT_SKIP))


# ----------------------------------------------------------------- what is shown


def _show(
    conversation: Conversation,
    before: Walk,
    answers: Answers,
    given: Given,
    effects: tuple[Effect, ...] = (),
) -> Turn:
    """Everything that is newly on the path, then the question. A hand-off ends it: a person takes over."""
    after = walk(conversation, answers, given)
    known = {at.path for at in before.passed}
    new = [at for at in after.passed if at.path not in known]
    output: list[Output] = []
    handed_off = False
    for at in new:
        output += _outputs(conversation, at, after)
        if isinstance(at.step, HandOff):
            handed_off = True
            break
    prompt = _prompt(after, answers) if not handed_off else None
    if prompt is not None:
        output.append(prompt)
    done = effects + tuple(_effects(new, after)) + tuple(_withdrawn(before, after))
    last = after.last
    return Turn(
        Progress(answers, prompt.path if prompt else None),
        tuple(output),
        done,
        ended=isinstance(last, Go | End),
        goes_to=last.to if isinstance(last, Go) else None,
    )


def _open(conversation: Conversation, found: Walk, answers: Answers, given: Given) -> Turn:
    """Begin; where earlier conversations answered the first questions, begin behind them.

    A list that questions are asked over is kept as it is now: it may change while the run goes on."""
    answers = {**answers, **{f"@{name}": given.get(name, []) for name in _lists(conversation)}}
    last = max((at for at, one in enumerate(found.passed) if one.path in answers), default=-1)
    return _show(conversation, Walk(passed=found.passed[: last + 1]), answers, given)


def _lists(conversation: Conversation) -> set[str]:
    return {step.over for step in conversation.steps if isinstance(step, Group | Choose) and step.over is not None}


def _resume(found: Walk, answers: Answers) -> Turn:
    prompt = _prompt(found, answers)
    last = found.last
    return Turn(
        Progress(answers, prompt.path if prompt else None),
        (prompt,) if prompt else (),
        ended=isinstance(last, Go | End),
        goes_to=last.to if isinstance(last, Go) else None,
    )


def _again(before: Walk, answers: Answers, progress: Progress, words: Words, missed: bool = False) -> Turn:
    """A word of explanation, and the same question."""
    prompt = _prompt(before, answers)
    misses = progress.misses + 1 if missed else progress.misses
    output: list[Output] = [words]
    if missed and misses >= MOST_MISSES:
        output.append(Words(OFFER_PERSON))
    if prompt is not None:
        output.append(prompt)
    return Turn(Progress(answers, prompt.path if prompt else None, misses), tuple(output))


def _which(before: Walk, asked: At, several: Several, answers: Answers) -> Turn:
    """Offer what could be meant."""
    known = {option.id: option for option in _options(asked, before, answers)}
    known |= {line.path: Option(line.path, Words(line.label)) for line in _lines(before)}
    kind = asked.step.reads.kind if isinstance(asked.step, Ask) else "plain"
    options = tuple(
        known.get(value) or Option(value, Words("{value}", {"value": Shown(kind, value)})) for value in several.values
    )
    text = Words(WHICH if len(several.values) > 1 else IS_IT_THIS)
    prompt = Prompt(asked.path, text, options, back=True, skippable=_skippable(asked.step))
    return Turn(Progress(answers, asked.path, offered=several.values), (prompt,))


def _more(before: Walk, asked: At, answers: Answers) -> Turn:
    """Several may be chosen: show what is chosen, and what is left."""
    return Turn(Progress(answers, asked.path), (_more_prompt(before, asked, answers),))


def _picked_already(value: Any) -> list[str]:
    return list(value.get("picked", ())) if isinstance(value, dict) else []


def _more_prompt(found: Walk, asked: At, answers: Answers) -> Prompt:
    picked = _picked_already(answers[asked.path])
    options = _options(asked, found, answers)
    chosen = [Shown("text", option.label.text) for option in options if option.id in picked]
    left = tuple(option for option in options if option.id not in picked)
    text = Words(MORE_OR_DONE, {"chosen": Shown("lines", chosen)}) if chosen else _question_text(asked, found)
    return Prompt(asked.path, text, left, back=True)


def _outputs(conversation: Conversation, at: At, found: Walk) -> Iterator[Output]:
    match at.step:
        case Say(text=text):
            yield _words(text, at, found)
        case End(text=text) if text:
            yield _words(text, at, found)
        case Section(id=name, title=title):
            ids = [section.id for section in conversation.sections()]
            yield Heading(ids.index(name) + 1, len(ids), title)
        case Tell(facts=facts, by=by):
            yield from (FactCard(fact) for fact in _by(facts, by, found.scope) or ())
        case Recall():
            yield Kept(tuple(found.scope.get("kept") or ()))
        case Suggest(id=name, areas=areas, most=most):
            yield Suggestions(name, areas, most)


def _words(text: str, at: At, found: Walk) -> Words:
    if "{" not in text:
        return Words(text)
    scope = {**found.scope, **at.scope}
    return Words(text, {name: _shown_answer(found, at, name, scope) for name in names_in(text)})


def names_in(text: str) -> list[str]:
    """The names in braces."""
    return [part.split("}")[0] for part in text.split("{")[1:]]


def _shown_answer(found: Walk, at: At, name: str, scope: Mapping[str, Any]) -> Shown:
    value = scope.get(name)
    if isinstance(value, Words):
        return Shown("words", value)
    asked = next((one for one in found.passed if one.path == name), None)
    return shown(asked.step, value) if asked is not None else Shown("plain", value)


def shown(step: Step, value: Any) -> Shown:
    """An answer in the form in which it is shown again."""
    if value is None:
        return Shown("text", _("skipped"))
    if isinstance(step, Ask):
        return Shown(step.reads.kind, value)
    if isinstance(step, Choose):
        picked = value.get("picked", ()) if isinstance(value, dict) else (value,)
        names = [Shown("text", choice.label) for choice in step.choices if choice.id in picked]
        return Shown("list", names) if step.many else (names[0] if names else Shown("plain", value))
    return Shown("plain", value)


def _prompt(found: Walk, answers: Answers) -> Prompt | None:
    at = found.awaiting
    if at is None:
        return None
    step = at.step
    if isinstance(step, Choose) and step.many and _picked_already(answers.get(at.path)):
        return _more_prompt(found, at, answers)
    can_go_back = any(isinstance(one.step, Ask | Choose | Group | Review) for one in found.passed)
    return Prompt(
        at.path,
        _question_text(at, found),
        tuple(_options(at, found, answers)),
        lines=tuple(_lines(found)) if isinstance(step, Review) else (),
        skipped=tuple(label for _path, label in _skipped(found)) if isinstance(step, Review) else (),
        columns=step.columns if isinstance(step, Choose) else 1,
        why=step.why if isinstance(step, Ask | Choose) else None,
        skippable=_skippable(step),
        back=can_go_back,
    )


def _skippable(step: Step) -> bool:
    return isinstance(step, Ask | Choose) and step.skippable


def _question_text(at: At, found: Walk) -> Words:
    step = at.step
    if at.group is not None:
        return Words(at.group.first if at.path == f"{at.group.id}/0?" else at.group.again)
    assert isinstance(step, Ask | Choose | Review)
    return _words(step.text, at, found)


def _options(at: At, found: Walk, answers: Answers) -> list[Option]:
    step = at.step
    if at.group is not None:
        return [Option(MORE, Words(at.group.add)), Option(ENOUGH, Words(at.group.done))]
    if isinstance(step, Review):
        skipped = [Option(SKIPPED, Words(ANSWER_SKIPPED))] if _skipped(found) else []
        return [Option(CONFIRM, Words(step.confirm)), *skipped]
    if not isinstance(step, Choose):
        return []
    value = answers.get(at.path)
    picked = value.get("picked", ()) if isinstance(value, dict) else ()
    scope = {**found.scope, **at.scope}
    options = [
        Option(choice.id, _words(choice.label, at, found), choice.id in picked) for choice in _open_choices(step, scope)
    ]
    if step.many:
        options.append(Option(ENOUGH, Words(THAT_IS_ALL)))
    return options


def _lines(found: Walk) -> list[Line]:
    """The answers so far that have a label; the item of a group is one line."""
    lines: dict[str, Line] = {}
    for at, label in _labelled(found):
        item = at.path.rpartition("/")[0]
        value = at.scope.get(at.path.rpartition("/")[2]) if item else found.scope.get(at.path)
        if value is None:
            continue
        if item in lines:
            known = lines[item].value.value
            lines[item] = Line(item, lines[item].label, Shown("list", [*known, shown(at.step, value)]))
        elif item:
            lines[item] = Line(item, label, Shown("list", [shown(at.step, value)]))
        else:
            lines[at.path] = Line(at.path, label, shown(at.step, value))
    return list(lines.values())


def _skipped(found: Walk) -> list[tuple[str, str]]:
    """Path and label of what the person left out."""
    return [(at.path, label) for at, label in _labelled(found) if "/" not in at.path and found.scope.get(at.path) is None]


def _labelled(found: Walk) -> Iterator[tuple[At, str]]:
    for at in found.passed:
        if isinstance(at.step, Ask | Choose) and at.step.label is not None:
            yield at, at.step.label


def _effects(new: list[At], found: Walk) -> Iterator[Effect]:
    for at in new:
        step = at.step
        if isinstance(step, EFFECTS):
            effect = _effect(step, found.scope)
            if effect is not None:
                yield effect


def _by(value: Any, by: tuple[str, ...], scope: Mapping[str, Any]) -> Any:
    """The value itself, or the one that the first of these answers on the path picks."""
    if not isinstance(value, Mapping):
        return value
    return next((value.get(scope[name]) for name in by if scope.get(name) is not None), None)


def _effect(step: Plan | Remind | Refer | Enquire | HandOff, scope: Mapping[str, Any]) -> Effect | None:
    match step:
        case Plan(id=name, what=what, by=by, answer=answer, due=due):
            text = scope.get(answer) if answer else _by(what, by, scope)
            return AddStep(name, text, scope.get(due) if due else None) if text else None
        case Remind(id=name, opens=opens, after=after, by=by):
            wait = _by(after, by, scope)
            return Schedule(name, opens, wait) if wait else None
        case Refer(id=name, partner=partner, by=by):
            slug = _by(partner, by, scope)
            return Propose(name, slug) if slug else None
        case Enquire(id=name, area=area, about=about):
            return OpenTask(name, area, str(scope.get(about) or ""))
        case HandOff(id=name, area=area, reason=reason, urgent=urgent):
            return OpenTicket(name, area, reason, urgent)


def _withdrawn(before: Walk, after: Walk) -> Iterator[Withdraw]:
    on_path = {at.path for at in after.passed}
    for at in before.passed:
        if isinstance(at.step, Plan | Remind | Refer) and at.path not in on_path:
            yield Withdraw(at.path)


def answered(conversation: Conversation, answers: Mapping[str, Any], given: Given) -> Iterator[tuple[At, Any]]:
    """The answers that count, with their questions, in the order of the path."""
    for at in walk(conversation, migrate(conversation, answers), given).passed:
        if isinstance(at.step, Ask | Choose) and at.path in answers:
            yield at, answers[at.path]


def questions(conversation: Conversation) -> Iterator[Question]:
    for step in conversation.steps:
        if isinstance(step, Ask | Choose | Group | Review):
            yield step
