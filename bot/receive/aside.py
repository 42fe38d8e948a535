"""A second chance for what was set aside: the mistake is mended, and the event is handled as if it came now.

Its message is stored already, and nobody may be asked or told the wrong thing because of an old word: so what the
person did since then comes first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Connection

from bot.receive import discreet
from bot.receive.inbox import Receive
from bot.receive.set_aside import open_to
from bot.receive.visit import Visit
from bot.routing import Alarm, Answer, Distress, Gone, Route, ToCounsellor, decide
from conversations.events import FromPerson
from conversations.marking import mark_for_desk as _d
from storage import aside, audit, contacts, desk
from storage.aside import Aside
from storage.desk import DeskError
from storage.news import tell

KINDS: Mapping[str, type[Any]] = {one.__name__: one for one in get_args(FromPerson)}
DONE = _d("This was handled already, or somebody marked it as done.")
GONE = _d("This is not there any more: it was handled, or the person deleted everything.")
SWITCHED_OFF = _d("The channel that this came by is switched off. Nothing was tried.")
BLOCKED = _d("This person cannot be reached: they blocked the bot or left. Nothing was tried.")
SAID_STOP = _d("This person has said since then that we should not write. Nothing was tried.")
WENT_ON = _d("The person has gone on since then, and it would answer another question now. Nothing was tried: read it, "
           "help if it is needed, then mark it as done.")
FAILED_AGAIN = _d("It failed again. Nothing is lost. Please tell whoever looks after the program.")


def retry(receive: Receive, connection: Connection, task_id: int, counsellor_id: int) -> None:
    """Handle it in this transaction. Raises DeskError where that would not help, and whatever fails."""
    one = _locked(connection, task_id)
    if one is None:
        raise DeskError(GONE)
    if one.is_done or one.kept is None:
        raise DeskError(DONE)
    event = _as_it_came(one.kept)
    visit = _visit(receive, connection, one, event)
    route = decide(event, visit.ticket is not None)
    _refuse(visit, one, one.kept, event, route)
    visit.cause = one.message_id
    receive.turns.take(visit, event, route, unasked=True)
    receive.save(connection, [visit], visit.now)
    aside.keep(connection, one.message_id, None)
    desk.finish_task(connection, task_id, counsellor_id, visit.now)
    _note(connection, one, counsellor_id, visit.now, handled=True)


def failed_again(connection: Connection, task_id: int, counsellor_id: int, now: datetime) -> None:
    """The task stays, and says how often it was tried."""
    one = _locked(connection, task_id)
    if one is not None and one.kept is not None:
        aside.keep(connection, one.message_id, {**one.kept, "tries": one.kept["tries"] + 1})
        _note(connection, one, counsellor_id, now, handled=False)


def _note(connection: Connection, one: Aside, counsellor_id: int, now: datetime, handled: bool) -> None:
    audit.note(connection, counsellor_id, "retry", one.contact_id, now, task=one.task_id, message=one.message_id,
               handled=handled)
    tell(connection, ["queue", f"contact:{one.contact_id}"])


def _locked(connection: Connection, task_id: int) -> Aside | None:
    """What is to be tried again: looked at once nobody else can change anything of this person."""
    one = aside.load(connection, task_id)
    if one is None:
        return None
    contacts.reachable(connection, [one.contact_id])
    return aside.load(connection, task_id)


def _as_it_came(kept: Mapping[str, Any]) -> FromPerson:
    values = kept["event"]
    event: FromPerson = KINDS[kept["type"]](**{**values, "at": datetime.fromisoformat(values["at"])})
    return event


def _visit(receive: Receive, connection: Connection, one: Aside, event: FromPerson) -> Visit:
    """The person, where they wrote it."""
    if event.channel not in receive.turns.limits:
        raise DeskError(SWITCHED_OFF)
    found = contacts.find(connection, event.channel, [event.address]).get(event.address)
    if found is None or found.person.id != one.contact_id:
        raise DeskError(GONE)
    [visit] = receive.load(connection, [found], receive.clock.now()).values()
    return visit


def _refuse(visit: Visit, one: Aside, kept: Mapping[str, Any], event: FromPerson, route: Route) -> None:
    """What the person did since then comes first; only a sign of danger is never too late."""
    if _since(aside.blocked_at(visit.connection, event.channel, event.address), one):
        raise DeskError(BLOCKED)
    if _since(visit.person.stopped_at, one) and not isinstance(route, Alarm | ToCounsellor):
        raise DeskError(SAID_STOP)
    if not discreet.may_write(visit):
        raise DeskError(discreet.not_safe_now(visit))
    if isinstance(route, Gone) and aside.wrote_later(visit.connection, visit.id, one.message_id):
        raise DeskError(WENT_ON)
    if isinstance(route.then if isinstance(route, Distress) else route, Answer) and open_to(visit) != kept["open"]:
        raise DeskError(WENT_ON)


def _since(at: datetime | None, one: Aside) -> bool:
    return at is not None and at >= one.at
