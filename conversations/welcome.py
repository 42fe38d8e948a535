"""First contact: the language, what this is, who reads it, and the consent to keep things."""

from conversations.consents import KEEP
from conversations.languages import IN_ROMANI, WHICH
from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, Go, Say


def agreed(keep: str | None) -> bool:
    return keep == "yes"


def kept_elsewhere(by_company: bool) -> bool:
    return by_company


WELCOME = Conversation(
    "welcome",
    (
        WHICH,
        IN_ROMANI,
        Say("hello", _("Hello. This is the chat of {centre}.\nI am a computer program, not a person.\n"
                       "Everything is free. You can talk to a person at any time.")),
        Say("no_emergency", _("This is no emergency service. Nobody reads here all the time.\n"
                              "If you are in danger, call 112.")),
        Say("who_reads", _("Only our team reads what you write here.\n"
                           "We give nothing to foreigners' offices.\n"
                           "If a life or a child is in danger, we must get help.")),
        Say("company_keeps", _("{channel} also stores the messages."), when=kept_elsewhere),
        KEEP,
        Say("kept", _("Thank you. You can see or delete what we keep at any time, under “My data”."), when=agreed,
            then="begin"),
        Say("not_kept", _("All right. We keep no answers. The messages of this chat and your plan are kept; "
                        "you can delete them under “My data”."),
            then="menu"),
        Choose(
            "begin",
            _("Shall we begin with a few questions about you? It takes about 5 minutes. "
              "You can skip almost every one."),
            Choice("yes", _("Yes, begin"), then="intake"),
            Choice("later", _("Not now"), then="menu"),
        ),
        Go("intake", "intake"),
        Go("menu", "menu"),
    ),
    title=_("Welcome"),
    keeps=True,
)
