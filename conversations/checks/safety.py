"""The data of the safety gate: every name that a rule uses exists, and every concept is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, get_args

from conversations.checks.fault import Fault
from conversations.safety.danger import Tier
from conversations.safety.data import read_data
from conversations.safety.lexicon import LANGUAGES
from conversations.safety.points import BEGINNINGS, QUESTIONS
from conversations.safety.rules import PLACES
from conversations.safety.spelling import key

WHERE = "the safety gate"
USED_BY_ITSELF = frozenset({"plain", "break", "not", "nobody", "not_after"})
"""Concepts that the reading itself asks for."""
_WHOLE = re.compile(r"-?\d+")
_NAME_AND_POINTS = re.compile(r"\S+ -?\d+")


def check_safety(
    lists: Mapping[str, Mapping[str, Any]] | None = None,
    rules: Mapping[str, Any] | None = None,
    points: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Fault]:
    """Everything that is wrong with the words, the rules and the points; those of the gate where none are given."""
    lists = lists or {language: read_data(language) for language in LANGUAGES}
    rules = rules or read_data("rules")
    points = points or {question: read_data(f"points_{question}") for question in QUESTIONS}
    concepts = {concept for content in lists.values() for concept in content["words"]}
    return [
        *_words(lists),
        *_names(rules, concepts),
        *_rules(rules),
        *_points(points, concepts, {rule["name"] for rule in rules["rule"]}),
        *_unused(concepts, rules, points),
        *_described(concepts, rules),
    ]


def _words(lists: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for language, content in lists.items():
        for concept, words in content["words"].items():
            if not words.split():
                yield Fault(WHERE, f"{language}, {concept}", "words", "It has no words. Add some, or take it out.")
            for word in words.split():
                if word.strip("_") != word or "*" in word[:-1].replace("*_", "_"):
                    yield Fault(WHERE, f"{language}, {concept}", "words", f"“{word}” is not written as a word or an "
                                "expression. Write one word, or several joined by _; a star only at a word's end.")


def _names(rules: Mapping[str, Any], concepts: set[str]) -> Iterator[Fault]:
    known = concepts | set(rules["groups"])
    for where, names in _uses(rules):
        for name in names:
            if name not in known:
                yield Fault(WHERE, where, "concept", f"There is no concept or group “{name}”. Correct the name, or add "
                            "it to a word list.")


def _uses(rules: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each place where the rules name concepts."""
    for group, names in rules["groups"].items():
        yield f"group {group}", names.split()
    for guard, parts in rules["guards"].items():
        yield f"guard {guard}", _of_guards(parts, {})
    for rule in rules["rule"]:
        for row in (*rule.get("in_order", ()), *rule.get("any_order", ())):
            yield rule["name"], row.partition(" within ")[0].replace("|", " ").split()
        yield rule["name"], _of_guards((*rule.get("unless", ()), *rule.get("milder", ())), rules["guards"])


def _of_guards(written: Iterable[str], named: Collection[str]) -> list[str]:
    return [name for one in written if one not in named for name in one.split()[0].split("|")]


def _rules(rules: Mapping[str, Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for rule in rules["rule"]:
        name = rule["name"]
        if name in seen:
            yield Fault(WHERE, name, "name", "Two rules have this name. Rename one.")
        seen.add(name)
        if rule["tier"] not in get_args(Tier):
            yield Fault(WHERE, name, "tier", f"Its tier is “{rule['tier']}”. Use {', '.join(get_args(Tier))}.")
        if not rule.get("about"):
            yield Fault(WHERE, name, "about", "It does not say what it is for. Add `about`.")
        if not rule.get("in_order") and not rule.get("any_order"):
            yield Fault(WHERE, name, "rows", "It has neither `in_order` nor `any_order`. It can never find anything.")
    for where, one in _guards(rules):
        if not _is_guard(one):
            yield Fault(WHERE, where, "guard", f"“{one}” is no guard. Write concepts, then one of "
                        f"{', '.join(PLACES)}, then how many words.")


def _guards(rules: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each guard, with where it is written."""
    for name, parts in rules["guards"].items():
        yield from ((f"guard {name}", one) for one in parts)
    for rule in rules["rule"]:
        written = (*rule.get("unless", ()), *rule.get("milder", ()))
        yield from ((rule["name"], one) for one in written if one not in rules["guards"])


def _is_guard(written: str) -> bool:
    parts = written.split()
    return len(parts) in (2, 3) and parts[1] in PLACES and all(part.isdigit() for part in parts[2:])


def _points(points: Mapping[str, Mapping[str, Any]], concepts: set[str], rules: set[str]) -> Iterator[Fault]:
    for question, content in points.items():
        where = f"points_{question}"
        for one, others in content["together"].items():
            for pair in (" ".join(pair.split()) for pair in others.split(",")):
                if not _NAME_AND_POINTS.fullmatch(pair):
                    yield Fault(WHERE, f"{where}, {one}", "points", f"“{pair}” is no concept with its points. Write "
                                "the concept, a space and a whole number.")
        for name in sorted(_with_points(content) - concepts):
            yield Fault(WHERE, where, "concept", f"There is no concept “{name}”. Correct the name, or take it out.")
        for name in sorted({*content["rules"], *content["sure"]} - rules - set(get_args(Tier))):
            yield Fault(WHERE, where, "rule", f"There is no rule or tier “{name}”. Correct the name, or take it out.")
        yield from _points_of_words(where, content["words"])
        yield from _points_of_words(where, content["beginnings"])
        yield from _lengths(where, content["beginnings"])


def _with_points(content: Mapping[str, Any]) -> set[str]:
    """The concepts that a file of points names."""
    others = {pair.split()[0] for many in content["together"].values() for pair in many.split(",")}
    return others.union(content["concepts"], content["denied"], content["together"])


def _points_of_words(where: str, words: Mapping[str, str]) -> Iterator[Fault]:
    for points, many in words.items():
        if not _WHOLE.fullmatch(points):
            yield Fault(WHERE, where, "points", f"“{points}” is no whole number. Write how many points the words have.")
        for word in many.split():
            if key(word) != word:
                yield Fault(WHERE, where, "words", f"“{word}” is never read so. Write “{key(word)}”.")


def _lengths(where: str, beginnings: Mapping[str, str]) -> Iterator[Fault]:
    for beginning in (one for many in beginnings.values() for one in many.split()):
        if len(beginning) not in BEGINNINGS:
            yield Fault(WHERE, where, "beginnings", f"“{beginning}” is never looked up. Write the first "
                        f"{' or '.join(map(str, BEGINNINGS))} letters of the words.")


def _unused(concepts: set[str], rules: Mapping[str, Any], points: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    used = {name for _where, names in _uses(rules) for name in names}
    used |= {name for names in rules["groups"].values() for name in names.split()}
    for concept in sorted(concepts - used.union(*map(_with_points, points.values())) - USED_BY_ITSELF):
        yield Fault(WHERE, concept, "unused", "No rule and no points use this concept. Use it, or take it out.")


def _described(concepts: set[str], rules: Mapping[str, Any]) -> Iterator[Fault]:
    for concept in sorted(concepts ^ set(rules["concepts"])):
        yield Fault(WHERE, concept, "described", "It stands either in the word lists or under [concepts], where its "
                    "meaning is told, and not in both. Add it, or take it out.")
