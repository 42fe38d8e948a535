"""On the web chat what is hidden is gone from the page and from what the page may ask for."""

from __future__ import annotations

from typing import Any

import httpx

from tests.hostile.ground import OURS, Ground


async def thread(browser: httpx.AsyncClient, after: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get(f"/chat/messages?after={after}")).json()
    return found


async def test_only_the_neutral_line_is_left(ground: Ground) -> None:
    anna, ben = ground.browser(**OURS), ground.browser(**OURS)
    for browser in (anna, ben):
        await browser.post("/chat/start", json={"key": "0123456789abcdef"})
        await browser.post("/chat/messages", json={"key": "0123456789abcde0", "text": "English"})
    before = await thread(anna)
    assert before["hidden"] == 0 and len(before["messages"]) > 2
    await anna.post("/chat/messages", json={"key": "0123456789abcde1", "text": "hide"})
    after = await thread(anna)
    assert [one["text"] for one in after["messages"]] == ["Done."]
    assert after["hidden"] > max(one["id"] for one in before["messages"])
    assert (await thread(anna, before["messages"][0]["id"]))["messages"] == after["messages"]
    assert len((await thread(ben))["messages"]) > 2
