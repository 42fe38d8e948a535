"""What we know of a person, as lines to read: what is kept, and what they agreed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.clock import local_date
from bot.receive.referring import partner_name
from bot.receive.visit import Visit
from bot.translate import Translator
from conversations.consents import LABELS
from conversations.engine import Line, Shown, Words, shown
from conversations.marking import mark as _
from conversations.model import Ask, Choose, Conversation
from conversations.register import Register
from storage import consents, dossier, file_links, referrals
from storage.consents import Decision

YES_SINCE, NO_SINCE = _("yes, since {date}"), _("no, since {date}")


def answers(known: Mapping[str, Any], conversations: Mapping[str, Conversation]) -> tuple[Line, ...]:
    """Everything remembered, with the label of its question."""
    found = (_answer(path, value, conversations) for path, value in known.items() if value is not None)
    return tuple(line for line in found if line is not None)


def _answer(path: str, value: Any, conversations: Mapping[str, Conversation]) -> Line | None:
    for conversation in conversations.values():
        step = conversation.find(path)
        if isinstance(step, Ask | Choose) and step.label is not None and is_remembered(conversation, path):
            return Line(path, step.label, shown(step, value))
    return None


def is_remembered(conversation: Conversation, path: str) -> bool:
    step = conversation.find(path.partition("/")[0])
    return bool(getattr(step, "remember", False))


COUNTED: Mapping[str, str] = {
    "messages": _("Messages"), "runs": _("Conversations"), "plan_steps": _("Steps in your plan"),
    "consents": _("What you agreed to, or not"), "referrals": _("Passed on to offices"),
    "tickets": _("Talks with counsellors"), "notes": _("Notes of counsellors"), "tasks": _("Tasks of counsellors"),
    "reminders": _("Questions planned by us"), "changes": _("What was changed, and when"),
    "overrides": _("Read in an emergency"), "media": _("Files in this chat"),
    "unanswered": _("Questions without an answer"), "appointments": _("Appointments"),
    "case_closings": _("When our regular contact ended"), "chat_pushes": _("Devices that show when something is new")}
"""What the rows of each table are to a person."""
ANSWERS = _("Answers about you")
OWN_FILE = "/chat/my-data"
FILE = "/my-data"
LINK = "link"
"""What the way back to this chat is called where it stands among forms of a file."""
WAY_BACK = "/chat/way-back"


def counted(visit: Visit) -> tuple[Line, ...]:
    """How much there is of each kind; what there is none of is left out."""
    found = {ANSWERS: len(visit.person.known)}
    found |= {COUNTED[name]: count for name, count in dossier.counts(visit.connection, visit.id).items()
              if name in COUNTED}
    return tuple(Line(label, label, Shown("number", count)) for label, count in found.items() if count)


def file_link(visit: Visit, form: str, site: str) -> str:
    """On our own page the browser says who they are; elsewhere the link itself must."""
    if form == LINK:
        return WAY_BACK
    if visit.limits.own_page:
        return f"{OWN_FILE}/{form}"
    return f"{site}{FILE}/{file_links.make(visit.connection, visit.id, form, visit.now)}"


def agreed(visit: Visit, translator: Translator, register: Register) -> tuple[Line, ...]:
    """Each purpose with what was decided about it last, and when."""
    decisions = consents.what_holds(consents.history(visit.connection, visit.id))
    return tuple(_decided(one, visit, translator, register) for one in decisions)


def _decided(one: Decision, visit: Visit, translator: Translator, register: Register) -> Line:
    day = Shown("date", local_date(one.at, visit.person.time_zone).isoformat())
    value = Shown("words", Words(YES_SINCE if one.given else NO_SINCE, {"date": day}))
    if one.about is not None:
        name = partner_name(one.about, visit.person.language, translator, register)
        value = Shown("pair", (Shown("plain", name), value))
    return Line(f"{one.purpose}:{one.about}", LABELS[one.purpose], value)


def referred(visit: Visit, translator: Translator, register: Register) -> list[dict[str, str]]:
    """The partners that a person agreed to be passed on to, as choices."""
    slugs = dict.fromkeys(referrals.partners_with(visit.connection, visit.id))
    language = visit.person.language
    return [{"key": slug, "what": partner_name(slug, language, translator, register)} for slug in slugs]
