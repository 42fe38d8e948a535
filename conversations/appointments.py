"""Appointments: pick a time, keep it, move it, cancel it; what is said the day before, and when somebody was missed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from conversations.marking import mark as _
from conversations.model import Branch, Choice, Choose, Conversation, End, Enquire, Go, Hand, Recall, Say

NONE = "none"
"""None of the times fits."""


def none_left(times: Collection[Any]) -> bool:
    """When the talk begins: the times are kept as they are then."""
    return not times


def none_fits(pick_time: str | None) -> bool:
    return pick_time == NONE


def was_taken(pick_time: str | None, free_times: Collection[str]) -> bool:
    return pick_time not in free_times


def is_reminded(pick_time: str, today: date, check_in: bool | None) -> bool:
    """It is later than tomorrow, and we may write by ourselves. A time begins with its day: 20261124T1330."""
    day = date(int(pick_time[:4]), int(pick_time[4:6]), int(pick_time[6:8])) if pick_time[:8].isdigit() else today
    return check_in is not False and day - today > timedelta(days=1)


def has_papers(bring: object) -> bool:
    return bring is not None


def has_none(appointments: Collection[object]) -> bool:
    return not appointments


def is_over(which: str | None, appointment_lines: Collection[Any]) -> bool:
    return which not in [one.path for one in appointment_lines]


def can_be_fetched(can_fetch: bool) -> bool:
    return can_fetch


WHICH_TIMES = _("A counsellor offers you other times here.")
CANCELLED = _("The appointment is cancelled. You can ask for another one at any time: write “appointment”.")

PICK = Conversation(
    "appointment",
    (
        Branch("all_taken", when=none_left, then="ask_for_some"),
        Choose(
            "pick_time",
            _("You can have an appointment with us. Which time suits you?\nWhere: {meeting_place}"),
            Choice(NONE, _("None of these")),
            over="times",
            records="appointment:pick",
        ),
        Branch("none_fits", when=none_fits, then="ask_for_times"),
        Branch("taken", when=was_taken, then="taken_meanwhile"),
        Say("booked", _("Your appointment: {pick_time}.\nWhere: {meeting_place}")),
        Say("bring", _("Please bring: {bring}"), when=has_papers),
        Say("reminded", _("We remind you the day before."), when=is_reminded),
        Go("to_booked", "appointment_booked"),
        Say("taken_meanwhile", _("Somebody else has taken this time meanwhile.")),
        Go("again", "appointment"),
        Enquire("ask_for_times", area="general", kind="appointment",
                reason=_("None of the offered times fits. Please offer others.")),
        End("others_come", WHICH_TIMES),
        Enquire("ask_for_some", area="general", kind="appointment",
                reason=_("Would like another time, and none is on offer. Please offer some.")),
        End("some_come", WHICH_TIMES),
    ),
    title=_("Appointment"),
)

BOOKED = Conversation(
    "appointment_booked",
    (
        Choose(
            "and_now",
            _("To move or cancel it later, write “appointment”."),
            Choice("calendar", _("For my calendar"), when=can_be_fetched),
            Choice("enough", _("Good"), then="end"),
        ),
        Hand("file", _("This file puts it into your calendar."), answer="and_now"),
        End("end"),
    ),
    title=_("Appointment"),
)

MINE = Conversation(
    "appointments",
    (
        Choose(
            "wish",
            _("You have no appointment with us. Shall we offer you one?"),
            Choice("yes", _("Yes, please"), then="ask_for_one"),
            Choice("no", _("No, thank you"), then="end"),
            when=has_none,
        ),
        Recall("list", _("Your appointments:"), none="", lists="appointment_lines"),
        Choose(
            "which",
            _("Which one is it about?"),
            Choice("calendar", _("For my calendar"), then="file", when=can_be_fetched),
            Choice("menu", _("To the menu"), then="menu"),
            over="appointments",
        ),
        Branch("over", when=is_over, then="settled"),
        Choose(
            "what",
            _("What would you like to do?\n{which}"),
            Choice("move", _("Another time"), then="to_pick"),
            Choice("cancel", _("Cancel it"), then="sure"),
            Choice("keep", _("Leave it as it is"), then="end"),
            records="appointment:do",
            of="which",
        ),
        Choose(
            "sure",
            _("Cancel this appointment?\n{which}"),
            Choice("yes", _("Yes, cancel it"), then="cancelled"),
            Choice("no", _("No, keep it"), then="end"),
            records="appointment:cancel",
            of="which",
        ),
        End("cancelled", CANCELLED),
        Hand("file", _("This file puts it into your calendar."), answer="which", then="end"),
        Enquire("ask_for_one", area="general", reason=_("Would like an appointment. Please offer times."),
                kind="appointment"),
        End("times_come", _("A counsellor offers you times here.")),
        Go("to_pick", "appointment"),
        Go("menu", "menu"),
        End("settled", _("Thank you. This has been settled meanwhile.")),
        End("end", _("Good. You can write to us again at any time.")),
    ),
    title=_("Appointments"),
)

SOON = Conversation(
    "appointment_soon",
    (
        Choose(
            "ready",
            _("Hello. We have a short reminder for you."),
            Choice("now", _("Show it")),
            otherwise="now",
        ),
        Branch("past", when=has_none, then="past_end"),
        Say("when", _("Your appointment with us: {next_time}.\nWhere: {meeting_place}")),
        Say("bring", _("Please bring: {bring}"), when=has_papers),
        Choose(
            "will_come",
            _("Will you come?"),
            Choice("yes", _("Yes, I will come"), then="see_you"),
            Choice("move", _("Another time"), then="to_pick"),
            Choice("cancel", _("Cancel it"), then="cancelled"),
            records="appointment:soon",
        ),
        End("see_you", _("Thank you. See you then.")),
        End("cancelled", CANCELLED),
        End("past_end", _("This appointment is over. You can ask for another one at any time: write “appointment”.")),
        Go("to_pick", "appointment"),
    ),
    title=_("Appointment"),
    retired=frozenset({"hello"}),
)
"""The day before. What is first seen, perhaps on a locked screen, says nothing about it."""

ANOTHER = Conversation(
    "another_time",
    (
        Choose(
            "another",
            _("Would you like another time?"),
            Choice("yes", _("Yes, please"), then="ask_for_times"),
            Choice("no", _("Not now")),
        ),
        End("end", _("All right. You can write to us again at any time.")),
        Enquire("ask_for_times", area="general", reason=_("Would like another time. Please offer some."),
                kind="appointment"),
        End("others_come", WHICH_TIMES),
    ),
    title=_("Appointment"),
)
