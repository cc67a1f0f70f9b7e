#!/bin/bash
# Brings the weights of each model from gs://BUCKET/MODEL/ to MODELS_DIR/MODEL and checks every file against the
# SHA256SUMS that lies beside them. A model appears under its name only when all of it is verified. What broke off is
# resumed, what is verified is not fetched again, and a new SHA256SUMS in the bucket brings the new weights at next boot.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=constructs/compute/boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=constructs/compute/boot/metadata.sh
source "$boot_dir/metadata.sh"

: "${MODELS:?}" "${MODELS_BUCKET:?}"
models_dir=${MODELS_DIR:-/var/lib/terrace/models}
storage_url=${STORAGE_URL:-https://storage.googleapis.com}

# fetch OBJECT FILE: downloads gs://BUCKET/OBJECT, continuing FILE where it ends. Says why when it cannot. A FILE that is
# as long as the object or longer is left alone (curl takes HTTP 416 for success): its checksum decides.
fetch() {
  local object=$1 file=$2 token status
  if ! token=$(access_token) || [[ -z $token ]]; then
    log "the metadata server gave no access token"
    return 1
  fi
  # The header goes through a file descriptor: command lines are visible to every process.
  if status=$(curl --silent --show-error --fail --location --connect-timeout 10 --speed-limit 1024 --speed-time 60 \
    --header @<(printf 'Authorization: Bearer %s\n' "$token") \
    --continue-at - --output "$file" --write-out '%{http_code}' "$storage_url/$MODELS_BUCKET/$object"); then
    return 0
  fi
  case $status in
    401 | 403)
      log "HTTP $status: $(account_email) may not read gs://$MODELS_BUCKET/$object." \
        "It needs roles/storage.objectViewer on bucket $MODELS_BUCKET"
      ;;
    404) log "HTTP 404: gs://$MODELS_BUCKET/$object does not exist. Upload the model with its SHA256SUMS" ;;
    *) log "gs://$MODELS_BUCKET/$object broke off (HTTP $status)" ;;
  esac
  return 1
}

# matches SUM FILE
matches() {
  [[ -f $2 ]] && sha256sum --check --status <<<"$1  $2"
}

# same FILE FILE: both are there and hold the same text.
same() {
  [[ -f $1 && -f $2 && $(<"$1") == "$(<"$2")" ]]
}

# fetch_verified SUM OBJECT FILE
fetch_verified() {
  local sum=$1 object=$2 file=$3
  if matches "$sum" "$file"; then
    return 0
  fi
  mkdir --parents "$(dirname "$file")" || return 1
  if ! matches "$sum" "$file.part"; then
    fetch "$object" "$file.part" || return 1
    if ! matches "$sum" "$file.part"; then
      log "gs://$MODELS_BUCKET/$object does not match its SHA-256 $sum; fetching it afresh"
      rm --force "$file.part"
      return 1
    fi
  fi
  mv "$file.part" "$file" && log "verified $object"
}

# fetch_all MODEL MANIFEST DIRECTORY
fetch_all() {
  local model=$1 manifest=$2 directory=$3 sum name
  # The files of another manifest may not end up among these.
  if ! same "$manifest" "$directory/.manifest"; then
    rm --recursive --force "$directory" && mkdir --parents "$directory" &&
      cp "$manifest" "$directory/.manifest" || return 1
  fi
  while read -r sum name || [[ -n $sum ]]; do
    name=${name#\*}
    # The manifest is data from a bucket: no name in it may lead out of the directory.
    if [[ ! $sum =~ ^[0-9a-f]{64}$ || ! $name =~ ^[A-Za-z0-9_][A-Za-z0-9_./-]*$ || $name == *..* ]]; then
      log "gs://$MODELS_BUCKET/$model/SHA256SUMS has a line that is no SHA-256 and plain file name: $sum $name"
      return 1
    fi
    fetch_verified "$sum" "$model/$name" "$directory/$name" || return 1
  done <"$manifest"
}

# install_model MODEL
install_model() {
  local model=$1 final partial manifest
  final=$models_dir/$model
  partial=$models_dir/.$model.partial
  manifest=$models_dir/.$model.sums
  rm --force "$manifest"
  if ! fetch "$model/SHA256SUMS" "$manifest"; then
    [[ -f $final/.verified ]] || return 1
    log "serving the $model that was verified at an earlier boot"
    return 0
  fi
  if [[ ! -s $manifest ]]; then
    log "gs://$MODELS_BUCKET/$model/SHA256SUMS is empty"
    return 1
  fi
  if same "$manifest" "$final/.verified"; then
    log "$model was verified before"
    return 0
  fi
  log "fetching $model"
  fetch_all "$model" "$manifest" "$partial" || return 1
  mv "$partial/.manifest" "$partial/.verified" && sync &&
    rm --recursive --force "$final" && mv "$partial" "$final" && log "$model is complete"
}

mkdir --parents "$models_dir"
for model in $MODELS; do
  retry "model $model" install_model "$model"
done
