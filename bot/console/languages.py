"""What is said in another language than somebody has chosen, because nobody has translated it yet: for coordinators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from bot.console.auth import Auth, Me
from bot.translate import Language, Translator
from conversations.register import Fact, Partner, Register, seed
from storage import facts


@dataclass(frozen=True, slots=True)
class Lacks:
    """Of one language that people may choose."""

    language: Language
    texts: tuple[str, ...]
    """Of the bot's own, in English."""
    facts: tuple[Fact, ...]
    partners: tuple[Partner, ...]

    @property
    def nothing(self) -> bool:
        return not (self.texts or self.facts or self.partners)


class Languages:
    def __init__(self, auth: Auth) -> None:
        self.auth = auth

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/facts/languages", self.page, methods=["GET"])

    async def page(self, me: Me) -> Response:
        parts = self.auth.parts
        await self.auth.note(me, "see_facts")
        register = await parts.store.read(lambda connection: facts.load(connection, seed()))
        return self.auth.look.page("languages_page.html", me=me, found=list(lacking(parts.translator, register)))


def lacking(translator: Translator, register: Register) -> Iterator[Lacks]:
    """A language whose letters are derived from another's lacks what that one lacks."""
    for language in translator.languages.values():
        if not language.cyrillic:
            code = language.folder.name
            yield Lacks(
                language, tuple(sorted(translator.untranslated(language.code))),
                tuple(one for one in register.facts.values() if _lacks(code, one.question, one.answer)),
                tuple(one for one in register.partners.values() if _lacks(code, one.name, one.what)))


def _lacks(code: str, *wordings: Mapping[str, str]) -> bool:
    return any(one and not one.get(code) for one in wordings)
