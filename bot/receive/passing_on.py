"""What a counsellor does to a referral: proposes one, notes how it stands, tells the person what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot import letters
from bot.receive import referring, written_to
from bot.receive.inbox import Receive
from bot.receive.visit import Visit
from conversations import OUTCOME_NAME, REFERRAL_NAME
from conversations.marking import Phrase
from conversations.marking import mark as _
from conversations.marking import mark_for_desk as _d
from storage import audit, referrals, tickets
from storage.desk import DeskError
from storage.referrals import ReferralState
from storage.walls import BY_HAND as WALLED

SENT = _("What you agreed to has gone to {partner}. We ask them what comes of it, and tell you here.")
RECEIVED = _("{partner} has received it.")
ACCEPTED = _("{partner} says that they can help you.")
THEY_SAID = _("They told us: {outcome}")
TOLD_AT_ONCE = {"sent": SENT, "received": RECEIVED, "accepted": ACCEPTED}
ASK_THEM = _d("Ask {partner} what has come of it")
NO_PARTNER = _d("Choose a partner that we still work with.")
TELL = _d("Tell them how it stands with {partner}: {state}. The bot could not")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a counsellor would like to send to a partner."""

    partner: str
    words: str
    official: str = ""
    """The same in the partner's language."""
    is_walled: bool = False
    """Only those who work in the psychosocial area see it."""
    wanted: bool = False
    """The person wants it, although they said no before."""


def propose(receive: Receive, connection: Connection, contact_id: int, what: Proposal, by: int, key: str) -> None:
    """Ask the person in the chat. Raises DeskError where they cannot be asked."""
    partner = receive.turns.knowledge.register.partners.get(what.partner)
    if partner is None or partner.removed is not None:
        raise DeskError(NO_PARTNER)
    visit = written_to.visit_of(receive, connection, contact_id)
    referrals.may_propose(connection, contact_id, what.partner, what.wanted)
    if trouble := written_to.why_not(visit):
        raise DeskError(trouble)
    key = f"{WALLED if what.is_walled else 'by-hand'}.{key}"
    sends = letters.content(visit.person.known, words=what.words, official=what.official)
    if not referrals.propose(connection, contact_id, key, what.partner, sends, visit.now, by):
        return  # the same form sent twice
    audit.note(connection, by, "propose_referral", contact_id, visit.now)
    _end_earlier(visit)
    written_to.ask(receive, visit, REFERRAL_NAME, {referring.ABOUT_REFERRAL: key})
    receive.save(connection, [visit], visit.now)


def _end_earlier(visit: Visit) -> None:
    """A question about another referral that still waits is not the one that is asked now."""
    for run in [one for one in visit.runs if one.conversation == REFERRAL_NAME]:
        visit.end(run)


def move(
    receive: Receive, connection: Connection, contact_id: int, referral_id: int, was: str, state: str, outcome: str,
    by: int,
) -> None:
    """From the state that the counsellor saw to the next, with what came of it in words; the person is told.
    Raises DeskError where it stands otherwise, or where nothing may go out."""
    visit = written_to.visit_of(receive, connection, contact_id)
    referral = referrals.set_state(connection, contact_id, referral_id, was, state, outcome, by, visit.now)
    if referral is None:
        return
    audit.note(connection, by, "change_referral", contact_id, visit.now)
    _tasks(receive, visit, referral, state, by)
    if state != was:
        _tell(receive, visit, referral, state, outcome)
    visit.news |= {"queue", f"contact:{visit.id}"}
    receive.save(connection, [visit], visit.now)


def _tasks(receive: Receive, visit: Visit, referral: ReferralState, state: str, by: int) -> None:
    """Sending it is done; whoever waits for an answer is reminded to ask for it."""
    connection, ask = visit.connection, f"ask:{referral.key}"
    tickets.finish_with_key(connection, visit.id, referral.key, by, visit.now)
    tickets.finish_with_key(connection, visit.id, ask, by, visit.now)
    if state in ("sent", "received", "accepted"):
        tickets.add_task(connection, {
            "contact_id": visit.id, "key": ask, "kind": "referral", "area": _area(referral), "opened_at": visit.now,
            "due_at": visit.now + referring.ASK_AFTER,
            "about": Phrase(ASK_THEM, partner=_name(receive, referral, "en"))})


def _area(referral: ReferralState) -> str:
    return "psychosocial" if referral.key.startswith(f"{WALLED}.") else "general"


def _name(receive: Receive, referral: ReferralState, language: str) -> str:
    turns = receive.turns
    return referring.partner_name(referral.partner, language, turns.translator, turns.knowledge.register)


def _tell(receive: Receive, visit: Visit, referral: ReferralState, state: str, outcome: str) -> None:
    """At once; where they cannot be written to, a counsellor has the task to tell them."""
    if state == "withdrawn":
        return
    if written_to.why_not(visit):
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": f"tell:{referral.key}", "kind": "referral", "area": _area(referral),
            "about": Phrase(TELL, partner=_name(receive, referral, "en"), state=state.replace("_", " ")),
            "opened_at": visit.now, "due_at": None})
        return
    if state in referring.ENDS:
        written_to.ask(receive, visit, OUTCOME_NAME, {referring.ABOUT_REFERRAL: referral.key})
        return
    name = _name(receive, referral, visit.person.language)
    receive.turns.say(visit, TOLD_AT_ONCE[state], partner=name)
    if outcome:
        receive.turns.say(visit, THEY_SAID, outcome=outcome)
    written_to.ask(receive, visit)
