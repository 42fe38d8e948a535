"""What a turn sets, beside the run itself: languages, consents, plan steps, reminders, tasks."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.hours import OfficeHours
from bot.receive import appointing, asking, asking_less, consent, discreet, linking, one_phone, plan_steps, referring
from bot.receive.plan_steps import last_day
from bot.receive.visit import Visit
from bot.receive.when import allowed_for
from bot.render.steps import StepWords
from bot.translate import Translator
from conversations import CHECK_IN_NAME as CHECK_IN
from conversations.apps import CODE
from conversations.engine import (
    AddStep,
    OpenTask,
    OpenTicket,
    Propose,
    Record,
    Schedule,
    Turn,
    Withdraw,
)
from conversations.marking import mark_for_desk as _d
from conversations.menu import PAUSES
from conversations.model import Conversation, Plan, Refer, Remind
from conversations.register import Register
from conversations.rhythm import OWN
from storage import audit, changes, closings, contacts, plans, referrals, reminders, tickets
from storage.messages import REMINDER, REPLY
from storage.runs import RunState

UNSAFE = _d("Does not feel safe here, and wants to leave: please look after this person")


def apply(
    visit: Visit, run: RunState, conversation: Conversation, turn: Turn, area: str, register: Register,
    hours: OfficeHours, translator: Translator,
) -> OpenTicket | None:
    """Carry the effects out. A hand-off is given back: it comes after what the turn says."""
    ticket = None
    for effect in turn.effects:
        match effect:
            case Record(what=what, value=value, item=item):
                _record(visit, run, area, what, value, item, register, translator, hours.zone)
            case AddStep(step=step, once=True):
                _add_once(visit, step, effect)
            case AddStep(step=step):
                _add_step(visit, f"{run.id}.{step}", effect, visit.today)
            case Schedule(opens=opens, after=after):
                _schedule(visit, opens, after)
            case Propose(partner=partner, asks=True):
                referring.propose(visit, run, conversation, partner)
            case Propose(partner=partner):
                referring.agree_in_talk(visit, run, conversation, partner, area, register)
            case OpenTask(step=step, area=asked_in, about=about, kind=kind, within=within, once=once):
                due_at = hours.due(visit.now, within) if within else None
                _task(visit, step if once else f"{run.id}.{step}", kind, asked_in, about, due_at)
            case OpenTicket():
                ticket = effect
            case Withdraw(step=step):
                _withdraw(visit, run, conversation, step)
    return ticket


def set_language(visit: Visit, language: str) -> None:
    visit.person.language, visit.person.chose_language, visit.person.changed = language, True, True


def remember(visit: Visit, conversation: Conversation, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Keep new answers that belong to the person, where they agreed to it."""
    consents = visit.person.consents
    if consents.get("keep") is not True:
        return
    for path, value in after.items():
        step = conversation.find(path)
        top = conversation.find(path.partition("/")[0])
        if path[0] == "@" or not getattr(top, "remember", False) or before.get(path, ...) == value:
            continue
        if getattr(step, "personal", False) and consents.get("sensitive") is not True:
            continue
        _note_change(visit, step, path, value)
        visit.person.known = {**visit.person.known, path: value}
        visit.person.changed = True


def _note_change(visit: Visit, step: Any, path: str, value: Any) -> None:
    """Counsellors see what was said before. Words about health and feelings leave no trace; nor do half answers."""
    old = visit.person.known.get(path)
    is_half = isinstance(old, dict) and not old.get("done")
    if old not in (None, value) and not is_half and not getattr(step, "personal", False):
        changes.note(visit.connection, visit.id, f"{changes.ANSWER}{path}", old, value, visit.now)


def _record(
    visit: Visit, run: RunState, area: str, what: str, value: Any, item: str | None, register: Register,
    translator: Translator, zone: ZoneInfo,
) -> None:
    person = visit.person
    kind, _, purpose = what.partition(":")
    match kind:
        case "language" if value in translator.languages:
            set_language(visit, value)
        case "consent":
            consent.decide(visit, purpose, value == "yes", translator)
        case "referral" if item and value == "no":
            consent.refer_no_more(visit, item, register)
        case "appointment":
            appointing.record(visit, purpose, value, item, zone)
        case "send" if value == "no":
            referring.decline(visit, referring.key_of(run))
        case "send" if referring.ABOUT_REFERRAL in run.answers:
            referring.agree(visit, referring.key_of(run), area, register)
        case "leaving" if value:
            closings.say_why_leaves(visit.connection, visit.id, value)
            if value == "safety":
                _task(visit, f"{run.id}.unsafe", "care", "general", UNSAFE, visit.now)
        case "outcome" if value:
            referrals.set_helped(visit.connection, visit.id, referring.key_of(run), value)
        case "plan" if item and purpose != "offer":
            plan_steps.record(visit, run, purpose, item, value, StepWords(person.language, translator, register))
        case "rating":
            tickets.rate(visit.connection, visit.id, value)
        case "asking":
            run.answers, run.changed = {**run.answers, **asking_less.carry_out(visit, value, run.answers)}, True
        case "rhythm":
            _set_rhythm(visit, value, translator)
        case "pause":
            wait = PAUSES.get(value)
            person.paused_until, person.changed = (visit.now + wait if wait else None), True
            asking.plan(visit.connection, person, visit.now)
        case "minor":
            consent.say_age(visit, value == "yes", translator)
        case "apps_away" if value == "yes":
            linking.take_away(visit)
        case "phone":
            one_phone.record(visit, run, purpose, value, translator)
        case "join" if value == "yes":
            visit.joins = run.answers.get(CODE)
        case "hide" if value == "yes":
            discreet.hide(visit)
        case "discreet" if value != "back":
            discreet.set_mode(visit, what, value)
        case "forget" if value == "yes":
            _forget(visit)


