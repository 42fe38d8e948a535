"""Free text -> intent, area, facts and schemes, each with a score and the words that led to it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import finalize

from conversations.eligibility import Scheme, schemes
from conversations.register import Fact, Register, seed
from conversations.understanding.language import likely, recognised
from conversations.understanding.register_index import BEST_FOR_A_WORD, Entry, RegisterIndex
from conversations.understanding.spelling import skeleton, words_of
from conversations.understanding.terms import Part, Term, Terms, terms, terms_of_fact
from conversations.understanding.vocabulary import Vocabulary
from conversations.understanding.weighing import (
    CLEAR,
    CLEARLY_MORE,
    LEAST_INTENT,
    SURE_AREA,
    Found,
    best,
    covers,
    found_in,
    together,
    weight,
    with_points,
    worth_of,
)

AREA_OF_EMERGENCIES = "psychosocial"
SURE_FACT = 2.2
FAINT_FACT = 0.4
TELLING = 0.7
"""A fact with fewer points says nothing about the area."""
SURE_INTENT = 3.0
MOST = 5
"""So many facts and schemes are named."""
WHOLE = frozenset({"yes", "no", "thanks", "greeting", "back", "help", "menu", "stop", "pause", "language"})
"""What a text must be about as a whole: a story in which a "no" stands is no "no"."""
EVERY_WORD = frozenset({"yes", "no"})
ALMOST_ALL = 0.7
"""So much it must be where the text also names an area."""
PARTLY = 0.2
"""So much is enough where the text names no area,"""
LEAST: Mapping[str, float] = {"yes": 0.55, "no": 0.55, "language": 0.5}
"""and so much for these."""
FROM_A_FACT = 0.7
FROM_THE_REGISTER = 2.4


@dataclass(frozen=True, slots=True)
class Understood:
    intents: tuple[Found, ...] = ()
    areas: tuple[Found, ...] = ()
    facts: tuple[Found, ...] = ()
    candidates: tuple[Found, ...] = ()
    """Facts of the area that could be meant, though little speaks for them."""
    schemes: tuple[Found, ...] = ()
    language: str | None = None
    """The language that the text is surely in."""
    perhaps: tuple[Found, ...] = ()
    """Intents that could be meant, though nothing follows from them: too little speaks for them."""

    @property
    def intent(self) -> str | None:
        return self.intents[0].name if self.intents else None

    @property
    def area(self) -> str | None:
        return self.areas[0].name if self.areas and self.areas[0].score >= SURE_AREA else None


def is_clear(found: Understood, facts: Mapping[str, Fact]) -> bool:
    """One fact, well ahead of the next, and of an area that no other is well ahead of: it is told at once."""
    first, *others = found.facts
    area = facts[first.name].area
    fits = area in ("centre", "emergency") or found.area is None or _may_be(area, found.areas)
    return fits and first.score >= CLEAR and all(first.score - one.score >= CLEARLY_MORE for one in others[:1])


def _may_be(area: str, areas: Sequence[Found]) -> bool:
    """Whether the whole text can be about this area: it leads, or the one that does is hardly ahead of it."""
    return any(one.name == area and areas[0].score - one.score < CLEARLY_MORE for one in areas)


def _heard(texts: Mapping[str, str], known: Terms) -> tuple[str, ...]:
    """Those in our own languages: one that is heard as another would count that one's words twice."""
    return tuple(text for language, text in texts.items() if language in known.common)


def _own_terms(facts: Iterable[Fact]) -> Iterator[Term]:
    """How people ask for each fact. What more facts share than are kept for one word tells none from another."""
    shared: Counter[tuple[str, tuple[Part, ...]]] = Counter()
    for fact in facts:
        for term in terms_of_fact(fact.id, fact.asked):
            same = term.language, term.parts
            shared[same] += 1
            if shared[same] <= BEST_FOR_A_WORD:
                yield term


def _by_rarest_part(every: Sequence[Term]) -> Mapping[Part, list[Term]]:
    """The terms by that part of theirs that stands in the fewest: a word of thousands of terms leads to few of them."""
    often = Counter(part for term in every for part in term.parts)
    found: dict[Part, list[Term]] = defaultdict(list)
    for term in every:
        one = term.parts[0] if len(term.parts) == 1 else min(term.parts, key=often.__getitem__)
        found[one].append(term)
    return found


