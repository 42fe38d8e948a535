"""For who is not alone with the phone: what we write by ourselves tells nothing, and the chat can be hidden."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Say

DISCREET = Conversation(
    "discreet",
    (
        Choose(
            "mode",
            _("Does somebody else see your phone? In discreet mode, when we write first, the first line names no "
              "subject. In Telegram the rest is covered until you tap it. Answers to what you write are not "
              "covered."),
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
        Say("on", _("Discreet mode is on. If somebody comes, write “hide”: then we take away what was said here. "
                    "In Telegram only the last 2 days go. Please delete older messages yourself."), then="my_data"),
        Say("off", _("Discreet mode is off.")),
        Go("my_data", "my_data"),
        Go("share", "share"),
    ),
    title=_("Discreet mode"),
)

HIDE = Conversation(
    "hide_chat",
    (
        Choose(
            "sure",
            _("I take away what was said in this chat, as far as I can: from Telegram the last 2 days, from "
              "our own page everything. What we keep does not change. You can also write “hide” at any time."),
            Choice("yes", _("Hide it now")),
            Choice("no", _("Not now"), then="my_data"),
            records="hide",
        ),
        End("done"),
        Go("my_data", "my_data"),
    ),
    title=_("Hide this chat"),
)
