"""The first conversation, as the centre holds it: background, profile, goals, the work that a person wants.

The first part is short and is enough to help. The rest is offered, and can come later.
"""

from datetime import timedelta

from conversations.areas import SEEN_BY_US
from conversations.consents import CHECK_IN, KEEP, SENSITIVE, UNDER_AGE, WITH_GROWN_UP, is_under_age
from conversations.marking import mark as _
from conversations.model import (
    Ask,
    Branch,
    Choice,
    Choose,
    Conversation,
    Go,
    Group,
    HandOff,
    Remind,
    Review,
    Say,
    Section,
    Suggest,
)
from conversations.profile import ENGLISH, GERMAN, HOUSEHOLD, PAPERS, ROUTING, SITUATION, only
from conversations.readers import long_text, number, phone, short_text


def not_asked(keep: bool | None) -> bool:
    return keep is not True


def is_kept(keep: bool | str | None) -> bool:
    return keep in (True, "yes")


def not_decided(check_in: bool | None) -> bool:
    return check_in is None


def is_asked_again(
    may_ask: str | None = None, check_in: bool | None = None, asked_already: bool = False
) -> bool:
    """In a week; but who brings answers up to date keeps what was agreed about that."""
    return not asked_already and (may_ask == "yes" or (may_ask is None and check_in is True))


def wants_things(first_need: str | None) -> bool:
    return first_need != "psychosocial"


def has_children(household: object = None) -> bool:
    return isinstance(household, dict) and any(one.startswith("child") for one in household.get("picked", ()))


def may_ask_health(sensitive_ok: str | None) -> bool:
    return sensitive_ok == "yes"


def wants_own_business(work_wish: str | None) -> bool:
    return work_wish == "business"


def wants_work(work_wish: str | None) -> bool:
    return work_wish in ("job", "any")


def by_phone(contact_way: str | None) -> bool:
    return contact_way == "phone"


def has_no_roof(housing: str | None = None) -> bool:
    return housing == "none"


