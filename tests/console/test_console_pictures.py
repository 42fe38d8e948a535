"""Pictures go with a reply: up to ten, JPEG or PNG, and what is not taken is said in a sentence."""

from __future__ import annotations

import pytest
from httpx import Response

from bot.console.pictures import LARGEST

from .conftest import World
from .test_console_codes import another_browser

JPEG = b"\xff\xd8\xff and so on"
PNG = b"\x89PNG\r\n\x1a\n and so on"


def replies(world: World, *contents: bytes, text: str = "This is the way.", key: str = "abcd1234") -> Response:
    """As a form without its script sends it."""
    files = [("pictures", (f"{number}.jpg", one, "image/jpeg")) for number, one in enumerate(contents)]
    answer: Response = world.client.post(
        f"/console/tickets/{world.tickets['vesna']}/reply", data={"text": text, "key": key, "sure": "yes"},
        files=files or [("pictures", ("", b"", "application/octet-stream"))], follow_redirects=False)
    return answer


def test_they_go_with_the_words_in_their_order(desk_of_mira: World) -> None:
    assert replies(desk_of_mira, JPEG, PNG, JPEG + b"3").status_code == 303
    assert [(one.type, one.content) for one in desk_of_mira.desk.pictures] == [
        ("image/jpeg", JPEG), ("image/png", PNG), ("image/jpeg", JPEG + b"3")]


def test_words_or_pictures_alone(desk_of_mira: World) -> None:
    assert replies(desk_of_mira).status_code == 303 and desk_of_mira.desk.pictures == []
    assert replies(desk_of_mira, JPEG, text="", key="efgh1234").status_code == 303
    assert len(desk_of_mira.desk.pictures) == 1
    answer = replies(desk_of_mira, text="", key="ijkl1234")
    assert answer.status_code == 422 and "Write something first." in answer.text


@pytest.mark.parametrize(("contents", "sentence"), [
    ([JPEG] * 11, "11 pictures are too many: 10 go at once. Nothing was sent."),
    ([JPEG, b"GIF89a"], "Picture 2 is no photo that every phone shows: take JPEG or PNG. Nothing was sent."),
    ([b"<svg/>"], "Picture 1 is no photo"), ([b""], "Picture 1 is no photo"),
    ([JPEG, JPEG + bytes(LARGEST)], "Picture 2 has 6 MB; one may have 5. Nothing was sent."),
    ([JPEG + bytes(4_100_000)] * 5, "The pictures have 21 MB; together 20 MB go at once. Nothing was sent."),
])
def test_what_is_not_taken_is_said_and_the_words_stay(
    desk_of_mira: World, contents: list[bytes], sentence: str
) -> None:
    answer = replies(desk_of_mira, *contents)
    assert answer.status_code == 422 and sentence in answer.text and "This is the way.</textarea>" in answer.text
    assert desk_of_mira.desk.pictures == [] and desk_of_mira.desk.keys == set()


def test_nothing_is_read_of_who_is_not_signed_in(desk_of_mira: World) -> None:
    stranger = another_browser(desk_of_mira)
    answer = stranger.post(f"/console/tickets/{desk_of_mira.tickets['vesna']}/reply", data={"key": "abcd1234"},
                           files=[("pictures", ("a", JPEG))], follow_redirects=False)
    assert answer.status_code == 303 and "sign-in" in answer.headers["location"]
