"""The keys above all others, as they stand in their file: the newest first. They lock data keys and nothing else."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Sequence
from hashlib import sha256

from storage.sealed.box import KEY_BYTES, Box, Locked, SealError, new_key

NAME_LENGTH = 16
HEAD = """\
# Master keys of the returnee bot, the newest first. Without them nobody can read what people wrote, no backup helps.
# Keep a copy apart from the backups, readable by nobody else.
"""


class Masters:
    """One or more; the first locks what is new, each opens what it has locked."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._raw = list(keys)
        self._boxes = {name_of(key): Box(key) for key in keys}
        self.newest = name_of(keys[0])
        self.names = tuple(self._boxes)

    def wrap(self, data_key: bytes, place: str) -> tuple[str, Locked]:
        """The name of the master key that was used, and the locked data key."""
        return self.newest, self._boxes[self.newest].lock(data_key, place)

    def unwrap(self, name: str, wrapped: str, place: str) -> bytes:
        if name not in self._boxes:
            raise UnknownMaster(name)
        return self._boxes[name].unlock(wrapped, place)

    def with_new(self) -> Masters:
        return Masters([new_key(), *self._raw])

    def text(self) -> str:
        return HEAD + "".join(b2a_base64(key).decode() for key in self._raw)


class UnknownMaster(SealError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The master key {name} is missing.")
        self.name = name


def name_of(key: bytes) -> str:
    """Which one it is; tells nothing of it."""
    return sha256(b"returnee-bot master key" + key).hexdigest()[:NAME_LENGTH]


def parse(text: str) -> Masters:
    """The keys of a file's text, one a line. ValueError where it is none of ours."""
    lines = [line.strip() for line in text.splitlines()]
    found = [_key(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise ValueError("there is no key in it")
    return Masters(found)


def _key(line: str) -> bytes:
    try:
        key = a2b_base64(line, strict_mode=True)
    except (Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("a line of it is no key: 44 letters, digits and signs")
    return key


def first() -> Masters:
    return Masters([new_key()])
