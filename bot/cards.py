"""What a counsellor can put into a reply with a few keys: canned replies, facts, partners. In the person's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.render import Knowledge, source_note
from bot.translate import Translator
from conversations.register import Certainty, Fact, Partner, in_language
from storage.canned import Canned

MOST = 8
PLACES = ("name", "counsellor", "centre", "phone", "address")
"""What can be filled in, as {name} and so on."""
PLACE = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Card:
    kind: Literal["canned", "fact", "partner"]
    name: str
    text: str
    language: str
    """What it is written in; another than the person's where there is none in theirs."""


def unknown_places(text: str) -> list[str]:
    """What nobody could fill in."""
    return [one for one in PLACE.findall(text) if one not in PLACES]


def find(
    wanted: str, canned: Iterable[Canned], language: str, today: date, knowledge: Knowledge, translator: Translator,
    places: Mapping[str, str],
) -> list[Card]:
    """The first ones in which all that was typed stands: in the name before in the words."""
    words, named, said = wanted.casefold().split(), [], []
    for card in _all(canned, language, today, knowledge, translator, places):
        name = f"{card.kind} {card.name}".casefold()
        if all(word in name for word in words):
            named.append(card)
        elif all(word in f"{name} {card.text.casefold()}" for word in words):
            said.append(card)
    return [*named, *said][:MOST]


def _all(
    canned: Iterable[Canned], language: str, today: date, knowledge: Knowledge, translator: Translator,
    places: Mapping[str, str],
) -> Iterator[Card]:
    yield from (_canned(one, language, translator, places) for one in canned)
    for fact in knowledge.register.facts.values():
        certainty = fact.certainty(today, knowledge.show_unverified)
        if certainty != Certainty.UNKNOWN:
            yield _fact(fact, certainty, language, translator)
    yield from (_partner(one, language, translator) for one in knowledge.register.partners.values())


def _canned(one: Canned, language: str, translator: Translator, places: Mapping[str, str]) -> Card:
    base = language.partition("_")[0]
    known = base if one.texts.get(base) else "en" if one.texts.get("en") else next(iter(one.texts), "en")
    text = PLACE.sub(lambda found: places.get(found[1], ""), one.texts.get(known, ""))
    return Card("canned", one.name, _in_script(text, language, known, translator), known)


def _in_script(text: str, language: str, written_in: str, translator: Translator) -> str:
    """Serbian, for who reads it in Cyrillic."""
    return translator[language].in_script(text) if language.startswith(written_in) else text


def _fact(fact: Fact, certainty: str, language: str, translator: Translator) -> Card:
    """With its source: no fact goes out without."""
    base = language.partition("_")[0]
    text = f"{in_language(fact.answer, base)}\n{source_note(fact, certainty, base, translator)}"
    known = base if base in fact.answer else "en"
    return Card("fact", in_language(fact.question, "en"), _in_script(text, language, known, translator), known)


def _partner(partner: Partner, language: str, translator: Translator) -> Card:
    base = language.partition("_")[0]
    lines = (in_language(partner.name, base), in_language(partner.what, base), partner.address, partner.phone,
             partner.web)
    known = base if base in partner.what else "en"
    text = "\n".join(one for one in lines if one)
    return Card("partner", in_language(partner.name, "en"), _in_script(text, language, known, translator), known)
