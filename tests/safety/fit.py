"""Works out the points of the safety gate from the phrases: `python -m tests.safety.fit`.

It says what phrases of an author that it has not seen would give, with the points worked out from the others. `--write`
instead writes conversations/safety/points_*.toml, worked out from all. It needs scikit-learn, which the bot does not:
`pip install scikit-learn`, in a copy of the environment.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log
from typing import Any, TypeAlias

from conversations.safety.danger import Danger
from conversations.safety.data import HERE, read_data
from conversations.safety.gate import looked_at
from conversations.safety.lexicon import each
from conversations.safety.points import Signs, beginnings
from conversations.safety.reading import pieces, read
from conversations.safety.words import known_words
from tests.safety.corpus import LANGUAGES, TURKISH, asked, rows, sentences, typed

_TO_NINTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
AUTHORS = tuple(f"{number} author" for number in (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth", *(f"twenty-{one}" for one in _TO_NINTH), "thirtieth",
    *(f"thirty-{one}" for one in _TO_NINTH), "fortieth", "forty-first", "forty-second"))
"""The rules were tuned on the phrases of the first: what they find there says little."""
AIMED = "sixth author"
"""Had read what was missed of the two before, and wrote for it: they are measured without these phrases, and these are
not measured."""
READ_BY_AIMED = ("fourth author", "fifth author")
PLAIN = "plain"
"""No author: sentences put together from their parts, and ordinary talk with the bot. Nothing is measured by them."""
SENTENCE = {"danger": 0.4, "quiet": 2.5}
"""How much such a sentence counts: they are many, and alike; but none that is plainly harmless may alarm."""
TALK = 3.0
"""How much a line of ordinary talk with the bot counts: it must never alarm."""
MASKS = (" haha", " 😂", "?", " lol", " hahaha", " 🙂", " ?", " hihi", " xd", " 😅")
"""What people put behind a danger that they are ashamed of. Harmless phrases have more of it, so that it would take
back what is said: of every second phrase that is not harmless there is a copy with one of these."""
LAUGHTER = re.compile(r"a?(?:[hj][aei])+h?|lo+l|xd+|rofl|lmf?ao")
"""No word of its own: that somebody laughs is a concept, and counts once."""
MASKED = 0.5
"""How much such a copy counts."""
PART = 0.3
"""How much a part of a harmless phrase counts: by itself it must come to more points."""
UNIT = 10
"""So many points are a factor of e in the odds."""
LEAST = 2
"""Points below it are left out."""
SEEN = 2
"""In so many phrases a sign must stand."""
EVEN = 0.5
"""How much a sign counts that stands in as many phrases for yes as for no; one that leans to a side counts more."""
SHARE = {"together": 0.5, "beginnings": 0.7}
"""Pairs and beginnings are many: each must prove more than a concept or a word."""
FREEDOM = 3.0
"""How far the points may go to fit these very phrases: more of it finds more of them, and no more of others."""
DISTRESS = 0.5
"""How much a phrase of distress counts where the question is danger: a yes would be no false alarm."""
WRONG = (0.02, 0.03, 0.05, 0.08)
"""The shares of false alarms for which it says how many are found."""


@dataclass(frozen=True, slots=True)
class Phrase:
    author: str
    language: str
    expect: str
    weight: float
    """How much it counts."""
    signs: frozenset[str]
    rule: str
    """What found it, or nothing."""
    is_whole: bool = True
    """What is no whole phrase, or a masked one, is learned from and not measured."""


Scored: TypeAlias = "Sequence[tuple[Phrase, float]]"
"""Phrases with their points."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which phrases are asked it, and for which the answer is yes."""

    name: str
    asked: tuple[str, ...]
    yes: tuple[str, ...]

QUESTIONS = (
    Question("danger", ("T1", "T2", "T1 or T2", "T3", "quiet"), ("T1", "T2", "T1 or T2")),
    Question("now", ("T1", "T2"), ("T1",)),
    Question("distress", ("T3", "quiet"), ("T3",)),
)


