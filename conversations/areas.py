"""The shape that the four areas share: a subject, a question, vetted facts, and what to do next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from conversations.marking import mark as _
from conversations.model import (
    Area,
    Ask,
    Branch,
    Choice,
    Choose,
    Condition,
    Conversation,
    End,
    Enquire,
    Go,
    HandOff,
    Plan,
    Refer,
    Say,
    Step,
    Tell,
)
from conversations.readers import long_text


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that people ask."""

    id: str
    label: str
    facts: tuple[str, ...]
    next_step: str = ""
    """What the person could put into their plan."""
    partner: str = ""
    """Whom a counsellor could pass the person on to."""
    urgent: bool = False
    """A person should look at this at once."""
    opens: str = ""
    """Another conversation, instead of facts."""
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A handful of topics under one button."""

    id: str
    label: str
    text: str
    topics: tuple[Topic, ...]
    first: tuple[Step, ...] = ()
    """What must be known before these questions."""


OTHER = "other"
NOT_KNOWN_YET = _("We do not know this yet. Someone from the team will check it and write to you here.")
REFERRAL_QUESTION = _("This would go to {partner}, and nothing else:\n{letter}\n\nMay our counsellor send it? It is "
                      "only for this office. Without your yes nothing is sent.")
YES_SEND, DO_NOT_SEND = _("Yes, you may"), _("No, do not send it")
REFERRED = _("Thank you. A counsellor prepares it and tells you here when it is sent. You can take it back under "
             "“My data”.")
NOT_SENT = _("All right. We send nothing.")
SEEN_BY_US = _("Someone from our team should see this. We have told them.")


def does_not_want_it(check_in: bool | None) -> bool:
    """They said that we should not ask by ourselves."""
    return check_in is False


def area_conversation(
    name: Area,
    title: str,
    text: str,
    subjects: tuple[Subject, ...],
    intro: tuple[Step, ...] = (),
    enquired: str = NOT_KNOWN_YET,
    may_ask: Mapping[str, str] | None = None,
    retired: frozenset[str] = frozenset(),
) -> Conversation:
    """`may_ask`: the first button asks what help fits, and these answers are given already."""
    asked = tuple(f"about_{subject.id}" for subject in subjects)
    topics = [topic for subject in subjects for topic in subject.topics]
    return Conversation(
        name,
        (
            *intro,
            Choose("subject", text, *_may_ask(may_ask),
                   *(Choice(one.id, one.label, then=_first(one)) for one in subjects),
                   Choice(OTHER, _("Something else"), then="own_question")),
            *(step for subject in subjects for step in _ask(subject)),
            *_call_first(topics, asked),
            Tell("facts", {one.id: one.facts for one in topics if one.facts}, by=asked),
            *_urgent(name, topics, asked),
            Choose(
                "after",
                _("What would you like to do now?"),
                Choice("plan", _("Put it into my plan"), then="plan_step", when=_has(asked, topics, "next_step")),
                *_refer_choice(topics, asked),
                Choice("again", _("Another question"), then="again"),
                Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
                Choice("menu", _("To the menu"), then="menu"),
            ),
            Plan("plan_step", {one.id: one.next_step for one in topics if one.next_step}, by=asked,
                 source={one.id: one.facts[0] for one in topics if one.next_step and one.facts}),
            Say("planned", _("It is in your plan.")),
            Branch("not_asked_later", when=does_not_want_it, then="more"),
            Say("asked_later", _("We will ask you how it went."), then="more"),
            *_referral(topics, asked),
            Ask("own_question", _("Please write your question in your own words."), reads=long_text),
            Enquire("enquire", area=name, about="own_question"),
            Say("enquired", enquired),
            Choose(
                "more",
                _("Is there anything else?"),
                Choice("again", _("Another question"), then="again"),
                Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
                Choice("menu", _("To the menu"), then="menu"),
                Choice("enough", _("No, thank you"), then="end"),
            ),
            HandOff("hand_off", area=name, reason=title),
            Go("back_to_menu", "menu"),
            Go("again", name),
            Go("menu", "menu"),
            *(Go(f"to_{one.opens}", one.opens) for one in topics if one.opens),
            *(() if may_ask is None else (Go("to_eligibility", "eligibility", may_ask),)),
            End("end", _("Good. You can write to us again at any time.")),
        ),
        title=title,
        retired=retired,
    )


def _may_ask(may_ask: Mapping[str, str] | None) -> tuple[Choice, ...]:
    return () if may_ask is None else (Choice("eligibility", _("What may I ask for?"), then="to_eligibility"),)


def _call_first(topics: list[Topic], asked: tuple[str, ...]) -> tuple[Step, ...]:
    if not any(topic.urgent for topic in topics):
        return ()
    return (Say("call_first", _("If you are in danger now, call 112. The call is free.")),)


def _urgent(name: Area, topics: list[Topic], asked: tuple[str, ...]) -> tuple[Step, ...]:
    """What is as plain as a cry for help gets a person, as urgent as that."""
    if not any(topic.urgent for topic in topics):
        return ()
    urgent = _has(asked, topics, "urgent")
    return (HandOff("urgent", area=name, reason=_("Asked about danger"), urgent=True, when=urgent, text=SEEN_BY_US),)


def _refer_choice(topics: list[Topic], asked: tuple[str, ...]) -> tuple[Choice, ...]:
    if not any(topic.partner for topic in topics):
        return ()
    return (Choice("refer", _("Contact with the office"), then="ask_office", when=_can_refer(asked, topics)),)


def _referral(topics: list[Topic], asked: tuple[str, ...]) -> tuple[Step, ...]:
    """The consent to be passed on, for the areas that have somebody to pass on to."""
    if not any(topic.partner for topic in topics):
        return ()
    partners = {one.id: one.partner for one in topics if one.partner}
    return (
        Refer("ask_office", partners, by=asked, asks=True),
        Choose(
            "referral",
            REFERRAL_QUESTION,
            Choice("yes", YES_SEND, then="refer"),
            Choice("no", DO_NOT_SEND, then="not_sent"),
            records="send",
        ),
        Refer("refer", partners, by=asked),
        Say("referred", REFERRED, then="more"),
        Say("not_sent", NOT_SENT, then="more"),
    )


def _first(subject: Subject) -> str:
    return subject.first[0].id if subject.first else f"about_{subject.id}"


def _ask(subject: Subject) -> tuple[Step, ...]:
    choices = (Choice(one.id, one.label, then=_leads(one), when=one.when) for one in subject.topics)
    return (
        *subject.first,
        Choose(f"about_{subject.id}", subject.text, *choices, Choice(OTHER, _("Something else"), then="own_question")),
    )


def _leads(topic: Topic) -> str:
    return f"to_{topic.opens}" if topic.opens else "call_first" if topic.urgent else "facts"


def _has(asked: tuple[str, ...], topics: list[Topic], attribute: str) -> Condition:
    """Holds where the topic that was chosen, whichever question it stood under, has this."""
    ids = frozenset(one.id for one in topics if getattr(one, attribute))

    def condition(**answers: str) -> bool:
        return any(answer in ids for answer in answers.values())

    return naming(condition, dict.fromkeys(asked))


def _can_refer(asked: tuple[str, ...], topics: list[Topic]) -> Condition:
    """Holds where the topic that was chosen has a partner with whom the centre works."""
    partners = {one.id: one.partner for one in topics if one.partner}

    def condition(gone_offices: Collection[str] = (), **answers: str) -> bool:
        return any(answer in partners and partners[answer] not in gone_offices for answer in answers.values())

    return naming(condition, {**dict.fromkeys(asked), "gone_offices": ()})


def naming(condition: Condition, defaults: Mapping[str, object]) -> Condition:
    """Give a condition that takes any names the names that it needs, each with a default."""
    import inspect

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default) for name, default in defaults.items()
    ]
    condition.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return condition
