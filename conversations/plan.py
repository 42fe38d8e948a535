"""The person's plan: see it, say how a step is going, move it, let it go, add one."""

from __future__ import annotations

from typing import Any

from conversations.areas import does_not_want_it
from conversations.marking import mark as _
from conversations.model import Ask, Branch, Choice, Choose, Conversation, End, Go, Plan, Say, ShowPlan
from conversations.readers import future_date, short_text

STATES = (
    Choice("done", _("Done")),
    Choice("under_way", _("I am on it")),
    Choice("stuck", _("I am stuck")),
    Choice("dropped", _("Not any more")),
)
"""How a step can be going, in a check-in and here."""
REASONS = (
    Choice("not_needed", _("I do not need it any more")),
    Choice("too_hard", _("It is too hard for me")),
    Choice("other_way", _("I do it in another way")),
)
"""Why a step was let go."""
BY_WHEN = _("By when? For example: in two weeks, or 15 December.")
ADD = Choice("add", _("Add a step"), then="own_step")
TO_MENU = Choice("menu", _("To the menu"), then="menu")


def is_empty(plan: list[object]) -> bool:
    return not plan


def is_new(again: bool) -> bool:
    """Not straight after a step of it was changed."""
    return not again


def is_done(state: str | None) -> bool:
    return state == "done"


def is_stuck(state: str | None) -> bool:
    return state == "stuck"


def is_dropped(state: str | None) -> bool:
    return state == "dropped"


def is_to_move(state: str | None) -> bool:
    return state == "another_day"


def has_day(due: str | None) -> bool:
    return due is not None


def has_no_day(due: str | None) -> bool:
    return due is None


OVER = ("done", "dropped")


def was_changed(step: str, plan: list[dict[str, Any]], plan_now: list[dict[str, Any]]) -> bool:
    """Somebody else has said meanwhile how this step is going: what the person says now does not count."""
    shown, now = _of(step, plan).get("state"), _of(step, plan_now).get("state")
    return shown != now and not (now is None and shown in (None, *OVER))


def was_touched(step: str, plan: list[dict[str, Any]], plan_now: list[dict[str, Any]]) -> bool:
    """Anything of it was changed by somebody else."""
    return bool(_of(step, plan).get("version") != _of(step, plan_now).get("version"))


def _of(step: str, plan: list[dict[str, Any]]) -> dict[str, Any]:
    return next((one for one in plan if one["key"] == step), {})


PLAN = Conversation(
    "plan",
    (
        ShowPlan("overview", when=is_new),
        Choose(
            "empty",
            _("There is no open step in your plan. What would you like to do?"),
            ADD,
            TO_MENU,
            when=is_empty,
        ),
        Choose("step", _("Tap a step to say how it is going."), ADD,
               Choice("print", _("Print my plan"), then="sheet"), TO_MENU, over="plan"),
        Choose(
            "state",
            _("How is it going with this step?"),
            *STATES[:-1],
            Choice("another_day", _("Another day")),
            STATES[-1],
            records="plan",
            of="step",
        ),
        Branch("meanwhile", when=was_changed, then="again"),
        Branch("moves", when=is_to_move, then="new_day"),
        Branch("drops", when=is_dropped, then="why"),
        Say("stuck", _("This happens often. It is not your fault. A counsellor can look at it with you: "
                       "tap “Talk to a counsellor”."), when=is_stuck, then="again"),
        Say("noted", _("Thank you. I have noted it.")),
        ShowPlan("progress", when=is_done, then="again"),
        Go("noted_only", "plan"),
        Choose(
            "why",
            _("It is not in your plan any more. Would you like to say why?"),
            *REASONS,
            skippable=True,
            records="plan:reason",
            of="step",
        ),
        Say("why_noted", _("Thank you. I have noted it."), then="again"),
        Ask("new_day", BY_WHEN, reads=future_date, records="plan:day", of="step"),
        Branch("moved_meanwhile", when=was_touched, then="again"),
        Say("moved", _("It is in your plan until {new_day} now."), then="again"),
        Ask("own_step", _("What do you want to do next? Write it in a few words."), reads=short_text),
        Ask("due", BY_WHEN, reads=future_date, skippable=True),
        Plan("own", answer="own_step", due="due"),
        Say("added", _("It is in your plan."), when=has_day),
        Say("added_without_day", _("It is in your plan. You gave no day, so we take one week from now. You can change "
                                   "that: tap the step."), when=has_no_day),
        Branch("not_asked_later", when=does_not_want_it, then="again"),
        Say("asked_later", _("We will ask you how it went.")),
        Go("again", "plan"),
        ShowPlan("sheet", printed=True),
        Go("after_sheet", "plan"),
        Go("menu", "menu"),
    ),
    title=_("My plan"),
)

ANOTHER_DAY = Conversation(
    "another_day",
    (
        Ask("day", BY_WHEN, reads=future_date, records="plan:offer", of="offer"),
        End("end"),
    ),
    title=_("Another day"),
)
"""The person accepts what a counsellor has proposed, by a day of their own."""
