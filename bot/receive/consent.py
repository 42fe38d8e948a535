"""A decision of a person about one purpose: kept as it was made, and carried out in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from bot.receive.visit import Visit
from bot.receive.when import allowed_for
from conversations import CONVERSATIONS
from conversations.consents import VERSIONS
from conversations.register import Register
from storage import consents, messages, plans, reminders, runs, tickets
from storage.consents import Decision
from storage.messages import REMINDER

PERSONAL = frozenset(
    step.id for one in CONVERSATIONS.values() for step in one.steps if getattr(step, "personal", False)
)
"""Questions whose answers are kept only with the separate consent."""
MINOR = "Under the age that the centre has set: please talk to this person and a grown-up whom they trust"
FIRST_QUESTION_AFTER = timedelta(days=7)


def decide(visit: Visit, purpose: str, given: bool) -> None:
    """Yes or no to one purpose. What a no stops has stopped when this transaction ends."""
    person = visit.person
    person.consents, person.changed = {**person.consents, purpose: given}, True
    _record(visit, purpose, given)
    if given:
        _GIVEN.get(purpose, _nothing)(visit)
    else:
        _TAKEN_BACK[purpose](visit)


def say_age(visit: Visit, is_minor: bool) -> None:
    """Who is under age: nothing is kept on their word alone, and a counsellor looks after them."""
    visit.person.is_minor, visit.person.changed = is_minor, True
    if not is_minor:
        return
    for purpose in ("keep", "sensitive"):
        if visit.person.consents.get(purpose) is True:
            decide(visit, purpose, False)
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": "minor", "kind": "minor", "area": "general", "about": MINOR,
        "opened_at": visit.now, "due_at": visit.now,
    })
    visit.news |= {"queue", f"contact:{visit.id}"}


def refer(visit: Visit, partner: str) -> None:
    """Yes to being passed on to this partner."""
    _record(visit, "referral", True, partner)


def refer_no_more(visit: Visit, partner: str, register: Register) -> None:
    """What is open with this partner ends, and a counsellor tells them, or sends nothing."""
    _record(visit, "referral", False, partner)
    known = register.partners.get(partner)
    name = known.name["en"] if known else partner
    for key, state in plans.take_back_referrals(visit.connection, visit.id, partner, visit.now):
        tickets.drop_task(visit.connection, visit.id, key)
        about = (f"Tell {name}: this person does not want to be passed on any more" if state == "sent"
                 else f"Send nothing to {name}: this person does not want to be passed on any more")
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
    reminders.by_then(visit.connection, visit.id, "check_in", allowed_for(visit, FIRST_QUESTION_AFTER))


def _ask_no_more(visit: Visit) -> None:
    reminders.cancel(visit.connection, visit.id)
    messages.drop_reminders(visit.connection, [visit.id])
    visit.withdrawn.add(REMINDER)


def _keep_no_answers(visit: Visit) -> None:
    visit.person.known = {}
    runs.forget_answers(visit.connection, visit.id)


def _keep_nothing_personal(visit: Visit) -> None:
    """The answers go, and the messages that they came in."""
    held = [visit.person.known, *runs.all_answers(visit.connection, visit.id)]
    words = {str(answers[path]) for answers in held for path in PERSONAL if answers.get(path) is not None}
    messages.erase(visit.connection, visit.id, words)
    visit.person.known = _without_personal(visit.person.known)
    runs.forget_answers(visit.connection, visit.id, PERSONAL)
    for run in visit.runs:
        run.answers, run.changed = _without_personal(run.answers), True


def _without_personal(answers: Mapping[str, object]) -> dict[str, object]:
    return {path: value for path, value in answers.items() if path not in PERSONAL}


def _nothing(visit: Visit) -> None:
    """The yes alone sets nothing in motion."""


_GIVEN: Mapping[str, Callable[[Visit], None]] = {"check_in": _ask_again}
_TAKEN_BACK: Mapping[str, Callable[[Visit], None]] = {
    "keep": _keep_no_answers, "sensitive": _keep_nothing_personal, "check_in": _ask_no_more,
}
