#!/bin/bash
# Hands vLLM's metrics to node-exporter's textfile collector. The engines listen on loopback, because whoever reaches
# their port may generate text and load adapters; their metrics alone leave the machine.
set -euo pipefail

: "${ENGINE_PORTS:?}"
metrics_dir=${METRICS_DIR:-/var/lib/terrace/metrics}
engine_url=${ENGINE_URL:-http://127.0.0.1}

# Families of vLLM only: those of the Python process would collide with node-exporter's own. An engine that does not
# answer has no file, so its metrics are absent, not stale.
collect() {
  local file=$metrics_dir/engine-$1.prom
  if curl --silent --fail --max-time 5 "$engine_url:$1/metrics" |
    grep --extended-regexp '^(# (HELP|TYPE) )?vllm:' >"$file.new"; then
    mv "$file.new" "$file"
  else
    rm --force "$file" "$file.new"
  fi
}

mkdir --parents "$metrics_dir"
rm --force "$metrics_dir"/engine-*.prom
while true; do
  for port in $ENGINE_PORTS; do
    collect "$port"
  done
  if [[ ${ONCE:-} == true ]]; then
    break
  fi
  sleep "${INTERVAL_SECONDS:-15}"
done
