"""A text as a voice message: spoken by espeak-ng and packed as Opus, where the system has both; kept for the next."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.translate import Translator

SPEAKS, PACKS = "espeak-ng", "opusenc"
"""The programs: Debian's packages espeak-ng and opus-tools."""
WORDS_A_MINUTE = "140"
WITHIN = 60
"""Seconds; then the message goes without a voice."""
MOST_KEPT = 400
"""So many texts are kept spoken. The oldest goes first."""


class Speech:
    """Only what we tell everybody is spoken and kept here, nothing that anybody has said."""

    def __init__(
        self, folder: Path, translator: Translator, is_on: bool = True,
        find: Callable[[str], str | None] = shutil.which,
    ) -> None:
        """`is_on`: the centre can switch it off."""
        self.folder, self.translator = folder, translator
        self.programs = (find(SPEAKS), find(PACKS)) if is_on else (None, None)

    def speaks(self, language: str) -> bool:
        return all(self.programs) and bool(self.translator[language].voice)

    def spoken(self, made_of: Mapping[str, Any]) -> bytes:
        """`made_of`: the language and the text. Takes a second or two, so never within a turn."""
        voice, text = self.translator[made_of["language"]].voice, str(made_of["text"])
        path = self.folder / f"{sha256(f'{voice} {WORDS_A_MINUTE} {text}'.encode()).hexdigest()}.ogg"
        if path.exists():
            return path.read_bytes()
        content = self._made(voice, text)
        with suppress(OSError):  # a full disk: it is spoken anew the next time
            self._keep(path, content)
        return content

    def _made(self, voice: str, text: str) -> bytes:
        """The text goes in by a pipe: what stands in a command can be read by every user of the machine."""
        speak = [self.programs[0] or SPEAKS, "-v", voice, "-s", WORDS_A_MINUTE, "--stdin", "--stdout"]
        pack = [self.programs[1] or PACKS, "--quiet", "--bitrate", "24", "-", "-"]
        sound = subprocess.run(speak, input=text.encode(), capture_output=True, check=True, timeout=WITHIN).stdout
        return subprocess.run(pack, input=sound, capture_output=True, check=True, timeout=WITHIN).stdout

    def _keep(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        kept = sorted(self.folder.glob("*.ogg"), key=lambda one: one.stat().st_mtime)
        for old in kept[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
