"""Several pictures of ours as one: over real HTTP."""

from __future__ import annotations

import pytest

from bot.channels.base import Blocked, Outgoing, OutgoingMedium, OutgoingMessage, Permanent, Retry
from bot.channels.telegram import Telegram
from bot.channels.telegram.compose import album_of
from tests.fakes.telegram_api import PHOTO, FakeTelegram


def pictures(count: int, **more: bool) -> list[Outgoing]:
    return [Outgoing(one, "7", OutgoingMessage(f"Picture {one}", medium=OutgoingMedium("photo", "image/png", "a.png"),
                                               album="k", **more), content=PHOTO + bytes([one]))
            for one in range(1, count + 1)]


@pytest.mark.parametrize("count", [2, 10])
async def test_they_stand_together_in_order(fake: FakeTelegram, running: Telegram, count: int) -> None:
    anna = fake.person(7)
    sent = await running.send_album(pictures(count, quiet=True))
    assert [one.file for one in anna.messages] == [("photo", PHOTO + bytes([one])) for one in range(1, count + 1)]
    assert sent == [str(one.id) for one in anna.messages] and len(fake.albums) == 1
    assert all(one.quiet and one.text == "" for one in anna.messages)


async def test_what_goes_wrong_is_said(fake: FakeTelegram, running: Telegram) -> None:
    anna = fake.person(7)
    with pytest.raises(Permanent):
        await running.send_album(pictures(11))
    fake.fail_next("sendMediaGroup", status=429, retry_after=7)
    with pytest.raises(Retry) as told:
        await running.send_album(pictures(2))
    assert told.value.seconds == 7
    anna.blocks()
    with pytest.raises(Blocked):
        await running.send_album(pictures(2))
    assert fake.albums == []


def test_what_is_covered_is_covered() -> None:
    assert [one.get("has_spoiler") for one in album_of(pictures(2, veiled=True))["media"]] == [True, True]
    assert "disable_notification" not in album_of(pictures(2))
