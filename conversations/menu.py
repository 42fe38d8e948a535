"""The menu, and the small conversations that a word or a tap opens from anywhere."""

from datetime import timedelta

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Say


def something_open(open_run: str | None) -> bool:
    return open_run is not None


def has_appointment(is_expected: bool) -> bool:
    return is_expected


def has_address(centre_address: str) -> bool:
    return bool(centre_address)


def has_phone(centre_phone: str) -> bool:
    return bool(centre_phone)


MENU = Conversation(
    "menu",
    (
        Choose(
            "menu",
            _("What would you like to do?"),
            Choice("resume", _("Go on where we were"), then="resume", when=something_open),
            Choice("intake", _("Questions about me"), then="intake"),
            Choice("employment", _("Work and career"), then="employment"),
            Choice("migration", _("Legal ways to Germany"), then="migration"),
            Choice("reintegration", _("Settling in again"), then="reintegration"),
            Choice("psychosocial", _("How I feel"), then="psychosocial"),
            Choice("plan", _("My plan"), then="plan"),
            Choice("appointments", _("My appointments"), then="appointments", when=has_appointment),
            Choice("language", _("Language"), then="language"),
            Choice("my_data", _("My data"), then="my_data"),
            Choice("help", _("How this chat works"), then="help"),
        ),
        End("resume"),
        Go("intake", "intake"),
        Go("employment", "employment"),
        Go("migration", "migration"),
        Go("reintegration", "reintegration"),
        Go("psychosocial", "psychosocial"),
        Go("plan", "plan"),
        Go("appointments", "appointments"),
        Go("language", "language"),
        Go("my_data", "my_data"),
        Go("help", "help"),
    ),
    title=_("Menu"),
)

HELP = Conversation(
    "help",
    (
        Say("how", _("You can tap a button, or write in your own words.\n"
                     "Write “back” to go back, “skip” to leave a question out, “menu” for the menu.")),
        Say("who", _("To talk to a person, tap “Talk to a counsellor”.\n"
                     "Write “stop” if we should not write to you by ourselves. Write “pause” for a break.")),
        Say("address", _("You find us here: {centre_address}"), when=has_address),
        Say("phone", _("You can call us: {centre_phone}"), when=has_phone),
        Say("danger", _("This is a program and no emergency service. If you are in danger, call 112.")),
        End("end"),
    ),
    title=_("Help"),
)


PAUSES = {"week": timedelta(days=7), "two_weeks": timedelta(days=14), "month": timedelta(days=30)}

PAUSE = Conversation(
    "pause",
    (
        Choose(
            "pause",
            _("For how long shall we not write to you by ourselves?"),
            Choice("week", _("One week")),
            Choice("two_weeks", _("Two weeks")),
            Choice("month", _("One month")),
            Choice("none", _("No pause"), then="no_pause"),
            records="pause",
        ),
        End("end", _("All right. In this time we do not write by ourselves. You can write to us at any time.")),
        End("no_pause", _("All right. No pause.")),
    ),
    title=_("Pause"),
)

RATING = Conversation(
    "rating",
    (
        Choose(
            "rating",
            _("Our talk is finished for now. Did it help you?"),
            Choice("yes", _("Yes")),
            Choice("partly", _("A little")),
            Choice("no", _("No")),
            records="rating",
            skippable=True,
        ),
        End("end", _("Thank you. You can write to us again at any time.")),
    ),
    title=_("How was it?"),
)
