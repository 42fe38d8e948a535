"""Health, readiness and the numbers over HTTP: what each says, to whom, and how long it takes at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from bot.metrics import Metrics
from bot.web.health import Health, Part, Shared, health_routes
from storage.health import Figures
from tests.support.patience import PATIENCE

SECRET = "a-secret-that-is-long-enough"
SHORT = 0.05
"""Seconds; here in place of two."""


class Parts:
    """Two parts and the figures; each can be told to fail, to hang or to be unwell."""

    def __init__(self) -> None:
        self.said: dict[str, Callable[[], Part]] = {"database": Part, "timers": Part}
        self.hangs: dict[str, asyncio.Event] = {}
        self.asked: list[str] = []
        self.counted = Figures(tasks_open=3)

    async def check(self, name: str) -> Part:
        self.asked.append(name)
        if name in self.hangs:
            await self.hangs[name].wait()
        return self.said[name]()

    async def figures(self) -> Figures:
        self.asked.append("figures")
        if "figures" in self.hangs:
            await self.hangs["figures"].wait()
        return self.counted

    def health(self, token: str = "", keep: float = 60.0, within: float = 5.0) -> Health:
        checks = {name: Shared(lambda name=name: self.check(name), within=within)
                  for name in self.said}
        return Health(checks, Shared(self.figures, keep, within), Metrics(["web"]), token)


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    made = Parts()
    yield made
    for gate in made.hangs.values():
        gate.set()


def browser(health: Health, peer: str = "127.0.0.1") -> httpx.AsyncClient:
    site = FastAPI()
    site.router.routes += health_routes(health).routes
    return httpx.AsyncClient(transport=httpx.ASGITransport(site, client=(peer, 50_000)), base_url="http://bot")


async def read(health: Health, path: str, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
    async with browser(health, peer) as opened:
        return await opened.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def broken() -> Part:
    raise RuntimeError("password=hunter2 of Ana")


# ------------------------------------------------------------------------ alive and ready


async def test_all_is_well(parts: Parts) -> None:
    answer = await read(parts.health(), "/readyz")
    assert (answer.status_code, answer.json()) == (
        200, {"ready": True, "parts": {"database": "ok", "timers": "ok"}})
    assert answer.headers["cache-control"] == "no-store"


async def test_one_part_does_not_work(parts: Parts) -> None:
    parts.said["database"] = lambda: Part("does not take writes", works=False)
    answer = await read(parts.health(), "/readyz")
    assert (answer.status_code, answer.json()) == (
        503, {"ready": False, "parts": {"database": "does not take writes", "timers": "ok"}})


async def test_what_is_the_same_everywhere_keeps_nobody_away(parts: Parts) -> None:
    """To send people to another process does not help where the platform is down for all. An alert says it."""
    parts.said["timers"] = lambda: Part("telegram is not reachable", works=False, needed=False)
    answer = await read(parts.health(), "/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["parts"]["timers"] == "telegram is not reachable"
    assert 'returnee_bot_part_works{part="timers"} 0.0' in (await read(parts.health(), "/metrics")).text


async def test_a_part_that_hangs_does_not_hang_the_answer(parts: Parts) -> None:
    parts.hangs["database"] = asyncio.Event()
    health = parts.health(within=SHORT)
    answer = await asyncio.wait_for(read(health, "/readyz"), PATIENCE)
    assert (answer.status_code, answer.json()["parts"]) == (
        503, {"database": "does not answer", "timers": "ok"})
    await read(health, "/readyz")
    assert parts.asked.count("database") == 1, "what hangs is not asked a second time meanwhile"
    parts.hangs.pop("database").set()
    while (await read(health, "/readyz")).status_code == 503:
        pass
    assert (await read(health, "/readyz")).json()["ready"] is True


async def test_a_check_that_fails_says_nothing_of_why_to_the_world(parts: Parts) -> None:
    parts.said["database"] = broken
    with capture_logs() as lines:
        answer = await read(parts.health(), "/readyz")
    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "could not be asked")
    assert "hunter2" not in answer.text + str(lines)
    assert lines[0]["error"] == "RuntimeError"


async def test_many_who_ask_at_once_share_one_look(parts: Parts) -> None:
    parts.hangs["database"] = asyncio.Event()
    health = parts.health()
    asking = [asyncio.create_task(read(health, "/readyz")) for _ in range(20)]
    while "database" not in parts.asked:
        await asyncio.sleep(0)
    parts.hangs["database"].set()
    assert {one.status_code for one in await asyncio.gather(*asking)} == {200}
    assert parts.asked.count("database") < 20


async def test_the_next_who_asks_gets_a_new_look(parts: Parts) -> None:
    health = parts.health()
    assert (await read(health, "/readyz")).status_code == 200
    parts.said["database"] = lambda: Part("does not take writes", works=False)
    assert (await read(health, "/readyz")).status_code == 503


async def test_the_process_lives_whatever_its_parts_do(parts: Parts) -> None:
    parts.said["database"] = broken
    answer = await read(parts.health(), "/healthz")
    assert (answer.status_code, parts.asked) == (200, [])


# ------------------------------------------------------------------------------ the numbers


async def test_the_numbers(parts: Parts) -> None:
    parts.said["timers"] = lambda: Part("stopped", works=False)
    answer = await read(parts.health(), "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    for line in ("returnee_bot_tasks_open 3.0", 'returnee_bot_part_works{part="database"} 1.0',
                 'returnee_bot_part_works{part="timers"} 0.0',
                 'returnee_bot_turns_total{channel="web",kind="message"} 0.0'):
        assert line in lines


async def test_the_queues_are_counted_once_for_a_while(parts: Parts) -> None:
    health = parts.health()
    for _ in range(5):
        await read(health, "/metrics")
    assert parts.asked.count("figures") == 1
    fresh = parts.health(keep=0.0)
    for _ in range(3):
        await read(fresh, "/metrics")
    assert parts.asked.count("figures") == 4


async def test_the_rest_is_shown_while_the_database_hangs(parts: Parts) -> None:
    parts.hangs["figures"] = asyncio.Event()
    with capture_logs() as lines:
        answer = await asyncio.wait_for(read(parts.health(within=SHORT), "/metrics"), PATIENCE)
    assert "returnee_bot_database_figures 0.0" in answer.text
    assert "returnee_bot_turn_seconds_count 0.0" in answer.text
    assert [one["event"] for one in lines] == ["the queues could not be counted"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_without_a_token_this_machine_may_read(parts: Parts, peer: str) -> None:
    assert (await read(parts.health(), "/metrics", peer)).status_code == 200


@pytest.mark.parametrize(("peer", "headers"), [
    ("198.51.100.7", {}), ("10.0.0.3", {}), ("::ffff:10.0.0.3", {}), ("testclient", {}),
    ("127.0.0.1", {"X_Forwarded_For": "127.0.0.1"}), ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
    ("127.0.0.1", {"X_Real_IP": "127.0.0.1"}), ("127.0.0.1", {"Via": "1.1 proxy"}),
    ("198.51.100.7", {"Authorization": "Bearer "}), ("198.51.100.7", {"Authorization": "Bearer None"}),
])
async def test_without_a_token_nobody_else_may(parts: Parts, peer: str, headers: dict[str, Any]) -> None:
    answer = await read(parts.health(), "/metrics", peer, **headers)
    assert (answer.status_code, parts.asked) == (403, [])
    assert "returnee_bot" not in answer.text


@pytest.mark.parametrize("shown", [f"Bearer {SECRET}", f"bearer {SECRET}"])
async def test_who_has_the_token_may_read_from_anywhere(parts: Parts, shown: str) -> None:
    answer = await read(parts.health(SECRET), "/metrics", "198.51.100.7", Authorization=shown)
    assert answer.status_code == 200


@pytest.mark.parametrize("shown", [
    "", SECRET, f"Basic {SECRET}", "Bearer", f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}", "Bearer \xe4\xf6",
])
async def test_a_wrong_token(parts: Parts, shown: str) -> None:
    headers = {"Authorization": shown.encode("latin-1")} if shown else {}
    async with browser(parts.health(SECRET)) as opened:
        answer = await opened.get("/metrics", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"], parts.asked) == (401, "Bearer", [])
