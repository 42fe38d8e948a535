"""The command line. Each command builds what it needs and nothing else."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import logs
from bot.settings import Settings, SettingsError, load

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="A bot that accompanies people who come back to Kosovo.")
counsellors = typer.Typer(no_args_is_help=True, help="The people who use the console.")
cli.add_typer(counsellors, name="counsellor")


def main() -> None:
    try:
        cli()
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(2)


def _settings() -> Settings:
    settings = load()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"RETURNEE_BOT_DATA_DIR: cannot use {settings.data_dir}: {error.strerror}.") from None
    return settings


@cli.command()
def run(
    demo: Annotated[bool, typer.Option(help="Invented people, and a clock that the page can turn.")] = False,
) -> None:
    """Start the service: web chat, console, and Telegram where a token is set."""
    from bot.commands.serve import serve

    settings = _settings()
    logs.begin(settings.log_level)
    serve(settings, demo)


@cli.command()
def talk(
    save: Annotated[Path | None, typer.Option(help="Keep the talk as a transcript.")] = None,
    language: Annotated[str, typer.Option(help="The language the app would report.")] = "en",
) -> None:
    """Talk to the bot in this terminal. Nothing is kept after it ends."""
    from bot.commands.talk import talk as begin

    logs.begin("error")
    begin(save, language)


@cli.command()
def check(
    against_database: Annotated[bool, typer.Option(help="Walk every open run with this code.")] = False,
) -> None:
    """Find what is wrong with conversations, texts, facts and settings. Exit status 1 if anything is."""
    from bot.commands.check import check as look

    found = look(_settings(), against_database)
    for fault in found:
        print(fault)
    print(f"{len(found)} faults" if found else "No faults: conversations, texts, facts and settings fit together.")
    raise typer.Exit(1 if found else 0)


@cli.command()
def understand(
    text: Annotated[str, typer.Argument(help="What a person wrote.")] = "",
    language: Annotated[str, typer.Option(help="The person's language.")] = "en",
    lines: Annotated[bool, typer.Option(help="Read `language<TAB>text` lines from standard input.")] = False,
) -> None:
    """What the bot makes of a text, as JSON."""
    from conversations.understanding import understand as make

    if not lines:
        print(json.dumps(make(text, language), ensure_ascii=False))
        return
    for line in sys.stdin:
        code, _, said = line.rstrip("\n").partition("\t")
        print(json.dumps(make(said, code), ensure_ascii=False), flush=True)


@cli.command()
def texts() -> None:
    """Bring the catalogues in locales/ up to the texts in the code."""
    from bot.commands.texts import renew

    for line in renew():
        print(line)


@cli.command()
def diagram(
    folder: Annotated[Path, typer.Option(help="Where the pictures go.")] = Path("docs/reference/conversations"),
) -> None:
    """Draw every conversation, as Mermaid and as SVG."""
    from conversations import CONVERSATIONS
    from conversations.diagram import mermaid, svg

    folder.mkdir(parents=True, exist_ok=True)
    for name, conversation in CONVERSATIONS.items():
        (folder / f"{name}.mmd").write_text(mermaid(conversation), encoding="utf-8")
        (folder / f"{name}.svg").write_text(svg(conversation), encoding="utf-8")
        print(folder / f"{name}.svg")


@cli.command()
def migrate(to: Annotated[str, typer.Argument(help="A revision, head or base.")] = "head", down: bool = False) -> None:
    """Bring the database's schema up to date, or with --down back."""
    from bot.commands.database import usable_database
    from storage import schema
    from storage.database import engine_for

    with usable_database(), engine_for(_settings().database) as engine:
        (schema.downgrade if down else schema.upgrade)(engine, to)
    print(f"The schema is at {to}.")


@cli.command()
def retention(
    dry_run: Annotated[bool, typer.Option(help="Only say what would go, and why.")] = False,
) -> None:
    """Clear away what has been kept as long as was promised. The service does it by itself every hour."""
    from bot.clock import Clock
    from bot.commands.database import usable_database
    from bot.commands.retention import cleared, shown
    from storage.database import engine_for

    settings = _settings()
    with usable_database(), engine_for(settings.database) as engine:
        if not dry_run:
            lines = list(cleared(engine, settings, Clock().now()))
        else:
            with engine.connect() as connection:
                lines = list(shown(connection, settings, Clock().now()))
    print("Would go:" if dry_run else "Gone:", *lines, sep="\n")


@cli.command()
def person_file(
    contact: Annotated[int, typer.Argument(help="The number in the address of the person's page in the console.")],
    file: Annotated[Path, typer.Argument(help="A new file; .json for a program, anything else to read.")],
) -> None:
    """Write everything that is kept about one person into a file for them."""
    from bot.clock import Clock
    from bot.commands.person_file import write

    if not write(_settings(), contact, file, Clock().now()):
        print("There is no such person.", file=sys.stderr)
        raise typer.Exit(1)
    print(f"Written to {file}. It holds everything about them: give it to nobody else, and delete it afterwards.")


@cli.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="A new file, or a folder; else a dated file in DATA_DIR/backups.")]
    = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Then delete all but so many of those dated files.")] = None,
) -> None:
    """Write everything into one file, while the service runs."""
    from bot.clock import Clock
    from bot.commands import backup as work

    _stop_in_order()
    _told(lambda: work.backup(_settings(), file, keep, Clock().now()))


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    force: Annotated[bool, typer.Option(help="Replace what is there. It is kept aside.")] = False,
) -> None:
    """Bring a backup back, while the service is stopped."""
    from bot.clock import Clock
    from bot.commands import backup as work

    _stop_in_order()
    _told(lambda: work.restore(_settings(), file, force, Clock().now()))


def _stop_in_order() -> None:
    """Being ended is like Ctrl+C: what is half done is taken away."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def _told(work: Callable[[], list[str]]) -> None:
    """Print the sentences of what was done, or of why it was not."""
    from bot.commands.backup import BackupError

    try:
        print("\n".join(work()))
    except BackupError as wrong:
        print(wrong, file=sys.stderr)
        raise typer.Exit(1) from None


@counsellors.command("add")
def counsellor_add(
    login: str,
    name: Annotated[str, typer.Option(help="What colleagues call them.")],
    coordinator: Annotated[bool, typer.Option(help="May also manage the team.")] = False,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add somebody who may sign in to the console."""
    from bot.clock import Clock
    from bot.commands.database import usable_database
    from storage import schema, staff
    from storage.database import engine_for

    role = "coordinator" if coordinator else "counsellor"
    try:
        with engine_for(_settings().database) as engine:
            with usable_database():
                schema.upgrade(engine)
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                staff.add_counsellor(connection, login, name, role, password, Clock().now())
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"{name} can sign in as {login.lower()}.")


if __name__ == "__main__":
    main()
