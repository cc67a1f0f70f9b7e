#!/bin/bash
# drain.sh PORT NOTICE_SECONDS MOST_SECONDS: runs in an engine's pod before SIGTERM. Waits until nobody sends the pod
# anything new, then until vLLM has nothing in flight, MOST_SECONDS in all. An engine that does not answer is not waited
# for: it has nothing to finish.
set -euo pipefail
port=$1 notice_seconds=$2 most_seconds=$3

# Requests that run or wait, as a whole number; fails where the engine does not answer or counts nothing.
in_flight() {
  curl --silent --fail --max-time 2 "http://127.0.0.1:$port/metrics" |
    awk '/^vllm:num_requests_(running|waiting)[{ ]/ { sum += $NF; seen = 1 } END { if (!seen) exit 1; printf "%d\n", sum }'
}

sleep "$notice_seconds"
while ((SECONDS < most_seconds)); do
  count=$(in_flight) || exit 0
  if ((count == 0)); then
    exit 0
  fi
  sleep 1
done
