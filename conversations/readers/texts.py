import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from conversations.marking import mark as _
from conversations.readers.base import NotUnderstood, Result, Value

_NO_WORDS = _("Please write it in a few words.")
_SHORTER = _("Please write it shorter, in one or two sentences.")
_TWO_MESSAGES = _("This text is very long. Please send it in two messages.")

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})  # control, zero-width, half characters, private signs
_SPACES = re.compile(r"\s+")
_SPACES_IN_LINE = re.compile(r"[^\S\n]+")
_AROUND_LINE_END = re.compile(r" *\n *")


def visible(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not lines.isprintable():
        lines = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFC", lines)


def one_line(text: str) -> str:
    return _SPACES.sub(" ", visible(text)).strip()


def many_lines(text: str) -> str:
    return _AROUND_LINE_END.sub("\n", _SPACES_IN_LINE.sub(" ", visible(text))).strip()


def has_words(text: str) -> bool:
    return any(c.isalnum() for c in text)


@dataclass(frozen=True, slots=True)
class Text:
    longest: int
    too_long: str
    keeps_lines: bool = False
    kind: ClassVar[str] = "plain"

    def read(self, text: str, today: date) -> Result:
        cleaned = self._clean(text)
        if not has_words(cleaned):
            return NotUnderstood(_NO_WORDS)
        return cleaned if len(cleaned) <= self.longest else NotUnderstood(self.too_long)

    def accepts(self, value: Value) -> bool:
        if not isinstance(value, str) or len(value) > self.longest:
            return False
        return has_words(value) and self._clean(value) == value

    def _clean(self, text: str) -> str:
        return many_lines(text) if self.keeps_lines else one_line(text)


short_text = Text(200, _SHORTER)
long_text = Text(5000, _TWO_MESSAGES, keeps_lines=True)
