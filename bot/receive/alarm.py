"""What the bot does when the safety gate has found something: the fixed texts, who is told, and by when.

T1: at once 112, the phone that fits, an urgent ticket, an alert to everybody who is at work. T2: a person the same day.
T3: the offer of a talk, and a counsellor's task. The bot says nothing of its own after T1 and T2, and opens no menu."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.channels.base import OutgoingMessage
from bot.live import ALARM
from bot.receive import texts
from bot.receive.heard import language_of
from bot.receive.lines import phone_lines
from bot.receive.visit import Visit
from bot.routing import Distress
from conversations import DISTRESS_NAME as DISTRESS
from conversations.events import FromPerson, Media, Message
from conversations.marking import mark as _
from conversations.model import Within
from conversations.safety import Danger
from storage import runs, tickets
from storage.tickets import AlarmState, TicketState

if TYPE_CHECKING:
    from bot.receive.turns import Turns

CARD_AGAIN_AFTER = timedelta(hours=12)
OFFER_AGAIN_AFTER = timedelta(days=1)
SELDOM = timedelta(hours=1)
"""After the second repeat in one talk the bot answers a sign so often at most; every one reaches the team."""
WATCHED = frozenset({"violence", "marriage", "trafficking", "threats"})
"""Kinds of danger in which somebody may be looking at the phone."""
CARE = "care"
TAPPED, UNREAD = _("Tapped “I need help now”"), _("The safety gate failed: please read what was written")
SIGN, NEEDS_SOMEBODY, DISTRESSED = _("Sign of danger"), _("Needs somebody today"), _("Sign of distress")
TALK_TODAY = _("A sign of danger in the chat: talk with this person today")
GET_IN_TOUCH = _("A sign of distress in the chat: get in touch with this person")
"""What colleagues read, and the person in their own file."""


@dataclass(frozen=True, slots=True)
class _Found:
    tier: str
    kind: str
    """The first part of the rule's name; empty: they tapped "I need help now"."""
    reason: str
    """What colleagues read in the console."""
    written: str = ""


def alarm(turns: Turns, visit: Visit, danger: Danger | None, event: FromPerson) -> None:
    """T1 or T2, or the button "I need help now"."""
    found = _found(danger, event.text if isinstance(event, Message | Media) else "")
    _not_an_answer(visit)
    state = tickets.alarm(visit.connection, visit.ticket.id) if visit.ticket is not None else None
    state = state or AlarmState("T3")
    is_silent = found.tier == "T2" and _somebody_is_here(turns, visit)
    ticket = _ticket(turns, visit, found, state)
    if not is_silent:
        _answer(turns, visit, found, state)
    state.tier = min(state.tier, found.tier)
    state.kinds = [*dict.fromkeys([*state.kinds, found.kind])]
    tickets.set_alarm(visit.connection, ticket.id, state)


def _found(danger: Danger | None, written: str) -> _Found:
    if danger is None:
        return _Found("T1", "", TAPPED)
    kind = danger.rule.partition(".")[0]
    if kind == "gate":
        return _Found("T1", kind, UNREAD)
    said = SIGN if danger.tier == "T1" else NEEDS_SOMEBODY
    return _Found(danger.tier, kind, f"{said} ({danger.rule})", written)


def _not_an_answer(visit: Visit) -> None:
    """What is written from here on is for people: the open question is shown anew before anything answers it."""
    run = visit.current
    if run is not None and run.awaiting is not None:
        run.awaiting, run.changed = None, True


def _answer(turns: Turns, visit: Visit, found: _Found, state: AlarmState) -> None:
    """The card the first time, when it is graver than before, and after hours; another card for another danger."""
    if state.card_at is None or found.tier < state.tier or visit.now - state.card_at >= CARD_AGAIN_AFTER:
        state.card_at, state.words, state.kinds = visit.now, 0, []
        _card(turns, visit, found)
    elif found.tier == "T1" and found.kind and found.kind not in state.kinds:
        _card(turns, visit, found)
    else:
        _again(turns, visit, found, state)


def _somebody_is_here(turns: Turns, visit: Visit) -> bool:
    """A counsellor has taken the chat, and it is a time when they read."""
    open_now = turns.hours.is_open(visit.now) or not turns.hours.known
    return visit.ticket is not None and visit.ticket.state == "assigned" and open_now


# ------------------------------------------------------------------- the team


def _ticket(turns: Turns, visit: Visit, found: _Found, state: AlarmState) -> TicketState:
    urgent = found.tier == "T1"
    ticket = visit.ticket
    if ticket is None:
        ticket = tickets.add(visit.connection, visit.id, "psychosocial", found.reason, urgent, visit.now, unread=1)
        visit.ticket = ticket
    else:
        if found.tier < state.tier or found.kind not in state.kinds:
            tickets.add_reason(visit.connection, ticket.id, found.reason)
        ticket.urgent = ticket.urgent or urgent
        ticket.unread += 1
        ticket.changed = True
    if not urgent:
        _task(turns, visit, f"{CARE}:{ticket.id}", TALK_TODAY, "today")
    visit.news |= {"queue", f"contact:{visit.id}", *([ALARM] if urgent else [])}
    return ticket


