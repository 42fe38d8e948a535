"""The command line. Each command builds what it needs and nothing else."""

from __future__ import annotations

import gc
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot import logs
from bot.settings import Settings, SettingsError, load

A_PATH = click.Path(path_type=Path)
INTERRUPTED = 130
"""The exit status after Ctrl+C, as shells have it."""


class InOrder(click.Group):
    """Commands are listed as they stand here."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"show_default": True, "max_content_width": 120})
def cli() -> None:
    """A bot that accompanies people who come back to Kosovo."""


def main() -> None:
    try:
        cli(standalone_mode=False)
    except SettingsError as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(2)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort as ended:
        sys.exit(INTERRUPTED if isinstance(ended.__cause__, KeyboardInterrupt) else 1)


def _settings() -> Settings:
    settings = load()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"RETURNEE_BOT_DATA_DIR: cannot use {settings.data_dir}: {error.strerror}.") from None
    return settings


@cli.command()
@click.option("--demo/--no-demo", help="Invented people, and a clock that the page can turn.")
def run(demo: bool) -> None:
    """Start the service: web chat, console, and Telegram where a token is set."""
    gc.disable()  # what is loaded now stays: to look for garbage takes a tenth of the start. `serve` enables it again
    from bot.commands.serve import serve

    settings = _settings()
    logs.begin(settings.log_level)
    serve(settings, demo)


@cli.command()
@click.option("--save", type=A_PATH, help="Keep the talk as a transcript.")
@click.option("--language", default="en", help="The language the app would report.")
def talk(save: Path | None, language: str) -> None:
    """Talk to the bot in this terminal. Nothing is kept after it ends."""
    from bot.commands.talk import talk as begin

    logs.begin("error")
    begin(save, language)


@cli.command()
@click.option("--against-database/--no-against-database", help="Walk every open run with this code.")
def check(against_database: bool) -> None:
    """Find what is wrong with conversations, texts, facts and settings. Exit status 1 if anything is."""
    from bot.commands.check import check as look
    from bot.commands.check import drafts
    from bot.translate import Translator

    found = look(_settings(), against_database)
    for fault in found:
        print(fault)
    for line in drafts(Translator(waiting=None)):
        print(line)
    print(f"{len(found)} faults" if found else "No faults: conversations, texts, facts and settings fit together.")
    sys.exit(1 if found else 0)


@cli.command()
@click.argument("text", default="", help="What a person wrote.")
@click.option("--language", default="en", help="The person's language.")
@click.option("--lines/--no-lines", help="Read `language<TAB>text` lines from standard input.")
def understand(text: str, language: str, lines: bool) -> None:
    """What the bot makes of a text, as JSON. Says beside it whether with the facts of the database or of the seed."""
    from bot.commands.understand import register_of
    from conversations.understanding import understand as make

    register, which = register_of(load())
    print(which, file=sys.stderr)
    if not lines:
        print(json.dumps(make(text, language, register), ensure_ascii=False))
        return
    for line in sys.stdin:
        code, _, said = line.rstrip("\n").partition("\t")
        print(json.dumps(make(said, code, register), ensure_ascii=False), flush=True)


@cli.command()
def texts() -> None:
    """Bring the catalogues in locales/ up to the texts in the code."""
    from bot.commands.texts import renew

    for line in renew():
        print(line)


@cli.command()
@click.option("--folder", type=A_PATH, default="docs/reference/conversations", help="Where the pictures go.")
def diagram(folder: Path) -> None:
    """Draw every conversation, as Mermaid and as SVG."""
    from conversations import CONVERSATIONS
    from conversations.diagram import mermaid, svg

    folder.mkdir(parents=True, exist_ok=True)
    for name, conversation in CONVERSATIONS.items():
        (folder / f"{name}.mmd").write_text(mermaid(conversation), encoding="utf-8")
        (folder / f"{name}.svg").write_text(svg(conversation), encoding="utf-8")
        print(folder / f"{name}.svg")


@cli.command()
@click.argument("to", default="head", help="A revision, head or base.")
@click.option("--down/--no-down")
def migrate(to: str, down: bool) -> None:
    """Bring the database's schema up to date, or with --down back."""
    from bot.commands.database import usable_database
    from storage import schema
    from storage.database import engine_for

    settings = _settings()
    with usable_database(), engine_for(settings.database, settings.keys) as engine:
        (schema.downgrade if down else schema.upgrade)(engine, to)
    print(f"The schema is at {to}.")


@cli.command()
@click.option("--dry-run/--no-dry-run", help="Only say what would go, and why.")
def retention(dry_run: bool) -> None:
    """Clear away what has been kept as long as was promised. The service does it by itself every hour."""
    from bot.clock import Clock
    from bot.commands.database import usable_database
    from bot.commands.retention import cleared, shown
    from storage.database import engine_for

    settings = _settings()
    with usable_database(), engine_for(settings.database, settings.keys) as engine:
        if not dry_run:
            lines = cleared(engine, settings, Clock())
        else:
            with engine.connect() as connection:
                lines = list(shown(connection, settings, Clock().now()))
    print("Would go:" if dry_run else "Gone:", *lines, sep="\n")


