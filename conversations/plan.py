"""The person's plan: see it, change a step, add one."""

from conversations.areas import does_not_want_it
from conversations.marking import mark as _
from conversations.model import Ask, Branch, Choice, Choose, Conversation, Go, Plan, Say
from conversations.readers import future_date, short_text

STATES = (
    Choice("done", _("Done")),
    Choice("under_way", _("I am on it")),
    Choice("stuck", _("I am stuck")),
    Choice("dropped", _("Not any more")),
)
"""How a step can be going, in a check-in and here."""


def is_empty(plan: list[object]) -> bool:
    return not plan


def is_stuck(state: str | None) -> bool:
    return state == "stuck"


PLAN = Conversation(
    "plan",
    (
        Choose(
            "empty",
            _("There is no open step in your plan. What would you like to do?"),
            Choice("add", _("Add a step"), then="own_step"),
            Choice("menu", _("To the menu"), then="menu"),
            when=is_empty,
        ),
        Choose(
            "step",
            _("Your plan. Tap a step to say how it is going."),
            Choice("add", _("Add a step"), then="own_step"),
            Choice("menu", _("To the menu"), then="menu"),
            over="plan",
        ),
        Choose("state", _("How is it going with this step?"), *STATES, records="plan", of="step"),
        Say("stuck", _("This happens often. It is not your fault. A counsellor can look at it with you: "
                       "tap “Talk to a counsellor”."), when=is_stuck, then="again"),
        Say("noted", _("Thank you. I have noted it."), then="again"),
        Ask("own_step", _("What do you want to do next? Write it in a few words."), reads=short_text),
        Ask("due", _("By when? For example: in two weeks, or 15 December."), reads=future_date, skippable=True),
        Plan("own", answer="own_step", due="due"),
        Say("added", _("It is in your plan.")),
        Branch("not_asked_later", when=does_not_want_it, then="again"),
        Say("asked_later", _("We will ask you how it went.")),
        Go("again", "plan"),
        Go("menu", "menu"),
    ),
    title=_("My plan"),
)
