import { beforeAll, describe, expect, it } from "@jest/globals";
import { clusterSettings } from "../charts/llm-serving/environments";
import { type ChartUnderTest, exampleValues, LLM_SERVING, OBSERVABILITY } from "../charts/llm-serving/helm";
import { at, objectKind, objectName } from "../charts/llm-serving/manifests";
import { stackValues } from "../charts/llm-serving/release";
import { type JsonObject, textAt } from "../support/json";
import { helm, release } from "./helm";
import { kubectl, objects } from "./kubectl";
import { makeNamespace } from "./platform";
import { describeInCluster } from "./requirement";
import { waitFor } from "./wait-for";

/** Hooks are no part of a release. */
const OF_MIGRATIONS = ["NetworkPolicy migration", "ServiceAccount migration"];

/** Namespace, its chart, values, and what stays. */
const RELEASES: readonly (readonly [string, ChartUnderTest, () => JsonObject, readonly string[]])[] = [
  ["everything", LLM_SERVING, () => exampleValues("everything.yaml"), OF_MIGRATIONS],
  ["beside-engine", LLM_SERVING, () => exampleValues("beside-engine.yaml"), []],
  ["production", LLM_SERVING, () => stackValues(clusterSettings("production")), OF_MIGRATIONS],
  ["small", OBSERVABILITY, () => exampleValues("small.yaml", OBSERVABILITY), []],
];

/** Everything in a namespace, as `<kind> <name>`, but events and what has an owner, which goes with it. */
async function inventory(namespace: string): Promise<readonly string[]> {
  const kinds = (await kubectl(["api-resources", "--namespaced", "--verbs=list", "--output=name"])).trim().split("\n");
  const found = await objects(kinds.filter((kind) => !kind.startsWith("events")).join(","), "--namespace", namespace);
  return found
    .filter((object) => at(object, "metadata").ownerReferences === undefined)
    .map((object) => `${objectKind(object)} ${objectName(object)}`)
    .sort();
}

/** What Kubernetes' controllers could not make, such as pods that a quota or Pod Security refuses. */
async function refusals(namespace: string): Promise<readonly string[]> {
  const events = await objects("events", "--namespace", namespace);
  return events.filter((event) => event.reason === "FailedCreate").map((event) => textAt(event, "message") ?? "");
}

describeInCluster("a release in a guarded namespace", () => {
  describe.each(RELEASES)("of the values %s", (name, chart, values, stays) => {
    const namespace = `installed-${name}`;
    let before: readonly string[];

    beforeAll(async () => {
      await makeNamespace(namespace, chart.namespace);
      before = await inventory(namespace);
    });

    it("is installed, and no pod is refused", async () => {
      await release({ chart, namespace, values: values() });
      expect(await refusals(namespace)).toEqual([]);
      expect((await inventory(namespace)).length).toBeGreaterThan(before.length + 5);
    });

    it("is uninstalled, and leaves what its hooks made for migrations at most", async () => {
      const { ok, stderr } = await helm(["uninstall", chart.release, "--namespace", namespace, "--wait"]);
      expect({ ok, stderr }).toEqual({ ok: true, stderr: "" });
      const expected = [...before, ...stays].sort();
      await waitFor(async () => {
        const left = await inventory(namespace);
        return JSON.stringify(left) === JSON.stringify(expected) ? undefined : left.join(", ");
      });
    });
  });
});
