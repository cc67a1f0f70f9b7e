#!/bin/bash
# Copies the weights of MODEL from the image that it runs in, app-with-weights, to MODELS_DIR/MODEL, and checks every file
# against the SHA256SUMS that lies beside them.
set -euo pipefail
: "${MODEL:?}" "${MODELS_DIR:?}"

if [[ ! -s /models/$MODEL/SHA256SUMS ]]; then
  printf 'this image holds no /models/%s/SHA256SUMS: use the app-with-weights image, or weights from a bucket\n' "$MODEL" >&2
  exit 1
fi
cp --recursive "/models/$MODEL" "$MODELS_DIR/"
cd "$MODELS_DIR/$MODEL"
sha256sum --check --quiet SHA256SUMS
