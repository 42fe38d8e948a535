"""What each of Telegram's errors means for a message, pure and over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bot.channels.base import Blocked, Outgoing, OutgoingMessage, Permanent, Retry, SendError, Unknown
from bot.channels.http import ConnectionLost, NoAnswer, NotSent, Unreadable
from bot.channels.telegram import Telegram
from bot.channels.telegram.failures import Failure, Refused, Unwritable, is_harmless, send_error
from tests.fakes.telegram_api import FakeTelegram

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HELLO = Outgoing(1, "7", OutgoingMessage("Hello"))


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (Refused(Forbidden("Forbidden: bot was blocked by the user")), Blocked),
        (Refused(Forbidden("Forbidden: user is deactivated")), Blocked),
        (Refused(Forbidden("Forbidden: bot can't initiate conversation with a user")), Blocked),
        (Refused(BadRequest("Bad Request: chat not found")), Blocked),
        (Refused(BadRequest("Bad Request: PEER_ID_INVALID")), Blocked),
        (Refused(BadRequest("Bad Request: message is too long")), Permanent),
        (Refused(BadRequest("Bad Request: BUTTON_DATA_INVALID")), Permanent),
        (Refused(ChatMigrated(-1001)), Permanent),
        (NoAnswer("too long"), Unknown),
        (ConnectionLost("connection lost"), Unknown),
        (Unreadable("Invalid server response"), Unknown),
        (Refused(TelegramError("Unknown HTTPError")), Unknown),
        (Unwritable("cannot be written as JSON"), Permanent),
        (NotSent("no connection"), Retry),
        (Refused(NetworkError("Bad Gateway")), Retry),
        (Refused(Conflict("Conflict: somebody else")), Retry),
        (Refused(InvalidToken()), Retry),
    ],
)
def test_meaning(problem: Failure, kind: type[SendError]) -> None:
    assert type(send_error(problem)) is kind


@pytest.mark.parametrize(
    ("problem", "harmless"),
    [
        (
            Refused(BadRequest("Bad Request: query is too old and response timeout expired or query ID is invalid")),
            True,
        ),
        (Refused(BadRequest("Bad Request: message is not modified: specified new ...")), True),
        (Refused(BadRequest("Bad Request: message can't be edited")), True),
        (Refused(BadRequest("Bad Request: chat not found")), False),
        (Refused(NetworkError("message is not modified")), False),
    ],
)
def test_harmless(problem: Failure, harmless: bool) -> None:
    assert is_harmless(problem) is harmless


# Over real HTTP


@pytest_asyncio.fixture
async def sender(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    """Gives up soon."""
    sender = Telegram(fake.token, fake.url, lambda: NOW, answer_within=0.05)
    sender._api.open()
    yield sender
    await sender.stop()


async def test_too_many_requests(fake: FakeTelegram, sender: Telegram) -> None:
    fake.person(7)
    fake.fail_next("sendMessage", retry_after=17)
    with pytest.raises(Retry) as raised:
        await sender.send(HELLO)
    assert raised.value.seconds == 17


async def test_too_many_requests_without_a_time(fake: FakeTelegram, sender: Telegram) -> None:
    fake.fail_next("sendMessage", 429, "Too Many Requests")
    with pytest.raises(Retry) as raised:
        await sender.send(HELLO)
    assert raised.value.seconds is None


async def test_blocked(fake: FakeTelegram, sender: Telegram) -> None:
    fake.person(7).blocks()
    with pytest.raises(Blocked, match="blocked by the user"):
        await sender.send(HELLO)


async def test_deactivated(fake: FakeTelegram, sender: Telegram) -> None:
    fake.person(7).deletes_account()
    with pytest.raises(Blocked, match="deactivated"):
        await sender.send(HELLO)


async def test_never_opened(fake: FakeTelegram, sender: Telegram) -> None:
    fake.person(7, opened=False)
    with pytest.raises(Blocked, match="initiate"):
        await sender.send(HELLO)


@pytest.mark.parametrize("address", ["8", "nobody"])
async def test_chat_not_found(sender: Telegram, address: str) -> None:
    with pytest.raises(Blocked, match=r"(?i)chat not found"):
        await sender.send(Outgoing(1, address, OutgoingMessage("Hello")))


@pytest.mark.parametrize("text", ["", " \n "])
async def test_refused_text_is_permanent(fake: FakeTelegram, sender: Telegram, text: str) -> None:
    fake.person(7)
    with pytest.raises(Permanent, match=r"(?i)empty") as raised:
        await sender.send(Outgoing(1, "7", OutgoingMessage(text)))
    assert not isinstance(raised.value, Blocked)


async def test_what_cannot_be_written_as_json_is_permanent(fake: FakeTelegram, sender: Telegram) -> None:
    with pytest.raises(Permanent):
        await sender.send(Outgoing(1, "7", OutgoingMessage("half a character: \ud83d")))
    assert not fake.called("sendMessage")


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_their_trouble(fake: FakeTelegram, sender: Telegram, status: int) -> None:
    fake.person(7)
    fake.fail_next("sendMessage", status, "Bad Gateway")
    with pytest.raises(Retry):
        await sender.send(HELLO)
    assert await sender.send(HELLO)


async def test_timed_out_after_it_arrived(fake: FakeTelegram, sender: Telegram) -> None:
    anna = fake.person(7)
    fake.fail_next("sendMessage", how="hang")
    with pytest.raises(Unknown):
        await sender.send(HELLO)
    assert [shown.text for shown in anna.messages] == ["Hello"]


async def test_connection_dropped(fake: FakeTelegram, sender: Telegram) -> None:
    anna = fake.person(7)
    fake.fail_next("sendMessage", how="drop")
    with pytest.raises(Unknown):
        await sender.send(HELLO)
    assert [shown.text for shown in anna.messages] == ["Hello"]


async def test_nobody_there_is_known_not_to_have_arrived(fake: FakeTelegram, sender: Telegram) -> None:
    await fake.stop()
    with pytest.raises(Retry):
        await sender.send(HELLO)


async def test_after_stop(sender: Telegram) -> None:
    await sender.stop()
    with pytest.raises(Retry):
        await sender.send(HELLO)


async def test_token_refused_while_sending_keeps_the_message(fake: FakeTelegram) -> None:
    stranger = Telegram("1:" + "x" * 30, fake.url, lambda: NOW)
    stranger._api.open()
    with pytest.raises(Retry):
        await stranger.send(HELLO)
    await stranger.stop()


async def test_no_error_tells_the_token(fake: FakeTelegram, sender: Telegram) -> None:
    fake.fail_next("sendMessage", how="drop")
    fake.fail_next("sendMessage", how="hang")
    fake.fail_next("sendMessage", 500)
    for _ in range(3):
        with pytest.raises(SendError) as raised:
            await sender.send(HELLO)
        assert fake.token not in f"{raised.value!r} {raised.value.__cause__!r}"