def _set_rhythm(visit: Visit, value: str, translator: Translator) -> None:
    """What was said about when to ask next; “never” takes the consent back."""
    person = visit.person
    if (value != "never") is not person.consents.get("check_in"):
        consent.decide(visit, "check_in", value != "never", translator)
    if value in OWN:
        person.rhythm_days, person.changed = OWN[value], True
    asking.settle(visit.connection, person, visit.now)


def _forget(visit: Visit) -> None:
    contacts.forget(visit.connection, visit.id, visit.now)
    audit.note(visit.connection, None, "forget", visit.id, visit.now)
    for name, blank in contacts.BLANK.items():
        setattr(visit.person, name, blank)
    visit.person.changed = True
    visit.forget()
    visit.withdrawn |= {REPLY, REMINDER}
    visit.news |= {"queue", f"contact:{visit.id}"}


def _add_step(visit: Visit, key: str, step: AddStep, today: date) -> None:
    if any(one["what"] == step.what for one in visit.plan):
        return
    day = last_day(step.due) or today + timedelta(days=7)
    plans.put(visit.connection, visit.id, key, step.what, day, visit.now, step.source)
    asking.plan(visit.connection, visit.person, visit.now)
    visit.look_again_at_plan()
    visit.news.add(f"contact:{visit.id}")


def _add_once(visit: Visit, key: str, step: AddStep) -> None:
    """A step that is in the plan once, whichever run found it; one that was done or dropped does not come again."""
    day = last_day(step.due) or visit.today
    if not plans.put_once(visit.connection, visit.id, key, step.what, day, visit.now, step.source):
        return
    visit.look_again_at_plan()
    if step.ask_in is not None:
        asking.agree_by(visit.connection, visit.person, step.ask_in, visit.now)
    else:
        asking.plan(visit.connection, visit.person, visit.now)
    visit.news.add(f"contact:{visit.id}")


def _schedule(visit: Visit, opens: str, after: timedelta) -> None:
    """One reminder a person for each conversation: a newer agreement moves it. None for somebody who said no."""
    if visit.person.consents.get("check_in") is False:
        return
    if opens == CHECK_IN:
        asking.settle(visit.connection, visit.person, visit.now, after)
        return
    due = allowed_for(visit, after)
    reminders.put(visit.connection, [{"contact_id": visit.id, "key": opens, "opens": opens, "due_at": due}])


def _task(visit: Visit, key: str, kind: str, area: str, about: str, due_at: datetime | None = None) -> None:
    tickets.add_task(visit.connection, {
        "contact_id": visit.id, "key": key, "kind": kind, "area": area, "about": about, "opened_at": visit.now,
        "due_at": due_at,
    })
    visit.news.add("queue")


def _withdraw(visit: Visit, run: RunState, conversation: Conversation, name: str) -> None:
    step = conversation.find(name)
    key = f"{run.id}.{name}"
    if step is None and plans.take_back_untouched(visit.connection, visit.id, name):
        visit.plan = [one for one in visit.plan if one["key"] != name]
        asking.plan(visit.connection, visit.person, visit.now)
    elif isinstance(step, Plan):
        plans.take_back(visit.connection, visit.id, key)
        visit.plan = [one for one in visit.plan if one["key"] != key]
        asking.plan(visit.connection, visit.person, visit.now)
    elif isinstance(step, Remind) and step.opens == CHECK_IN:
        asking.disagree(visit.connection, visit.person, visit.now)
    elif isinstance(step, Remind):
        reminders.cancel(visit.connection, visit.id, [step.opens])
    elif isinstance(step, Refer) and step.asks:
        referring.never_asked(visit, referring.key_of(run))
    elif isinstance(step, Refer):
        referring.back_to_question(visit, referring.key_of(run))
