"""What is kept about the person: see it, change what we may keep, delete it."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Hand, HandOff, Recall, Say


def can_be_fetched(can_fetch: bool) -> bool:
    return can_fetch


def cannot_be_fetched(can_fetch: bool) -> bool:
    return not can_fetch


MY_DATA = Conversation(
    "my_data",
    (
        Choose(
            "what",
            _("Your data. What would you like to do?"),
            Choice("see", _("See what is kept"), then="see"),
            Choice("take", _("Take it with me"), then="form"),
            Choice("change", _("Change an answer"), then="intake"),
            Choice("consents", _("What I agreed to"), then="consents"),
            Choice("discreet", _("Discreet mode"), then="discreet"),
            Choice("hide_chat", _("Hide this chat"), then="hide_chat"),
            Choice("apps", _("My apps"), then="apps"),
            Choice("forget", _("Delete everything"), then="sure"),
            Choice("menu", _("To the menu"), then="menu"),
        ),
        Recall("see", _("This is kept about you:"), none=_("No answers are kept about you.")),
        Recall("see_also", _("So much is kept in all:"), none=_("Nothing else is kept."), lists="counted",
               then="again"),
        Choose(
            "form",
            _("You get everything that we keep about you as a file. In which form?"),
            Choice("page", _("To read")),
            Choice("data", _("For a computer program")),
            Choice("not", _("Not now"), then="again"),
        ),
        HandOff("by_hand", area="general", reason=_("Wants a copy of everything that we keep"), when=cannot_be_fetched,
                text=_("Here we cannot make a link. A counsellor gives you the file.")),
        Hand("file", _("Here is your file. Whoever has it can read it: keep it in a safe place."), answer="form",
             when=can_be_fetched),
        Go("after_file", "my_data"),
        Choose(
            "sure",
            _("Delete everything that we keep about you? This cannot be undone. "
              "An open talk with a counsellor ends too."),
            Choice("yes", _("Yes, delete it")),
            Choice("no", _("No, keep it"), then="again"),
            records="forget",
        ),
        Recall("receipt", _("This is deleted:"), none=_("Nothing was kept about you."), lists="counted"),
        Say("stays", _("This stays, and why:\n– Numbers without names, for our reports.\n"
                       "– A record of what our team did, without your words, to find misuse.\n"
                       "– Old backups, until newer ones replace them. After our next backup, what you told us cannot "
                       "be read in them any more.\n"
                       "How we reach you in this chat is deleted when these messages have reached you.")),
        End("forgotten", _("Your data is deleted. Messages on your phone and at the messenger are not in our hands. "
                           "You can write to us again at any time.")),
        Go("again", "my_data"),
        Go("consents", "consents"),
        Go("discreet", "discreet"),
        Go("hide_chat", "hide_chat"),
        Go("apps", "apps"),
        Go("intake", "intake", {"enough": "later"}),
        Go("menu", "menu"),
    ),
    title=_("My data"),
    retired=frozenset({"keep", "noted"}),
)
