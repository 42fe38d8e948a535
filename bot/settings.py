"""The environment -> frozen settings. A wrong one is one sentence that names the variable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "RETURNEE_BOT_"
LOCALES = Path(__file__).parent.parent / "locales"


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
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: Literal["polling"] = "polling"

    centre_name: str = "DIMAK Kosovo"
    centre_address: str = ""
    centre_phone: str = ""
    office_hours: str = ""
    """For example "Mon-Thu 09:00-16:00, Fri 09:00-12:00"; empty: not known, and no time is promised."""
    time_zone: str = "Europe/Belgrade"
    """The centre's, and a person's until they are known to be elsewhere. Kosovo has the time of Belgrade."""
    default_language: str = "sq"
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    show_unverified_facts: bool = True
    """Facts that the centre has not verified are told with source, year and the advice to let a counsellor confirm."""

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith("sqlite:///"):
            raise ValueError("must begin with sqlite:///")
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: str) -> str:
        if value and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{30,}", value):
            raise ValueError("is not a bot token; it looks like 123456:ABC… and comes from @BotFather")
        return value

    @field_validator("telegram_api_url", "public_url")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an address such as https://bot.example.org")
        return value.rstrip("/")

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


def load() -> Settings:
    """The settings of this environment, or SettingsError."""
    try:
        return Settings()
    except ValidationError as wrong:
        raise SettingsError("\n".join(_sentence(error) for error in wrong.errors())) from None


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    name = PREFIX + str(error["loc"][0]).upper() if error["loc"] else PREFIX.rstrip("_")
    said = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {said[0].lower() + said[1:]}."
