#!/bin/bash
# Brings the database to the schema of this machine's release, before its gateway starts. Every machine does so at every
# boot: the first finds work, the others wait for it, and releases before this one go on working with the new schema.
set -euo pipefail
# shellcheck source=boot/retry.sh
source "$(dirname "${BASH_SOURCE[0]}")/retry.sh"

: "${APP_IMAGE:?}" "${APP_USER:?}" "${GATEWAY_ENVIRONMENT:?}" "${AUTHORITIES_DIR:?}" "${AUTHORITIES_MOUNT:?}"

migrate() {
  # Left over where the machine lost power.
  docker rm --force terrace-migration >/dev/null 2>&1 || true
  docker run --rm --name=terrace-migration --network=host --cap-drop=ALL --security-opt=no-new-privileges \
    --read-only --tmpfs=/tmp "--user=$APP_USER" "--env-file=$GATEWAY_ENVIRONMENT" \
    "--volume=$AUTHORITIES_DIR:$AUTHORITIES_MOUNT:ro" "$APP_IMAGE" migrate
}

retry "migrating the database" migrate
