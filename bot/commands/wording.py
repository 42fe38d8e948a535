"""Every text that somebody reads, in every language, beside the English one: what the termbase is held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import tomli

from bot.settings import LOCALES
from bot.translate import Language, Translator
from conversations.checks import Fault, Said, Termbase, check_plurals, check_wording, read_termbase
from conversations.checks.wording import Kind
from conversations.eligibility import Scheme
from conversations.register import Register


def wording_faults(
    translator: Translator, register: Register, schemes: Iterable[Scheme], extracted: Iterable[str],
    folder: Path = LOCALES,
) -> Iterator[Fault]:
    termbase: Termbase = read_termbase(tomli.loads((folder / "terms.toml").read_text(encoding="utf-8")))
    languages = [one for one in translator.languages.values() if not one.cyrillic]
    for language in languages:
        yield from check_wording(texts_in(language, register, schemes, extracted), termbase)
        plurals = {english: forms for english, forms in language.texts.items() if len(forms) > 1}
        yield from check_plurals(language.code, plurals, len(language.plural_kinds))


def texts_in(
    language: Language, register: Register, schemes: Iterable[Scheme], extracted: Iterable[str],
) -> Iterator[Said]:
    yield from _catalogue(language, extracted)
    yield from _register(language.code, register)
    yield from _schemes(language.code, schemes)


def _catalogue(language: Language, extracted: Iterable[str]) -> Iterator[Said]:
    for english in sorted(extracted):
        forms = (english,) if language.code == "en" else language.texts.get(english, ())
        for text in forms:
            yield Said("catalogue", language.code, english, text)


def _register(code: str, register: Register) -> Iterator[Said]:
    for fact in register.facts.values():
        yield from _each(fact.id, code, "said", fact.question, fact.answer)
        yield from _lists(fact.id, code, fact.papers)
    for partner in register.partners.values():
        yield from _each(partner.slug, code, "list", partner.name, partner.what, partner.for_whom)
        yield from _lists(partner.slug, code, partner.papers)
    for line in register.lines:
        yield from _each(line.partner, code, "list", line.name)


def _schemes(code: str, schemes: Iterable[Scheme]) -> Iterator[Said]:
    for scheme in schemes:
        yield from _each(scheme.id, code, "list", scheme.name)
        yield from _lists(scheme.id, code, scheme.may_ask_for, scheme.papers)


def _each(where: str, code: str, kind: Kind, *wordings: Mapping[str, str]) -> Iterator[Said]:
    for wording in wordings:
        if code in wording:
            yield Said(where, code, wording["en"], wording[code], kind)


def _lists(where: str, code: str, *wordings: Mapping[str, Sequence[str]]) -> Iterator[Said]:
    """Lists have as many entries in each language."""
    for wording in wordings:
        for english, text in zip(wording.get("en", ()), wording.get(code, ()), strict=False):
            yield Said(where, code, english, text, "list")
