/** Shared by instances and templates on Container-Optimized OS, so that the two cannot drift apart. */

import { terraformLiteral } from "./boot/cloud-config";

/** Supported until July 2028, with NVIDIA drivers 580 and 595 and Docker 27. https://cloud.google.com/container-optimized-os/docs/release-notes (2026-09-28) */
export const COS_IMAGE = "projects/cos-cloud/global/images/family/cos-129-lts";

/** IAM roles limit it. https://cloud.google.com/compute/docs/access/service-accounts#scopes_best_practice */
export const SERVICE_ACCOUNT_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

/** Secure Boot admits the GPU driver: Google signed the builds that `cos-extensions` installs. */
export const SHIELDED_INSTANCE_CONFIG = {
  enableSecureBoot: true,
  enableVtpm: true,
  enableIntegrityMonitoring: true,
};

/**
 * The provider replaces a machine for another label of its boot disk. The disk keeps those it was made with, which bills go
 * by; those of a disk in use are changed with `gcloud compute disks add-labels`.
 */
export const BOOT_DISK_LABELS_STAY = { ignoreChanges: ["boot_disk[0].initialize_params[0].labels"] };

/**
 * OS Login only, no key from the project. The Ops Agent does not run on COS; its own agent sends logs. COS does not
 * update itself: Terraform decides which image runs.
 * https://cloud.google.com/container-optimized-os/docs/how-to/create-configure-instance
 */
export function cosMetadata(
  userData: string,
  configuration: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const literal = Object.entries(configuration).map(([key, value]) => [key, terraformLiteral(value)]);
  return {
    ...Object.fromEntries(literal),
    "block-project-ssh-keys": "TRUE",
    "cos-update-strategy": "update_disabled",
    "enable-oslogin": "TRUE",
    "google-logging-enabled": "true",
    "serial-port-enable": "FALSE",
    "serial-port-logging-enable": "TRUE",
    "user-data": terraformLiteral(userData),
  };
}
