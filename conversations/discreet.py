"""For who is not alone with the phone: what we write by ourselves tells nothing, and the chat can be hidden."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Say

# ------------------------------------------------- what the channel lets us do, asked before it is promised


def is_covered(covers: bool) -> bool:
    return covers


def is_open(covers: bool) -> bool:
    return not covers


def all_goes(taken_away: str) -> bool:
    return taken_away == "all"


def two_days_go(taken_away: str) -> bool:
    return taken_away == "two_days"


def nothing_goes(taken_away: str) -> bool:
    return taken_away == "nothing"


DISCREET = Conversation(
    "discreet",
    (
        Say("covered", _("In discreet mode, when we write first, the first line names no subject. The rest is covered "
                         "until you tap it. Answers to what you write are not covered."), when=is_covered),
        Say("open", _("In discreet mode, when we write first, the first line names no subject. The rest stands below "
                      "it, for all to see."), when=is_open),
        Choose(
            "mode",
            _("Does somebody else see your phone? Then you can switch discreet mode on."),
            Choice("on", _("Switch it on")),
            Choice("off", _("Switch it off"), then="off"),
            Choice("share", _("Several people use this phone"), then="share"),
            Choice("back", _("Back to my data"), then="my_data"),
            records="discreet:mode",
        ),
        Choose(
            "silent",
            _("Shall our messages come without a sound?"),
            Choice("yes", _("Yes, without a sound")),
            Choice("no", _("No, with a sound")),
            records="discreet:silent",
        ),
        Choose(
            "hours",
            _("When is it safe for you that we write by ourselves? A counsellor keeps to it too."),
            Choice("any", _("9:00 to 19:00")),
            Choice("morning", _("9:00 to 12:00")),
            Choice("afternoon", _("12:00 to 16:00")),
            Choice("evening", _("16:00 to 19:00")),
            Choice("late", _("19:00 to 22:00")),
            records="discreet:hours",
        ),
        Say("on", _("Discreet mode is on. If somebody comes, write “hide”: then we take away all that was said here."),
            when=all_goes, then="my_data"),
        Say("on_two_days", _("Discreet mode is on. If somebody comes, write “hide”: then we take away the last 2 days. "
                             "Please delete older messages yourself."), when=two_days_go, then="my_data"),
        Say("on_nothing", _("Discreet mode is on. If somebody comes, write “hide”: then we answer with one word only. "
                            "We cannot take away what was said here. Please delete it yourself."),
            when=nothing_goes, then="my_data"),
        Say("off", _("Discreet mode is off.")),
        Go("my_data", "my_data"),
        Go("share", "share"),
    ),
    title=_("Discreet mode"),
)

HIDE = Conversation(
    "hide_chat",
    (
        Say("goes", _("I take away all that was said in this chat."), when=all_goes),
        Say("goes_two_days", _("I take away what was said in this chat in the last 2 days. Please delete older "
                               "messages yourself."), when=two_days_go),
        Say("goes_nothing", _("I cannot take away what was said in this chat. Please delete it yourself. I can only "
                              "stop asking, and answer with one word."), when=nothing_goes),
        Choose(
            "sure",
            _("What we keep does not change. You can also write “hide” at any time. Shall I do it now?"),
            Choice("yes", _("Hide it now")),
            Choice("no", _("Not now"), then="my_data"),
            records="hide",
        ),
        End("done"),
        Go("my_data", "my_data"),
    ),
    title=_("Hide this chat"),
)
