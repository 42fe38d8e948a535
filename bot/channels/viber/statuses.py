"""What each status that Viber documents means for a message (https://creators.viber.com/docs/bots-api/errors)."""

from __future__ import annotations

from bot.channels.base import Blocked, Permanent, Retry, SendError, Unknown
from bot.channels.http import HttpTrouble, NotSent

OK, BAD_TOKEN = 0, 2
BLOCKED = frozenset({5, 6})
"""The receiver is not registered, or has not subscribed (any more)."""
PERMANENT = frozenset({1, 3, 4, 11, 13, 14, 16, 17, 18, 19, 20, 21})
"""A bad address or call, a phone or app that cannot show it, a kind of message that is not allowed."""
AGAIN = frozenset({2, 7, 8, 9, 10, 12, 15})
"""The token, the bot or its webhook are not in order, or it was too much: none is the message's fault."""
NO_MONEY = frozenset({22, 23, 24})
"""Outside of a session, and it cannot be paid for."""
WAITS = 3600.0
"""Seconds until a message that could not be paid for is tried again: by then the person may have written."""


class Refused(Exception):
    """Viber answered that it will not."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{words or 'refused'} ({status})")
        self.status = status


class Overloaded(Exception):
    """Not even Viber's own answer came: something in front of it is down, or holds us back."""


Failure = HttpTrouble | Refused | Overloaded
FAILURES = (HttpTrouble, Refused, Overloaded)
"""Everything that a call can end with. None holds what a person wrote, or the token."""


def send_error(failure: Failure) -> SendError:
    reason = str(failure)
    match failure:
        case Refused(status=status):
            return _refused(status, reason)
        case NotSent() | Overloaded():
            return Retry(reason)
    return Unknown(reason)


def _refused(status: int, reason: str) -> SendError:
    """What is not documented may pass: it is tried again like what is."""
    if status in BLOCKED:
        return Blocked(reason)
    if status in PERMANENT:
        return Permanent(reason)
    return Retry(reason, WAITS if status in NO_MONEY else None)
