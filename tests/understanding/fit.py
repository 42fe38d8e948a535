"""Works out what words say about areas and intents from the questions: `python -m tests.understanding.fit`.

It says how often an author's questions are told right, with the points worked out from the others. `--write` instead
writes conversations/facts/terms/points.toml, worked out from all. It needs SciPy, which the bot does not:
`pip install scipy`, in a copy of the environment.
"""

from __future__ import annotations

import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from conversations.register import seed
from conversations.understanding.points import BEGINNING, NO_AREA, NO_INTENT, UNIT, around, signs
from conversations.understanding.reading import AREA_OF_EMERGENCIES, Reader, seed_reader
from conversations.understanding.spelling import key, skeleton, words_of
from conversations.understanding.terms import FOLDER, terms
from conversations.understanding.weighing import LEAST_INTENT, SURE_AREA
from tests.safety.corpus import typed
from tests.understanding.measure import AREAS, LANGUAGES, area_of, rows

REGISTER = "register"
"""No author: the questions of the facts."""
TALK = "talk"
"""No author: what people answer and say in the transcripts, where the terms see no wish and no area in it."""
OF_NO_AUTHOR = {REGISTER: 0.5, TALK: 0.3}
"""How much such a line counts; an answer must never be taken for a wish."""
OF_TERMS = 0.7
"""How far the terms are believed: the questions of the first authors were what they were made with."""
BLIND = 0.5
"""How much each question counts once more as if there were no terms."""
FREEDOM = 0.15
"""How dear it is to fit these very questions: more of it fits them less."""
SEEN = 2
"""In so many questions a sign must stand."""
LEAST = 3
"""Points below it are left out."""
HOW_MUCH = {"*": 0.7, "+": 0.5}
"""Beginnings and pairs are many: each must prove more than a word."""
HEAD = f"""# What the words of a text say about its area or intent beside the terms: written by
# `python -m tests.understanding.fit --write`, read by conversations/understanding/points.py.
# {UNIT} points are worth as much as 1.0 of a term.
# "word", "its beginning-", "its first {BEGINNING} letters*", "a word+the next"; as it sounds (spelling.py).
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What points are worked out for, each name against the others and none of them."""

    names: tuple[str, ...]
    none: str
    sure: float
    """So much by the terms is enough."""
    small_words: float
    """How much "I" and "about" must prove."""

    def weight(self, sign: str) -> float:
        if sign.rstrip("-") in small_words():
            return self.small_words
        return HOW_MUCH.get("+" if "+" in sign else sign[-1], 1.0)


WHAT = (Asked(tuple(sorted(AREAS)), NO_AREA, SURE_AREA, 0.3),
        Asked(("human", "menu", "back", "stop", "pause", "language", "my_data", "thanks", "greeting", "yes", "no",
               "help"), NO_INTENT, LEAST_INTENT, 1.0))


@dataclass(frozen=True, slots=True)
class Question:
    author: str
    language: str
    label: str
    signs: tuple[str, ...]
    by_terms: Mapping[str, float]
    """What areas and intents have by the terms alone."""


@cache
def small_words() -> frozenset[str]:
    return frozenset({*(word for words in terms().common.values() for word in words),
                      *(key(word) for words in terms().common.values() for word in words)})


Worth: TypeAlias = dict[str, list[float]]


def questions() -> list[Question]:
    reader = seed_reader()
    found = [_question(reader, row.author, language, row.label, row.text) for language in LANGUAGES
             for row in rows(language)]
    found += [_question(reader, REGISTER, language, f"fact:{fact.id}", text) for fact in seed().facts.values()
              if fact.area != "centre" for language, text in fact.question.items() if language in LANGUAGES]
    talk = [_question(reader, TALK, "en", "none", text) for text in typed()]
    return found + [one for one in talk if not any(one.by_terms.get(name, 0.0) >= asked.sure
                                                   for asked in WHAT for name in asked.names)]


def _question(reader: Reader, author: str, language: str, label: str, text: str) -> Question:
    area = area_of(label) if label.startswith("fact:") else label
    area = AREA_OF_EMERGENCIES if area == "emergency" else area
    sounds = [skeleton(word) for word in words_of(text)]
    by_terms = reader.by_terms(text, language)
    sure = any(by_terms.get(name, 0.0) >= SURE_AREA for name in AREAS)
    return Question(author, language, area, tuple({*(sign for _, sign in signs(sounds)), *around(len(sounds), sure)}),
                    by_terms)


