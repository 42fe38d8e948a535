"""What may I ask for? A conversation that asks only what is missing, and answers with cards."""

from __future__ import annotations

from typing import Any

from conversations.areas import naming
from conversations.consents import WITH_GROWN_UP, is_under_age
from conversations.eligibility.questions import NAMES, QUESTIONS, offered
from conversations.guard import GUARD
from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, Go, HandOff, Say, Suggest


def _has_some(**scope: Any) -> bool:
    """Some help that they may ask for, or that is open; or some that is probably not for them."""
    answers = {name: value for name, value in scope.items() if name not in ("today", "known", "unverified")}
    known = {**(scope["known"] or {}), **answers}
    return bool(offered(known, scope["about"], scope["today"], scope["unverified"]))


has_some = naming(_has_some, {**dict.fromkeys(["today", "known", *NAMES]), "unverified": True})


def some_are_unlikely(has_unlikely: bool) -> bool:
    return has_unlikely


def is_not_germany(about: str) -> bool:
    return about != "germany"


ELIGIBILITY = Conversation(
    "eligibility",
    (
        Branch("known_minor", when=is_under_age, then="with_grown_up"),
        Choose(
            "about",
            _("What may you ask for? I ask only what I need to know. Which help is it about?"),
            Choice("return", _("Help after coming back")),
            Choice("home", _("A home")),
            Choice("family", _("Children and papers")),
            Choice("money", _("Money and health")),
            Choice("work", _("Work and training")),
            Choice("germany", _("A legal way to Germany")),
            Choice("goods", _("Things and car")),
        ),
        Branch("no_guard", when=is_not_germany, then=QUESTIONS[0].id),
        Say("never_predicted", _("I cannot say whether you will get a visa. Only the authorities decide.")),
        *GUARD,
        *QUESTIONS,
        Suggest("answer", about="about", shows="names"),
        Choose(
            "after",
            _("What would you like to do now?"),
            Choice("more", _("Tell me more"), then="to_help", when=has_some),
            Choice("again", _("Another kind of help"), then="again"),
            Choice("plan", _("See my plan"), then="plan"),
            Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
            Choice("menu", _("To the menu"), then="menu"),
        ),
        HandOff("hand_off", area="general", reason=_("What may I ask for?"), then="menu"),
        Go("to_help", "help_found", carries=True),
        Go("again", "eligibility"),
        Go("plan", "plan"),
        WITH_GROWN_UP,
        Go("menu", "menu"),
    ),
    title=_("What may I ask for?"),
)

HELP_FOUND = Conversation(
    "help_found",
    (
        Choose(
            "which",
            _("Which one would you like to see?"),
            Choice("unlikely", _("Probably not for me"), then="unlikely", when=some_are_unlikely),
            Choice("again", _("Another kind of help"), then="again"),
            Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
            Choice("menu", _("To the menu"), then="menu"),
            over="offers",
        ),
        Suggest("card", about="subject", shows="card", of="which", then="once_more"),
        Suggest("unlikely", about="subject", shows="unlikely", then="once_more"),
        HandOff("hand_off", area="general", reason=_("What may I ask for?"), then="menu"),
        Go("once_more", "help_found", carries=True),
        Go("again", "eligibility"),
        Go("menu", "menu"),
    ),
    title=_("What may I ask for?"),
)
"""The help that was found, one by one: with where, why, papers and source."""
