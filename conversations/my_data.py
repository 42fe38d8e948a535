"""What is kept about the person: see it, change what we may keep, delete it."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Recall, Say

MY_DATA = Conversation(
    "my_data",
    (
        Choose(
            "what",
            _("Your data. What would you like to do?"),
            Choice("see", _("See what is kept"), then="see"),
            Choice("change", _("Change an answer"), then="intake"),
            Choice("consent", _("What I agreed to"), then="consents"),
            Choice("forget", _("Delete everything"), then="sure"),
            Choice("menu", _("To the menu"), then="menu"),
        ),
        Recall("see", _("This is kept about you:"), none=_("No answers are kept about you.")),
        Say("see_also", _("We also keep the messages of this chat, and your plan."),
            then="again"),
        Choose(
            "sure",
            _("Delete everything that we keep about you? This cannot be undone. "
              "An open talk with a counsellor ends too."),
            Choice("yes", _("Yes, delete it")),
            Choice("no", _("No, keep it"), then="again"),
            records="forget",
        ),
        End("forgotten", _("Your data is deleted. Messages on your phone and at the messenger are not in our hands. "
                           "You can write to us again at any time.")),
        Go("again", "my_data"),
        Go("consents", "consents"),
        Go("intake", "intake", {"enough": "later"}),
        Go("menu", "menu"),
    ),
    title=_("My data"),
    retired=frozenset({"keep", "noted"}),
)
