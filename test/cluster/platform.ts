/** What the stack gke-platform makes in a cluster before anything is served, as manifests. */
import { NamespaceV1 } from "@cdktf/provider-kubernetes/lib/namespace-v1";
import { PriorityClassV1 } from "@cdktf/provider-kubernetes/lib/priority-class-v1";
import { ResourceQuotaV1 } from "@cdktf/provider-kubernetes/lib/resource-quota-v1";
import { Testing } from "cdktf";
import { environmentOf } from "../../environment/environment";
import { GkePlatformStack } from "../../stacks/gke-platform";
import { clusterSettings } from "../charts/llm-serving/environments";
import { at } from "../charts/llm-serving/manifests";
import type { JsonObject } from "../support/json";
import { Template } from "../support/template";
import { apply, objects } from "./kubectl";
import { waitFor } from "./wait-for";

let synthesized: Template | undefined;

function platform(): Template {
  synthesized ??= Template.ofStack(new GkePlatformStack(Testing.app(), environmentOf(clusterSettings("production"))));
  return synthesized;
}

export function priorityClasses(): readonly object[] {
  return platform()
    .resources(PriorityClassV1)
    .map(({ body }) => ({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: at(body, "metadata"),
      value: body.value ?? 0,
      description: body.description ?? "",
      preemptionPolicy: body.preemption_policy ?? "",
    }));
}

/**
 * Makes a namespace as the stack does, with its Pod Security and its quota, under another name: so that tests do not meet.
 * @param like its name in the stack
 */
export async function makeNamespace(name: string, like: string): Promise<void> {
  const template = platform();
  const namespace = template.expectResource(NamespaceV1, { metadata: { name: like } });
  const quota = template
    .resources(ResourceQuotaV1)
    .find(({ body }) => JSON.stringify(body).includes(namespace.address));
  if (quota === undefined) throw new Error(`the stack has no quota for ${like}`);
  await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { ...at(namespace.body, "metadata"), name } }]);
  await apply([
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "terrace", namespace: name },
      spec: at(quota.body, "spec"),
    },
  ]);
  await waitFor(async () => {
    const [made] = await objects("resourcequotas", "--namespace", name);
    const accounts = await objects("serviceaccounts", "--namespace", name);
    return made !== undefined && hasStatus(made) && accounts.length > 0 ? undefined : `namespace ${name} is not ready`;
  });
}

/** Until then admission refuses everything that the quota counts. */
function hasStatus(quota: JsonObject): boolean {
  return Object.keys(at(quota, "status", "hard")).length > 0;
}
