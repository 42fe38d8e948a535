"""What a person may ask for, as cards: what, why for them, where, until when, papers, source. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.channels.base import OutgoingMessage
from bot.render.base import PAPERS, Knowledge, Reader, base_of, line_of, source_name
from bot.translate import Translator
from conversations.eligibility import Scheme
from conversations.engine import Suggestion, Suggestions
from conversations.marking import mark as _
from conversations.register import Certainty, Partner

SUGGESTED = _("You may ask for this. We cannot promise it; the office decides. "
              "Our team has not confirmed it yet. A counsellor can check it with you.")
SUGGESTED_VERIFIED = _("You may ask for this. We cannot promise it; the office decides.")
PERHAPS = _("Perhaps you may ask for this. Our team has not confirmed it yet. A counsellor can check it with you.")
OPEN = _("Here we need to know more first. A counsellor can look at it with you:")
PROBABLY_NOT = _("Probably not for you, because of what you answered. The office decides; you can always ask:")
UNSAID = _("Someone from our team must confirm this first, then writes to you here: {names}")
NOTHING_SUGGESTED = _("From your answers we cannot say yet what you may ask for. A counsellor can look at it with you.")
BECAUSE = _("Because you said: {answers}.")
FOR_EVERYBODY = _("For everybody.")
MISSING = _("Not known yet: {labels}.")
COUNSELLOR_CHECKS = _("A counsellor checks it.")
ALSO = _("Also: {names}.")
AND_MORE = _("and more")
WHERE = _("Where: {places}")
UNTIL = _("Best before: {date}")
LATE = _("The usual time has passed. Ask anyway.")
SOURCE_OF_SCHEME = _("Source: {source}, {date}. Looked up on {checked}.")
SOURCE_OF_SCHEME_UNDATED = _("Source: {source}, without a date. Looked up on {checked}.")
PLANNED = _("This is in your plan now: {steps}.")
BY = _("{step} by {date}")
MOST_ITEMS = 4


def suggestions(
    item: Suggestions, reader: Reader, translator: Translator, knowledge: Knowledge
) -> Iterator[OutgoingMessage]:
    words = _Words(reader, translator, knowledge)
    sure = [one for one in item.told if one.verdict.may_ask is True]
    open_ones = [one for one in item.told if one.verdict.may_ask is None]
    if item.shows == "card":
        yield from words.alone(item.told)
        return
    if item.shows == "unlikely":
        yield from words.listed(PROBABLY_NOT, [one for one in item.told if one.verdict.may_ask is False])
        return
    parts: list[OutgoingMessage] = []
    if not sure and not open_ones and not item.unsaid:
        parts.append(OutgoingMessage(words.text(NOTHING_SUGGESTED)))
    if item.shows == "names":
        parts += [*words.named(SUGGESTED, sure), *words.named(OPEN, open_ones)]
    else:
        parts += [*words.cards(SUGGESTED, sure, item.most), *words.cards(PERHAPS, open_ones, item.most)]
    if item.unsaid:
        names = "; ".join(words.name(one) for one in item.unsaid)
        parts.append(OutgoingMessage(words.text(UNSAID, names=names)))
    if item.dates:
        steps = (words.text(BY, step=words.text(one.what), date=translator.day(words.base, one.day))
                 for one in item.dates)
        parts.append(OutgoingMessage(words.text(PLANNED, steps="; ".join(steps))))
    yield from parts


class _Words:
    """The texts of cards in one person's language."""

    def __init__(self, reader: Reader, translator: Translator, knowledge: Knowledge) -> None:
        self.reader, self.translator, self.register = reader, translator, knowledge.register
        self.base = base_of(reader.language)

    def text(self, text: str, **args: str) -> str:
        return self.in_script(self.translator.text(self.base, text, **args))

    def in_script(self, text: str) -> str:
        return self.translator[self.reader.language].in_script(text)

    def name(self, scheme: Scheme) -> str:
        return self.in_script(self.translator.pick(self.base, scheme.name))

    def cards(self, title: str, found: list[Suggestion], most: int) -> Iterator[OutgoingMessage]:
        if not found:
            return
        yield OutgoingMessage(self.text(self._titled(title, found)))
        for one in found[:most]:
            yield OutgoingMessage("\n".join(self._card(one)), style="fact")
        if rest := found[most:]:
            names = "; ".join(self.name(one.verdict.scheme) for one in rest)
            yield OutgoingMessage(self.text(ALSO, names=names))

    def named(self, title: str, found: list[Suggestion]) -> Iterator[OutgoingMessage]:
        """Only what each is called, and until when; one tap tells more."""
        if found:
            lines = (f"• {'. '.join([self.name(one.verdict.scheme), *self._until(one)])}" for one in found)
            yield OutgoingMessage("\n".join([self.text(self._titled(title, found)), *lines]))

    def alone(self, found: Sequence[Suggestion]) -> Iterator[OutgoingMessage]:
        yield from (OutgoingMessage("\n".join(self._card(one)), style="fact") for one in found)

    def _titled(self, title: str, found: Sequence[Suggestion]) -> str:
        confirmed = all(one.certainty == Certainty.STATED for one in found)
        return SUGGESTED_VERIFIED if confirmed and title == SUGGESTED else title

    def listed(self, title: str, found: list[Suggestion]) -> Iterator[OutgoingMessage]:
        """Several in one message, each with why and its source."""
        if found:
            lines = [f"• {self.name(one.verdict.scheme)}. {self._why(one)} {self._source(one.verdict.scheme)}"
                     for one in found]
            yield OutgoingMessage("\n\n".join([self.text(title), *lines]), style="fact")

    def _card(self, one: Suggestion) -> Iterator[str]:
        scheme = one.verdict.scheme
        items = self.translator.pick(self.base, scheme.may_ask_for)
        more = [self.text(AND_MORE)] if len(items) > MOST_ITEMS else []
        yield self.name(scheme)
        yield ""
        yield self.in_script(", ".join([*items[:MOST_ITEMS], *more]))
        yield self._why(one)
        partners = [self.register.partners[slug] for slug in scheme.where if slug in self.register.partners]
        if partners:
            yield self.text(WHERE, places="; ".join(self._place(one) for one in partners))
        yield from self._until(one)
        if scheme.papers and (papers := self.translator.pick(self.base, scheme.papers)):
            yield self.text(PAPERS, papers=", ".join(papers))
        yield self._source(scheme)

    def _place(self, partner: Partner) -> str:
        name: str = self.translator.pick(self.base, partner.name)
        return ", ".join(part for part in (name, partner.address, partner.phone) if part)

    def _until(self, one: Suggestion) -> Iterator[str]:
        if one.verdict.until is not None:
            past = one.verdict.until < self.reader.today
            day = self.translator.day(self.base, one.verdict.until)
            yield self.text(LATE) if past else self.text(UNTIL, date=day)

    def _why(self, one: Suggestion) -> str:
        parts = []
        if one.because and one.verdict.may_ask is not None:
            answers = "; ".join(line_of(line, self.base, self.translator) for line in one.because)
            parts.append(self.text(BECAUSE, answers=answers))
        elif one.verdict.may_ask is True:
            parts.append(self.text(FOR_EVERYBODY))
        if one.verdict.may_ask is None:
            parts.append(self.text(MISSING, labels=", ".join(self.text(label) for label in one.missing))
                         if one.missing else self.text(COUNSELLOR_CHECKS))
        return " ".join(parts)

    def _source(self, scheme: Scheme) -> str:
        dated = scheme.seen[:4].isdigit()
        return self.text(
            SOURCE_OF_SCHEME if dated else SOURCE_OF_SCHEME_UNDATED, source=source_name(scheme.source),
            date=self.translator.partial_date(self.base, scheme.seen) if dated else "",
            checked=self.translator.day(self.base, scheme.checked),
        )