def worked_out(asked: Asked, given: Sequence[Question]) -> tuple[Worth, list[float]]:
    """What each sign says about each name, and last about none of them; and what a text has without any. Both as much
    as terms are worth."""
    try:
        import numpy as np
        from scipy import sparse
        from scipy.optimize import minimize
    except ImportError:
        sys.exit("Working out the points needs SciPy, which the bot does not. In a copy of the environment: "
                 "pip install scipy")
    often = Counter(sign for one in given for sign in one.signs)
    place = {sign: at for at, sign in enumerate(sorted(sign for sign, times in often.items() if times >= SEEN))}
    cells = [(at, place[sign], asked.weight(sign)) for at, one in enumerate(given) for sign in one.signs
             if sign in place]
    table = sparse.csr_matrix(([worth for *_, worth in cells], ([at for at, *_ in cells], [to for _, to, _ in cells])),
                              (len(given), len(place)))
    table = sparse.vstack([table, table]).tocsr()
    names = (*asked.names, "")
    meant = np.tile([names.index(one.label if one.label in asked.names else "") for one in given], 2)
    terms = OF_TERMS * np.array([(*(one.by_terms.get(name, 0.0) for name in asked.names), asked.sure) for one in given])
    blind = terms.copy()
    blind[:, :-1] = 0.0
    offset = np.vstack([terms, blind])
    each = np.array([OF_NO_AUTHOR.get(one.author, 1.0) for one in given])
    counts = np.concatenate([each, BLIND * each])
    size, wanted = len(place), np.eye(len(names))[meant]

    def loss(values: Any) -> Any:
        worth, without = values[:-len(names)].reshape(size, len(names)), values[-len(names):]
        odds = table @ worth + offset + without
        odds -= odds.max(1, keepdims=True)
        chance = np.exp(odds)
        chance /= chance.sum(1, keepdims=True)
        missed = -(counts * np.log(chance[np.arange(len(meant)), meant] + 1e-12)).sum()
        slope = (chance - wanted) * counts[:, None]
        return (missed + FREEDOM * (worth ** 2).sum(),
                np.concatenate([(table.T @ slope + 2 * FREEDOM * worth).ravel(), slope.sum(0)]))

    found = minimize(loss, np.zeros((size + 1) * len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    worth, without = found[:-len(names)].reshape(size, len(names)), found[-len(names):]
    return ({sign: [float(value) * asked.weight(sign) / OF_TERMS for value in worth[at]] for sign, at in place.items()},
            [float(value) / OF_TERMS for value in without])


def told(asked: Asked, one: Question, worth: Worth, without: Sequence[float]) -> str:
    """The name with the most, or nothing."""
    more = [without[at] + sum(worth[sign][at] for sign in one.signs if sign in worth) for at in range(len(without))]
    total = [one.by_terms.get(name, 0.0) + more[at] - more[-1] for at, name in enumerate(asked.names)]
    best = max(range(len(total)), key=lambda at: total[at])
    return asked.names[best] if total[best] >= asked.sure else ""


def show(asked: Asked, given: Sequence[Question]) -> None:
    for author in dict.fromkeys(one.author for one in given if one.author not in OF_NO_AUTHOR):
        others = worked_out(asked, [one for one in given if one.author != author])
        print(f"{author}, {asked.names[0]} and others: " + ";  ".join(
            f"{language} {_share(asked, author, language, given, ({}, [0.0] * (len(asked.names) + 1)))} -> "
            f"{_share(asked, author, language, given, others)}" for language in LANGUAGES))


def _share(asked: Asked, author: str, language: str, given: Sequence[Question], by: tuple[Worth, list[float]]) -> str:
    """Of those that are meant, the share told right; of the others, the share told nothing."""
    own = [one for one in given if (one.author, one.language) == (author, language)]
    meant = [told(asked, one, *by) == one.label for one in own if one.label in asked.names]
    others = [not told(asked, one, *by) for one in own if one.label not in asked.names]
    return f"{100 * sum(meant) / max(1, len(meant)):.1f}, {100 * sum(others) / max(1, len(others)):.1f}"


def lines(made: Sequence[tuple[Asked, Worth, list[float]]]) -> Iterator[str]:
    yield HEAD
    yield "[without]"
    for asked, _, without in made:
        yield from (f"{name} = {round(UNIT * value)}"
                    for name, value in zip((*asked.names, asked.none), without, strict=True))
    for asked, worth, _ in made:
        for at, name in enumerate((*asked.names, asked.none)):
            yield f"\n[{name}]"
            by_points: defaultdict[int, list[str]] = defaultdict(list)
            for sign, values in sorted(worth.items()):
                if abs(rounded := round(UNIT * values[at])) >= LEAST:
                    by_points[rounded].append(sign)
            for rounded in sorted(by_points, reverse=True):
                yield f'{rounded} = """\n{_wrapped(by_points[rounded])}\n"""'


def _wrapped(written: Sequence[str]) -> str:
    return textwrap.fill(" ".join(written), 118, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    given = questions()
    if "--write" not in sys.argv:
        for asked in WHAT:
            show(asked, given)
    else:
        made = [(asked, *worked_out(asked, given)) for asked in WHAT]
        (FOLDER / "points.toml").write_text("\n".join(lines(made)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
