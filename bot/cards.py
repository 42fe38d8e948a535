"""What a counsellor can put into a reply with a few keys: canned replies, the person's steps, facts, partners."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from bot.render import Knowledge, source_note
from bot.render.suggestions import BY
from bot.translate import Translator
from conversations.register import Certainty, Fact, Partner
from storage.canned import Canned

MOST = 8
PLACES = ("name", "counsellor", "centre", "phone", "address")
"""What can be filled in, as {name} and so on."""
PLACE = re.compile(r"\{(\w*)\}")


Kind: TypeAlias = Literal["canned", "step", "fact", "partner"]


@dataclass(frozen=True, slots=True)
class Card:
    kind: Kind
    name: str
    text: str
    language: str
    """What it is written in; another than the person's where there is none in theirs."""


def unknown_places(text: str) -> list[str]:
    """What nobody could fill in."""
    return [one for one in PLACE.findall(text) if one not in PLACES]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where cards for one person are found."""

    canned: Sequence[Canned]
    steps: Sequence[tuple[str, date | None]]
    """What was agreed with them and is still to be done, and by when."""
    language: str
    today: date
    knowledge: Knowledge
    translator: Translator
    places: Mapping[str, str]

    @property
    def base(self) -> str:
        return self.language.partition("_")[0]

    def find(self, wanted: str) -> list[Card]:
        """The first ones in which all that was typed stands: in the name before in the words."""
        words, named, said = wanted.casefold().split(), [], []
        for card in self._all():
            name = f"{card.kind} {card.name}".casefold()
            if all(word in name for word in words):
                named.append(card)
            elif all(word in f"{name} {card.text.casefold()}" for word in words):
                said.append(card)
        return [*named, *said][:MOST]

    def _all(self) -> Iterator[Card]:
        yield from map(self._canned, self.canned)
        yield from (self._step(what, by) for what, by in self.steps)
        for fact in self.knowledge.register.facts.values():
            certainty = fact.certainty(self.today, self.knowledge.show_unverified)
            if certainty != Certainty.UNKNOWN:
                yield self._fact(fact, certainty)
        yield from (self._partner(one) for one in self.knowledge.register.partners.values() if one.removed is None)

    def _canned(self, one: Canned) -> Card:
        written_in = next((each for each in (self.base, "en", *one.texts) if one.texts.get(each)), "en")
        text = PLACE.sub(lambda found: self.places.get(found[1], ""), one.texts.get(written_in, ""))
        return self._card("canned", one.name, text, written_in)

    def _step(self, what: str, by: date | None) -> Card:
        say, language = self.translator.text, self.language
        text = say(language, what)
        if by is not None:
            text = say(language, BY, step=text, date=self.translator.day(language, by))
        return Card("step", say("en", what), text, self.base)

    def _fact(self, fact: Fact, certainty: str) -> Card:
        """With its source: no fact goes out without."""
        text = f"{self._picked(fact.answer)}\n{source_note(fact, certainty, self.base, self.translator)}"
        return self._card("fact", fact.question["en"], text, self.translator.written_in(self.base, fact.answer))

    def _partner(self, partner: Partner) -> Card:
        lines = (self._picked(partner.name), self._picked(partner.what), partner.address, partner.phone, partner.web)
        text = "\n".join(one for one in lines if one)
        return self._card("partner", partner.name["en"], text, self.translator.written_in(self.base, partner.what))

    def _picked(self, texts: Mapping[str, str]) -> str:
        return str(self.translator.pick(self.base, texts))

    def _card(self, kind: Kind, name: str, text: str, written_in: str) -> Card:
        """Serbian, for who reads it in Cyrillic, is turned into it."""
        in_script = self.translator[self.language].in_script(text) if written_in == self.base else text
        return Card(kind, name, in_script, written_in)
