#!/bin/sh
# Starts a private PostgreSQL for tests, or stops it. It listens on a free loopback port, keeps nothing safe and lives in one folder.
#   url=$(tests/support/postgres.sh start DIR)     DIR must not exist yet; prints the URL
#   tests/support/postgres.sh stop DIR             stops the server and removes DIR
set -eu

find_bin() {
    if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; return; fi
    for bin in /usr/lib/postgresql/*/bin; do
        if [ -x "$bin/initdb" ]; then echo "$bin"; return; fi
    done
    echo "postgres.sh: no PostgreSQL found: install it with \`apt-get install -y postgresql\`" >&2
    exit 1
}

# PostgreSQL refuses to run as root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi
}

start() {
    bin=$(find_bin)
    mkdir -p "$dir"
    if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
    as_owner "'$bin/initdb' -D '$dir/data' -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync" >"$dir/initdb.log" 2>&1
    for port in $(shuf -i 20000-50000 -n 20); do
        options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off -c full_page_writes=off -c max_connections=200"
        if as_owner "'$bin/pg_ctl' -D '$dir/data' -l '$dir/server.log' -w -t 30 -o \"$options\" start" >"$dir/start.log" 2>&1; then
            echo "postgres://postgres@127.0.0.1:$port/postgres"
            return
        fi
    done
    echo "postgres.sh: the server did not start; its log:" >&2
    tail -n 20 "$dir/server.log" >&2
    exit 1
}

stop() {
    bin=$(find_bin)
    as_owner "'$bin/pg_ctl' -D '$dir/data' -m immediate stop" >/dev/null
    rm -rf "$dir"
}

if [ $# -ne 2 ]; then
    echo "usage: $0 start|stop DIR" >&2
    exit 2
fi
dir=$2
case $1 in
start) start ;;
stop) stop ;;
*)
    echo "usage: $0 start|stop DIR" >&2
    exit 2
    ;;
esac
