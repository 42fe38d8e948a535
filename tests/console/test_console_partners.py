"""The partners in the console: read by all, changed by coordinators, version by version."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from conversations.register import Partner, seed
from storage import facts
from storage.tables import Audit, Referral, Run, Task
from tests.support.rows import put

from .conftest import NOW, World, ago

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


# ------------------------------------------------------------- the centre works with them no more


def end(world: World, **form: str) -> Any:
    return world.client.post(f"/console/partners/{ONE}/end", data={"version": str(stored(world).version), **form},
                             follow_redirects=False)


def with_referrals(world: World) -> None:
    """Two are open, one of them behind the wall; one is at its end."""
    felt = world.change(lambda c: put(c, Run, contact_id=world.people["dita"], conversation="psychosocial", answers={},
                                      touched=1, started_at=NOW, updated_at=NOW))
    for name, key, state in (("agon", "a", "sent"), ("dita", f"{felt}.refer", "consented"), ("luan", "c", "done")):
        world.change(lambda c, n=name, k=key, s=state: put(
            c, Referral, contact_id=world.people[n], key=k, partner=ONE, state=s, created_at=ago(days=9),
            changed_at=ago(days=9)))


def test_what_is_open_with_a_partner_is_listed_and_becomes_tasks_when_it_ends(coordinator: World) -> None:
    world = coordinator
    with_referrals(world)
    page = world.page(f"/console/partners/{ONE}")
    assert ">Agon</a>" in page and "1 behind the wall" in page and "Dita" not in page and "Luan" not in page
    assert "2 open referrals become a task each" in page
    assert end(world).status_code == 303
    assert stored(world).removed == NOW.date()
    page = world.page(f"/console/partners/{ONE}")
    assert "Not since 23 November 2026" in page and ">Agon</a>" in page, "nothing is lost"
    rows = world.change(lambda c: c.execute(select(Task.contact_id, Task.area).where(Task.key.like("gone:%"))).all())
    assert sorted(map(tuple, rows)) == [(world.people["agon"], "general"), (world.people["dita"], "psychosocial")]
    states = world.change(lambda c: c.execute(select(Referral.state).where(Referral.partner == ONE)).scalars().all())
    assert sorted(states) == ["consented", "done", "sent"]
    assert f'<option value="{ONE}">' not in world.page(f"/console/people/{world.people['agon']}")
    assert seed().partners[ONE].name["en"] in world.page(f"/console/people/{world.people['agon']}"), "its name stays"


def test_it_can_be_taken_back(coordinator: World) -> None:
    assert end(coordinator).status_code == 303
    assert end(coordinator, again="yes").status_code == 303
    assert stored(coordinator).removed is None


def test_a_page_that_is_not_the_newest_ends_nothing(coordinator: World) -> None:
    assert send(coordinator, checked="2026-11-20").status_code == 303
    assert end(coordinator, version="1").status_code == 409
    assert stored(coordinator).removed is None


def test_counsellors_end_nothing(desk_of_mira: World) -> None:
    assert end(desk_of_mira).status_code == 403


def test_a_new_partner_is_added_and_bad_input_is_answered(coordinator: World) -> None:
    """Without a name, in one language only, with hours that cannot be read, or by a name that is there: said, and what
    was typed stays. Then it stands in the list, can be changed, and has its version."""
    blank = coordinator.page("/console/partners/new")
    assert "New partner" in blank and "Add this partner" in blank

    def add(**changes: str) -> Any:
        texts = {f"{name}.{one}": f"House of Work {one}" for name in ("name", "what", "for_whom")
                 for one in ("en", "sq", "sr", "de")}
        data = {**texts, "name.en": "House of Work", "source": "https://example.org", "seen": "2026-11", "hours": "",
                "confidence": "medium", "version": "1", **changes}
        return coordinator.client.post("/console/partners", data=data, follow_redirects=False)

    for changes, says in (({"name.en": ""}, "name"), ({"name.en": "???"}, "needs a name in English"),
                          ({"what.sq": ""}, "sq"), ({"hours": "all day"}, "hours cannot be read"),
                          ({"name.en": "ura"}, "by this English name already"), ({"checked": "soon"}, "Last checked")):
        answer = add(**changes)
        assert answer.status_code in (409, 422), changes
        assert says in unescape(answer.text) and "House of Work de" in answer.text, changes
    assert add().headers["location"] == "/console/partners/house-of-work"
    assert "House of Work" in coordinator.page("/console/partners")
    assert "Version 1" in coordinator.page("/console/partners/house-of-work")
    assert add().status_code == 409
    world = coordinator
    known = world.change(lambda connection: facts.load(connection, seed())).partners["house-of-work"]
    changed = world.client.post("/console/partners/house-of-work", data=form(known, phone="+383 38 000 000"),
                                follow_redirects=False)
    assert changed.status_code == 303 and "Version 2" in world.page("/console/partners/house-of-work")


def test_who_may_change_no_partner_adds_none(world: World) -> None:
    world.sign_in("mira")
    assert world.client.get("/console/partners/new").status_code == 403
    assert world.client.post("/console/partners", data={"name.en": "Mine"}).status_code == 403
