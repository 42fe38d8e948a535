"""Telegram's errors -> what they mean for a message that was to be sent."""

from __future__ import annotations

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import Blocked, Permanent, Retry, SendError, Unknown
from bot.channels.telegram.request import ConnectionLost, NotSent

_GONE = ("chat not found", "peer_id_invalid", "user_is_blocked", "input_user_deactivated")
_HARMLESS = (
    "query is too old",
    "query id is invalid",
    "message is not modified",
    "message can't be edited",
    "message to edit not found",
)


def send_error(problem: TelegramError) -> SendError:
    reason = str(problem)
    match problem:
        case RetryAfter():
            return Retry(reason, seconds_of(problem))
        case Forbidden():
            return Blocked(reason)
        case BadRequest():
            return Blocked(reason) if _says(reason, _GONE) else Permanent(reason)
        case ChatMigrated():
            return Permanent(reason)
        case NotSent():
            return Retry(reason)
        case TimedOut() | ConnectionLost():
            return Unknown(reason)
        case NetworkError():
            return Retry(reason)
    return _other(problem)


def _other(problem: TelegramError) -> SendError:
    """A refused token is not the message's fault; an answer that nobody can read may mean anything."""
    if type(problem) is TelegramError:
        return Unknown(str(problem))
    return Retry(str(problem))


def is_harmless(problem: TelegramError) -> bool:
    """The query was answered or the keyboard taken away before, or it is too late for it."""
    return isinstance(problem, BadRequest) and _says(str(problem), _HARMLESS)


def seconds_of(problem: RetryAfter) -> float:
    wait = problem.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _says(reason: str, texts: tuple[str, ...]) -> bool:
    return any(text in reason.lower() for text in texts)
