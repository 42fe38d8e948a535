"""A phone that makes sign-in codes, for tests that go through the console's doors."""

from __future__ import annotations

import re
import time

import httpx
import pyotp


def secret_on(page: str) -> str:
    """The key that the set-up page shows beside its picture."""
    return re.sub(r"\s", "", re.findall(r'class="key"[^>]*>([A-Z2-7 ]+)<', page)[0])


def shown(secret: str, at: float | None = None) -> str:
    return str(pyotp.TOTP(secret).at(int(time.time() if at is None else at)))


async def sign_in(browser: httpx.AsyncClient, login: str, password: str) -> str:
    """A coordinator's first sign-in: the phone is set up on the way. Gives its key."""
    answer = await browser.post("/console/sign-in", data={"login": login, "password": password})
    assert answer.status_code == 303, answer.text
    page = await browser.get(answer.headers["location"])
    secret = secret_on(page.text)
    answer = await browser.post("/console/set-up-code", data={"code": shown(secret)})
    assert answer.status_code == 200 and "Keep these codes" in answer.text
    return secret
