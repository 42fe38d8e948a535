"""The file of a backup: a compressed tar with a manifest, then the database."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
LARGEST_MANIFEST = 10_000
DAMAGE = (tarfile.TarError, zlib.error, EOFError)


class BackupError(Exception):
    """It could not be made or brought back: sentences that say why, and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    kind: str
    """sqlite or postgresql"""
    schema: str
    bot: str
    """The version that made it."""
    made_at: datetime
    size: int
    sha256: str
    keys: str = ""
    """Which keys open what is in it; empty: it is from before anything was locked."""

    @classmethod
    def of(cls, database: Path, kind: str, schema: str, now: datetime, keys: str = "") -> Manifest:
        with database.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return cls(kind, schema, version("returnee-bot"), now, database.stat().st_size, digest, keys)

    def dump(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}, indent=1).encode()

    @classmethod
    def load(cls, text: bytes) -> Manifest:
        """Raises ValueError, TypeError or KeyError where it is none of ours."""
        said = json.loads(text)
        if said.pop("format") != FORMAT:
            raise ValueError("another format")
        return cls(**{**said, "made_at": datetime.fromisoformat(said["made_at"])})


def pack(archive: Path, database: Path, manifest: Manifest) -> None:
    """Write the archive, for its owner alone. It is on the disk when this returns."""
    text = manifest.dump()
    with open(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw, database.open("rb") as file:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
            tar.addfile(_member(MANIFEST, len(text), manifest), io.BytesIO(text))
            tar.addfile(_member(DATABASE, manifest.size, manifest), file)
        raw.flush()
        os.fsync(raw.fileno())


def _member(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(manifest.made_at.timestamp())
    return member


def manifest_of(archive: Path) -> Manifest:
    with _opened(archive) as tar:
        return _manifest(tar, archive)


def unpack(archive: Path, database: Path) -> Manifest:
    """Write the database of this archive there. What comes out is what went in, or BackupError."""
    with _opened(archive) as tar:
        manifest = _manifest(tar, archive)
        try:
            digest = _extract(tar, database)
        except DAMAGE:
            raise BackupError(f"{archive} is damaged or cut off. Take another backup.") from None
    if digest != manifest.sha256:
        raise BackupError(f"{archive} is damaged: its checksum does not fit. Take another backup.")
    return manifest


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    with ExitStack() as opened:
        try:
            tar = opened.enter_context(tarfile.open(archive, "r:gz"))
        except DAMAGE:
            raise BackupError(f"{archive} is not a backup of this bot.") from None
        except OSError as error:
            raise BackupError(f"Cannot read {archive}: {error.strerror}.") from None
        yield tar


def _manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    try:
        text = _next(tar, MANIFEST).read(LARGEST_MANIFEST)
        return Manifest.load(text)
    except (*DAMAGE, ValueError, TypeError, KeyError, AttributeError):
        raise BackupError(f"{archive} is not a backup of this bot, or of a later version.") from None


def _next(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """The next file in it, which must be this one."""
    member = tar.next()
    file = tar.extractfile(member) if member is not None and member.name == name else None
    if file is None:
        raise tarfile.ReadError(f"no {name}")
    return file


def _extract(tar: tarfile.TarFile, to: Path) -> str:
    """Write the database there and give its digest."""
    digest, found = sha256(), _next(tar, DATABASE)
    with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := found.read(1 << 20):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()
