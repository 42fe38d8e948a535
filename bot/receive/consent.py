"""A decision of a person about one purpose: kept as it was made, and carried out in the same transaction."""

from __future__ import annotations

from bot.receive import asking, personal
from bot.receive.visit import Visit
from bot.translate import Translator
from conversations.consents import VERSIONS
from conversations.marking import mark as _
from conversations.register import Register
from conversations.rhythm import FIRST
from storage import changes, consents, merging, messages, referrals, reminders, runs, tickets
from storage.consents import Decision
from storage.messages import REMINDER
from storage.pushes import chat as chat_pushes

MINOR = _("Under the age that the centre has set: please talk to this person and a grown-up whom they trust")


def decide(visit: Visit, purpose: str, given: bool, translator: Translator) -> None:
    """Yes or no to one purpose. What a no stops has stopped when this transaction ends."""
    person = visit.person
    person.consents, person.changed = {**person.consents, purpose: given}, True
    _record(visit, purpose, given)
    match purpose, given:
        case "check_in", True:
            _ask_again(visit)
        case "check_in", False:
            _ask_no_more(visit)
        case "keep", False:
            _keep_no_answers(visit)
        case "sensitive", False:
            personal.forget(visit, translator)


def say_age(visit: Visit, is_minor: bool, translator: Translator) -> None:
    """Who is under age: nothing is kept on their word alone, and a counsellor looks after them."""
    visit.person.is_minor, visit.person.changed = is_minor, True
    if not is_minor:
        return
    for purpose in ("keep", "sensitive"):
        if visit.person.consents.get(purpose) is True:
            decide(visit, purpose, False, translator)
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": "minor", "kind": "minor", "area": "general", "about": MINOR,
        "opened_at": visit.now, "due_at": visit.now,
    })
    visit.news |= {"queue", f"contact:{visit.id}"}


def refer(visit: Visit, partner: str) -> None:
    """Yes to being passed on to this partner."""
    _record(visit, "referral", True, partner)


def not_refer(visit: Visit, partner: str) -> None:
    """No to being passed on to this partner."""
    _record(visit, "referral", False, partner)


def refer_no_more(visit: Visit, partner: str, register: Register) -> None:
    """What is open with this partner ends, and a counsellor tells them, or sends nothing."""
    not_refer(visit, partner)
    known = register.partners.get(partner)
    name = known.name["en"] if known else partner
    for key, state in referrals.end_with(visit.connection, visit.id, partner, visit.now):
        for task in (key, f"ask:{key}"):
            tickets.drop_task(visit.connection, visit.id, task)
        about = (f"Send nothing to {name}: this person does not want to be passed on any more" if state == "consented"
                 else f"Tell {name}: this person does not want to be passed on any more")
        tickets.add_task(visit.connection, {
            "contact_id": visit.id, "key": f"taken-back:{key}", "kind": "referral", "area": "general", "about": about,
            "opened_at": visit.now, "due_at": visit.now,
        })
    visit.news |= {"queue", f"contact:{visit.id}"}


def _record(visit: Visit, purpose: str, given: bool, about: str | None = None) -> None:
    consents.record(visit.connection, visit.id, Decision(
        purpose, about, VERSIONS[purpose], visit.person.language, given, visit.now
    ))


def _ask_again(visit: Visit) -> None:
    asking.begin(visit.connection, visit.person, visit.now)
    asking.agree_by(visit.connection, visit.person, FIRST, visit.now)


def _ask_no_more(visit: Visit) -> None:
    reminders.cancel(visit.connection, visit.id)
    messages.drop_reminders(visit.connection, [visit.id])
    visit.withdrawn.add(REMINDER)


def _keep_no_answers(visit: Visit) -> None:
    visit.person.known = {}
    runs.forget_answers(visit.connection, visit.id)
    changes.forget_answers(visit.connection, visit.id)
    merging.cut(visit.connection, [visit.id])
    chat_pushes.turn_off(visit.connection, visit.id, "")
