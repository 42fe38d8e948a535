"""One file that holds everything, made while the service runs; and back again."""

from bot.commands.backup.archive import BackupError
from bot.commands.backup.make import backup
from bot.commands.backup.restore import restore

__all__ = ["BackupError", "backup", "restore"]
