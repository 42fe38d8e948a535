"""The letter to a partner: only with a yes, in both languages, and with every letter of theirs."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from bot.letter import Letter, as_pdf
from bot.letters import content, official_language
from bot.settings import Settings
from conversations.one_phone import SIGNS
from conversations.register import seed
from storage.referrals import ReferralState
from storage.tables import Audit, Consent, Referral, Run
from tests.support.rows import put
from tests.support.world import shared_translator

from .conftest import NOW, World, ago
from .test_console_person import works_in

AGON = {"name": "Agon", "phone": "+38344123456", "municipality": "peje"}
SENDS = content(AGON, words="Kërkon punë", official="Traži posao")


def referral(connection: Connection, contact_id: int, state: str, key: str = "r1", partner: str = "krct") -> int:
    return put(connection, Referral, contact_id=contact_id, key=key, partner=partner, state=state, sends=SENDS,
               created_at=ago(days=1), changed_at=ago(days=1))


def agrees(connection: Connection, contact_id: int, given: bool, partner: str = "krct") -> None:
    connection.execute(insert(Consent).values(contact_id=contact_id, purpose="referral", about=partner, version="1",
                                              language="sq", given=given, at=NOW))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_with_a_yes_it_is_a_pdf_and_the_record_says_who_took_it(desk_of_mira: World) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    key = world.change(lambda c: referral(c, agon, "consented"))
    world.change(lambda c: agrees(c, agon, True))
    assert f"/referrals/{key}/letter?official=sr" in world.page(f"/console/people/{agon}")
    answer = world.client.get(f"/console/people/{agon}/referrals/{key}/letter?official=sr")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "referral-" in answer.headers["content-disposition"] and "Agon" not in str(answer.headers)
    assert pages(answer.content) == 2, "Serbian for the partner, Albanian for Agon"
    assert pages(world.client.get(f"/console/people/{agon}/referrals/{key}/letter").content) == 1, "both in Albanian"
    who = select(Audit.contact_id).where(Audit.action == "see_letter")
    noted = world.change(lambda c: c.execute(who).scalars().all())
    assert noted == [agon, agon]


@pytest.mark.parametrize(("state", "said"), [
    ("proposed", []), ("proposed", [True]), ("declined", [False]), ("withdrawn", [True]), ("consented", []),
    ("consented", [True, False]), ("sent", [True, False]),
])
def test_without_one_there_is_no_letter(desk_of_mira: World, state: str, said: list[bool]) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    key = world.change(lambda c: referral(c, agon, state))
    for one in said:
        world.change(lambda c, given=one: agrees(c, agon, given))
    answer = world.client.get(f"/console/people/{agon}/referrals/{key}/letter")
    assert answer.status_code == 409 and b"%PDF" not in answer.content
    assert "not agreed" in answer.text or "taken this back" in answer.text


def test_of_somebody_else_there_is_none(desk_of_mira: World) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    key = world.change(lambda c: referral(c, agon, "consented"))
    world.change(lambda c: agrees(c, agon, True))
    assert world.client.get(f"/console/people/{world.people['dita']}/referrals/{key}/letter").status_code == 409


def test_what_stands_behind_the_wall_is_printed_by_those_who_work_there(desk_of_mira: World) -> None:
    world, agon = desk_of_mira, desk_of_mira.people["agon"]
    felt = world.change(lambda c: put(c, Run, contact_id=agon, conversation="psychosocial", answers={}, touched=1,
                                      started_at=NOW, updated_at=NOW))
    keys = [world.change(lambda c, k=key: referral(c, agon, "consented", k)) for key in (f"{felt}.refer", "walled.k1")]
    world.change(lambda c: agrees(c, agon, True))
    paths = [f"/console/people/{agon}/referrals/{key}/letter" for key in keys]
    for path in paths:
        answer = world.client.get(path)
        assert answer.status_code == 409 and "Not shown: psychosocial" in answer.text
    works_in(world, "mira", "psychosocial")
    for path in paths:
        assert world.client.get(path).status_code == 200


def test_the_font_has_every_letter_of_our_languages() -> None:
    import fontpkg_fira_sans
    from fontTools.ttLib import TTFont

    files = Path(fontpkg_fira_sans.ROOT) / "files"
    translator = shared_translator()
    written = {letter for language in translator.languages.values() for one in language.texts
               if one not in SIGNS.values()  # pictures on buttons, which no paper has
               for letter in translator.text(language.code, one)}
    written |= {letter for one in seed().partners.values() for text in one.name.values() for letter in text}
    for name in ("FiraSans-Regular.ttf", "FiraSans-Bold.ttf"):
        known = TTFont(files / name).getBestCmap()
        assert [one for one in sorted(written) if ord(one) not in known and one not in "\n\u2009"] == []


def test_a_name_that_the_font_cannot_write_breaks_nothing_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    sends = content({"name": "Ẓonkel 名前 😀" * 30}, words="x " * 900)
    made = ReferralState(1, 1, "k", "krct", "consented", sends, None, NOW)
    letter = Letter(made, seed().partners["krct"], "sr_Cyrl", datetime(2026, 11, 20, tzinfo=UTC), "Mira")
    with caplog.at_level(logging.DEBUG):
        pdf = as_pdf(letter, "sq", shared_translator(), Settings(centre_name="Qendra"), NOW)
    assert pdf.startswith(b"%PDF-") and pages(pdf) >= 2
    assert "名" not in caplog.text and "Zonkel" not in caplog.text


def test_a_partner_is_written_to_in_its_official_language() -> None:
    partners = seed().partners.values()
    assert {official_language(one) for one in partners if one.municipality == "gracanice"} == {"sr"}
    assert {official_language(one) for one in partners if one.municipality == "prishtine"} == {"sq"}
    assert official_language(None) == "sq"
