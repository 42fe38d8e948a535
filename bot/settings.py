"""The environment -> frozen settings. A wrong one is one sentence that names the variable."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RETURNEE_BOT_"
LOCALES = Path(__file__).parent.parent / "locales"
TELEGRAM = "api.telegram.org"
TELEGRAM_PORTS = (None, 443, 80, 88, 8443)
THIS_MACHINE = ("127.0.0.1", "localhost")
"""Reached without https: by a Bot API server of one's own, and in tests."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which, and what to do."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    data_dir: Path = Path("data")
    database_url: str = ""
    """Empty: SQLite in the data folder."""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = ""

    telegram_token: str = ""
    telegram_api_url: str = f"https://{TELEGRAM}"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    """webhook: Telegram posts to `public_url`, so that several processes can share the work."""

    centre_name: str = "DIMAK Kosovo"
    centre_address: str = ""
    centre_phone: str = ""
    office_hours: str = ""
    """For example "Mon-Thu 09:00-16:00, Fri 09:00-12:00"; empty: not known, and no time is promised."""
    time_zone: str = "Europe/Belgrade"
    """The centre's, and a person's until they are known to be elsewhere. Kosovo has the time of Belgrade."""
    default_language: str = "sq"
    retention_chat_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    """How long messages are kept after their talk."""
    retention_wellbeing_days: Annotated[int, Field(ge=1, le=36_500)] = 180
    """How long answers about feelings and health are kept."""
    retention_case_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    """How long everything else is kept after the last contact. The rule of the centre's donor; until that is known,
    no longer than the chat."""
    minor_age: Annotated[int, Field(ge=0, le=21)] = 0
    """Under which age a grown-up must be with a person for questions about themselves. No source that we have says
    it, so the centre sets it; 0: it has not, and nobody is asked for their age."""
    show_unverified_facts: bool = True
    """Facts that the centre has not verified are told with source, year and the advice to let a counsellor confirm."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """debug: also a line for each turn and each delivery; never what somebody wrote."""
    metrics_token: str = ""
    """Who reads /metrics must show it; empty: only programs on this machine may."""

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        if value.startswith("postgresql"):
            _check_postgresql(value)
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{30,}", value):
            raise ValueError("is not a bot token; it looks like 123456:ABC… and comes from @BotFather")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _secret(cls, value: str) -> str:
        if value and not re.fullmatch(r"[!-~]{16,}", value):
            raise ValueError("must be 16 or more letters, digits and signs, without spaces")
        return value

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0):
            raise ValueError("must be an address such as https://bot.example.org")
        return value.rstrip("/")

    @field_validator("telegram_mode")
    @classmethod
    def _mode(cls, value: str, others: ValidationInfo) -> str:
        """Looks at PUBLIC_URL, unless that is wrong in itself."""
        if value == "webhook" and "public_url" in others.data:
            official = urlsplit(others.data.get("telegram_api_url", "")).hostname == TELEGRAM
            _check_posted_to(others.data["public_url"], official)
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as Europe/Belgrade") from None
        return value

    @field_validator("default_language")
    @classmethod
    def _language(cls, value: str) -> str:
        known = sorted(path.parent.name for path in LOCALES.glob("*/language.toml"))
        if value not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return value

    @field_validator("office_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        from bot.hours import OfficeHours

        OfficeHours.parse(value, ZoneInfo("UTC"))
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'returnee-bot.db'}"


def _check_posted_to(address: str, by_telegram: bool) -> None:
    """Whether this address can be posted to; Telegram itself takes only some ports."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
        raise ValueError(f"webhook needs {PREFIX}PUBLIC_URL, an address that begins with https://")
    if by_telegram and (parts.scheme != "https" or parts.port not in TELEGRAM_PORTS):
        raise ValueError(f"webhook needs {PREFIX}PUBLIC_URL with https and port 443, 80, 88 or 8443")


def _check_postgresql(url: str) -> None:
    parts = urlsplit(url)
    try:
        parts.port  # noqa: B018 - asking is what fails
    except ValueError:
        raise ValueError("the port is not a number up to 65535; in a password, / : @ and # are written as %2F %3A %40 "
                         "%23") from None
    if not parts.path.strip("/"):
        raise ValueError("must end with the name of a database, as in postgresql+psycopg://user@host/name")


RENAMED = {"RETENTION_DAYS": "RETENTION_CASE_DAYS"}
"""A promise to people that would be forgotten in silence under its old name."""


def load() -> Settings:
    """The settings of this environment, or SettingsError."""
    for old, new in RENAMED.items():
        if os.environ.get(PREFIX + old):
            raise SettingsError(f"{PREFIX}{old}: is called {PREFIX}{new} now.")
    try:
        return Settings()
    except ValidationError as wrong:
        raise SettingsError("\n".join(_sentence(error) for error in wrong.errors())) from None


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    name = PREFIX + str(error["loc"][0]).upper() if error["loc"] else PREFIX.rstrip("_")
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {said[0].lower() + said[1:]}."
