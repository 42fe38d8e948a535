"""Every transcript, held again on the real bot: the text must be the same, letter by letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.talks import held
from tests.support.transcript import Talk, all_paths


@pytest.mark.usefixtures("databases")
@pytest.mark.parametrize("path", all_paths(), ids=lambda path: path.stem)
async def test_transcript(path: Path, request: pytest.FixtureRequest) -> None:
    talk = await held(path)
    assert talk.text == _expected(talk, bool(request.config.getoption("--update-transcripts")))


def _expected(talk: Talk, update: bool) -> str:
    if update:
        talk.path.write_text(talk.text, encoding="utf-8")
    return talk.path.read_text(encoding="utf-8")
