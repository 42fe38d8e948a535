"""One talk in several apps: a code of one chat is written in the other, and both become one."""

from conversations.marking import mark as _
from conversations.model import Choice, Choose, Conversation, End, Go, Hand, Say

CODE = "@code"
"""Among the answers of `JOIN`: the code that was written."""


def has_others(other_apps: str) -> bool:
    return bool(other_apps)


def on_own_page(own_page: bool) -> bool:
    return own_page


APPS = Conversation(
    "apps",
    (
        Choose(
            "what",
            _("You can talk to us in several apps. It stays one talk, and we answer where you wrote last."),
            Choice("add", _("Add an app"), then="code"),
            Choice("link", _("A link back to this chat"), then="link", when=on_own_page),
            Choice("away", _("Take the other apps away"), when=has_others),
            Choice("back", _("Back to my data"), then="my_data"),
        ),
        Choose(
            "sure",
            _("The talk also goes on in: {other_apps}. Shall it go on only here? What was said stays here. There, "
              "everything begins anew."),
            Choice("yes", _("Yes, only here")),
            Choice("no", _("No"), then="my_data"),
            records="apps_away",
        ),
        Say("gone", _("From now on we talk only here."), then="my_data"),
        Say("code", _("Open our chat in the other app and write this there:\n{app_code}\nThe code works once, for "
                      "15 minutes. Give it to nobody: it opens this talk.")),
        Go("after_code", "my_data"),
        Hand("link", _("A private link brings you back to this chat, also on another device. It works where your "
                       "browser has forgotten it. Only you see it: it does not stand in this chat."), answer="what",
             when=on_own_page),
        Go("my_data", "my_data"),
    ),
    title=_("My apps"),
)

JOIN = Conversation(
    "join_talk",
    (
        Choose(
            "sure",
            _("This code joins this chat with another one. Then all that was said here can be read there too. Are both "
              "chats only yours?"),
            Choice("yes", _("Yes, join them")),
            Choice("no", _("No"), then="not_joined"),
            records="join",
        ),
        End("joining"),
        End("not_joined", _("All right. Nothing was joined.")),
    ),
    title=_("Join two chats"),
)
