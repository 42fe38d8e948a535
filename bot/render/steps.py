"""A step of the plan in the person's words: what, who does it, until when, the papers, where to go. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.render.base import PAPERS
from bot.render.suggestions import WHERE
from bot.translate import Translator
from conversations.eligibility import Scheme, schemes
from conversations.marking import mark as _
from conversations.register import Partner, Register

if TYPE_CHECKING:
    from storage.steps import StepView

WHO = {"person": _("You do it."), "counsellor": _("Your counsellor does it."), "centre": _("Our centre does it.")}
UNTIL_DAY = _("Until {date}.")
STATES = {
    "proposed": _("proposed"), "agreed": _("agreed"), "under_way": _("I am on it"), "stuck": _("I am stuck"),
    "done": _("Done"), "dropped": _("Not any more"),
}


@dataclass(frozen=True, slots=True)
class StepWords:
    """Steps for one person."""

    language: str
    translator: Translator
    register: Register

    def what(self, step: StepView) -> str:
        return self.translator.text(self.language, step.what)

    def state(self, step: StepView) -> str:
        return self.translator.text(self.language, STATES.get(step.state, step.state))

    def lines(self, step: StepView) -> Iterator[str]:
        """All that a person needs to know of it."""
        yield self.what(step)
        yield self.translator.text(self.language, WHO.get(step.who, WHO["person"]))
        if step.by is not None:
            yield self.translator.text(self.language, UNTIL_DAY, date=self.translator.day(self.language, step.by))
        if papers := self.papers(step):
            yield self.translator.text(self.language, PAPERS, papers=", ".join(papers))
        if place := self.place(step):
            yield self.translator.text(self.language, WHERE, places=", ".join(place))

    def papers(self, step: StepView) -> list[str]:
        """What a counsellor wrote, one a line; otherwise what the fact or the scheme says that it comes from."""
        if step.papers:
            return [one.strip() for one in step.papers.splitlines() if one.strip()]
        found = self.register.facts.get(step.source or "") or _scheme(step.source)
        papers = self.translator.pick(self.language, found.papers) if found is not None and found.papers else ()
        return [self._in_script(one) for one in papers]

    def place(self, step: StepView) -> list[str]:
        """The office: its name, address and phone, as far as they are known."""
        partner = self._partner(step)
        if partner is None:
            return []
        name = self._in_script(self.translator.pick(self.language, partner.name))
        return [part for part in (name, partner.address, partner.phone) if part]

    def _partner(self, step: StepView) -> Partner | None:
        fact, scheme = self.register.facts.get(step.source or ""), _scheme(step.source)
        slugs = (step.partner, fact.partner if fact else None, *(scheme.where[:1] if scheme else ()))
        return next((known for slug in slugs if (known := self.register.partners.get(slug or ""))), None)

    def _in_script(self, text: str) -> str:
        return self.translator[self.language].in_script(text)


def _scheme(source: str | None) -> Scheme | None:
    return next((one for one in schemes() if one.id == source), None) if source else None
