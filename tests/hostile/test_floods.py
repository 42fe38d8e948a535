"""One sender who does not stop: slowed, and nobody else notices."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from bot.console.tries import OF_DEVICE, OF_NAME, Tries
from bot.web.chat import AT_ONCE, NEW_AT_ONCE
from bot.web.pace import Pace
from bot.web.webhooks import AT_ONCE as POSTS_AT_ONCE
from conversations.events import Media, Message
from storage.tables import Contact
from storage.tables import Message as Stored
from tests.hostile.ground import ORIGIN, OURS, PASSWORD, Ground
from tests.hostile.test_webhook import Posted, posted

__all__ = ["posted"]


async def count(ground: Ground, table: type[Contact | Stored]) -> int:
    return int(await ground.app.store.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one()))


# ------------------------------------------------------------------- the web chat


async def test_one_chat_writes_without_end(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to come again, and then taken: nothing of theirs is lost, and others are answered meanwhile."""
    eve, ana = ground.browser(**OURS), ground.browser("198.51.100.8", **OURS)
    for one in (eve, ana):
        assert (await one.post("/chat/start", json={"key": "start-key-1"})).status_code == 202
    statuses = []
    for number in range(3 * AT_ONCE):
        answer = await eve.post("/chat/messages", json={"key": f"key-number-{number}", "text": f"flood {number}"})
        statuses.append(answer.status_code)
        if answer.status_code == 429:
            assert 1 <= int(answer.headers["retry-after"]) <= 5 and answer.json() == {"error": "too_fast"}
            ok = await ana.post("/chat/messages", json={"key": f"key-of-ana-{number}", "text": "English"})
            assert ok.status_code == 202
            break
    assert statuses[:AT_ONCE] == [202] * AT_ONCE and statuses[-1] == 429
    again = {"key": f"key-number-{len(statuses) - 1}", "text": "flood, once more"}
    monkeypatch.setattr(Pace, "_left", lambda pace, *_: float(pace.at_once))  # time has passed
    assert (await eve.post("/chat/messages", json=again)).status_code == 202
    said = [one["text"] for one in (await eve.get("/chat/messages")).json()["messages"] if one["author"] == "person"]
    assert said[-1] == "flood, once more"


async def test_chats_without_end_from_one_network(ground: Ground) -> None:
    before, statuses = await count(ground, Contact), []
    for number in range(2 * NEW_AT_ONCE):
        answer = await ground.browser(**OURS).post("/chat/start", json={"key": f"start-key-{number}"})
        statuses.append(answer.status_code)
    assert set(statuses) == {202, 429} and statuses.count(202) < 1.5 * NEW_AT_ONCE
    assert await count(ground, Contact) - before == statuses.count(202)
    elsewhere = ground.browser("203.0.113.9", **OURS)
    assert (await elsewhere.post("/chat/start", json={"key": "start-key-of-ana"})).status_code == 202


async def test_a_household_is_one_network(ground: Ground) -> None:
    """IPv6 gives everybody billions of addresses."""
    statuses = []
    for number in range(2 * NEW_AT_ONCE):
        browser = ground.browser(f"2001:db8:1:2:{number:x}::1", **OURS)
        statuses.append((await browser.post("/chat/start", json={"key": f"start-key-{number}"})).status_code)
    assert 429 in statuses
    elsewhere = ground.browser("2001:db8:1:3::1", **OURS)
    assert (await elsewhere.post("/chat/start", json={"key": "start-key-of-ana"})).status_code == 202


# ------------------------------------------------------------------- Telegram


async def test_one_chat_floods_the_webhook(posted: Posted) -> None:
    """Telegram keeps what is refused and brings it again: everything arrives, and others need not wait for it."""
    eve, ana = posted.fake.person(66), posted.fake.person(7)
    words = [f"flood {number}" for number in range(POSTS_AT_ONCE + 10)]
    for one in words:
        eve.says(one)
    ana.says("hello")
    await ana.hears(seconds=20)
    mine = await posted.said_by(ana)
    await posted.fake.waits_for(lambda fake: not fake.unconfirmed, seconds=60)
    statuses = [post.status for post in posted.fake.posting.posts]
    assert 429 in statuses and set(statuses) <= {200, 429}
    assert mine == ["hello"] and await posted.said_by(eve) == words


