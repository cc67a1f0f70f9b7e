#!/bin/bash
# Sourced by the boot scripts.
#
# A unit that fails takes the units that require it down with it, and systemd does not start those again once it works.
# So the scripts never give up: they say why in the log, wait, and try again; what requires them waits.

log() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# retry WHAT COMMAND...: runs the command until it succeeds. Waits 5 s after the first failure, twice as long after each
# further one, at most RETRY_MAX_SECONDS. errexit is off within the command, so it must return its own failures.
retry() {
  local what=$1 wait_seconds=${RETRY_FIRST_SECONDS:-5}
  shift
  until "$@"; do
    log "$what failed; trying again in $wait_seconds s"
    sleep "$wait_seconds"
    wait_seconds=$((wait_seconds * 2))
    if ((wait_seconds > ${RETRY_MAX_SECONDS:-300})); then
      wait_seconds=${RETRY_MAX_SECONDS:-300}
    fi
  done
}
