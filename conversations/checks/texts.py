"""Texts: extracted, translated, filled with what they name, short enough, and no two buttons alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from conversations.checks.fault import Fault
from conversations.engine import THAT_IS_ALL, names_in
from conversations.model import (
    Choose,
    Conversation,
    Enquire,
    Group,
    HandOff,
    Plan,
    Recall,
    Review,
    Section,
    Step,
    all_steps,
)

Wording: TypeAlias = Callable[[str], str | None]
"""A message id -> how it reads in one language, or None where it has no translation."""
MOST_IN_LABEL = 40
"""A longer label is cut off on a phone, on every channel."""


@dataclass(frozen=True)
class Texts:
    """What the catalogues hold, and what the channels take."""

    extracted: Collection[str]
    languages: Mapping[str, Wording]
    text_limit: int = 4096
    label_limit: int = 60


def check_texts(conversation: Conversation, texts: Texts) -> Iterator[Fault]:
    seen: set[str] = set()
    for step in all_steps(conversation):
        for text in texts_of(step):
            if text not in seen:
                yield from _one_text(conversation.name, step.id, text, texts)
            seen.add(text)
        yield from _lengths(conversation.name, step, texts)
        yield from _same_labels(conversation.name, step, texts)
    if conversation.title:
        yield from _one_text(conversation.name, "", conversation.title, texts)


def check_placeholders(conversation: Conversation) -> Iterator[Fault]:
    """Texts that are shown as they are, in which a placeholder would stay a placeholder."""
    for step in all_steps(conversation):
        for text in (*labels_of(step), *_fixed(step)):
            if names := names_in(text):
                yield Fault(conversation.name, step.id, "label", f"“{text}” needs the value “{names[0]}”, which is "
                            "not filled in here. Say it without.")


def check_wordings(where: str, texts: Iterable[str], languages: Mapping[str, Wording]) -> Iterator[Fault]:
    """Texts outside of conversations: translated, with the same placeholders."""
    for text in texts:
        for language, wording in languages.items():
            yield from _translation(where, "", text, language, wording(text))


# ------------------------------------------------------------- which texts there are


def texts_of(step: Step) -> list[str]:
    """Every text of a step that somebody reads."""
    found = [getattr(step, "text", ""), *_fixed(step), *labels_of(step)]
    return [text for text in found if text]


def _fixed(step: Step) -> list[str]:
    found = [getattr(step, "why", None), getattr(step, "label", None)]
    match step:
        case Section(title=title):
            found.append(title)
        case Group(first=first, again=again):
            found += [first, again]
        case Plan(what=what):
            found += [what] if isinstance(what, str) else list(what.values())
        case HandOff(reason=reason) | Enquire(reason=reason):
            found.append(reason)
        case Recall(none=none):
            found.append(none)
    return [text for text in found if text]


def labels_of(step: Step) -> list[str]:
    """What stands on the buttons of a question."""
    match step:
        case Choose(choices=choices):
            return [choice.label for choice in choices]
        case Group(add=add, done=done, over=None):
            return [add, done]
        case Review(confirm=confirm):
            return [confirm]
    return []


def is_a_mark(text: str) -> bool:
    """"B1", "112": the same in every language."""
    return not any(letter.islower() for letter in text)


# ---------------------------------------------------------------------- one text


def _one_text(name: str, step: str, text: str, texts: Texts) -> Iterator[Fault]:
    if is_a_mark(text):
        return
    if text not in texts.extracted:
        yield Fault(name, step, "extraction", f"Babel does not find “{short(text)}”. Write it as one literal in _(), "
                    "then extract the texts again.")
        return
    for language, wording in texts.languages.items():
        yield from _translation(name, step, text, language, wording(text))


def _translation(name: str, step: str, text: str, language: str, found: str | None) -> Iterator[Fault]:
    if found is None:
        yield Fault(name, step, "translation", f"“{short(text)}” has no translation in {language}. Translate it.")
    elif sorted(set(names_in(found))) != sorted(set(names_in(text))):
        yield Fault(name, step, "translation", f"In {language}, “{short(text)}” names {_braced(found)} instead of "
                    f"{_braced(text)}. Use the same placeholders.")


def _braced(text: str) -> str:
    return ", ".join("{" + name + "}" for name in names_in(text)) or "nothing"


def short(text: str) -> str:
    return text if len(text) <= 50 else f"{text[:49].rstrip()}…"


# ------------------------------------------------------------- in every language


def _lengths(name: str, step: Step, texts: Texts) -> Iterator[Fault]:
    message = [text for text in (getattr(step, "text", ""), getattr(step, "why", None)) if text]
    for language, wording in texts.languages.items():
        length = len("\n\n".join(wording(text) or text for text in message))
        if length > texts.text_limit:
            yield Fault(name, step.id, "length", f"Its text has {length} characters in {language}, a channel takes "
                        f"{texts.text_limit}. Shorten it, or make two steps of it.")
        for label in labels_of(step):
            yield from _label_length(name, step.id, wording(label) or label, language, texts.label_limit)


def _label_length(name: str, step: str, label: str, language: str, limit: int) -> Iterator[Fault]:
    if len(label) > limit:
        yield Fault(name, step, "length", f"The button “{label}” has {len(label)} characters in {language} and is "
                    f"cut at {limit}. Shorten it.")
    elif len(label) > MOST_IN_LABEL:
        yield Fault(name, step, "length", f"The button “{label}” has {len(label)} characters in {language}; more than "
                    f"{MOST_IN_LABEL} do not fit on a phone. Shorten it.")


def _same_labels(name: str, step: Step, texts: Texts) -> Iterator[Fault]:
    labels = [*labels_of(step), *([THAT_IS_ALL] if isinstance(step, Choose) and step.many else ())]
    told: set[frozenset[str]] = set()
    for language, wording in texts.languages.items():
        for read, same in _alike(labels, wording):
            if len(same) > 1 and frozenset(same) not in told:
                told.add(frozenset(same))
                yield Fault(name, step.id, "same label",
                            f"Two buttons read “{read}” in {language}. Word them so that they differ.")


def _alike(labels: list[str], wording: Wording) -> Iterator[tuple[str, list[str]]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        found[(wording(label) or label).strip().casefold()].append(label)
    yield from found.items()
