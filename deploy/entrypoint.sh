#!/bin/sh
# A secret that lies in a file becomes the variable of the file's name. Then the command of the bot begins.
set -eu
umask 077
for file in "${SECRETS_DIR:-/run/secrets}"/*; do
  if [ -r "$file" ]; then
    export "$(basename "$file")=$(cat "$file")"
  fi
done
if [ "${1:-}" = backup-every-night ]; then
  while :; do
    sleep "$(( $(date -d 'tomorrow 02:30' +%s) - $(date +%s) ))"
    returnee-bot backup --keep "${KEEP:-14}" /backups || echo "No backup was made tonight." >&2
  done
fi
exec returnee-bot "$@"
