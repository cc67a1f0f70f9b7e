#!/bin/bash
# Keeps the LoRA adapters of a bucket on the machine, for as long as it runs: every folder of gs://BUCKET that holds a
# SHA256SUMS becomes ADAPTERS_DIR/BUCKET/FOLDER, whole and verified, or does not appear. A folder that left the bucket
# stays until the next start: an engine may still read it.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"
# shellcheck source=boot/storage.sh
source "$boot_dir/storage.sh"

: "${ADAPTERS_BUCKET:?}"
adapters_dir=${ADAPTERS_DIR:-/var/lib/terrace/adapters}/$ADAPTERS_BUCKET
interval=${INTERVAL_SECONDS:-30}

# list_page TOKEN: the folders of one page of the listing, and `next TOKEN` where another follows.
# https://cloud.google.com/storage/docs/json_api/v1/objects/list
list_page() {
  local query="matchGlob=**/SHA256SUMS&fields=items/name,nextPageToken&pageToken=$1" page=$adapters_dir/.page status
  if ! status=$(authorized "$storage_url/storage/v1/b/$ADAPTERS_BUCKET/o?$query" --globoff --output "$page"); then
    log "cannot list gs://$ADAPTERS_BUCKET (HTTP ${status:-none})." \
      "$(account_email) needs roles/storage.objectViewer on the bucket"
    return 1
  fi
  sed -n 's/.*"name" *: *"\([^"]*\)\/SHA256SUMS".*/\1/p; s/.*"nextPageToken" *: *"\([^"]*\)".*/next \1/p' "$page"
}

# Sets `folders`, which stays as it was where the bucket cannot be listed.
list_folders() {
  local token='' page found=''
  while true; do
    page=$(list_page "$token") || return 1
    found+=$(sed '/^next /d' <<<"$page")$'\n'
    token=$(sed -n 's/^next //p' <<<"$page")
    [[ -n $token ]] || break
  done
  folders=$found
}

# Names are data from a bucket: none may lead out of the directory or hide. The gateway takes the same characters
# (docs/adapters.md).
plain() {
  [[ $1 =~ ^[A-Za-z0-9_-][A-Za-z0-9._/-]*$ && $1 != *..* && $1 != *//* && $1 != */.* ]]
}

# Folders of an earlier start that are in the bucket no more.
remove_departed() {
  local verified folder
  while read -r verified; do
    folder=$(dirname "${verified#"$adapters_dir/"}")
    if ! grep --quiet --line-regexp --fixed-strings -- "$folder" <<<"$folders"; then
      log "removing $folder, which left gs://$ADAPTERS_BUCKET"
      rm --recursive --force "${adapters_dir:?}/$folder"
    fi
  done < <(find "$adapters_dir" -name .verified)
}

install_all() {
  local folder
  while read -r folder; do
    if [[ -z $folder ]]; then
      continue
    elif ! plain "$folder"; then
      log "gs://$ADAPTERS_BUCKET/$folder is left out: letters, digits, . _ - and / only"
    elif ! install_folder "$ADAPTERS_BUCKET" "$folder" "$adapters_dir/$folder"; then
      log "$folder is tried again in $interval s"
    fi
  done <<<"$folders"
}

folders=''
mkdir --parents "$adapters_dir"
retry "listing gs://$ADAPTERS_BUCKET" list_folders
remove_departed
install_all
until [[ ${ONCE:-} == true ]]; do
  sleep "$interval"
  list_folders || true
  install_all
done
