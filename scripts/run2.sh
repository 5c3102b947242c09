#!/usr/bin/env bash
# Two proposers, five acceptors, two learners, and two clients that disagree: both are told the same value.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
synod="$here/../packages/proposer-cli/bin/synod.js"
port="${RING_PORT:-10000}"

ring="$(mktemp -d)"
trap 'rm -rf "$ring"' EXIT
export SYNOD_HOME="$ring"
cd "$ring"

{
  echo "PROPOSERS 2"
  echo "ACCEPTORS 5"
  echo "LEARNERS 2"
  for uid in {0..8}; do echo "localhost $((port + uid)) con"; done
  for uid in 9 10; do echo "localhost $((port + uid)) cli"; done
} > hosts.txt

for uid in {0..8}; do node "$synod" ring node "$uid" & done
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$ring"' EXIT

node "$synod" ring client 9 210 0 &
first=$!
node "$synod" ring client 10 300 1
wait "$first"
wait
