"""Whatever is said: each message in a topic is one that Telegram takes, all of it is there, and no word stands open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.compose import CAPTION_LIMIT, TEXT_LIMIT, utf16_length
from bot.group.words import Post, posts
from storage.desk import TicketView
from storage.moves import MoveView
from storage.staff_group import Chat, Entry

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHAT = Chat(7, 3, "employment", False, "assigned", NOW, None, True, True, 50, 0, False, False)
CARD = TicketView(7, 3, "蝙", "en", "employment", "蝙", False, "assigned", 1, "Arta", NOW, None, None, None, 0, None,
                  None, addresses=1, is_asked=False)
LINK = "https://bot.example.org/console/tickets/7"
SECRETS = st.text("蝙蝠😀 \n", min_size=1, max_size=5000).map(lambda text: f"蝙{text}蝙")
"""Signs that stand in nothing of ours."""
SAID = st.builds(
    Entry, st.just("message"), st.integers(1, 10**6), st.just(NOW), st.sampled_from(["person", "bot", "counsellor"]),
    st.just("Arta"), st.sampled_from(["text", "tap", "photo", "document", "started"]), SECRETS,
    st.sampled_from([None, {"file_id": "f1"}]), st.just("telegram"),
    there=st.sampled_from([None, None, None, 99]))
NOTED = st.builds(Entry, st.just("note"), st.integers(1, 10**6), st.just(NOW), text=SECRETS)
MOVED = st.builds(Entry, st.just("move"), st.integers(1, 10**6), st.just(NOW), move=st.builds(
    MoveView, st.just(1), st.sampled_from(["claim", "transfer", "close"]), st.just("Arta"), st.just("Mira"), st.none(),
    SECRETS, st.none(), st.just(NOW), st.none()))
FIRST = st.builds(lambda said: [Entry("card", 7, NOW), Entry("before", 7, NOW, before=tuple(said))],
                  st.lists(SAID, max_size=5))
ENTRIES = st.builds(lambda first, rest: [*first, *rest], FIRST, st.lists(st.one_of(SAID, NOTED, MOVED), max_size=8))


def parts(post: Post) -> tuple[str, str]:
    """What stands open, and what is covered."""
    units, opened, covered, end = post.text.encode("utf-16-le"), b"", b"", 0
    for one in post.entities:
        begin, stop = one["offset"] * 2, (one["offset"] + one["length"]) * 2
        assert end <= begin < stop <= len(units)
        opened, covered, end = opened + units[end:begin], covered + units[begin:stop], stop
    return (opened + units[end:]).decode("utf-16-le"), covered.decode("utf-16-le")


def signs(text: str) -> str:
    return "".join(one for one in text if one in "蝙蝠😀")


@settings(max_examples=60, deadline=None)
@given(entries=ENTRIES)
def test_what_telegram_takes_all_of_it_and_covered(entries: list[Entry]) -> None:
    made = posts(CHAT, entries, CARD, LINK)
    for post in made:
        assert utf16_length(post.text) <= (CAPTION_LIMIT if post.file else TEXT_LIMIT)
        assert signs(parts(post)[0]) == ""
    assert [row for post in made for row in post.rows] == [(one.kind, one.row_id) for one in entries]
    told = "".join(signs(parts(post)[1]) for post in made)
    wanted = "蝙蝙" + "".join(_signs_of(one) for one in entries)
    assert told == wanted


def _signs_of(one: Entry) -> str:
    if one.kind == "before":
        return "".join(_signs_of(replace(each, there=None)) for each in one.before)
    if one.move is not None:
        return signs(one.move.reason)
    return "" if one.there is not None or one.what == "started" else signs(one.text)


@settings(max_examples=30, deadline=None)
@given(entries=ENTRIES)
def test_what_is_hidden_says_nothing_at_all(entries: list[Entry]) -> None:
    hidden = Chat(7, 3, "psychosocial", False, "assigned", NOW, None, True, True, 50, 0, True, False)
    made = posts(hidden, entries, CARD, LINK)
    assert all(signs(post.text) == "" and post.file is None for post in made)
    assert [row for post in made for row in post.rows] == [(one.kind, one.row_id) for one in entries]
