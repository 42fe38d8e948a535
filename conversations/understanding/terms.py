"""The words by which a text is understood: `conversations/facts/terms/<language>.toml`.

A table is what a term speaks for: `[intent.human]`, `[area.migration]`, or what is not our subject in `[other]`. Terms
are parted by "|". Those in `[fact]` are what the facts of a new installation begin with: a fact carries its own, and
the centre changes them with it.
"visa*" is every word that begins so. Several words are one term if all of them stand near each other, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import tomli

from conversations.kept import kept
from conversations.readers import fold
from conversations.understanding.spelling import skeleton

FOLDER = Path(__file__).parents[1] / "facts" / "terms"
WAITING = tuple(sorted((FOLDER / "waiting").glob("??.toml")))
"""Of languages that are offered only where the centre asks for them: read only there."""
Kind: TypeAlias = Literal["intent", "area", "fact", "other"]
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "intent": {"strong": 4.0, "clear": 2.5, "weak": 1.0},
    "area": {"strong": 3.0, "clear": 2.0, "weak": 1.0},
}
HEAVIER: Mapping[str, float] = {"psychosocial": 1.4}
"""Words of feelings say more than what they are about: "my child", "school"."""
OF_A_FACT = 3.0
OF_SOMETHING_ELSE = 4.0
FOR_EACH_WORD_MORE = 1.0
"""A term of several words says more than one word does."""


class Part(NamedTuple):
    sound: str
    begins: bool
    """True where any word that begins so is meant."""


class Term(NamedTuple):
    kind: Kind
    name: str
    language: str
    parts: tuple[Part, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Terms:
    all: tuple[Term, ...]
    common: Mapping[str, frozenset[str]]
    """Small words, by language: they say in which language a text is, and nothing else."""
    same: Mapping[str, tuple[str, ...]]
    """What stands for other words: a German town for Germany."""


@cache
def terms(waiting: tuple[str, ...] = ()) -> Terms:
    """Every term of every language, but for those of facts; of languages that wait to be read those that are named,
    with the terms of facts: facts carry none in them."""
    files = (*sorted(FOLDER.glob("??.toml")), *(path for path in WAITING if path.stem in waiting))
    code = (Path(__file__), Path(__file__).with_name("spelling.py"), Path(__file__).parents[1] / "readers" / "fold.py")
    name = "_".join(("terms", *(path.stem for path in files if path in WAITING)))
    sources = (*code, FOLDER / "shared.toml", *files)
    parts, found, common, same = kept(Path(__file__).parent, name, sources, partial(_made, files))
    shared = [Part(*one) for one in parts]
    return Terms(tuple([Term(kind, name, language, tuple([shared[at] for at in places]), weight)
                        for kind, name, language, places, weight in found]), common, same)


def _made(files: Iterable[Path]) -> tuple[Any, ...]:
    """The parts, each once, and the terms with the places of theirs: as `kept` takes it."""
    found: list[Term] = []
    common: dict[str, frozenset[str]] = {}
    for path in files:
        content = tomli.loads(path.read_text(encoding="utf-8"))
        common[path.stem] = frozenset(skeleton(fold(word)) for word in content["language"]["common"].split("|"))
        found += _read(content, path.stem)
        if path in WAITING:
            found += (term for name, listed in content["fact"].items()
                      for term in terms_of_fact(name, {path.stem: listed.split("|")}))
    places: dict[Part, int] = {}
    terms = [(*one[:3], tuple(places.setdefault(part, len(places)) for part in one.parts), one.weight) for one in found]
    return [tuple(one) for one in places], terms, common, _same()


def _same() -> dict[str, tuple[str, ...]]:
    content = tomli.loads((FOLDER / "shared.toml").read_text(encoding="utf-8"))
    return {skeleton(fold(word)): tuple(skeleton(one) for one in meant.split())
            for meant, listed in content["same"].items() for word in listed.split("|")}


def _read(content: Mapping[str, Any], language: str) -> Iterator[Term]:
    for kind in ("intent", "area"):
        for name, degrees in content[kind].items():
            for degree, listed in degrees.items():
                weight = WEIGHTS[kind][degree] * HEAVIER.get(name, 1.0)
                yield from _terms(kind, name, language, listed.split("|"), weight)
    yield from _terms("other", "other", language, content["other"]["words"].split("|"), OF_SOMETHING_ELSE)


def terms_of_fact(name: str, asked: Mapping[str, Sequence[str]]) -> Iterator[Term]:
    """Its own terms: how people ask for it, by language."""
    for language, listed in asked.items():
        yield from _terms("fact", name, language, listed, OF_A_FACT)


def _terms(kind: Any, name: str, language: str, listed: Sequence[str], weight: float) -> Iterator[Term]:
    for written in listed:
        parts = tuple(dict.fromkeys(part(word) for word in written.split()))
        yield Term(kind, name, language, parts, weight + FOR_EACH_WORD_MORE * (len(parts) - 1))


@lru_cache(maxsize=16384)
def part(written: str) -> Part:
    return Part(skeleton(fold(written)), written.endswith("*"))