def _task(turns: Turns, visit: Visit, key: str, about: str, within: Within) -> None:
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": key, "kind": CARE, "area": "psychosocial", "about": about,
        "opened_at": visit.now, "due_at": turns.hours.due(visit.now, within),
    })
    visit.news.add("queue")


# ----------------------------------------------------------------- the person


def _card(turns: Turns, visit: Visit, found: _Found) -> None:
    watched = found.kind in WATCHED
    if found.tier == "T1":
        special = {"": texts.CARD_FOR_A_TAP, "gate": texts.CARD_UNREAD, "child": texts.CARD_CHILD,
                   "emergency": texts.CARD_EMERGENCY}
        card = special.get(found.kind) or (texts.CARD_WATCHED if watched else texts.CARD)
    else:
        card = texts.TODAY_WATCHED if watched else texts.TODAY
    turns.say(visit, card, style="card")
    _in_the_language_of_their_words(turns, visit, card, found.written)
    _phones(turns, visit, found)
    _who_reads(turns, visit, found)


def _in_the_language_of_their_words(turns: Turns, visit: Visit, card: str, written: str) -> None:
    """Whoever has not chosen yet, or another language than their own, may not read the card in ours."""
    language = language_of(turns, visit, written) if written else None
    if language is not None:
        visit.said.append(OutgoingMessage(turns.translator.text(language, card), style="card"))


def _phones(turns: Turns, visit: Visit, found: _Found) -> None:
    """Whoever is in danger now is sent to nobody who does not answer now."""
    lines = phone_lines(found.kind, visit.now, visit.person.language, turns.translator, turns.knowledge, turns.hours,
                        only_open=found.tier == "T1")
    visit.said += [OutgoingMessage(line) for line in lines]


def _who_reads(turns: Turns, visit: Visit, found: _Found) -> None:
    """Only what is true: who is told, and when somebody reads."""
    closes = turns.hours.closes(visit.now)
    if found.tier == "T1":
        turns.say(visit, texts.MARKED_URGENT)
        if not turns.hours.known:
            turns.say(visit, texts.NOBODY_KNOWN)
        elif closes is None:
            turns.say(visit, texts.NOBODY_NOW, moment=turns.next_opening(visit))
        else:
            turns.say(visit, texts.OPEN_NOW, time=closes.strftime("%H:%M"))
    elif not turns.hours.known:
        turns.say(visit, texts.TODAY_UNKNOWN)
    elif closes is None:
        turns.say(visit, texts.TODAY_CLOSED, moment=turns.next_opening(visit))
    else:
        due = turns.hours.due(visit.now, "today")
        late = due.date() != closes.date()
        moment = turns.next_opening(visit) if late else ""
        time = (closes if late else due).strftime("%H:%M")
        turns.say(visit, texts.TODAY_LATE if late else texts.TODAY_OPEN, time=time, moment=moment)


def _again(turns: Turns, visit: Visit, found: _Found, state: AlarmState) -> None:
    """A sentence that says we are listening, never the card like a machine; a phone that was not named yet."""
    if not found.kind:
        turns.say(visit, texts.CARD_AGAIN, style="card")
        return
    assert state.card_at is not None
    often = state.words >= len(texts.LISTENING)
    if _somebody_is_here(turns, visit) or (often and visit.now - state.card_at < (state.words - 1) * SELDOM):
        return
    turns.say(visit, texts.LISTENING[min(state.words, len(texts.LISTENING) - 1)], style="card")
    state.words += 1
    if found.kind not in state.kinds:
        _phones(turns, visit, found)


# --------------------------------------------------------------------- distress


def distress(turns: Turns, visit: Visit, event: FromPerson, route: Distress) -> None:
    """T3: the words count as what they are; then a talk is offered. In a talk the team is told, and nothing is said."""
    run = visit.current
    misses = run.misses if run is not None else 0
    visit.is_hard = True
    turns.follow(visit, event, route.then)
    visit.is_hard = False
    missed = run is not None and not run.ended and run.misses > misses
    if visit.ticket is not None:
        _tell_the_team(visit, visit.ticket, route.danger)
        return
    if run is not None and missed:
        run.misses = misses
        visit.said.clear()
    last = runs.last_begun(visit.connection, visit.id, DISTRESS)
    if last is None or visit.now - last >= OFFER_AGAIN_AFTER:
        _offer(turns, visit)
    elif missed:
        turns.say(visit, texts.HEARD)
        turns.resume(visit, greet=False)


def _tell_the_team(visit: Visit, ticket: TicketState, danger: Danger) -> None:
    if tickets.alarm(visit.connection, ticket.id) is None:
        tickets.add_reason(visit.connection, ticket.id, f"{DISTRESSED} ({danger.rule})")
        tickets.set_alarm(visit.connection, ticket.id, AlarmState("T3"))


def _offer(turns: Turns, visit: Visit) -> None:
    _task(turns, visit, DISTRESS, GET_IN_TOUCH, "working_day")
    if visit.said and visit.said[-1].buttons:
        visit.said.pop()  # the question comes again after the offer
    turns.open(visit, DISTRESS)


# ------------------------------------------------------------- the end of the talk


def is_care(visit: Visit) -> bool:
    """Whether the gate has found danger in this talk: then no menu and no question of ours comes after it."""
    found = tickets.alarm(visit.connection, visit.ticket.id) if visit.ticket is not None else None
    return found is not None and found.tier != "T3"
