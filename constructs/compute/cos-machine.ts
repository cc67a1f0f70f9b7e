/**
 * What every machine on Container-Optimized OS (COS) has in common: image, metadata, disks, identity, no public address.
 * Plain configuration, so that an instance and an instance template cannot drift apart.
 */

import { terraformLiteral } from "./boot/cloud-config";

/**
 * Newest COS milestone but one: supported until July 2028, with NVIDIA drivers 580 and 595 signed for it and Docker 27.
 * Source: release notes of 2026-09-28, https://cloud.google.com/container-optimized-os/docs/release-notes.
 * Terraform keeps a running machine when the family moves on; a replaced one gets the newest image.
 */
export const COS_IMAGE = "projects/cos-cloud/global/images/family/cos-129-lts";

/**
 * One scope; IAM roles of the service account are what limits it.
 * Source: https://cloud.google.com/compute/docs/access/service-accounts#scopes_best_practice.
 */
export const SERVICE_ACCOUNT_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

/** Secure Boot admits the GPU driver too: `cos-extensions` installs builds that Google signed for the image. */
export const SHIELDED_INSTANCE_CONFIG = {
  enableSecureBoot: true,
  enableVtpm: true,
  enableIntegrityMonitoring: true,
};

/**
 * Instance metadata of a COS machine, with what its boot scripts read beside the user data.
 *
 * OS Login only, and no key from the project; logs to Cloud Logging from the agent that COS ships (the Ops Agent does
 * not run there) and from the serial console, where the boot scripts say why they fail. COS does not update itself: an
 * update waits for a reboot, and which image runs is Terraform's to say.
 * Source: https://cloud.google.com/container-optimized-os/docs/how-to/create-configure-instance.
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
