import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StackFile } from "../../tools/plan/stack-files";

/** Provider version of the real stacks: what @cdktf/provider-google 16.12.1 requires. */
const GOOGLE = { source: "hashicorp/google", version: "6.50.0" };

/** Writes a stack with these resources as cdktf would. */
export function writeStack(folder: string, id: string, resource: object, google: object = GOOGLE): StackFile {
  const path = join(folder, `${id}.tf.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path,
    JSON.stringify({
      terraform: {
        required_providers: { google },
        backend: { gcs: { bucket: "nobody-may-ask-it", prefix: "x" } },
      },
      provider: { google: [{ project: "p", region: "asia-northeast3" }] },
      resource,
    }),
  );
  return { id, path, providers: ["google"] };
}

/** Runs Terraform on a folder whose stack needs no provider but Terraform's own. */
export function runTerraform(folder: string, ...args: readonly string[]): { status: number | null; output: string } {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const { status, stdout, stderr } = spawnSync("terraform", [`-chdir=${folder}`, ...args], { encoding: "utf8", env });
  return { status, output: stdout + stderr };
}

export const NETWORK = { google_compute_network: { network: { name: "network", auto_create_subnetworks: false } } };
