#!/bin/bash
# Sourced by the boot scripts: the machine's identity, from its metadata server.
# Source: https://cloud.google.com/compute/docs/metadata/overview.

metadata() {
  curl --silent --show-error --fail --max-time 10 --header 'Metadata-Flavor: Google' \
    "${METADATA_URL:-http://metadata.google.internal}/computeMetadata/v1/$1"
}

# metadata_headers PATH: the answer's headers, after at most the five minutes that a question may wait.
metadata_headers() {
  curl --silent --fail --max-time 330 --header 'Metadata-Flavor: Google' --output /dev/null --dump-header - \
    "${METADATA_URL:-http://metadata.google.internal}/computeMetadata/v1/$1"
}

# An OAuth access token, valid for some minutes to an hour.
access_token() {
  metadata instance/service-accounts/default/token | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}

account_email() {
  metadata instance/service-accounts/default/email || echo 'the service account of this VM'
}
