"""Each fault is found in a small broken conversation, and the mended one has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands.check import check as check_command
from bot.commands.check import run_fault
from bot.settings import Settings
from conversations import CONVERSATIONS
from conversations.checks import (
    Fault,
    Texts,
    check,
    check_register,
    check_schemes,
    check_together,
    check_wordings,
)
from conversations.checks.schemes import ASKED_BY_NOBODY, remembered
from conversations.eligibility import OPERATORS, Condition, Route, Scheme, Ticked, judge, schemes
from conversations.model import (
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
    Refer,
    Remind,
    Review,
    Say,
    Section,
    Suggest,
    Tell,
)
from conversations.readers import number, short_text
from conversations.register import Fact, Partner, Register, seed
from storage import contacts, runs, schema
from storage.database import engine_for
from storage.runs import RunState
from storage.sealed import keys
from tests.support import database

END = End("end")
YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))
NAME = Ask("name", "Name?", reads=short_text)
TOWN = Ask("town", "Town?", reads=short_text)
KIND = Choose("kind", "Which?", Choice("a", "A thing"), Choice("b", "B thing"))
LONG = "a" * 30


def likes(name: str | None) -> bool:
    return name == "Ana"


def may_like(name: str | None = None) -> bool:
    return name == "Ana"


def small(*steps: Any, **about: Any) -> Conversation:
    return Conversation("small", steps, **about)


def found(conversation: Conversation, texts: Texts | None = None) -> list[Fault]:
    return check(conversation, {"small", "other"}, facts={"fact"}, partners={"ura"}, texts=texts)


def twice(id: str) -> tuple[Choose, Choose]:
    """Two questions of which only one is asked."""
    same = (Choice("x", "X thing", then="tell"), Choice(id, "Y thing", then="tell"))
    return Choose("one", "One?", *same), Choose("two", "Two?", Choice("z", "Z thing"), Choice("y", "Y thing"))


def told(*ids: str) -> Tell:
    return Tell("tell", dict.fromkeys(ids, ("fact",)), by=("one", "two"))


def listed(question: Choose) -> Group:
    return Group("g" * 12, (question,), "First?", "More?", "Add", "Done")


PICK = Choose("pick", "Pick", Choice("first", "First", then="one"), Choice("second", "Second", then="two"))

CASES: dict[str, tuple[str, str, Conversation, Conversation]] = {
    # what is wrong: the rule, the step, broken, mended
    "unreachable step": (
        "unreachable", "lost",
        small(Say("hello", "Hi", then="end"), Say("lost", "Lost"), END),
        small(Say("hello", "Hi"), Say("lost", "Lost"), END)),
    "unreachable behind a branch": (
        "unreachable", "fork", small(Branch("fork", then="end"), END),
        small(NAME, Branch("fork", when=likes, then="end"), Say("hello", "Hi"), END)),
    "dead end": ("dead end", "hello", small(Say("hello", "Hi")), small(Say("hello", "Hi"), END)),
    "dead end where the last step is left out": (
        "dead end", "end", small(NAME, End("end", when=likes)), small(NAME, END)),
    "choice that runs off the end": (
        "dead end", "ask", small(NAME, Choose("ask", "?", *YES_NO)), small(NAME, Choose("ask", "?", *YES_NO), END)),
    "no steps": ("dead end", "", small(), small(END)),
    "circle": (
        "circle", "back", small(Say("hello", "Hi"), NAME, Say("back", "Again", then="hello"), END),
        small(Say("hello", "Hi"), NAME, Say("back", "Again"), END)),
    "circle through a choice": (
        "circle", "ask", small(Say("hello", "Hi"), Choose("ask", "?", Choice("yes", "Yes", then="hello"),
                                                          Choice("no", "No")), END),
        small(Say("hello", "Hi"), Choose("ask", "?", Choice("yes", "Yes", then="end"), Choice("no", "No")), END)),
    "step that leads to itself": (
        "circle", "hello", small(Say("hello", "Hi", then="hello", when=lambda keep: True), END),
        small(Say("hello", "Hi", when=lambda keep: True), END)),
    "missing then": (
        "target", "hello", small(Say("hello", "Hi", then="gone"), END), small(Say("hello", "Hi", then="end"), END)),
    "missing then of a choice": (
        "target", "ask", small(Choose("ask", "?", Choice("yes", "Yes", then="gone"), Choice("no", "No")), END),
        small(Choose("ask", "?", Choice("yes", "Yes", then="end"), Choice("no", "No")), END)),
    "branch without then": (
        "target", "fork", small(NAME, Branch("fork", when=likes), END),
        small(NAME, Branch("fork", when=likes, then="end"), END)),
    "then where several may be chosen": (
        "target", "ask", small(Choose("ask", "?", Choice("yes", "Yes", then="end"), many=True), END),
        small(Choose("ask", "?", Choice("yes", "Yes"), many=True), END)),
    "then inside a group": (
        "target", "age", small(Group("all", (Ask("age", "Age?", reads=number(0, 9), then="end"),), over="plan"), END),
        small(Group("all", (Ask("age", "Age?", reads=number(0, 9)),), over="plan"), END)),
    "missing conversation": ("target", "go", small(Go("go", "gone")), small(Go("go", "other"))),
    "missing conversation of a reminder": (
        "target", "later", small(Remind("later", "gone", timedelta(1)), END),
        small(Remind("later", "other", timedelta(1)), END)),
    "missing fact": ("target", "tell", small(Tell("tell", ("gone",)), END), small(Tell("tell", ("fact",)), END)),
    "missing fact of a mapping": (
        "target", "tell", small(KIND, Tell("tell", {"a": ("gone",), "b": ("fact",)}, by=("kind",)), END),
        small(KIND, Tell("tell", {"a": ("fact",), "b": ("fact",)}, by=("kind",)), END)),
    "missing partner": ("target", "refer", small(Refer("refer", "gone"), END), small(Refer("refer", "ura"), END)),
    "missing area of a hand-off": (
        "target", "hand", small(HandOff("hand", "gone", "Why"), END),
        small(HandOff("hand", "general", "Why"), END)),
    "missing area of a question to the team": (
        "target", "task", small(NAME, Enquire("task", "gone", "name"), END),
        small(NAME, Enquire("task", "general", "name"), END)),
    "missing area of a suggestion": (
        "target", "suggest", small(Suggest("suggest", ("gone",)), END),
        small(Suggest("suggest", ("migration",)), END)),
    "duplicate step": ("duplicate step", "name", small(NAME, NAME, END), small(NAME, TOWN, END)),
    "heading named like a question": (
        "duplicate step", "name", small(Section("name", "You"), NAME, END), small(Section("you", "You"), NAME, END)),
    "duplicate step in a group": (
        "duplicate step", "name", small(Group("all", (NAME, NAME), over="plan"), END),
        small(Group("all", (NAME, TOWN), over="plan"), END)),
    "duplicate choice": (
        "duplicate choice", "ask", small(Choose("ask", "?", Choice("a", "A thing"), Choice("a", "B thing")), END),
        small(Choose("ask", "?", Choice("a", "A thing"), Choice("b", "B thing")), END)),
    "choice named like the button that ends choosing": (
        "duplicate choice", "ask", small(Choose("ask", "?", Choice("done", "Done"), many=True), END),
        small(Choose("ask", "?", Choice("finished", "Done"), many=True), END)),
    "duplicate topic": (
        "duplicate topic", "tell",
        small(PICK, *twice("y"), told("x", "y", "z"), END), small(PICK, *twice("w"), told("x", "w", "y", "z"), END)),
    "id that no button can carry": ("id", "a:b", small(Say("a:b", "Hi"), END), small(Say("a_b", "Hi"), END)),
    "id of a choice that no button can carry": (
        "id", "ask", small(Choose("ask", "?", Choice("a:b", "A thing")), END),
        small(Choose("ask", "?", Choice("a", "A thing")), END)),
    "renamed to nothing": (
        "renamed", "old", small(NAME, END, renamed={"old": "gone"}), small(NAME, END, renamed={"old": "name"})),
    "renamed and still there": (
        "renamed", "town", small(NAME, TOWN, END, renamed={"town": "name"}),
        small(NAME, END, renamed={"town": "name"})),
    "retired and still there": (
        "retired", "town", small(NAME, TOWN, END, retired=frozenset({"town"})),
        small(NAME, END, retired=frozenset({"town"}))),
    "text about an answer that comes later": (
        "unasked", "hello", small(Say("hello", "Hi {name}"), NAME, END), small(NAME, Say("hello", "Hi {name}"), END)),
    "text about an answer that some have not given": (
        "unasked", "hello",
        small(Choose("ask", "?", Choice("yes", "Yes"), Choice("no", "No", then="hello")), NAME,
              Say("hello", "Hi {name}"), END),
        small(Choose("ask", "?", Choice("yes", "Yes"), Choice("no", "No", then="end")), NAME,
              Say("hello", "Hi {name}"), END)),
    "text about an answer to a question that may be left out": (
        "unasked", "hello", small(replace(NAME, when=lambda keep: bool(keep)), Say("hello", "Hi {name}"), END),
        small(replace(NAME, skippable=True), Say("hello", "Hi {name}"), END)),
    "question about an unknown value": (
        "unasked", "name", small(Ask("name", "Name in {place}?", reads=short_text), END),
        small(Ask("name", "Name in {centre}?", reads=short_text), END)),
    "condition": ("unasked", "hello", small(Say("hello", "Hi", when=likes), NAME, END),
                  small(Say("hello", "Hi", when=may_like), NAME, END)),
    "condition of a branch": (
        "unasked", "fork", small(Branch("fork", when=likes, then="end"), NAME, END),
        small(NAME, Branch("fork", when=likes, then="end"), TOWN, END)),
    "condition of a choice": (
        "unasked", "ask", small(Choose("ask", "?", Choice("a", "A thing", when=likes), Choice("b", "B thing")), END),
        small(NAME, Choose("ask", "?", Choice("a", "A thing", when=likes), Choice("b", "B thing")), END)),
    "condition inside a group": (
        "unasked", "town", small(Group("all", (replace(TOWN, when=likes), NAME), over="plan"), END),
        small(Group("all", (NAME, replace(TOWN, when=likes)), over="plan"), END)),
    "value of a list inside a group that the person makes": (
        "unasked", "age",
        small(Group("all", (Ask("age", "Of {what}?", reads=number(0, 9)),), "First?", "More?", "Add", "Done"), END),
        small(Group("all", (Ask("age", "Of {number}?", reads=number(0, 9)),), "First?", "More?", "Add", "Done"), END)),
    "answer inside a group, used after it": (
        "unasked", "hello", small(Group("all", (NAME,), over="plan"), Say("hello", "Hi {name}"), END),
        small(Group("all", (NAME, Say("hello", "Hi {name}")), over="plan"), END)),
    "by": (
        "unasked", "refer", small(NAME, Branch("fork", when=likes, then="refer"), KIND,
                                  Refer("refer", {"a": "ura"}, by=("kind",)), END),
        small(NAME, KIND, Refer("refer", {"a": "ura"}, by=("kind",)), END)),
    "by of several, one path without any": (
        "unasked", "tell",
        small(Choose("pick", "Pick", *PICK.choices, Choice("third", "Third", then="tell")), *twice("w"),
              told("x", "w", "y", "z"), END),
        small(PICK, *twice("w"), told("x", "w", "y", "z"), END)),
    "of": ("unasked", "state", small(Choose("state", "?", *YES_NO, records="plan", of="step"), END),
           small(Choose("step", "?", over="plan"), Choose("state", "?", *YES_NO, records="plan", of="step"), END)),
    "answer": ("unasked", "own", small(Plan("own", answer="name"), NAME, END),
               small(NAME, Plan("own", answer="name"), END)),
    "due": ("unasked", "own", small(Plan("own", "Do it", due="name"), NAME, END),
            small(NAME, Plan("own", "Do it", due="name"), END)),
    "about": ("unasked", "task", small(Enquire("task", "general", "name"), NAME, END),
              small(NAME, Enquire("task", "general", "name"), END)),
    "over": ("unasked", "ask", small(Choose("ask", "?", over="gone"), END),
             small(Choose("ask", "?", over="plan"), END)),
    "entry that is no choice": (
        "lookup", "refer", small(KIND, Refer("refer", {"c": "ura"}, by=("kind",)), END),
        small(KIND, Refer("refer", {"a": "ura"}, by=("kind",)), END)),
    "choice that is told nothing": (
        "lookup", "tell", small(KIND, Tell("tell", {"a": ("fact",)}, by=("kind",)), END),
        small(Choose("kind", "Which?", Choice("a", "A thing"), Choice("b", "B thing", then="end")),
              Tell("tell", {"a": ("fact",)}, by=("kind",)), END)),
    "mapping without by": (
        "lookup", "plan", small(KIND, Plan("plan", {"a": "Do it"}), END),
        small(KIND, Plan("plan", {"a": "Do it"}, by=("kind",)), END)),
    "by of several answers at once": (
        "lookup", "refer", small(Choose("kind", "?", Choice("a", "A thing"), many=True),
                                 Refer("refer", {"a": "ura"}, by=("kind",)), END),
        small(Choose("kind", "?", Choice("a", "A thing")), Refer("refer", {"a": "ura"}, by=("kind",)), END)),
    "plan of nothing": ("lookup", "plan", small(Plan("plan"), END), small(Plan("plan", "Do it"), END)),
    "unknown records": (
        "records", "ask", small(Choose("ask", "?", *YES_NO, records="consent:all"), END),
        small(Choose("ask", "?", *YES_NO, records="consent:keep"), END)),
    "records of a review": (
        "records", "sum", small(NAME, Review("sum", "Right?", "Yes", records="rating"), END),
        small(NAME, Review("sum", "Right?", "Yes"), END)),
    "records of no step of the plan": (
        "records", "ask", small(Choose("ask", "?", *YES_NO, records="plan"), END),
        small(Group("all", (Choose("ask", "?", *YES_NO, records="plan"),), over="plan"), END)),
    "nothing to choose": ("choices", "ask", small(Choose("ask", "?"), END), small(Choose("ask", "?", *YES_NO), END)),
    "nothing to choose several of": (
        "choices", "ask", small(Choose("ask", "?", many=True), END),
        small(Choose("ask", "?", *YES_NO, many=True), END)),
    "group without its texts": (
        "choices", "all", small(Group("all", (NAME,), "First?", "More?"), END),
        small(Group("all", (NAME,), "First?", "More?", "Add", "Done"), END)),
    "label that needs a value": (
        "label", "ask", small(NAME, Choose("ask", "?", Choice("a", "For {name}"), Choice("b", "B thing")), END),
        small(NAME, Choose("ask", "For {name}?", Choice("a", "For me"), Choice("b", "B thing")), END)),
    "why that needs a value": (
        "label", "town", small(NAME, replace(TOWN, why="Because, {name}"), END),
        small(NAME, replace(TOWN, why="Because"), END)),
    "button of too many bytes": (
        "button", LONG, small(Choose(LONG, "?", Choice("b" * 20, "B thing")), END),
        small(Choose(LONG, "?", Choice("b" * 19, "B thing")), END)),
    "button of too many bytes in a group": (
        "button", "c" * 12, small(listed(Choose("c" * 12, "?", Choice("b" * 22, "B thing"))), END),
        small(listed(Choose("c" * 12, "?", Choice("b" * 21, "B thing"))), END)),
    "button of too many bytes over the plan": (
        "button", "c" * 10,
        small(Group("steps", (Choose("c" * 10, "?", Choice("b" * 9, "B thing")),), over="plan"), END),
        small(Group("steps", (Choose("c" * 10, "?", Choice("b" * 8, "B thing")),), over="plan"), END)),
}


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str) -> None:
    rule, step, broken, mended = CASES[name]
    assert (rule, step) in {(one.rule, one.step) for one in found(broken)}
    assert [str(one) for one in found(mended)] == []


def test_a_fault_names_conversation_and_step() -> None:
    fault = found(small(Say("hello", "Hi", then="gone"), END))[0]
    assert str(fault).startswith("small, hello: ") and "gone" in str(fault)


# ------------------------------------------------------------------------- texts


def texts(**changes: Any) -> Texts:
    """A world in which everything is translated into one other language, with an x at the end."""
    extracted = changes.pop("extracted", _Everything())
    languages = {"en": lambda text: text, "xx": changes.pop("xx", lambda text: f"{text}x")}
    return Texts(extracted, languages, **changes)


class _Everything:
    def __contains__(self, text: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def change(**known: str | None) -> Callable[[str], str | None]:
    return lambda text: known.get(text, f"{text}x")


HI = small(Say("hello", "Hi"), END)
HELLO = small(Say("hello", "Hi {centre}"), END)
TWO = small(Choose("ask", "?", *YES_NO), END)
MANY = small(Choose("ask", "?", *YES_NO, many=True), END)

TEXT_CASES: dict[str, tuple[str, str, Conversation, Texts]] = {
    "not extracted": ("extraction", "hello", HI, texts(extracted={"Yes"})),
    "title not extracted": ("extraction", "", small(END, title="Small"), texts(extracted={"Yes"})),
    "not translated": ("translation", "hello", HI, texts(xx=change(Hi=None))),
    "placeholder lost": ("translation", "hello", HELLO, texts(xx=lambda text: "Hix")),
    "placeholder renamed": ("translation", "hello", HELLO, texts(xx=lambda text: "Hix {centar}")),
    "too long for a channel": ("length", "hello", HI, texts(xx=change(Hi="x" * 4097))),
    "too long with its why": (
        "length", "name", small(replace(NAME, why="Why"), END),
        texts(xx=change(**{"Name?": "x" * 4000, "Why": "x" * 95}))),
    "label cut off": ("length", "ask", TWO, texts(xx=change(Yes="x" * 61))),
    "label too long for a phone": ("length", "ask", TWO, texts(xx=change(Yes="x" * 41))),
    "two buttons alike": ("same label", "ask", TWO, texts(xx=change(Yes="Same", No="same "))),
    "a button like the one that ends choosing": (
        "same label", "ask", MANY, texts(xx=change(**{"Yes": "Enough", "That is all": "Enough"}))),
}


@pytest.mark.parametrize("name", TEXT_CASES)
def test_fault_of_a_text(name: str) -> None:
    rule, step, conversation, broken = TEXT_CASES[name]
    assert (rule, step) in {(one.rule, one.step) for one in found(conversation, broken)}
    assert [str(one) for one in found(conversation, texts())] == []


def test_limits_themselves_are_allowed() -> None:
    fits = texts(xx=change(Hi="x" * 4096, Yes="y" * 40))
    assert found(HI, fits) == [] and found(TWO, fits) == []


def test_a_level_needs_no_translation() -> None:
    levels = small(Choose("level", "?", Choice("A1", "A1"), Choice("A2", "A2")), END)
    assert found(levels, texts(extracted={"?"}, xx=lambda text: text if text == "?" else None)) == []


def test_texts_outside_of_conversations() -> None:
    lost: dict[str, Callable[[str], str | None]] = {"xx": change(Hi=None)}
    assert [one.rule for one in check_wordings("bot", ["Hi", "Bye"], lost)] == ["translation"]


# ------------------------------------------------------- conversations to each other


def named(name: str, *steps: Any) -> Conversation:
    return Conversation(name, steps)


def together(*conversations: Conversation) -> set[tuple[str, str]]:
    return {(one.conversation, one.rule) for one in check_together({one.name: one for one in conversations}, {"first"})}


def test_conversation_that_nothing_opens() -> None:
    first, lost = named("first", NAME, END), named("lost", NAME, END)
    assert together(first, lost) == {("lost", "unreachable")}
    assert together(named("first", NAME, Go("go", "lost")), lost) == set()
    assert together(named("first", NAME, Remind("later", "lost", timedelta(1)), END), lost) == set()


def test_start_that_does_not_exist() -> None:
    assert ("first", "target") in together(named("other", END))


def test_circle_of_conversations_without_a_question() -> None:
    first = named("first", Say("hello", "Hi"), Go("go", "second"))
    assert together(first, named("second", Go("back", "first"))) == {("first", "circle"), ("second", "circle")}
    assert together(first, named("second", NAME, Go("back", "first"))) == set()


@pytest.mark.parametrize("question", [
    replace(NAME, remember=True), replace(NAME, when=lambda keep: True), Group("all", (NAME,), over="plan"),
])
def test_circle_past_a_question_that_may_not_be_asked(question: Any) -> None:
    assert together(named("first", question, Go("go", "first"))) == {("first", "circle")}


def test_listed_under_another_name() -> None:
    faults = list(check_together({"first": named("second", NAME, END)}, {"first"}))
    assert ("first", "target") in {(one.conversation, one.rule) for one in faults}


# ------------------------------------------------------------- facts and eligibility

TODAY = date(2026, 11, 22)
BOTH = {"en": "A text", "sq": "Tekst"}
FACT = Fact("fact", "migration", "verified", "high", "https://example.org", "2026", TODAY, date(2027, 1, 1), BOTH, BOTH,
            {"en": ("ID",), "sq": ("ID",)}, partner="ura")
URA = Partner("ura", BOTH, BOTH, BOTH, "https://example.org", "2026", "high")
SCHEME = Scheme(
    "scheme", "migration", "running", "verify", "high", "https://example.org", "2026", TODAY, date(2027, 1, 1), True,
    ("ura",), BOTH, {"en": ("money",), "sq": ("para",)}, (Route("a", (Condition("age", "gte", 18),)),), {},
)


@pytest.mark.parametrize(("rule", "changes"), [
    ("language", {"question": {"en": "A text"}}), ("language", {"answer": {"en": "A text", "sq": ""}}),
    ("language", {"papers": {"en": ("ID",)}}), ("expired", {"expires": TODAY}), ("state", {"state": "sure"}),
    ("source", {"source": " "}), ("target", {"partner": "gone"}),
    ("length", {"answer": {"en": "x" * 601, "sq": "x"}}),
])
def test_fault_of_a_fact(rule: str, changes: dict[str, Any]) -> None:
    def faults(fact: Fact) -> list[str]:
        return [one.rule for one in check_register(Register({"fact": fact}, {"ura": URA}), ("en", "sq"), TODAY)]

    assert faults(replace(FACT, **changes)) == [rule]
    assert faults(FACT) == []


def test_fault_of_a_partner() -> None:
    register = Register({}, {"ura": replace(URA, what={"en": "A text"})})
    assert [(one.step, one.rule) for one in check_register(register, ("en", "sq"), TODAY)] == [("ura", "language")]


@pytest.mark.parametrize(("rule", "changes"), [
    ("operator", {"routes": (Route("a", (Condition("age", "about", 18),)),)}),
    ("field", {"routes": (Route("a", (Condition("shoe_size", "gte", 18),)),)}),
    ("value", {"routes": (Route("a", (Condition("kind", "eq", "c"),)),)}),
    ("target", {"where": ("gone",)}), ("expired", {"expires": TODAY}), ("language", {"name": {"en": "A text"}}),
])
def test_fault_of_a_scheme(rule: str, changes: dict[str, Any]) -> None:
    asks = small(Choose("kind", "Which?", *KIND.choices, remember=True), END)

    def faults(scheme: Scheme) -> list[str]:
        return [one.rule for one in check_schemes([scheme], {"ura"}, {"small": asks}, ("en", "sq"), TODAY)]

    assert faults(replace(SCHEME, **changes)) == [rule]
    assert faults(replace(SCHEME, routes=(Route("a", (Condition("kind", "eq", "a"),)),))) == []


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_is_one(operator: str) -> None:
    value: Any = Ticked(frozenset({1})) if operator.startswith(("has", "lacks")) else 1
    wanted: Any = [1] if operator in ("has_any", "has_all", "lacks", "in", "not_in") else 1
    wanted = "A1" if operator == "level" else wanted
    route = (Route("a", (Condition("age", operator, wanted),)),)
    assert judge(replace(SCHEME, routes=route), {"age": value}).may_ask in (True, False, None)


def test_what_nobody_asks_is_used_and_not_asked() -> None:
    used = {one.field for scheme in schemes() for route in scheme.routes for one in route.conditions}
    assert sorted(ASKED_BY_NOBODY.keys() - used) == []
    assert sorted(ASKED_BY_NOBODY.keys() & remembered(CONVERSATIONS).keys()) == []


# ------------------------------------------------------------------ the real ones


def test_the_real_ones_have_no_faults() -> None:
    from bot.channels.telegram import Telegram
    from bot.commands.check import faults
    from bot.translate import Translator

    assert [str(one) for one in faults(Translator(), seed(), TODAY)] == []
    assert (Telegram.limits.text, Telegram.limits.label) == (Texts((), {}).text_limit, Texts((), {}).label_limit)


# --------------------------------------------------------- people in the middle of a talk

GIVEN_NOW = {"today": TODAY, "plan": [], "keep": True}


def run_of(conversation: str, **answers: Any) -> RunState:
    return RunState(7, 1, conversation, answers, "name", 0, 1)


@pytest.mark.parametrize(("run", "conversations", "says"), [
    (run_of("gone"), (), "does not exist any more"),
    (run_of("small", kind="a"), (KIND, Say("hello", "Hi", when=likes), NAME), "cannot be walked"),
    (run_of("small", name="Ana"), (NAME, END), "without a question"),
])
def test_fault_of_an_open_run(run: RunState, conversations: tuple[Any, ...], says: str) -> None:
    wrong = run_fault(run, {"small": small(*conversations)}, GIVEN_NOW)
    assert wrong is not None and f"{run.conversation}, run 7" in wrong and says in wrong
    assert "Ana" not in wrong
    assert run_fault(run_of("small"), {"small": small(NAME, END)}, GIVEN_NOW) is None


def test_renamed_answers_count_for_an_open_run() -> None:
    conversation = small(TOWN, NAME, END, renamed={"place": "town"})
    assert run_fault(run_of("small", place="Peja"), {"small": conversation}, GIVEN_NOW) is None


def test_against_a_database_file_that_is_not_there(tmp_path: Path) -> None:
    [missing] = check_command(Settings(data_dir=tmp_path), True)
    assert "There is no database" in missing and not list(tmp_path.iterdir())


@pytest.mark.usefixtures("databases")
def test_against_a_database(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.new(tmp_path))
    with engine_for(settings.database, settings.keys) as engine:
        engine.connect().close()
        [empty] = check_command(settings, True)
        assert "returnee-bot migrate" in empty
        schema.upgrade(engine)
        assert check_command(settings, True) == []
        now = datetime(2026, 11, 22, tzinfo=UTC)
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            keys.prepare(connection)
            [found] = contacts.add(connection, [("web", "1", "sq")], "Europe/Belgrade", now)
            new = [RunState(key, found.person.id, name, {}, None, 0, key, changed=True, is_new=True)
                   for key, name in ((1, "menu"), (2, "gone"))]
            runs.save(connection, new, now)
        [lost] = check_command(settings, True)
        assert lost.startswith("gone, run ")
