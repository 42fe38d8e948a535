"""The words on the web chat's page itself. What the bot says does not belong here."""

from __future__ import annotations

from typing import Final

from conversations.marking import mark as _

TEXTS: Final[dict[str, str]] = {
    "write": _("Write here"),
    "send": _("Send"),
    "human": _("Talk to a counsellor"),
    "danger": _("I need help now"),
    "leave": _("Leave this page"),
    "language": _("Language"),
    "menu": _("Menu"),
    "chat": _("Chat"),
    "program": _("Program"),
    "counsellor": _("A counsellor"),
    "you": _("You"),
    "waiting": _("A counsellor will answer you here."),
    "new": _("New messages"),
    "sending": _("Sending"),
    "not_sent": _("Not sent"),
    "offline": _("No connection. Your message is kept and will be sent."),
    "no_line": _("No connection."),
    "script": _("Please turn on JavaScript in your browser."),
}
