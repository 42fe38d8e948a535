"""Every page of the console as axe-core sees it, in its four languages, on a phone and at a desk, light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import pytest
from playwright.sync_api import Browser

from bot.console import policy
from bot.console.tongue import SPOKEN
from conversations.register import seed
from storage import desk, facts, sessions, staff, unanswered
from tests.support.axe import faults

from .conftest import World, ago, say
from .test_console_browser import address

__all__ = ["address"]
PHONE, DESK = 390, 1280
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


LOOKS: Sequence[tuple[Literal["light", "dark"], int, bool]] = (
    ("light", PHONE, True), ("dark", DESK, True), ("light", DESK, False), ("dark", PHONE, False))
"""Colours, width, and whether their contrast is looked at: it is the same in every language."""
HANGS_OVER = """() => [document.documentElement, ...document.querySelectorAll("body *")].filter((one) => {
    const scrolls = one === document.documentElement || ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
    return scrolls && one.scrollWidth > one.clientWidth + 1;
  }).flatMap((one) => [...one.querySelectorAll("*")].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width > 0 && box.right > one.getBoundingClientRect().left + one.clientWidth + 1;
  }).slice(0, 2)).map((part) => part.outerHTML.slice(0, 120))"""
"""What is cut off at the side: of the page, or of a part that scrolls by itself."""


@pytest.mark.parametrize("language", SPOKEN)
def test_nothing_on_any_page_is_wrong_for_axe_or_hangs_over(
    browser: Browser, world: World, address: str, language: str
) -> None:
    """In the four languages each page is seen in both colours and at both widths; on a phone, in each of them."""
    session = world.change(lambda connection: sessions.start_session(
        connection, world.arben, world.clock.now(), "a browser"))
    world.change(lambda connection: staff.set_reads_in(connection, world.arben, language))
    context = browser.new_context(base_url=address, locale=language)
    context.add_cookies([{"name": "console", "value": session, "url": f"{address}/console"}])
    page = context.new_page()
    fill(world)
    found = []
    for number, path in enumerate(paths(world), list(SPOKEN).index(language)):
        scheme, width, colours = LOOKS[number % len(LOOKS)]
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"/console{path}")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("document.querySelectorAll('details:not([name], .fold-out)').forEach((one) => (one.open = true))")
        found += [f"{path}: {one}" for one in faults(page, colours)]
        page.set_viewport_size({"width": PHONE, "height": 800})
        found += [f"{path}: hangs over: {one}" for one in page.evaluate(HANGS_OVER)]
    context.close()
    assert not found, "\n".join(found)
