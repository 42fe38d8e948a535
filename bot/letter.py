"""The letter to a partner: what the person has agreed to, in the partner's official language and in the person's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot import letters
from bot.clock import local_date
from bot.paper import Paper
from bot.settings import Settings
from bot.translate import Translator
from conversations.marking import mark as _
from conversations.register import Partner
from storage.referrals import ReferralState

TITLE = _("Referral")
TO, FROM, DATE = _("To"), _("From"), _("Date")
AGREED = _("This person agreed on {date} that we send you what stands here, and nothing else.")
PLEASE = _("Please tell us when this has arrived, and what comes of it.")
ALONE = _("What stands here is for you alone. Please pass it on to nobody, and destroy it when it is done.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, before it is written."""

    referral: ReferralState
    partner: Partner
    person_language: str
    agreed_at: datetime
    counsellor: str

    def languages(self, official: str) -> list[str]:
        """The partner's first; the person's where it is another one."""
        return list({one.split("_")[0]: one for one in (self.person_language, official)}.values())[::-1]


def as_pdf(letter: Letter, official: str, translator: Translator, settings: Settings, now: datetime) -> bytes:
    """Each language on a page of its own."""
    paper = Paper(f"{TITLE} {letter.referral.id}", official, now)
    for language in letter.languages(official):
        paper.new_page()
        _write(paper, letter, language, is_official=language == official, translator=translator, settings=settings,
               now=now)
    return paper.content()


def _write(
    paper: Paper, letter: Letter, language: str, is_official: bool, translator: Translator, settings: Settings,
    now: datetime,
) -> None:
    def say(text: str, **args: str) -> str:
        return translator.text(language, text, **args)

    def day(at: datetime) -> str:
        return translator.day(language, local_date(at, settings.time_zone))

    centre = (settings.centre_name, settings.centre_address, settings.centre_phone, letter.counsellor)
    addressee = [translator[language].in_script(one) for one in letters.addressee(letter.partner, language, translator)]
    paper.heading(say(TITLE))
    paper.pairs([
        (say(TO), "\n".join(addressee)),
        (say(FROM), "\n".join(one for one in centre if one)),
        (say(DATE), day(now)),
    ])
    paper.text(say(AGREED, date=day(letter.agreed_at)))
    paper.pairs((say(one.label), translator.show(language, one.value))
                for one in letters.lines(letter.referral.sends, is_official))
    paper.text(say(PLEASE))
    paper.note(say(ALONE))
