#!/bin/sh
# Makes the database on a fresh volume, serves it, and stops it only when those who use it had time to leave.
set -eu
data=/data/cities

# Some storage hands the volume over a moment after the start; a restart would cost ten seconds of back-off.
tries=0
until [ -w /data ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 50 ]; then
    echo 'the volume does not belong to this user: see database.prepareVolume in the values' >&2
    exit 1
  fi
  sleep 0.2
done

# Made aside and renamed: a start that was interrupted leaves nothing that looks like a database.
if [ ! -d "$data" ]; then
  rm -rf "$data.new"
  initdb --pgdata="$data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth=scram-sha-256 \
    --pwfile=/secret/password --no-sync --no-instructions >/dev/null
  # A statement ends with an empty line there. printf is built into the shell: the password is in no process list.
  printf 'create role portal login password $password$%s$password$;\n\ncreate database cities;\n\n' \
    "$(cat /secret/password)" | postgres --single -j -D "$data.new" postgres >/dev/null
  postgres --single -j -D "$data.new" cities </etc/database/schema.sql >/dev/null
  sync
  mv "$data.new" "$data"
fi

postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp -c hba_file=/etc/database/pg_hba.conf \
  -c shared_buffers=32MB -c max_connections=50 -c jit=off -c log_timezone=UTC &
postgres=$!
# INT is the fast shutdown: it does not wait for idle connections, and writes everything down.
trap 'sleep "$DRAIN_SECONDS"; kill -INT "$postgres"' TERM
# The signal ends the first wait; the second one waits for the shutdown.
wait "$postgres" || wait "$postgres"
