#!/bin/bash
# Brings the certificates of the authorities by which the gateway knows its stores. Those of an earlier boot will do while
# the bucket is out of reach.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"
# shellcheck source=boot/storage.sh
source "$boot_dir/storage.sh"

: "${AUTHORITIES:?}" "${AUTHORITIES_BUCKET:?}"
authorities_dir=${AUTHORITIES_DIR:-/var/lib/terrace/authorities}

# fetch_authority NAME
fetch_authority() {
  local file=$authorities_dir/$1
  rm --force "$file.new"
  if ! fetch "$AUTHORITIES_BUCKET" "$1" "$file.new"; then
    [[ -s $file ]] || return 1
    log "using the $1 of an earlier boot"
    return 0
  fi
  if ! grep --quiet '^-----BEGIN CERTIFICATE-----' "$file.new"; then
    log "gs://$AUTHORITIES_BUCKET/$1 holds no certificate: apply the data stack again"
    return 1
  fi
  mv "$file.new" "$file"
}

mkdir --parents "$authorities_dir"
for name in $AUTHORITIES; do
  retry "authority $name" fetch_authority "$name"
done
log "authorities are in place"
