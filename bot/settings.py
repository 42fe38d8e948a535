"""The environment -> frozen settings. A wrong one is one sentence that names the variable."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.hours import OfficeHours
from storage.sealed.key_file import NAME, KeyFile

PREFIX = "RETURNEE_BOT_"
LOCALES = Path(__file__).parent.parent / "locales"
TELEGRAM = "api.telegram.org"
TELEGRAM_PORTS = (None, 443, 80, 88, 8443)
THIS_MACHINE = ("127.0.0.1", "localhost")
"""Reached without https: by a Bot API server of one's own, and in tests."""
YES, NO = ("true", "yes", "on", "1", "t", "y"), ("false", "no", "off", "0", "f", "n")
T = TypeVar("T")
READ = "read"
RENAMED = {"RETENTION_DAYS": "RETENTION_CASE_DAYS"}
"""A promise to people that would be forgotten in silence under its old name."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which, and what to do."""


# ---------------------------------------------------------------------- what a text must be


def _read_by(read: Callable[[str], T], default: T) -> T:
    """A setting that is more than any text. `read` makes a value of it, or raises ValueError with what it must be."""
    made: Any = field(default=default, metadata={READ: read})
    return made  # type: ignore[no-any-return]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(*words: T) -> Callable[[str], T]:
    def read(text: str) -> T:
        for word in words:
            if word == text:
                return word
        raise ValueError(f"must be one of {', '.join(map(str, words))}")

    return read


