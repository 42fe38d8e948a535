"""The service's own OpenAPI description, gone through by schemathesis: whatever is sent, nothing fails inside."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck

from tests.hostile.ground import Ground, served

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "8"))
ENDLESS = ("/console/events", "/chat/events")
"""They answer until the page closes; their refusals are tested elsewhere."""


def described(ground: Ground) -> dict[str, Any]:
    """As the service describes itself; it publishes it to nobody."""
    found = ground.site.openapi()
    for path in ENDLESS:
        del found["paths"][path]
    return found


def go_through(description: dict[str, Any], url: str, cookies: dict[str, str]) -> tuple[int, list[str]]:
    """How much was asked, and what failed inside."""
    schema = schemathesis.openapi.from_dict(description)
    asked, wrong = 0, []
    session = requests.Session()
    session.headers.update({"Origin": url, "Sec-Fetch-Site": "same-origin"})

    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                             suppress_health_check=list(HealthCheck))
        @hypothesis.given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal asked
            answer = case.call(base_url=url, session=session, cookies=cookies, timeout=20, allow_redirects=False)
            asked += 1
            if answer.status_code >= 500:
                wrong.append(f"{case.method} {case.formatted_path} {answer.status_code}")

        ask()
    return asked, wrong


@pytest.mark.parametrize("who", [
    pytest.param("nobody", marks=pytest.mark.sqlite_only), pytest.param("counsellor", marks=pytest.mark.sqlite_only),
    pytest.param("coordinator", marks=pytest.mark.postgresql_only),  # it takes less than SQLite, of what it is told
])
async def test_nothing_fails_inside(ground: Ground, who: str) -> None:
    await ground.with_ticket("ana", "hello")
    cookies, description = {}, described(ground)
    if who != "nobody":
        browser = await (ground.signed_in() if who == "counsellor" else ground.coordinator())
        cookies = {"console": browser.cookies["console"]}
        del description["paths"]["/console/sign-out"]  # whoever is to go on through the rest stays in
    async with served(ground) as url:
        asked, wrong = await asyncio.to_thread(go_through, description, url, cookies)
    assert wrong == []
    if who != "nobody":
        assert (await browser.get("/console")).status_code == 200, "signed in to the end"
    assert asked > 5 * sum(len(one) for one in description["paths"].values())


async def test_the_description_names_every_door(ground: Ground) -> None:
    paths = described(ground)["paths"]
    assert {"/", "/chat/start", "/chat/messages", "/console/sign-in", "/console/team", "/metrics"} <= set(paths)
    async with ground.browser() as stranger:
        for path in ("/openapi.json", "/docs", "/redoc"):
            assert (await stranger.get(path)).status_code == 404
