#!/usr/bin/env bash
# Acceptors up and down, for those who like a script: the same as `synod acceptor`, for a pool of three unless
# SYNOD_SERVER_COUNT says otherwise.
set -euo pipefail

usage="usage: $0 up|down|status|reset [ids] [options of synod acceptor]"

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
synod="$here/../packages/proposer-cli/bin/synod.js"
verb="${1:-}"
[ $# -gt 0 ] && shift

# Of a pool that was started before, its own record says how many servers it has.
home="${SYNOD_HOME:-.synod}"
if [ ! -e "$home/pool/pool.json" ] && [ -z "${SYNOD_SERVERS:-}" ]; then
  export SYNOD_SERVER_COUNT="${SYNOD_SERVER_COUNT:-3}"
fi

case "$verb" in
  up | status | reset) exec node "$synod" acceptor "$verb" "$@" ;;
  down)
    # Without ids, all of them.
    case " $* " in
      *" "[0-9]* | *" --all "*) ;;
      *) set -- --all "$@" ;;
    esac
    exec node "$synod" acceptor down "$@"
    ;;
  -h | --help)
    echo "$usage"
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