def _yes_or_no(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError("must be true or false")
    return text.lower() in YES


def _database(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    if url.startswith("postgresql"):
        _check_postgresql(url)
    return url


def _check_postgresql(url: str) -> None:
    parts = urlsplit(url)
    try:
        parts.port  # noqa: B018 - asking is what fails
    except ValueError:
        raise ValueError("the port is not a number up to 65535; in a password, / : @ and # are written as %2F %3A %40 "
                         "%23") from None
    if not parts.path.strip("/"):
        raise ValueError("must end with the name of a database, as in postgresql+psycopg://user@host/name")


def _token(text: str) -> str:
    if not re.fullmatch(r"\d+:[A-Za-z0-9_-]{30,}", text):
        raise ValueError("is not a bot token; it looks like 123456:ABC… and comes from @BotFather")
    return text


def _group(text: str) -> int:
    if not re.fullmatch(r"-[0-9]{2,15}", text):
        raise ValueError("is not the number of a group; it looks like -1001234567890 (docs/how-to/"
                         "set-up-the-staff-group.md says where it stands)")
    return int(text)


def _viber_token(text: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{10,}(-[0-9a-z]{10,}){2}", text):
        raise ValueError("is not a bot token; it looks like 445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9 and "
                         "stands on the bot's page in Viber's admin panel")
    return text


def _secret(text: str) -> str:
    if not re.fullmatch(r"[!-~]{16,}", text):
        raise ValueError("must be 16 or more letters, digits and signs, without spaces")
    return text


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("must be an address such as https://bot.example.org")
    return url.rstrip("/")


def _origins(text: str) -> tuple[str, ...]:
    """Web sites, each as a browser names it: scheme, host and port, without a path."""
    found = tuple(text.split())
    for one in found:
        parts = urlsplit(_address(one))
        if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
            raise ValueError("each must begin with https://")
        if not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", one):
            raise ValueError("must be web sites such as https://centre.example.org, with spaces between them and "
                             "without a path")
    return found


def _listens_at(text: str) -> str:
    place_of(text)
    return text


def place_of(listen: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8090" or "[::1]:8090"."""
    host, _, port = listen.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("must be a host and a port, such as 127.0.0.1:8090")
    return host.strip("[]"), int(port)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Belgrade") from None
    return name


def _language(code: str) -> str:
    known = sorted(path.parent.name for path in LOCALES.glob("*/language.toml"))
    if code not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return code


def _languages(text: str) -> tuple[str, ...]:
    return tuple(map(_language, text.replace(",", " ").split()))


def _hours(text: str) -> str:
    OfficeHours.parse(text, ZoneInfo("UTC"))
    return text


# -------------------------------------------------------------------------------- the settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    data_dir: Path = field(default=Path("data"), metadata={READ: Path})
    database_url: str = _read_by(_database, "")
    """Empty: SQLite in the data folder."""
    encryption_key_file: str = ""
    """The file with the master keys; empty: `master.key` in the data folder, which a new installation makes."""
    http_host: str = "127.0.0.1"
    http_port: int = _read_by(_whole(0, 65535), 8080)
    public_url: str = _read_by(_address, "")
    console_listen: str = _read_by(_listens_at, "")
    """host:port where the console listens, and no longer at HTTP_PORT; empty: with the rest."""
    console_url: str = _read_by(_address, "")
    """The address that counsellors use, where it is not `public_url`."""
    webhook_listen: str = _read_by(_listens_at, "")
    """The same for what platforms post."""
    embed_origins: tuple[str, ...] = _read_by(_origins, ())
    """The web sites that may show the web chat in their own pages."""

    web_push: bool | None = _read_by(_yes_or_no, None)
    """Browsers may show a sign when there is something new. None: where `public_url` begins with https."""

    telegram_token: str = _read_by(_token, "")
    telegram_api_url: str = _read_by(_address, f"https://{TELEGRAM}")
    telegram_mode: Literal["polling", "webhook"] = _read_by(_one_of("polling", "webhook"), "polling")
    """webhook: Telegram posts to `public_url`, so that several processes can share the work."""
    telegram_staff_group: int = _read_by(_group, 0)
    """The forum group in which the team answers too; 0: there is none."""
    telegram_staff_group_shows: Literal["telegram", "all"] = _read_by(_one_of("telegram", "all"), "telegram")
    """Whose words are shown there. telegram: of people who write on Telegram themselves; of others only that there
    is something to read in the console."""
    console_language: Literal["en", "sq", "de", "sr"] = _read_by(_one_of("en", "sq", "de", "sr"), "en")
    """What all counsellors read. What stands in the staff group for all of them is in it."""
    telegram_topics_a_minute: int = _read_by(_whole(1, 20), 2)
    """How many topics are opened there at most: bots that open many at once have been banned."""

    viber_token: str = _read_by(_viber_token, "")
    viber_api_url: str = _read_by(_address, "https://chatapi.viber.com")

    centre_name: str = "DIMAK Kosovo"
    centre_address: str = ""
    centre_phone: str = ""
    office_hours: str = _read_by(_hours, "")
    """For example "Mon-Thu 09:00-16:00, Fri 09:00-12:00"; empty: not known, and no time is promised."""
    time_zone: str = _read_by(_zone, "Europe/Belgrade")
    """The centre's, and a person's until they are known to be elsewhere. Kosovo has the time of Belgrade."""
    default_language: str = _read_by(_language, "sq")
    draft_languages: tuple[str, ...] = _read_by(_languages, ())
    """Languages that are offered although nobody who speaks them has read them."""
    retention_chat_days: int = _read_by(_whole(1, 36_500), 90)
    """How long messages are kept after their talk."""
    retention_wellbeing_days: int = _read_by(_whole(1, 36_500), 180)
    """How long answers about feelings and health are kept."""
    retention_case_days: int = _read_by(_whole(1, 36_500), 90)
    """How long everything else is kept after the last contact. The rule of the centre's donor; until that is known,
    no longer than the chat."""
    minor_age: int = _read_by(_whole(0, 21), 0)
    """Under which age a grown-up must be with a person for questions about themselves. No source that we have says
    it, so the centre sets it; 0: it has not, and nobody is asked for their age."""
    show_unverified_facts: bool = _read_by(_yes_or_no, True)
    """Facts that the centre has not verified are told with source, year and the advice to let a counsellor confirm."""
    speech: bool = _read_by(_yes_or_no, True)
    """Facts can be listened to, where the system has espeak-ng and opusenc."""

    log_level: Literal["debug", "info", "warning", "error"] = _read_by(
        _one_of("debug", "info", "warning", "error"), "info")
    """debug: also a line for each turn and each delivery; never what somebody wrote."""
    metrics_token: str = _read_by(_secret, "")
    """Who reads /metrics must show it; empty: only programs on this machine may."""

    @property
    def console_at(self) -> str:
        """The address that counsellors use, as far as the settings say."""
        return self.console_url or ("" if self.console_listen else self.public_url)

    @property
    def pushes(self) -> bool:
        """Browsers give signs to nobody who is not reached by https."""
        return self.public_url.startswith("https:") if self.web_push is None else self.web_push

    @property
    def keys(self) -> KeyFile:
        given = self.encryption_key_file
        return KeyFile(Path(given) if given else self.data_dir / NAME, is_ours=not given)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'returnee-bot.db'}"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this environment, or SettingsError with a sentence for each that is wrong. Empty is not set."""
    for old, new in RENAMED.items():
        if environment.get(PREFIX + old):
            raise SettingsError(f"{PREFIX}{old}: is called {PREFIX}{new} now.")
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for one in fields(Settings):
        if text := environment.get(variable_of(one.name)):
            try:
                given[one.name] = one.metadata.get(READ, str)(text)
            except ValueError as error:
                wrong[one.name] = str(error)
    settings = Settings(**given)
    if settings.telegram_mode == "webhook" and "public_url" not in wrong:
        try:
            _check_posted_to(settings)
        except ValueError as error:
            wrong["telegram_mode"] = str(error)
    if settings.telegram_staff_group and not settings.telegram_token and "telegram_token" not in wrong:
        wrong["telegram_staff_group"] = f"needs {PREFIX}TELEGRAM_TOKEN, of the bot that is in the group"
    if settings.viber_token and "public_url" not in wrong:
        try:
            _check_reached_by_https(settings, "Viber")
        except ValueError as error:
            wrong["viber_token"] = str(error)
    if settings.web_push and "public_url" not in wrong:
        try:
            _check_reached_by_https(settings, "web push")
        except ValueError as error:
            wrong["web_push"] = str(error)
    if wrong:
        raise SettingsError("\n".join(f"{variable_of(name)}: {why[0].lower() + why[1:]}."
                                      for name, why in wrong.items()))
    return settings


def variable_of(name: str) -> str:
    """The variable in the environment that sets this."""
    return PREFIX + name.upper()


def _check_posted_to(settings: Settings) -> None:
    """Whether the public address can be posted to; Telegram itself takes only some ports."""
    parts, by_telegram = urlsplit(settings.public_url), urlsplit(settings.telegram_api_url).hostname == TELEGRAM
    _check_reached_by_https(settings, "webhook")
    if by_telegram and (parts.scheme != "https" or parts.port not in TELEGRAM_PORTS):
        raise ValueError(f"webhook needs {PREFIX}PUBLIC_URL with https and port 443, 80, 88 or 8443")


def _check_reached_by_https(settings: Settings, what: str) -> None:
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https" and parts.hostname not in THIS_MACHINE:
        raise ValueError(f"{what} needs {PREFIX}PUBLIC_URL, an address that begins with https://")
