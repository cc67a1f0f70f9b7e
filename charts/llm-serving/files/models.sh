#!/bin/bash
# Brings the weights of each model from gs://BUCKET/MODEL/ to MODELS_DIR/MODEL and checks every file against the
# SHA256SUMS that lies beside them. A model appears under its name only when all of it is verified. What broke off is
# resumed, what is verified is not fetched again, and a new SHA256SUMS in the bucket brings the new weights at next boot.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/model-state.sh
source "$boot_dir/model-state.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"
# shellcheck source=boot/storage.sh
source "$boot_dir/storage.sh"

: "${MODELS:?}" "${MODELS_BUCKET:?}"
models_dir=${MODELS_DIR:-/var/lib/terrace/models}

# install_model MODEL
install_model() {
  install_folder "$MODELS_BUCKET" "$1" "$models_dir/$1"
}

install_models
