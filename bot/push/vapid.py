"""Who wakes a browser, so that its push service takes it from nobody else: RFC 8292, signed with ES256."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-5)."""
HOLDS = timedelta(hours=12)
"""No push service takes what holds for more than a day."""


class Vapid:
    def __init__(self, secret: bytes, subject: str) -> None:
        """`secret`: 32 bytes, the same ones always: browsers know us by what is made of them. `subject`: where a push
        service finds who we are."""
        self._key = ec.derive_private_key(int.from_bytes(secret) % (ORDER - 1) + 1, ec.SECP256R1())
        self._subject = subject
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = _text(point)
        """What a page gives to its browser."""

    def authorization(self, service: str, now: datetime) -> str:
        """The header for one push service; it is worth nothing to another one."""
        told = {"aud": service, "exp": int((now + HOLDS).timestamp()), "sub": self._subject}
        signed = f"{_text(orjson.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{_text(orjson.dumps(told))}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"vapid t={signed}.{_text(r.to_bytes(32) + s.to_bytes(32))}, k={self.public}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
