"""Something has changed, work or home: the offer to bring answers and plan up to date."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go

NEWS = Conversation(
    "news",
    (
        Choose(
            "update",
            _("Thank you for telling us. Shall we bring your answers and your plan up to date?"),
            Choice("answers", _("Change my answers"), then="answers"),
            Choice("plan", _("To my plan"), then="plan"),
            Choice("no", _("Not now")),
        ),
        End("end", _("All right. You can write to us at any time.")),
        Go("answers", "intake", {"enough": "later"}),
        Go("plan", "plan"),
    ),
    title=_("What has changed"),
)
