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
    "attach": _("Photo, voice, place"),
    "choose": _("Photo or file"),
    "photo": _("Photo"),
    "file": _("File"),
    "voice": _("Voice message"),
    "voice_send": _("Stop and send"),
    "voice_cancel": _("Do not send"),
    "here": _("Where I am"),
    "place": _("My place"),
    "too_large": _("This file is too large. 20 MB is the most."),
    "full": _("We keep as many of your files as we can. This one is not kept."),
    "no_microphone": _("Your browser does not let us record. You can write instead."),
    "no_place": _("Your browser does not say where you are. You can write it instead."),
    "script": _("Please turn on JavaScript in your browser."),
}

OUTSIDE: Final[dict[str, str]] = {
    "outside": _("This browser does not let the chat open here. It opens in a page of its own:"),
    "open_outside": _("Open the chat"),
}
"""Where it stands in another site's page, besides."""
CLOSE: Final = _("Close the chat")
HOLDS: Final = _("There is a link. It works once, until {date}.")
BACK_TEXTS: Final[dict[str, str]] = {
    "none": _("There is no link now."),
    "make": _("Make a link"),
    "make_new": _("Make a new link"),
    "end": _("Cancel the link"),
    "only_here": _("Close this chat on all other devices"),
    "is_only_here": _("This chat is open only here now."),
    "keep": _("Whoever has this link can open this chat, once. Keep it where only you read it. It is not shown again."),
    "link": _("Private link"),
    "copy": _("Copy"),
    "copied": _("Copied"),
    "heading": _("Go on with your chat"),
    "open": _("Open the chat here"),
    "warning": _("Is another chat open in this browser? It cannot be opened here afterwards. What was not sent there "
                 "yet is not sent any more."),
    "too_old": _("This link does not work any more. If the chat is still open on another device, you get a new link "
                 "there: “My data”, “My apps”. You can also begin anew."),
    "too_fast": _("Please try again in a minute."),
    "no_line": _("No connection."),
    "anew": _("Begin anew"),
    "leave": _("Leave this page"),
}
"""The words around a private link, in the chat and on the page that it opens."""
NOTICE: Final = _("There is something new.")
"""It stands alone on a screen that others may see."""
PUSH_TEXTS: Final[dict[str, str]] = {
    "on": _("Tell me when something is new"),
    "off": _("Do not tell me any more"),
    "what": _("Then this stands on your screen: “{notice}” Others may see it there, also when the screen is locked. "
              "It never says who has written, or what. The address of this page may stand beside it."),
    "yes": _("Yes, show it"),
    "no": _("No"),
    "is_on": _("You will see it when something is new here. You can stop it at any time."),
    "is_off": _("Nothing is shown any more."),
    "refused": _("Your browser does not allow it."),
    "no_line": _("No connection."),
}
"""The words around the sign on the screen."""
