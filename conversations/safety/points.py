"""Signs that are weak alone and strong together: the points of all concepts in a text, added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from conversations.safety.danger import Danger
from conversations.safety.reading import Text
from conversations.safety.words import known_words, read_data

NAME = "signs.together"
_WORDS_SHOWN = 6
_DENIED_WITHIN = 3


@dataclass(frozen=True, slots=True)
class Points:
    points: Mapping[int, int]
    """Of each concept, once in a text."""
    denied: Mapping[int, int]
    """Added where the concept stands behind a "not"."""
    needed: int
    grave: int
    """The concepts of which one at least must stand there, not denied."""
    denial: int
    """The concepts that deny what comes behind them."""
    denial_after: int
    """The one that may also deny what stands before it: schlägt mich nicht."""

    def may_find(self, reach: int) -> bool:
        """Whether a text of these concepts can come to so many points."""
        if not reach & self.grave:
            return False
        most = sum(worth for points in (self.points, self.denied) for concept, worth in points.items()
                   if worth > 0 and concept & reach)
        return most >= self.needed

    def found(self, text: Text) -> Danger | None:
        denied = self._denied(text)
        if not text.present & self.grave & ~denied:
            return None
        score = sum(points for concept, points in self.points.items() if concept & text.present)
        score += sum(points for concept, points in self.denied.items() if concept & denied)
        return Danger("T2", NAME, self._words(text)) if score >= self.needed else None

    def _denied(self, text: Text) -> int:
        """The concepts within three words behind a "not", or before a German one, in one clause."""
        denied = 0
        for place in text.with_any(self.denial):
            here = text.tokens[place]
            before = _DENIED_WITHIN if here.bits & self.denial_after else 0
            for token in text.tokens[max(0, place - before):place + 1 + _DENIED_WITHIN]:
                if token.clause == here.clause and token is not here:
                    denied |= token.bits
        return denied

    def _words(self, text: Text) -> str:
        """The words with the most points, as they stand in the text."""
        def worth(place: int) -> int:
            return sum(points for concept, points in self.points.items() if concept & text.tokens[place].bits)

        weighed = {place: worth(place) for place in range(len(text.tokens))}
        most = sorted((place for place in weighed if weighed[place] > 0), key=lambda place: -weighed[place])
        return " ".join(dict.fromkeys(text.tokens[place].shown for place in sorted(most[:_WORDS_SHOWN])))


def built(content: Mapping[str, Any], concepts: Mapping[str, int]) -> Points:
    points, denied = ({concepts[name]: worth for name, worth in content[part].items()} for part in ("points", "denied"))
    grave = 0
    for name in content["grave"].split():
        grave |= concepts[name]
    return Points(points, denied, content["needed"], grave, concepts["not"] | concepts["nobody"], concepts["not_after"])


@cache
def points() -> Points:
    return built(read_data("points"), known_words().concepts)
