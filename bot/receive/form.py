"""A form in the middle of a talk: the bot asks for a counsellor what is still missing, and the talk goes on.

While it is open the person's words and taps answer its questions. It ends with its last question, when they ask for
their counsellor or for anything else than the form, when the counsellor takes it back, and at any sign of danger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.receive.visit import Visit
from bot.routing import ALWAYS, Alarm, Answer, Command, Route
from conversations import INTAKE_NAME as INTAKE
from conversations.events import FromPerson
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage.desk import DeskError

if TYPE_CHECKING:
    from bot.receive.turns import Turns

ASKS = _("Your counsellor would like to know a few things. The program asks you here. You can skip any question, and "
         "go back to your counsellor at any time.")
DONE = _("Thank you. Your counsellor reads your answers and goes on here.")
BACK = _("You are with your counsellor again. The questions can wait.")
NOT_AGREED = _d("They have not agreed that we keep their answers, so these questions are not asked.")
NOTHING = _d("The intake is complete: nothing is missing.")
OPEN_ALREADY = _d("They are being asked already.")
NOT_OPEN = _d("They are not being asked any more.")


def is_open(visit: Visit) -> bool:
    return visit.ticket is not None and any(run.id == visit.ticket.form for run in visit.runs)


def ask(turns: Turns, visit: Visit) -> None:
    """The bot asks what the intake does not know yet. Raises DeskError where there is nothing to ask."""
    assert visit.ticket is not None
    if visit.person.consents.get("keep") is not True:
        raise DeskError(NOT_AGREED)
    if is_open(visit):
        raise DeskError(OPEN_ALREADY)
    turns.say(visit, ASKS)
    turns.open(visit, INTAKE)
    run = visit.current
    if run is None or run.conversation != INTAKE or run.awaiting is None:
        raise DeskError(NOTHING)
    _note(visit, run.id)
    turns.speak(visit, unasked=True)


def take_back(turns: Turns, visit: Visit) -> None:
    """The counsellor goes on themselves."""
    if not is_open(visit):
        raise DeskError(NOT_OPEN)
    leave(turns, visit)
    turns.speak(visit, unasked=True)


def leave(turns: Turns, visit: Visit) -> None:
    """Back to the counsellor; what is not answered stays where it is."""
    turns.say(visit, BACK)
    _note(visit, None)


def take(turns: Turns, visit: Visit, event: FromPerson, route: Route) -> None:
    """One event of a person who is asked for their counsellor."""
    ticket = visit.ticket
    assert ticket is not None
    match route:
        case Answer(run=run) if run is None or run == ticket.form:
            turns.follow(visit, event, route)
        case Command(name="human"):
            leave(turns, visit)
        case Answer() | Command() if not (isinstance(route, Command) and route.name in ALWAYS):
            leave(turns, visit)
            turns.to_counsellor(visit)
        case Alarm():
            _note(visit, None)
            turns.follow(visit, event, route)
        case _:
            turns.follow(visit, event, route)
    if visit.ticket is not None and visit.ticket.form is not None and not is_open(visit):
        turns.say(visit, DONE)
        turns.to_counsellor(visit)
        _note(visit, None)


def _note(visit: Visit, run_id: int | None) -> None:
    assert visit.ticket is not None
    visit.ticket.form, visit.ticket.changed = run_id, True
    visit.news |= {"queue", f"contact:{visit.id}"}
