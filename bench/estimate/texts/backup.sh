#!/usr/bin/env bash
# Copies the database to a dated file, checks the copy, keeps the newest fourteen.
set -euo pipefail

DB="${1:?usage: backup.sh DATABASE [FOLDER]}"
FOLDER="${2:-/var/backups/gateway}"
KEEP=14
stamp="$(date -u +%Y%m%dT%H%M%SZ)"
copy="$FOLDER/$(basename "$DB" .db)-$stamp.db"

mkdir -p "$FOLDER"
trap 'rm -f "$copy.part"' EXIT

sqlite3 "file:$DB?mode=ro" ".timeout 5000" "VACUUM INTO '$copy.part'"
if [[ "$(sqlite3 "$copy.part" 'PRAGMA integrity_check')" != "ok" ]]; then
  echo "backup: the copy of $DB is damaged" >&2
  exit 1
fi
mv "$copy.part" "$copy"
gzip -9 --rsyncable "$copy"
sha256sum "$copy.gz" | awk '{ print $1 }' > "$copy.gz.sha256"

ls -1t "$FOLDER"/*.db.gz 2>/dev/null | tail -n +"$((KEEP + 1))" | while read -r old; do
  rm -f -- "$old" "$old.sha256"
done

df -h "$FOLDER" | awk 'NR == 2 && int($5) > 85 { printf "backup: %s is %s full\n", $6, $5; exit 2 }'
for host in eu-1.example.org eu-2.example.org; do
  rsync -a --partial --bwlimit=20000 "$copy.gz"{,.sha256} "backup@$host:/srv/backups/" || echo "rsync to $host: $?" >&2
done
