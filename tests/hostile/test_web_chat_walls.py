"""One browser's chat is shown to no other; health says the truth when the database is gone."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, select

from bot.web.browser import address_of
from storage.tables import Message as Stored
from tests.hostile.ground import OURS, Ground, served
from tests.support import database
from tests.support.patience import PATIENCE

CANARY = "Canary words of Ana"


async def ana_writes(ground: Ground) -> str:
    """Her token."""
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    answer = await browser.post("/chat/messages", json={"key": "her-own-words", "text": CANARY})
    assert answer.status_code == 202
    assert CANARY in (await browser.get("/chat/messages")).text
    return browser.cookies["chat"]


def guesses(token: str) -> list[str]:
    flipped = ("A" if token[0] != "A" else "B") + token[1:]
    return [
        "",
        "a" * 43, token[:-1], token + "x", flipped, token.swapcase(), token[::-1], address_of(token),
        f"{token}; chat={token[:5]}",
        " ".join(token), "%" * 43, "_" * 43, "' OR '1'='1", "*",
        "web:" + address_of(token), secrets.token_urlsafe(32),
    ]


async def test_a_guess_reads_nothing(ground: Ground) -> None:
    token = await ana_writes(ground)
    stranger = ground.browser(**OURS)
    for guess in guesses(token):
        for params in ({}, {"after": "0"}, {"address": address_of(token)}, {"token": token}, {"chat": token}):
            answer = await stranger.get("/chat/messages", params=params, headers={"Cookie": f"chat={guess}"})
            assert answer.status_code in (200, 401), guess
            assert CANARY not in answer.text
        headers = {"Cookie": f"chat={guess}"}
        body = {"key": "not-her-words", "text": "I am Ana"}
        answer = await stranger.post("/chat/messages", json=body, headers=headers)
        assert answer.status_code in (202, 401)
    ana = ground.browser(**OURS)
    ana.cookies.set("chat", token)
    assert "I am Ana" not in (await ana.get("/chat/messages")).text


async def test_the_picture_of_a_plan_is_for_its_person_alone(ground: Ground) -> None:
    anna, ben = ground.browser(**OURS), ground.browser(**OURS)
    for browser in (anna, ben):
        await browser.post("/chat/start", json={"key": "0123456789abcdef"})
    lines = ("English", "1", "2", "my plan", "Add a step", f"{CANARY} step", "in two weeks", "my plan")
    for number, line in enumerate(lines):
        await anna.post("/chat/messages", json={"key": f"0123456789abcde{number}", "text": line})
    shown = [one for one in (await anna.get("/chat/messages")).json()["messages"] if one["file"]]
    assert shown and CANARY in shown[-1]["text"]
    address = f"/chat/files/{shown[-1]['id']}"
    picture = await anna.get(address)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["cache-control"] == "no-store" and "sandbox" in picture.headers["content-security-policy"]
    for browser, status in ((ben, 404), (ground.browser(), 401)):
        answer = await browser.get(address)
        assert answer.status_code == status and b"PNG" not in answer.content
    for number in (0, -1, 10**30, shown[-1]["id"] - 1, "x"):
        assert (await anna.get(f"/chat/files/{number}")).status_code in (404, 422)
    await anna.post("/chat/messages", json={"key": "0123456789abcdeh", "text": "hide"})
    assert (await anna.get(address)).status_code == 404, "what is out of sight is not shown by its address"


async def test_a_guess_follows_nothing(ground: Ground) -> None:
    """Nor over the events that a page follows, while she goes on writing."""
    token = await ana_writes(ground)
    heard: list[str] = []

    async def listen(browser: httpx.AsyncClient, guess: str) -> None:
        async with browser.stream("GET", "/chat/events?after=0", headers={"Cookie": f"chat={guess}"}) as answer:
            async for line in answer.aiter_lines():
                heard.append(line)

    async with served(ground) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as browser:
        listening = [asyncio.create_task(listen(browser, guess)) for guess in guesses(token)]
        own: list[str] = []
        async with browser.stream("GET", "/chat/events?after=0", headers={"Cookie": f"chat={token}"}) as mine:
            answer = await browser.post("/chat/messages", json={"key": "her-second-words", "text": f"{CANARY} two"},
                                        headers={"Cookie": f"chat={token}", "Origin": url})
            assert answer.status_code == 202
            async for line in mine.aiter_lines():
                own.append(line)
                if f"{CANARY} two" in line:
                    break
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
    assert any(CANARY in line for line in own)
    assert not any("Canary" in line for line in heard)


async def test_her_keys_do_not_collide_with_mine(ground: Ground) -> None:
    """A key that somebody else has used already must not swallow my message, nor show me theirs."""
    await ana_writes(ground)
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    await ground.app.deliver.drain()
    assert (await browser.get("/chat/messages")).json()["messages"], "the start with the same key was taken"
    answer = await browser.post("/chat/messages", json={"key": "her-own-words", "text": "mine"})
    assert answer.status_code == 202
    texts = [one["text"] for one in (await browser.get("/chat/messages")).json()["messages"]]
    assert "mine" in texts
    assert CANARY not in texts


async def test_the_address_in_the_table_is_no_token(ground: Ground) -> None:
    token = await ana_writes(ground)
    found = ground.browser(**OURS)
    found.headers["Cookie"] = f"chat={address_of(token)}"
    assert (await found.get("/chat/messages")).status_code == 401


async def test_the_chats_cookie_does_not_open_the_console(ground: Ground) -> None:
    token = await ana_writes(ground)
    browser = ground.browser(**OURS)
    browser.headers["Cookie"] = f"console={token}; chat={token}"
    assert (await browser.get("/console")).status_code == 303
    counsellor = await ground.signed_in()
    other = ground.browser(**OURS)
    other.headers["Cookie"] = f"chat={counsellor.cookies['console']}"
    answer = await other.get("/chat/messages")
    assert answer.json()["messages"] == []


# -------------------------------------------------------------------------- health


async def health(ground: Ground) -> tuple[int, int, str]:
    browser = ground.browser()
    alive, ready = await browser.get("/healthz"), await browser.get("/readyz")
    return alive.status_code, ready.status_code, ready.text


def _impatient(ground: Ground) -> None:
    """Five seconds of waiting for a lock are right in life, and too long here."""
    engine = ground.app.store.engine

    @event.listens_for(engine, "connect")
    def hurry(connection: object, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=20")

    engine.dispose()


async def test_health_while_all_is_well(ground: Ground) -> None:
    parts = {"database": "ok", "channels": "ok", "outbox": "ok", "timers": "ok"}
    assert await health(ground) == (200, 200, json.dumps({"ready": True, "parts": parts}, separators=(",", ":")))


@pytest.mark.sqlite_only
async def test_health_while_the_database_is_locked(ground: Ground) -> None:
    import sqlite3

    _impatient(ground)
    other = sqlite3.connect(ground.app.settings.database.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        alive, ready, text = await health(ground)
        assert (alive, ready) == (200, 503)
        assert str(ground.app.settings.data_dir) not in text and "SELECT" not in text
        answer = await ground.browser(**OURS).post("/chat/start", json={"key": "start-key-1"})
        assert answer.status_code == 503, "not stored, not acknowledged"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert (await health(ground))[:2] == (200, 200)


@pytest.mark.postgresql_only
async def test_health_while_the_database_lets_nobody_in(ground: Ground) -> None:
    with database.cut_off(ground.app.settings.database):
        alive, ready, text = await health(ground)
        assert (alive, ready) == (200, 503)
        assert "postgres" not in text and "SELECT" not in text
        answer = await ground.browser(**OURS).post("/chat/start", json={"key": "start-key-1"})
        assert answer.status_code == 503, "not stored, not acknowledged"
    assert (await health(ground))[:2] == (200, 200)


@pytest.mark.sqlite_only
async def test_health_while_the_database_is_rubbish(ground: Ground) -> None:
    ground.app.store.engine.dispose()
    path = Path(ground.app.settings.database.removeprefix("sqlite:///"))
    for one in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if one.exists():
            one.write_bytes(b"this is no database " * 500)
    assert (await health(ground))[:2] == (200, 503)


async def test_health_while_the_tables_are_gone(ground: Ground) -> None:
    await ground.app.store.write(lambda c: c.exec_driver_sql("DROP TABLE settings"))
    assert (await health(ground))[:2] == (200, 503)


@pytest.mark.sqlite_only
async def test_health_while_the_disk_is_full(ground: Ground) -> None:
    """A database that can be read and takes no more writes is not ready."""
    engine = ground.app.store.engine

    @event.listens_for(engine, "connect")
    def full(connection: object, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    engine.dispose()
    for number in range(50):
        answer = await ground.browser(f"198.51.100.{number}", **OURS).post(
            "/chat/start", json={"key": f"start-key-{number}"})
        assert answer.status_code in (202, 503), "never a failure inside"
        if answer.status_code == 503:
            break
    else:
        raise AssertionError("the disk was not full")
    assert (await health(ground))[0] == 200


# ------------------------------------------------------------------ what has arrived, and was read


async def test_a_page_tells_of_its_own_messages_only(ground: Ground) -> None:
    """What somebody has read is told by their browser, and by no other; the furthest stays."""
    ana, other = ground.browser(**OURS), ground.browser(**OURS)
    for browser, key in ((ana, "start-key-1"), (other, "start-key-2")):
        await browser.post("/chat/start", json={"key": key})
    newest = (await ana.get("/chat/messages")).json()["messages"][-1]["id"]

    async def states() -> list[str]:
        rows = await ground.app.store.read(lambda c: c.execute(
            select(Stored.id, Stored.state).where(Stored.author == "bot").order_by(Stored.id)).all())
        return [state for key, state in rows if key <= newest][-1:]

    assert (await other.post("/chat/seen", json={"up_to": newest, "seen": True})).status_code == 202
    assert await states() in (["sent"], ["queued"]), "of somebody else's chat it tells nothing"
    for seen, expected in ((False, "delivered"), (True, "seen"), (False, "seen")):
        assert (await ana.post("/chat/seen", json={"up_to": newest, "seen": seen})).status_code == 202
        assert await states() == [expected]


@pytest.mark.parametrize("up_to", [-1, 1.5, "7", None, True, 2**60, [1]])
async def test_what_is_no_number_of_a_message_is_refused(ground: Ground, up_to: object) -> None:
    browser = ground.browser(**OURS)
    await browser.post("/chat/start", json={"key": "start-key-1"})
    answer = await browser.post("/chat/seen", json={"up_to": up_to, "seen": True})
    assert (answer.status_code, answer.json()) == (422, {"error": "bad_number"})


async def test_another_site_and_a_stranger_tell_nothing(ground: Ground) -> None:
    stranger = ground.browser(**OURS)
    assert (await stranger.post("/chat/seen", json={"up_to": 1, "seen": True})).status_code == 401
    foreign = ground.browser(Origin="https://elsewhere.example")
    await ground.browser(**OURS).post("/chat/start", json={"key": "start-key-1"})
    assert (await foreign.post("/chat/seen", json={"up_to": 1, "seen": True})).status_code in (401, 403)
