#!/bin/bash
# Writes the configuration files that the machine's metadata holds, removes those that it holds no longer, and tells the
# containers that read them. Metadata changes under a running machine, so a new rule needs neither a reboot nor a login.
# Source: https://cloud.google.com/compute/docs/metadata/querying-metadata.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"

: "${CONFIG_DIR:?}" "${CONFIG_READERS?}" # container names, e.g. "terrace-prometheus terrace-alertmanager"

# write_file KEY PATH: what metadata has under KEY, if PATH holds anything else. Sets `changed`.
write_file() {
  local key=$1 file=$CONFIG_DIR/$2
  mkdir --parents "$(dirname "$file")" && metadata "instance/attributes/$key" >"$file.new" || return 1
  if [[ -f $file && $(sha256sum <"$file") == $(sha256sum <"$file.new") ]]; then
    rm --force "$file.new"
  else
    mv "$file.new" "$file" && changed=true && log "wrote $2"
  fi
}

# remove_others INDEX: files that no line of the index names.
remove_others() {
  local file path
  for file in "$CONFIG_DIR"/**; do
    path=${file#"$CONFIG_DIR/"}
    if [[ -f $file && $'\n'$1$'\n' != *" $path"$'\n'* ]]; then
      rm --force "$file" && changed=true && log "removed $path"
    fi
  done
}

# The index has a line for each file: its key in metadata, and its path.
write_all() {
  local index key path
  index=$(metadata instance/attributes/config-files) || return 1
  while read -r key path; do
    if [[ ! $path =~ ^[a-z0-9][a-z0-9/._-]*$ || $path == *..* ]]; then
      log "the index has a path that leads elsewhere: $path"
      return 1
    fi
    write_file "$key" "$path" || return 1
  done <<<"$index"
  remove_others "$index"
}

shopt -s globstar
changed=false
mkdir --parents "$CONFIG_DIR"
retry "writing the configuration" write_all
if [[ $changed == true ]]; then
  for container in $CONFIG_READERS; do
    # At boot none of them runs yet.
    if docker kill --signal=HUP "$container" >/dev/null 2>&1; then
      log "$container reads its configuration again"
    fi
  done
fi
