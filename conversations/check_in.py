"""The check-in: opened by the clock, ended by the person or handed to a counsellor, never left in silence."""

from datetime import timedelta
from typing import Any

from conversations.marking import mark as _
from conversations.model import (
    Branch,
    Choice,
    Choose,
    Conversation,
    End,
    Enquire,
    Go,
    Group,
    HandOff,
    Recall,
    Remind,
)
from conversations.plan import STATES
from conversations.pulse import fell, has_curve, question


def stuck(how: str | None) -> bool:
    return how == "stuck"


def any_stuck(steps: list[dict[str, Any]]) -> bool:
    return any(step.get("how") == "stuck" for step in steps)


def needs_someone(someone: str | None) -> bool:
    return someone == "yes"


def only_stuck(steps: list[dict[str, Any]], someone: str | None) -> bool:
    return someone != "yes" and any_stuck(steps)


def has_news(news: str | None) -> bool:
    return news in ("work", "moved")


def is_over(soon: tuple[Any, ...]) -> bool:
    return not soon


def lacks_something(well: str | None) -> bool:
    return well == "no"


CHECK_IN = Conversation(
    "check_in",
    (
        Choose(
            "ready",
            _("Hello. We have a short question for you."),
            Choice("now", _("Go on")),
            Choice("later", _("Not now"), then="later"),
            Choice("less", _("Ask me less"), then="asking"),
            otherwise="now",
        ),
        Group(
            "steps",
            (
                Choose("how", _("Your plan says: {what}. How is it going?"), *STATES, label=_("Step"), records="plan"),
                Choose(
                    "obstacle",
                    _("This happens often. It is not your fault. What is in the way?"),
                    Choice("paper", _("A paper is missing")),
                    Choice("refused", _("The office said no")),
                    Choice("far", _("Too far or too expensive")),
                    Choice("other", _("Something else")),
                    skippable=True,
                    when=stuck,
                ),
            ),
            over="plan",
        ),
        question("money", _("How is it going with work and money?")),
        question("people", _("How is it going with people and services around you?")),
        question("mood", _("How are you?")),
        Enquire("fell", area="general", reason=_("It goes worse than at the last check-in: please get in touch"),
                kind="pulse", within="working_day", when=fell),
        Choose(
            "news",
            _("Has something changed since we last asked?"),
            Choice("nothing", _("Nothing new")),
            Choice("work", _("I have work now")),
            Choice("moved", _("I have moved")),
        ),
        Recall("curve", _("How it has gone, the first time on the left:"), none=_("There is no curve yet."),
               lists="pulse", when=has_curve),
        Choose(
            "someone",
            _("Do you need somebody to talk to?"),
            Choice("yes", _("Yes")),
            Choice("no", _("No, thank you")),
        ),
        HandOff("hand_off", area="general", reason=_("Wants to talk after a check-in"), when=needs_someone),
        HandOff("stuck_hand_off", area="general", reason=_("Stuck with a step of the plan"), when=only_stuck,
                text=_("You do not have to talk. But one step is stuck, and a counsellor can look at it with you "
                       "here.")),
        Choose(
            "next",
            _("When shall we ask you again?\n{as_planned}"),
            Choice("usual", _("As planned")),
            Choice("week", _("In one week")),
            Choice("two_weeks", _("In two weeks")),
            Choice("month", _("In one month")),
            Choice("three_months", _("In three months")),
            Choice("never", _("Not any more")),
            records="rhythm",
        ),
        Branch("something_new", when=has_news, then="to_news"),
        End("end", _("Thank you. You can write to us at any time.")),
        Remind("later", opens="check_in", after=timedelta(days=2)),
        End("end_later", _("All right. We ask you again in two days.")),
        Go("asking", "asking"),
        Go("to_news", "news"),
    ),
    title=_("How is it going?"),
    keeps=True,
    retired=frozenset({"next_check_in"}),
)

STEP_SOON = Conversation(
    "step_soon",
    (
        Choose(
            "ready",
            _("Hello. We have a short reminder for you."),
            Choice("now", _("Show it")),
            otherwise="now",
        ),
        Recall("soon", _("In your plan for these days:"), none=_("There is nothing in your plan for these days."),
               lists="soon"),
        Branch("over", when=is_over, then="end_over"),
        Choose(
            "well",
            _("Do you have all that you need for it?"),
            Choice("yes", _("Yes")),
            Choice("no", _("No, I need help")),
            Choice("plan", _("To my plan"), then="plan"),
        ),
        HandOff("help", area="general", reason=_("Needs help with a step of the plan that is due"),
                when=lacks_something),
        End("end", _("All right. We ask you afterwards how it went.")),
        End("end_over", _("Thank you. You can write to us at any time.")),
        Go("plan", "plan"),
    ),
    title=_("Your plan these days"),
)
"""The day before a step of the plan. What is first seen, perhaps on a locked screen, says nothing about it."""
