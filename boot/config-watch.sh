#!/bin/bash
# Waits for the machine's metadata to change and writes the configuration anew. The metadata server holds the question
# until there is something to say, so a change arrives within a second or two.
# Source: https://cloud.google.com/compute/docs/metadata/querying-metadata#waitforchange.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"

# 0 is the tag of nothing, so the first question is answered at once: what changed while nobody asked is not missed.
tag=0
while true; do
  if headers=$(metadata_headers "instance/attributes/?recursive=true&wait_for_change=true&timeout_sec=300&last_etag=$tag"); then
    answer=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *\([^[:space:]]*\).*/\1/p' <<<"$headers")
    if [[ -n $answer && $answer != "$tag" ]]; then
      tag=$answer
      /bin/bash "$boot_dir/config.sh"
    fi
  else
    sleep "${RETRY_FIRST_SECONDS:-5}"
  fi
  if [[ ${ONCE:-} == true ]]; then
    break
  fi
done
