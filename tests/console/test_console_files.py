"""What people sent, in the chat and by itself: seen by the team only, and harmless there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from bot.console.files import _range
from storage import media
from storage.tables import Audit, Medium, Message
from tests.fakes.telegram_api import PHOTO
from tests.support.rows import change

from .conftest import NOW, World, say


def sent(world: World, kind: str = "photo", content: bytes = PHOTO, state: str = "stored",
         mime: str = "image/png", **data: object) -> int:
    """A message of Vesna with something; its id."""

    def work(connection: Connection) -> int:
        message = say(connection, world.people["vesna"], "person", "", NOW, kind=kind)
        change(connection, Message, message, content=data or {"file_id": "x"})
        if kind in media.FILES:
            connection.execute(insert(Medium).values(
                message_id=message, contact_id=world.people["vesna"], state="waiting", attempts=1, due_at=NOW))
            one = media.Wanted(message, world.people["vesna"], "telegram", {}, 1)
            if state == "stored":
                media.keep_part(connection, one, 0, content)
            if state != "waiting":
                media.finish(connection, one, state, mime, len(content))
        return message

    return world.change(work)


def thread(world: World) -> str:
    return world.client.get(f"/console/tickets/{world.tickets['vesna']}").text


def test_a_photo_in_the_chat(desk_of_mira: World) -> None:
    message = sent(desk_of_mira)
    assert f'<img src="/console/files/{message}"' in thread(desk_of_mira)
    answer = desk_of_mira.client.get(f"/console/files/{message}")
    assert answer.content == PHOTO and answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == f'inline; filename="file-{message}.png"'


@pytest.mark.parametrize(("mime", "tag", "how"), [
    ("audio/ogg", "<audio", "inline"), ("video/mp4", "<video", "attachment"), ("application/pdf", "PDF", "attachment"),
    ("application/octet-stream", "unknown kind", "attachment"),
])
def test_each_kind_is_shown_as_it_may(desk_of_mira: World, mime: str, tag: str, how: str) -> None:
    message = sent(desk_of_mira, "document", b"content", mime=mime)
    assert tag in thread(desk_of_mira)
    answer = desk_of_mira.client.get(f"/console/files/{message}")
    assert answer.headers["content-disposition"].startswith(f"{how}; filename=")
    assert answer.headers["content-type"] == mime


def test_nothing_in_a_file_can_act(desk_of_mira: World) -> None:
    message = sent(desk_of_mira, "document", b"<script>alert(1)</script>", mime="application/octet-stream")
    headers = desk_of_mira.client.get(f"/console/files/{message}").headers
    assert {"default-src 'none'", "sandbox"} <= set(headers["content-security-policy"].split("; "))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(("state", "words"), [
    ("waiting", "Being fetched"), ("too_large", "Too large to be kept"), ("full", "more files than we keep"),
    ("gone", "could not be fetched"),
])
def test_why_it_is_not_there(desk_of_mira: World, state: str, words: str) -> None:
    message = sent(desk_of_mira, state=state)
    page = thread(desk_of_mira)
    assert words in page and f"/console/files/{message}" not in page
    assert desk_of_mira.client.get(f"/console/files/{message}").status_code == 404


def test_a_place_and_a_card(desk_of_mira: World) -> None:
    sent(desk_of_mira, "location", latitude=42.66012, longitude=21.16, title="Bus station", address="Main street 1")
    sent(desk_of_mira, "contact", name="Uncle <b>", phone="+38344000001")
    page = thread(desk_of_mira)
    for one in ("42.66012, 21.16000", "Bus station", "Main street 1", "mlat=42.66012", "Uncle &lt;b&gt;",
                "+38344000001"):
        assert one in page


def test_only_who_is_signed_in_sees_it_and_it_is_noted(world: World) -> None:
    message = sent(world)
    assert world.client.get(f"/console/files/{message}", follow_redirects=False).status_code == 303
    world.sign_in()
    assert world.client.get(f"/console/files/{message}").status_code == 200
    about = select(Audit.contact_id, Audit.detail).where(Audit.action == "see_file")
    noted = world.change(lambda connection: connection.execute(about).all())
    assert [(row[0], row[1]) for row in noted] == [(world.people["vesna"], {"message": message})]


def test_a_player_asks_for_a_part(desk_of_mira: World) -> None:
    message = sent(desk_of_mira, "voice", b"OggS" + bytes(96), mime="audio/ogg")
    answer = desk_of_mira.client.get(f"/console/files/{message}", headers={"range": "bytes=2-5"})
    assert answer.status_code == 206 and answer.content == b"gS\0\0"
    assert answer.headers["content-range"] == "bytes 2-5/100"
    whole = desk_of_mira.client.get(f"/console/files/{message}", headers={"range": "bytes=200-"})
    assert whole.status_code == 200 and len(whole.content) == 100


@given(st.one_of(st.text(max_size=20), st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True)),
       st.integers(1, 3000))
def test_a_part_lies_inside_of_the_whole(wanted: str, size: int) -> None:
    found = _range(wanted, size)
    assert found is None or 0 <= found[0] <= found[1] < size


def test_an_open_page_gets_the_file_by_itself(desk_of_mira: World) -> None:
    """The fragment that is fetched again has the message in the place of the one that waited."""
    message = sent(desk_of_mira, state="waiting")
    assert 'data-media="waiting"' in thread(desk_of_mira)
    one = media.Wanted(message, desk_of_mira.people["vesna"], "telegram", {}, 1)

    def work(connection: Connection) -> None:
        media.keep_part(connection, one, 0, PHOTO)
        media.finish(connection, one, "stored", "image/png", len(PHOTO))

    desk_of_mira.change(work)
    fragment = desk_of_mira.client.get(
        f"/console/tickets/{desk_of_mira.tickets['vesna']}/messages?after={message - 1}").text
    assert f'id="message-{message}"' in fragment and f'<img src="/console/files/{message}"' in fragment
    assert 'data-media="waiting"' not in fragment
