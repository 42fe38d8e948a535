"""What lies in deploy/ fits the bot: settings that exist, paths that agree, units that systemd accepts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import PREFIX, Settings, load, variable_of

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
NAMES = {variable_of(one.name) for one in fields(Settings)}
HARDENED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "UMask": "0077",
    "User": "returnee-bot", "StateDirectory": "returnee-bot", "CapabilityBoundingSet": "",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
}


def test_every_setting_that_occurs_exists() -> None:
    files = [one for one in [*DEPLOY.rglob("*"), *(ROOT / "docs" / "how-to").glob("*.md")] if one.is_file()]
    found = {(one.name, name) for one in files for name in re.findall(rf"{PREFIX}[A-Z_]+", one.read_text("utf-8"))}
    assert len(found) > len(NAMES)
    assert {(file, name) for file, name in found if name not in NAMES and not name.endswith("_")} == set()


# ------------------------------------------------------------------ settings.env


def test_every_setting_stands_in_the_example() -> None:
    text = (DEPLOY / "small-server" / "settings.env").read_text("utf-8")
    assert set(re.findall(r"^#?(RETURNEE_BOT_[A-Z_]+)=", text, re.M)) == NAMES


@pytest.mark.parametrize("uncommented", [False, True])
def test_the_example_is_read_alike_by_a_shell_and_by_systemd(uncommented: bool, tmp_path: Path) -> None:
    text = (DEPLOY / "small-server" / "settings.env").read_text("utf-8")
    if uncommented:
        text = re.sub(rf"^#({PREFIX})", r"\1", text, flags=re.M)
    (tmp_path / "settings.env").write_text(text)
    by_shell = subprocess.run(["sh", "-ec", f"set -a; . {tmp_path}/settings.env; env"], capture_output=True, text=True,
                              check=True, env={}).stdout
    read = dict(line.split("=", 1) for line in by_shell.splitlines() if line.startswith(PREFIX))
    assert read == {name: value.strip("'") for name, value in assigned(text)}
    assert load(read).data_dir == Path("/var/lib/returnee-bot")


def assigned(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^([A-Z_]+)=(.*)$", text, re.M)


# ------------------------------------------------------------------ systemd


def unit(path: Path) -> dict[str, dict[str, list[str]]]:
    """Section -> name -> values, in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, f"{path.name}: {line}"
            section.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened(path: Path) -> None:
    service = unit(path)["Service"]
    assert {name: service.get(name) for name in HARDENED} == {name: [value] for name, value in HARDENED.items()}
    assert service["SystemCallFilter"][0] == "@system-service"
    assert "MemoryMax" in service and service["EnvironmentFile"] == ["/etc/returnee-bot/settings.env"]
    assert "/opt/returnee-bot/.venv/bin/returnee-bot " in service["ExecStart"][0]