def phrases() -> list[Phrase]:
    """Those of the authors, each counting once; some of them again, masked; then plain sentences and ordinary talk."""
    names = {bit: name for name, bit in known_words().concepts.items()}
    found: list[Phrase] = []
    for language in (*LANGUAGES, TURKISH):
        grave = 0
        for row in rows(language):
            author = row.kind if row.kind in AUTHORS else AUTHORS[0]
            found += _phrase(author, language, row.expect, row.text, 1.0, names)
            grave += row.expect != "quiet"
            if row.expect != "quiet" and grave % 2:
                masked = row.text.rstrip(".!? ") + MASKS[grave // 2 % len(MASKS)]
                found += [replace(one, is_whole=False) for one in _phrase(author, language, row.expect, masked, MASKED,
                                                                          names)]
    for language in LANGUAGES:
        for kind, expect in (("danger", "T1 or T2"), ("quiet", "quiet")):
            for text in sentences(language, kind):
                found += _phrase(PLAIN, language, expect, text, SENTENCE[kind], names)
    for text in (*typed(), *asked()):
        found += _phrase(PLAIN, "", "quiet", text, TALK, names)
    return found


def _phrase(
    author: str, language: str, expect: str, text: str, weight: float, names: Mapping[int, str]
) -> Iterator[Phrase]:
    """A phrase as a whole, and where it is harmless the parts of it that the gate looks at by themselves."""
    whole: set[str] = set()
    gravest: Danger | None = None
    for stretch, sighting in looked_at(read(pieces(text, known_words()), known_words())):
        rule = sighting.danger if sighting else None
        told = {f"rules {rule.tier}", f"rules {rule.rule}"} if rule else set()
        found = told.union(_signs(stretch.signs, names))
        if not stretch.apart:
            whole |= found
            gravest = gravest or rule
        elif expect == "quiet":
            yield Phrase(author, language, expect, PART * weight, frozenset(found), rule.rule if rule else "", False)
    yield Phrase(author, language, expect, weight, frozenset(whole), gravest.rule if gravest else "")


def _signs(one: Signs, names: Mapping[int, str]) -> Iterator[str]:
    """Each with its kind before it, as the files of points have it."""
    yield from (f"concepts {names[bit]}" for bits in one.meant for bit in each(bits))
    yield from (f"denied {names[bit]}" for bit in each(one.denied))
    forms = [form for form in one.forms if not LAUGHTER.fullmatch(form)]
    yield from (f"words {form}" for form in forms if form.isalnum() and not form.isdigit())
    yield from (f"beginnings {letters}" for form in forms for letters in beginnings(form)
                if letters.isalnum() and not letters.isdigit())
    for clause in one.clauses:
        for pair in combinations(sorted(names[bit] for bit in each(clause)), 2):
            yield f"together {' '.join(pair)}"


# ---------------------------------------------------------------------- working them out


def worked_out(question: Question, given: Sequence[Phrase]) -> tuple[dict[str, int], float]:
    """The points of each sign, and those that a phrase has without any."""
    try:
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        sys.exit("Working out the points needs scikit-learn, which the bot does not. In a copy of the environment: "
                 "pip install scikit-learn")
    asked = [phrase for phrase in given if phrase.expect in question.asked]
    often = Counter(sign for phrase in asked for sign in phrase.signs)
    weight = {sign: SHARE.get(sign.partition(" ")[0], 1.0) for sign, times in often.items() if times >= SEEN}
    for sign, one_sided in _one_sided(question, asked, weight).items():
        weight[sign] *= EVEN + (1 - EVEN) * one_sided
    columns = DictVectorizer()
    table = columns.fit_transform([{sign: weight[sign] for sign in phrase.signs if sign in weight}
                                   for phrase in asked])
    table.indices, table.indptr = table.indices.astype("int32"), table.indptr.astype("int32")
    fitted = LogisticRegression(C=FREEDOM, solver="liblinear", max_iter=3000)
    fitted.fit(table, [phrase.expect in question.yes for phrase in asked],
               [phrase.weight * (DISTRESS if phrase.expect == "T3" and question.name == "danger" else 1.0)
                for phrase in asked])
    points = {sign: round(UNIT * weight[sign] * float(worth))
              for sign, worth in zip(columns.feature_names_, fitted.coef_[0], strict=True)}
    return ({sign: worth for sign, worth in points.items() if abs(worth) >= LEAST},
            UNIT * float(fitted.intercept_[0]))


def _one_sided(question: Question, asked: Sequence[Phrase], often: Iterable[str]) -> dict[str, float]:
    """Of each sign, how far it leans to yes or to no: the logarithm of how much more often it stands there."""
    yes = Counter(sign for phrase in asked if phrase.expect in question.yes for sign in phrase.signs)
    no = Counter(sign for phrase in asked if phrase.expect not in question.yes for sign in phrase.signs)
    of_yes = sum(phrase.expect in question.yes for phrase in asked)
    of_no = len(asked) - of_yes
    return {sign: abs(log((yes[sign] + 1) / of_yes * of_no / (no[sign] + 1))) for sign in often}


def score(phrase: Phrase, points: Mapping[str, int], without: float) -> float:
    return without + sum(points.get(sign, 0) for sign in phrase.signs)


def unseen(question: Question, given: Sequence[Phrase]) -> dict[str, Scored]:
    """The phrases of each author but the first, with their points as worked out from the other authors."""
    found: dict[str, Scored] = {}
    for author in AUTHORS[1:]:
        if author == AIMED:
            continue
        hidden = {author, AIMED} if author in READ_BY_AIMED else {author}
        points, without = worked_out(question, [phrase for phrase in given if phrase.author not in hidden])
        found[author] = [(phrase, score(phrase, points, without)) for phrase in given
                         if phrase.author == author and phrase.is_whole]
    return found


# ---------------------------------------------------------------------- with what is sure


def is_no(question: Question, phrase: Phrase) -> bool:
    """Whether a yes would be wrong. Distress that is told as danger is no false alarm."""
    return phrase.expect in question.asked and phrase.expect not in question.yes and (
        phrase.expect == "quiet" or "quiet" not in question.asked)


def needed(scored: Scored, question: Question, sure: Mapping[str, int], wrong: float) -> int:
    """The points at which so great a share of those for whom the answer is no are told yes."""
    no = sorted((points + sure.get(phrase.rule, 0) for phrase, points in scored if is_no(question, phrase)),
                reverse=True)
    return int(no[int(wrong * len(no))]) + 1


def told(scored: Scored, sure: Mapping[str, int], least: float) -> float:
    """The share that is told yes."""
    return sum(points + sure.get(phrase.rule, 0) >= least for phrase, points in scored) / max(1, len(scored))


def show(question: Question, scored: Scored, author: str) -> None:
    """What unseen phrases of this author give, for some shares of false alarms."""
    yes = [one for one in scored if one[0].expect in question.yes]
    no = [one for one in scored if is_no(question, one[0])]
    sure = settings(question)["sure"]
    for wrong in (*WRONG, None):
        least = settings(question)["needed"] if wrong is None else needed(scored, question, sure, wrong)
        shares = "  ".join(f"{language} {100 * told(_of(language, yes), sure, least):.1f}, "
                           f"{100 * told(_of(language, no), sure, least):.1f}" for language in LANGUAGES)
        print(f"{question.name}, {author}, {least} points: {100 * told(yes, sure, least):.1f} % told, "
              f"{100 * told(no, sure, least):.1f} % false;  {shares}")


def _of(language: str, scored: Scored) -> Scored:
    return [one for one in scored if one[0].language == language]


# ---------------------------------------------------------------------- writing them


def settings(question: Question) -> dict[str, Any]:
    """What stands in its file and is chosen by hand: `needed` and `sure`."""
    return read_data(f"points_{question.name}")


def write(question: Question, points: Mapping[str, int], without: float) -> None:
    """Its file, with the head that it has and the new numbers. `needed` stands for the phrase with no sign at all."""
    path = HERE / f"points_{question.name}.toml"
    head = path.read_text(encoding="utf-8").partition("\n[rules]\n")[0]
    head = re.sub(r"(?m)^without = .*$", f"without = {round(without)}", head)
    path.write_text("\n".join((head, *_lines(points), "")), encoding="utf-8")


def _lines(points: Mapping[str, int]) -> Iterator[str]:
    parts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for sign, worth in points.items():
        kind, _, name = sign.partition(" ")
        parts[kind][name] = worth
    for kind in ("rules", "concepts", "denied"):
        yield f"[{kind}]"
        yield from (f"{_named(name)} = {worth}"
                    for name, worth in sorted(parts[kind].items(), key=lambda one: (-one[1], one)))
        yield ""
    yield "[together]"
    pairs: defaultdict[str, list[str]] = defaultdict(list)
    for pair, worth in sorted(parts["together"].items()):
        one, other = pair.split()
        pairs[one].append(f"{other} {worth}")
    yield from (f'{one} = """\n{_wrapped(", ".join(others))}\n"""' for one, others in pairs.items())
    for kind in ("words", "beginnings"):
        yield f"\n[{kind}]"
        words: defaultdict[int, list[str]] = defaultdict(list)
        for word, worth in sorted(parts[kind].items()):
            words[worth].append(word)
        for worth in sorted(words, reverse=True):
            yield f'{worth} = """\n{_wrapped(" ".join(words[worth]))}\n"""'


def _named(name: str) -> str:
    """As TOML has it: a rule's name has a point in it."""
    return f'"{name}"' if "." in name else name


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False)


def main() -> None:
    given = phrases()
    for question in QUESTIONS:
        if "--write" in sys.argv:
            write(question, *worked_out(question, given))
            continue
        for author, scored in unseen(question, given).items():
            show(question, scored, author)


if __name__ == "__main__":
    main()
