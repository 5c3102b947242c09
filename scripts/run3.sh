#!/usr/bin/env bash
# A minority of the acceptors, 3 and 4 of five, dies of the first prepare; the client is told its value all the same.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
synod="$here/../packages/proposer-cli/bin/synod.js"
port="${RING_PORT:-10000}"

ring="$(mktemp -d)"
trap 'rm -rf "$ring"' EXIT
export SYNOD_HOME="$ring"
cd "$ring"

{
  echo "PROPOSERS 1"
  echo "ACCEPTORS 5"
  echo "LEARNERS 1"
  for uid in {0..6}; do echo "localhost $((port + uid)) con"; done
  echo "localhost $((port + 7)) cli"
} > hosts.txt

for uid in 0 1 2 5 6; do node "$synod" ring node "$uid" & done
for uid in 3 4; do node "$synod" ring node "$uid" --fail-at phase-1 & done
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$ring"' EXIT

node "$synod" ring client 7 210 0
wait