INTAKE = Conversation(
    "intake",
    (
        Branch("known_minor", when=is_under_age, then="with_grown_up"),
        Say("intro", _("I ask you a few questions. You can skip almost every one, and go back at any time.")),
        UNDER_AGE,
        only(KEEP, when=not_asked),
        Section("part_you", _("About you")),
        Ask("name", _("What may we call you? A first name is enough."), reads=short_text, label=_("Name"),
            skippable=True, remember=True),
        SITUATION,
        *ROUTING,
        Choose(
            "first_need",
            _("What do you need first?"),
            Choice("employment", _("Work or training")),
            Choice("migration", _("A legal way to Germany")),
            Choice("reintegration", _("Papers, money, school, home")),
            Choice("psychosocial", _("Someone to talk to")),
            label=_("Needs first"), skippable=True, remember=True,
        ),
        Choose(
            "enough",
            _("Thank you. That is enough to help you. Will you answer a few more questions now, or later?"),
            Choice("more", _("More questions now")),
            Choice("later", _("Later"), then="summary"),
        ),
        Section("part_home", _("Home and family")),
        HOUSEHOLD,
        Group(
            "children",
            (
                Ask("age", _("How old is child number {number}?"), reads=number(0, 25), label=_("Age of a child"),
                    skippable=True),
            ),
            first=_("Do you want to tell us the ages of your children? It helps with school and papers."),
            again=_("Is there another child?"),
            add=_("Add a child"),
            done=_("No, go on"),
            remember=True,
            when=has_children,
        ),
        Choose(
            "housing",
            _("Where do you live now?"),
            Choice("own", _("In our own home")),
            Choice("family", _("With relatives")),
            Choice("rent", _("We pay rent")),
            Choice("shelter", _("In a shelter")),
            Choice("none", _("I have no place to sleep")),
            label=_("Housing"), skippable=True, remember=True,
        ),
        HandOff("no_roof", area="reintegration", reason=_("No place to sleep"), urgent=True, when=has_no_roof,
                text=SEEN_BY_US),
        PAPERS,
        Section("part_health", _("Health")),
        SENSITIVE,
        Ask("health", _("Is there anything about health that we should know? For example medicine that you need."),
            reads=long_text, label=_("Health"), skippable=True, remember=True, personal=True, when=may_ask_health),
        Section("part_skills", _("What you can do")),
        Choose(
            "education",
            _("What is your highest education?"),
            Choice("none", _("No school")),
            Choice("primary", _("Primary school")),
            Choice("secondary", _("Secondary school")),
            Choice("vocational", _("Vocational training")),
            Choice("university", _("University")),
            label=_("Education"), skippable=True, remember=True,
        ),
        Group(
            "jobs",
            (
                Ask("trade", _("Which work was it?"), reads=short_text, label=_("Work before")),
                Ask("years", _("For how many years?"), reads=number(0, 60), label=_("Years"), skippable=True),
            ),
            first=_("Have you worked before, here or abroad, with or without papers?"),
            again=_("Was there other work?"),
            add=_("Add a job"),
            done=_("No, go on"),
            remember=True,
        ),
        GERMAN,
        ENGLISH,
        Ask("languages_spoken", _("Which languages do you speak well, also without a certificate?"), reads=short_text,
            label=_("Languages"), skippable=True, remember=True),
        Section("part_work", _("The work that you want")),
        Choose(
            "work_wish",
            _("What do you want most?"),
            Choice("job", _("A certain job")),
            Choice("any", _("Any work")),
            Choice("training", _("Training first")),
            Choice("business", _("My own business")),
            Choice("none", _("I look for no work now")),
            label=_("Wish for work"), skippable=True, remember=True,
        ),
        Ask("work_wanted", _("Which work would you like to do in Kosovo?"), reads=short_text, label=_("Work wanted"),
            skippable=True, remember=True, when=wants_work),
        Ask("business_idea", _("What is your idea? One sentence is enough."), reads=long_text,
            label=_("Business idea"), skippable=True, remember=True, when=wants_own_business),
        Section("part_goals", _("Your goals")),
        Ask("goals", _("What should be better in one year? Write it in your own words."), reads=long_text,
            label=_("Goals"), skippable=True, remember=True),
        Choose(
            "contact_way",
            _("How may a counsellor reach you safely?"),
            Choice("chat", _("Only in this chat")),
            Choice("phone", _("Also by phone")),
            label=_("Contact"), skippable=True, remember=True,
        ),
        Ask("phone", _("Which number may we call? For example 044 123 456."), reads=phone, label=_("Phone"),
            skippable=True, remember=True, when=by_phone),
        Choose(
            "contact_time",
            _("At what time may we write or call?"),
            Choice("any", _("9:00 to 19:00")),
            Choice("morning", _("9:00 to 12:00")),
            Choice("afternoon", _("12:00 to 16:00")),
            Choice("evening", _("16:00 to 19:00")),
            label=_("Time"), skippable=True, remember=True,
        ),
        Review("summary", _("This is what I understood. Is it right? To change a line, tap it or write its number."),
               confirm=_("Yes, that is right")),
        only(CHECK_IN, when=not_decided),
        Remind("first_check_in", opens="check_in", after=timedelta(days=7), when=is_asked_again),
        Say("thanks", _("Thank you. A counsellor can see it now."), when=is_kept, then="asks_again"),
        Say("thanks_not_kept", _("Thank you. We keep none of these answers.")),
        Say("asks_again", _("In a week we ask you how it is going."), when=is_asked_again),
        Suggest("suggested", ("reintegration", "employment"), most=3, when=wants_things),
        Go("first_area", "first_area"),
        WITH_GROWN_UP,
        Go("menu", "menu"),
    ),
    title=_("Questions about you"),
    keeps=True,
)

FIRST_AREA = Conversation(
    "first_area",
    (
        Choose(
            "area",
            _("Which area shall we open first?"),
            Choice("employment", _("Work and career"), then="employment"),
            Choice("migration", _("Legal ways to Germany"), then="migration"),
            Choice("reintegration", _("Settling in again"), then="reintegration"),
            Choice("psychosocial", _("How I feel"), then="psychosocial"),
            Choice("menu", _("To the menu"), then="menu"),
        ),
        Go("employment", "employment"),
        Go("migration", "migration"),
        Go("reintegration", "reintegration"),
        Go("psychosocial", "psychosocial"),
        Go("menu", "menu"),
    ),
    title=_("Your areas"),
)
