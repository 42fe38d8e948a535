"""What somebody should look at once more before it goes out. Only signs: who is sure sends it anyway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from bot.channels.base import Limits
from bot.console.labels import CHANNELS, word
from bot.settings import Settings
from conversations.marking import Phrase
from conversations.marking import mark_for_desk as _d
from conversations.register import Register
from storage import around as compared
from storage.around import Around
from storage.store import Store

WORDS = {
    "en": "the and you are is to of we can have with for your that it this not please will from",
    "de": "der die das und ist sie ich wir nicht mit ein eine haben für können den zu auf ihre bitte auch",
    "sq": "dhe është në të për me ju ne një nuk që si mund juaj jeni kemi keni ose nga tuaj",
    "sr": "je da se na za sa vas vam smo ste su ne možete ili vaš kao od kod molim to će",
}
KNOWN = {language: frozenset(words.split()) for language, words in WORDS.items()}
NAMES = {"en": _d("English"), "de": _d("German"), "sq": _d("Albanian"), "sr": _d("Serbian")}
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
FEWEST = 3
"""So many words of a language must stand in a text before we say that it is written in it."""
NUMBER = re.compile(r"\+?\d[\d /().-]{6,}\d")
DATE = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}:\d\d")
"""Digits that are nobody's phone."""
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


async def before(store: Store, settings: Settings, register: Register, limits: Mapping[str, Limits], ticket_id: int,
                 counsellor_id: int, text: str) -> list[str]:
    """What to look at once more before this goes out in this chat."""
    found = await store.read(lambda connection: compared.around(connection, ticket_id, counsellor_id))
    return [] if found is None else look(text, found, lambda said: _is_public(said, settings, register), limits)


def _is_public(said: str, settings: Settings, register: Register) -> bool:
    """A phone or an address of ours, or of a partner."""
    known = [settings.centre_phone, settings.centre_address]
    for one in register.partners.values():
        known += [one.phone or "", one.web or "", one.address or ""]
    digits = _digits(said)
    return any(said in one or (digits and digits in _digits(one)) for one in known)


def look(
    text: str, around: Around, is_public: Callable[[str], bool],
    limits: Mapping[str, Limits] = MappingProxyType({}),
) -> list[str]:
    """Sentences about this text to the person whom `around` tells of; phones and addresses may be public."""
    found = [_language(text, around.language), _names(text, around.own, around.others),
             _contact(text, around.own, is_public), _length(text, around.channel, limits)]
    return [one for one in found if one]


def written_in(text: str) -> str | None:
    """The language of a text, where it can be told."""
    if CYRILLIC.search(text):
        return "sr"
    words = re.findall(r"\w+", text.casefold())
    counts = {language: sum(word in known for word in words) for language, known in KNOWN.items()}
    best, next_best = sorted(counts, key=lambda one: counts[one], reverse=True)[:2]
    return best if counts[best] >= max(FEWEST, 2 * counts[next_best]) else None


def _language(text: str, language: str) -> str:
    found, reads = written_in(text), language.partition("_")[0]
    if found is None or found == reads or reads not in NAMES:
        return ""
    return Phrase("This looks like {found}; the person reads {reads}.", found=Phrase(NAMES[found]),
                  reads=Phrase(NAMES[reads]))


def _names(text: str, own: Iterable[str], others: Iterable[str]) -> str:
    """Names of people whose chats one has beside this one: that is how words come into the wrong chat."""
    mine = {word.casefold() for one in own for word in re.findall(r"\w+", one)}
    said = {word.casefold() for word in re.findall(r"\w+", text)}
    for name in others:
        words = [word.casefold() for word in re.findall(r"\w{3,}", name)]
        if words and words[0] in said and words[0] not in mine:
            return Phrase("{name} stands in it: another person whose chat you have.", name=name)
    return ""


def _contact(text: str, own: Iterable[str], is_public: Callable[[str], bool]) -> str:
    """A phone or an e-mail address that is neither theirs nor public."""
    mine = " ".join(own).casefold()
    numbers = [one.strip() for one in NUMBER.findall(DATE.sub(" ~ ", text)) if len(_digits(one)) >= 8]
    strange = [one for one in numbers if _digits(one)[-8:] not in _digits(mine)]
    strange += [one for one in MAIL.findall(text) if one.casefold() not in mine]
    for one in strange:
        if not is_public(one):
            return Phrase("{what} stands in it, and is neither theirs nor a partner's.", what=one)
    return ""


def _length(text: str, channel: str, limits: Mapping[str, Limits]) -> str:
    """Counted as Telegram does: an emoji is two characters."""
    most, length = limits[channel].text if channel in limits else 0, len(text.encode("utf-16-le")) // 2
    if not most or length <= most:
        return ""
    where = word(CHANNELS, channel)
    return Phrase("This has {length} characters, and a message on {where} takes {most}: it arrives in several pieces.",
                  length=length, where=where, most=most)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
