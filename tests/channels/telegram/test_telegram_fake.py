"""The fake refuses what Telegram refuses: otherwise the other tests would prove little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
import pytest
import pytest_asyncio
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

from tests.fakes.telegram_api import FakeTelegram, Shown

Api: TypeAlias = Callable[..., Awaitable[tuple[int, Any]]]


@pytest_asyncio.fixture
async def api(fake: FakeTelegram) -> AsyncIterator[Api]:
    """Calls a method with JSON; gives the status, and the result or the description."""
    async with aiohttp.ClientSession() as session:

        async def call(method: str, **parameters: object) -> tuple[int, Any]:
            async with session.post(f"{fake.url}/bot{fake.token}/{method}", json=parameters) as response:
                body = await response.json()
                return response.status, body["result"] if body["ok"] else body["description"]

        yield call


def keyboard(data: object, text: object = "Yes") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


async def test_unknown_token(fake: FakeTelegram) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{fake.url}/bot1:x/getMe") as response:
        assert response.status == 401


async def test_unknown_method(api: Api) -> None:
    assert await api("sendMesage", chat_id=7) == (404, "Not Found")


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"chat_id": 8, "text": "x"}, "chat not found"),
        ({"text": "x"}, "chat not found"),
        ({"chat_id": 7}, "message text is empty"),
        ({"chat_id": 7, "text": "  \n"}, "message text is empty"),
        ({"chat_id": 7, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": 7, "text": "🙂" * 2049}, "message is too long"),
        ({"chat_id": 7, "text": "x", "reply_markup": keyboard("x" * 65)}, "BUTTON_DATA_INVALID"),
        ({"chat_id": 7, "text": "x", "reply_markup": keyboard("é" * 33)}, "BUTTON_DATA_INVALID"),
        ({"chat_id": 7, "text": "x", "reply_markup": keyboard("")}, "BUTTON_DATA_INVALID"),
        ({"chat_id": 7, "text": "x", "reply_markup": keyboard(None)}, "text buttons are unallowed"),
        ({"chat_id": 7, "text": "x", "reply_markup": keyboard("a", "")}, "non-empty"),
        ({"chat_id": 7, "text": "x", "reply_markup": "{"}, "can't parse"),
    ],
)
async def test_refused_messages(
    fake: FakeTelegram, api: Api, parameters: dict[str, Any], refusal: str
) -> None:
    anna = fake.person(7)
    status, description = await api("sendMessage", **parameters)
    assert (status, refusal in description) == (400, True), description
    assert anna.messages == []


async def test_longest_message(fake: FakeTelegram, api: Api) -> None:
    fake.person(7)
    assert (await api("sendMessage", chat_id=7, text="🙂" * 2048, reply_markup=keyboard("é" * 32)))[0] == 200


async def test_blocked_until_unblocked(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    anna.blocks()
    assert (await api("sendMessage", chat_id=7, text="x"))[0] == 403
    anna.unblocks()
    assert (await api("sendMessage", chat_id=7, text="x"))[0] == 200


async def test_edits(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    await api("sendMessage", chat_id=7, text="one", reply_markup=keyboard("a"))
    [shown] = await anna.hears()
    place = {"chat_id": 7, "message_id": shown.id}
    same = await api("editMessageText", **place, text="one", reply_markup=keyboard("a"))
    assert same[0] == 400
    assert "message is not modified" in same[1]
    assert (await api("editMessageReplyMarkup", **place))[0] == 200
    assert (await api("editMessageReplyMarkup", **place))[0] == 400
    assert (await api("editMessageText", **place, text="two"))[0] == 200
    assert (await api("editMessageText", **{**place, "message_id": 1}, text="two"))[0] == 400
    assert anna.messages == [Shown(shown.id, "two", [], False, 2)]


async def test_query_is_answered_once(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    await api("sendMessage", chat_id=7, text="one", reply_markup=keyboard("a"))
    query = anna.taps("Yes")
    assert (await api("answerCallbackQuery", callback_query_id=query))[0] == 200
    for one in (query, "1"):
        status, description = await api("answerCallbackQuery", callback_query_id=one)
        assert status == 400
        assert "query is too old" in description


async def test_nobody_can_tap_what_is_not_there(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    await api("sendMessage", chat_id=7, text="one", reply_markup=keyboard("a"))
    with pytest.raises(AssertionError, match="no button 'No'"):
        anna.taps("No")


async def test_unconfirmed_updates_come_again(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    for text in ("one", "two", "three"):
        anna.says(text)
    _, first = await api("getUpdates", limit=2)
    _, again = await api("getUpdates", limit=2)
    assert first == again
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    _, rest = await api("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [update["message"]["text"] for update in rest] == ["three"]
    assert (await api("getUpdates", offset=rest[-1]["update_id"] + 1))[1] == []
    fake.redeliver()
    assert (await api("getUpdates", offset=rest[-1]["update_id"] + 1))[1] == rest


async def test_updates_that_were_not_asked_for_do_not_come(fake: FakeTelegram, api: Api) -> None:
    await api("getUpdates", allowed_updates=["callback_query"])
    fake.person(7).says("Hello")
    assert (await api("getUpdates"))[1] == []


async def test_second_poll_ends_the_first(fake: FakeTelegram, api: Api) -> None:
    first = asyncio.ensure_future(api("getUpdates", timeout=5))
    await fake.waits_for(lambda fake: fake._poll is not None)
    second = asyncio.ensure_future(api("getUpdates", timeout=5))
    status, description = await first
    assert (status, "terminated by other getUpdates" in description) == (409, True)
    fake.person(7).says("Hello")
    assert len((await second)[1]) == 1


async def test_no_poll_while_a_webhook_is_set(api: Api) -> None:
    await api("setWebhook", url="https://example.org/hook")
    assert (await api("getUpdates"))[0] == 409
    await api("deleteWebhook")
    assert (await api("getUpdates"))[0] == 200


async def test_trouble_on_demand(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    fake.fail_next("sendMessage", retry_after=3)
    fake.fail_next("sendMessage", 500)
    fake.fail_next("sendMessage", how="drop", arrives=False)
    fake.fail_next("sendMessage", how="slow", seconds=0.01)
    assert (await api("sendMessage", chat_id=7, text="x")) == (429, "Too Many Requests: retry after 3")
    assert (await api("sendMessage", chat_id=7, text="x"))[0] == 500
    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=7, text="x")
    assert anna.messages == []
    assert (await api("sendMessage", chat_id=7, text="x"))[0] == 200


async def test_waiting_in_vain_says_what_is_there(fake: FakeTelegram, api: Api) -> None:
    anna = fake.person(7)
    await api("sendMessage", chat_id=7, text="one", reply_markup=keyboard("a"))
    with pytest.raises(AssertionError, match=r"has 1 messages, at last: 'one' \['Yes'\]"):
        await anna.hears(2, seconds=0.01)


@pytest.mark.parametrize(
    "parameters",
    [
        {"commands": [{"command": "Menu", "description": "Menu"}]},
        {"commands": [{"command": "menu", "description": ""}]},
        {"commands": [{"command": "menu", "description": "Menu"}], "language_code": "sr-Latn"},
        {},
    ],
)
async def test_refused_commands(api: Api, parameters: dict[str, Any]) -> None:
    assert (await api("setMyCommands", **parameters))[0] == 400


async def test_with_the_library_as_it_comes(fake: FakeTelegram) -> None:
    """Its own requests are forms, with JSON inside."""
    anna = fake.person(7)
    async with Bot(fake.token, base_url=f"{fake.url}/bot") as bot:
        markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="a")]])
        await bot.send_message(7, "Hello & welcome", reply_markup=markup, disable_notification=True)
        anna.taps("Yes")
        [update] = await bot.get_updates(allowed_updates=["callback_query"])
        assert update.callback_query is not None
        await update.callback_query.answer()
        await update.callback_query.edit_message_text("Thank you")
    assert anna.messages == [Shown(anna.messages[0].id, "Thank you", [], True, 1)]
