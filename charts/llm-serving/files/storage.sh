#!/bin/bash
# Sourced by the boot scripts, after retry.sh and metadata.sh: objects and verified folders of Cloud Storage buckets.

storage_url=${STORAGE_URL:-https://storage.googleapis.com}

# authorized URL CURL-OPTION...: GET with the machine's access token; prints the HTTP status. The header goes through a
# file descriptor: command lines are visible to every process.
authorized() {
  local url=$1 token
  shift
  if ! token=$(access_token) || [[ -z $token ]]; then
    log "the metadata server gave no access token"
    return 1
  fi
  curl --silent --show-error --fail --location --connect-timeout 10 --speed-limit 1024 --speed-time 60 \
    --header @<(printf 'Authorization: Bearer %s\n' "$token") --write-out '%{http_code}' "$@" "$url"
}

# fetch BUCKET OBJECT FILE: downloads gs://BUCKET/OBJECT, continuing FILE where it ends. Says why when it cannot. A FILE
# that is as long as the object or longer is left alone (curl takes HTTP 416 for success): its checksum decides.
fetch() {
  local bucket=$1 object=$2 file=$3 status
  if status=$(authorized "$storage_url/$bucket/$object" --continue-at - --output "$file"); then
    return 0
  fi
  case $status in
    401 | 403)
      log "HTTP $status: $(account_email) may not read gs://$bucket/$object." \
        "It needs roles/storage.objectViewer on bucket $bucket"
      ;;
    404) log "HTTP 404: gs://$bucket/$object does not exist. Upload it; a folder with its SHA256SUMS" ;;
    '') ;; # said above
    *) log "gs://$bucket/$object broke off (HTTP $status)" ;;
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

# fetch_verified SUM BUCKET OBJECT FILE
fetch_verified() {
  local sum=$1 bucket=$2 object=$3 file=$4
  if matches "$sum" "$file"; then
    return 0
  fi
  mkdir --parents "$(dirname "$file")" || return 1
  if ! matches "$sum" "$file.part"; then
    fetch "$bucket" "$object" "$file.part" || return 1
    if ! matches "$sum" "$file.part"; then
      log "gs://$bucket/$object does not match its SHA-256 $sum; fetching it afresh"
      rm --force "$file.part"
      return 1
    fi
  fi
  mv "$file.part" "$file" && log "verified $object"
}

# fetch_all BUCKET FOLDER MANIFEST DIRECTORY
fetch_all() {
  local bucket=$1 folder=$2 manifest=$3 directory=$4 sum name
  # The files of another manifest may not end up among these.
  if ! same "$manifest" "$directory/.manifest"; then
    rm --recursive --force "$directory" && mkdir --parents "$directory" &&
      cp "$manifest" "$directory/.manifest" || return 1
  fi
  while read -r sum name || [[ -n $sum ]]; do
    name=${name#\*}
    # The manifest is data from a bucket: no name in it may lead out of the directory.
    if [[ ! $sum =~ ^[0-9a-f]{64}$ || ! $name =~ ^[A-Za-z0-9_][A-Za-z0-9_./-]*$ || $name == *..* ]]; then
      log "gs://$bucket/$folder/SHA256SUMS has a line that is no SHA-256 and plain file name: $sum $name"
      return 1
    fi
    fetch_verified "$sum" "$bucket" "$folder/$name" "$directory/$name" || return 1
  done <"$manifest"
}

# install_folder BUCKET FOLDER FINAL: brings gs://BUCKET/FOLDER/ to FINAL, which appears only when every file matches the
# SHA256SUMS among them, and is left alone while that is the same.
install_folder() {
  local bucket=$1 folder=$2 final=$3 parent name partial manifest
  parent=$(dirname "$final") name=$(basename "$final")
  partial=$parent/.$name.partial
  manifest=$parent/.$name.sums
  mkdir --parents "$parent" && rm --force "$manifest" || return 1
  if ! fetch "$bucket" "$folder/SHA256SUMS" "$manifest"; then
    [[ -f $final/.verified ]] || return 1
    log "using the $folder that was verified earlier"
    return 0
  fi
  if [[ ! -s $manifest ]]; then
    log "gs://$bucket/$folder/SHA256SUMS is empty"
    return 1
  fi
  if same "$manifest" "$final/.verified"; then
    return 0
  fi
  log "fetching $folder"
  fetch_all "$bucket" "$folder" "$manifest" "$partial" || return 1
  mv "$partial/.manifest" "$partial/.verified" && sync &&
    rm --recursive --force "$final" && mv "$partial" "$final" && log "$folder is complete"
}
