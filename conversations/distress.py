"""The offer of a talk after words that show distress. The bot opens it; any words but "not now" get a person."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, HandOff

DISTRESS = Conversation(
    "distress",
    (
        Choose(
            "talk",
            _("That sounds hard. You need not be alone with it.\n"
              "Would you like to talk to a person from our team?"),
            Choice("yes", _("Yes, I want to talk")),
            Choice("no", _("Not now"), then="not_now"),
            otherwise="yes",
        ),
        HandOff("hand_off", area="psychosocial", reason=_("Wants to talk after a sign of distress")),
        End("end"),
        End("not_now", _("All right. Somebody from our team will look at this within one working day.\n"
                         "If you are in danger, call 112.")),
    ),
    title=_("Would you like to talk?"),
)