@cli.command()
@click.argument("contact", type=int, help="The number in the address of the person's page in the console.")
@click.argument("file", type=A_PATH, help="A new file; .json for a program, anything else to read.")
def person_file(contact: int, file: Path) -> None:
    """Write everything that is kept about one person into a file for them."""
    from bot.clock import Clock
    from bot.commands.person_file import write

    if not write(_settings(), contact, file, Clock().now()):
        print("There is no such person.", file=sys.stderr)
        sys.exit(1)
    print(f"Written to {file}. It holds everything about them: give it to nobody else, and delete it afterwards.")


@cli.command()
@click.argument("file", type=A_PATH, required=False, help="A new file, or a folder; else a dated file in "
                                                          "DATA_DIR/backups.")
@click.option("--keep", type=click.IntRange(min=1), help="Then delete all but so many of those dated files.")
def backup(file: Path | None, keep: int | None) -> None:
    """Write everything into one file, while the service runs."""
    from bot.clock import Clock
    from bot.commands import backup as work

    _stop_in_order()
    _told(lambda: work.backup(_settings(), file, keep, Clock().now()))


@cli.command()
@click.argument("file", type=A_PATH, help="A file that `backup` wrote.")
@click.option("--force/--no-force", help="Replace what is there. It is kept aside.")
@click.option("--keys", "keys_file", type=A_PATH, help="The keys file, where it does not lie beside the backup.")
def restore(file: Path, force: bool, keys_file: Path | None) -> None:
    """Bring a backup back, while the service is stopped."""
    from bot.clock import Clock
    from bot.commands import backup as work

    _stop_in_order()
    _told(lambda: work.restore(_settings(), file, force, Clock().now(), keys_file))


@cli.group("keys", invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """The master keys, and how many keys of people each has wrapped."""
    if context.invoked_subcommand is None:
        from bot.commands.keys import shown

        print("\n".join(shown(_settings())))


@keys.command("make")
def keys_make() -> None:
    """Write a new key file where ENCRYPTION_KEY_FILE says, for a new installation."""
    from bot.commands.keys import make

    print("\n".join(make(_settings())))


@keys.command("rotate")
@click.option("--new/--no-new", default=True, help="Add a master key first; or take the newest that is in the file.")
def keys_rotate(new: bool) -> None:
    """Add a master key, and wrap everybody's key with it, while the service runs."""
    from bot.commands.keys import rotate

    print("\n".join(rotate(_settings(), new)))


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
        sys.exit(1)


@cli.group("counsellor")
def counsellors() -> None:
    """The people who use the console."""


@counsellors.command("add")
@click.argument("login")
@click.option("--name", required=True, help="What colleagues call them.")
@click.option("--coordinator/--no-coordinator", help="May also manage the team.")
@click.option("--area", "areas", multiple=True, help="Where they work, once for each: employment, migration, "
              "reintegration, psychosocial. Without it, all but psychosocial.")
@click.option("--password", default="", help="Instead of the one-time link with which they choose one.")
def counsellor_add(login: str, name: str, coordinator: bool, areas: tuple[str, ...], password: str) -> None:
    """Add somebody who may sign in to the console, and print the link with which they choose a password."""
    from bot.commands import counsellor as work

    _refused_or_told(lambda: work.add(_settings(), login, name, coordinator, password, areas))


@counsellors.command("link")
@click.argument("login")
@click.option("--new-phone/--no-new-phone", help="The phone that made their codes is lost too.")
def counsellor_link(login: str, new_phone: bool) -> None:
    """A one-time link to a new password, for who has lost the old one."""
    from bot.commands import counsellor as work

    _refused_or_told(lambda: work.link(_settings(), login, new_phone))


@cli.group("facts")
def facts() -> None:
    """The register of facts as a TOML file, to keep or to share with another centre."""


@facts.command("export")
@click.argument("file", type=A_PATH, help="Where the facts go.")
def facts_export(file: Path) -> None:
    """Write every fact as it is told today."""
    from bot.commands import facts as work

    _refused_or_told(lambda: work.export(_settings(), file))


@facts.command("import")
@click.argument("file", type=A_PATH, help="A file that `facts export` or the console wrote.")
def facts_import(file: Path) -> None:
    """Keep what is new or different as new versions; where one fact is wrong, none."""
    from bot.clock import Clock
    from bot.commands import facts as work

    _refused_or_told(lambda: work.bring(_settings(), file, Clock().now()))


def _refused_or_told(work: Callable[[], str]) -> None:
    try:
        print(work())
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
