"""A counsellor's browser is woken when somebody needs a person now and no page of theirs is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from storage import presence, staff
from storage.sessions import UNUSED
from tests.fakes.push_service import PushService
from tests.hostile.ground import Ground

HERS = "mimozas"


async def wants(browser: httpx.AsyncClient, endpoint: str, status: int = 204) -> None:
    answer = await browser.post("/console/push", data={"endpoint": endpoint})
    assert answer.status_code == status, answer.text


async def with_push(ground: Ground, service: PushService, login: str = "mimoza") -> httpx.AsyncClient:
    browser = await ground.signed_in(login)
    await wants(browser, service.endpoint(f"{login}s"))
    ground.clock.at += timedelta(minutes=10)
    return browser


async def looks(ground: Ground) -> int:
    assert ground.app.push is not None
    return await ground.app.push.look()


async def rows(ground: Ground) -> list[Any]:
    return await ground.app.store.read(lambda c: list(c.execute(text("SELECT * FROM desk_pushes"))))


async def urgent(ground: Ground, person: str = "anna") -> None:
    await ground.starts(person)
    await ground.taps(person, "!danger")


async def test_who_has_no_page_open_is_woken_once_and_without_a_word(ground: Ground, service: PushService) -> None:
    await with_push(ground, service)
    await ground.with_ticket("ben")
    assert await looks(ground) == 0, "that is not urgent"
    await urgent(ground)
    assert await looks(ground) == 1
    [pushed] = service.got
    service.signed_by(pushed)
    assert (pushed.path, pushed.body, pushed.headers["urgency"]) == ("/push/mimozas", b"", "high")
    assert int(pushed.headers["ttl"]) == 3600
    ground.clock.at += timedelta(minutes=5)
    assert await looks(ground) == 0, "woken already"
    await ground.says("anna", "please")
    assert await looks(ground) == 1, "she goes on writing, and nobody has come"
    assert await looks(ground) == 0


async def test_somebody_who_waits_already_becomes_urgent(ground: Ground, service: PushService) -> None:
    await ground.with_ticket("anna")
    ground.clock.at += timedelta(hours=1)
    await with_push(ground, service)
    assert await looks(ground) == 0
    await ground.taps("anna", "!danger")
    assert await looks(ground) == 1


async def test_an_open_page_tells_by_itself(ground: Ground, service: PushService) -> None:
    await with_push(ground, service)
    mimoza = await ground.counsellor("mimoza")

    async def is_open() -> None:
        await ground.app.store.write(lambda c: presence.ping(c, mimoza, ground.clock.now()))

    await is_open()
    ground.clock.at += timedelta(seconds=10)
    await urgent(ground)
    assert await looks(ground) == 0, "perhaps it is still open"
    ground.clock.at += timedelta(seconds=35)
    await is_open()
    ground.clock.at += timedelta(minutes=10)
    assert await looks(ground) == 0, "it was: the page has told her"
    await ground.says("anna", "please")
    assert await looks(ground) == 1, "closed meanwhile"


async def test_it_ends_with_the_session_and_with_the_account(ground: Ground, service: PushService) -> None:
    browser = await with_push(ground, service)
    await urgent(ground)
    await browser.post("/console/sign-out")
    assert await rows(ground) == [] and await looks(ground) == 0
    again = await with_push(ground, service)
    await wants(again, "")
    assert await rows(ground) == [] and await looks(ground) == 0
    await with_push(ground, service)
    ground.clock.at += UNUSED
    await ground.says("anna", "please")
    assert await looks(ground) == 0, "a browser that was left"
    await with_push(ground, service)
    mimoza = await ground.counsellor("mimoza")
    await ground.says("anna", "please")
    await ground.app.store.write(lambda c: staff.remove_counsellor(c, mimoza, ground.clock.now()))
    assert await looks(ground) == 0 and service.got == []


async def test_what_is_no_place_and_who_is_not_signed_in(ground: Ground, service: PushService) -> None:
    browser = await ground.signed_in()
    for place in ("https://127.0.0.1.nip/ a", "http://push.example.org/a", "https://[::1]/a"):
        await wants(browser, place, 422)
    assert (await ground.browser().post("/console/push", data={"endpoint": ""})).status_code in (303, 403)
    await wants(browser, service.endpoint(HERS))
    [row] = await rows(ground)
    assert service.endpoint(HERS) not in str(tuple(row))
    service.answers.extend([503, 410])
    ground.clock.at += timedelta(minutes=1)
    await urgent(ground)
    assert await looks(ground) == 1
    ground.clock.at += timedelta(minutes=1)
    assert await looks(ground) == 1 and await rows(ground) == []
