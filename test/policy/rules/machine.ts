import { blocksAlong, blocksAt, type JsonObject, textAt } from "../../support/json";

/** Types that describe a machine. */
export const MACHINES: readonly string[] = ["google_compute_instance", "google_compute_instance_template"];

/** The boot disk of an instance or of a template, which call it differently. */
export function bootDisks(machine: JsonObject): readonly JsonObject[] {
  return [
    ...blocksAlong(machine, "boot_disk", "initialize_params"),
    ...blocksAt(machine, "disk").filter((disk) => disk.boot === true),
  ];
}

export function metadataOf(machine: JsonObject): JsonObject {
  return blocksAt(machine, "metadata")[0] ?? {};
}

/** What cloud-init is given; empty where there is none. */
export function userData(machine: JsonObject): string {
  return textAt(metadataOf(machine), "user-data") ?? "";
}
