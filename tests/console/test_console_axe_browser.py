"""Every page of the console as axe-core sees it, on a phone in light colours and at a desk in dark ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser

from bot.console import policy
from conversations.register import seed
from storage import desk, facts, sessions, unanswered
from tests.support.axe import faults

from .conftest import World, ago, say
from .test_console_browser import address

__all__ = ["address"]
NO_PAGES = frozenset({
    "/queue", "/alert", "/events", "/tickets/{ticket_id}/messages", "/tickets/{ticket_id}/cards",
    "/files/{message_id}", "/facts/file", "/reports/csv", "/reports/xlsx", "/links/{way_id}/poster",
    "/people/{contact_id}/referrals/{referral_id}/letter", "/people/{contact_id}/plan",
})
"""Parts of pages, and files."""


def fill(world: World) -> None:
    """Something in every part: messages of each kind and in each state, a fact, a link, two records of one person."""
    vesna = world.people["vesna"]
    world.change(lambda c: facts.seed(c, seed()))
    first = world.change(lambda c: say(c, vesna, "person", "Monday", ago(minutes=30), external_id="7"))
    for state in ("queued", "sent", "seen", "failed"):
        for author in ("bot", "counsellor"):
            world.change(lambda c, one=author, at=state: say(
                c, vesna, one, "Good morning", ago(minutes=20), state=at, channel="viber", error="blocked"))
    world.change(lambda c: say(c, vesna, "person", "Tuesday", ago(minutes=10), edits=first))
    world.change(lambda c: say(c, vesna, "person", "Yes", ago(minutes=9), reply_to="7"))
    world.change(lambda c: say(c, vesna, "person", "Yes", ago(minutes=9), kind="tap"))
    world.change(lambda c: unanswered.add(c, vesna, "en", None, "may I keep bees", ago(minutes=9)))
    world.change(lambda c: desk.add_note(c, vesna, world.tickets["vesna"], world.mira, "She is tired", ago(minutes=5)))


def paths(world: World) -> Iterator[str]:
    """All that a coordinator can open: a page that is added later is among them by itself."""
    known = {"ticket_id": world.tickets["vesna"], "contact_id": world.people["vesna"],
             "fact_id": "migration.am-i-banned", "slug": "ura"}
    yield from ("/sign-in", "/new-password")
    for method, path in sorted(policy.ROUTES):
        if method == "GET" and path not in NO_PAGES:
            yield path.format(**known)
    yield f"/tickets/{world.tickets['agon']}?tab=waiting"
    yield f"/people/{known['contact_id']}/merge?other={world.people['agon']}"
    yield f"/people/{known['contact_id']}?change=name"
    yield "/people/999"


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
def test_nothing_on_any_page_is_wrong_for_axe(
    browser: Browser, world: World, address: str, scheme: Literal["light", "dark"], width: int
) -> None:
    session = world.change(lambda connection: sessions.start_session(
        connection, world.arben, world.clock.now(), "a browser"))
    context = browser.new_context(base_url=address, color_scheme=scheme, viewport={"width": width, "height": 800})
    context.add_cookies([{"name": "console", "value": session, "url": f"{address}/console"}])
    page = context.new_page()
    fill(world)
    found = []
    for path in paths(world):
        page.goto(f"/console{path}")
        page.evaluate("document.querySelectorAll('details:not([name], .fold-out)').forEach((one) => (one.open = true))")
        found += [f"{path}: {one}" for one in faults(page)]
    context.close()
    assert not found, "\n".join(found)
