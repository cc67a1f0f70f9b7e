#!/bin/bash
# Brings secrets from Secret Manager to files in memory, each readable by one user. A secret without a version keeps
# waiting, and with it whatever requires this unit: there is no default value.
# Source: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access.
set -euo pipefail
boot_dir=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=boot/retry.sh
source "$boot_dir/retry.sh"
# shellcheck source=boot/metadata.sh
source "$boot_dir/metadata.sh"

: "${PROJECT:?}" "${SECRETS:?}" # file:owner:secret, e.g. "grafana-admin:472:terrace-production-grafana-admin"
secrets_dir=${SECRETS_DIR:-/run/terrace/secrets}
secrets_url=${SECRETS_URL:-https://secretmanager.googleapis.com}

# fetch_secret FILE OWNER SECRET
fetch_secret() {
  local file=$secrets_dir/$1 owner=$2 secret=$3 token response status
  if ! token=$(access_token) || [[ -z $token ]]; then
    log "the metadata server gave no access token"
    return 1
  fi
  response=$(curl --silent --show-error --max-time 20 --header @<(printf 'Authorization: Bearer %s\n' "$token") \
    --write-out '\n%{http_code}' "$secrets_url/v1/projects/$PROJECT/secrets/$secret/versions/latest:access") || return 1
  status=${response##*$'\n'}
  case $status in
    200) ;;
    401 | 403)
      log "HTTP $status: $(account_email) needs roles/secretmanager.secretAccessor on secret $secret"
      return 1
      ;;
    404)
      log "secret $secret has no version: gcloud secrets versions add $secret --project=$PROJECT --data-file=-"
      return 1
      ;;
    *)
      log "secret $secret: HTTP $status"
      return 1
      ;;
  esac
  (umask 377 && sed -n 's/.*"data" *: *"\([^"]*\)".*/\1/p' <<<"$response" | base64 --decode >"$file.new") || return 1
  if [[ ! -s $file.new ]]; then
    log "secret $secret is empty"
    rm --force "$file.new"
    return 1
  fi
  chown "$owner:$owner" "$file.new" && mv "$file.new" "$file"
}

mkdir --parents "$secrets_dir"
for entry in $SECRETS; do
  IFS=: read -r file owner secret <<<"$entry"
  rm --force "$secrets_dir/$file.new"
  retry "secret $secret" fetch_secret "$file" "$owner" "$secret"
done
log "secrets are in place"
