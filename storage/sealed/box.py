"""One value, locked with one key for one place: AES-256-GCM. It knows no database and no file."""

from __future__ import annotations

import os
from binascii import Error, a2b_base64, b2a_base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"\x01"
"""The first byte of what is locked, and part of what is checked: a later format has another one."""
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = len(FORMAT) + NONCE_BYTES + TAG_BYTES


class SealError(Exception):
    """What is stored cannot be read: one plain sentence without anything of it."""


class Damaged(SealError):
    """It was changed, cut off, moved to another place, or locked with another key."""


class Locked(str):
    """A text that only its key opens. Columns take nothing else."""

    __slots__ = ()


class Box:
    """A key. A value locked for one place opens for no other."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def lock(self, plain: bytes, place: str) -> Locked:
        nonce = os.urandom(NONCE_BYTES)
        locked = self._cipher.encrypt(nonce, plain, FORMAT + place.encode())
        return Locked(b2a_base64(FORMAT + nonce + locked, newline=False).decode())

    def unlock(self, text: str, place: str) -> bytes:
        """What was locked, or Damaged."""
        raw = _bytes(text)
        if len(raw) < OVERHEAD or raw[:1] != FORMAT:
            raise Damaged(f"{_shown(place)}: this is no locked value, or of a later version.")
        try:
            return self._cipher.decrypt(raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :], FORMAT + place.encode())
        except InvalidTag:
            raise Damaged(f"{_shown(place)}: it was changed, moved here, or locked with another key.") from None


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def place(column: str, owner: int | str, row: int | str = "") -> str:
    """Where a value belongs: table and column, whose it is, and which row where that is known before it is stored."""
    return f"{column}|{owner}|{row}"


def _bytes(text: str) -> bytes:
    """Of each value there is one writing: the spare bits at the end are looked at too."""
    try:
        raw = a2b_base64(text, strict_mode=True)
    except (Error, ValueError):
        return b""
    return raw if b2a_base64(raw, newline=False).decode() == text else b""


def _shown(where: str) -> str:
    return where.partition("|")[0]
