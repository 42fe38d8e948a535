"""Messages -> calls that Viber takes."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import (
    Blocked,
    Button,
    Outgoing,
    OutgoingMedium,
    OutgoingMessage,
    Permanent,
    Retry,
    SendError,
    Unknown,
)
from bot.channels.http import NoAnswer, NotSent
from bot.channels.viber.compose import GRID, TEXT_LIMIT, requests_for
from bot.channels.viber.statuses import WAITS, Overloaded, Refused, send_error
from tests.fakes.viber_api import FakeViber

KINDS = st.sampled_from(["answer", "line", "move", "always", "link"])
BUTTONS = st.lists(st.builds(Button, st.text(min_size=1, max_size=60).filter(str.strip), st.just("1:a:b"), KINDS),
                   min_size=1, max_size=20)


def calls(text: str = "Ready?", *buttons: Button, columns: int = 1) -> list[dict[str, object]]:
    return requests_for(Outgoing(1, "anna", OutgoingMessage(text, buttons, columns=columns)), "The Centre")


@given(BUTTONS, st.integers(0, 9))
def test_every_keyboard_fills_the_grid(buttons: list[Button], columns: int) -> None:
    [call] = calls("Ready?", *buttons, columns=columns)
    FakeViber().check_message(call)
    keys = call["keyboard"]["Buttons"]
    assert len(keys) == len(buttons)
    ends = list(accumulate(key["Columns"] for key in keys))
    assert all(row * GRID in ends for row in range(1, ends[-1] // GRID + 1)), "no button stands in two rows"


def test_a_button_sends_its_id_and_not_its_label() -> None:
    [call] = calls("Ready?", Button("Ja & <so>", "1:0:yes"), Button("Site", "https://example.org", "link"))
    link, answer = call["keyboard"]["Buttons"]
    assert (answer["ActionBody"], answer["Text"]) == ("tap|1:0:yes", "Ja &amp; &lt;so&gt;")
    assert (link["ActionType"], link["ActionBody"]) == ("open-url", "https://example.org")


@given(st.text(alphabet=st.sampled_from("aë \n.🙂"), min_size=1, max_size=200).filter(str.strip), st.integers(1, 200))
def test_nothing_of_a_long_text_is_lost(piece: str, times: int) -> None:
    text = (piece * times).strip()
    made = calls(text, Button("Go on", "1:0:a"))
    assert all(len(str(one["text"])) <= TEXT_LIMIT for one in made)
    assert "".join("".join(str(one["text"]) for one in made).split()) == "".join(text.split())
    assert ["keyboard" in one for one in made] == [False] * (len(made) - 1) + [True]


PICTURE = OutgoingMedium("photo", "image/png", "plan.png")
PAPER = OutgoingMedium("document", "application/pdf", "plan.pdf")
LINK = "https://centre.example/media/key"


@pytest.mark.parametrize(("medium", "text", "kinds"), [
    (PICTURE, "Plani im", ["picture"]), (PICTURE, "fjalë " * 200, ["picture", "text"]),
    (PAPER, "Plani im", ["file", "text"]),
])
def test_a_file_of_ours_goes_with_its_words(medium: OutgoingMedium, text: str, kinds: list[str]) -> None:
    message = OutgoingMessage(text, (Button("Gati", "1:0:a"),), medium=medium)
    made = requests_for(Outgoing(1, "anna", message, content=b"123", link=LINK), "The Centre")
    for call in made:
        FakeViber().check_message(call)
    assert [call["type"] for call in made] == kinds and made[0]["media"] == LINK
    assert "".join(str(call.get("text", "")) for call in made).split() == text.split()
    assert ["keyboard" in call for call in made] == [False] * (len(made) - 1) + [True]


@pytest.mark.parametrize(("content", "link"), [(None, LINK), (b"123", "")])
def test_without_a_place_the_words_go_alone(content: bytes | None, link: str) -> None:
    message = OutgoingMessage("Plani im", medium=PICTURE)
    [call] = requests_for(Outgoing(1, "anna", message, content=content, link=link), "The Centre")
    assert (call["type"], call["text"]) == ("text", "Plani im")


WANTED: dict[type[SendError], set[int]] = {
    Blocked: {5, 6}, Permanent: {1, 3, 4, 11, 13, 14, 16, 17, 18, 19, 20, 21},
    Retry: {2, 7, 8, 9, 10, 12, 15, 22, 23, 24},
}


@pytest.mark.parametrize("status", range(1, 25))
def test_each_documented_status(status: int) -> None:
    error = send_error(Refused(status, "words"))
    assert type(error) is next(kind for kind, statuses in WANTED.items() if status in statuses)
    waits = getattr(error, "seconds", None)
    assert waits == (WAITS if status >= 22 else None)


def test_what_is_not_documented_is_tried_again() -> None:
    assert type(send_error(Refused(99, ""))) is Retry
    assert type(send_error(Overloaded("HTTP 502"))) is Retry
    assert type(send_error(NotSent("no connection"))) is Retry
    assert type(send_error(NoAnswer("it took too long"))) is Unknown
