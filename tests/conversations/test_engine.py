"""What holds for every conversation of the centre, whatever people answer, tap, or were asked before a deploy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conversations import CONVERSATIONS, model
from conversations.engine import (
    CONFIRM,
    ENOUGH,
    MORE,
    Action,
    Back,
    Opened,
    Picked,
    Progress,
    Prompt,
    Resumed,
    Said,
    Sent,
    Skip,
    Turn,
    advance,
    walk,
)
from conversations.model import Ask, Choose, Conversation, End, Group, all_steps
from conversations.readers import short_text

GIVEN: dict[str, Any] = {
    **dict.fromkeys(model.GIVEN, ""),
    "today": date(2026, 11, 23), "open_run": None, "plan": [{"key": "1:a", "what": "Go to the office"}],
    "signs": [{"key": "tree", "what": "Tree"}], "free_signs": [{"key": "star", "what": "Star"}],
    "languages": [{"key": code, "what": code} for code in ("sq", "sr", "de", "en")], "keep": True, "sensitive": None,
    "known": {}, "kept": (), "agreed": (), "is_minor": None, "minor_age": 16, "counted": (), "can_fetch": True,
    "check_in": None, "referred": [{"key": "krct", "what": "KRCT"}], "centre": "The centre", "own_page": True,
    "channel": "Test", "retention_days": 90, "by_company": True, "taken_away": "all", "covers": False,
}
WORDS = ("", "yes", "2", "33", "Peja", "Germany", "Bavaria", "2019", "March 2024", "two years", "044 123 456",
         "1, 3", "skip it", "Driver", "😀", "x" * 5000, "\u0000",
         "none", "tomorrow", "that is all", "No, go on", "I live here")


def all_given() -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda open_run, plan, keep, sensitive, known: {**GIVEN, "open_run": open_run, "plan": plan, "keep": keep,
                                                        "sensitive": sensitive, "known": known},
        st.sampled_from([None, "intake"]),
        st.sampled_from([[], GIVEN["plan"], [*GIVEN["plan"], {"key": "2:b", "what": "b"}]]),
        st.sampled_from([True, False, None]), st.sampled_from([True, False, None]),
        st.sampled_from([{}, {"country": "DE", "situation": "returned"}, {"situation": "resident", "name": "A"}]),
    )


def through_json(progress: Progress) -> Progress:
    """As it is stored between two messages."""
    stored = json.loads(json.dumps([progress.answers, progress.awaiting, progress.misses, progress.offered]))
    return Progress(*stored[:3], tuple(stored[3]))


def prompt_of(turn: Turn) -> Prompt | None:
    return next((one for one in turn.output if isinstance(one, Prompt)), None)


def likely(data: st.DataObject, turn: Turn) -> Action:
    """Mostly what a person can do now, sometimes anything."""
    prompt = prompt_of(turn)
    options: list[Action] = [Back(), Skip(), Resumed(), Sent("photo"), Picked("gone", "x")]
    if prompt is not None:
        options += [Picked(prompt.path, option.id) for option in prompt.options] * 3
        options += [Picked(prompt.path, line.path) for line in prompt.lines]
        options += [Picked(prompt.path, "no such choice")]
    kind = data.draw(st.integers(0, 9))
    if kind < 6:
        return data.draw(st.sampled_from(options))
    return Said(data.draw(st.sampled_from(WORDS) | st.text(max_size=30)))


NAMES = st.sampled_from(sorted(CONVERSATIONS))


def check(conversation: Conversation, progress: Progress, turn: Turn, given: dict[str, Any]) -> None:
    """What holds after every turn."""
    assert through_json(turn.progress) == turn.progress, "progress does not survive being stored"
    found = walk(conversation, turn.progress.answers, given)
    again = walk(conversation, dict(turn.progress.answers), given)
    assert [at.path for at in found.passed] == [at.path for at in again.passed], "not the same walk twice"
    went_on = walk(conversation, turn.progress.answers, given, walk(conversation, progress.answers, given))
    assert went_on == found, "going on from an earlier walk leads elsewhere"
    if turn.progress.awaiting is not None:
        assert found.awaiting is not None, "something is asked, though the walk has come to its end"
        assert found.awaiting.path == turn.progress.awaiting or turn.output == ()
        prompt = prompt_of(turn)
        assert prompt is None or prompt.path == turn.progress.awaiting
    if turn.ended:
        assert turn.progress.awaiting is None and found.awaiting is None
        assert turn.goes_to is None or turn.goes_to in CONVERSATIONS
    assert not (turn.ended and prompt_of(turn)), "it has ended and still asks"


@settings(max_examples=200, deadline=None)
@given(NAMES, all_given(), st.data())
def test_any_talk_holds_together(name: str, given: dict[str, Any], data: st.DataObject) -> None:
    """Nothing raises, what is stored survives, what is asked is on the path, what came in is left as it was."""
    conversation = CONVERSATIONS[name]
    turn = advance(conversation, Progress(), Opened(), given)
    check(conversation, Progress(), turn, given)
    for _ in range(data.draw(st.integers(0, 40))):
        if turn.ended:
            return
        before = through_json(turn.progress)
        action = likely(data, turn)
        following = advance(conversation, before, action, given)
        assert before == turn.progress, "advance changed what it was given"
        assert advance(conversation, before, action, given) == following, "not the same twice"
        check(conversation, before, following, given)
        turn = following


@settings(max_examples=100, deadline=None)
@given(NAMES, all_given(), st.data())
def test_somebody_who_answers_comes_to_an_end(name: str, given: dict[str, Any], data: st.DataObject) -> None:
    """Whoever always taps something that was not tapped before is through in so many steps."""
    conversation = CONVERSATIONS[name]
    turn = advance(conversation, Progress(), Opened(), given)
    for _ in range(200):
        if turn.ended:
            return
        prompt = prompt_of(turn)
        if prompt is None:
            turn = advance(conversation, through_json(turn.progress), Resumed(), given)
            assert turn.ended or prompt_of(turn), "nothing is asked and nothing has ended"
            continue
        turn = advance(conversation, through_json(turn.progress), goes_on(conversation, prompt, data), given)
    raise AssertionError(f"still asking: {turn.progress}")


OPEN = Conversation("open", (Ask("name", "Name?", reads=short_text, skippable=True),
                             Ask("must", "What?", reads=short_text), End("end")))


@pytest.mark.parametrize("no", ["no", "jo", "ne", "nein", "Nein danke", "yok"])
def test_a_bare_no_leaves_out_a_question_that_takes_any_words(no: str) -> None:
    asked = advance(OPEN, Progress(), Opened(), GIVEN)
    skipped = advance(OPEN, asked.progress, Said(no), GIVEN)
    assert skipped.progress.answers == {"name": None} and skipped.progress.awaiting == "must"
    assert advance(OPEN, skipped.progress, Said(no), GIVEN).progress.answers["must"] == no, "this one needs an answer"


@pytest.mark.parametrize("name", ["Noah", "Neno", "Jonuz", "Nela"])
def test_a_name_that_begins_so_is_a_name(name: str) -> None:
    asked = advance(OPEN, Progress(), Opened(), GIVEN)
    assert advance(OPEN, asked.progress, Said(name), GIVEN).progress.answers == {"name": name}


def goes_on(conversation: Conversation, prompt: Prompt, data: st.DataObject) -> Action:
    ids = [option.id for option in prompt.options]
    if CONFIRM in ids and prompt.lines:
        return Picked(prompt.path, CONFIRM)
    if prompt.path.endswith("?"):
        return Picked(prompt.path, ENOUGH if data.draw(st.booleans()) or MORE not in ids else MORE)
    if ids:
        return Picked(prompt.path, data.draw(st.sampled_from(ids)))
    if prompt.skippable:
        return Skip()
    step = conversation.find(prompt.path)
    for words in ("7", "Peja", "Driver", "March 2024", "2 years", "tomorrow", "2019", "Germany", "2468"):
        if isinstance(step, Ask) and step.reads.accepts(value := step.reads.read(words, GIVEN["today"])):
            assert value is not None
            return Said(words)
    raise AssertionError(f"nobody can answer {prompt.path}")


@settings(max_examples=150, deadline=None)
@given(NAMES, all_given(), st.data())
def test_back_undoes_the_last_answer(name: str, given: dict[str, Any], data: st.DataObject) -> None:
    conversation = CONVERSATIONS[name]
    turn = advance(conversation, Progress(), Opened(), given)
    for _ in range(data.draw(st.integers(1, 25))):
        if turn.ended or prompt_of(turn) is None:
            return
        before, asked = turn.progress, turn.progress.awaiting
        turn = advance(conversation, before, likely(data, turn), given)
        gained = set(turn.progress.answers) - set(before.answers)
        if turn.ended or gained != {asked} or turn.progress.awaiting in (None, asked):
            continue
        back = advance(conversation, turn.progress, Back(), given)
        assert back.progress.awaiting == asked, "back leads to another question"
        assert back.progress.answers == before.answers, "back left something behind"


def junk() -> st.SearchStrategy[Any]:
    """What an earlier version may have stored."""
    texts = st.sampled_from(["yes", "no", "none", "DE", "x", "2024-03", "returned", ""])
    plain = st.none() | st.booleans() | st.integers(-5, 3000) | texts
    several = st.fixed_dictionaries(
        {"picked": st.lists(st.sampled_from(["none", "alone", "x"])), "done": st.booleans()})
    return plain | several | st.lists(plain, max_size=2)


def paths_of(conversation: Conversation) -> list[str]:
    paths = ["gone", "gone/0/x", "gone/0?"]
    for step in conversation.steps:
        if isinstance(step, Group):
            keys = [f"{step.id}/{number}" for number in range(3)] + [f"{step.id}/1:a"]
            paths += [f"{key}?" for key in keys] + [f"{key}/{inner.id}" for key in keys for inner in step.steps]
        paths.append(step.id)
    return paths


@settings(max_examples=300, deadline=None)
@given(NAMES, all_given(), st.data())
def test_whatever_an_earlier_version_stored(name: str, given: dict[str, Any], data: st.DataObject) -> None:
    """Any answers to any question that there is or was, and any question shown: nothing raises, everybody can go on."""
    conversation = CONVERSATIONS[name]
    paths = st.sampled_from(paths_of(conversation))
    answers = data.draw(st.dictionaries(paths, junk(), max_size=8))
    lists = {f"@{step.over}": GIVEN.get(step.over, []) for step in conversation.steps if getattr(step, "over", None)}
    progress = Progress({**lists, **answers}, data.draw(st.none() | paths), 0)
    turn = advance(conversation, progress, Resumed(), given)
    check(conversation, progress, turn, given)
    action = data.draw(st.one_of(
        st.sampled_from([Back(), Skip(), Sent("voice"), Resumed()]), st.sampled_from(WORDS).map(Said),
        st.builds(Picked, paths, st.sampled_from(["yes", "no", "done", "add", "none", "x"])),
    ))
    after = advance(conversation, progress, action, given)
    assert through_json(after.progress) == after.progress
    walk(conversation, after.progress.answers, given)


@settings(max_examples=150, deadline=None)
@given(NAMES, all_given(), st.data())
def test_a_deploy_that_removes_any_question_or_choice(name: str, given: dict[str, Any], data: st.DataObject) -> None:
    """In the middle of a talk one question goes, or one choice of it: the person can go on, other answers are kept."""
    conversation = CONVERSATIONS[name]
    turn = advance(conversation, Progress(), Opened(), given)
    for _ in range(data.draw(st.integers(0, 12))):
        if turn.ended or (prompt := prompt_of(turn)) is None:
            return
        turn = advance(conversation, turn.progress, goes_on(conversation, prompt, data), given)
    assume(not turn.ended)
    chooses = [step for step in conversation.steps if isinstance(step, Choose) and len(step.choices) > 1]
    assume(chooses)
    step = data.draw(st.sampled_from(chooses))
    fewer = without(step, data.draw(st.sampled_from(step.choices)).id)
    changed = replace(conversation, steps=tuple(fewer if one is step else one for one in conversation.steps))
    stored = through_json(turn.progress)
    after = advance(changed, stored, Resumed(), given)
    assert {path: value for path, value in after.progress.answers.items() if path != step.id} == {
        path: value for path, value in stored.answers.items() if path != step.id}
    for _ in range(200):
        if after.ended:
            return
        prompt = prompt_of(after)
        after = advance(changed, through_json(after.progress),
                        goes_on(changed, prompt, data) if prompt else Resumed(), given)
    raise AssertionError(f"cannot go on: {after.progress}")


def without(step: Choose, choice: str) -> Choose:
    known = {name: getattr(step, name) for name in step.__dataclass_fields__ if name not in ("id", "text", "choices")}
    return Choose(step.id, step.text, *(one for one in step.choices if one.id != choice), **known)


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
def test_every_path_and_choice_fits_a_button(name: str) -> None:
    """Telegram allows 64 bytes: the run, the path and the choice."""
    conversation = CONVERSATIONS[name]
    inner = {step.id: group.id for group in conversation.steps if isinstance(group, Group) for step in group.steps}
    for step in all_steps(conversation):
        if isinstance(step, Choose):
            path = f"{inner[step.id]}/zzzzzzz:longest_name/{step.id}" if step.id in inner else step.id
            for choice in step.choices:
                assert len(f"zzzzzzz:{path}:{choice.id}".encode()) <= 64, (step.id, choice.id)