async def test_one_chat_floods_the_polling(ground: Ground) -> None:
    """A thousand messages in the batches that also bring Ana's: answers to them go out one a second, hers at once."""
    await ground.agreed("ana")
    await ground.starts("eve")
    ground.paper.limits = replace(ground.paper.limits, a_second_each=1.0)
    before = len(ground.paper.sent)
    flood = [Message(**ground._common("eve", "paper"), text=f"flood {number}") for number in range(1000)]
    flood.append(Message(**ground._common("ana", "paper"), text="/help"))
    for begin in range(0, 1001, 100):
        await ground.app.receive.handle(flood[begin : begin + 100])
    async with asyncio.timeout(60):
        while "ana" not in [who for who, _ in ground.paper.sent[before:]]:
            await asyncio.sleep(0.02)
    assert [who for who, _ in ground.paper.sent[before:]].count("eve") < 100, "hers waits behind a few of them only"
    assert len([one for one in await ground.messages("eve") if one["author"] == "person"]) == 1001


async def test_a_script_as_the_name_of_a_file(ground: Ground) -> None:
    """It is stored with what Telegram needs to find the file, and shown nowhere."""
    await ground.with_ticket("eve")
    script = "<script>alert('canary')</script>.pdf"
    sent = Media(**ground._common("eve", "paper"), kind="document", data={"file_id": "x", "name": script})
    await ground.app.receive.handle([sent])
    browser = await ground.signed_in()
    for path in ("/console", "/console/tickets/1", "/console/people/1", "/console/tasks"):
        page = (await browser.get(path)).text
        assert "canary" not in page
    assert "Document" in (await browser.get("/console/tickets/1")).text


# ------------------------------------------------------------------- signing in


@pytest.mark.sqlite_only  # half a minute, and the counting is in memory on either
async def test_ten_thousand_sign_ins(ground: Ground) -> None:
    """From one address and from thousands: few are even looked at, what is counted stays small, and a counsellor
    whose browser is known gets in meanwhile."""
    known = await ground.signed_in()
    await known.post("/console/sign-out")
    form, statuses = {"login": "mimoza", "password": "guess guess guess"}, []
    everywhere = httpx.ASGITransport(ground.site)
    crowd = httpx.AsyncClient(transport=everywhere, base_url=ORIGIN, headers=OURS)
    for number in range(10_000):
        address = "198.51.100.9" if number % 2 else f"10.{number >> 8 & 255}.{number & 255}.1"
        everywhere.client = (address, 50000)
        statuses.append((await crowd.post("/console/sign-in", data=form)).status_code)
        if number in (5, 5000, 9999):
            answer = await known.post("/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
            assert answer.status_code == 303, "the browser that is known is not shut out"
    assert statuses.count(401) <= OF_NAME.most and set(statuses) == {401, 429}
    stranger = await ground.browser("203.0.113.77", **OURS).post(
        "/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    assert stranger.status_code == 429, "the right password of a stranger is not told apart"
    other = await ground.browser("203.0.113.77", **OURS).post(
        "/console/sign-in", data={"login": "arben", "password": PASSWORD})
    assert other.status_code == 303, "nobody else is shut out"
    ground.clock.at += OF_NAME.within + timedelta(seconds=1)
    later = await ground.browser("203.0.113.78", **OURS).post(
        "/console/sign-in", data={"login": "mimoza", "password": PASSWORD})
    assert later.status_code == 303


async def test_a_known_browser_does_not_guess_without_end(ground: Ground) -> None:
    browser = await ground.signed_in()
    form = {"login": "mimoza", "password": "guess guess guess"}
    statuses = [(await browser.post("/console/sign-in", data=form)).status_code for _ in range(20)]
    assert statuses.count(401) == OF_DEVICE.most and statuses[-1] == 429


async def test_a_known_browser_is_known_for_its_own_name_only(ground: Ground) -> None:
    browser = await ground.signed_in("arben")
    form = {"login": "mimoza", "password": "guess guess guess"}
    statuses = [(await browser.post("/console/sign-in", data=form)).status_code for _ in range(20)]
    assert statuses.count(401) == 10
    stolen = ground.browser(**OURS)
    stolen.headers["Cookie"] = "console-known=" + "a" * 43
    assert (await stolen.post("/console/sign-in", data=form)).status_code == 429


async def test_counts_are_forgotten(ground: Ground) -> None:
    tries, now = Tries(), ground.clock.now()
    for number in range(30_000):
        now += timedelta(milliseconds=100)
        assert tries.allow(now, (("name", str(number)), OF_NAME))
    assert len(tries) < 11_000
