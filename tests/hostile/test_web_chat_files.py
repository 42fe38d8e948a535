"""Files and places through the web chat: kept once with their message, however often they are sent; nothing else is."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from bot.media.fetch import LARGEST, OF_ONE_PERSON
from storage import media
from storage.tables import Medium, Message, Ticket
from tests.fakes.telegram_api import PHOTO
from tests.hostile.ground import OURS, Ground

VOICE = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\0" * 400
BYTES = {"Content-Type": "application/octet-stream"}


async def begun(ground: Ground) -> httpx.AsyncClient:
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    return browser


async def send(browser: httpx.AsyncClient, content: bytes, key: str = "file-key-1", **given: str) -> httpx.Response:
    return await browser.post("/chat/files", params={"key": key, **given}, content=content, headers=BYTES)


async def stored(ground: Ground) -> list[tuple[str, str, str | None, int | None]]:
    def look(connection: Any) -> list[Any]:
        rows = select(Message.kind, Medium.state, Medium.type, Medium.size)
        return [tuple(one) for one in connection.execute(
            rows.join(Medium, Medium.message_id == Message.id).order_by(Message.id))]

    return await ground.app.store.read(look)


async def content_of(ground: Ground) -> bytes:
    def look(connection: Any) -> bytes:
        return media.content(connection, connection.scalar(select(func.max(Medium.message_id))))

    return await ground.app.store.read(look)


@pytest.mark.parametrize(("content", "sent_as", "kind", "type_"), [
    (PHOTO, "photo", "photo", "image/png"), (VOICE, "voice", "voice", "video/webm"),
    (VOICE, "file", "video", "video/webm"),
    (b"%PDF-1.7\n", "file", "document", "application/pdf"),
    (b"<script>", "photo", "document", "application/octet-stream"),
    (b"\0" * 300_000, "file", "document", "application/octet-stream"),
])
async def test_a_file_is_kept_by_its_content(
    ground: Ground, content: bytes, sent_as: str, kind: str, type_: str
) -> None:
    browser = await begun(ground)
    assert (await send(browser, content, **{"as": sent_as, "name": "IMG 1.png"})).status_code == 202
    assert await stored(ground) == [(kind, "stored", type_, len(content))]
    assert await content_of(ground) == content


async def test_ones_own_file_is_shown_to_nobody_else(ground: Ground) -> None:
    browser, stranger = await begun(ground), await begun(ground)
    await send(browser, PHOTO, **{"as": "photo"})
    [own] = [one for one in (await browser.get("/chat/messages")).json()["messages"] if one["kind"] == "photo"]
    assert own["file"] == ["photo", ""]
    answer = await browser.get(f"/chat/files/{own['id']}")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PHOTO, "image/png")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await stranger.get(f"/chat/files/{own['id']}")).status_code == 404
    assert (await ground.browser(**OURS).get(f"/chat/files/{own['id']}")).status_code == 401


async def test_sent_again_it_is_there_once(ground: Ground) -> None:
    browser = await begun(ground)
    for _ in range(3):
        assert (await send(browser, PHOTO, **{"as": "photo"})).status_code == 202
    assert len(await stored(ground)) == 1
    assert await content_of(ground) == PHOTO


async def test_a_message_whose_file_was_lost_on_the_way_takes_it_later(ground: Ground) -> None:
    """The process died between the two: the page has no answer, and sends both again."""
    browser, keep = await begun(ground), ground.app.fetch.bring

    async def dies(channel: str, key: str, content: bytes) -> None:
        raise RuntimeError("the process died")

    object.__setattr__(chat_of(ground).uploads, "keep", dies)
    assert (await send(browser, PHOTO, **{"as": "photo"})).status_code == 500
    assert [one[1] for one in await stored(ground)] == ["waiting"]
    assert await ground.app.fetch.look() == 0, "nobody gives it up yet"
    object.__setattr__(chat_of(ground).uploads, "keep", keep)
    assert (await send(browser, PHOTO, **{"as": "photo"})).status_code == 202
    assert [one[1] for one in await stored(ground)] == ["stored"]


def chat_of(ground: Ground) -> Any:
    [route] = [one for one in ground.site.routes if getattr(one, "path", "") == "/chat/files" and "POST" in one.methods]
    return route.endpoint.__self__


async def test_what_never_came_is_given_up_after_an_hour(ground: Ground) -> None:
    browser = await begun(ground)

    async def dies(channel: str, key: str, content: bytes) -> None:
        raise RuntimeError("the process died")

    object.__setattr__(chat_of(ground).uploads, "keep", dies)
    assert (await send(browser, PHOTO)).status_code == 500
    ground.clock.turn(media.BROUGHT_WITHIN)
    assert await ground.app.fetch.look() == 1
    assert [one[1] for one in await stored(ground)] == ["gone"]


async def test_what_is_too_large_is_refused_and_nothing_is_kept(ground: Ground) -> None:
    browser = await begun(ground)
    answer = await send(browser, b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert await stored(ground) == []


async def test_beyond_what_one_person_may_have_the_page_is_told(ground: Ground) -> None:
    browser, part = await begun(ground), LARGEST
    for number in range(OF_ONE_PERSON // part):
        assert (await send(browser, b"x" * part, key=f"file-key-{number}")).status_code == 202
    answer = await send(browser, b"x" * part, key="file-key-last")
    assert (answer.status_code, answer.json()["error"]) == (413, "full")


@pytest.mark.parametrize(("headers", "key", "content", "status"), [
    ({"Origin": "https://elsewhere.example"}, "file-key-1", PHOTO, 403), ({}, "x", PHOTO, 422),
    ({}, "file-key-1", b"", 422),
])
async def test_a_bad_request_keeps_nothing(
    ground: Ground, headers: dict[str, str], key: str, content: bytes, status: int
) -> None:
    browser = await begun(ground)
    answer = await browser.post("/chat/files", params={"key": key}, content=content, headers=BYTES | headers)
    assert answer.status_code == status
    assert await stored(ground) == []


async def test_without_a_chat_there_is_none_to_send_to(ground: Ground) -> None:
    assert (await send(ground.browser(**OURS), PHOTO)).status_code == 401


@pytest.mark.parametrize(("place", "status"), [
    ({"latitude": 42.66, "longitude": 21.16}, 202), ({"latitude": 91, "longitude": 0}, 422), ({"latitude": 42}, 422),
    ("42, 21", 422), ({"latitude": True, "longitude": 1}, 422), ({"latitude": 1e400, "longitude": 1}, 400), (None, 422),
])
async def test_a_place_is_one_on_earth(ground: Ground, place: Any, status: int) -> None:
    browser = await begun(ground)
    body = {"key": "place-key-1", "place": place}
    if place == {"latitude": 1e400, "longitude": 1}:
        answer = await browser.post("/chat/messages", content=b'{"key": "place-key-1", "place": {"latitude": 1e999}}')
        assert answer.status_code in (400, 422)
        return
    assert (await browser.post("/chat/messages", json=body)).status_code == status


async def test_pictures_of_a_counsellor_are_shown_to_their_person_alone(ground: Ground) -> None:
    hers, other = ground.browser(**OURS), ground.browser(**OURS)
    for browser in (hers, other):
        await browser.post("/chat/start", json={"key": "start-key-1"})
    for number, line in enumerate(("English", "1", "1", "/human")):
        await hers.post("/chat/messages", json={"key": f"her-own-words-{number}", "text": line})
    mimoza = await ground.signed_in()
    ticket = await ground.app.store.read(lambda c: c.scalar(select(Ticket.id).where(Ticket.state == "waiting")))
    await mimoza.post(f"/console/tickets/{ticket}/claim")
    pictures = [("pictures", (f"{one}.jpg", b"\xff\xd8\xff" + bytes([one]))) for one in (1, 2)]
    answer = await mimoza.post(f"/console/tickets/{ticket}/reply", data={"key": "a-key-of-a-form", "text": ""},
                               files=pictures)
    assert answer.status_code == 303, answer.text
    await ground.app.deliver.drain()
    shown = (await hers.get("/chat/messages")).json()["messages"][-3:]
    assert [(one["text"], one["file"]) for one in shown] == [
        ("Picture 1 of 2", ["photo", "picture-1.jpeg"]), ("Picture 2 of 2", ["photo", "picture-2.jpeg"]),
        ("Here are pictures for you.", None)]
    for number, one in enumerate(shown[:2], 1):
        got = await hers.get(f"/chat/files/{one['id']}")
        assert (got.content, got.headers["content-type"]) == (b"\xff\xd8\xff" + bytes([number]), "image/jpeg")
        assert (await other.get(f"/chat/files/{one['id']}")).status_code == 404