class Reader:
    """Reads texts with the terms and one register; made once for a register. `waiting`: languages that are read too,
    though they wait to be read by somebody who speaks them."""

    def __init__(self, facts: Iterable[Fact], all_schemes: Iterable[Scheme], waiting: tuple[str, ...] = ()) -> None:
        known, facts = terms(waiting), tuple(facts)
        self._known = known
        self._common = frozenset().union(*known.common.values())
        every = (*known.all, *_own_terms(facts))
        self._vocabulary = Vocabulary(every, known.same)
        self._by_part = _by_rarest_part(every)
        self._by_intent: dict[str, dict[Part, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for term in known.all:
            if term.kind == "intent":
                self._by_intent[term.name][term.parts[0]].append(term)
        self._area_of = {one.id: one.area for one in facts}
        self._facts = RegisterIndex((Entry(one.id, _heard(one.question, known)) for one in facts), self._common)
        self._schemes = RegisterIndex((Entry(one.id, _heard(one.name, known)) for one in all_schemes), self._common)

    def read(self, text: str, language: str) -> Understood:
        words = words_of(text)
        if not words:
            return Understood()
        sounds = [skeleton(word) for word in words]
        scores = self._scores(sounds, likely(sounds, language, self._known.common))
        keys = self._facts.keys(sounds)
        facts = self._ranked_facts(scores, self._facts.near(keys))
        areas = self._ranked_areas(scores, facts)
        other = sum(scores.get(("other", "other"), {}).values())
        if other and (not areas or areas[0][1] <= other):
            facts, areas = [], []
        intents, perhaps = self._ranked_intents(scores, sounds, areas), list[tuple[str, float]]()
        covered = bool(intents and areas and covers(scores, intents[0][0], areas[0][0]))
        if not other:
            areas, intents, perhaps = with_points(areas, intents, sounds, scores)
        if covered and intents:
            facts, areas = [], []
        return Understood(
            tuple(replace(one, share=self._share(one.name, scores.get(("intent", one.name), {}), sounds))
                  for one in found_in(intents, "intent", scores, words)),
            found_in(areas, "area", scores, words),
            found_in([one for one in facts if one[1] >= SURE_FACT], "fact", scores, words)[:MOST],
            found_in(self._candidates(facts, areas), "fact", scores, words)[:MOST],
            self._found_schemes(keys), recognised(text, sounds, self._known.common),
            found_in(perhaps, "intent", scores, words),
        )

    def may_wish(self, text: str, intent: str) -> bool:
        """Whether a text has all words of any term of an intent: where not, no term finds such a wish. Much quicker
        than to read it."""
        begun = self._by_intent[intent]
        said = {part for word in words_of(text) for part in self._vocabulary.parts(skeleton(word))}
        return any(said.issuperset(term.parts) for part in said if part in begun for term in begun[part])

    def by_terms(self, text: str, language: str) -> dict[str, float]:
        """What areas and intents have by the terms and the register alone."""
        sounds = [skeleton(word) for word in words_of(text)]
        scores = self._scores(sounds, likely(sounds, language, self._known.common))
        areas = self._ranked_areas(scores, self._ranked_facts(scores, self._facts.near(self._facts.keys(sounds))))
        return dict([*areas, *self._ranked_intents(scores, sounds, areas)])

    # ------------------------------------------------------------------ terms

    def _scores(self, sounds: Sequence[str], languages: frozenset[str]) -> dict[tuple[str, str], dict[int, float]]:
        """For each thing that a term speaks for: the words of the text that do, with their weight."""
        parts = [self._vocabulary.parts(sound) for sound in sounds]
        places: dict[Part, list[int]] = defaultdict(list)
        for at, found in enumerate(parts):
            for one in found:
                places[one].append(at)
        fitting: dict[tuple[str, str], list[tuple[float, tuple[int, ...]]]] = defaultdict(list)
        for part in places:
            for term in self._by_part.get(part, ()):
                where = together(term, places)
                if where:
                    fitting[term.kind, term.name].append((weight(term, languages), where))
        return {name: worth_of(found) for name, found in fitting.items()}

    # ---------------------------------------------------------------- ranking

    def _ranked_facts(
        self, scores: Mapping[tuple[str, str], Mapping[int, float]], near: Mapping[str, float]
    ) -> list[tuple[str, float]]:
        total: dict[str, float] = defaultdict(float)
        for (kind, name), words in scores.items():
            if kind == "fact" and name in self._area_of:
                total[name] += max(words.values()) + 0.5 * (sum(words.values()) - max(words.values()))
        for name, share in near.items():
            total[name] += FROM_THE_REGISTER * share
        return best(total)

    def _candidates(
        self, facts: Sequence[tuple[str, float]], areas: Sequence[tuple[str, float]]
    ) -> list[tuple[str, float]]:
        if not areas or areas[0][1] < SURE_AREA:
            return []
        return [(name, score) for name, score in facts
                if FAINT_FACT <= score < SURE_FACT and self._area_of[name] == areas[0][0]]

    def _ranked_areas(
        self, scores: Mapping[tuple[str, str], Mapping[int, float]], facts: Sequence[tuple[str, float]]
    ) -> list[tuple[str, float]]:
        total: dict[str, float] = defaultdict(float)
        for (kind, name), words in scores.items():
            if kind == "area":
                total[name] += sum(words.values())
        seen: set[str] = set()
        for fact, score in facts:
            area = self._area_of[fact]
            area = AREA_OF_EMERGENCIES if area == "emergency" else area
            if score >= TELLING and area not in seen and area != "centre":
                seen.add(area)
                total[area] += FROM_A_FACT * score
        return best(total)

    def _ranked_intents(
        self, scores: Mapping[tuple[str, str], Mapping[int, float]], sounds: Sequence[str],
        areas: Sequence[tuple[str, float]],
    ) -> list[tuple[str, float]]:
        total: dict[str, float] = {}
        for (kind, name), words in scores.items():
            if kind != "intent":
                continue
            share = self._share(name, words, sounds)
            score = sum(words.values()) * share
            area = areas[0][1] if areas and not covers(scores, name, areas[0][0]) else 0.0
            if self._is_meant(name, share, max(words.values()), score, area):
                total[name] = score
        return best({name: score for name, score in total.items() if score >= LEAST_INTENT})

    def _is_meant(self, name: str, share: float, weight: float, score: float, area: float) -> bool:
        if name not in WHOLE:
            return weight >= SURE_INTENT
        if area >= SURE_AREA:  # "who helps me with my CV" asks about the CV
            return name != "help" and share >= ALMOST_ALL and score >= area
        return share >= LEAST.get(name, PARTLY)

    def _share(self, name: str, words: Mapping[int, float], sounds: Sequence[str]) -> float:
        """How much of what the text says is this."""
        said = {sounds[at] for at in words}
        others = sum(1 for sound in sounds
                     if sound not in said and (name in EVERY_WORD or sound not in self._common))
        return len(words) / max(1, len(words) + others)

    def _found_schemes(self, keys: Sequence[str]) -> tuple[Found, ...]:
        ranked = best(self._schemes.near(keys))
        return tuple(Found(name, round(score, 2), ()) for name, score in ranked if score >= 0.5)[:MOST]


_readers: dict[tuple[int, tuple[str, ...]], Reader] = {}


def reader_for(register: Register, waiting: tuple[str, ...] = ()) -> Reader:
    """The reader of these facts, which lives as long as a register with them; facts that have changed are others, and
    have another reader. To make one takes seconds where facts are thousands: who changes the register has it made
    before anybody writes, in a thread of its own."""
    key = id(register.facts), waiting
    known = _readers.get(key)
    if known is None:
        known = _readers[key] = Reader(register.facts.values(), schemes(), waiting)
        finalize(register, _readers.pop, key, None).atexit = False
    return known


def seed_reader(waiting: tuple[str, ...] = ()) -> Reader:
    """Reads with the facts that a new installation starts with."""
    return reader_for(seed(), waiting)
