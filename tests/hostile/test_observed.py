"""The whole bot, watched: what is counted and logged on a message's way, and what is in none of it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs
from bot.channels.base import Blocked, Outgoing, Permanent, Retry, Unknown
from conversations.events import Stopped
from tests.hostile.ground import Ground
from tests.support.patience import PATIENCE

WORDS, PHONE, WHO = "Kanarienvogel", "044123456", "383555777"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that the service would write, at its most talkative."""
    root = logging.getLogger()
    before, handlers, level = structlog.get_config(), root.handlers[:], root.level
    stream = io.StringIO()
    logs.begin("debug", stream)
    yield stream
    structlog.configure(**before)
    root.handlers[:], logs.detailed = handlers, False
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def numbers(ground: Ground) -> dict[str, float]:
    async with ground.browser("127.0.0.1") as opened:
        answer = await opened.get("/metrics")
    assert answer.status_code == 200
    assert not any(one in answer.text for one in (WORDS, PHONE, WHO))
    rows = [line.rsplit(" ", 1) for line in answer.text.splitlines() if line[0] != "#"]
    return {name.removeprefix("returnee_bot_"): float(value) for name, value in rows}


async def test_a_message_is_counted_from_its_arrival_to_its_delivery(ground: Ground) -> None:
    await ground.agreed(WHO)
    await ground.says(WHO, f"{WORDS}, {PHONE}")
    async with asyncio.timeout(PATIENCE):
        while (found := await numbers(ground))['leader{role="receiver"}'] != 1:  # one role after the other
            await asyncio.sleep(0.05)
    assert found['turns_total{channel="paper",kind="message"}'] == 4
    assert found['turns_total{channel="paper",kind="started"}'] == 1
    assert found["turn_seconds_count"] == 5
    assert found['sends_total{channel="paper",outcome="sent"}'] == len(ground.paper.sent)
    assert found["reply_seconds_count"] == found['send_seconds_count{channel="paper"}'] == len(ground.paper.sent)
    assert found["commit_seconds_count"] >= 5
    assert found["commit_failures_total"] == 0
    assert found['leader{role="sender"}'] == found['leader{role="receiver"}'] == 1
    assert {found[f'part_works{{part="{name}"}}'] for name in ("database", "channels", "outbox", "timers")} == {1}


async def test_a_hand_off_that_waits_is_seen(ground: Ground) -> None:
    await ground.with_ticket(WHO)
    found = await numbers(ground)
    assert found['tickets{state="waiting",urgent="no"}'] == 1


async def test_a_message_is_followed_to_its_delivery(ground: Ground, written: io.StringIO) -> None:
    await ground.agreed(WHO)
    written.truncate(0), written.seek(0)
    said = await ground.says(WHO, WORDS)
    [turn] = [one for one in lines(written) if one["event"] == "turn"]
    sent = [one for one in lines(written) if one["event"] == "sent"]
    stored = next(one for one in await ground.messages(WHO) if one["text"] == WORDS)
    assert turn["trace"] == logs.trace(stored["id"])
    assert (turn["channel"], turn["kind"], turn["route"]) == ("paper", "Message", "Answer")
    assert turn["replies"] == len(sent) == len(said) > 0
    assert {one["trace"] for one in sent} == {turn["trace"]}


async def test_what_cannot_be_sent_keeps_its_trace(
    ground: Ground, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ground.agreed(WHO)
    troubles: list[Exception] = [Permanent(f"no {WHO}")]

    async def send(_outgoing: Outgoing) -> str | None:
        if troubles:
            raise troubles.pop()
        return "1"

    monkeypatch.setattr(ground.paper, "send", send)
    await ground.says(WHO, WORDS)
    [failed] = [one for one in lines(written) if one["event"] == "not sent"]
    assert failed["trace"] in {one["trace"] for one in lines(written) if one["event"] == "turn"}
    assert (await numbers(ground))['sends_total{channel="paper",outcome="permanent"}'] == 1


@pytest.mark.parametrize("trouble", [Blocked(WORDS), Permanent(WORDS), Retry(WORDS, 0.0), Unknown(WORDS),
                                     RuntimeError(f"{WORDS} {PHONE} to {WHO}")])
async def test_no_line_holds_a_person(
    ground: Ground, written: io.StringIO, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """Words, a phone number, an address: at the most talkative level, with everything failing."""
    await ground.with_ticket(WHO, f"{WORDS} {PHONE}")
    browser = await ground.signed_in()
    await browser.post("/console/tickets/1/claim")
    once = [trouble]

    async def send(_outgoing: Outgoing) -> str | None:
        if once:
            raise once.pop()
        return "1"

    monkeypatch.setattr(ground.paper, "send", send)
    await browser.post("/console/tickets/1/reply", data={"text": f"{WORDS} {PHONE}", "key": "key-of-a-form"})
    await ground.gives(Stopped(**ground._common(WHO, "paper")))
    assert lines(written)
    for word in (WORDS, PHONE, WHO):
        assert word not in written.getvalue()
