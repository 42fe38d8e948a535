"""What may I ask for? A conversation that asks only what is missing, and answers with cards."""

from __future__ import annotations

from conversations.consents import WITH_GROWN_UP, is_under_age
from conversations.eligibility.questions import QUESTIONS
from conversations.guard import GUARD
from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, Go, HandOff, Say, Suggest


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
        Suggest("answer", about="about", most=5),
        Choose(
            "after",
            _("What would you like to do now?"),
            Choice("again", _("Another kind of help"), then="again"),
            Choice("plan", _("See my plan"), then="plan"),
            Choice("counsellor", _("Ask a counsellor"), then="hand_off"),
            Choice("menu", _("To the menu"), then="menu"),
        ),
        HandOff("hand_off", area="general", reason=_("What may I ask for?"), then="menu"),
        Go("again", "eligibility"),
        Go("plan", "plan"),
        WITH_GROWN_UP,
        Go("menu", "menu"),
    ),
    title=_("What may I ask for?"),
)
