import { blocksAlong, blocksAt, isObject, type JsonObject } from "../../support/json";
import { resourcesOf, type StackView } from "../../support/stack-view";
import { violation } from "../../support/violation";
import type { PolicyRule } from "./rule";

/** Labels that every resource carries, beside the user's own. */
const COMMON: readonly string[] = ["environment", "managed-by"];

/** Where labels stand that the provider's defaults do not reach, by type. */
const BEYOND_DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  google_compute_instance: ["boot_disk", "initialize_params", "labels"],
  google_compute_instance_template: ["disk", "labels"],
  google_compute_resource_policy: ["snapshot_schedule_policy", "snapshot_properties", "labels"],
  google_container_node_pool: ["node_config", "resource_labels"],
  google_monitoring_alert_policy: ["user_labels"],
  google_monitoring_notification_channel: ["user_labels"],
  google_monitoring_uptime_check_config: ["user_labels"],
  google_sql_database_instance: ["settings", "user_labels"],
};

/** Labels, which bills and searches go by. */
export const LABEL_RULES: readonly PolicyRule[] = [
  {
    id: "default-labels",
    says: "The provider labels every resource that takes labels.",
    check: ({ stacks }, { labels }) =>
      stacks.flatMap((stack) =>
        [...COMMON, "stack", ...Object.keys(labels)]
          .filter((key) => !(key in defaultLabels(stack)))
          .map((key) => violation(stack, undefined, `the provider sets no label "${key}"`)),
      ),
  },
  {
    id: "labels-beyond-defaults",
    says: "Boot disks, snapshots, alerts and databases are labelled themselves: the provider's defaults do not reach them.",
    check: ({ stacks }, { labels }) =>
      stacks.flatMap((stack) =>
        resourcesOf(stack.config).flatMap(({ type, address, body }) => {
          const path = BEYOND_DEFAULTS[type];
          if (path === undefined) return [];
          const [found = {}] = blocksAlong(body, ...path);
          return [...COMMON, ...Object.keys(labels)]
            .filter((key) => !(key in found))
            .map((key) => violation(stack, address, `${path.join(".")} lacks "${key}"`));
        }),
      ),
  },
  {
    id: "one-spelling",
    says: "A label has one spelling: managed-by and managed_by are two labels to a bill.",
    check: ({ stacks }) =>
      stacks.flatMap((stack) => {
        const defaults = Object.keys(defaultLabels(stack));
        return resourcesOf(stack.config).flatMap(({ address, body }) =>
          Object.keys(blocksAt(body, "labels")[0] ?? {})
            .filter((key) => defaults.some((other) => other !== key && spelled(other) === spelled(key)))
            .map((key) => violation(stack, address, `label "${key}" is spelled otherwise in the provider's defaults`)),
        );
      }),
  },
];

function defaultLabels({ config }: StackView): JsonObject {
  const [google = {}] = isObject(config.provider) ? blocksAt(config.provider, "google") : [];
  return blocksAt(google, "default_labels")[0] ?? {};
}

function spelled(key: string): string {
  return key.replaceAll("_", "-");
}
