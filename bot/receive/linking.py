"""One person in several apps: a code of one chat, written in the other, makes both one talk.

Two chats are joined after everything that came in with the code is stored: from then on they are one person, with one
place in every conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.receive import texts
from bot.receive.visit import Visit
from conversations import JOIN_NAME as JOIN
from conversations.apps import CODE
from storage import contacts, linking, merging, messages, one_phone
from storage.desk import DeskError

if TYPE_CHECKING:
    from bot.receive.inbox import Receive
    from bot.receive.turns import Turns

_CODE = re.compile(r"\s*(\d{4})[ -]?(\d{4})\s*")


def code(visit: Visit) -> str:
    """A new one, as it is shown."""
    new = linking.new_code(visit.connection, visit.id, visit.now)
    return f"{new[:4]} {new[4:]}"


def other_apps(visit: Visit, titles: Mapping[str, str]) -> str:
    """The names of the other channels, joined by commas; empty where there is none."""
    found = linking.addresses(visit.connection, visit.id)
    others = [one.channel for one in found if (one.channel, one.address) != (visit.channel, visit.address)]
    others += one_phone.places(visit.connection, visit.id, (visit.channel, visit.address))
    return ", ".join(dict.fromkeys(titles.get(one, one) for one in others))


def is_code(turns: Turns, visit: Visit, text: str) -> bool:
    """True where a text was a code that somebody got, and was dealt with. Whoever has said nothing yet loses nothing by
    it; everybody else is asked whether both chats are theirs."""
    found = _CODE.fullmatch(text) if len(text) < 20 else None
    if found is None:
        return False
    written = found[1] + found[2]
    whose = linking.owner(visit.connection, written, visit.now)
    if whose is None:
        return False
    if whose == visit.id:
        turns.say(visit, texts.CODE_IS_OF_HERE)
    elif "keep" not in visit.person.consents:
        for run in list(visit.runs):
            visit.end(run)
        visit.joins = written
    else:
        turns.open(visit, JOIN, begun={CODE: written})
    return True


def take_away(visit: Visit) -> None:
    """The talk goes on here only."""
    here, person = (visit.channel, visit.address), visit.person
    linking.take_away(visit.connection, visit.id, here, person.language, person.time_zone, visit.now)
    visit.news |= {"queue", f"contact:{visit.id}"}


def join(receive: Receive, visit: Visit) -> None:
    """Both become one, and both are told. Where they cannot, this one is told why."""
    kept_id = linking.use(visit.connection, visit.joins or "", visit.now)
    if kept_id is None or kept_id == visit.id:
        _tell(receive, visit, texts.CODE_IS_OLD)
        return
    try:
        merging.merge(visit.connection, kept_id, visit.id, None, visit.now)
    except DeskError:
        _tell(receive, visit, texts.NOT_JOINED)
    else:
        _tell_there(receive, _tell(receive, visit, texts.JOINED))


def _tell(receive: Receive, visit: Visit, text: str) -> Visit:
    """Say it where they are, and go on; the visit as it is stored now."""
    turns, here = receive.turns, (visit.channel, visit.address)
    found = contacts.find(visit.connection, here[0], [here[1]])
    [now] = receive.load(visit.connection, found.values(), visit.now).values()
    now.cause = visit.cause
    turns.say(now, text, other=other_apps(now, turns.titles))
    turns.resume(now, greet=False)
    turns.speak(now)
    receive.save(visit.connection, [now], visit.now)
    return now


def _tell_there(receive: Receive, joined: Visit) -> None:
    """Whoever has shown the code to somebody else by mistake can undo it."""
    turns, here = receive.turns, (joined.channel, joined.address)
    there = [one for one in linking.addresses(joined.connection, joined.id)
             if (one.channel, one.address) != here and one.channel in turns.limits]
    if not there:
        return
    joined.rows.clear()
    joined.channel, joined.address = there[0].channel, there[0].address
    joined.limits = turns.limits[joined.channel]
    turns.say(joined, texts.JOINED_THERE, other=turns.titles.get(here[0], here[0]))
    turns.speak(joined, unasked=True)
    messages.queue(joined.connection, joined.rows)
