"""The plan to print, as the words of a sheet: for the person, and for the office at which they show it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.channels.base import OutgoingMedium
from bot.render.steps import StepWords
from conversations.marking import mark as _

if TYPE_CHECKING:
    from storage.steps import StepView

KIND = "plan_sheet"
NAME, OF, FROM = _("Name"), _("As of"), _("From")
WHO, UNTIL, PAPERS, PLACE = _("Who does it"), _("Until"), _("Papers to bring"), _("Where")
STATE = _("How it is going")
WHO_DOES = {"person": _("The person on this sheet"), "counsellor": _("Somebody of our team"), "centre": _("Our centre")}
DONE = _("Done")
TITLE = _("My plan")
NO_PROMISE = _("This is a plan, and no promise of an office. Ask before you go.")
BACK = _("Point the camera of a phone at the square: the chat opens.")
FILE = "plan.pdf"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on it beside the steps."""

    name: str
    today: date
    centre: Sequence[str]
    """Name, address and phone, as far as they are known."""
    door: str = ""
    """The address that opens the chat; empty where there is none that can be told."""


def sheet_of(found: Sequence[StepView], words: StepWords, sheet: Sheet) -> dict[str, Any]:
    """What `bot.plan_sheet` makes the page of."""

    def say(text: str) -> str:
        return words.translator.text(words.language, text)

    day = words.translator.day(words.language, sheet.today)
    head = [(say(NAME), sheet.name), (say(OF), day), (say(FROM), "\n".join(one for one in sheet.centre if one))]
    open_ones = [one for one in found if one.state in ("agreed", "under_way", "stuck")]
    return {
        "what": KIND, "language": words.language.replace("_", "-"), "title": say(TITLE), "day": sheet.today.isoformat(),
        "head": [(label, value) for label, value in head if value],
        "steps": [{"what": words.what(one), "rows": list(_rows(one, words))} for one in open_ones],
        "done_title": say(DONE), "done": [words.what(one) for one in found if one.state == "done"],
        "door": sheet.door, "back": say(BACK) if sheet.door else "", "note": say(NO_PROMISE),
    }


def _rows(step: StepView, words: StepWords) -> Iterator[tuple[str, str]]:
    def say(text: str) -> str:
        return words.translator.text(words.language, text)

    if step.by is not None:
        yield say(UNTIL), words.translator.day(words.language, step.by)
    yield say(WHO), say(WHO_DOES.get(step.who, WHO_DOES["person"]))
    if papers := words.papers(step):
        yield say(PAPERS), "\n".join(f"• {one}" for one in papers)
    if place := words.place(step):
        yield say(PLACE), "\n".join(place)
    if step.state != "agreed":
        yield say(STATE), words.state(step)


def medium_of(made_of: dict[str, Any]) -> OutgoingMedium:
    return OutgoingMedium("document", "application/pdf", FILE, made_of)
