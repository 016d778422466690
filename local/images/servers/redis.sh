#!/bin/sh
# Starts Redis with an append-only file in /data, and a password when REDIS_PASSWORD is set. Options given as
# arguments win over these; a configuration file as first argument replaces all of it.
set -eu

case "${1:-}" in
"" | -*) set -- redis-server "$@" ;;
esac
[ "$1" = redis-server ] || exec "$@"
case "${2:-}" in
"" | --*) shift ;;
*) exec "$@" ;;
esac

password=""
if [ -n "${REDIS_PASSWORD:-}" ]; then
    password="requirepass \"$(printf %s "$REDIS_PASSWORD" | sed 's/[\\"]/\\&/g')\""
fi
# Read from standard input, so that the password does not show in the process list.
exec redis-server - "$@" <<EOF
dir /data
bind * -::*
protected-mode no
appendonly yes
save ""
$password
EOF
