"""What went wrong with a call to Telegram -> what it means for a message that was to be sent.

python-telegram-bot's errors are looked at only where there is one: to load them takes a fifth of the start."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from bot import safely
from bot.channels.base import Blocked, Later, NotFetched, Permanent, Retry, SendError, TooLarge, Unknown
from bot.channels.http import HttpTrouble, NotSent

if TYPE_CHECKING:
    from telegram.error import TelegramError


class Refused(Exception):
    """Telegram answered that it will not."""

    def __init__(self, error: TelegramError) -> None:
        super().__init__(str(error))
        self.error = error


class Unwritable(Exception):
    """The call cannot even be written down."""


Failure: TypeAlias = HttpTrouble | Refused | Unwritable
FAILURES = (HttpTrouble, Refused, Unwritable)
"""Everything that a call can end with. None holds what a person wrote, or the token."""

_GONE = ("chat not found", "peer_id_invalid", "user_is_blocked", "input_user_deactivated")
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid")
_HARMLESS = (
    "query is too old",
    "query id is invalid",
    "message is not modified",
    "message can't be edited",
    "message to edit not found",
    "message to delete not found",
    "message can't be deleted",
)


def send_error(failure: Failure) -> SendError:
    reason = str(failure)
    match failure:
        case Refused(error=error):
            return _refused(error, reason)
        case Unwritable():
            return Permanent(reason)
        case NotSent():
            return Retry(reason)
    return Unknown(reason)


def _refused(error: TelegramError, reason: str) -> SendError:
    """A refused token is not the message's fault; an answer that nobody can read may mean anything."""
    from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

    match error:
        case RetryAfter():
            return Retry(reason, _seconds(error))
        case Forbidden():
            return Blocked(reason)
        case BadRequest():
            return Blocked(reason) if _says(reason, _GONE) else Permanent(reason)
        case ChatMigrated():
            return Permanent(reason)
    return Unknown(reason) if type(error) is TelegramError else Retry(reason)


def fetch_error(failure: Failure) -> NotFetched:
    """Only of what is too large we know that it never comes: other refusals may pass."""
    reason = str(failure)
    if is_bad_request(failure) and _says(reason, ("file is too big",)):
        return TooLarge(reason)
    return Later(reason, asked_to_wait(failure))


def is_harmless(failure: Exception) -> bool:
    """The query was answered or the keyboard taken away before, or it is too late for it."""
    return _is_named(failure, "BadRequest") and _says(str(failure), _HARMLESS)


def is_not_there(failure: Exception) -> bool:
    """The message that was to be deleted is gone already."""
    return _is_named(failure, "BadRequest") and _says(str(failure), ("message to delete not found",))


def is_bad_request(failure: Exception) -> bool:
    """Telegram can never do just this."""
    return _is_named(failure, "BadRequest")


def is_conflict(failure: Exception) -> bool:
    """Somebody else fetches, or a webhook is set."""
    return _is_named(failure, "Conflict")


def is_token_refused(failure: Exception) -> bool:
    return _is_named(failure, "InvalidToken")


def _is_named(failure: Exception, name: str) -> bool:
    return isinstance(failure, Refused) and type(failure.error).__name__ == name


def asked_to_wait(failure: Exception) -> float | None:
    """Seconds, where Telegram said so."""
    return _seconds(failure.error) if isinstance(failure, Refused) else None


def moved_to(failure: Exception) -> int | None:
    """The number that a group has now, where Telegram says that it has another."""
    return getattr(failure.error, "new_chat_id", None) if isinstance(failure, Refused) else None


def is_shut_out(failure: Exception) -> bool:
    """We are not in this chat any more, or there is none."""
    return _is_named(failure, "Forbidden") or (is_bad_request(failure) and _says(str(failure), _GONE))


def is_no_topic(failure: Exception) -> bool:
    """Somebody has deleted it."""
    return is_bad_request(failure) and _says(str(failure), _NO_TOPIC)


def is_done_already(failure: Exception) -> bool:
    """A topic was closed or opened before."""
    return is_bad_request(failure) and _says(str(failure), ("topic_not_modified",))


def described(failure: Exception) -> dict[str, str]:
    """For the log. Telegram's own words are safe there; those of other errors may hold what a person wrote."""
    if isinstance(failure, FAILURES):
        return {"error": kind_of(failure), "reason": str(failure)[:200]}
    return safely.described(failure)


def kind_of(failure: Failure) -> str:
    return type(failure.error if isinstance(failure, Refused) else failure).__name__


def _seconds(error: TelegramError) -> float | None:
    wait = getattr(error, "retry_after", None)
    return wait.total_seconds() if isinstance(wait, timedelta) else wait


def _says(reason: str, texts: tuple[str, ...]) -> bool:
    return any(text in reason.lower() for text in texts)
