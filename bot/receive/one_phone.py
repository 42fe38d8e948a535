"""Several people who use one phone. While nobody has said who they are, all that is done is to ask, in words that tell
nothing; a sign of danger and the wish for a person go before that, as everywhere.

Hands change after everything that came in is stored: the next event is another person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from bot.channels.base import OutgoingMessage
from bot.receive import alarm, discreet, talk, texts
from bot.receive.visit import Visit
from bot.routing import (
    Alarm,
    Answer,
    Begin,
    Command,
    Distress,
    Gone,
    Ignore,
    Route,
    Switch,
    ToCounsellor,
)
from bot.translate import Translator
from conversations import LANGUAGE_NAME as LANGUAGE
from conversations import SHARE_NAME as SHARE
from conversations import WHO_NAME as WHO
from conversations.engine import Action, Said
from conversations.events import FromPerson, Message
from conversations.one_phone import FOUR, SIGNS
from storage import contacts, messages, one_phone
from storage.contacts import Found
from storage.messages import HELD
from storage.one_phone import Phone
from storage.runs import RunState

if TYPE_CHECKING:
    from bot.receive.inbox import Receive
    from bot.receive.turns import Turns

DONE = "done"
ASKS_DIGITS = frozenset({(WHO, "digits"), (WHO, "new_digits"), (SHARE, "digits")})
LONGEST_DIGITS = 20
"""So long a text may be to be taken for somebody's digits: it is not kept."""


# ------------------------------------------------------------- before a batch


def settle(connection: Connection, found: dict[tuple[str, str], Found], now: datetime) -> None:
    """Whoever has had a phone too long has it no more: who writes now is asked who they are."""
    shared = [key for key, one in found.items() if one.nobody_id is not None]
    for channel, address in shared:
        phone = one_phone.at(connection, channel, address)
        if phone is not None and not one_phone.is_settled(connection, phone, now):
            one_phone.put_down(connection, phone, now)
            found[channel, address] = contacts.find(connection, channel, [address])[address]
            found[channel, address].is_fresh = True
    one_phone.note_heard(connection, [nobody for key in shared if (nobody := found[key].nobody_id) is not None], now)


def one_each(
    events: Sequence[FromPerson], found: Mapping[tuple[str, str], Found]
) -> tuple[list[FromPerson], list[FromPerson]]:
    """Of each phone that several use the first event; and all others, for when it is known who has it then."""
    now: list[FromPerson] = []
    later: list[FromPerson] = []
    seen: set[tuple[str, str]] = set()
    for event in events:
        key = event.channel, event.address
        (later if key in seen else now).append(event)
        if found[key].nobody_id is not None:
            seen.add(key)
    return now, later


# ------------------------------------------------------------- one event


def counts_as(visit: Visit, event: FromPerson, route: Route) -> Route:
    """“Close my chat” is said to a phone that several use; elsewhere these are words like any. What may be somebody's
    digits is not kept."""
    run = visit.current
    if isinstance(event, Message) and event.edited and visit.is_shared and visit.cause is not None:
        if FOUR.fullmatch(event.text.strip()):  # they are put right where they were written
            messages.blank_one(visit.connection, visit.id, visit.cause)
    elif run is not None and (run.conversation, run.awaiting) in ASKS_DIGITS and isinstance(event, Message):
        if len(event.text) <= LONGEST_DIGITS and any(one.isdigit() for one in event.text) and visit.cause is not None:
            messages.blank_one(visit.connection, visit.id, visit.cause)
        if visit.is_nobody and isinstance(route, ToCounsellor) and FOUR.fullmatch(event.text.strip()):
            return Answer(Said(event.text))
    if visit.is_shared or not isinstance(event, Message):
        return route
    said: Route = ToCounsellor() if visit.ticket is not None else Answer(Said(event.text))
    if isinstance(route, Distress) and route.then == Command(DONE):
        return replace(route, then=said)
    return said if route == Command(DONE) else route


