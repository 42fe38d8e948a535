"""Which phone a person in danger may call, as the register holds it today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from babel.dates import get_day_names

from bot.clock import local_date
from bot.hours import OfficeHours, Span
from bot.render import Knowledge, source_note
from bot.translate import Translator
from conversations.marking import mark as _
from conversations.register import Certainty, Line, Partner

OPEN_LINE = _("{name}: {phone}. It is open now, until {time}.")
LINE = _("{name}: {phone}. Open {hours}.")
LINE_WITHOUT_HOURS = _("{name}: {phone}. We do not know its hours. If nobody answers, call 112.")
EVERY_DAY = _("every day {times}")


def phone_lines(
    kind: str, now: datetime, language: str, translator: Translator, knowledge: Knowledge, hours: OfficeHours,
    only_open: bool,
) -> Iterator[str]:
    """What may be told today of the phones for this kind of danger: number, hours, and where we have it from.

    `only_open`: whoever is in danger now is sent to nobody who does not answer now."""
    base, today = language.split("_")[0], local_date(now, hours.zone.key)
    for line in knowledge.register.lines_for(kind):
        fact, partner = knowledge.register.facts.get(line.fact), knowledge.register.partners.get(line.partner)
        certainty = fact.certainty(today, knowledge.show_unverified) if fact is not None else Certainty.UNKNOWN
        if fact is None or partner is None or certainty == Certainty.UNKNOWN:
            continue
        told = _told(line, partner, now, base, translator, hours, only_open)
        if told is not None:
            note = source_note(fact, certainty, base, translator)
            yield translator[language].in_script(f"{told}\n{note}")


def _told(
    line: Line, partner: Partner, now: datetime, language: str, translator: Translator, office: OfficeHours,
    only_open: bool,
) -> str | None:
    hours = OfficeHours.parse(partner.hours, office.zone, holidays=False)
    given = {"name": translator.pick(language, line.name), "phone": partner.phone or ""}
    closes = hours.closes(now)
    if not hours.known:
        return translator.text(language, LINE_WITHOUT_HOURS, **given)
    if closes is not None:
        return translator.text(language, OPEN_LINE, **given, time=closes.strftime("%H:%M"))
    if only_open:
        return None
    return translator.text(language, LINE, **given, hours=week(hours, language, translator))


def week(hours: OfficeHours, language: str, translator: Translator) -> str:
    """Hours as a person reads them: "every day 18:00–22:00", "Monday–Friday 09:00–16:00"."""
    parts = []
    for spans, group in groupby(range(7), key=lambda day: hours.spans[day]):
        days = list(group)
        if not spans:
            continue
        times = ", ".join(_times(span) for span in spans)
        if len(days) == 7:
            return translator.text(language, EVERY_DAY, times=times)
        names = get_day_names("wide", "stand-alone", translator[language].locale)
        parts.append(f"{'–'.join(dict.fromkeys((names[days[0]], names[days[-1]])))} {times}")
    return "; ".join(parts)


def _times(span: Span) -> str:
    return f"{span.opens:%H:%M}–{span.closes:%H:%M}"
