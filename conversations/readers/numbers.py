import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import ClassVar

from conversations.marking import mark as _
from conversations.readers.base import LONGEST_ANSWER, NotUnderstood, Result, Value, whole_number
from conversations.readers.fold import fold, words

_ONE_NUMBER = _("Please write one number from {low} to {high}.")

# 0 to 20 in Albanian (with Gheg), Serbian, German, English, Turkish, as fold() leaves them; only words that are safe
# as numbers in all of them: not Turkish bir (Albanian: son), dört (German: there), on.
_WORDS = (
    "zero zeru nula nulla null none asnje asnji nijedno nijedan nijedna nijednu keine keiner keins sifir hicbiri",
    "nje nji ni njo jedan jedna jedno jednu jednog jednom jednoj ein eine einen einem einer eins one",
    "dy dyja dva dve dvije dvoje dvi zwei zwo zvei zwai zvaj two iki",
    "tre tri treja troje trojica drei drai draj three uc",
    "kater katr kat katra cetiri cetri cetvoro vier fier fir four",
    "pese pes pet petoro funf fuenf finf five bes",
    "gjashte gjasht gjash sest shest sestoro sechs seks zeks six alti",
    "shtate shtat sedam sedmoro sieben siben ziben seven yedi",
    "tete tet osam osmoro acht aht eight sekiz",
    "nente nent nand nande nanda devet neun noin nojn nine dokuz",
    "dhjete dhjet dhet deset zehn zen ten",
    "njembedhjete njembdhjete njimdhet nimdhet nimdhjete jedanaest elf eleven",
    "dymbedhjete dymbdhjete dymdhet dymdhjete dvanaest zwolf zwoelf twelve",
    "trembedhjete trembdhjete trimdhet tremdhet trinaest dreizehn thirteen",
    "katermbedhjete katermdhet katermdhjete cetrnaest vierzehn fourteen",
    "pesembedhjete pesmbedhjete pesmdhet petnaest funfzehn fuenfzehn fifteen",
    "gjashtembedhjete gjashtmdhet sesnaest shesnaest sechzehn sixteen",
    "shtatembedhjete shtatmdhet sedamnaest siebzehn seventeen",
    "tetembedhjete tetmdhet osamnaest achtzehn eighteen",
    "nentembedhjete nantmdhet nandmdhet devetnaest neunzehn nineteen",
    "njezet njizet nizet njeset dvadeset dvaest zwanzig zvancig twenty yirmi",
)
_NOT_EXACTLY = words(
    "not nuk jo ne nicht nein no nie than over under als uber ueber unter preko vise manje mbi nen"
)
_GROUPED = re.compile(r"(?<!\d)(\d{1,3})[.,' ](\d{3})(?:[.,' ](\d{3}))?(?!\d)")
_BELOW_ZERO = re.compile(r"(?<![\w.)])\s*[-−–]\d|[Mm]inus\s*\d")
_PIECES = re.compile(r"[0-9]+|[^\W\d_]+")


@cache
def number_words() -> dict[str, int]:
    return {word: number for number, words in enumerate(_WORDS) for word in words.split()}


def pieces(text: str) -> list[str]:
    """Numbers and words, folded; "3kids" is two pieces."""
    return _PIECES.findall(fold(text))


def _numbers(typed: list[str]) -> Iterator[int]:
    for before, word in zip(["", *typed], typed, strict=False):
        number = int(word) if "0" <= word[0] <= "9" else number_words().get(word)
        if number is not None:
            yield -1 if before in _NOT_EXACTLY else number


def whole(text: str) -> int | None:
    """The one number in a text; nothing when there are none or two, or when it says "over 5" or "5-6"."""
    if len(text) > LONGEST_ANSWER:
        return None
    plain = unicodedata.normalize("NFKC", text)
    if _BELOW_ZERO.search(plain):
        return None
    found = list(_numbers(pieces(_GROUPED.sub(r"\1\2\3", plain))))
    return found[0] if len(found) == 1 and found[0] >= 0 else None


@dataclass(frozen=True, slots=True)
class Number:
    low: int
    high: int
    kind: ClassVar[str] = "number"

    def read(self, text: str, today: date) -> Result:
        number = whole(text)
        if number is None or not self.low <= number <= self.high:
            return NotUnderstood(_ONE_NUMBER, {"low": self.low, "high": self.high})
        return number

    def accepts(self, value: Value) -> bool:
        return whole_number(value, self.low, self.high)


number = Number