def take(turns: Turns, visit: Visit, event: FromPerson, route: Route) -> None:
    """One event of whoever has not said who they are."""
    match route:
        case Alarm() | ToCounsellor() | Gone() | Ignore():
            turns.follow(visit, event, route)
        case Command(name="human"):
            talk.wanted(turns, visit)
        case Command(name="leave") if visit.ticket is not None:
            talk.leave(turns, visit)
        case Command(name="hide"):
            discreet.hide(visit)
        case Distress():
            alarm.distress(turns, visit, event, replace(route, then=Ignore()))
            if not visit.said and visit.ticket is None:
                turns.resume(visit)
        case _ if visit.is_fresh:
            greet(turns, visit, hides=True)
        case Command(name=name) if name == LANGUAGE:
            turns.open(visit, LANGUAGE)
        case Switch():
            turns.follow(visit, event, route)
        case Answer(action=action, run=run):
            _answer(turns, visit, action, run)
        case Command() | Begin() | _:
            turns.resume(visit)


def _answer(turns: Turns, visit: Visit, action: Action, run_id: int | None) -> None:
    run = visit.current if run_id is None else next((one for one in visit.runs if one.id == run_id), None)
    if run is None or (run_id is None and run.awaiting is None):
        turns.resume(visit)
        return
    if run is not visit.current:
        visit.touch(run)
    turns.turn(visit, run, action)
    if not visit.said and visit.hands_to is None and visit.ticket is None:
        turns.resume(visit)


def greet(turns: Turns, visit: Visit, hides: bool) -> None:
    """Who is writing? And that something waits, where it does. `hides`: what others said here is taken away first."""
    for run in list(visit.runs):
        visit.end(run)
    phone = one_phone.at(visit.connection, visit.channel, visit.address)
    if phone is not None and one_phone.waits_untold(visit.connection, phone):
        turns.say(visit, texts.FOR_ONE_OF_YOU)
    turns.resume(visit)
    visit.said[-1] = replace(visit.said[-1], hides=hides)


# ------------------------------------------------------------- what the questions are about


def given(visit: Visit, used: Iterable[str], translator: Translator) -> dict[str, Any]:
    if not {"signs", "free_signs", "is_shared", "is_alone"} & set(used):
        return {}
    phone = one_phone.at(visit.connection, visit.channel, visit.address)
    taken = [one.sign for one in one_phone.signs(visit.connection, phone)] if phone is not None else []

    def listed(signs: Iterable[str]) -> list[dict[str, str]]:
        return [{"key": one, "what": translator.text(visit.person.language, SIGNS[one])} for one in signs]

    return {
        "signs": listed(taken), "free_signs": listed(one for one in SIGNS if one not in taken),
        "is_shared": phone is not None,
        "is_alone": phone is not None and one_phone.is_theirs_alone(visit.connection, phone, visit.id),
    }


def record(visit: Visit, run: RunState, what: str, value: str, translator: Translator) -> None:
    """What was answered about who uses this phone. The digits themselves stay nowhere."""
    connection, here = visit.connection, (visit.channel, visit.address)
    phone = one_phone.at(connection, *here)
    answers = run.answers
    run.answers, run.changed = {path: one for path, one in answers.items() if "digits" not in path}, True
    match what:
        case "share" if phone is None:
            one_phone.share(connection, visit.id, here, answers["sign"], value, visit.person.time_zone, visit.now)
            phone = one_phone.at(connection, *here)
            assert phone is not None
            visit.nobody_at[here] = phone.nobody_id
        case "what" if phone is not None and value == "alone":
            one_phone.end(connection, phone, visit.now)
            visit.nobody_at.pop(here, None)
        case "open" if phone is not None:
            found = one_phone.open_with(connection, phone, answers["whose_sign"], value, visit.now)
            _hand(visit, found.contact_id, texts.SIGN_RESTS if found.rests else texts.OTHER_DIGITS, translator)
        case "join" if phone is not None:
            language, zone = visit.person.language, visit.person.time_zone
            new = one_phone.join(connection, phone, answers["new_sign"], value, language, zone, visit.now)
            _hand(visit, new, texts.SIGN_TAKEN, translator)


