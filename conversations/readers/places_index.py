"""Names -> codes: exactly, by its beginning, inside a sentence, or with one wrong letter."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conversations.readers.base import LONGEST_ANSWER, MOST_OFFERED, Several
from conversations.readers.fold import fold, squeeze, words

Codes = tuple[str, ...]

_FUZZY_FROM = 6
_IN_SENTENCE_FROM = 4
_SURE_BEGINNING = 5  # fewer letters are asked back: "kam" is Kamenicë, or "I have"
_LONGEST_NAME = 5  # words
_BEFORE = words(
    "der die das den dem ne n nga prej te tek afer in aus bei nach from near at the u iz kod blizu na "
    "komuna komunen e i opstina opstini opstinu municipality of gemeinde qytet qyteti grad gradu stadt "
    "city jam jom un une ja sam ich bin wohne am live jetoj zivim my town is"
)
_AFTER = words("kosove kosova kosovo kosoves bitte please molim faleminderit")
_ENDINGS = {
    "sq": (
        ("i", ("ia", "ine", "in", "ise", "is")),
        ("e", ("a", "en", "es", "ene")),
        ("", ("i", "u", "it", "in", "un")),
    ),
    "sr": (
        ("ska", ("sku", "skoj", "ske")),
        ("cka", ("cku", "ckoj", "cke")),
        ("ija", ("iju", "iji", "ije")),
        ("a", ("u", "i", "e")),
        ("", ("u", "a", "om")),
    ),
}


def spellings(name: str) -> set[str]:
    """ "Đ" typed as dj or d, "ä ö ü" also as ae oe ue, without spaces."""
    spelled = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {squeeze(name), squeeze(spelled), squeeze(name.casefold().replace("đ", "d"))}


def cases(name: str, language: str) -> Iterator[str]:
    """ "Gjermani" also as Gjermania, Gjermanisë; "Nemačka" also as Nemačku, Nemačkoj."""
    plain = fold(name)
    for ending, others in _ENDINGS.get(language, ()):
        if plain.endswith(ending):
            yield from (plain.removesuffix(ending) + other for other in others)
            return


@dataclass(frozen=True, slots=True)
class Index:
    sure: Mapping[str, Codes]
    asked: Mapping[str, Codes] = field(default_factory=dict)  # a region, a city: never taken without asking
    too_wide: frozenset[str] = frozenset()
    prefix_from: int = 3

    def codes(self, key: str) -> Codes:
        return self.sure.get(key) or self.asked.get(key, ())


def gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, Codes]:
    found: dict[str, list[str]] = {}
    for key, code in pairs:
        if key and code not in found.setdefault(key, []):
            found[key].append(code)
    return {key: tuple(codes) for key, codes in found.items()}


def several(codes: Iterable[str]) -> Several | None:
    distinct = tuple(dict.fromkeys(codes))
    return Several(distinct) if 0 < len(distinct) <= MOST_OFFERED else None


def one_or_several(codes: Iterable[str]) -> str | Several | None:
    distinct = tuple(dict.fromkeys(codes))
    return distinct[0] if len(distinct) == 1 else several(distinct)


def _exact(key: str, index: Index) -> str | Several | None:
    return several(index.asked[key]) if key in index.asked else one_or_several(index.sure.get(key, ()))


def _beginning(key: str, index: Index) -> str | Several | None:
    if len(key) < index.prefix_from:
        return None
    sure = [code for name, codes in index.sure.items() if name.startswith(key) for code in codes]
    asked = [code for name, codes in index.asked.items() if name.startswith(key) for code in codes]
    return several([*sure, *asked]) if asked or len(key) < _SURE_BEGINNING else one_or_several(sure)


def _with_ending(key: str, index: Index) -> Several | None:
    """ "Gjilanit", "Prizrenu" """
    shorter = (key[:-cut] for cut in (1, 2) if len(key) - cut >= _IN_SENTENCE_FROM)
    return next((found for found in (several(index.codes(stem)) for stem in shorter) if found), None)


def _one_wrong_letter(key: str, index: Index) -> Several | None:
    from rapidfuzz.distance import OSA  # 3 MB: only where somebody made a slip
    from rapidfuzz.process import extract

    if len(key) < _FUZZY_FROM:
        return None
    names = [*index.sure, *index.asked]
    near = extract(key, names, scorer=OSA.distance, score_cutoff=1, limit=20)
    return several(code for name, *_rest in near if len(name) >= _FUZZY_FROM for code in index.codes(name))


def _in_sentence(text: str, index: Index) -> Several | None:
    typed, found, at = text.split(), list[str](), 0
    while at < len(typed):
        for size in range(_LONGEST_NAME, 0, -1):
            key = "".join(typed[at:at + size])
            if len(key) >= _IN_SENTENCE_FROM and index.codes(key):
                found.extend(index.codes(key))
                at += size - 1
                break
        at += 1
    return several(found)


def _bare(typed: list[str]) -> str:
    """Without "in", "nga", "opština" before and "Kosovo" after the name."""
    start = next((at for at, word in enumerate(typed) if word not in _BEFORE), len(typed))
    end = len(typed) - (len(typed) - start > 1 and typed[-1] in _AFTER)
    return "".join(typed[start:end])


def find(text: str, index: Index) -> str | Several | None:
    """The code that is meant; Several when it should be asked back; None when nothing is near."""
    folded = fold(text) if len(text) <= LONGEST_ANSWER else ""
    bare = _bare(folded.split())
    exactly = _exact(squeeze(folded), index)
    if exactly or not bare or bare in index.too_wide:
        return exactly
    glued = _exact(bare[1:], index) if bare[0] == "n" else None  # Albanian n'Gjermani
    for way in (_exact, _beginning, _with_ending):
        found = way(bare, index)
        if found:
            return found
    return glued or _in_sentence(folded, index) or _one_wrong_letter(bare, index)
