#!/usr/bin/env bash
# A cluster of one process a role, for those who like a script: the same as `synod cluster`. Its state is in SYNOD_HOME,
# or in .synod where it is called; SYNOD_TOPOLOGY names another preset or a topology file.
set -euo pipefail

usage="usage: $0 start|stop|restart|status|test|logs [component]|fail <component>|recover <component>|rebuild"

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

complain() {
  echo "$usage" >&2
  exit 1
}

cluster() {
  "$here/node_modules/.bin/synod" cluster "$@"
}

# The process that serves people is called gateway here.
component() {
  case "$1" in
    client) echo gateway ;;
    *) echo "$1" ;;
  esac
}

verb="${1:-}"
[ $# -gt 0 ] && shift

case "$verb" in
  start | stop | restart | status | test | rebuild) [ $# -eq 0 ] || complain ;;
  fail | recover) [ $# -eq 1 ] || complain ;;
  logs) [ $# -le 1 ] || complain ;;
esac

case "$verb" in
  start | stop | status | test) cluster "$verb" ;;
  restart)
    cluster stop
    cluster start
    ;;
  fail | recover) cluster "$verb" "$(component "$1")" ;;
  logs)
    if [ $# -eq 1 ]; then
      cluster logs "$(component "$1")"
    else
      cluster logs
    fi
    ;;
  rebuild)
    # While the old programs run: they stop when the new ones are there. State on disk stays as it is.
    (cd "$here" && npm run build)
    cluster stop
    cluster start
    ;;
  -h | --help) echo "$usage" ;;
  *) complain ;;
esac