def _hand(visit: Visit, to: int | None, otherwise: str, translator: Translator) -> None:
    if to is None:
        visit.said.append(OutgoingMessage(translator.text(visit.person.language, otherwise)))
    else:
        visit.hands_to = visit.channel, visit.address, to


def done(visit: Visit) -> None:
    """Somebody else may write now."""
    nobody = visit.nobody_at.get((visit.channel, visit.address))
    if nobody is not None:
        visit.hands_to = visit.channel, visit.address, nobody


# ------------------------------------------------------------- after a batch


def hand_over(receive: Receive, before: Visit) -> None:
    """The phone is in other hands now, and whoever has it is told what they see."""
    assert before.hands_to is not None
    channel, address, to = before.hands_to
    phone = one_phone.at(before.connection, channel, address)
    if phone is None:
        return
    one_phone.give(before.connection, phone, to, before.now)
    is_only_one = to != phone.nobody_id and one_phone.is_left_over(before.connection, phone, to)
    if is_only_one:
        one_phone.end(before.connection, replace(phone, contact_id=to), before.now)
    visit = _visit(receive, before.connection, phone, before.now)
    visit.cause = before.cause
    turns = receive.turns
    if visit.is_nobody:
        greet(turns, visit, hides=True)
    else:
        _welcome(turns, visit, is_only_one)
    turns.speak(visit)
    receive.save(before.connection, [visit], before.now)


def _welcome(turns: Turns, visit: Visit, is_only_one: bool) -> None:
    if is_only_one:
        turns.say(visit, texts.ONLY_YOURS)
    if visit.ticket is not None:
        turns.say(visit, texts.STILL_WITH_TEAM)
    else:
        turns.resume(visit)
    visit.said[-1] = replace(visit.said[-1], hides=True)


def announce(receive: Receive, connection: Connection, rows: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Something is held: where nobody has the phone now, that is said there, once."""
    for channel, address in dict.fromkeys((one["channel"], one["address"]) for one in rows if one["state"] == HELD):
        phone = one_phone.at(connection, channel, address)
        if phone is not None and not phone.is_in_hand:
            visit = _visit(receive, connection, phone, now)
            if (channel, address) not in visit.blocked and one_phone.has_untold(connection, phone):
                greet(receive.turns, visit, hides=False)
                receive.turns.speak(visit)
                receive.save(connection, [visit], now)


def put_down(receive: Receive, connection: Connection) -> int:
    """Phones that have been in somebody's hands too long; says how many. Without a sound: perhaps nobody is there."""
    now = receive.clock.now()
    phones = one_phone.over(connection, now)
    for one in phones:
        held = contacts.find(connection, one.channel, [one.address])[one.address]
        phone = one_phone.at(connection, one.channel, one.address)
        if phone is None or phone.contact_id != one.contact_id or one_phone.is_settled(connection, phone, now):
            continue
        one_phone.put_down(connection, phone, now)
        visit = _visit(receive, connection, phone, now)
        if visit.is_nobody and not held.is_blocked:
            greet(receive.turns, visit, hides=True)
            visit.said[:] = [replace(said, quiet=True) for said in visit.said]
            receive.turns.speak(visit)
        receive.save(connection, [visit], now)
    return len(phones)


def _visit(receive: Receive, connection: Connection, phone: Phone, now: datetime) -> Visit:
    """Whoever has the phone now, as it is stored."""
    found = contacts.find(connection, phone.channel, [phone.address])
    [visit] = receive.load(connection, found.values(), now).values()
    return visit
