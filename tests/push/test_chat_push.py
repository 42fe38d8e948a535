"""A browser shows a sign when something is new in the chat: once, empty, in safe hours, for who wanted it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from sqlalchemy import select, text

from storage.tables import Address, Contact
from tests.fakes.push_service import PushService
from tests.hostile.ground import Ground

OURS = {"Origin": "https://testserver"}
PUSH = "/chat/push"
KEYS = count()


async def writes(browser: httpx.AsyncClient, *lines: str) -> None:
    for line in lines:
        answer = await browser.post("/chat/messages", json={"key": f"her-own-words-{next(KEYS)}", "text": line})
        assert answer.status_code == 202, answer.text


async def ana(ground: Ground, *lines: str) -> httpx.AsyncClient:
    browser = ground.browser(**OURS)
    browser.base_url = httpx.URL("https://testserver")
    await browser.post("/chat/start", json={"key": "start-key-1"})
    await writes(browser, "English", *lines)
    return browser


async def tells(browser: httpx.AsyncClient, wish: str, status: int = 200, **more: Any) -> dict[str, Any]:
    answer = await browser.post(PUSH, json={"do": wish, **more})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def is_here(ground: Ground, browser: httpx.AsyncClient, endpoint: str) -> dict[str, Any]:
    """An open page shows what there is."""
    await ground.app.deliver.drain()
    shown = (await browser.get("/chat/messages")).json()["messages"]
    return await tells(browser, "here", endpoint=endpoint, up_to=shown[-1]["id"])


async def with_push(ground: Ground, service: PushService, name: str = "anas") -> httpx.AsyncClient:
    """She has agreed, wants signs, and has seen everything."""
    browser = await ana(ground, "1", "1")
    endpoint = service.endpoint(name)
    assert (await tells(browser, "on", endpoint=endpoint))["on"]
    await is_here(ground, browser, endpoint)
    return browser


async def looks(ground: Ground, later: timedelta = timedelta(seconds=20)) -> int:
    """What was sent is noted; then the clock goes on, and whoever waits is woken."""
    assert ground.app.push is not None
    await ground.app.deliver.drain()
    await ground.app.store.write(lambda _: None)
    ground.clock.at += later
    return await ground.app.push.look()


async def rows(ground: Ground) -> list[Any]:
    return await ground.app.store.read(lambda c: list(c.execute(text("SELECT * FROM chat_pushes"))))


async def replies(ground: Ground, browser: httpx.AsyncClient, *lines: str) -> int:
    """A counsellor takes the chat of the only person who waits, and writes."""
    mimoza = await ground.counsellor("mimoza")
    ticket = await ground.app.store.read(lambda c: c.scalar(text("SELECT id FROM tickets WHERE state <> 'closed'")))
    from bot.receive.staff import StaffDesk

    desk = StaffDesk(ground.app.receive, ground.app.turn_clock)
    await desk.claim(ticket, mimoza)
    for line in lines:
        await desk.reply(ticket, mimoza, line, f"key-{next(KEYS)}")
    return int(ticket)


async def test_who_has_left_the_page_is_woken_once_and_by_nothing_but_us(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    await writes(browser, "/human")
    await is_here(ground, browser, service.endpoint("anas"))
    assert await looks(ground) == 0, "she has seen it all"
    await replies(ground, browser, "Are you alone?", "Call me.")
    assert await looks(ground, timedelta(seconds=5)) == 0, "an open page has a moment to say so"
    assert await looks(ground) == 1
    await replies(ground, browser, "Please.")
    assert await looks(ground) == 0, "she was woken and has not come yet"
    [pushed] = service.got
    key, claims = service.signed_by(pushed)
    assert pushed.path == "/push/anas" and pushed.body == b"" and int(pushed.headers["ttl"]) == 86400
    assert key == (await browser.get(PUSH)).json()["key"]
    assert claims["aud"] == service.origin and claims["sub"] == "http://localhost:8080"
    assert 0 < int(str(claims["exp"])) - ground.clock.now().timestamp() < 86400
    await is_here(ground, browser, service.endpoint("anas"))
    await replies(ground, browser, "Good that you are here.")
    assert await looks(ground) == 1 and len(service.got) == 2


async def test_before_consent_it_is_not_offered_and_with_it_it_goes(ground: Ground, service: PushService) -> None:
    browser = await ana(ground)
    endpoint = service.endpoint("anas")
    assert not (await browser.get(PUSH)).json()["may"]
    await tells(browser, "on", 403, endpoint=endpoint)
    await writes(browser, "1", "1")
    assert (await browser.get(PUSH)).json()["may"]
    assert (await tells(browser, "on", endpoint=endpoint))["on"]
    assert not (await tells(browser, "off", endpoint=endpoint))["on"] and await rows(ground) == []
    await tells(browser, "on", endpoint=endpoint)
    await writes(browser, "my data", "Delete everything", "Yes, delete it")
    assert await rows(ground) == []
    await tells(browser, "here", 403, endpoint=endpoint, up_to=1)


async def test_the_endpoint_is_locked_and_moves_with_the_browser(ground: Ground, service: PushService) -> None:
    first = await with_push(ground, service)
    [row] = await rows(ground)
    assert "push" not in str(row.endpoint) and service.endpoint("anas") not in str(tuple(row))
    other = await with_push(ground, service)
    [now] = await rows(ground)
    assert now.contact_id != row.contact_id, "the same browser has another chat now"
    for name in "abcdef":
        await tells(other, "on", endpoint=service.endpoint(name))
        ground.clock.at += timedelta(seconds=1)
    assert len(await rows(ground)) == 5
    assert not (await is_here(ground, first, ""))["on"]


async def test_what_the_push_service_answers(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    await writes(browser, "/human")
    service.answers.extend([429, 503, 201])
    assert await looks(ground) == 1
    assert await looks(ground) == 0, "not at once again"
    assert await looks(ground, timedelta(minutes=1)) == 1
    assert await looks(ground, timedelta(minutes=2)) == 1
    assert len(service.got) == 3 and await looks(ground, timedelta(hours=2)) == 0
    for status in (410, 404, 403, 302):
        await is_here(ground, browser, service.endpoint("anas"))
        await replies(ground, browser, "Are you there?")
        service.answers.append(status)
        assert await looks(ground) == 1, status
        assert await rows(ground) == [], status
    assert not any(one.path == "/elsewhere" for one in service.got)
    await is_here(ground, browser, service.endpoint("anas"))
    assert len(await rows(ground)) == 1, "a browser that still wants it says so"


async def test_a_dead_push_service_is_given_up_and_holds_up_nobody(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    await writes(browser, "/human")
    service.answers.extend([500] * 8)
    for tries in range(1, 9):
        assert await looks(ground, timedelta(hours=1)) == 1
        assert len(service.got) == tries
    assert await rows(ground) == []


async def wants(ground: Ground, **discreet: Any) -> None:
    from storage import contacts

    def work(connection: Any) -> None:
        found = connection.execute(select(Address.sealed).where(Address.channel == "web")).scalar_one()
        [who] = contacts.find(connection, "web", [found]).values()
        who.person.discreet, who.person.changed = {"silent": False, "hours": None, **discreet}, True
        contacts.save(connection, [who.person])

    await ground.app.store.write(work)


async def test_safe_hours_hold_for_the_sign_and_for_how_long_it_may_come(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    await wants(ground, hours=(16, 19), silent=True)  # it is 11:00 in Pristina
    await writes(browser, "/human")
    assert await looks(ground) == 0
    assert await looks(ground, timedelta(hours=4)) == 0
    assert await looks(ground, timedelta(hours=1)) == 1
    told = await tells(browser, "here", endpoint=service.endpoint("anas"), up_to=0)
    assert told["notice"] == {"text": "There is something new.", "lang": "en", "silent": True}
    opened = ground.clock.now().replace(hour=18, minute=0, second=0)  # 19:00 there
    assert int(service.got[0].headers["ttl"]) == int((opened - ground.clock.now()).total_seconds())


async def test_what_we_begin_keeps_to_the_day(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    ground.clock.at = datetime(2026, 11, 23, 21, 0, tzinfo=ground.clock.at.tzinfo)
    await writes(browser, "/menu")
    await ground.app.deliver.drain()
    await ground.app.store.write(lambda c: c.execute(text("UPDATE messages SET lane = 1")))
    assert await looks(ground) == 0
    assert await looks(ground, timedelta(hours=12)) == 1


async def test_a_chat_that_was_hidden_shows_it_without_a_sound(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    assert not (await is_here(ground, browser, service.endpoint("anas")))["notice"]["silent"]
    await writes(browser, "hide")
    assert (await is_here(ground, browser, service.endpoint("anas")))["notice"]["silent"]
    assert await looks(ground) == 0


async def test_closing_the_chat_elsewhere_ends_it_there(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    before = browser.cookies["chat"]
    answer = await browser.post("/chat/way-back", json={"do": "only_here", "key": "of-the-page-" * 3})
    assert answer.status_code == 200 and await rows(ground) == []
    lost = ground.browser(Cookie=f"chat={before}", **OURS)
    lost.base_url = browser.base_url
    await tells(lost, "here", 404, endpoint=service.endpoint("anas"), up_to=1)
    assert (await is_here(ground, browser, service.endpoint("mine")))["on"]


async def test_an_app_that_is_taken_away_is_not_woken(ground: Ground, service: PushService) -> None:
    from storage import linking

    await with_push(ground, service)
    [row] = await rows(ground)
    now = ground.clock.now()
    await ground.app.store.write(lambda c: linking.take_away(c, row.contact_id, ("paper", "x"), "en", "UTC", now))
    assert await rows(ground) == []


async def test_nobody_is_woken_where_it_is_switched_off(ground: Ground) -> None:
    from bot.settings import Settings

    assert not Settings().pushes and not Settings(public_url="http://127.0.0.1:1").pushes
    assert Settings(public_url="https://a.example").pushes
    assert not Settings(public_url="https://a.example", web_push=False).pushes
    await ground.app.store.read(lambda c: c.execute(select(Contact.id)).all())
