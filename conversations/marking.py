"""Marking texts for translation without translating them here."""

from __future__ import annotations

from collections.abc import Mapping


def mark(text: str) -> str:
    """Give the text back unchanged; Babel finds it by the name it is imported under (`_`)."""
    return text


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """Give both forms back; Babel finds them by the name they are imported under (`_n`)."""
    return one, many


def mark_for_desk(text: str) -> str:
    """The same for what counsellors read (`_d`): it has a catalogue of its own."""
    return text


class Phrase(str):
    """A sentence for counsellors, in English, that knows what stands in its places: the console says it in the
    language of whoever reads it. Its text is marked by standing here."""

    text: str
    places: Mapping[str, str]

    def __new__(cls, text: str, **places: object) -> Phrase:
        known = {name: value if isinstance(value, str) else str(value) for name, value in places.items()}
        made = super().__new__(cls, text.format(**known))
        made.text, made.places = text, known
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Elsewhere it is the English sentence: that is what is stored."""
        return str, (str(self),)
