import {
  blocksAlong,
  blocksAt,
  isList,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  textsAt,
} from "../../support/json";
import { type PlacedResource, resourcesOf } from "../../support/stack-view";
import { violation } from "../../support/violation";
import { type PolicyRule, resourceRule } from "./rule";

/** Refused by Google while an alert policy names them. */
const NAMED_BY_POLICIES: readonly string[] = [
  "google_monitoring_notification_channel",
  "google_monitoring_uptime_check_config",
];

/** Types whose blocks of zero values were looked up: the provider reads them back, or computes them. */
const READS_ZEROS_BACK: readonly string[] = ["google_container_cluster", "google_storage_bucket"];

/** What a later change, or a destruction, must find in the state. */
export const CHANGE_RULES: readonly PolicyRule[] = [
  resourceRule(
    "labels-replace-no-machine",
    "The provider replaces a machine for another label of its boot disk, so such a change is ignored.",
    ["google_compute_instance"],
    ({ body }) =>
      blocksAlong(body, "boot_disk", "initialize_params").every(({ labels }) => labels === undefined) ||
      lifecycleOf(body).some((block) =>
        textsAt(block, "ignore_changes").includes("boot_disk[0].initialize_params[0].labels"),
      )
        ? undefined
        : "is replaced when a label changes",
  ),
  resourceRule(
    "policies-let-go-first",
    "Google deletes no check and no channel that a policy names: the successor comes first.",
    NAMED_BY_POLICIES,
    ({ body }) =>
      lifecycleOf(body).some((block) => block.create_before_destroy === true)
        ? undefined
        : "is deleted while policies name it",
  ),
  everywhere(
    "protection-refuses-at-plan",
    "Deletion protection is looked at when all that depends on the resource is gone; prevent_destroy refuses the plan.",
    ({ body }) =>
      [body.deletion_protection, body.deletion_protection_enabled].includes(true) &&
      !lifecycleOf(body).some((block) => block.prevent_destroy === true)
        ? "refuses to be destroyed when its stack is half gone"
        : undefined,
  ),
  everywhere(
    "zero-values-are-left-out",
    "Google returns no block of zero values, and a dashboard neither zeros nor empty lists: every plan would add them again.",
    ({ type, body }) => {
      if (!type.startsWith("google_") || READS_ZEROS_BACK.includes(type)) return undefined;
      if (type === "google_monitoring_dashboard") {
        return holdsZero(parseJson(String(body.dashboard_json))) ? "has a zero or an empty list" : undefined;
      }
      return Object.entries(body).some(([key, value]) => key !== "lifecycle" && holdsZeroBlock(value))
        ? "has a block of zero values"
        : undefined;
    },
  ),
];

/** A rule on every resource of every type. */
function everywhere(id: string, says: string, wrong: (resource: PlacedResource) => string | undefined): PolicyRule {
  return {
    id,
    says,
    check: ({ stacks }) =>
      stacks.flatMap((stack) =>
        resourcesOf(stack.config).flatMap(({ type, address, body }) => {
          const message = wrong({ type, address, body, stack });
          return message === undefined ? [] : [violation(stack, address, message)];
        }),
      ),
  };
}

function lifecycleOf(body: JsonObject): readonly JsonObject[] {
  return blocksAt(body, "lifecycle");
}

function isZero(value: Json): boolean {
  return value === 0 || value === false || value === "" || value === null;
}

/** A zero, or a list of nothing, at any depth. */
function holdsZero(value: Json): boolean {
  if (isList(value)) return value.length === 0 || value.some(holdsZero);
  return isObject(value) ? Object.values(value).some(holdsZero) : isZero(value);
}

/** A block, at any depth, in which nothing is set to anything but zero. */
function holdsZeroBlock(value: Json): boolean {
  if (isList(value)) return value.some(holdsZeroBlock);
  if (!isObject(value)) return false;
  return isZeroBlock(value) || Object.values(value).some(holdsZeroBlock);
}

function isZeroBlock(value: Json): boolean {
  return isObject(value) ? Object.values(value).every((inner) => isZero(inner) || isZeroBlock(inner)) : false;
}
