"""From a question that nobody could answer to a fact: its wordings, as the form of a fact takes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData, QueryParams

from bot.translate import Translator
from conversations.register import Fact
from conversations.understanding import language_of
from conversations.understanding.asked import heard, line_of, same_line
from storage.unanswered import Question

LONGEST_NUMBER = 18
_CYRILLIC = re.compile("[\u0400-\u04ff]")


def numbers(given: FormData | QueryParams, name: str) -> list[int]:
    """Ids as they stand in a form; what is none is left out."""
    found = (one for one in given.getlist(name) if isinstance(one, str) and len(one) <= LONGEST_NUMBER)
    return [int(one) for one in found if one.isascii() and one.isdigit()]


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions that say nearly the same."""

    ids: Sequence[int]
    area: str | None
    wordings: Sequence[tuple[str, str]]
    """Language and words, the most frequent first."""

    def in_new(self, fact: Fact, areas: Collection[str]) -> Fact:
        """The form of a new fact with the area, the most frequent wording as its question, and all as ways to ask."""
        question = dict(self.wordings[:1])
        area = self.area if self.area in areas else ""
        return self.in_fact(replace(fact, area=area or "", question=question))

    def in_fact(self, fact: Fact) -> Fact:
        """The fact with the wordings as further ways to ask for it."""
        asked: dict[str, list[str]] = {language: list(lines) for language, lines in fact.asked.items()}
        for language, text in self.wordings:
            line, lines = line_of(text), asked.setdefault(language, [])
            if line and language in heard() and not any(same_line(line, one) for one in lines):
                lines.append(line)
        return replace(fact, asked={language: tuple(lines) for language, lines in asked.items() if lines})


def asked(questions: Sequence[Question], translator: Translator) -> Asked:
    areas = Counter(one.area for one in questions).most_common(1)
    wordings = Counter(_heard(one, translator) for one in questions).most_common()
    return Asked([one.id for one in questions], areas[0][0] if areas else None, [one for one, _ in wordings])


def _heard(one: Question, translator: Translator) -> tuple[str, str]:
    """In the language that the words are in, which need not be the one that somebody has chosen."""
    language = language_of(one.text) or one.language
    language = translator[language].heard_as if language in translator.languages else language
    return language, _latin(one.text) if language == "sr" else one.text


def _latin(text: str) -> str:
    if not _CYRILLIC.search(text):
        return text
    import cyrtranslit

    return str(cyrtranslit.to_latin(text, "sr"))


def fact_meant(typed: str, facts: Mapping[str, Fact]) -> Fact | None:
    """The fact that somebody has chosen from the list: by its question in any language, or by its id."""
    wanted = typed.strip().casefold()
    said = (one for one in facts.values() if wanted in (text.casefold() for text in one.question.values()))
    return (facts.get(typed.strip()) or next(said, None)) if wanted else None