def test_the_two_services_differ_only_where_they_must() -> None:
    one, many = (unit(DEPLOY / "systemd" / f"returnee-bot{end}.service")["Service"] for end in ("", "@"))
    assert {name for name in one if one[name] != many.get(name)} == {"ExecStart"} and one.keys() == many.keys()
    assert f"{PREFIX}HTTP_PORT=808%i" in many["ExecStart"][0]
    assert one["Restart"] == ["always"] and one["TimeoutStopSec"] == ["15"] and one["KillSignal"] == ["SIGTERM"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_commands_in_the_units_exist(path: Path) -> None:
    """A word that the command line does not know is exit status 2."""
    words = unit(path)["Service"]["ExecStart"][0].rpartition("/returnee-bot ")[2].split()
    done = subprocess.run([sys.executable, "-m", "bot", *words, "--help"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text("utf-8").replace("/opt/returnee-bot/.venv/bin/returnee-bot", "/bin/true")
        (tmp_path / path.name.replace("@.", "@1.")).write_text(text.replace("file:/opt/returnee-bot/", "file:/"))
    units = [str(one) for one in tmp_path.iterdir()]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("path", sorted((DEPLOY / "systemd").glob("*.timer")), ids=lambda path: path.name)
def test_a_timer_makes_up_for_a_night_without_power(path: Path) -> None:
    timer = unit(path)["Timer"]
    assert timer["Persistent"] == ["yes"] and "RandomizedDelaySec" in timer
    assert path.with_suffix(".service").exists()


# ------------------------------------------------------------------ compose


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    return found


def test_what_compose_refers_to_is_there(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert set(service.get("networks", ())) <= compose["networks"].keys(), name
        assert set(service.get("secrets", ())) <= compose["secrets"].keys(), name
        assert set(service.get("depends_on", ())) <= compose["services"].keys(), name
        named = {one.partition(":")[0] for one in service.get("volumes", ()) if one[0] not in "./"}
        assert named <= compose["volumes"].keys(), name
    build = compose["services"]["bot"]["build"]
    assert (DEPLOY / "compose" / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file() and (DEPLOY / "compose" / "Caddyfile").is_file()


def test_compose_fits_a_small_server(compose: dict[str, Any]) -> None:
    services = compose["services"].values()
    assert sum(int(one["mem_limit"].removesuffix("m")) for one in services) <= 1600
    assert all(one["cap_drop"] == ["ALL"] and one["read_only"] and "pids_limit" in one for one in services)
    assert [one["image"] for one in services] == ["returnee-bot"] * 2 + ["postgres:17-bookworm", "caddy:2"]


def test_only_the_proxy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["proxy"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert compose["services"]["database"]["networks"] == ["inside"]


def test_no_secret_stands_in_compose(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for variable, value in (service.get("environment") or {}).items():
            assert not re.search(r"PASSWORD(?!_FILE)|TOKEN|KEY", variable), (name, variable)
            assert not re.search(r"://[^@/]*:[^@/]*@", str(value)), (name, variable)
    ignored = (DEPLOY / "compose" / ".gitignore").read_text().split()
    assert {"secrets/", ".env", "backups/"} <= set(ignored)


def test_compose_settings_are_good_ones(compose: dict[str, Any]) -> None:
    said = compose["services"]["bot"]["environment"]
    given = {name: re.sub(r"\$\{DOMAIN.*?\}", "bot.example.org", value)
             for name, value in said.items() if name.startswith(PREFIX) and not value.endswith(":-}")}
    assert load(given).public_url == "https://bot.example.org"


def test_secrets_become_variables(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "PGPASSWORD").write_text("two words & a $sign\n")
    (tmp_path / "returnee-bot").write_text('#!/bin/sh\necho "$PGPASSWORD|$*"\n')
    (tmp_path / "returnee-bot").chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "entrypoint.sh", "run", "--demo"], capture_output=True, text=True, check=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "SECRETS_DIR": str(tmp_path / "secrets")})
    assert done.stdout == "two words & a $sign|run --demo\n"


# ------------------------------------------------------------------ image and proxy


def test_the_image_runs_as_nobody_in_particular_and_holds_nothing_private() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines and any("--require-hashes" in line for line in lines)
    bases = [line.split()[1] for line in lines if line.startswith("FROM")]
    assert bases[0].startswith("python:3.11-slim-") and not any(one.endswith(":latest") for one in bases)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in ignored if line and line[0] != "#") == "*"
    kept = {line[1:].partition("/")[0] for line in ignored if line.startswith("!")}
    assert kept == {"bot", "conversations", "storage", "locales", "deploy", "pyproject.toml", "README.md",
                    "requirements.txt"}


@pytest.mark.parametrize("where", ["compose", "small-server"])
def test_the_proxy_keeps_the_figures_to_itself(where: str) -> None:
    text = (DEPLOY / where / "Caddyfile").read_text("utf-8")
    assert "@inside path /metrics /metrics/*" in text and "respond @inside 404" in text
    assert 'Strict-Transport-Security "max-age=31536000"' in text and "max_size 21MB" in text
    assert text.count("{") == text.count("}")


# ------------------------------------------------------------------ documents


def test_every_file_of_deploy_is_told_about() -> None:
    told = "".join(one.read_text("utf-8") for one in (ROOT / "docs" / "how-to").glob("*.md"))
    files = [one for one in DEPLOY.rglob("*") if one.is_file() and one.parent.name in ("systemd", "small-server")]
    assert [one.name for one in files if one.name not in told] == []
