"""The partners in the console: read by all, changed by coordinators, version by version."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from conversations.register import Partner, seed
from storage import facts
from storage.tables import Audit

from .conftest import World

ONE = "ura"


@pytest.fixture
def coordinator(world: World) -> World:
    world.sign_in("arben")
    return world


def stored(world: World) -> Partner:
    """As every process reads it with the facts."""
    found: Partner = world.change(lambda connection: facts.load(connection, seed())).partners[ONE]
    return found


def form(partner: Partner, **changes: Any) -> dict[str, str]:
    typed = {f"{name}.{one}": text for name in ("name", "what", "for_whom")
             for one, text in getattr(partner, name).items()}
    typed |= {f"papers.{one}": "\n".join(items) for one, items in partner.papers.items()}
    typed |= {name: str(getattr(partner, name) or "") for name in (
        "municipality", "address", "phone", "hours", "web", "languages", "source", "seen", "confidence", "note",
        "checked", "version")}
    return {**typed, **changes}


def send(world: World, **changes: Any) -> Any:
    return world.client.post(f"/console/partners/{ONE}", data=form(stored(world), **changes), follow_redirects=False)


def test_the_list_says_what_nobody_has_checked(coordinator: World) -> None:
    page = coordinator.page("/console/partners")
    assert page.count("Not checked by us yet") == len(seed().partners)
    assert send(coordinator, checked="2026-11-20").status_code == 303
    page = coordinator.page("/console/partners")
    assert page.count("Not checked by us yet") == len(seed().partners) - 1 and "20 November 2026" in page


def test_a_change_is_the_next_version_with_who_and_what(coordinator: World) -> None:
    before = stored(coordinator)
    bring = {f"papers.{one}": "ID\nreturn paper" for one in ("sq", "sr", "de", "en")}
    assert send(coordinator, phone="038 000 111", hours="Mon-Fri 09:00-15:00", languages="Albanian, German",
                **bring).status_code == 303
    now = stored(coordinator)
    assert (now.version, now.phone, now.hours, now.languages) == (
        2, "038 000 111", "Mon-Fri 09:00-15:00", "Albanian, German")
    assert now.papers["sq"] == ("ID", "return paper") and now.name == before.name
    page = unescape(coordinator.page(f"/console/partners/{ONE}"))
    assert "Version 2" in page and "Version 1" in page and "Arben Gashi" in page and "111</ins>" in page
    written = coordinator.change(lambda connection: connection.scalars(select(Audit.action)).all())
    assert "change_partner" in written


@pytest.mark.parametrize(("changes", "says"), [
    ({"name.sq": ""}, "Its name is missing in sq"), ({"hours": "mornings"}, "Its hours cannot be read"),
    ({"checked": "soon"}, "as it is in the calendar"), ({"checked": "2027-01-01"}, "still to come"),
    ({"confidence": "very"}, "Its confidence is"), ({"papers.en": "ID"}, "Its papers are missing in sq"),
])
def test_what_is_wrong_is_said_and_what_was_typed_stays(coordinator: World, changes: Any, says: str) -> None:
    answer = send(coordinator, note="Call again", **changes)
    page = unescape(answer.text)
    assert answer.status_code == 422 and says in page and "Call again" in page
    assert stored(coordinator).version == 1


def test_who_was_slower_overwrites_nothing(coordinator: World) -> None:
    assert send(coordinator, note="The first").status_code == 303
    late = send(coordinator, note="The second", version="1")
    assert late.status_code == 409 and "Somebody else has changed this partner" in late.text
    assert "The second" in late.text and stored(coordinator).note == "The first"


def test_nothing_new_is_no_version(coordinator: World) -> None:
    assert "Nothing is different" in send(coordinator).text and stored(coordinator).version == 1


def test_a_counsellor_reads_and_changes_nothing(world: World) -> None:
    world.sign_in("mira")
    page = world.page(f"/console/partners/{ONE}")
    assert "Arkitekt Karl Gega" in page and "Save as a new version" not in page
    assert send(world, note="Mine").status_code == 403 and stored(world).version == 1


def test_a_partner_that_is_not_there(coordinator: World) -> None:
    answer = coordinator.client.get("/console/partners/none")
    assert answer.status_code == 404 and "There is no such partner." in answer.text
