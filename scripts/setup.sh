#!/bin/sh
# Installs the packages when they are missing or older than the lock file; otherwise does nothing, in milliseconds. Changes nothing else.
# Talks on standard error: what comes after it may print data.
set -eu

cd "$(dirname "$0")/.."

# npm writes this file at the end of every installation, so one that was cut short is repeated.
installed=node_modules/.package-lock.json
if [ -e "$installed" ] && [ ! package-lock.json -nt "$installed" ]; then
  exit 0
fi

fail() {
  echo "setup: $1" >&2
  exit 1
}

command -v node >/dev/null 2>&1 || fail 'node is missing; install Node.js 20 or later (https://nodejs.org)'
command -v npm >/dev/null 2>&1 || fail 'npm is missing; it comes with Node.js (https://nodejs.org), on Debian as the package npm'

version=$(node --version)
major=${version#v}
major=${major%%.*}
[ "$major" -ge 20 ] || fail "Node.js $version is too old; 20 or later is needed"

echo 'Installing packages (npm ci) ...' >&2
npm ci --silent --no-audit --no-fund >&2 || fail 'npm ci failed; run it by hand to see why'
touch "$installed"
