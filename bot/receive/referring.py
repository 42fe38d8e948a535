"""A person is asked whether something may go to a partner, agrees or not, and hears what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot import letters
from bot.receive import consent
from bot.receive.visit import Visit
from bot.translate import Translator
from conversations.engine import Shown, Words, picked_by
from conversations.model import Conversation, Refer
from conversations.register import Register
from storage import referrals, tickets
from storage.referrals import ReferralState
from storage.runs import RunState

ABOUT_REFERRAL = "@referral"
"""Among the answers of a run: the key of the referral that it is about."""
ASK_AFTER = timedelta(days=14)
"""A partner that has not said what came of it is asked by a counsellor."""
ENDS = frozenset({"rejected", "done", "no_answer"})
"""Of these the person is asked whether it helped."""


def key_of(run: RunState) -> str:
    """Of the referral that a run is about: a counsellor's, or its own."""
    return str(run.answers.get(ABOUT_REFERRAL) or f"{run.id}.refer")


def propose(visit: Visit, run: RunState, conversation: Conversation, partner: str) -> None:
    """Put down what would go out, as the person is shown it now."""
    sends = letters.content(visit.person.known, letters.topic_of(conversation, run.answers))
    referrals.propose(visit.connection, visit.id, key_of(run), partner, sends, visit.now)
    visit.news.add(f"contact:{visit.id}")


def agree_in_talk(
    visit: Visit, run: RunState, conversation: Conversation, partner: str, area: str, register: Register
) -> None:
    """Yes, in a talk of ours. Who was asked before what goes out was put down has agreed to name and question alone."""
    key = key_of(run)
    if referrals.find(visit.connection, visit.id, key) is None:
        known = {"name": visit.person.known.get("name")}
        sends = letters.content(known, letters.topic_of(conversation, run.answers))
        referrals.propose(visit.connection, visit.id, key, partner, sends, visit.now)
    agree(visit, key, area, register)


def agree(visit: Visit, key: str, area: str, register: Register) -> None:
    """Yes: to this partner, for what was shown. A counsellor has the task to send it."""
    found = referrals.find(visit.connection, visit.id, key)
    if found is None or found.state != "proposed":
        return
    consent.refer(visit, found.partner)
    referrals.move(visit.connection, found, "consented", visit.now)
    known = register.partners.get(found.partner)
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": key, "kind": "referral", "area": area, "opened_at": visit.now, "due_at": None,
        "about": known.name["en"] if known else found.partner})
    visit.news |= {"queue", f"contact:{visit.id}"}


def decline(visit: Visit, key: str) -> None:
    """No, or a yes that was taken back before anything went out."""
    found = referrals.find(visit.connection, visit.id, key)
    if found is None or found.state not in ("proposed", "consented"):
        return
    consent.not_refer(visit, found.partner)
    referrals.move(visit.connection, found, "declined" if found.state == "proposed" else "withdrawn", visit.now)
    tickets.drop_task(visit.connection, visit.id, key)
    visit.news |= {"queue", f"contact:{visit.id}"}


def back_to_question(visit: Visit, key: str) -> None:
    """The person thinks again: nothing goes out until they say yes once more."""
    found = referrals.find(visit.connection, visit.id, key)
    if found is not None and found.state == "consented":
        consent.not_refer(visit, found.partner)
        referrals.undo(visit.connection, visit.id, key, visit.now)
        tickets.drop_task(visit.connection, visit.id, key)
        visit.news |= {"queue", f"contact:{visit.id}"}


def never_asked(visit: Visit, key: str) -> None:
    referrals.take_back(visit.connection, visit.id, key)


# ------------------------------------------------------------------- what a turn is given


def given(
    visit: Visit, run: RunState, used: frozenset[str], translator: Translator, register: Register,
    conversations: Mapping[str, Conversation],
) -> dict[str, Any]:
    """What a talk about a referral shows: to whom, what, whether it can still be answered, and how it ended."""
    known = referrals.find(visit.connection, visit.id, key_of(run)) if _has_row(run) else None
    partner = known.partner if known else _picked(run, conversations[run.conversation])
    found: dict[str, Any] = {"partner": partner_name(partner, visit.person.language, translator, register)}
    if "letter" in used and partner:
        topic = letters.topic_of(conversations[run.conversation], run.answers)
        sends = known.sends if known and known.sends else letters.content(visit.person.known, topic)
        found["letter"] = _as_it_is(letters.shown_to_person(sends, visit.person.language, translator))
    if "is_open" in used:
        found["is_open"] = known is not None and known.state == "proposed"
    if "how_it_ended" in used:
        found["how_it_ended"], found["outcome"] = _end_of(known)
    return found


def _has_row(run: RunState) -> bool:
    return ABOUT_REFERRAL in run.answers or run.answers.get("after") == "refer"


def _end_of(known: ReferralState | None) -> tuple[str | None, Words | None]:
    if known is None:
        return None, None
    return known.state, _as_it_is(known.outcome) if known.outcome else None


def _as_it_is(text: str) -> Words:
    return Words("{value}", {"value": Shown("plain", text)})


def _picked(run: RunState, conversation: Conversation) -> str:
    """Whom the topic that was chosen could be passed on to."""
    slugs = [picked_by(step.partner, step.by, run.answers) for step in conversation.steps if isinstance(step, Refer)]
    return next((slug for slug in slugs if slug), "")


def partner_name(slug: str, language: str, translator: Translator, register: Register) -> str:
    partner = register.partners.get(slug)
    return translator[language].in_script(translator.pick(language, partner.name)) if partner else slug
