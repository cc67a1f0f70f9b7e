#!/bin/bash
# Brings the weights of each model out of the image that carries them, for networks that reach no bucket: /models/MODEL
# of WEIGHTS_IMAGE becomes MODELS_DIR/MODEL, checked against the SHA256SUMS that lies in it. A model appears under its
# name only when all of it is verified, and is not copied again while the image is the same.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/model-state.sh
source "$boot_dir/model-state.sh"

: "${MODELS:?}" "${WEIGHTS_IMAGE:?}"
models_dir=${MODELS_DIR:-/var/lib/terrace/models}

# copy MODEL DIRECTORY: takes /models/MODEL out of a container that is made for it and never runs.
copy() {
  local container copied=0
  container=$(docker create "$WEIGHTS_IMAGE") || return 1
  docker cp "$container:/models/$1" "$2" || copied=1
  docker rm "$container" >/dev/null || log "container $container stays behind"
  return "$copied"
}

# install_model MODEL
install_model() {
  local model=$1 final partial
  final=$models_dir/$model
  partial=$models_dir/.$model.partial
  if [[ -f $final/.image && $(<"$final/.image") == "$WEIGHTS_IMAGE" ]]; then
    log "$model was verified before"
    return 0
  fi
  rm --recursive --force "$partial"
  if ! copy "$model" "$partial"; then
    log "$WEIGHTS_IMAGE gave no /models/$model. Is it the app-with-weights image, with this model?"
    return 1
  fi
  if ! (cd "$partial" && sha256sum --check --quiet SHA256SUMS); then
    log "/models/$model of $WEIGHTS_IMAGE does not match its SHA256SUMS"
    return 1
  fi
  printf '%s' "$WEIGHTS_IMAGE" >"$partial/.image" && sync &&
    rm --recursive --force "$final" && mv "$partial" "$final" && log "$model is complete"
}

mkdir --parents "$models_dir"
install_models
