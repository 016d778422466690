#!/bin/sh
# Starts PostgreSQL, after making its data directory when there is none yet. Same contract as the well-known image:
# POSTGRES_PASSWORD (needed once, at the first start), POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS, PGDATA.
# It runs as any user, with a read-only root: it writes to PGDATA, /var/run/postgresql and /tmp only.
set -eu
umask 077

refuse() {
    echo "postgresql: $1" >&2
    exit 1
}

# initdb and single-user mode want a name for their user. nss_wrapper gives one to a user that has none.
name_this_user() {
    if ! id -un >/dev/null 2>&1; then
        echo "postgres:x:$(id -u):$(id -g)::/tmp:/bin/sh" >/tmp/passwd
        echo "postgres:x:$(id -g):" >/tmp/group
        export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
    fi
}

# Everything happens in a directory beside the final one and is then renamed: whatever kills this, the next start
# finds either a finished data directory or none.
initialise() {
    user="${POSTGRES_USER:-postgres}"
    database="${POSTGRES_DB:-$user}"
    unfinished="$PGDATA.unfinished"
    [ -n "${POSTGRES_PASSWORD:-}" ] || refuse "POSTGRES_PASSWORD is not set, and the first start needs it"
    [ -z "$(ls -A "$PGDATA" 2>/dev/null)" ] || refuse "$PGDATA holds files but no database: empty it, or set PGDATA to another directory"
    mkdir -p "$(dirname "$PGDATA")" || refuse "$PGDATA cannot be made: mount a volume above it that user $(id -u) may write to"
    rm -rf "$unfinished"
    # The password goes through a pipe: it shows neither in the process list nor on a disk.
    # shellcheck disable=SC2086 # the arguments are words
    initdb --pgdata="$unfinished" --username="$user" --pwfile=/dev/fd/3 --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions \
        ${POSTGRES_INITDB_ARGS:-} 3<<EOF
$POSTGRES_PASSWORD
EOF
    echo "host all all all scram-sha-256" >>"$unfinished/pg_hba.conf"
    if [ "$database" != postgres ]; then
        echo "create database \"$(echo "$database" | sed 's/"/""/g')\";" |
            postgres --single -D "$unfinished" -j postgres >/dev/null
    fi
    [ ! -d "$PGDATA" ] || rmdir "$PGDATA"
    mv "$unfinished" "$PGDATA"
    echo "postgresql: database $database is made"
}

case "${1:-}" in
"" | -*) set -- postgres "$@" ;;
esac
[ "$1" = postgres ] || exec "$@"
shift

[ -s "$PGDATA/PG_VERSION" ] || (name_this_user && initialise)
chmod 700 "$PGDATA" # Kubernetes may have opened it to a volume's group, which PostgreSQL refuses

sockets=/tmp
[ ! -w /var/run/postgresql ] || sockets=/var/run/postgresql
# What the caller says comes last, and wins. exec: signals reach PostgreSQL itself.
exec postgres -D "$PGDATA" -k "$sockets" -c "listen_addresses=*" -c jit=off "$@"
