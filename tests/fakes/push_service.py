"""A push service on this machine: it checks what browsers' services check, and answers as it is told."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


@dataclass(frozen=True)
class Pushed:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PushService:
    port: int = 0
    answers: deque[int] = field(default_factory=deque)
    """The next statuses; then 201."""
    got: list[Pushed] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def endpoint(self, name: str) -> str:
        return f"{self.origin}/push/{name}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
        headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in head[1:] if one)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Pushed(head[0].split(" ")[1], headers, body))
        status = self.answers.popleft() if self.answers else 201
        more = f"Location: {self.origin}/elsewhere\r\n" if 300 <= status < 400 else ""
        writer.write(f"HTTP/1.1 {status} Told\r\n{more}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    def signed_by(self, one: Pushed) -> tuple[str, dict[str, object]]:
        """The key that a push is signed with, and what it says; raises where the signature is not of that key."""
        scheme, _, told = one.headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in told.split(","))
        head, claims, signature = parts["t"].split(".")
        assert scheme == "vapid" and orjson.loads(_raw(head)) == {"typ": "JWT", "alg": "ES256"}
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(parts["k"]))
        raw = _raw(signature)
        assert len(raw) == 64
        written = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key.verify(written, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        return parts["k"], orjson.loads(_raw(claims))


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    fake = PushService()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    async with server:
        yield fake
