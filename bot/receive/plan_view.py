"""How a person's plan stands: today, next, done, in words and as a picture, and what waits for their answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.channels.base import Button, OutgoingMedium, OutgoingMessage
from bot.receive import kept, proposals
from bot.receive.visit import Visit
from bot.render import FETCH
from bot.render.sheet import Sheet, medium_of, sheet_of
from bot.render.steps import StepWords
from bot.render.suggestions import BY
from conversations.marking import mark as _
from conversations.plan import PLAN
from storage import plans, steps
from storage.contacts import Known, Person
from storage.steps import StepView

if TYPE_CHECKING:
    from bot.receive.turns import Turns

TODAY, NEXT, DONE = _("Today"), _("Next"), _("Done")
PROGRESS = _("Done: {done} of {all}")
OVERDUE = _("{step} (the day was {date})")
WITH_STATE = _("{step}: {state}")
SHEET = _("Here is your plan to print, or to show at an office.")
IN_WORDS = _("Here is your plan in words. You can copy it, or write it down.")
MOST_OPEN, MOST_DONE, MOST_ASKED = 6, 4, 3
PICTURE = "plan.png"
PLAN_FORM = "plan"


def shown(turns: Turns, visit: Visit, printed: bool) -> Iterator[OutgoingMessage]:
    return _sheet(turns, visit) if printed else messages(turns, visit)


def _sheet(turns: Turns, visit: Visit) -> Iterator[OutgoingMessage]:
    """As a file where the channel carries it, by a link elsewhere, and in words where neither can be."""
    language, text = visit.person.language, turns.translator.text
    made_of = sheet_for(turns, visit.person, steps.all_of(visit.connection, visit.id), visit.channel, visit.today)
    if visit.limits.media:
        yield OutgoingMessage(text(language, SHEET), medium=medium_of(made_of))
    elif turns.settings.public_url:
        link = kept.file_link(visit, PLAN_FORM, turns.settings.public_url)
        yield OutgoingMessage(text(language, SHEET), (Button(text(language, FETCH), link, "link"),))
    else:
        steps_ = ("\n".join([one["what"], *(f"{label}: {value}" for label, value in one["rows"])])
                  for one in made_of["steps"])
        yield OutgoingMessage("\n\n".join([text(language, IN_WORDS), *steps_]))


def sheet_for(
    turns: Turns, person: Person | Known, found: Sequence[StepView], channel: str, today: date
) -> dict[str, Any]:
    """The plan of somebody as a sheet, in their language."""
    settings, words = turns.settings, StepWords(person.language, turns.translator, turns.knowledge.register)
    centre = (settings.centre_name, settings.centre_address, settings.centre_phone)
    about = Sheet(str(person.known.get("name") or ""), today, centre, turns.door(channel))
    return sheet_of(found, words, about)


def messages(turns: Turns, visit: Visit) -> Iterator[OutgoingMessage]:
    """Nothing where there is no plan yet."""
    found = steps.all_of(visit.connection, visit.id)
    words = StepWords(visit.person.language, turns.translator, turns.knowledge.register)
    agreed = [one for one in found if one.state in (*plans.OPEN, "done")]
    if agreed:
        yield _overview(visit, agreed, words)
    for one in [one for one in found if one.asks][:MOST_ASKED]:
        yield proposals.card(turns, visit, one)


def _overview(visit: Visit, agreed: Sequence[StepView], words: StepWords) -> OutgoingMessage:
    progress = _say(words, PROGRESS, done=str(sum(one.state == "done" for one in agreed)), all=str(len(agreed)))
    sections = [(title, mark, _lines(visit, some, words)) for title, mark, some in _sections(visit, agreed) if some]
    parts = [f"{_say(words, PLAN.title)}. {progress}."]
    for title, _mark, lines in sections:
        parts.append("\n".join([f"{_say(words, title)}:", *(f"• {line}" for line in lines)]))
    medium = OutgoingMedium("photo", "image/png", PICTURE, {
        "what": "plan", "title": _say(words, PLAN.title), "progress": progress,
        "done": sum(one.state == "done" for one in agreed), "all": len(agreed),
        "sections": [{"title": _say(words, title), "mark": mark, "lines": lines} for title, mark, lines in sections],
    })
    return OutgoingMessage("\n\n".join(parts), medium=medium if visit.limits.media else None)


def _sections(visit: Visit, agreed: Sequence[StepView]) -> Iterator[tuple[str, str, list[StepView]]]:
    """What is due or begun, what is to come, and what was done last."""
    open_ones = [one for one in agreed if one.state != "done"]
    now = [one for one in open_ones if one.state != "agreed" or (one.by is not None and one.by <= visit.today)]
    yield TODAY, "today", now[:MOST_OPEN]
    yield NEXT, "next", [one for one in open_ones if one not in now][:MOST_OPEN]
    yield DONE, "done", [one for one in agreed if one.state == "done"][-MOST_DONE:]


def _lines(visit: Visit, some: Sequence[StepView], words: StepWords) -> list[str]:
    return [_line(visit, one, words) for one in some]


def _line(visit: Visit, step: StepView, words: StepWords) -> str:
    line = words.what(step)
    if step.state == "done":
        return line
    if step.by is not None:
        text = OVERDUE if step.by < visit.today else BY
        line = _say(words, text, step=line, date=words.translator.day(words.language, step.by))
    return line if step.state == "agreed" else _say(words, WITH_STATE, step=line, state=words.state(step))


def _say(words: StepWords, text: str, **args: Any) -> str:
    return words.translator.text(words.language, text, **args)
