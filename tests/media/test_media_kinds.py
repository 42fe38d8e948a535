"""What a file is, is told by its content; what is not known for sure is never shown."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.kinds import ENDINGS, SHOWN_AS, UNKNOWN, file_name, type_of
from tests.fakes.telegram_api import PHOTO


def _zip(*names: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


CASES = {
    "image/png": PHOTO,
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "image/gif": b"GIF89a\x01\0\x01\0",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "audio/wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "audio/ogg": b"OggS\0\x02" + b"\0" * 22 + b"OpusHead",
    "audio/mpeg": b"ID3\x04\0\0\0",
    "audio/mp4": b"\0\0\0\x20ftypM4A \0\0",
    "video/mp4": b"\0\0\0\x20ftypisom\0\0",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
    "application/pdf": b"%PDF-1.7\n",
    "application/zip": _zip("letter.txt"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
        _zip("[Content_Types].xml", "word/document.xml"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
        _zip("[Content_Types].xml", "xl/workbook.xml"),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_known(kind: str) -> None:
    assert type_of(CASES[kind]) == kind
    assert file_name(7, kind) == f"file-7.{ENDINGS[kind]}"


def test_sound_without_a_head() -> None:
    assert type_of(b"\xff\xfb\x90\x64" + b"\0" * 400) == "audio/mpeg"
    for no_frame in (b"\xff\xff\xff\xff", b"\xff\xfb", b"\xff\xe8\x90\x64", b"\xff\xfb\x00\x64"):
        assert type_of(no_frame) == UNKNOWN


@pytest.mark.parametrize("content", [
    b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'>", b"", b"MZ\x90\0", b"\x1f\x8b\x08",
    b"RIFF\x24\0\0\0AVI LIST", b"\x1a\x45\xdf\xa3matroska",
])
def test_what_could_act_on_a_page_is_of_no_kind(content: bytes) -> None:
    assert type_of(content) == UNKNOWN
    assert file_name(7, UNKNOWN) == "file-7.bin"


@given(st.binary(max_size=64))
def test_any_content_has_a_type_that_is_listed(content: bytes) -> None:
    kind = type_of(content)
    assert kind == UNKNOWN or kind in ENDINGS
    assert not content.lstrip().startswith(b"<") or kind not in SHOWN_AS
