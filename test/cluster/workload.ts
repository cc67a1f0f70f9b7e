/** What is running in a namespace. */
import { at, objectName } from "../charts/llm-serving/manifests";
import { blocksAlong, blocksAt, type JsonObject, numberAt, textAt } from "../support/json";
import { kubectl, objects } from "./kubectl";
import { waitFor } from "./wait-for";

/** Pods that live, by name: their images, as text. */
export async function livingPods(namespace: string, selector = ""): Promise<ReadonlyMap<string, string>> {
  const pods = await objects("pods", "--namespace", namespace, "--selector", selector);
  return new Map(pods.filter(lives).map((pod) => [objectName(pod), images(pod).join(" ")]));
}

function lives(pod: JsonObject): boolean {
  return at(pod, "metadata").deletionTimestamp === undefined && at(pod, "status").phase !== "Succeeded";
}

function images(pod: JsonObject): readonly string[] {
  return blocksAlong(pod, "spec", "containers").flatMap((container) => textAt(container, "image") ?? []);
}

/** Names of the ready pods behind a Service. */
export async function readyEndpoints(namespace: string, service: string): Promise<readonly string[]> {
  const selector = `kubernetes.io/service-name=${service}`;
  const slices = await objects("endpointslices", "--namespace", namespace, "--selector", selector);
  return slices
    .flatMap((slice) => blocksAt(slice, "endpoints"))
    .filter((endpoint) => at(endpoint, "conditions").ready === true)
    .map((endpoint) => textAt(at(endpoint, "targetRef"), "name") ?? "")
    .sort();
}

/** Waits until each Service has so many ready pods. */
export async function untilEndpoints(namespace: string, expected: Readonly<Record<string, number>>): Promise<void> {
  await waitFor(async () => {
    const counts = Object.keys(expected).map(
      async (name) => [name, (await readyEndpoints(namespace, name)).length] as const,
    );
    const seen = Object.fromEntries(await Promise.all(counts));
    const same = Object.entries(expected).every(([name, count]) => seen[name] === count);
    return same ? undefined : `${JSON.stringify(seen)} endpoints, not ${JSON.stringify(expected)}`;
  });
}

/** Pods that each Deployment is to have. */
export async function replicasOf(namespace: string): Promise<Readonly<Record<string, number>>> {
  const deployments = await objects("deployments", "--namespace", namespace);
  return Object.fromEntries(
    deployments.map((deployment) => [objectName(deployment), numberAt(at(deployment, "spec"), "replicas") ?? 0]),
  );
}

/** Scales as an autoscaler does. */
export async function scale(namespace: string, deployment: string, count: number): Promise<void> {
  await kubectl(["scale", "deployment", deployment, "--namespace", namespace, `--replicas=${count}`]);
  await kubectl(["rollout", "status", "deployment", deployment, "--namespace", namespace, "--timeout=60s"]);
}
