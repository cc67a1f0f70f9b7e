#!/bin/bash
# Mounts the data disk, formatting it only when it is blank, and makes a directory for each container that writes there.
# Source: https://cloud.google.com/container-optimized-os/docs/concepts/disks-and-filesystem.
set -euo pipefail
# shellcheck source=boot/retry.sh
source "$(dirname "${BASH_SOURCE[0]}")/retry.sh"

: "${DATA_DIRECTORIES:?}" # name:owner, e.g. "prometheus:65534 grafana:472"
device=${DATA_DEVICE:-/dev/disk/by-id/google-data}
mount_point=${DATA_MOUNT:-/mnt/disks/data}

format_if_blank() {
  local status=0
  blkid --probe "$device" >/dev/null || status=$?
  case $status in
    0) ;; # something is there, and it is not ours to delete
    2)
      log "$device is blank: formatting it"
      mkfs.ext4 -q -m 0 "$device"
      ;;
    *)
      log "blkid cannot tell whether $device is blank (status $status); formatting nothing"
      return 1
      ;;
  esac
}

# e2fsck: 0 is clean, 1 is repaired.
check_file_system() {
  local status=0
  e2fsck -p "$device" || status=$?
  if ((status > 1)); then
    log "e2fsck cannot repair $device by itself (status $status)"
    return 1
  fi
}

mount_disk() {
  if mountpoint --quiet "$mount_point"; then
    return 0
  fi
  if [[ ! -e $device ]]; then
    log "$device is not attached"
    return 1
  fi
  mkdir --parents "$mount_point" && format_if_blank && check_file_system &&
    mount -o nosuid,nodev,noexec "$device" "$mount_point"
}

retry "mounting $device" mount_disk
# The disk may have grown since the last boot.
resize2fs "$device" || log "could not grow the file system on $device"
for directory in $DATA_DIRECTORIES; do
  name=${directory%%:*} owner=${directory##*:}
  mkdir --parents "$mount_point/$name"
  chown "$owner:$owner" "$mount_point/$name"
done
log "$device is mounted on $mount_point"
