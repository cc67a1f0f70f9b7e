#!/bin/bash
# Installs the NVIDIA driver that COS has signed for this image. Needed at every boot, because kernel modules are gone by
# then; the second time takes seconds, from the cache in /var/lib/nvidia.
# Source: https://cloud.google.com/container-optimized-os/docs/how-to/run-gpus.
set -euo pipefail
# shellcheck source=boot/retry.sh
source "$(dirname "${BASH_SOURCE[0]}")/retry.sh"

: "${DRIVER_VERSION:?}" "${GPU_COUNT:?}"
nvidia_dir=${NVIDIA_DIR:-/var/lib/nvidia}
device_dir=${DEVICE_DIR:-/dev}

# /var is mounted noexec: without this, libraries and programs of the driver cannot be run or mapped.
make_executable() {
  if ! mountpoint --quiet "$nvidia_dir"; then
    mount --bind "$nvidia_dir" "$nvidia_dir" || return 1
  fi
  mount -o remount,exec "$nvidia_dir"
}

gpus_present() {
  local listed count device
  if ! listed=$(LD_LIBRARY_PATH="$nvidia_dir/lib64" "$nvidia_dir/bin/nvidia-smi" --list-gpus 2>&1); then
    log "nvidia-smi: $listed"
    return 1
  fi
  count=$(grep --count '^GPU ' <<<"$listed" || true)
  if [[ $count != "$GPU_COUNT" ]]; then
    log "the machine type has $GPU_COUNT GPUs, nvidia-smi lists $count: $listed"
    return 1
  fi
  for device in nvidiactl nvidia-uvm nvidia0; do
    if [[ ! -e $device_dir/$device ]]; then
      log "$device_dir/$device is missing"
      return 1
    fi
  done
}

install_driver() {
  cos-extensions install gpu -- "-version=$DRIVER_VERSION" && make_executable && gpus_present
}

retry "installing NVIDIA driver $DRIVER_VERSION" install_driver
log "NVIDIA driver ready, $GPU_COUNT GPU(s)"
