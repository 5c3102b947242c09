#!/usr/bin/env bash
# The simplest ring: a proposer, an acceptor, a learner, and one client that sets 210. RING_PORT is the first port.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
synod="$here/../packages/proposer-cli/bin/synod.js"
port="${RING_PORT:-10000}"

# A ring of its own, with its state, that goes when all is done.
ring="$(mktemp -d)"
trap 'rm -rf "$ring"' EXIT
export SYNOD_HOME="$ring"
cd "$ring"

{
  echo "PROPOSERS 1"
  echo "ACCEPTORS 1"
  echo "LEARNERS 1"
  echo "localhost $port con"
  echo "localhost $((port + 1)) con"
  echo "localhost $((port + 2)) con"
  echo "localhost $((port + 3)) cli"
} > hosts.txt

node "$synod" ring node 0 &
node "$synod" ring node 1 &
node "$synod" ring node 2 &
trap 'kill $(jobs -p) 2> /dev/null || true; wait; rm -rf "$ring"' EXIT

# The client is done, and then so are the nodes.
node "$synod" ring client 3 210 0
wait
