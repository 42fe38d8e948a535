"""Codes from a phone's app (TOTP, RFC 6238): a secret to begin with, its picture, and whether a code is right.

The libraries are loaded by the first who needs them: a start is quick, and most days nobody sets a phone up."""

from __future__ import annotations

import re
from datetime import datetime

from bot.console import qr

SECONDS = 30
EARLIER_OR_LATER = 1
"""So many half minutes a phone's clock may be off."""


def new_secret() -> str:
    import pyotp

    return pyotp.random_base32()


def picture(secret: str, login: str, centre: str) -> str:
    """What the phone's app scans."""
    import pyotp

    return qr.picture(pyotp.TOTP(secret, interval=SECONDS).provisioning_uri(name=login, issuer_name=centre))


def spelled(secret: str) -> str:
    """In groups of four, for who types it."""
    return " ".join(secret[begin : begin + 4] for begin in range(0, len(secret), 4))


def typed(text: str) -> str:
    """What was typed, without spaces and hyphens, in small letters."""
    return re.sub(r"[\s-]+", "", text[:200]).lower()


def step_of(secret: str | None, code: str, now: datetime) -> int | None:
    """The half minute that this code belongs to, if it is right now. Without a secret none is."""
    import pyotp

    if not secret or not re.fullmatch(r"[0-9]{6}", code):
        return None
    codes = pyotp.TOTP(secret, interval=SECONDS)
    current = int(now.timestamp()) // SECONDS
    near = range(current - EARLIER_OR_LATER, current + EARLIER_OR_LATER + 1)
    right = [step for step in near if pyotp.utils.strings_equal(codes.generate_otp(step), code)]
    return right[-1] if right else None
