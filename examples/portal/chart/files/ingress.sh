#!/bin/sh
# Runs nginx, and lets it go politely: while the file exists, readiness fails and every answer closes its connection.
set -eu

# nginx looks the names up once, at its start, and cluster DNS may still be learning them.
until getent hosts portal >/dev/null && getent hosts harvester >/dev/null; do sleep 0.2; done

nginx -c /etc/ingress/nginx.conf -g 'daemon off;' &
nginx=$!
trap 'touch /tmp/leaving; sleep "$DRAIN_SECONDS"; kill -QUIT "$nginx"' TERM
# The signal ends the first wait; the second one waits for the last answers.
wait "$nginx" || wait "$nginx"
