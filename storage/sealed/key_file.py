"""The file with the master keys: read, made at the first start, and added to."""

from __future__ import annotations

import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from storage.sealed import masters
from storage.sealed.box import SealError
from storage.sealed.masters import Masters

TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO
"""What nobody may: a group writing, and others anything. A group that reads is how systemd and Docker hand it over."""
NAME = "master.key"


class KeyFileError(SealError):
    """It cannot be used: a sentence that says why, and what to do."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    path: Path
    is_ours: bool
    """It lies where nobody has said otherwise: a new installation makes it."""

    def read(self) -> Masters:
        try:
            with self.path.open(encoding="ascii") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(100_000)
        except FileNotFoundError:
            raise KeyFileError(f"there is no key file at {self.path}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise KeyFileError(f"cannot read the key file {self.path}: {why}") from None
        if mode & TOO_OPEN:
            raise KeyFileError(f"others may read or change the key file {self.path}: chmod 600 {self.path}")
        try:
            return masters.parse(text)
        except ValueError as wrong:
            raise KeyFileError(f"{self.path} is no key file: {wrong}") from None

    def make(self) -> Masters:
        """A new file with one key. Of two processes that begin at once, both have the first one's."""
        made = masters.first()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            written = self._written(made)
            try:
                os.link(written, self.path)
            except FileExistsError:
                return self.read()
            finally:
                written.unlink()
        except OSError as error:
            raise KeyFileError(f"cannot write the key file {self.path}: {error.strerror}") from None
        return made

    def add(self) -> Masters:
        """One more key, in front of those that are there."""
        more, path = self.read().with_new(), self.path.resolve()
        try:
            written = self._written(more)
            try:
                was = path.stat()
                os.chown(written, was.st_uid, was.st_gid)
                written.chmod(stat.S_IMODE(was.st_mode))  # whoever could read it still can
                os.replace(written, path)
            finally:
                written.unlink(missing_ok=True)
        except OSError as error:
            raise KeyFileError(f"cannot write the key file {self.path}: {error.strerror}") from None
        return more

    def _written(self, content: Masters) -> Path:
        """The content beside it, on the disk, for its owner alone."""
        descriptor, name = tempfile.mkstemp(prefix=".master-key-", dir=self.path.resolve().parent)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(content.text())
            file.flush()
            os.fsync(file.fileno())
        return Path(name)
