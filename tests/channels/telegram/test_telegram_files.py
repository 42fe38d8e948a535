"""Files over real HTTP: asked for, downloaded, and what may go wrong."""

from __future__ import annotations

import pytest

from bot.channels.base import Gone, Later, TooLarge
from bot.channels.telegram import Telegram
from tests.fakes.telegram_api import PHOTO, FakeTelegram

MOST = 20_000_000


async def test_a_file_is_downloaded(fake: FakeTelegram, running: Telegram) -> None:
    fake.files["f1"] = PHOTO
    assert await running.fetch({"file_id": "f1"}, MOST) == PHOTO
    assert fake.downloads == ["f1"]


async def test_a_name_that_no_address_takes(fake: FakeTelegram, running: Telegram) -> None:
    fake.files["a b\r\nX: y"] = PHOTO
    assert await running.fetch({"file_id": "a b\r\nX: y"}, MOST) == PHOTO


@pytest.mark.parametrize("data", [{}, {"file_id": None}, {"file_id": 7}])
async def test_nothing_came_with_it(running: Telegram, data: dict[str, object]) -> None:
    with pytest.raises(Gone):
        await running.fetch(data, MOST)


async def test_larger_than_we_keep(fake: FakeTelegram, running: Telegram) -> None:
    fake.files["f1"] = PHOTO
    with pytest.raises(TooLarge):
        await running.fetch({"file_id": "f1"}, len(PHOTO) - 1)
    assert fake.downloads == [], "what is said to be too large is not even begun"


async def test_larger_than_was_said(fake: FakeTelegram, running: Telegram) -> None:
    fake.files["f1"] = PHOTO * 100
    fake._methods["getfile"] = lambda _: {"file_path": "files/f1"}
    with pytest.raises(TooLarge):
        await running.fetch({"file_id": "f1"}, 1000)


async def test_larger_than_telegram_gives_out(fake: FakeTelegram, running: Telegram) -> None:
    fake.fail_next("getFile", 400, "Bad Request: file is too big")
    with pytest.raises(TooLarge):
        await running.fetch({"file_id": "f1"}, MOST)


async def test_not_to_be_had_now(fake: FakeTelegram, running: Telegram) -> None:
    with pytest.raises(Later):
        await running.fetch({"file_id": "nobody's"}, MOST)
    fake.fail_next("getFile", retry_after=70)
    with pytest.raises(Later) as wait:
        await running.fetch({"file_id": "f1"}, MOST)
    assert wait.value.seconds == 70


async def test_the_connection_breaks_on_the_way(fake: FakeTelegram, running: Telegram) -> None:
    fake.files["f1"] = PHOTO
    fake.fail_next("download", how="drop")
    with pytest.raises(Later):
        await running.fetch({"file_id": "f1"}, MOST)
    assert await running.fetch({"file_id": "f1"}, MOST) == PHOTO


@pytest.mark.parametrize("path", ["/etc/passwd", "../../x", "files/../../x", "", None, 7])
async def test_a_place_that_is_none(fake: FakeTelegram, running: Telegram, path: object) -> None:
    fake._methods["getfile"] = lambda _: {"file_path": path}
    with pytest.raises(Later):
        await running.fetch({"file_id": "f1"}, MOST)
    assert fake.downloads == []
